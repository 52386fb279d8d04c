/** Files changed by requests: a conf and conversations, each in a folder of its own. */
import type { Case } from '../front-nginx/cases.ts'

/** Each server has its own folder of files: they are changed. */
export const DAV_CONF = String.raw`
  types { text/plain txt; }
  access_log off;
  etag off;
  server {
    listen 127.0.0.1:%PORT%;
    root %FILES%/dav-%PORT%;
    client_max_body_size 1k;

    location / {
      dav_methods PUT DELETE MKCOL COPY MOVE;
      create_full_put_path on;
      dav_access user:rw group:r all:r;
    }
    location /strict/ { dav_methods put delete mkcol copy move; }
    location /few/ { dav_methods PUT; create_full_put_path on; }
    location /off/ { dav_methods off; }
    location /deep/ { dav_methods PUT DELETE; create_full_put_path on; min_delete_depth 3; }
    location /alias/ { alias %FILES%/dav-%PORT%/aliased/; dav_methods PUT COPY MOVE DELETE; create_full_put_path on; }
    location /short/ { absolute_redirect off; dav_methods PUT MKCOL; create_full_put_path on; }
    location /guarded/ {
      create_full_put_path on;
      dav_methods PUT DELETE;
      limit_except GET { deny all; }
    }
  }
`

export const DAV_FILES: Readonly<Record<string, string>> = { 'unused.txt': '' }

type Fields = Readonly<Record<string, string>>
type Step = readonly [method: string, target: string, fields?: Fields, body?: string]

function conversation(name: string, ...steps: readonly Step[]): Case {
  const bytes = steps.map(([method, target, fields = {}, body], index) => {
    const all = { Host: 'localhost', ...(index === steps.length - 1 && { Connection: 'close' }), ...fields }
    const lines = Object.entries(all).map(([field, value]) => `${field}: ${value}\r\n`)
    const length =
      body === undefined || 'Transfer-Encoding' in fields ? '' : `Content-Length: ${body.length}\r\n`
    return `${method} ${target} HTTP/1.1\r\n${lines.join('')}${length}\r\n${body ?? ''}`
  })
  return { name, bytes: bytes.join(''), methods: steps.map(([method]) => method) }
}

const put = (target: string, body: string, fields: Fields = {}): Step => ['PUT', target, fields, body]
const get = (target: string): Step => ['GET', target]
const to = (destination: string, fields: Fields = {}): Fields => ({ Destination: destination, ...fields })

