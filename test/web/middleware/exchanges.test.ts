import { execFileSync } from 'node:child_process'
import { beforeAll, expect, test } from 'vitest'
import { defineSettings, WSGIHandler, type SettingsInput } from 'portico/web'
import { Client } from 'portico/web'
import { maskSecret } from '../../../src/web/csrf/token.ts'
import { describeWithPeer } from '../../support/peer.ts'
import { exchangeCases, type ExchangeCase, type ExchangeRequest } from './exchange-cases.ts'
import { exchangeSite, middlewareNames, resetCalls } from './exchange-site.ts'

interface Answer {
  readonly status: string
  readonly headers: [name: string, value: string][]
  readonly body: string
}

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

function settingsFor(row: ExchangeCase): SettingsInput {
  const { secureRedirectExempt, disallowedUserAgents, ...rest } = (row.settings ?? {}) as Record<
    string,
    unknown
  >
  const patterns = (list: unknown): RegExp[] =>
    Array.isArray(list) ? list.map((text) => new RegExp(String(text))) : []
  return {
    secretKey: 'secret',
    allowedHosts: ['testserver'],
    logger: quiet,
    // Django 3.2 does not have it.
    secureCrossOriginOpenerPolicy: null,
    ...rest,
    secureRedirectExempt: patterns(secureRedirectExempt),
    disallowedUserAgents: patterns(disallowedUserAgents),
    middleware: row.middleware.map((name) => middlewareNames[name]),
    rootUrlconf: exchangeSite,
  }
}

async function ours(row: ExchangeCase): Promise<Answer[]> {
  const client = new Client(new WSGIHandler(defineSettings(settingsFor(row))))
  resetCalls()
  const answers: Answer[] = []
  for (const request of row.requests) answers.push(await send(client, request))
  return answers
}

async function send(client: Client, request: ExchangeRequest): Promise<Answer> {
  for (const [name, value] of Object.entries(request.cookies ?? {})) client.cookies.set(name, value)
  const token = (text: string): string =>
    text === 'TOKEN' ? maskSecret((client.cookies.get('csrftoken') ?? 'a'.repeat(32)).slice(0, 32)) : text
  const tokens = (fields: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, token(value)]))
  const response = await client.request(
    request.method ?? 'GET',
    request.path ?? '/hello/',
    request.form === undefined ? null : { form: tokens(request.form) },
    {
      secure: request.secure ?? false,
      headers: tokens(request.headers ?? {}),
      environ: request.form === undefined ? { CONTENT_LENGTH: '0' } : {},
    },
  )
  return {
    status: `${response.status} ${response.reason}`,
    headers: response.headerPairs.map(([name, value]) => [name, value]),
    body: response.content.toString('latin1'),
  }
}

/** Without what is random, what is of the moment, and what each may word in its own way. */
function comparable(answer: Answer): unknown {
  const gzip = answer.headers.some(([name, value]) => name === 'Content-Encoding' && value === 'gzip')
  const failed = /^[45]/.test(answer.status)
  // Since Django 5 what is kept says how old it is.
  const told = answer.headers.filter(([name]) => name !== 'Age')
  const headers = told.map(([name, value]) => `${name}: ${masked(name, value, failed || gzip)}`)
  return { status: answer.status, headers: headers.sort(), body: gzip || failed ? '' : answer.body }
}

function masked(name: string, value: string, ownBody: boolean): string {
  if (name === 'Content-Length' && ownBody) return 'own'
  // Django names content by MD5, we by SHA-1.
  if (name === 'Expires') return value.replace(/^.*20[0-8]\d.*$/, 'then')
  if (name === 'ETag') return value.replace(/"[0-9a-f]{32,40}"/, '"hash"')
  // The pages that Django has built in name no charset.
  if (name === 'Content-Type' && ownBody) return value.replace('; charset=utf-8', '')
  if (name !== 'Set-Cookie') return value
  return value
    .replace(/expires=(?!Thu, 01 Jan 1970)[^;]+/, 'expires=then')
    .replace(/^(csrftoken|xsrf|sessionid|sid|messages)=[^";][^;]*/, '$1=value')
}

describeWithPeer('python3', "the answers of Django's middleware", (python = '') => {
  let django: Answer[][]

  beforeAll(() => {
    const script = new URL('django-exchanges.py', import.meta.url).pathname
    const input = JSON.stringify(exchangeCases)
    django = JSON.parse(
      execFileSync(python, [script], { input, encoding: 'utf8', maxBuffer: 1 << 26, timeout: 60_000 }),
    ) as Answer[][]
  })

  test.each(exchangeCases.map((row, index) => [row.title, index] as const))('%s', async (_title, index) => {
    const row = exchangeCases[index]
    if (row === undefined) throw new Error('no such row')
    const answers = (await ours(row)).map(comparable)
    if (row.differs === undefined) expect(answers).toEqual(django[index]?.map(comparable))
    // A row that says it differs has to differ, or its reason is out of date.
    else expect(answers).not.toEqual(django[index]?.map(comparable))
  })
})
