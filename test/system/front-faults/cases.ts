/** Bytes by fault. `closed` says whether the server ends the connection; nothing may be answered behind a refusal. */

export interface Expected {
  readonly statuses: readonly number[]
  readonly closed: boolean
}

export interface FaultCase {
  readonly group: string
  readonly name: string
  readonly bytes: string
  readonly methods: readonly string[]
  readonly expected: Expected
  /** With `strict_http on`; asked only where it is given. */
  readonly strict?: Expected
  /** What the bodies, joined, match. */
  readonly body?: RegExp
  /** What everything received matches. */
  readonly head?: RegExp
}

const NEXT = 'GET /plain HTTP/1.1\r\nHost: first.test\r\n\r\n'

const refused = (status: number): Expected => ({ statuses: [status], closed: true })
/** The request and the one behind it. */
const answered = (status: number): Expected => ({ statuses: [status, 200], closed: false })

type Row = readonly [
  name: string,
  bytes: string,
  expected: Expected,
  more?: Partial<Pick<FaultCase, 'strict' | 'body' | 'head'>>,
]

/** Every one is followed by a request that may be answered only when the first is no fault. */
function group(title: string, rows: readonly Row[]): FaultCase[] {
  return rows.map(([name, bytes, expected, more]) => ({
    group: title,
    name,
    bytes: bytes + NEXT,
    methods: [/^[A-Z]+/.exec(bytes.trimStart())?.[0] ?? ''],
    expected,
    ...more,
  }))
}

/** Head of a request to /plain with these lines between. */
const withLines = (lines: string, start = 'GET /plain HTTP/1.1'): string =>
  `${start}\r\nHost: first.test\r\n${lines}\r\n`
const post = (lines: string, body: string, version = '1.1'): string =>
  `POST /plain HTTP/${version}\r\nHost: first.test\r\n${lines}\r\n${body}`
const line = (text: string): string => `${text}\r\nHost: first.test\r\n\r\n`

const BAD = refused(400)
const FINE = answered(200)
const strictly = (expected: Expected): { strict: Expected } => ({ strict: expected })

