/** Names as the system finds them: /etc/hosts, then the name servers of resolv.conf (getaddrinfo). */
import { lookup } from 'node:dns/promises'

/** All addresses, in the system's order. Rejects with its error, `code` ENOTFOUND or EAI_AGAIN among them. */
export async function systemAddresses(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true })
  return found.map(({ address }) => address)
}
