/** A project that changes while it is served. */
import { existsSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DevProcess } from '../support/dev-process.ts'

let folder: string
let dev: DevProcess

const conf = (said: string): string => `events {}
app site { entry wsgi.ts; }
http { server { listen 127.0.0.1:8080; location /said { return 200 "${said}"; } location / { app_pass site; } } }
`

/** `/slow` writes the file `begun` and answers when the file `go` is there. */
const entry = (version: string): string => `import { existsSync, writeFileSync } from 'node:fs'
import { part } from './part.ts'
export async function application(environ: any, startResponse: any) {
  if (environ.PATH_INFO === '/slow') writeFileSync('begun', '')
  while (environ.PATH_INFO === '/slow' && !existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 5))
  startResponse('200 OK', [['Content-Type', 'text/plain']])
  return [Buffer.from('${version} ' + part)]
}
`

function write(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), text)
}

const get = async (path: string): Promise<string> => (await fetch(dev.origin + path)).text()

async function until(path: string, wanted: string | RegExp): Promise<string> {
  for (;;) {
    const text = await get(path)
    if (typeof wanted === 'string' ? text === wanted : wanted.test(text)) return text
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portico-reload-'))
  write('conf/portico.conf', conf('one'))
  write('wsgi.ts', entry('first'))
  write('part.ts', "export const part = 'a'\n")
  dev = await DevProcess.start({ folder })
})
afterAll(async () => {
  expect(await dev.stop()).toBe(0)
  rmSync(folder, { recursive: true })
})

describe('a change of the project', () => {
  it('is served by a new thread, also that of a module that the entry imports', async () => {
    expect(await get('/')).toBe('first a')
    write('part.ts', "export const part = 'b'\n")
    await until('/', 'first b')
  })

  it('lets requests under way end on the old one', async () => {
    const slow = get('/slow')
    while (!existsSync(join(folder, 'begun'))) await new Promise((resolve) => setTimeout(resolve, 5))
    write('wsgi.ts', entry('second'))
    await until('/', 'second b')
    write('go', '')
    expect(await slow).toBe('first b')
  })

  it('shows what is wrong, where, until it is mended', async () => {
    write('wsgi.ts', 'const a = 1\nthrow new Error("out of " + "columns")\n')
    const page = await until('/', /out of columns/)
    expect(page).toContain(`${folder}/wsgi.ts:2`)
    expect(page).toContain('>     2  throw new Error')
    write('wsgi.ts', entry('third'))
    await until('/', 'third b')
  })

  it('of the conf is read, and one with a fault is not', async () => {
    write('conf/portico.conf', conf('two'))
    await until('/said', 'two')
    write('conf/portico.conf', 'http { lisen; }')
    await dev.waitFor(/the conf stays as it was: .*unknown directive "lisen"/)
    expect(await get('/said')).toBe('two')
    write('conf/portico.conf', conf('three'))
    await until('/said', 'three')
  })
})
