/** Carries out the commands of a page while it passes (ngx_http_ssi_filter_module). */
import { parseInternalUri } from '../../../http/internal-uri.ts'
import { escapeHtml } from '../../../http/escape-html.ts'
import { escapeUri } from '../../../http/escape-uri.ts'
import { OrderedBody } from '../../ordered-body.ts'
import type { Request } from '../../request.ts'
import { sendText } from '../../response.ts'
import { HELD_BY_PART, holdWriter, type BodySink } from '../../response-output.ts'
import { makeSubrequest } from '../../subrequest.ts'
import { SsiReader, type SsiToken } from './command-reader.ts'
import { checkParams, COMMANDS, type SsiCommand } from './commands.ts'
import { isTrue } from './expression.ts'
import { MemoryOutput, StubOutput } from './include-outputs.ts'
import { SsiError, type PageVariables } from './page-variables.ts'

export interface SsiSettings {
  readonly silentErrors: boolean
  readonly maxValue: number
  /** `subrequest_output_buffer_size`. */
  readonly maxSetBytes: number
}

const NO_BYTES = Buffer.alloc(0)

/** Most bytes of a page that wait for an included answer before its writer is stopped. */
const MAX_QUEUED_BYTES = 64 * 1024

export const DEFAULT_TIME_FORMAT = '%A, %d-%b-%Y %H:%M:%S %Z'

type Params = ReadonlyMap<string, string>

export class SsiSink implements BodySink {
  /** Of `$date_local` and `$date_gmt`. */
  timeFormat = DEFAULT_TIME_FORMAT
  readonly #request: Request
  readonly #settings: SsiSettings
  readonly #page: PageVariables
  readonly #body: OrderedBody
  readonly #reader: SsiReader
  readonly #queue: Buffer[] = []
  #queuedBytes = 0
  #out: Buffer[] = []
  #ended = false
  #over = false
  #waiting = false
  #running = false
  #errorText = '[an error occurred while processing the directive]'
  #encoding = 'entity'
  /** Whether text is shown: not in branches that were not chosen, and not in blocks. */
  #shows = true
  #chosen = false
  /** As `SsiCommand.conditional`: 1 behind `if` or `elif`, 2 behind `else`. */
  #conditional: 0 | 1 | 2 = 0
  #inBlock = false

  constructor(request: Request, settings: SsiSettings, page: PageVariables, next: BodySink) {
    this.#request = request
    this.#settings = settings
    this.#page = page
    this.#body = new OrderedBody(request, next)
    this.#reader = new SsiReader(settings.maxValue)
  }

