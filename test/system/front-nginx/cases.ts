/** What both servers are asked: whole conversations as bytes. `$LM` and `$ETAG` stand for those of a.txt. */

export interface Case {
  readonly name: string
  /** Everything sent on one connection, at once. */
  readonly bytes: string
  /** Methods of the requests in it. */
  readonly methods: readonly string[]
  readonly second?: boolean
}

type Headers = Readonly<Record<string, string>>

function request(method: string, target: string, headers: Headers = {}, body = ''): string {
  const all = Object.entries({ Host: 'first.test', ...headers })
  const length = body === '' || 'Transfer-Encoding' in headers ? '' : `Content-Length: ${body.length}\r\n`
  const lines = all.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return `${method} ${target} HTTP/1.1\r\n${lines}${length}\r\n${body}`
}

function gets(targets: readonly string[], headers?: Headers): Case[] {
  return targets.map((target) => ({
    name: `GET ${target}${headers ? ` ${JSON.stringify(headers)}` : ''}`,
    bytes: request('GET', target, headers),
    methods: ['GET'],
  }))
}

/** `a.txt` with one combination of fields each. */
function withFields(target: string, rows: readonly Headers[], method = 'GET'): Case[] {
  return rows.map((headers) => ({
    name: `${method} ${target} ${JSON.stringify(headers)}`,
    bytes: request(method, target, headers),
    methods: [method],
  }))
}

function methods(rows: readonly (readonly [method: string, target: string, body?: string])[]): Case[] {
  return rows.map(([method, target, body]) => ({
    name: `${method} ${target}${body === undefined ? '' : ` with ${body.length} bytes`}`,
    bytes: request(method, target, {}, body),
    methods: [method],
  }))
}

function hosts(rows: readonly string[], target = '/'): Case[] {
  return rows.map((host) => ({
    name: `Host: ${host} for ${target}`,
    bytes: request('GET', target, { Host: host }),
    methods: ['GET'],
  }))
}

function raw(rows: Readonly<Record<string, string>>): Case[] {
  return Object.entries(rows).map(([name, bytes]) => ({
    name,
    bytes,
    methods: [...bytes.matchAll(/^([A-Z]+) \S+ HTTP\/[12]/gm)].map(([, method]) => method ?? ''),
  }))
}

function onSecond(cases: readonly Case[]): Case[] {
  return cases.map((item) => ({ ...item, name: `second: ${item.name}`, second: true }))
}

const OLD = 'Mon, 01 Jan 1990 00:00:00 GMT'
const FUTURE = 'Fri, 01 Jan 2038 00:00:00 GMT'

const locations = gets([
  ...[
    '/',
    '/exact',
    '/exact/',
    '/exact?x=1',
    '/exactly',
    '/prefix',
    '/prefixes',
    '/prefix/longer',
    '/prefix/long',
  ],
  ...[
    '/prefix/longer.re',
    '/final',
    '/final.re',
    '/final/sub/',
    '/final/sub/x.re',
    '/x.re',
    '/x.RE',
    '/x.recase',
  ],
  ...['/x.ReCaSe', '/cap/abc/123', '/cap/abc/', '/cap/a-b/1', '/x.first', '/firstirs.first', '/dirs'],
  ...[
    '/nest',
    '/nest/in',
    '/nest/into',
    '/nest/exact',
    '/nest/exactly',
    '/nest/x.in',
    '/nest/in/x.in',
    '/nest/x.re',
  ],
  ...['/nest/deep', '/nest/deep/x.deep', '/nest/deep/x.in', '/nest/deep/x.re', '/nestre/x.re', '/nestre/x'],
  ...['/rn/', '/rn/p', '/rn/p.re', '/rn/a.x', '/rn/a.re', '/fnest/x.re', '/fnest/x', '/fnest.first'],
])

