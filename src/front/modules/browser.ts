/** `$modern_browser`, `$ancient_browser`, `$msie`: what the User-Agent says (nginx browser module). */
import type { Context, ListDirective } from '../../config/directive.ts'
import { textRow } from '../../config/rows.ts'
import type { Scope } from '../../config/scope.ts'
import type { FrontModule } from '../front-module.ts'
import type { Request } from '../request.ts'
import type { LocationSettings } from '../server-config.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location']

/** Where the name is looked for, in the order in which they are tried: Opera may call itself MSIE. */
const BROWSERS = [
  { browser: 'opera', skip: 0, name: 'Opera', add: 'Opera '.length },
  { browser: 'msie', skip: 'Mozilla/4.0 (compatible; '.length, name: 'MSIE ', add: 'MSIE '.length },
  { browser: 'gecko', skip: 'Mozilla/5.0 ('.length, name: 'rv:', add: 'rv:'.length },
  { browser: 'safari', skip: 'Mozilla/5.0 ('.length, name: 'Safari/', add: 'Safari/'.length },
  {
    browser: 'konqueror',
    skip: 'Mozilla/5.0 (compatible; '.length,
    name: 'Konqueror/',
    add: 'Konqueror/'.length,
  },
] as const

type Modern = { readonly index: number; readonly version: number } | 'unlisted'

const modernBrowser: ListDirective<Modern> = {
  kind: 'list',
  name: 'modern_browser',
  contexts: CONTEXTS,
  args: [1, 2],
  syntax: 'browser version | unlisted',
  doc: 'From which version on a browser is modern: msie, gecko, opera, safari or konqueror; unlisted for all others.',
  parse: ([name, version], at) => {
    if (!version)
      return name?.text === 'unlisted' ? name.text : at.fail(`"modern_browser" directive invalid value`)
    const index = BROWSERS.findIndex(({ browser }) => browser === name?.text.toLowerCase())
    if (index < 0) return at.fail(`unknown browser name "${name?.text ?? ''}"`)
    if (!/^[0-9.]*$/.test(version.text)) at.fail(`invalid browser version "${version.text}"`)
    return { index, version: versionNumber(version.text) }
  },
}
const ancientBrowser: ListDirective<readonly string[]> = {
  kind: 'list',
  name: 'ancient_browser',
  contexts: CONTEXTS,
  args: { min: 1 },
  syntax: 'string ...',
  doc: 'Strings in a User-Agent that make it ancient; netscape4 for Mozilla/1 to Mozilla/4.',
  parse: (args) => args.map(({ text }) => text),
}
const modernValue = textRow<string>({
  name: 'modern_browser_value',
  contexts: CONTEXTS,
  default: '1',
  doc: 'Value of $modern_browser for modern browsers.',
})
const ancientValue = textRow<string>({
  name: 'ancient_browser_value',
  contexts: CONTEXTS,
  default: '1',
  doc: 'Value of $ancient_browser for ancient browsers.',
})

/** Up to four numbers, two digits each. */
function versionNumber(text: string): number {
  let scale = 1_000_000
  let version = 0
  for (const part of text.split('.')) {
    version += Number(part) * scale
    scale = Math.floor(scale / 100)
  }
  return version
}

interface Settings {
  readonly modern: readonly { readonly index: number; readonly version: number }[]
  readonly unlistedIsModern: boolean
  readonly ancient: readonly string[]
  readonly netscape4IsAncient: boolean
  readonly modernValue: string
  readonly ancientValue: string
}

function settingsOf(scope: Scope): Settings {
  const listed = scope.list(modernBrowser)
  const modern = listed.flatMap((entry) => (entry === 'unlisted' ? [] : [entry]))
  // where Opera is not among them, no version of it is modern
  if (modern.length > 0 && !modern.some(({ index }) => index === 0))
    modern.push({ index: 0, version: Infinity })
  const strings = scope.list(ancientBrowser).flat()
  return {
    modern: modern.sort((one, other) => one.index - other.index),
    unlistedIsModern: listed.includes('unlisted'),
    ancient: strings.filter((text) => text !== 'netscape4'),
    netscape4IsAncient: strings.includes('netscape4'),
    modernValue: scope.get(modernValue),
    ancientValue: scope.get(ancientValue),
  }
}

function isModern(agent: string | undefined, settings: Settings): boolean {
  if (agent === undefined) return settings.unlistedIsModern
  for (const { index, version } of settings.modern) {
    const browser = BROWSERS[index]
    const found = browser && agent.length > browser.skip ? agent.indexOf(browser.name, browser.skip) : -1
    if (!browser || found < 0 || found + browser.add >= agent.length) continue
    return versionNumber(/^[0-9.]*/.exec(agent.slice(found + browser.add))?.[0] ?? '') >= version
  }
  if (settings.modern.length > 0 && !settings.unlistedIsModern) return false
  if (settings.netscape4IsAncient && /^Mozilla\/[1-4]/.test(agent) && agent.length > 'Mozilla/4.72 '.length)
    return false
  return !settings.ancient.some((text) => agent.includes(text)) && settings.unlistedIsModern
}

const settingsByLocation = new WeakMap<LocationSettings, Settings>()

function valueOf(request: Request, modern: boolean): string {
  const settings = settingsByLocation.get(request.location.settings)
  if (!settings || isModern(request.headers.get('user-agent'), settings) !== modern) return ''
  return modern ? settings.modernValue : settings.ancientValue
}

/** Opera used to call itself MSIE. */
function isMsie(request: Request): boolean {
  const agent = request.headers.get('user-agent') ?? ''
  return /MSIE [^]/.test(agent) && !agent.includes('Opera')
}

export const browserModule: FrontModule = {
  name: 'browser',
  directives: [modernBrowser, ancientBrowser, modernValue, ancientValue],
  declare: (_http, { variables }) => {
    variables.define([
      { name: 'modern_browser', get: (request) => valueOf(request, true) },
      { name: 'ancient_browser', get: (request) => valueOf(request, false) },
      { name: 'msie', get: (request) => (isMsie(request) ? '1' : '') },
    ])
    return undefined
  },
  remember: (scope, _context, settings) => {
    settingsByLocation.set(settings, settingsOf(scope))
  },
}
