/** Lines of access logs: what a client sends can neither forge a line nor break its form. */
import { afterAll, describe, expect, it } from 'vitest'
import { FrontHarness } from '../support/front-harness.ts'

const harness = new FrontHarness(`
  log_format default_way '"$http_user_agent" $http_none $arg_none. \u00e9';
  log_format json_way escape=json '{"agent":"$http_user_agent","none":"$http_none"}';
  log_format none_way escape=none '$http_user_agent|$http_none';
  log_format parts 'a' "b" $status;
  server {
    access_log logs/default.log default_way;
    access_log logs/json.log json_way;
    access_log logs/none.log none_way;
    access_log logs/combined.log;
    access_log logs/predefined.log json;
    access_log logs/parts.log parts;
    access_log logs/some.log parts if=$arg_log;
    return 200 "x";
    location /quiet { access_log off; }
  }`)

afterAll(() => harness.close())

const last = (name: string): string => harness.read(`logs/${name}.log`).trimEnd().split('\n').at(-1) ?? ''

describe('an escape', () => {
  const rows: readonly (readonly [octets: string, byDefault: string, json: string, none: string])[] = [
    ['plain', 'plain', 'plain', 'plain'],
    ['a"b', 'a\\x22b', 'a\\"b', 'a"b'],
    ['a\\b', 'a\\x5Cb', 'a\\\\b', 'a\\b'],
    ['a\tb', 'a\\x09b', 'a\\tb', 'a\tb'],
    ['caf\xc3\xa9', 'caf\\xC3\\xA9', 'caf\u00e9', 'caf\u00e9'],
    ['\xe2\x82\xac', '\\xE2\\x82\\xAC', '\u20ac', '\u20ac'],
    ['bad \xe9', 'bad \\xE9', 'bad \ufffd', 'bad \ufffd'],
    ["it's <b>", "it's <b>", "it's <b>", "it's <b>"],
  ]

  it.each(rows)('of %j', async (octets, byDefault, json, none) => {
    await harness.get('/', `User-Agent: ${octets}\r\n`)
    expect(last('default')).toBe(`"${byDefault}" - -. \u00e9`)
    expect(last('json')).toBe(`{"agent":"${json}","none":""}`)
    expect(() => JSON.parse(last('json')) as unknown).not.toThrow()
    expect(last('none')).toBe(`${none}|`)
  })
})

describe('a predefined format', () => {
  it('combined is that of nginx', async () => {
    const credentials = Buffer.from('me:x').toString('base64')
    await harness.get(
      '/path?x=y',
      `Authorization: Basic ${credentials}\r\nReferer: http://r/\r\nUser-Agent: me\r\n`,
    )
    expect(last('combined')).toMatch(
      /^192\.0\.2\.7 - me \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d [-+]\d{4}\] "GET \/path\?x=y HTTP\/1\.1" 200 1 "http:\/\/r\/" "me"$/,
    )
  })

  it('combined has dashes for what is not there', async () => {
    await harness.get('/')
    expect(last('combined')).toMatch(/^192\.0\.2\.7 - - \[.*\] "GET \/ HTTP\/1\.1" 200 1 "-" "-"$/)
  })

  it('json is an object with numbers as numbers, without what is not there', async () => {
    await harness.get('/path?x=y', 'User-Agent: caf\xc3\xa9 "\\\r\n')
    const record = JSON.parse(last('predefined')) as Record<string, unknown>
    expect(record).toEqual({
      time: expect.stringMatching(/^\d{4}-/) as string,
      id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      remote_addr: '192.0.2.7',
      method: 'GET',
      uri: '/path?x=y',
      protocol: 'HTTP/1.1',
      host: 'own.test',
      status: 200,
      bytes: 1,
      request_time: expect.any(Number) as number,
      user_agent: 'caf\u00e9 "\\',
    })
  })
})

describe('a log', () => {
  it('joins the strings of its format', async () => {
    await harness.get('/')
    expect(last('parts')).toBe('ab200')
  })

  it('with if= has a line only where the value is neither empty nor 0', async () => {
    for (const target of ['/?log=0', '/', '/?log=']) await harness.get(target)
    expect(harness.read('logs/some.log')).toBe('')
    await harness.get('/?log=1')
    expect(harness.read('logs/some.log')).toBe('ab200\n')
  })

  it('that is off has none', async () => {
    const own = new FrontHarness(
      'access_log logs/a.log; server { location / { return 200 x; } location /quiet { access_log off; return 200 x; } }',
    )
    await own.get('/quiet')
    expect(own.read('logs/a.log')).toBe('')
    await own.get('/')
    expect(own.read('logs/a.log').split('\n')).toHaveLength(2)
    own.close()
  })
})