const files = gets([
  ...[
    '/a.txt',
    '/a.txt?query',
    '/a.txt?',
    '/a.txt/',
    '/empty.txt',
    '/page.html',
    '/style.css',
    '/UPPER.TXT',
    '/noext',
  ],
  ...[
    '/two.tar.gz',
    '/.hidden',
    '/a%20b.txt',
    '/p%2520q.txt',
    '/caf%C3%A9.txt',
    '/caf%c3%a9.txt',
    '/caf%E9.txt',
  ],
  ...[
    '/q%3F.txt',
    '/q?.txt',
    '/h%23.txt',
    '/h#.txt',
    '/a.txt#frag',
    '/plus+.txt',
    '/plus%2B.txt',
    '/missing',
    '/missing/',
  ],
  ...[
    '/dir',
    '/dir?x=y',
    '/dir/',
    '/dir/file.txt',
    '/dir/sub%20dir',
    '/dir/sub%20dir/',
    '/dir/sub%20dir/x.txt',
  ],
  ...['/emptydir', '/emptydir/', '/noindex/', '/idx2/', '/idxabs/', '/mid.bin', '/big.bin'],
  ...[
    '/alias/',
    '/alias/file.txt',
    '/alias/index.html',
    '/alias/sub%20dir',
    '/alias',
    '/aliasfile',
    '/aliasfilex',
  ],
  ...[
    '/aliasre/file.txt',
    '/aliasre/',
    '/aliasre/missing',
    '/offfile.txt',
    '/off',
    '/off/',
    '/offset',
    '/other/o.txt',
  ],
  ...['/vroot/v.txt?d=vd', '/vroot/v.txt', '/vroot/v.txt?d=../vd'],
])

const paths = gets([
  ...[
    '/./a.txt',
    '/x/../a.txt',
    '/dir/../a.txt',
    '/dir/./file.txt',
    '/dir/.',
    '/dir/..',
    '/dir/../',
    '/..',
    '/../a.txt',
  ],
  ...[
    '/dir/../../a.txt',
    '//a.txt',
    '/dir//file.txt',
    '///dir///file.txt',
    '/dir/%2e%2e/a.txt',
    '/%2e%2e/a.txt',
  ],
  ...[
    '/dir/%2e/file.txt',
    '/dir%2ffile.txt',
    '/dir%2Ffile.txt',
    '/dir/..%2fa.txt',
    '/..%2fa.txt',
    '/%2e%2e%2fa.txt',
  ],
  ...[
    '/%252e%252e/a.txt',
    '/a%2etxt',
    '/%61.txt',
    '/a.txt%00',
    '/%00',
    '/%zz',
    '/%',
    '/%4',
    '/a.txt%',
    '/a%20b%2',
    '/....//a.txt',
  ],
  ...[
    '/dir/...',
    '/.../a.txt',
    '/a..txt',
    '/dir/..a',
    '/dir/.a',
    '/%c0%ae%c0%ae/a.txt',
    '/dir\\..\\a.txt',
    '/dir/a%5c..%5cb',
  ],
  ...[
    '/exact/../exact',
    '/x/..%2fexact',
    '/nest/../prefix',
    '//prefix',
    '/prefix/../final',
    '/a.txt;x=1',
    '/dir;/file.txt',
  ],
  ...[
    '/echo?%zz',
    '/echo?a=b#c',
    '/echo??',
    '/echo?',
    '/echo?a b'.replace(' ', '%20'),
    '/echo?\'"<>',
    '/echo?a=/../x',
  ],
  ...['/off../a.txt', '/off../secret.txt', '/alias/../a.txt', '/alias/..%2fa.txt', '/alias../a.txt'],
])

const tries = gets([
  ...[
    '/try/there.txt',
    '/try/dir',
    '/try/dir/',
    '/try/missing',
    '/trydir',
    '/trydir/',
    '/trydirx',
    '/try404/there.txt',
  ],
  ...['/try404/missing', '/try403/x', '/trynamed/x?a=b', '/tryargs/x?y=z', '/tryplain/any', '/trycode/x'],
  ...[
    '/tryalias/file.txt',
    '/tryalias/missing',
    '/tryalias/',
    '/trymiss/x',
    '/tryloop/x',
    '/try/%2e%2e/a.txt',
    '/try/a%20b',
  ],
])

