/** Responses fetched in pieces. */
import type { Case } from '../front-nginx/cases.ts'
import { get } from './modules-cases.ts'

export const SLICE_CONF = String.raw`
  types { text/plain txt; text/html html; }
  access_log off;
  server {
    listen 127.0.0.1:%PORT%;
    proxy_http_version 1.1;
    location / {
      slice 10;
      proxy_set_header Range $slice_range;
      proxy_pass http://127.0.0.1:%PORT%/files/;
    }
    location /large/ {
      slice 64k;
      proxy_set_header Range $slice_range;
      proxy_pass http://127.0.0.1:%PORT%/files/;
    }
    location /unused/ { slice 10; proxy_set_header Range ""; proxy_pass http://127.0.0.1:%PORT%/files/; }
    location /off/ { proxy_set_header Range $slice_range; proxy_pass http://127.0.0.1:%PORT%/files/; }
    location /zipped/ {
      slice 10;
      gzip on;
      gzip_min_length 1;
      proxy_set_header Range $slice_range;
      proxy_pass http://127.0.0.1:%PORT%/files/;
    }
    location /rewritten/ {
      slice 10;
      rewrite ^/rewritten/(.*)$ /files/$1 break;
      proxy_set_header Range $slice_range;
      proxy_pass http://127.0.0.1:%PORT%;
    }
    location /ignoring/ { slice 10; proxy_set_header Range $slice_range; proxy_pass http://127.0.0.1:%PORT%/whole/; }
    location /changing/ { slice 10; proxy_set_header Range $slice_range; proxy_pass http://127.0.0.1:%PORT%/changed/; }
    location /shown { slice 10; add_header X-Range $slice_range; return 200 "[$slice_range]"; }
    location /files/ { alias %FILES%/; }
    location /whole/ { alias %FILES%/; max_ranges 0; }
    location /changed/ { alias %FILES%/; if ($http_range != "bytes=0-9") { return 404; } }
  }
`

export const SLICE_FILES: Readonly<Record<string, string>> = {
  'a.txt': 'The quick brown fox jumps over the lazy dog.\n',
  'ten.txt': '0123456789',
  'twenty.html': '01234567890123456789',
  'empty.txt': '',
  'large.txt': Array.from({ length: 40_000 }, (_, index) => `line ${index}\n`).join(''),
}

const RANGES = [
  'bytes=0-0',
  'bytes=0-9',
  'bytes=5-14',
  'bytes=10-',
  'bytes=12-13',
  'bytes=25-1000',
  'bytes=44-44',
  'bytes=45-',
  'bytes=1000-',
  'bytes=-1',
  'bytes=-12',
  'bytes=-1000',
  'bytes= 20 - 30',
  'bytes=0-1,20-21',
  'BYTES=11-12',
  'lines=1-2',
]

export const SLICE_CASES: Readonly<Record<string, readonly Case[]>> = {
  slice: [
    ...['a.txt', 'ten.txt', 'twenty.html', 'empty.txt', 'none.txt'].flatMap((name) =>
      ['/', '/unused/', '/off/', '/zipped/', '/rewritten/', '/ignoring/'].flatMap((folder) => [
        get(`${folder}${name}`),
        get(`${folder}${name}`, {}, 'HEAD'),
      ]),
    ),
    ...RANGES.flatMap((Range) => [
      get('/a.txt', { Range }),
      get('/unused/a.txt', { Range }),
      get('/ignoring/a.txt', { Range }),
    ]),
    get('/zipped/twenty.html', { 'Accept-Encoding': 'gzip' }),
    get('/a.txt', { Range: 'bytes=20-22', 'If-Range': '"other"' }),
    get('/large/large.txt'),
    get('/large/large.txt', { Range: 'bytes=100000-300000' }),
    get('/large/large.txt', { Range: 'bytes=-100000' }),
    get('/changing/ten.txt'),
    get('/shown'),
    get('/shown', { Range: 'bytes=37-' }),
  ],
}
