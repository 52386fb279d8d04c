/** `bun bun-server.mjs FOLDER PORT`: files as Bun's documentation serves them. */
/* global Bun */
const [folder, port] = process.argv.slice(2)
Bun.serve({
  port: Number(port),
  hostname: '127.0.0.1',
  fetch: (request) => new Response(Bun.file(folder + new URL(request.url).pathname)),
})