const returns = gets(
  [
    ...[
      '200',
      '200t',
      '200e',
      '201',
      '204',
      '204t',
      '301',
      '301abs',
      '302',
      '302?a=b',
      '303',
      '307',
      '308',
      '302rel',
      '302none',
      '304',
    ],
    ...[
      'url?x=y',
      '400',
      '400t',
      '401',
      '402',
      '403',
      '404',
      '404t',
      '405',
      '408',
      '409',
      '410',
      '411',
      '412',
      '413',
      '414',
      '415',
    ],
    ...[
      '416',
      '418',
      '421',
      '429',
      '444',
      '494',
      '497',
      '499',
      '500',
      '501',
      '502',
      '503',
      '504',
      '505',
      '507',
      '599',
      '777',
      '777t',
    ],
    ...[
      'type',
      'enc',
      'enc/a%20b',
      'enc/%C3%A9',
      'enc/%25',
      'enc/a%3Fb',
      '200t.html',
      '200t.css',
      '200/x.png',
    ],
  ].map((tail) => `/ret/${tail}`),
)

const rewrites = gets(
  [
    ...[
      'last/x?q=1',
      'last/x',
      'break/a.txt',
      'break/missing',
      'plain/x?q=1',
      'noargs/x?q=1',
      'redir/x',
      'redir/x?q=1',
    ],
    ...[
      'perm/x',
      'url/x',
      'url/x?q=1',
      'urlq/x?q=1',
      'redirq/x?q=1',
      'redirnoq/x?q=1',
      'loop/',
      'two/abc',
      'none/x',
    ],
    ...['then/x', 'brk/x', 'break2/x', 'set/x', 'setargs/a/b?c=d', 'empty/x', 'noslash/x', 'dots/x'],
    ...[
      'redir/a%20b',
      'redir/%C3%A9',
      'redir/a%3Fb',
      'redir/a%26b',
      'redir/%25',
      'redir/a+b',
      'redir/%2B',
      'plain/a%20b',
    ],
    ...[
      'plain/a%26b',
      'plain/%C3%A9',
      'plain/a+b',
      'setargs/%3D/%26',
      'last/%20',
      'two/a%2Fc',
      'url/%7Ex',
      'perm/%22%3C',
    ],
  ].map((tail) => `/rw/${tail}`),
)

const errorPages = gets([
  ...[
    '/ep/missing',
    '/ep/403',
    '/ep/405',
    '/ep/410',
    '/ep/500',
    '/ep/409',
    '/ep/411',
    '/ep/412',
    '/ep/418',
    '/ep/429',
  ],
  ...[
    '/epnone',
    '/eploop',
    '/ep301',
    '/toint',
    '/int/',
    '/int/page',
    '/intx/x',
    '/ep',
    '/ep/',
    '/errors/404.html',
  ],
])

const passes = gets([
  ...[
    '/pass',
    '/pass?x=y',
    '/pass/',
    '/pass/x',
    '/pass2',
    '/pass2/',
    '/pass2x',
    '/pass3',
    '/pass3/',
    '/pass4',
    '/pass4/in',
  ],
  ...['/pass4/in/', '/pass5', '/pass5/', '/pass6/x', '/pass7/x'],
])

