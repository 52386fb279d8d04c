/** The command line: what it prints, how it ends, and that nothing is started where nothing may be. */
import { connect, createServer, type AddressInfo } from 'node:net'
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { PorticoServer, runPortico, type PorticoRun } from '../support/portico-server.ts'
import { sendRaw } from '../support/raw-client.ts'

const GOOD = 'http { access_log off; server { listen 127.0.0.1:8902; return 200 "x"; } }'
const TESTED =
  'portico: the configuration file %PREFIX%/conf/portico.conf syntax is ok\n' +
  'portico: configuration file %PREFIX%/conf/portico.conf test is successful\n'

async function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

describe('Options that only tell', () => {
  it.each<[string, string[], RegExp, number]>([
    ['-v', ['-v'], /^portico version: portico\/\S+\n$/, 0],
    ['-V', ['-V'], /^portico version: portico\/\S+\nbuilt for Node\.js, running on v\d+\.\d+\.\d+\n$/, 0],
    ['-h', ['-h'], /^portico version: .*\nUsage: portico \[-\?hvVtTq\]/, 0],
    ['-?', ['-?'], /^portico version: .*\nUsage: portico/, 0],
    ['an unknown option', ['-x'], /^portico: invalid option: "x"\n$/, 1],
    ['a word', ['word'], /^portico: invalid option: "word"\n$/, 1],
    ['an unknown signal', ['-s', 'nosuch'], /^portico: invalid option: "-s nosuch"\n$/, 1],
    ['-c without a file', ['-c'], /^portico: option "-c" requires file name\n$/, 1],
    ['-e without a file', ['-e'], /^portico: option "-e" requires file name\n$/, 1],
    ['-g without directives', ['-g'], /^portico: option "-g" requires parameter\n$/, 1],
    ['-s without a signal', ['-s'], /^portico: option "-s" requires parameter\n$/, 1],
    ['-p without a folder', ['-p'], /^portico: option "-p" requires directory name\n$/, 1],
  ])('%s', async (_name, args, output, code) => {
    const run = await runPortico({ conf: GOOD, args })
    expect(run.output).toMatch(output)
    expect(run.code).toBe(code)
  })
})

