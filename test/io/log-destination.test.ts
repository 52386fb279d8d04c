import { execFileSync, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { LogConflict, LogDestinations } from '../../src/io/log-destination.ts'
import { writeGatheredLines } from '../../src/io/log-file.ts'
import { createErrorLogger } from '../../src/io/error-logger.ts'
import { formatSyslogHeader, parseSyslog } from '../../src/io/syslog-message.ts'

let folder: string
let logs: LogDestinations

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-'))
  logs = new LogDestinations('box')
})

afterEach(() => {
  vi.useRealTimers()
  logs.close()
  rmSync(folder, { recursive: true, force: true })
})

const inFolder = (name: string): string => join(folder, name)
const read = (name: string): string => readFileSync(inFolder(name), 'utf8')

describe('a file', () => {
  test('has a line at once, behind what it had', () => {
    writeFileSync(inFolder('a.log'), 'before\n')
    logs.open(inFolder('a.log')).write('grün\n')
    expect(read('a.log')).toBe('before\ngrün\n')
  })

  test('has lines that may wait by the end of the turn, in order, and before a connection is closed', async () => {
    const log = logs.open(inFolder('a.log'))
    log.writeSoon('1\n')
    log.writeSoon('2\n')
    expect(read('a.log')).toBe('')
    log.write('3\n')
    expect(read('a.log')).toBe('1\n2\n3\n')
    log.writeSoon('4\n')
    await new Promise((resolve) => setImmediate(resolve))
    expect(read('a.log')).toBe('1\n2\n3\n4\n')
    const other = logs.open(inFolder('b.log'))
    log.writeSoon('5\n')
    other.writeSoon('6\n')
    writeGatheredLines()
    expect([read('a.log'), read('b.log')]).toEqual(['1\n2\n3\n4\n5\n', '6\n'])
    log.writeSoon('x'.repeat(40_000))
    expect(read('a.log').length).toBe(40_010)
  })

  test('is written on under its new name until it is reopened; one that was deleted is made again', () => {
    const log = logs.open(inFolder('a.log'))
    log.write('1\n')
    renameSync(inFolder('a.log'), inFolder('a.log.1'))
    log.write('2\n')
    logs.reopen()
    log.write('3\n')
    expect([read('a.log.1'), read('a.log')]).toEqual(['1\n2\n', '3\n'])
    rmSync(inFolder('a.log'))
    logs.reopen()
    log.write('4\n')
    expect(read('a.log')).toBe('4\n')
  })

  test('that cannot be reopened is written on', () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const sub = mkdtempSync(join(folder, 'sub-'))
    const log = logs.open(join(sub, 'a.log'))
    renameSync(sub, inFolder('moved'))
    logs.reopen()
    log.write('1\n')
    expect(stderr).toHaveBeenCalledWith(expect.stringContaining('failed (2: No such file or directory)'))
    stderr.mockRestore()
    expect(read('moved/a.log')).toBe('1\n')
  })

  test('in a folder that is not there cannot be opened', () => {
    expect(() => logs.open(inFolder('no/a.log'))).toThrow('ENOENT')
  })

  test('on a full disk loses lines, says so once on stderr and with their number in the log, and goes on', (context) => {
    if (process.getuid?.() !== 0) return context.skip()
    const options = ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', folder]
    if (spawnSync('mount', options).status !== 0) return context.skip()
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    try {
      const log = logs.open(inFolder('a.log'))
      writeFileSync(inFolder('filler'), Buffer.alloc(4096))
      for (let line = 0; line < 20; line += 1) log.write(`${'x'.repeat(1023)}\n`)
      expect(stderr).toHaveBeenCalledTimes(1)
      expect(stderr).toHaveBeenCalledWith(expect.stringContaining('failed (28: No space left on device)'))
      rmSync(inFolder('filler'))
      log.write('again\n')
      expect(read('a.log')).toMatch(/\nportico: \d+ log line\(s\) could not be written\nagain\n$/)
      logs.close()
      logs = new LogDestinations('box')
    } finally {
      stderr.mockRestore()
      execFileSync('umount', [folder])
    }
  })
})

describe('a buffer', () => {
  test('is written when the next line does not fit, on reopening and at the end', () => {
    const log = logs.open(inFolder('a.log'), { bytes: 10 })
    log.write('1234\n')
    log.write('5678\n')
    expect(read('a.log')).toBe('')
    log.write('9\n')
    expect(read('a.log')).toBe('1234\n5678\n')
    logs.reopen()
    expect(read('a.log')).toBe('1234\n5678\n9\n')
    log.write('longer than the buffer\n')
    expect(read('a.log')).toContain('longer')
    log.write('end\n')
    logs.flush()
    expect(read('a.log')).toMatch(/end\n$/)
  })

  test('is written when its time is over', () => {
    vi.useFakeTimers()
    const log = logs.open(inFolder('a.log'), { bytes: 1000, flushMs: 500 })
    log.write('1\n')
    vi.advanceTimersByTime(300)
    log.write('2\n')
    expect(read('a.log')).toBe('')
    vi.advanceTimersByTime(200)
    expect(read('a.log')).toBe('1\n2\n')
  })

  test('may be compressed: zcat reads the file at any time', () => {
    const log = logs.open(inFolder('a.gz'), { bytes: 6, gzipLevel: 1 })
    for (const line of ['one\n', 'two\n', 'three\n']) log.write(line)
    expect(gunzipSync(readFileSync(inFolder('a.gz'))).toString()).toBe('one\ntwo\n')
    logs.flush()
    expect(gunzipSync(readFileSync(inFolder('a.gz'))).toString()).toBe('one\ntwo\nthree\n')
  })

  test('is one for each path', () => {
    const log = logs.open(inFolder('a.log'), { bytes: 10 })
    expect(logs.open(inFolder('a.log'), { bytes: 10 })).toBe(log)
    expect(() => logs.open(inFolder('a.log'))).toThrow(LogConflict)
  })
})