const fields = [
  ...gets([
    '/hdr/a.txt',
    '/hdr/missing',
    '/hdr/none',
    '/hdr/redir',
    '/hdr/lm',
    '/hdrlm/a.txt',
    '/hdretag/a.txt',
    '/hdr/dir',
  ]),
  ...gets([
    '/exp/max/a.txt',
    '/exp/epoch/a.txt',
    '/exp/neg/a.txt',
    '/exp/zero/a.txt',
    '/exp/off/a.txt',
    '/exp/err',
    '/exp/cc/a.txt',
  ]),
  ...gets([
    '/type/none/a.txt',
    '/type/own/a.txt',
    '/type/own/page.html',
    '/type/charset/a.txt',
    '/type/charset/page.html',
  ]),
  ...gets([
    '/type/charset/big.bin',
    '/type/charset/missing',
    '/type/ret',
    '/type/css.css',
    '/type/empty/a.txt',
    '/type/charset/dir',
  ]),
  ...gets(['/ka0', '/kahdr', '/slash/only', '/slash/only/']),
  ...gets(['/vars?x=1&y=2', '/vars', '/vars?X=up', '/vars?x', '/vars?xx=1&x=3&x=4', '/vars/%41%20b'], {
    'User-Agent': 'me',
    'X-Y': 'xy',
    Cookie: 'b=1; a=2; a=3',
    'Content-Type': 'text/x',
  }),
]

const conditional = [
  ...withFields('/a.txt', [
    { 'If-Modified-Since': '$LM' },
    { 'If-Modified-Since': OLD },
    { 'If-Modified-Since': FUTURE },
    { 'If-Modified-Since': 'garbage' },
    { 'If-Unmodified-Since': '$LM' },
    { 'If-Unmodified-Since': OLD },
    { 'If-Unmodified-Since': FUTURE },
    { 'If-Unmodified-Since': 'garbage' },
    { 'If-None-Match': '$ETAG' },
    { 'If-None-Match': 'W/$ETAG' },
    { 'If-None-Match': '"x"' },
    { 'If-None-Match': '"x", $ETAG' },
    { 'If-None-Match': '"x",$ETAG,"y"' },
    { 'If-None-Match': '*' },
    { 'If-None-Match': 'x' },
    { 'If-None-Match': '' },
    { 'If-Match': '$ETAG' },
    { 'If-Match': 'W/$ETAG' },
    { 'If-Match': '"x"' },
    { 'If-Match': '"x", $ETAG' },
    { 'If-Match': '*' },
    { 'If-Match': '' },
    { 'If-None-Match': '"x"', 'If-Modified-Since': '$LM' },
    { 'If-None-Match': '$ETAG', 'If-Modified-Since': OLD },
    { 'If-Match': '$ETAG', 'If-Unmodified-Since': OLD },
    { 'If-Match': '"x"', 'If-Unmodified-Since': FUTURE },
    { 'If-Match': '$ETAG', 'If-None-Match': '$ETAG' },
    { 'If-Modified-Since': '$LM', 'If-Unmodified-Since': OLD },
  ]),
  ...withFields(
    '/a.txt',
    [{ 'If-None-Match': '$ETAG' }, { 'If-Match': '"x"' }, { 'If-Modified-Since': '$LM' }],
    'HEAD',
  ),
  ...withFields('/etagoff/a.txt', [
    {},
    { 'If-None-Match': '$ETAG' },
    { 'If-Match': '$ETAG' },
    { 'If-Match': '*' },
  ]),
  ...withFields('/imsoff/a.txt', [{ 'If-Modified-Since': '$LM' }, { 'If-None-Match': '$ETAG' }]),
  ...withFields('/imsbefore/a.txt', [
    { 'If-Modified-Since': '$LM' },
    { 'If-Modified-Since': FUTURE },
    { 'If-Modified-Since': OLD },
  ]),
  ...withFields('/missing', [{ 'If-Match': '"x"' }, { 'If-None-Match': '*' }]),
  ...withFields('/ret/200t', [
    { 'If-Match': '"x"' },
    { 'If-None-Match': '*' },
    { 'If-Modified-Since': '$LM' },
  ]),
]

