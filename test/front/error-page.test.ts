/** `error_page`: whose answer it is and with which status. What nginx does with the same is in test/system. */
import { afterAll, describe, expect, it } from 'vitest'
import { FrontHarness } from '../support/front-harness.ts'

const harness = new FrontHarness(
  `server {
    root html;
    error_page 404 /own.html;
    error_page 403 =200 /own.html;
    error_page 405 = /text;
    error_page 410 @named;
    error_page 411 =299 @named;
    error_page 500 502 /missing.html;
    error_page 501 http://other.test/$status;
    error_page 503 =301 http://other.test/;
    error_page 404 /never.html;
    location / { }
    location /text { return 201 "text for $uri"; }
    location @named { return 202 "named for $uri"; }
    location /403 { return 403; }
    location /405 { return 405; }
    location /410 { return 410; }
    location /411 { return 411; }
    location /500 { return 500; }
    location /501 { return 501; }
    location /503 { return 503; }
    location /418 { return 418; }
    location /mine { error_page 404 =402 /text; return 404; }
    location /inner { error_page 403 /text; location /inner/x { return 404; } }
    location /secret { internal; return 200 "secret"; }
    location /tosecret { error_page 404 =200 /secret; return 404; }
    location /again { error_page 404 /again2; return 404; }
    location /again2 { return 403; }
  }`,
  { 'html/own.html': 'own page' },
)

afterAll(() => harness.close())

describe('a status', () => {
  it.each<[string, number, string | RegExp]>([
    ['/nothing', 404, 'own page'],
    ['/403', 200, 'own page'],
    ['/405', 201, 'text for /text'],
    ['/410', 410, 'named for /410'],
    ['/411', 299, 'named for /411'],
    ['/500', 404, /404 Not Found/],
    ['/501', 302, /302 Found/],
    ['/503', 301, /301 Moved Permanently/],
    ['/418', 418, /I'm a teapot/],
    ['/mine', 402, 'text for /text'],
    ['/inner/x', 404, /404 Not Found/],
    ['/secret', 404, 'own page'],
    ['/tosecret', 200, 'secret'],
    ['/again', 403, /403 Forbidden/],
  ])('of %s is answered with %i', async (target, status, body) => {
    const answer = await harness.get(target)
    expect(answer.status).toBe(status)
    expect(answer.body).toMatch(body)
  })

  it('leads to a URL that may hold it', async () => {
    expect((await harness.get('/501')).headers.get('location')).toBe('http://other.test/501')
  })

  it('is logged as it was sent', async () => {
    const own = new FrontHarness(
      'log_format s $status; access_log logs/s.log s; server { error_page 404 =200 @x; location @x { return 201 x; } location / { return 404; } }',
    )
    await own.get('/')
    expect(own.read('logs/s.log')).toBe('200\n')
    own.close()
  })

  it('keeps HEAD a HEAD and makes the rest a GET', async () => {
    const own = new FrontHarness(
      'server { error_page 404 /m; location = /m { return 200 $request_method; } location / { return 404; } }',
    )
    expect(await own.ask('POST / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 404 [^]*\r\n\r\nGET$/)
    expect(await own.ask('HEAD / HTTP/1.0\r\n\r\n')).toMatch(/Content-Length: 4\r\n[^]*\r\n\r\n$/)
    own.close()
  })
})
