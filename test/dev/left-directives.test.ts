import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { LEFT, leftDirectives } from '../../src/dev/left-directives.ts'
import { appDirectives } from '../../src/app/app-directives.ts'
import { mainDirectives } from '../../src/cli/main-directives.ts'
import { frontDirectives } from '../../src/front/compile/front-modules.ts'

const text = `worker_processes 2;
app a { entry x.ts; workers 2; }
http {
  sendfile on;
  server { location / { proxy_pass http://x; proxy_buffering off; proxy_set_header A b; add_header X y; } }
  server { sendfile off; ssl_certificate x; ssl_certificate_key y; }
}`

describe('directives that are left to the front', () => {
  it('are named once, under the reason', () => {
    const { statements } = loadConfig('c', { read: () => text, glob: () => [] })
    expect(leftDirectives(statements).map(({ names }) => names)).toEqual([
      ['worker_processes'],
      ['workers'],
      ['ssl_certificate', 'ssl_certificate_key'],
      ['sendfile'],
      ['proxy_buffering'],
    ])
  })

  it('are directives that there are', () => {
    const names = [...mainDirectives, ...appDirectives, ...frontDirectives].map(({ name }) => name)
    const patterns = LEFT.flatMap(([, list]) => list)
    const unknown = patterns.filter((pattern) =>
      pattern.endsWith('*')
        ? !names.some((name) => name.startsWith(pattern.slice(0, -1)))
        : !names.includes(pattern),
    )
    expect(unknown).toEqual([])
  })
})
