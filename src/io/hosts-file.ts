/** Addresses that the machine's own table of hosts gives a name (hosts(5)). */
import { isIP, isIPv4 } from 'node:net'
import { readTextFile } from './files/text-file.ts'

const HOSTS = '/etc/hosts'

/** Those of IPv4, or of IPv6 where there are none; in the order of the file, each once. Case does not count. */
export function addressesInHosts(name: string, text: string = readTextFile(HOSTS) ?? ''): readonly string[] {
  const wanted = name.toLowerCase()
  const found = new Set<string>()
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (isIP(address) !== 0 && names.some((other) => other.toLowerCase() === wanted)) found.add(address)
  }
  const all = [...found]
  return all.some((address) => isIPv4(address)) ? all.filter((address) => isIPv4(address)) : all
}
