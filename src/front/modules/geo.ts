/** `geo`: a variable whose value depends on the client's address (nginx geo module). */
import type { Statement } from '../../config/ast.ts'
import { parseComplexValue, type ComplexValue } from '../../config/complex-value.ts'
import type { ListDirective, ParseContext } from '../../config/directive.ts'
import { Network, parseIp, unmapped } from '../../util/ip-address.ts'
import { clientAddress } from '../client-address.ts'
import { forwardedAddress, inNetworks } from '../forwarded-for.ts'
import type { FrontModule } from '../front-module.ts'
import { NetworkMap } from '../network-map.ts'
import { RangeMap } from '../range-map.ts'
import type { Request } from '../request.ts'
import type { Value } from '../value.ts'

interface GeoRow {
  /** Where the address comes from; undefined for the client's. */
  readonly source: ComplexValue | undefined
  readonly name: string
  readonly find: (address: Uint8Array) => string
  readonly proxies: readonly Network[]
  readonly recursive: boolean
}

/** What stands for an address that is none: no network but the whole holds it. */
const NO_ADDRESS = Uint8Array.of(255, 255, 255, 255)

const geo: ListDirective<GeoRow> = {
  kind: 'list',
  name: 'geo',
  contexts: ['http'],
  args: [1, 2],
  entries: true,
  syntax: '[$address] $variable { ... }',
  doc: 'Gives the variable the value of the smallest network (or the range) that holds the address.',
  parse: (args, at) => {
    for (const { text } of args)
      if (!text.startsWith('$') || text === '$') at.fail(`invalid variable name "${text}"`)
    const [source, variable] = args.length === 2 ? args : [undefined, args[0]]
    return {
      source: source && parseComplexValue(source.text),
      name: (variable?.text ?? '').slice(1).toLowerCase(),
      ...new GeoEntries(at).read(),
    }
  },
}

class GeoEntries {
  readonly #at: ParseContext
  readonly #networks = new NetworkMap<string>()
  readonly #ranges = new RangeMap<string>()
  readonly #proxies: Network[] = []
  #otherwise = ''
  #useRanges = false
  #recursive = false
  #any = false

  constructor(at: ParseContext) {
    this.#at = at
  }

  read(): Pick<GeoRow, 'find' | 'proxies' | 'recursive'> {
    for (const entry of this.#at.statement.block ?? []) this.#readEntry(entry)
    const otherwise = this.#otherwise
    const networks = this.#networks
    const ranges = this.#ranges
    const find = this.#useRanges
      ? (address: Uint8Array) => ranges.find(address) ?? otherwise
      : (address: Uint8Array) => networks.find(address) ?? otherwise
    return { find, proxies: this.#proxies, recursive: this.#recursive }
  }

  #readEntry(entry: Statement): void {
    const at = this.#at
    if (entry.args.length === 0) {
      if (entry.name === 'ranges') {
        if (this.#any) at.fail('the "ranges" directive must be the first directive inside "geo" block', entry)
        this.#useRanges = true
        return
      }
      if (entry.name === 'proxy_recursive') {
        this.#recursive = true
        return
      }
    }
    if (entry.args.length !== 1) at.fail('invalid number of the geo parameters', entry)
    const value = entry.args[0]?.text ?? ''
    if (entry.name === 'proxy') this.#proxies.push(this.#network(value, entry))
    else if (this.#useRanges) this.#readRange(entry, value)
    else this.#readNetwork(entry, value)
    if (entry.name !== 'proxy') this.#any = true
  }

  #network(text: string, entry: Statement): Network {
    const network = Network.parse(text)
    if (!network) return this.#at.fail(`invalid network "${text}"`, entry)
    const written = parseIp(text.split('/')[0] ?? '')
    if (written && Network.hasLowBits(written, network.bits)) {
      this.#at.warn(`low address bits of ${text} are meaningless`, entry)
    }
    return network
  }

  #readNetwork(entry: Statement, value: string): void {
    if (entry.name === 'default') {
      this.#otherwise = value
      return
    }
    if (entry.name === 'delete') {
      if (!this.#networks.delete(this.#network(value, entry)))
        this.#at.warn(`no network "${value}" to delete`, entry)
      return
    }
    const old = this.#networks.set(this.#network(entry.name, entry), value)
    if (old !== undefined)
      this.#at.warn(`duplicate network "${entry.name}", value: "${value}", old value: "${old}"`, entry)
  }

  #readRange(entry: Statement, value: string): void {
    if (entry.name === 'default') {
      this.#otherwise = value
      return
    }
    const text = entry.name === 'delete' ? value : entry.name
    const [from, to, rest] = text.split('-').map((part) => parseIp(part))
    if (!from || !to || rest || from.length !== 4 || to.length !== 4)
      return this.#at.fail(`invalid range "${text}"`, entry)
    if (entry.name === 'delete') {
      if (!this.#ranges.delete(from, to)) this.#at.warn(`no address range "${text}" to delete`, entry)
    } else if (!this.#ranges.set(from, to, value)) this.#at.fail(`invalid range "${text}"`, entry)
  }
}

function addressOf(request: Request, source: Value | undefined, row: GeoRow): Uint8Array {
  if (source) {
    const bytes = parseIp(source.evaluate(request))
    return bytes ? unmapped(bytes) : NO_ADDRESS
  }
  const peer = clientAddress(request)
  if (row.proxies.length === 0) return peer ?? NO_ADDRESS
  const values = request.headers.all('x-forwarded-for')
  const found = forwardedAddress(peer, values, (address) => inNetworks(row.proxies, address), row.recursive)
  return found?.bytes ?? peer ?? NO_ADDRESS
}

export const geoModule: FrontModule = {
  name: 'geo',
  directives: [geo],
  declare: (http, context) => {
    const rows = http.findList(geo).map((bound) => {
      const row = bound.value as GeoRow
      let source: Value | undefined
      try {
        context.variables.defineKept(row.name, (request) => row.find(addressOf(request, source, row)))
      } catch (error) {
        context.fail(error instanceof Error ? error.message : String(error), bound.statement)
      }
      return () => void (source = row.source && context.value(row.source, bound.statement))
    })
    return () => rows.forEach((compile) => compile())
  },
}
