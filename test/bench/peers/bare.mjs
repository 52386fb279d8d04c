const body = Buffer.from('hello\n')

export function application(_environ, startResponse) {
  startResponse('200 OK', [
    ['Content-Type', 'text/plain'],
    ['Content-Length', '6'],
  ])
  return [body]
}