const ranges = [
  ...withFields(
    '/a.txt',
    [
      ...[
        '0-0',
        '0-3',
        '1-',
        '-5',
        '0-',
        '44-',
        '44-44',
        '45-',
        '45-46',
        '100-200',
        '-45',
        '-46',
        '-0',
        '-',
        '',
        'x',
        '3-1',
      ],
      ...[
        '0-0,2-2',
        '0-3, 10-12',
        '0-3,10-12,20-',
        '0-0,-1',
        ' 1-2',
        '1 - 2',
        '1-2 ',
        '0-1,100-',
        '100-,0-1',
        '0-9,5-14',
      ],
      ...[
        '0-44,0-44',
        '0-10,0-10,0-10,0-10',
        '0-,0-',
        '99999999999999999999-',
        '0-99999999999999999999',
        '5-0,5-1',
        '1-2,',
        ',1-2',
      ],
      ...['0-1,3-4,6-7,9-10,12-13,15-16', '-1,-1', '9223372036854775807-', '0-9223372036854775807'],
    ].map((spec) => ({ Range: `bytes=${spec}` })),
  ),
  ...withFields('/a.txt', [
    { Range: 'lines=0-3' },
    { Range: 'bytes 0-3' },
    { Range: 'BYTES=0-3' },
    { Range: 'bytes = 0-3' },
  ]),
  ...withFields('/a.txt', [
    { Range: 'bytes=0-3', 'If-Range': '$ETAG' },
    { Range: 'bytes=0-3', 'If-Range': '"x"' },
    { Range: 'bytes=0-3', 'If-Range': 'W/$ETAG' },
    { Range: 'bytes=0-3', 'If-Range': '$LM' },
    { Range: 'bytes=0-3', 'If-Range': OLD },
    { Range: 'bytes=0-3', 'If-Range': FUTURE },
    { Range: 'bytes=0-3', 'If-Range': 'x' },
    { Range: 'bytes=0-3', 'If-None-Match': '$ETAG' },
    { Range: 'bytes=0-3', 'If-Match': '"x"' },
    { Range: 'bytes=100-', 'If-Range': '"x"' },
  ]),
  ...withFields(
    '/a.txt',
    [{ Range: 'bytes=0-3' }, { Range: 'bytes=0-1,3-4' }, { Range: 'bytes=100-' }],
    'HEAD',
  ),
  ...withFields('/empty.txt', [
    { Range: 'bytes=0-' },
    { Range: 'bytes=0-0' },
    { Range: 'bytes=-1' },
    { Range: 'bytes=1-2' },
  ]),
  ...withFields('/big.bin', [
    { Range: 'bytes=100-109' },
    { Range: 'bytes=199990-' },
    { Range: 'bytes=0-9,100000-100009' },
  ]),
  ...withFields('/big.bin', [{ Range: 'bytes=65530-131080' }, { Range: 'bytes=-100000' }]),
  ...withFields('/noext', [{ Range: 'bytes=0-1,3-4' }]),
  ...withFields('/type/empty/a.txt', [{ Range: 'bytes=0-1,3-4' }]),
  ...withFields('/type/charset/a.txt', [{ Range: 'bytes=0-1,3-4' }]),
  ...withFields('/noranges/a.txt', [{ Range: 'bytes=0-3' }, { Range: 'bytes=100-' }]),
  ...withFields('/oneranges/a.txt', [{ Range: 'bytes=0-3' }, { Range: 'bytes=0-3,5-6' }]),
  ...withFields('/ep/416/a.txt', [{ Range: 'bytes=100-' }]),
  ...withFields('/ret/200t', [{ Range: 'bytes=0-1' }]),
  ...withFields('/missing', [{ Range: 'bytes=0-1' }]),
  ...withFields('/hdr/a.txt', [{ Range: 'bytes=0-1' }, { Range: 'bytes=100-' }]),
  ...withFields('/ep/missing', [{ Range: 'bytes=0-3' }, { 'If-None-Match': '*' }]),
]

