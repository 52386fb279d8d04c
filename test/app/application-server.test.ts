import { execFileSync } from 'node:child_process'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { ApplicationServer, type AppProtocol } from '../../src/app/application-server.ts'
import { bindSocket } from '../../src/io/bind.ts'
import { requestText, stdinEndText } from '../../src/protocol/fastcgi/request-encoder.ts'
import { encodeRequest } from '../../src/protocol/uwsgi/request-encoder.ts'

const PAIRS = ['REQUEST_METHOD', 'GET', 'PATH_INFO', '/', 'REMOTE_USER', 'admin']
const REQUESTS: Readonly<Record<'fastcgi' | 'uwsgi', Buffer>> = {
  fastcgi: Buffer.from(requestText(1, 1, true, PAIRS) + stdinEndText(1), 'latin1'),
  uwsgi: Buffer.from(encodeRequest(PAIRS)),
}

/** Has sent them and reset the connection before it is accepted: this loop stands still meanwhile. */
function sendAndReset(port: number, bytes: Buffer): void {
  const program = `const s = require('node:net').connect(${port}, '127.0.0.1', () =>
    s.write(Buffer.from('${bytes.toString('hex')}', 'hex'), () => s.resetAndDestroy()))`
  execFileSync(process.execPath, ['-e', program])
}

async function serve(protocol: AppProtocol, allow: readonly string[]) {
  const paths: string[] = []
  const lines: string[] = []
  const app = new ApplicationServer({
    application: (environ, startResponse) => {
      paths.push(environ.PATH_INFO)
      startResponse('200 OK', [])
      return []
    },
    protocol,
    log: { log: (level, message) => void lines.push(`${level}: ${message}`) },
    multiprocess: false,
  })
  const { fd, address } = await bindSocket({ kind: 'tcp', host: '127.0.0.1', port: 0 })
  const port = address.kind === 'tcp' ? address.port : 0
  await app.listen({ fd, address: `127.0.0.1:${port}`, allow })
  return { app, paths, lines, port }
}

test.each(['fastcgi', 'uwsgi'] as const)('who may not connect may not reset either: %s', async (protocol) => {
  const { app, paths, lines, port } = await serve(protocol, ['192.0.2.0/24'])
  sendAndReset(port, REQUESTS[protocol])
  // Is accepted behind the other.
  await new Promise((resolve) => connect(port, '127.0.0.1').resume().once('close', resolve))
  expect([paths, lines]).toEqual([
    [],
    ['-', '127.0.0.1'].map(
      (peer) => `error: connection from ${peer} to 127.0.0.1:${port} refused: no "allow" names it`,
    ),
  ])
  await app.drain(1000)
})