describe('-t', () => {
  const run = (conf: string, args: string[], files: Record<string, string> = {}): Promise<PorticoRun> =>
    runPortico({ conf, args, files: { 'logs/.keep': '', ...files } })

  it('says that a good conf is good, and starts nothing', async () => {
    expect(await run(GOOD, ['-t'])).toEqual({ code: 0, output: TESTED })
    expect(await isListening(8902)).toBe(false)
  })

  it('says nothing with -q, in one word or two', async () => {
    expect(await run(GOOD, ['-tq'])).toEqual({ code: 0, output: '' })
    expect(await run(GOOD, ['-q', '-t'])).toEqual({ code: 0, output: '' })
  })

  it('says what is wrong also with -q', async () => {
    const { code, output } = await run('http { nosuch on; }', ['-tq'])
    expect(code).toBe(1)
    expect(output).toContain('portico: [emerg] unknown directive "nosuch" in %PREFIX%/conf/portico.conf:1\n')
  })

  it('ends with 1 and names file and line', async () => {
    const { code, output } = await run('http {\n  server {\n    lissen 80;\n  }\n}', ['-t'])
    expect(code).toBe(1)
    expect(output).toBe(
      'portico: [emerg] unknown directive "lissen", did you mean "listen"? in %PREFIX%/conf/portico.conf:3\n' +
        'portico: configuration file %PREFIX%/conf/portico.conf test failed\n',
    )
  })

  it('names the file that was included', async () => {
    const { output } = await run('http { include extra/*.conf; }', ['-t'], {
      'conf/extra/a.conf': '# fine\n',
      'conf/extra/b.conf': 'server {\n listen x;\n}\n',
    })
    expect(output).toContain(
      'host not found in "x" of the "listen" directive in %PREFIX%/conf/extra/b.conf:2',
    )
  })

  it('prints warnings and is content', async () => {
    const { code, output } = await run('http { server { sendfile on; } }', ['-t'])
    expect(code).toBe(0)
    expect(output).toMatch(
      /^portico: \[warn\] no effect in this server: "sendfile" .* in %PREFIX%\/conf\/portico\.conf:1\n/,
    )
    expect(output).toContain(TESTED)
  })

  it('reads another file with -c, relative to the prefix, and directives with -g', async () => {
    const files = { 'other.conf': 'http { }\n' }
    const other = await run('nosuch;', ['-t', '-c', 'other.conf', '-g', 'worker_processes 2;'], files)
    expect(other.code).toBe(0)
    const bad = await run('nosuch;', ['-t', '-c', 'other.conf', '-g', 'worker_processes two;'], files)
    expect(bad.code).toBe(1)
    expect(bad.output).toContain('"worker_processes" directive invalid number in command line')
    const unended = await run('nosuch;', ['-t', '-c', 'other.conf', '-g', 'worker_processes 2'], files)
    expect(unended.code).toBe(1)
    expect(unended.output).toContain('in command line')
  })

  it('says that there is no conf', async () => {
    const { code, output } = await run(GOOD, ['-t', '-c', 'nosuch.conf'])
    expect(code).toBe(1)
    expect(output).toBe(
      'portico: [emerg] open() "%PREFIX%/nosuch.conf" failed (2: No such file or directory)\n' +
        '  is it spelled right? ls %PREFIX%\n' +
        'portico: configuration file %PREFIX%/nosuch.conf test failed\n',
    )
  })

  it('does not mind that the port is taken', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as AddressInfo
    expect((await run(`http { access_log off; server { listen 127.0.0.1:${port}; } }`, ['-t'])).code).toBe(0)
    taken.close()
  })

  it.each<[string, string, RegExp]>([
    [
      'ten thousand blocks in each other',
      `http { server { ${'location / { '.repeat(10_000)}`,
      /\[emerg\] .* in %PREFIX%/,
    ],
    ['ten thousand closing braces', '}'.repeat(10_000), /unexpected "}" in %PREFIX%\/conf\/portico\.conf:1/],
    ['a file that includes itself', 'include portico.conf;', /\[emerg\] .*%PREFIX%\/conf\/portico\.conf/],
    [
      'binary',
      Buffer.from(Array.from({ length: 5000 }, (_, n) => (n * 7919) % 256)).toString('latin1'),
      /\[emerg\] /,
    ],
    ['a word of a megabyte', `http { root ${'x'.repeat(1 << 20)}; }`, /too long parameter/],
  ])('refuses %s with a line, not with a stack', async (_name, conf, message) => {
    const { code, output } = await run(conf, ['-t'])
    expect(code).toBe(1)
    expect(output).toMatch(message)
    expect(output).not.toMatch(/^\s+at /m)
    expect(output.length).toBeLessThan(5000)
  })
})

describe('-T', () => {
  it('prints every file as it was read', async () => {
    const conf = 'http {\n  include extra.conf; # here\n}\n'
    const { code, output } = await runPortico({
      conf,
      args: ['-T'],
      files: { 'conf/extra.conf': 'server { }\n', 'logs/.keep': '' },
    })
    expect(code).toBe(0)
    expect(output).toContain(`# configuration file %PREFIX%/conf/portico.conf:\n${conf}`)
    expect(output).toContain('# configuration file %PREFIX%/conf/extra.conf:\nserver { }\n')
    expect(output).toContain(TESTED)
  })
})