  write(chunk: Buffer, last: boolean): boolean {
    this.#queue.push(chunk)
    this.#queuedBytes += chunk.length
    this.#ended ||= last
    const more = this.#run()
    if (this.#queuedBytes < MAX_QUEUED_BYTES) return more
    holdWriter(this.#request, HELD_BY_PART)
    return false
  }

  /** Reads on until nothing is left or an included answer has to be waited for. Whether more may be written. */
  #run(): boolean {
    if (this.#running) return true
    this.#running = true
    let more = true
    while (!this.#waiting && !this.#over) {
      const token = this.#reader.next()
      if (token) this.#take(token)
      else if (!this.#feed()) break
      if (this.#waiting) {
        more = this.#flush() && more
        this.#body.start() // may be answered at once
      }
    }
    more = this.#flush() && more
    this.#body.start()
    this.#running = false
    return more
  }

  /** Gives the reader the next piece. Whether there is one. */
  #feed(): boolean {
    const chunk = this.#queue.shift()
    if (chunk) {
      this.#queuedBytes -= chunk.length
      this.#reader.feed(chunk)
      return true
    }
    if (this.#ended) {
      this.#over = true
      this.#show(this.#reader.rest())
    }
    return false
  }

  #flush(): boolean {
    const pieces = this.#out
    if (pieces.length === 0 && !this.#over) return true
    this.#out = []
    const [first = NO_BYTES] = pieces
    return this.#body.write(pieces.length > 1 ? Buffer.concat(pieces) : first, this.#over)
  }

  #goOn(): void {
    this.#waiting = false
    if (this.#running) return
    this.#run()
    if (!this.#over && this.#queuedBytes < MAX_QUEUED_BYTES) this.#body.goOn()
  }

  #show(bytes: Buffer): void {
    if (bytes.length === 0) return
    if (this.#shows) this.#out.push(bytes)
    else if (this.#inBlock) this.#page.blocks.at(-1)?.pieces.push(bytes)
  }

  #showText(text: string): void {
    if (text !== '') this.#out.push(Buffer.from(text, 'latin1'))
  }

  #fail(message: string): void {
    this.#request.location.settings.errorLog.request('error', this.#request, message)
    if (!this.#settings.silentErrors) this.#showText(this.#errorText)
  }

  #take(token: SsiToken): void {
    switch (token.kind) {
      case 'text':
        this.#show(token.bytes)
        return
      case 'error':
        this.#fail(token.message)
        return
      case 'command':
        try {
          this.#command(token)
        } catch (error) {
          if (!(error instanceof SsiError)) throw error
          this.#fail(error.message)
        }
    }
  }

  #command(token: SsiToken & { kind: 'command' }): void {
    const command = COMMANDS.get(token.name)
    if (!command) {
      if (this.#shows) throw new SsiError(`invalid SSI command: "${token.name}"`)
      return
    }
    if (!this.#shows && command.name !== 'endblock') {
      if (this.#inBlock) {
        this.#show(Buffer.from(commandText(token), 'latin1'))
        return
      }
      if (command.conditional === 0) return
    }
    if (command.conditional !== 0 && (this.#conditional === 0 || this.#conditional > command.conditional))
      throw new SsiError(`invalid context of SSI command: "${token.name}"`)
    this.#execute(command, checkParams(command, token.params))
  }

  #execute({ name }: SsiCommand, params: Params): void {
    switch (name) {
      case 'include':
        this.#include(params)
        return
      case 'echo':
        this.#echo(params)
        return
      case 'config':
        this.timeFormat = params.get('timefmt') ?? this.timeFormat
        this.#errorText = params.get('errmsg') ?? this.#errorText
        return
      case 'set':
        this.#page.set(params.get('var') ?? '', this.#page.evaluate(this.#request, params.get('value') ?? ''))
        return
      case 'if':
        if (this.#conditional !== 0) throw new SsiError('the "if" command inside the "if" command')
        this.#choose(params)
        return
      case 'elif':
        this.#choose(params)
        return
      case 'else':
        this.#shows = !this.#chosen
        this.#conditional = 2
        return
      case 'endif':
        this.#shows = true
        this.#chosen = false
        this.#conditional = 0
        return
      case 'block':
        this.#page.blocks.push({ name: params.get('name') ?? '', pieces: [] })
        this.#shows = false
        this.#inBlock = true
        return
      case 'endblock':
        this.#shows = true
        this.#inBlock = false
    }
  }

  #choose(params: Params): void {
    this.#shows = !this.#chosen && isTrue(this.#request, this.#page, params.get('expr') ?? '')
    this.#chosen ||= this.#shows
    this.#conditional = 1
  }

  #echo(params: Params): void {
    const value = this.#page.get(this.#request, params.get('var') ?? '') ?? params.get('default') ?? '(none)'
    if (value === '') return
    const encoding = params.get('encoding')
    if (encoding === 'none' || encoding === 'url' || encoding === 'entity') this.#encoding = encoding
    else if (encoding !== undefined)
      this.#request.location.settings.errorLog.request(
        'error',
        this.#request,
        `unknown encoding "${encoding}" in the "echo" command`,
      )
    switch (this.#encoding) {
      case 'entity':
        this.#showText(escapeHtml(value))
        return
      case 'url':
        this.#showText(escapeUri(value, 'html'))
        return
      default:
        this.#showText(value)
    }
  }

  #include(params: Params): void {
    const { uri, args } = this.#target(params)
    const stub = params.get('stub')
    const block = stub === undefined ? undefined : this.#block(stub)
    const child = makeSubrequest(this.#request, uri, args)
    if (!child) throw new SsiError(`"${uri}" was not included`)
    const set = params.get('set')
    const waits = set !== undefined || params.has('file') || params.get('wait')?.toLowerCase() === 'yes'
    if (waits) this.#waiting = true
    this.#flush()
    if (set !== undefined) this.#includeAsVariable(child, set)
    else this.#body.include(child, waits ? () => this.#goOn() : undefined)
    if (block) this.#stand(child, block)
  }

  /** @throws SsiError */
  #target(params: Params): { readonly uri: string; readonly args: string } {
    const virtual = params.get('virtual')
    const file = params.get('file')
    const wait = params.get('wait')
    if (virtual !== undefined && file !== undefined)
      throw new SsiError(`inclusion may be either virtual="${virtual}" or file="${file}"`)
    const written = virtual ?? file
    if (written === undefined) throw new SsiError('no parameter in "include" SSI command')
    if (params.has('set') && params.has('stub'))
      throw new SsiError('"set" and "stub" cannot be used together in "include" SSI command')
    if (wait !== undefined) {
      if (virtual === undefined) throw new SsiError(`"wait" cannot be used with file="${written}"`)
      if (!/^(?:yes|no)$/i.test(wait)) throw new SsiError(`invalid value "${wait}" in the "wait" parameter`)
    }
    const text = this.#page.evaluate(this.#request, written)
    const full = text.startsWith('/') ? text : folderOf(this.#request.uri) + text
    const target = parseInternalUri(full)
    if (!target) throw new SsiError(`unsafe URI "${full}" was detected`)
    return target
  }

  #block(name: string): Buffer {
    const block = this.#page.blocks.find((other) => other.name === name)
    if (!block) throw new SsiError(`"stub"="${name}" for "include" not found`)
    return Buffer.concat(block.pieces)
  }

  #includeAsVariable(child: Request, name: string): void {
    const before = this.#page.ownValue(name)
    if (before === undefined) this.#page.set(name, '')
    child.destination = new MemoryOutput(child, this.#settings.maxSetBytes, (answer, text) => {
      if (answer.status < 300 && text !== '') this.#page.set(name, text)
      this.#goOn()
    })
    this.#body.post(child)
  }

  /** The block stands in for an answer without content, and for a failure. */
  #stand(child: Request, block: Buffer): void {
    const { destination } = child
    if (destination) child.destination = new StubOutput(destination, block)
    child.takesStatus = () => {
      child.takesStatus = undefined
      child.resetResponse()
      child.status = 200
      child.contentType = this.#request.contentType
      sendText(child, block.latin1Slice(0, block.length))
      return true
    }
  }
}

function folderOf(uri: string): string {
  return uri.slice(0, uri.lastIndexOf('/') + 1)
}

/** A command in a block is kept as text, for the request that the block will stand in for. */
function commandText({ name, params }: SsiToken & { kind: 'command' }): string {
  return `<!--#${name}${params.map((param) => ` ${param.name}="${param.value}"`).join('')} -->`
}