describe('a pipe', () => {
  test('that nobody reads holds no writer; what was dropped is counted', async () => {
    execFileSync('mkfifo', [inFolder('pipe')])
    const reader = spawnReader(inFolder('pipe'))
    const log = logs.open(inFolder('pipe'))
    const began = performance.now()
    for (let line = 0; line < 4000; line += 1) log.write(`${line} ${'x'.repeat(1000)}\n`)
    expect(performance.now() - began).toBeLessThan(2000)
    const text = await reader(() => log.write('last\n'))
    expect(text).toMatch(/portico: \d+ log line\(s\) could not be written\n/)
    expect(text).toContain('last\n')
  })
})

/** Opens the pipe for reading at once, and reads it only when asked; `write` is called until the last line is there. */
function spawnReader(path: string): (write: () => void) => Promise<string> {
  const net = import('node:fs')
  const opened = net.then(({ openSync, constants }) =>
    openSync(path, constants.O_RDONLY | constants.O_NONBLOCK),
  )
  return async (write) => {
    const { readSync, closeSync } = await net
    const fd = await opened
    const buffer = Buffer.alloc(65_536)
    let text = ''
    const end = performance.now() + 5000
    while (!text.includes('last\n') && performance.now() < end) {
      try {
        text += buffer.toString('latin1', 0, readSync(fd, buffer))
      } catch {
        write()
      }
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    closeSync(fd)
    return text
  }
}

describe('syslog', () => {
  test.each([
    [
      'server=127.0.0.1',
      { server: { kind: 'tcp', host: '127.0.0.1', port: 514 }, facility: 23, severity: 6 },
    ],
    ['server=[::1]:12,facility=mail', { server: { kind: 'tcp', host: '::1', port: 12 }, facility: 2 }],
    ['server=unix:/dev/log,nohostname,tag=a_1', { withHostname: false, tag: 'a_1' }],
    ['severity=crit,server=h:1', { severity: 2, tag: 'nginx', withHostname: true }],
  ])('%s', (text, target) => {
    expect(parseSyslog(text)).toMatchObject(target)
  })

  test.each([
    ['', 'unknown syslog parameter ""'],
    ['facility=mail', 'no syslog server specified'],
    ['server=a,server=b', 'duplicate syslog "server"'],
    ['server=a,facility=mails', 'unknown syslog facility "mails"'],
    ['server=a,severity=err', 'unknown syslog severity "err"'],
    ['server=a,tag=a-b', 'syslog "tag" only allows alphanumeric characters and underscore'],
    [`server=a,tag=${'t'.repeat(33)}`, 'syslog tag length exceeds 32'],
    ['server=a,colour=red', 'unknown syslog parameter "colour=red"'],
    ['server=a:99999', 'invalid port in "a:99999" in syslog server "a:99999"'],
  ])('%s is refused', (text, message) => {
    expect(() => parseSyslog(text)).toThrow(message)
  })

  test("a header's day is padded with a space; a line of the error log brings its severity", () => {
    const now = new Date(2026, 10, 1, 9, 5, 7)
    const target = parseSyslog('server=a,tag=t,facility=user')
    expect(formatSyslogHeader(target, 'GET /\n', 'box', now)).toBe('<14>Nov  1 09:05:07 box t: ')
    const line = '2026/11/01 09:05:07 [crit] 1#1: x\n'
    expect(formatSyslogHeader({ ...target, withHostname: false }, line, 'box', now)).toBe(
      '<10>Nov  1 09:05:07 t: ',
    )
  })

  test('over UDP: one datagram for each line', async () => {
    const server = createSocket('udp4')
    await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve))
    const { promise, resolve } = Promise.withResolvers<string>()
    server.on('message', (bytes) => resolve(bytes.toString()))
    const destination = logs.open(`syslog:server=127.0.0.1:${server.address().port},tag=p`)
    createErrorLogger([{ destination, level: 'warn' }]).log('error', 'it broke', 3)
    expect(await promise).toMatch(
      /^<187>\w{3} [ \d]\d [\d:]{8} box p: \S+ \S+ \[error\] \d+#\d+: \*3 it broke$/,
    )
    server.close()
  })

  test('over a unix socket, and anew when its reader was gone', async () => {
    const path = inFolder('log.sock')
    let text = ''
    const server = createServer((socket) => socket.on('data', (bytes) => (text += bytes.toString())))
    const destination = logs.open(`syslog:server=unix:${path},nohostname`)
    destination.write('lost\n')
    await new Promise<void>((resolve) => server.listen(path, resolve))
    await expect
      .poll(() => {
        destination.write('kept\n')
        return text
      })
      .toMatch(/^<190>.{15} nginx: kept\n/)
    expect(text).not.toContain('lost')
    server.close()
  })
})