const methodCases = methods([
  ...(
    ['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND', 'FOO', 'TRACE', 'CONNECT'] as const
  ).flatMap((method): [string, string][] =>
    ['/a.txt', '/missing', '/dir', '/dir/', '/emptydir/', '/ret/200t', '/ret/404', '/missing/'].map(
      (target) => [method, target],
    ),
  ),
  ['HEAD', '/big.bin'],
  ['HEAD', '/empty.txt'],
  ['HEAD', '/ret/204'],
  ['HEAD', '/ret/302'],
  ['HEAD', '/ep/missing'],
  ['HEAD', '/ep/409'],
  ['HEAD', '/try/dir'],
  ['HEAD', '/trynamed/x'],
  ['POST', '/a.txt', 'body'],
  ['POST', '/ret/200t', 'body'],
  ['POST', '/ret/404', 'body'],
  ['GET', '/a.txt', 'body'],
  ['DELETE', '/a.txt', 'body'],
  ['POST', '/ret/200t', 'b'.repeat(1025)],
  ['POST', '/a.txt', 'b'.repeat(1025)],
  ['POST', '/static0/a.txt', 'b'.repeat(5000)],
  ['POST', '/body0', 'b'.repeat(5000)],
  ['POST', '/ep/413', 'b'.repeat(5)],
  ['POST', '/ep/413', 'b'.repeat(3)],
  ['POST', '/ep/missing', 'body'],
  ['POST', '/ep/405', 'body'],
  ['POST', '/trynamed/x', 'body'],
  ['POST', '/dir/', 'body'],
])

const CHUNKED = { 'Transfer-Encoding': 'chunked' }

