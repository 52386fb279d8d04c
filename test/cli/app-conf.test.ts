/** Faults of `app { }` blocks: named with file and line, nothing started. */
import { describe, expect, it } from 'vitest'
import { runPortico } from '../support/portico-server.ts'

const files = {
  'good.ts': 'export const application = (_environ, start) => (start("200 OK", []), [])\n',
  'none.ts': 'export const handler = 1\n',
  'enum.ts': 'enum Colour { red }\nexport const application = () => [Colour.red]\n',
}

const http = 'http { access_log off; server { listen 127.0.0.1:8790; location / { app_pass a; } } }'

describe('app blocks', () => {
  it.each<[string, string, string]>([
    [
      'no entry',
      'app a { workers 1; }',
      'app "a" has neither "entry" nor "command" in %PREFIX%/conf/portico.conf:1',
    ],
    [
      'both',
      'app a { entry good.ts; command x; }',
      'app "a" has both "entry" and "command" in %PREFIX%/conf/portico.conf:1',
    ],
    [
      'a missing file',
      'app a {\n entry gone.ts;\n}',
      'entry "%PREFIX%/gone.ts" of app "a" is no file in %PREFIX%/conf/portico.conf:2',
    ],
    [
      'a second one',
      'app a { entry good.ts; }\napp a { entry good.ts; }',
      'duplicate app "a" in %PREFIX%/conf/portico.conf:2',
    ],
    ['a bad name', 'app a/b { entry good.ts; }', 'invalid app name "a/b" in %PREFIX%/conf/portico.conf:1'],
    [
      'an unknown protocol',
      'app a { entry good.ts; protocol smtp; }',
      'invalid value "smtp" in %PREFIX%/conf/portico.conf:1',
    ],
    [
      'no workers',
      'app a { entry good.ts; workers 0; }',
      'value must be between 1 and 1024 in %PREFIX%/conf/portico.conf:1',
    ],
    ['a bad address', 'app a { entry good.ts; listen unix:; }', 'no path in the unix domain socket'],
    [
      'an app that is not there',
      'app b { entry good.ts; }',
      'app "a" is not defined in %PREFIX%/conf/portico.conf:2',
    ],
  ])('refuse %s at -t', async (_name, block, message) => {
    const { code, output } = await runPortico({ conf: `${block}\n${http}\n`, files, args: ['-t'] })
    expect(output).toContain(`[emerg] ${message}`)
    expect(code).toBe(1)
  })

  it.each([
    ['a module without application', 'none.ts', 'application'],
    ['syntax that cannot be stripped', 'enum.ts', 'enum'],
  ])('refuse %s at the start', async (_name, entry, word) => {
    const { code, output } = await runPortico({
      conf: `error_log stderr;\napp a { entry ${entry}; }\n${http}\n`,
      files,
    })
    expect(output).toContain('[emerg]')
    expect(output).toContain(entry)
    expect(output).toContain(word)
    expect(code).toBe(1)
  })
})
