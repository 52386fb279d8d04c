/** Requests whose answers, and what the application is told of them, are the same through nginx and through ours. */

const request = (method: string, target: string, lines = '', body = ''): string =>
  `${method} %CELL%${target} HTTP/1.1\r\nHost: matrix.test\r\nConnection: close\r\n${lines}\r\n${body}`

export const COMPARED: Readonly<Record<string, string>> = {
  'a plain request': request('GET', '/environ?do=echo&x=%20y'),
  fields: request(
    'GET',
    '/environ',
    'X-Own: 1\r\nAccept: a\r\nCookie: a=1; b=2\r\nUser-Agent: me\r\nReferer: x\r\n',
  ),
  'fields without a value': request('GET', '/environ', 'X-Empty:\r\nX-Blank:  \r\n'),
  'fields with underscores': request('GET', '/environ', 'X_Own: 1\r\nX-Own: 2\r\nContent_Length: 5\r\n'),
  'an escaped path': request('GET', '/environ/a%20b/%C3%A9/c%2Bd?e=%2F'),
  'a path with dots and slashes': request('GET', '/x/..//environ/./y'),
  'no query': request('GET', '/environ?'),
  'an absolute target': request('GET', '/environ').replace('%CELL%', 'http://matrix.test%CELL%'),
  'HTTP/1.0': 'GET %CELL%/environ HTTP/1.0\r\nHost: matrix.test\r\n\r\n',
  'HTTP/1.0 without a host': 'GET %CELL%/environ HTTP/1.0\r\n\r\n',
  OPTIONS: request('OPTIONS', '/environ'),
  'a method of no standard': request('PURGE', '/environ'),
  'DELETE with a body': request('DELETE', '/digest', 'Content-Length: 4\r\n', 'body'),
  'a form': request(
    'POST',
    '/environ',
    'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n',
    'a=1&b=2',
  ),
  'an empty form': request('POST', '/environ', 'Content-Length: 0\r\n'),
  'a chunked form': request(
    'PUT',
    '/environ',
    'Content-Type: text/x\r\nTransfer-Encoding: chunked\r\n',
    '5\r\nhello\r\n0\r\n\r\n',
  ),
  'Expect: 100-continue': request('POST', '/digest', 'Expect: 100-continue\r\nContent-Length: 4\r\n', 'body'),
  'authorization and ranges': request('GET', '/environ', 'Authorization: Basic YTpi\r\nRange: bytes=0-1\r\n'),
  'fields of the answer': request('GET', '/fields'),
  'HEAD of it': request('HEAD', '/fields'),
  'a 404': request('GET', '/missing'),
  'a 204': request('GET', '/nothing'),
  'a redirect': request('GET', '/elsewhere'),
  'a large answer to HTTP/1.0': 'GET %CELL%/large HTTP/1.0\r\nHost: matrix.test\r\n\r\n',
}
