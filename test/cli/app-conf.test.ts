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
    ['fewer than the least', 'app a { entry good.ts; workers 3..2; }', 'invalid number of workers "3..2"'],
    [
      'a limit of a number that is fixed',
      'app a { entry good.ts; workers 2 idle=10s; }',
      'invalid parameter "idle=10s"',
    ],
    [
      'a time that is none',
      'app a { entry good.ts; workers 1..2 delay=soon; }',
      '"workers" directive invalid value',
    ],
    [
      'a number of programs that changes',
      'app a { command x; workers 1..2; }',
      'app "a" has a "command", whose "workers" is a number',
    ],
    ['a bad address', 'app a { entry good.ts; listen unix:; }', 'no path in the unix domain socket'],
    [
      'an address that others reach, open to all',
      'app a {\n entry good.ts;\n listen 0.0.0.0:9000;\n}',
      '"listen 0.0.0.0:9000" of app "a" is reachable from other machines, and whoever reaches it can set every variable of a request: name who may with "allow" in %PREFIX%/conf/portico.conf:3',
    ],
    [
      'an allowance that is none',
      'app a { entry good.ts; allow example.com; }',
      'invalid parameter "example.com"',
    ],
    [
      'a mode that is none',
      'app a { entry good.ts; listen unix:a.sock mode=rw; }',
      'invalid parameter "mode=rw"',
    ],
    ['a umask that is none', 'app a { entry good.ts; umask 8; }', '"umask" directive invalid value'],
    ['a time that is none', 'app a { entry good.ts; harakiri soon; }', '"harakiri" directive invalid value'],
    [
      'a number that is none',
      'app a { entry good.ts; max_requests many; }',
      '"max_requests" directive invalid number',
    ],
    [
      'too many arguments',
      'app a { entry good.ts; concurrency 1 2; }',
      'invalid number of arguments in "concurrency" directive',
    ],
    ['the wrong place', 'harakiri 1s; app a { entry good.ts; }', '"harakiri" directive is not allowed here'],
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