const conversations = raw({
  'two requests at once': request('GET', '/a.txt') + request('GET', '/exact'),
  'five requests at once': ['/a.txt', '/missing', '/exact', '/dir', '/page.html']
    .map((t) => request('GET', t))
    .join(''),
  'HEAD with an invalid field': 'HEAD /a.txt HTTP/1.1\r\nHost: first.test\r\nX\x01: y\r\n\r\n',
  'HEAD without Host': 'HEAD /a.txt HTTP/1.1\r\n\r\n',
  'HEAD with an unknown coding': request('HEAD', '/a.txt', { 'Transfer-Encoding': 'x' }),
  'HEAD with an invalid target': 'HEAD /\x01 HTTP/1.1\r\n\r\n',
  'HEAD of another version': 'HEAD / HTTP/2.0\r\n\r\n',
  'HEAD before GET': request('HEAD', '/a.txt') + request('GET', '/a.txt'),
  '304 before GET': request('GET', '/a.txt', { 'If-None-Match': '*' }) + request('GET', '/exact'),
  '204 before GET': request('GET', '/ret/204') + request('GET', '/exact'),
  'close after the first of two':
    request('GET', '/exact', { Connection: 'close' }) + request('GET', '/exact'),
  'closing status before another': request('GET', '/ret/500') + request('GET', '/exact'),
  '400 before another': request('GET', '/ret/400') + request('GET', '/exact'),
  '404 before another': request('GET', '/missing') + request('GET', '/exact'),
  '413 before another': request('POST', '/ret/200t', {}, 'b'.repeat(1025)) + request('GET', '/exact'),
  '405 with a body before another': request('POST', '/a.txt', {}, 'body') + request('GET', '/exact'),
  '405 with a chunked body before another':
    request('POST', '/a.txt', CHUNKED, '4\r\nbody\r\n0\r\n\r\n') + request('GET', '/exact'),
  '200 with a chunked body before another':
    request('POST', '/ret/200t', CHUNKED, '4\r\nbody\r\n0\r\n\r\n') + request('GET', '/exact'),
  '200 with a body before another': request('POST', '/ret/200t', {}, 'body') + request('GET', '/exact'),
  '444 before another': request('GET', '/ret/444') + request('GET', '/exact'),
  'keepalive_timeout 0 before another': request('GET', '/ka0') + request('GET', '/exact'),
  'invalid in the middle': `${request('GET', '/exact')}GET /exact HTTP/1.1\r\nHost: a b\r\n\r\n${request('GET', '/exact')}`,
  'invalid line in the middle': `${request('GET', '/exact')}G=T / HTTP/1.1\r\n\r\n${request('GET', '/exact')}`,
  'empty line between': `${request('GET', '/exact')}\r\n${request('GET', '/exact')}`,
  'empty line first': `\r\n${request('GET', '/exact')}`,
  'HTTP/1.0': 'GET /exact HTTP/1.0\r\n\r\n',
  'HTTP/1.0 with Host': 'GET / HTTP/1.0\r\nHost: example.test\r\n\r\n',
  'HTTP/1.0 keep-alive': `GET /exact HTTP/1.0\r\nConnection: keep-alive\r\n\r\n${request('GET', '/exact')}`,
  'HTTP/1.0 file': 'GET /a.txt HTTP/1.0\r\n\r\n',
  'HTTP/1.0 large file': 'GET /big.bin HTTP/1.0\r\n\r\n',
  'HTTP/1.0 redirect': 'GET /dir HTTP/1.0\r\n\r\n',
  'HTTP/1.0 HEAD': 'HEAD /a.txt HTTP/1.0\r\n\r\n',
  'HTTP/1.0 with a second request': `GET /exact HTTP/1.0\r\n\r\n${request('GET', '/exact')}`,
  'Connection: Close': request('GET', '/exact', { Connection: 'Close' }),
  'Connection: keep-alive': request('GET', '/exact', { Connection: 'keep-alive' }),
  'Connection: x, close': request('GET', '/exact', { Connection: 'x, close' }),
  'absolute target': 'GET http://first.test/exact HTTP/1.1\r\nHost: first.test\r\n\r\n',
  'absolute target of another server': 'GET http://example.test/ HTTP/1.1\r\nHost: first.test\r\n\r\n',
  'absolute target with port': 'GET http://example.test:81/dir HTTP/1.1\r\nHost: first.test\r\n\r\n',
  'absolute target without path': 'GET http://example.test HTTP/1.1\r\nHost: first.test\r\n\r\n',
  'absolute target with query only': 'GET http://first.test?x=y HTTP/1.1\r\nHost: first.test\r\n\r\n',
  'absolute target, upper case': 'GET HTTP://FIRST.test/echo?a=b HTTP/1.1\r\nHost: first.test\r\n\r\n',
  'absolute target to a folder': 'GET http://first.test/dir HTTP/1.1\r\nHost: example.test\r\n\r\n',
  'https target': 'GET https://first.test/exact HTTP/1.1\r\nHost: first.test\r\n\r\n',
  'no Host': 'GET /exact HTTP/1.1\r\n\r\n',
  'two Hosts': 'GET /exact HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n',
  'empty Host': 'GET /exact HTTP/1.1\r\nHost:\r\n\r\n',
  'invalid Host': 'GET /exact HTTP/1.1\r\nHost: a/b\r\n\r\n',
  'directory redirect without Host': 'GET /dir HTTP/1.0\r\n\r\n',
  'lower-case method': 'get /exact HTTP/1.1\r\nHost: a\r\n\r\n',
  'HTTP/2.0': 'GET /exact HTTP/2.0\r\nHost: a\r\n\r\n',
  'HTTP/1.2': 'GET /exact HTTP/1.2\r\nHost: a\r\n\r\n',
  'HTTP/0.9': 'GET /exact\r\n',
  'HTTP/0.9 file': 'GET /a.txt\r\n',
  'HTTP/0.9 error': 'GET /missing\r\n',
  'too long line': `GET /${'x'.repeat(8300)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  'too long field': request('GET', '/exact', { 'X-Long': 'x'.repeat(8300) }),
  'long line that fits': `GET /echo?${'x'.repeat(8000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  'too large head': request(
    'GET',
    '/exact',
    Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`X-${n}`, 'x'.repeat(7000)])),
  ),
  'bad Content-Length': 'POST /ret/200t HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n',
  'negative Content-Length': 'POST /ret/200t HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n',
  'Transfer-Encoding and Content-Length':
    'POST /ret/200t HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'unknown Transfer-Encoding': 'POST /ret/200t HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n',
  'broken chunk': request('POST', '/a.txt', CHUNKED, 'zz\r\n'),
  'Expect on a request that has no body': request('GET', '/exact', { Expect: '100-continue' }),
  'unknown Expect': request('GET', '/exact', { Expect: 'x' }),
  'TLS hello': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n',
  'space in target': 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n',
  'control in target': 'GET /a\x01b HTTP/1.1\r\nHost: a\r\n\r\n',
  'high byte in target': 'GET /caf\xc3\xa9.txt HTTP/1.1\r\nHost: a\r\n\r\n',
  'CONNECT to an authority': 'CONNECT first.test:443 HTTP/1.1\r\nHost: first.test\r\n\r\n',
  asterisk: 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n',
  'asterisk with GET': 'GET * HTTP/1.1\r\nHost: a\r\n\r\n',
  'relative target': 'GET exact HTTP/1.1\r\nHost: a\r\n\r\n',
})