export const DAV_CASES: Readonly<Record<string, readonly Case[]>> = {
  PUT: [
    conversation('new, again, empty', put('/p1/a.txt', 'one'), get('/p1/a.txt'), put('/p1/a.txt', 'two'), get('/p1/a.txt'), put('/p1/a.txt', ''), get('/p1/a.txt')),
    conversation('a name to escape', put('/p2/a%20b%3f.txt', 'x'), get('/p2/a%20b%3f.txt')),
    conversation('in chunks', ['PUT', '/p3/c.txt', { 'Transfer-Encoding': 'chunked' }, '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n'], get('/p3/c.txt')),
    conversation('a collection', put('/p4/x.txt', 'x'), put('/p4/', 'x'), put('/p4', 'x')),
    conversation('a range', put('/p5/x.txt', 'x', { 'Content-Range': 'bytes 0-0/1' })),
    conversation('no body', ['PUT', '/p6/x.txt']),
    conversation('too large', put('/p7/x.txt', 'x'.repeat(1025))),
    conversation('under a file', put('/p8/x.txt', 'x'), put('/p8/x.txt/y.txt', 'y')),
    conversation('a date', put('/p9/x.txt', 'x', { Date: 'Tue, 14 Nov 2023 22:13:20 GMT' }), get('/p9/x.txt'), put('/p9/x.txt', 'x', { Date: 'nonsense' })),
    conversation('no folder for it', put('/strict/none/x.txt', 'x'), get('/strict/none/x.txt')),
    conversation('no absolute Location', put('/short/x.txt', 'x'), ['MKCOL', '/short/sub/']),
    conversation('alias', put('/alias/a/x.txt', 'x'), get('/aliased/a/x.txt')),
  ],
  DELETE: [
    conversation('a file', put('/d1/x.txt', 'x'), ['DELETE', '/d1/x.txt'], get('/d1/x.txt'), ['DELETE', '/d1/x.txt']),
    conversation('a folder', put('/d2/in/x.txt', 'x'), put('/d2/in/deep/y.txt', 'y'), ['DELETE', '/d2/in'], ['DELETE', '/d2/in/'], get('/d2/in/deep/y.txt'), ['DELETE', '/d2/in/']),
    conversation('a file as a folder', put('/d3/x.txt', 'x'), ['DELETE', '/d3/x.txt/']),
    conversation('a body', put('/d4/x.txt', 'x'), ['DELETE', '/d4/x.txt', {}, 'body'], ['DELETE', '/d4/x.txt', {}, '']),
    ...['0', '1', 'infinity', 'x', ''].flatMap((Depth, index) => [
      conversation(`file, depth ${Depth}`, put(`/d5-${index}/x.txt`, 'x'), ['DELETE', `/d5-${index}/x.txt`, { Depth }]),
      conversation(`folder, depth ${Depth}`, put(`/d6-${index}/x.txt`, 'x'), ['DELETE', `/d6-${index}/`, { Depth }]),
    ]),
    conversation('too high', put('/deep/x/y.txt', 'y'), ['DELETE', '/deep/'], ['DELETE', '/deep/x'], ['DELETE', '/deep/x/'], ['DELETE', '/deep/x/y.txt']),
  ],
  MKCOL: [
    conversation('new, again', put('/m1/x.txt', 'x'), ['MKCOL', '/m1/new/'], ['MKCOL', '/m1/new/'], ['MKCOL', '/m1/new'], put('/m1/new/y.txt', 'y')),
    conversation('a parent is missing', ['MKCOL', '/m2-none/new/']),
    conversation('a body', ['MKCOL', '/m3/', {}, 'x']),
    conversation('a name to escape', ['MKCOL', '/m4%20x/']),
  ],
  COPY: [
    conversation('a file', put('/c1/x.txt', 'x'), ['COPY', '/c1/x.txt', to('/c1/y.txt')], get('/c1/y.txt'), get('/c1/x.txt')),
    conversation('absolute', put('/c2/x.txt', 'x'), ['COPY', '/c2/x.txt', to('http://localhost/c2/y%2ez.txt?q')], get('/c2/y.z.txt'), ['COPY', '/c2/x.txt', to('http://localhost:8080/c2/w.txt')]),
    conversation('what Destination may not be', put('/c3/x.txt', 'x'), ['COPY', '/c3/x.txt'], ['COPY', '/c3/x.txt', to('')], ['COPY', '/c3/x.txt', to('y.txt')], ['COPY', '/c3/x.txt', to('http://other/c3/y.txt')], ['COPY', '/c3/x.txt', to('https://localhost/c3/y.txt')], ['COPY', '/c3/x.txt', to('/c3/../y.txt')], ['COPY', '/c3/x.txt', to('/c3/%2e%2e/y.txt')], ['COPY', '/c3/x.txt', to('http://localhost')], ['COPY', '/c3/x.txt', to('/c3/y%00.txt')]),
    conversation('slashes that differ', put('/c4/x.txt', 'x'), ['COPY', '/c4/x.txt', to('/c4/y/')], ['COPY', '/c4/', to('/c4-other')]),
    conversation('over a file', put('/c5/x.txt', 'x'), put('/c5/y.txt', 'y'), ['COPY', '/c5/x.txt', to('/c5/y.txt', { Overwrite: 'F' })], ['COPY', '/c5/x.txt', to('/c5/y.txt', { Overwrite: 'x' })], get('/c5/y.txt'), ['COPY', '/c5/x.txt', to('/c5/y.txt', { Overwrite: 'T' })], get('/c5/y.txt')),
    conversation('over a folder', put('/c6/x.txt', 'x'), put('/c6/in/y.txt', 'y'), ['COPY', '/c6/x.txt', to('/c6/in')]),
    conversation('a folder', put('/c7/in/x.txt', 'x'), put('/c7/in/deep/y.txt', 'y'), ['COPY', '/c7/in/', to('/c7/out/')], get('/c7/out/deep/y.txt'), get('/c7/in/x.txt'), ['COPY', '/c7/in', to('/c7/out')], ['COPY', '/c7/in/', to('/c7/out/', { Overwrite: 'f' })], put('/c7/out/more.txt', 'm'), ['COPY', '/c7/in/', to('/c7/out/')], get('/c7/out/more.txt')),
    conversation('what is missing', put('/c8/x.txt', 'x'), ['COPY', '/c8/none.txt', to('/c8/y.txt')], ['COPY', '/c8/x.txt', to('/c8/none/y.txt')]),
    ...['0', '1', 'infinity', 'x'].flatMap((Depth, index) => [
      conversation(`depth ${Depth}`, put(`/c9-${index}/x.txt`, 'x'), ['COPY', `/c9-${index}/x.txt`, to(`/c9-${index}/y.txt`, { Depth })], ['COPY', `/c9-${index}/`, to(`/c9-${index}-other/`, { Depth })], get(`/c9-${index}-other/x.txt`)),
    ]),
    conversation('a body', put('/c10/x.txt', 'x'), ['COPY', '/c10/x.txt', to('/c10/y.txt'), 'x']),
    conversation('alias', put('/alias/c/x.txt', 'x'), ['COPY', '/alias/c/x.txt', to('/alias/c/y.txt')], get('/aliased/c/y.txt')),
    conversation('a folder without its slash', put('/c11/in/x.txt', 'x'), ['COPY', '/c11/in', to('/c11/out')]),
  ],
  MOVE: [
    conversation('a file', put('/v1/x.txt', 'x'), ['MOVE', '/v1/x.txt', to('/v1/y.txt')], get('/v1/y.txt'), get('/v1/x.txt')),
    conversation('into new folders', put('/v2/x.txt', 'x'), ['MOVE', '/v2/x.txt', to('/v2/a/b/y.txt')], get('/v2/a/b/y.txt')),
    conversation('a folder', put('/v3/in/x.txt', 'x'), ['MOVE', '/v3/in/', to('/v3/out/')], get('/v3/out/x.txt'), get('/v3/in/x.txt')),
    conversation('over a folder', put('/v4/in/x.txt', 'x'), put('/v4/out/y.txt', 'y'), ['MOVE', '/v4/in/', to('/v4/out/', { Overwrite: 'F' })], ['MOVE', '/v4/in/', to('/v4/out/')], get('/v4/out/x.txt'), get('/v4/out/y.txt')),
    conversation('what is missing', ['MOVE', '/v5/none.txt', to('/v5/y.txt')], ['MOVE', '/v5-none/', to('/v5-other/')]),
    ...['0', 'infinity'].map((Depth) => conversation(`depth ${Depth}`, put(`/v6-${Depth}/x.txt`, 'x'), ['MOVE', `/v6-${Depth}/x.txt`, to(`/v6-${Depth}/y.txt`, { Depth })])),
  ],
  'methods that are off': [
    conversation('few', put('/few/x.txt', 'x'), ['DELETE', '/few/x.txt'], ['MKCOL', '/few/y/'], ['COPY', '/few/x.txt', to('/few/y.txt')], ['MOVE', '/few/x.txt', to('/few/y.txt')], ['POST', '/few/x.txt', {}, 'x']),
    conversation('off', put('/off/x.txt', 'x'), ['DELETE', '/off/x.txt']),
    conversation('guarded', put('/guarded/x.txt', 'x'), ['DELETE', '/guarded/x.txt']),
  ],
} // prettier-ignore
