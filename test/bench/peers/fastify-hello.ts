/** `node fastify-hello.ts SOCKET`: the bare answer by Fastify on a unix-domain socket. */
import { chmodSync } from 'node:fs'
import fastify from 'fastify'

const path = process.argv[2] ?? ''
const app = fastify({ keepAliveTimeout: 600_000 })
app.get('/', (_request, reply) => {
  void reply.type('text/plain').send('hello\n')
})
await app.listen({ path })
chmodSync(path, 0o666) // the front's workers may be another user