const requestLines = group('A request line', [
  ['of garbage', '\x00\x01\x02\xff\xfe\r\n\r\n', BAD],
  ['that is a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + 'x'.repeat(40), BAD],
  ['of HTTP/0.9', 'GET /missing\r\n', { statuses: [], closed: true }, strictly(BAD)],
  ['with minor version 32', line('GET /plain HTTP/1.32'), BAD],
  ['with version 01.1', line('GET /plain HTTP/01.1'), BAD],
  ['with a lower-case version', line('GET /plain http/1.1'), BAD],
  ['with a version cut short', line('GET /plain HTTP/1.'), BAD],
  ['with a version of many digits', line(`GET /plain HTTP/1.${'1'.repeat(30)}`), BAD],
  ['with HTTP/2.0', line('GET /plain HTTP/2.0'), refused(505)],
  ['with HTTP/3.0', line('GET /plain HTTP/3.0'), refused(505)],
  ['with two blanks after the method', line('GET  /plain HTTP/1.1'), FINE, strictly(BAD)],
  ['with two blanks before the version', line('GET /plain  HTTP/1.1'), FINE, strictly(BAD)],
  ['with a blank at its end', line('GET /plain HTTP/1.1 '), FINE, strictly(BAD)],
  ['with a tab', line('GET\t/plain HTTP/1.1'), BAD],
  ['with a vertical tab', line('GET\x0b/plain HTTP/1.1'), BAD],
  ['with a form feed before the version', line('GET /plain\x0cHTTP/1.1'), BAD],
  ['that ends with CR alone', 'GET /plain HTTP/1.1\rHost: first.test\r\n\r\n', BAD],
  ['that ends with LF alone', 'GET /plain HTTP/1.1\nHost: first.test\n\n', FINE, strictly(BAD)],
  ['with a method of no token', line('G=T /plain HTTP/1.1'), BAD],
  ['with a method in parentheses', line('(GET) /plain HTTP/1.1'), BAD],
  ['without method', line(' /plain HTTP/1.1'), BAD],
  ['with a method of 65 letters', line(`${'A'.repeat(65)} /plain HTTP/1.1`), BAD],
  ['with a lower-case method', line('get /plain HTTP/1.1'), BAD],
  ['with an unknown method', line('FOO /a.txt HTTP/1.1'), answered(405)],
  ['with a target above 8 KiB', line(`GET /${'x'.repeat(9000)} HTTP/1.1`), refused(414)],
  ['with a target of a megabyte', line(`GET /${'x'.repeat(1_000_000)} HTTP/1.1`), refused(414)],
  ['with NUL in the target', line('GET /pl\x00ain HTTP/1.1'), BAD],
  ['with DEL in the target', line('GET /pl\x7fain HTTP/1.1'), BAD],
  ['with ESC in the target', line('GET /pl\x1b[31main HTTP/1.1'), BAD],
  [
    'with a raw byte above ASCII in the target',
    line('GET /pl\xe9ain HTTP/1.1'),
    answered(404),
    strictly(BAD),
  ],
  ['with a blank in the target', line('GET /pl ain HTTP/1.1'), BAD],
  ['with a fragment', line('GET /plain#x HTTP/1.1'), FINE, strictly(BAD)],
  ['with an asterisk', line('GET * HTTP/1.1'), BAD],
  ['with an authority as target', line('GET first.test:80 HTTP/1.1'), BAD],
  ['with a relative target', line('GET plain HTTP/1.1'), BAD],
  ['with a bad host in an absolute target', line('GET http://a b/plain HTTP/1.1'), BAD],
  ['with user information in an absolute target', line('GET http://u@first.test/plain HTTP/1.1'), BAD],
  ['with a bad port in an absolute target', line('GET http://first.test:99999/plain HTTP/1.1'), BAD],
  ['of CONNECT', line('CONNECT first.test:443 HTTP/1.1'), refused(405)],
  [
    'of TRACE',
    withLines('X-Secret: token\r\n', 'TRACE /plain HTTP/1.1'),
    refused(405),
    { body: /^(?![^]*token)/ },
  ],
  ['that is the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', BAD],
  ['behind one empty line', `\r\n${line('GET /plain HTTP/1.1')}`, FINE],
  ['behind a hundred empty lines', '\r\n'.repeat(100) + line('GET /plain HTTP/1.1'), BAD],
])

const names = ['(', ')', '<', '>', '@', ',', ';', '\\', '"', '/', '[', ']', '?', '=', '{', '}']

const headers = group('A header', [
  ['with a blank before its colon', withLines('X-A : 1\r\n'), BAD],
  ['with a tab before its colon', withLines('X-A\t: 1\r\n'), BAD],
  ['that is first and begins with a blank', 'GET /plain HTTP/1.1\r\n X: 1\r\nHost: first.test\r\n\r\n', BAD],
  ['that is folded', withLines('X-A: 1\r\n 2\r\n'), BAD],
  ['that is folded with a tab', withLines('X-A: 1\r\n\t2\r\n'), BAD],
  ['without name', withLines(': 1\r\n'), BAD],
  ['without colon', withLines('nocolon\r\n'), FINE, strictly(BAD)],
  ...names.map((name): Row => [
    `with ${name} in its name`,
    withLines(`X${name}Y: 1\r\n`),
    FINE,
    strictly(BAD),
  ]),
  ['with NUL in its name', withLines('X\x00Y: 1\r\n'), BAD],
  ['with a high byte in its name', withLines('X\xffY: 1\r\n'), FINE, strictly(BAD)],
  ['with CR in its value', withLines('X-A: 1\r2\r\n'), BAD],
  ['with NUL in its value', withLines('X-A: 1\x002\r\n'), BAD],
  ['with ESC in its value', withLines('X-A: \x1b[2J\r\n'), BAD],
  ['with DEL in its value', withLines('X-A: \x7f\r\n'), BAD],
  ['with a high byte in its value', withLines('X-A: \xe9\r\n'), FINE],
  ['with an underscore is not seen', withLines('X_A: 1\r\n', 'GET /vars HTTP/1.1'), FINE, { body: /a= / }],
  ['with a dot is not seen', withLines('X.A: 1\r\n', 'GET /vars HTTP/1.1'), FINE, { body: /a= / }],
  ['block that ends with CR and a letter', 'GET /plain HTTP/1.1\r\nHost: first.test\r\n\rX', BAD],
  ['line above the buffers', withLines(`X-A: ${'x'.repeat(9000)}\r\n`), BAD],
  [
    'block above the buffers',
    withLines(Array.from({ length: 6 }, (_, n) => `X-${n}: ${'x'.repeat(7000)}\r\n`).join('')),
    BAD,
  ],
  ['count above a thousand', withLines('X: 1\r\n'.repeat(1001)), BAD],
  [
    'count above a thousand with the framing last',
    withLines(`${'X: 1\r\n'.repeat(1001)}Transfer-Encoding: chunked\r\n`),
    BAD,
  ],
  [
    'repeated nine hundred times',
    withLines('X-A: 1\r\n'.repeat(900), 'GET /vars HTTP/1.1'),
    FINE,
    { body: /a=(1, ){899}1 / },
  ],
  ['Host twice', withLines('Host: first.test\r\n'), BAD],
  ['Host twice with different case', withLines('HOST: first.test\r\n'), BAD],
  ['Content-Length twice', post('Content-Length: 1\r\nContent-Length: 2\r\n', 'x'), BAD],
  ['Content-Length twice the same', post('Content-Length: 1\r\nContent-Length: 1\r\n', 'x'), BAD],
  ['Content-Type twice', withLines('Content-Type: a/b\r\nContent-Type: c/d\r\n'), BAD],
  ['Authorization twice', withLines('Authorization: a\r\nAuthorization: b\r\n'), BAD],
  [
    'named like a property of every object',
    withLines('__proto__: 1\r\nconstructor: 2\r\nhasOwnProperty: 3\r\n', 'GET /vars HTTP/1.1'),
    FINE,
    { body: /p= h=first\.testplain$/ },
  ],
  [
    'named by a number, nine hundred times',
    withLines(Array.from({ length: 900 }, (_, n) => `${n}: 1\r\n`).join('')),
    FINE,
  ],
  ['Expect of nonsense', withLines('Expect: nonsense\r\n'), refused(417)],
  [
    'Connection that names others',
    withLines('Connection: close, X-Real-Ip\r\n'),
    { statuses: [200], closed: true },
  ],
  [
    'Connection that names Content-Length',
    post('Connection: Content-Length\r\nContent-Length: 4\r\n', 'body'),
    FINE,
  ],
  ['Cookie of ten thousand pairs', withLines(`Cookie: ${'a=b; '.repeat(10_000)}\r\n`), BAD],
  [
    'If-None-Match of eight thousand bytes',
    withLines(`If-None-Match: ${'"x",'.repeat(2000)}\r\n`, 'GET /a.txt HTTP/1.1'),
    FINE,
  ],
])

const codings = [
  'xchunked',
  'chunkedx',
  'gzip',
  'identity',
  ',chunked',
  'chunked,',
  'chunked;q=1',
  'chunked, gzip',
  'chunked, chunked',
  'gzip, chunked',
  '\x0bchunked',
  'chunked\x0c',
  'chunked\xa0',
  '\x85chunked',
  '\xffchunked',
  'CHUNKED x',
  '"chunked"',
  '',
]
const lengths = [
  '',
  '+5',
  '-5',
  '0x5',
  '5_0',
  '5 5',
  '5,',
  '5, 5',
  '5, 6',
  '18446744073709551616',
  '9'.repeat(1000),
  '5.0',
  '1e1',
  '٥'.normalize(),
  '5\x00',
]

const framing = group('The length of a body', [
  [
    'given twice, by Content-Length and chunks',
    post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    BAD,
  ],
  [
    'given twice, the other way around',
    post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n'),
    BAD,
  ],
  ...lengths.map((value): Row => [
    `given as ${JSON.stringify(value.slice(0, 30))}`,
    post(`Content-Length: ${value}\r\n`, 'hello'),
    BAD,
  ]),
  ['given as 010 is ten', post('Content-Length: 010\r\n', '0123456789'), FINE],
  ['by chunks in HTTP/1.0', post('Transfer-Encoding: chunked\r\n', '0\r\n\r\n', '1.0'), BAD],
  [
    'by two codings in two lines',
    post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    BAD,
  ],
  [
    'by gzip and chunks in two lines',
    post('Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    BAD,
  ],
  [
    'of GET is consumed',
    `GET /plain HTTP/1.1\r\nHost: first.test\r\nContent-Length: ${NEXT.length}\r\n\r\n${NEXT}`,
    FINE,
  ],
  [
    'of HEAD is consumed',
    `HEAD /a.txt HTTP/1.1\r\nHost: first.test\r\nContent-Length: ${NEXT.length}\r\n\r\n${NEXT}`,
    FINE,
  ],
  [
    'of OPTIONS is consumed',
    `OPTIONS /a.txt HTTP/1.1\r\nHost: first.test\r\nContent-Length: ${NEXT.length}\r\n\r\n${NEXT}`,
    answered(405),
  ],
  [
    'of DELETE is consumed',
    `DELETE /plain HTTP/1.1\r\nHost: first.test\r\nContent-Length: ${NEXT.length}\r\n\r\n${NEXT}`,
    FINE,
  ],
  [
    'of chunks on GET is consumed',
    `GET /plain HTTP/1.1\r\nHost: first.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    FINE,
  ],
  ['above the limit', post('Content-Length: 200000\r\n', ''), refused(413)],
  [
    'above the limit, with Expect',
    post('Content-Length: 200000\r\nExpect: 100-continue\r\n', ''),
    refused(413),
  ],
  [
    'of none, with Upgrade: what stands behind it is a request',
    withLines('Connection: Upgrade\r\nUpgrade: websocket\r\n'),
    FINE,
    { body: /plainplain$/ },
  ],
  [
    'with Upgrade stays HTTP',
    post('Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n', 'hello'),
    FINE,
  ],
])

const codingCases = codings.map((value): FaultCase => ({
  group: 'A Transfer-Encoding',
  name: `of ${JSON.stringify(value)}`,
  bytes: post(`Transfer-Encoding: ${value}\r\n`, '0\r\n\r\n') + NEXT,
  methods: ['POST'],
  // what is a value at all is an unknown coding; a control byte makes no value
  expected: refused(/[\x0b\x0c]/.test(value) ? 400 : 501),
}))

/** A file does not read the body: the answer is sent, and what follows is the end of the connection at most. */
const CHUNKED = 'Transfer-Encoding: chunked\r\n'
const brokenChunks: Readonly<Record<string, string>> = {
  'size 0x5': '0x5\r\nhello\r\n0\r\n\r\n',
  'size +5': '+5\r\nhello\r\n0\r\n\r\n',
  'size -1': '-1\r\nhello\r\n0\r\n\r\n',
  'size 5_0': '5_0\r\nhello\r\n0\r\n\r\n',
  'size behind a blank': ' 5\r\nhello\r\n0\r\n\r\n',
  'size before a blank': '5 \r\nhello\r\n0\r\n\r\n',
  'empty size': '\r\nhello\r\n0\r\n\r\n',
  'size of 17 digits': '00000000000000005\r\nhello\r\n0\r\n\r\n',
  'size beyond 2^53': 'fffffffffffffff\r\nhello\r\n0\r\n\r\n',
  'size line ended by LF': '5\nhello\r\n0\r\n\r\n',
  'data ended by LF': '5\r\nhello\n0\r\n\r\n',
  'data ended by CR and a letter': '5\r\nhello\rX0\r\n\r\n',
  'extension with LF': '5;a\nb\r\nhello\r\n0\r\n\r\n',
  'extension with CR': '5;a\rb\r\nhello\r\n0\r\n\r\n',
  'extension with NUL': '5;a\x00\r\nhello\r\n0\r\n\r\n',
  'extension with an open quote': '5;a="b\r\nhello\r\n0\r\n\r\n',
  'extension without name': '5;\r\nhello\r\n0\r\n\r\n',
  'extension of 64 KiB': `5;a=${'x'.repeat(65_536)}\r\nhello\r\n0\r\n\r\n`,
  'one-byte chunks with long extensions': `${`1;a=${'x'.repeat(4000)}\r\nx\r\n`.repeat(10)}0\r\n\r\n`,
  'data longer than its size': '3\r\nhello\r\n0\r\n\r\n',
  'data shorter than its size': '9\r\nhello\r\n0\r\n\r\n',
  'data without CRLF behind': '5\r\nhello0\r\n\r\n',
  'trailer Content-Length': '5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n',
  'trailer Transfer-Encoding': '5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n',
  'trailer Host': '5\r\nhello\r\n0\r\nHost: x\r\n\r\n',
  'trailer Authorization': '5\r\nhello\r\n0\r\nAuthorization: x\r\n\r\n',
  'too many trailers': `5\r\nhello\r\n0\r\n${'X: 1\r\n'.repeat(1001)}\r\n`,
}

const chunks = Object.entries(brokenChunks).flatMap(([name, body]): FaultCase[] => [
  {
    group: 'A chunked body that is read',
    name: `with ${name}`,
    bytes: `POST /up HTTP/1.1\r\nHost: first.test\r\n${CHUNKED}\r\n${body}${NEXT}`,
    methods: ['POST'],
    expected: refused(name.includes('extension of') || name.includes('long extensions') ? 413 : 400),
  },
  {
    group: 'A chunked body that nobody reads',
    name: `with ${name}`,
    bytes: `POST /plain HTTP/1.1\r\nHost: first.test\r\n${CHUNKED}\r\n${body}${NEXT}`,
    methods: ['POST'],
    expected: refused(200),
  },
])

const goodChunks = group('A chunked body', [
  ['with extensions', post(CHUNKED, '5;a=b;c="d e"\r\nhello\r\n0;z\r\n\r\n'), FINE],
  ['with upper-case sizes', post(CHUNKED, 'A\r\n0123456789\r\n0\r\n\r\n'), FINE],
  ['with leading zeros', post(CHUNKED, '0005\r\nhello\r\n000\r\n\r\n'), FINE],
  ['with a harmless trailer', post(CHUNKED, '5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n'), FINE],
  [
    'above the limit',
    `POST /up HTTP/1.1\r\nHost: first.test\r\n${CHUNKED}\r\n${`4000\r\n${'x'.repeat(16_384)}\r\n`.repeat(8)}0\r\n\r\n`,
    refused(413),
  ],
])

const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: first.test\r\n\r\n`

const paths = group('A path', [
  ...[
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e%2fsecret.txt',
    '/files/../../secret.txt',
    '/./../secret.txt',
    '/a/../../secret.txt',
  ].map((target): Row => [`that climbs: ${target}`, get(target), BAD]),
  ...[
    '/%2e%2e%5csecret.txt',
    '/..%5csecret.txt',
    '/....//secret.txt',
    '/files/..;/secret.txt',
    '/%252e%252e/secret.txt',
    '/..%c0%afsecret.txt',
    '/%c0%ae%c0%ae/secret.txt',
    '/files/...//secret.txt',
    '/files/%2e%2e;/secret.txt',
  ].map((target): Row => [
    `that only looks like climbing: ${target}`,
    get(target),
    answered(404),
    { body: /^(?![^]*outside)/ },
  ]),
  [
    'with an alias that misses its slash',
    get('/img../secret.txt'),
    answered(404),
    { body: /^(?![^]*outside)/ },
  ],
  ['with an alias that misses its slash, to a sibling', get('/img../a.txt'), answered(404)],
  ['with NUL', get('/a.txt%00.png'), BAD],
  ['with a broken escape', get('/a%zz'), BAD],
  ['with an escape cut short', get('/a%4'), BAD],
  ['with an encoded slash is one path for every rule', get('/public/..%2fadmin'), answered(403)],
  ['with two slashes is one path for every rule', get('//admin'), answered(403)],
  ['with encoded letters is one path for every rule', get('/%61dmin'), answered(403)],
  ['with a dot segment is one path for every rule', get('/public/./../admin'), answered(403)],
  ['of an internal location', get('/secret/x'), answered(404)],
  ['of an internal location, encoded', get('/%73ecret/x'), answered(404)],
  ['in capitals is another path', get('/ADMIN'), answered(404)],
  ['with a dot behind it is below the same rule', get('/admin.'), answered(403)],
  ['with a blank behind it is below the same rule', get('/admin%20'), answered(403)],
  ['with the name of a stream is below the same rule', get('/admin::$DATA'), answered(403)],
  [
    'of a folder is redirected on this host only',
    get('//files/img/..%2fimg'),
    answered(301),
    { head: /^Location: http:\/\/first\.test:\d+\/files\/img\/\r$/m },
  ],
  [
    'of a folder behind what looks like a host is redirected on this host only',
    get('//evil.test/%2e%2e/files/img'),
    answered(301),
    { head: /^Location: http:\/\/first\.test:\d+\/files\/img\/\r$/m },
  ],
  [
    'to a Location, with CR and LF',
    get('/uri/%0d%0aX-Injected:%201'),
    answered(302),
    { head: /^Location: http:\/\/first\.test:\d+\/uri\/%0D%0AX-Injected: 1\r$/m },
  ],
  [
    'to another header, with CR and LF',
    get('/header/%0d%0aX-Injected:%201'),
    FINE,
    { head: /^X-Path: \/header\/ {2}X-Injected: 1\r$/m },
  ],
  ['with a NEL to a header', get('/uri/%c2%85'), answered(302)],
  ['with a query that names variables', get('/redirect?to=/$host/${host}/%24host'), answered(302)],
  ['of ten thousand segments', get(`/${'a/'.repeat(4000)}`), answered(404)],
  ['of a name longer than a file name may be', get(`/${'n'.repeat(300)}`), answered(404)],
  ['of a name longer than a path may be', get(`/${'dir/'.repeat(1500)}x`), answered(404)],
])

const range = (value: string): string => `GET /a.txt HTTP/1.1\r\nHost: first.test\r\nRange: ${value}\r\n\r\n`

const ranges = group('A range', [
  [
    'list of 1300 parts',
    range(`bytes=5-0,${Array.from({ length: 1300 }, (_, n) => `5-${n}`).join(',')}`),
    FINE,
  ],
  [
    'list of 1300 overlapping parts',
    range(`bytes=${Array.from({ length: 1300 }, () => `0-`).join(',')}`),
    FINE,
  ],
  [
    'list of 150 single bytes',
    range(`bytes=${Array.from({ length: 150 }, (_, n) => `${n % 100}-${n % 100}`).join(',')}`),
    FINE,
  ],
  ['of a sum beyond 2^63', range('bytes=-9223372036854775608,-9223372036854775808'), answered(416)],
  ['start beyond 2^64', range('bytes=18446744073709551616-'), answered(416)],
  ['of the last nothing', range('bytes=-0'), answered(416)],
  ['of nothing', range('bytes='), FINE],
  ['in another unit', range('lines=1-2'), FINE],
  ['on a missing file', 'GET /none HTTP/1.1\r\nHost: first.test\r\nRange: bytes=0-1\r\n\r\n', answered(404)],
  [
    'with another If-Range',
    'GET /a.txt HTTP/1.1\r\nHost: first.test\r\nRange: bytes=0-1\r\nIf-Range: "other"\r\n\r\n',
    FINE,
  ],
])

const host = (value: string): string => `GET /plain HTTP/1.1\r\nHost: ${value}\r\n\r\n`

const hosts = group('A Host', [
  ['that is missing', 'GET /plain HTTP/1.1\r\n\r\n', BAD],
  ['that is empty', host(''), BAD],
  ...[
    'a@b',
    'a/b',
    'a b',
    'a\\b',
    'a?b',
    'a#b',
    '[::1',
    '::1',
    'a..b',
    '<x>',
    'a"b',
    'a\x00b',
    '[::1]x',
    '.',
    ':80',
    'a^b',
    'é',
  ].map((value): Row => [`of ${JSON.stringify(value)}`, host(value), BAD]),
  ...['a:b', 'a:99999', 'a:80:80'].map((value): Row => [
    `with a port of ${JSON.stringify(value)}`,
    host(value),
    FINE,
    { strict: BAD },
  ]),
  ['that nobody has gets the default server', host('unknown.test'), FINE, { body: /^plain/ }],
  ['in upper case', host('OTHER.test'), FINE, { body: /^other/ }],
  ['with a dot at its end', host('other.test.'), FINE, { body: /^other/ }],
  ['with a port', host('other.test:1234'), FINE, { body: /^other/ }],
  [
    'other than the authority of the target',
    'GET http://other.test/plain HTTP/1.1\r\nHost: first.test\r\n\r\n',
    FINE,
    { body: /^other/, strict: BAD },
  ],
])

export const FAULT_CASES: readonly FaultCase[] = [
  ...requestLines,
  ...headers,
  ...framing,
  ...codingCases,
  ...chunks,
  ...goodChunks,
  ...paths,
  ...ranges,
  ...hosts,
]
