/** `sticky`: how requests of one client find the server that they are bound to. */
import { parseComplexValue, type ComplexValue } from '../../config/complex-value.ts'
import type { Directive, ParseContext } from '../../config/directive.ts'
import { parseMilliseconds, parseSeconds } from '../../util/duration.ts'
import { parseSize } from '../../util/size.ts'

export type StickyRow =
  | {
      readonly kind: 'cookie'
      readonly name: string
      /** Seconds; undefined for the session of the browser. */
      readonly expires: number | 'max' | undefined
      readonly domain: ComplexValue | undefined
      readonly sameSite: ComplexValue | undefined
      readonly httpOnly: boolean
      readonly secure: boolean
      readonly path: string | undefined
    }
  | { readonly kind: 'route'; readonly values: readonly ComplexValue[] }
  | LearnRow

interface LearnRow {
  readonly kind: 'learn'
  readonly create: readonly ComplexValue[]
  readonly lookup: readonly ComplexValue[]
  readonly zone: string
  readonly bytes: number
  readonly timeoutMs: number
  readonly atHead: boolean
}

export const sticky: Directive<StickyRow | undefined> = {
  kind: 'single',
  name: 'sticky',
  contexts: ['upstream'],
  inherit: false,
  args: { min: 2 },
  syntax:
    'cookie name [expires=time] [domain=domain] [httponly] [samesite=strict|lax|none|$variable] [secure] [path=path] | route $variable ... | learn create=$variable lookup=$variable zone=name:size [timeout=time] [header]',
  default: undefined,
  doc: 'Requests of one client go to one server: by a cookie that we set, by a route in variables, or by a session that the server began (`learn`), of which all workers know. Where that server cannot be asked the balancing method chooses.',
  parse: ([method, ...words], at) => {
    const texts = words.map(({ text }) => text)
    if (method?.text === 'cookie') return readCookie(texts, at)
    if (method?.text === 'route') {
      for (const text of texts) if (!text.startsWith('$')) at.fail(`invalid variable name "${text}"`)
      return { kind: 'route', values: texts.map(parseComplexValue) }
    }
    if (method?.text === 'learn') return readLearn(texts, at)
    return at.fail(`unknown parameter "${method?.text ?? ''}"`)
  },
}

const FLAGS = new Set(['httponly', 'secure'])
const VALUES = new Set(['expires', 'domain', 'samesite', 'path'])

function readCookie([name = '', ...options]: readonly string[], at: ParseContext): StickyRow {
  const fail = (message: string): never => at.fail(`"sticky" directive ${message}`)
  if (name === '') fail('empty cookie name')
  const found = new Map<string, string>()
  for (const option of options) {
    const [key = '', ...rest] = option.split('=')
    const known = rest.length > 0 ? VALUES.has(key) : FLAGS.has(key)
    if (!known) at.fail(`unknown parameter "${option}"`)
    if (found.has(key)) fail(`parameter "${key}" is duplicate`)
    const value = rest.join('=')
    if (rest.length > 0 && value === '' && key !== 'expires' && key !== 'samesite')
      fail(`no value for "${key}"`)
    found.set(key, value)
  }
  const domain = found.get('domain')
  const expires = found.get('expires')
  const sameSite = found.get('samesite')
  if (sameSite !== undefined && !sameSite.includes('$') && !SAME_SITE.has(sameSite))
    fail('invalid "samesite" parameter value')
  return {
    kind: 'cookie',
    name,
    expires: expires === undefined ? undefined : readExpires(expires, fail),
    domain: domain === undefined ? undefined : parseComplexValue(domain),
    sameSite: sameSite === undefined ? undefined : parseComplexValue(sameSite),
    httpOnly: found.has('httponly'),
    secure: found.has('secure'),
    path: found.get('path'),
  }
}

const LEARN_TIMEOUT_MS = 600_000
/** nginx: eight pages. */
const MIN_ZONE_BYTES = 8 * 4096

function readLearn(options: readonly string[], at: ParseContext): LearnRow {
  const fail = (message: string): never => at.fail(`"sticky" directive ${message}`)
  const variables: Record<'create' | 'lookup', ComplexValue[]> = { create: [], lookup: [] }
  const found = new Map<string, string>()
  for (const option of options) {
    const [key = '', ...rest] = option.split('=')
    const value = rest.join('=')
    if (key === 'create' || key === 'lookup') {
      if (!value.startsWith('$')) at.fail(`invalid variable name "${value}"`)
      variables[key].push(parseComplexValue(value))
      continue
    }
    if (option === 'sync') fail('parameter "sync" is not supported: zones are of one machine')
    if (option !== 'header' && !((key === 'zone' || key === 'timeout') && rest.length > 0))
      at.fail(`unknown parameter "${option}"`)
    if (found.has(key)) fail(`parameter "${key}" is duplicate`)
    found.set(key, value)
  }
  for (const key of ['create', 'lookup'] as const)
    if (variables[key].length === 0) fail(`no "${key}" parameter`)
  const timeout = found.get('timeout')
  return {
    kind: 'learn',
    ...variables,
    ...readZone(found.get('zone') ?? fail('no "zone" parameter'), fail),
    timeoutMs:
      timeout === undefined
        ? LEARN_TIMEOUT_MS
        : (parseMilliseconds(timeout) ?? fail('invalid "timeout" parameter value')),
    atHead: found.has('header'),
  }
}

function readZone(text: string, fail: (message: string) => never): Pick<LearnRow, 'zone' | 'bytes'> {
  const colon = text.indexOf(':')
  const bytes = parseSize(text.slice(colon + 1))
  if (colon <= 0 || bytes === undefined) return fail(`invalid zone "${text}"`)
  if (bytes < MIN_ZONE_BYTES) return fail(`zone "${text}" is too small`)
  return { zone: text.slice(0, colon), bytes }
}

/** Values of SameSite. */
export const SAME_SITE: ReadonlySet<string> = new Set(['strict', 'lax', 'none'])

function readExpires(text: string, fail: (message: string) => never): number | 'max' {
  if (text === 'max') return 'max'
  return parseSeconds(text) ?? fail('invalid "expires" parameter value')
}