const names = [
  ...hosts([
    'first.test',
    'FIRST.test',
    'first.test:99',
    'first.test.',
    'example.test',
    'www.example.test',
    'x.example.test',
    'unknown',
  ]),
  ...hosts([
    'a.wild.test',
    'a.b.wild.test',
    'wild.test',
    'x.deep.wild.test',
    'deep.wild.test',
    'a.deep.wild.test.',
    'exact.wild.test',
  ]),
  ...hosts([
    'dot.test',
    'a.dot.test',
    'xdot.test',
    'mail.x',
    'mail.some.x',
    'mail.some.thing.else',
    'mail',
    'mail.',
  ]),
  ...hosts([
    're1.test',
    're22.test',
    'rex.test',
    'RE5.TEST',
    're.test',
    '127.0.0.1',
    '[::1]',
    '[::1]:80',
    'a_b',
    'a-b.c',
  ]),
  ...hosts(['redirecting.test', 'alias.redirecting.test', 'unknown.redirecting.test'], '/go'),
  ...hosts(['rewriting.test'], '/old/x?q=1'),
  ...hosts(['rewriting.test'], '/moved?q=1'),
  ...hosts(['rewriting.test'], '/fail'),
  ...hosts(['rewriting.test'], '/err'),
  ...hosts(['rewriting.test', 'returning.test'], '/other?x'),
  ...hosts(['nolocation.test'], '/a.txt'),
  ...hosts(['nolocation.test'], '/'),
  ...hosts(['nolocation.test'], '/missing'),
  ...hosts(['nolocation.test'], '/dir'),
  ...hosts(['first.test:8080', 'example.test', '[::1]:99', 'unknown', 'FIRST.TEST.'], '/dir'),
]

const second = onSecond([
  ...gets([
    '/a.txt',
    '//a.txt',
    '/dir//file.txt',
    '/dir',
    '/dir/',
    '/missing',
    '/ret/302',
    '/ret/404',
    '//',
    '/a//b',
    '/a/../a/x',
    '/a/b/../c',
  ]),
  ...gets(['/a%2F%2Fb', '/a/./b', '/a//../b', '/a//./b', '//a']),
  ...raw({
    'an underscore in a name': request('GET', '/hdr', { X_Y: '1' }),
    'an invalid name': request('GET', '/hdr', { 'X.Y': '1' }),
    keepalive_requests: request('GET', '/a').repeat(4),
    'line above the small buffers': `GET /a?${'x'.repeat(1100)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    'field above the small buffers': request('GET', '/a', { X: 'x'.repeat(1100) }),
  }),
])

export const CASES: readonly Case[] = [
  ...locations,
  ...files,
  ...paths,
  ...tries,
  ...returns,
  ...rewrites,
  ...errorPages,
  ...passes,
  ...fields,
  ...conditional,
  ...ranges,
  ...methodCases,
  ...conversations,
  ...names,
  ...second,
]