describe('A start that fails', () => {
  it.each<[string, string, RegExp]>([
    [
      'for a bad conf',
      'http {\n nosuch;\n}',
      /\[emerg\] .*unknown directive "nosuch" in %PREFIX%\/conf\/portico\.conf:2/,
    ],
    [
      'for an address of nobody',
      'http { access_log off; server { listen 192.0.2.1:8903; } }',
      /\[emerg\] .*bind\(\) to 192\.0\.2\.1:8903 failed \(99: Cannot assign requested address\)/,
    ],
    [
      'for a log that cannot be opened',
      'http { access_log nosuch/a.log; server { listen 127.0.0.1:8903; } }',
      /\[emerg\] open\(\) "%PREFIX%\/nosuch\/a\.log" failed \(2: No such file or directory\)/,
    ],
    [
      'for an error log that cannot be opened',
      'error_log nosuch/e.log;\nhttp { access_log off; server { listen 127.0.0.1:8903; } }',
      /\[emerg\] open\(\) "%PREFIX%\/nosuch\/e\.log" failed \(2: No such file or directory\)/,
    ],
    [
      'for a socket in a missing folder',
      'http { access_log off; server { listen unix:nosuch/x.sock; } }',
      /\[emerg\] .*bind\(\) to unix:%PREFIX%\/nosuch\/x\.sock failed \(2: No such file or directory\)/,
    ],
  ])('%s says so, ends with 1 and leaves nothing', async (_name, conf, message) => {
    const { code, output } = await runPortico({ conf })
    expect(code).toBe(1)
    expect(output).toMatch(message)
    expect(output).not.toMatch(/^\s+at /m)
    expect(await isListening(8903)).toBe(false)
  })

  it('for a busy port says who listens there', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as AddressInfo
    const { code, output } = await runPortico({
      conf: `http { access_log off; server { listen 127.0.0.1:${port}; } }`,
    })
    taken.close()
    expect(code).toBe(1)
    expect(output).toMatch(
      new RegExp(
        `\\[emerg\\] .*bind\\(\\) to 127\\.0\\.0\\.1:${port} failed \\(98: Address already in use\\), process ${process.pid} \\([^)]*\\).*\n +\\S+ \\(process ${process.pid}\\) listens on 127\\.0\\.0\\.1:${port}: stop it`,
      ),
    )
  })

  it('binds none of its addresses when one is busy', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as AddressInfo
    const other = await freePort()
    const servers = `server { listen 127.0.0.1:${other}; } server { listen 127.0.0.1:${port}; }`
    expect((await runPortico({ conf: `http { access_log off; ${servers} }` })).code).toBe(1)
    taken.close()
    expect(await isListening(other)).toBe(false)
  })
})

describe('A running server', () => {
  async function withServer(
    args: readonly string[],
    test: (server: PorticoServer, port: number) => Promise<void>,
  ): Promise<void> {
    const port = await freePort()
    const server = await PorticoServer.start({
      conf: `http { access_log logs/access.log; server { listen 127.0.0.1:${port}; return 200 "$pid"; } }`,
      files: { 'logs/.keep': '' },
      args,
    })
    try {
      await test(server, port)
    } finally {
      await server.stop()
    }
  }

  const signal = (server: PorticoServer, name: string): Promise<PorticoRun> => server.command(['-s', name])
  const workerOf = async (port: number): Promise<string> =>
    (await sendRaw(port, 'GET / HTTP/1.0\r\n\r\n')).text.split('\r\n\r\n')[1] ?? ''

  it('ends at -s stop and at -s quit, and removes its pid file', async () => {
    for (const name of ['stop', 'quit']) {
      await withServer([], async (server, port) => {
        expect(await isListening(port)).toBe(true)
        expect(await signal(server, name)).toEqual({ code: 0, output: '' })
        expect(await server.exited).toBe(0)
        expect(await isListening(port)).toBe(false)
        expect(existsSync(server.path('run/portico.pid'))).toBe(false)
        expect((await signal(server, name)).code).toBe(1)
      })
    }
  })

  it('gets new workers at -s reload, and keeps the old ones when the new conf is bad', async () => {
    await withServer([], async (server, port) => {
      const first = await workerOf(port)
      const good = server.read('conf/portico.conf')
      server.write('conf/portico.conf', 'nosuch;')
      expect((await signal(server, 'reload')).code).toBe(1)
      server.signal('SIGHUP')
      await server.waitFor(() => server.output.includes('unknown directive "nosuch"'), 'the refusal')
      expect(await workerOf(port)).toBe(first)
      server.write('conf/portico.conf', good)
      expect((await signal(server, 'reload')).code).toBe(0)
      await expect.poll(() => workerOf(port), { timeout: 10_000 }).not.toBe(first)
    })
  })

  it('opens its logs anew at -s reopen', async () => {
    await withServer(['-e', 'logs/own.log'], async (server, port) => {
      await workerOf(port)
      server.move('logs/access.log', 'logs/access.log.1')
      expect((await signal(server, 'reopen')).code).toBe(0)
      await expect
        .poll(async () => {
          await workerOf(port)
          return server.read('logs/access.log')
        })
        .toContain('GET / HTTP/1.0')
      expect(server.read('logs/own.log')).toContain('[notice]')
      expect(server.output).toBe('')
    })
  })

  it('takes directives of -g', async () => {
    await withServer(['-g', 'worker_processes 2; error_log logs/g.log info;'], async (server) => {
      await server.waitFor(() => server.read('logs/g.log').includes('worker front#1'), 'two workers')
    })
  })
})
