/** 2 ms of processor time for each page, whatever else runs; the probe costs nothing. */
const PAGE_MICROSECONDS = 2000
const page = Buffer.from('done\n')
const well = Buffer.from('well\n')

export function application(environ, startResponse) {
  const body = environ.PATH_INFO === '/probe' ? well : page
  if (body === page) burn()
  startResponse('200 OK', [
    ['Content-Type', 'text/plain'],
    ['Content-Length', String(body.length)],
  ])
  return [body]
}

function burn() {
  const before = process.threadCpuUsage()
  for (;;) {
    const { user, system } = process.threadCpuUsage(before)
    if (user + system >= PAGE_MICROSECONDS) return
  }
}
