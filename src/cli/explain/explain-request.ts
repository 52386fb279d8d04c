/**
 * Sends one request through the compiled conf as the server would answer it, and gives back what it met. Nothing of the
 * conf is listened on, no log is written, and every upstream is a stub of ours.
 */
import { addHeader } from '../../front/modules/headers.ts'
import { HttpServer } from '../../front/http-server.ts'
import type { ListenPoint } from '../../front/server-config.ts'
import { bindSocket } from '../../io/bind.ts'
import { dial, onceDialled, type Dialling } from '../../io/dial.ts'
import { listenFd } from '../../io/listener.ts'
import { LogDestinations, type LogDestination } from '../../io/log-destination.ts'
import type { SocketAddress } from '../../io/socket-address.ts'
import type { Socket } from '../../io/socket.ts'
import { machineName } from '../../process/machine.ts'
import type { LoadedConf, Places } from '../load-conf.ts'
import { planServer } from '../plan-server.ts'
import { chooseListenPoint } from './choose-listen-point.ts'
import { diallingOf, proxyHeader, requestText } from './explain-client.ts'
import type { ExplainTarget } from './explain-arguments.ts'
import { StubUpstream } from './stub-upstream.ts'
import type { ResponseEvent, Trace } from './trace.ts'
import { TraceObserver } from './trace-observer.ts'

const LOOPBACK: SocketAddress = { kind: 'tcp', host: '127.0.0.1', port: 0 }
const TIMEOUT_MS = 10_000
const FILE_CACHE_BYTES = 1 << 20

class NoLogs extends LogDestinations {
  override open(_path: string): LogDestination {
    return super.open('/dev/null')
  }
}

/** @throws ConfigError for a fault of the conf; ExplainError where nothing listens for the URL. */
export async function explainRequest(
  conf: LoadedConf,
  places: Places,
  target: ExplainTarget,
): Promise<Trace> {
  const stub = new StubUpstream()
  const upstream = await listenOnLoopback((socket) => stub.accept(socket))
  try {
    const observer = new TraceObserver()
    const { front } = planServer(conf, places, { logs: new NoLogs(), observer, dialTo: upstream.address })
    const { point, why } = chooseListenPoint(front?.listenPoints ?? [], target)
    observer.events.push({ kind: 'listen', address: point.key, why })
    const raw = await exchange(point, target, observer)
    addUpstreams(observer, stub)
    observer.events.push(responseOf(raw, observer))
    return { method: target.method, url: target.url.origin + target.path, events: observer.events }
  } finally {
    stub.close()
    upstream.close()
  }
}

interface LoopbackListener {
  readonly address: SocketAddress
  close(): void
}

async function listenOnLoopback(onConnection: (socket: Socket) => void): Promise<LoopbackListener> {
  const bound = await bindSocket(LOOPBACK)
  const listener = await listenFd(bound.fd, onConnection)
  const close = (): void => {
    listener.close()
    bound.close()
  }
  return { address: bound.address, close }
}

/** The response as it came, whole. */
async function exchange(
  listenPoint: ListenPoint,
  target: ExplainTarget,
  observer: TraceObserver,
): Promise<string> {
  const dialling = diallingOf(listenPoint, target)
  // its header would have to come before the handshake: the client's address is put in its place anyway
  const point = dialling.tls ? { ...listenPoint, proxyProtocol: false } : listenPoint
  const server = new HttpServer({
    maxConnections: 1,
    tempFolder: '/nonexistent',
    hostname: machineName(),
    files: observer.files(FILE_CACHE_BYTES),
  })
  const listener = await listenOnLoopback((socket) => {
    standIn(socket, point, target)
    server.accept(point, socket)
  })
  try {
    const text = proxyHeader(point, target) + requestText(target)
    return await ask(listener.address, dialling, text, observer)
  } finally {
    listener.close()
    void server.drain()
  }
}

/** The ends of the connection as the request's own would be. */
function standIn(socket: Socket, { address }: ListenPoint, { from, url }: ExplainTarget): void {
  const local = address.kind === 'tcp' ? address : { host: '', port: 0 }
  const ends = {
    remoteAddress: from,
    remotePort: 40_000,
    localAddress:
      local.host === '0.0.0.0' ? (isAddress(url.hostname) ? url.hostname : '127.0.0.1') : local.host,
    localPort: local.port,
  }
  for (const [name, value] of Object.entries(ends)) Object.defineProperty(socket, name, { value })
}

function isAddress(host: string): boolean {
  return /^[\d.]+$/.test(host)
}

function ask(
  address: SocketAddress,
  dialling: Dialling,
  text: string,
  observer: TraceObserver,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let received = ''
  const socket = dial(address, dialling)
  const timer = setTimeout(() => {
    socket.destroy()
    reject(new Error(`no answer within ${TIMEOUT_MS / 1000} s`))
  }, TIMEOUT_MS)
  const end = (): void => {
    clearTimeout(timer)
    socket.destroy()
    resolve(received)
  }
  onceDialled(socket, dialling, () => socket.write(text, 'latin1'))
  socket.on('data', (bytes: Buffer) => {
    received += bytes.toString('latin1')
    if (observer.request?.finished) end()
  })
  socket.on('end', end)
  socket.on('close', end)
  socket.on('error', end)
  return promise
}

/** What the stub was sent goes behind the handler that sent it. */
function addUpstreams({ events, request }: TraceObserver, stub: StubUpstream): void {
  const [child] = request?.children ?? []
  const addresses = request?.upstream?.addresses ?? child?.upstream?.addresses ?? ''
  for (const { protocol, line, fields } of stub.received) {
    events.push({ kind: 'upstream', protocol, address: addresses, request: line, fields })
  }
}

function responseOf(raw: string, observer: TraceObserver): ResponseEvent {
  const [head = ''] = raw.split('\r\n\r\n', 1)
  const [statusLine = '', ...lines] = head.split('\r\n')
  const fields = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 2)] as const
  })
  const location = observer.request?.location
  const scope = location && observer.scopeOf(location)
  const added = (scope?.findList(addHeader) ?? []).map(({ statement }) => ({
    text: [statement.name, ...statement.args.map((word) => word.text)].join(' '),
    place: `${statement.file}:${statement.line}`,
  }))
  const stub = observer.events.some(({ kind }) => kind === 'upstream')
  return { kind: 'response', status: Number(statusLine.split(' ')[1] ?? 0), stub, fields, added }
}
