/** The demo without a socket, on a database in memory. */
import {
  Client,
  defineDatabases,
  defineSettings,
  type ClientResponse,
  type Databases,
  type SettingsInput,
} from 'portico/web'
import { firstStart } from '../../../src/demo/first-start.ts'
import { demoSettings } from '../../../src/demo/settings.ts'

export interface DemoSite {
  readonly databases: Databases
  /** A browser that has not been here. */
  visitor(): Client
}

export async function demoSite(changes: SettingsInput = {}, url = 'sqlite::memory:'): Promise<DemoSite> {
  const databases = defineDatabases({ default: url })
  const settings = defineSettings({
    ...demoSettings(databases, await firstStart(databases)),
    allowedHosts: ['testserver'],
    ...changes,
  })
  return { databases, visitor: () => new Client(settings, { enforceCsrfChecks: true }) }
}

/** The token in a page's form. */
export function tokenOf(page: ClientResponse): string {
  const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(page.text)?.[1]
  if (token === undefined) throw new Error(`no token in the page:\n${page.text}`)
  return token
}

/** Opens a page, fills in its form and sends it to `action`, which is the page itself when left out. */
export async function sendForm(
  client: Client,
  page: string,
  fields: Readonly<Record<string, string>>,
  action = page,
): Promise<ClientResponse> {
  const csrfmiddlewaretoken = tokenOf(await client.get(page))
  return client.post(action, { form: { csrfmiddlewaretoken, ...fields } })
}

export const password = 'temple of the winds'

export function signUp(client: Client, username: string): Promise<ClientResponse> {
  return sendForm(client, '/sign-up/', { username, password1: password, password2: password })
}

export function write(client: Client, text: string): Promise<ClientResponse> {
  return sendForm(client, '/write/', { text })
}

/** The texts of the messages that a page shows. */
export function messagesIn(page: ClientResponse): string[] {
  return [...page.text.matchAll(/<p class="message [a-z]+">([^<]*)<\/p>/g)].map((match) => match[1] ?? '')
}
