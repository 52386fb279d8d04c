import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import {
  BadHeaderError,
  ConsoleMailBackend,
  defineSettings,
  EmailMessage,
  FileMailBackend,
  MemoryMailBackend,
  messageText,
  sendMail,
  SmtpMailBackend,
} from 'portico/web'

const whole = (): EmailMessage =>
  new EmailMessage({
    subject: 'Grüße aus Zürich',
    body: 'Plain text: ä',
    from: 'Shop <shop@example.com>',
    to: ['Ada <ada@example.com>', 'bob@example.com'],
    cc: ['cyd@example.com'],
    bcc: ['hidden@example.com'],
    replyTo: ['reply@example.com'],
    headers: { 'X-Order': '17' },
    attachments: [{ filename: 'bill ä.txt', content: 'one apple', mimetype: 'text/plain' }],
    alternatives: [{ content: '<b>Plain</b>', mimetype: 'text/html' }],
  })

describe('a message', () => {
  it('is composed with its alternative, its attachment and all headers but Bcc', async () => {
    const text = await messageText(whole(), 'default@example.com')
    const head = text.slice(0, text.indexOf('\n\n'))
    expect(head).toContain('From: Shop <shop@example.com>')
    expect(head).toContain('To: Ada <ada@example.com>, bob@example.com')
    expect(head).toContain('Cc: cyd@example.com')
    expect(head).toContain('Reply-To: reply@example.com')
    expect(head).toContain('X-Order: 17')
    expect(head).toMatch(/^Subject: =\?UTF-8\?/m)
    expect(text).not.toContain('hidden@example.com')
    expect(text).toContain('multipart/alternative')
    expect(text).toContain('text/html')
    expect(text).toContain(Buffer.from('one apple').toString('base64'))
    expect(whole().recipients()).toEqual([
      'Ada <ada@example.com>',
      'bob@example.com',
      'cyd@example.com',
      'hidden@example.com',
    ])
  })

  it('has the sender of the settings when it names none', async () => {
    expect(await messageText(new EmailMessage({ to: ['a@b.example'] }), 'me@here.example')).toContain(
      'From: me@here.example',
    )
  })

  it.each([
    ['a subject', { subject: 'Hi\nBcc: all@example.com' }],
    ['a subject with CR', { subject: 'Hi\rBcc: all@example.com' }],
    ['an address', { to: ['a@b.example\r\nBcc: all@example.com'] }],
    ['a sender', { from: 'a@b.example\nX: y' }],
    ['a copy', { cc: ['a@b.example\n'] }],
    ['a hidden copy', { bcc: ['a@b.example\nX: 1'] }],
    ['a reply address', { replyTo: ['a@b.example\n.\n'] }],
    ['a header value', { headers: { 'X-A': 'b\nBcc: c@d.example' } }],
    ['a header name', { headers: { 'X-A: b\nBcc': 'c@d.example' } }],
    ['a header that is the message’s', { headers: { BCC: 'c@d.example' } }],
    ['two addresses in one', { to: ['a@b.example, c@d.example'] }],
    ['two addresses in brackets', { to: ['A <a@b.example>, <c@d.example>'] }],
    ['an address with a semicolon', { to: ['a@b.example;c@d.example'] }],
    ['no address', { to: ['nobody'] }],
    ['a file name', { attachments: [{ filename: 'a\r\nX: y', content: '' }] }],
    ['a file type', { attachments: [{ filename: 'a', content: '', mimetype: 'a/b\r\nX: y' }] }],
    ['an alternative’s type', { alternatives: [{ content: '', mimetype: 'text/html\nX: y' }] }],
    ['a null byte', { subject: 'a\0b' }],
  ])('refuses header injection by %s', (_what, options) => {
    expect(() => new EmailMessage(options)).toThrow(BadHeaderError)
  })

  it('reads no file of the server for an attachment', async () => {
    const message = new EmailMessage({ to: ['a@b.example'] })
    // @ts-expect-error what somebody may pass on from a request
    message.attach('x', { path: '/etc/passwd' })
    await expect(messageText(message, 'a@b.example')).rejects.toThrow()
  })
})

describe('back ends', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portico-mail-'))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('console, file and memory keep what was sent', async () => {
    const shown: string[] = []
    const memory = new MemoryMailBackend()
    for (const mail of [
      new ConsoleMailBackend((text) => shown.push(text)),
      new FileMailBackend(folder),
      memory,
    ]) {
      await sendMail(defineSettings({ secretKey: 'x', mail }), whole())
    }
    expect(shown[0]).toContain('Plain text')
    const [name = ''] = readdirSync(folder)
    expect(readFileSync(join(folder, name), 'utf8')).toContain('X-Order: 17')
    expect(memory.outbox).toHaveLength(1)
  })

  it('send nothing to nobody', async () => {
    const memory = new MemoryMailBackend()
    await sendMail(defineSettings({ secretKey: 'x', mail: memory }), { subject: 'x' })
    expect(memory.outbox).toEqual([])
  })

  it('SMTP talks to a server, to every recipient, and a dot alone ends nothing', async () => {
    const { server, said, port } = await smtpServer()
    const mail = new SmtpMailBackend({ host: '127.0.0.1', port })
    try {
      const message = new EmailMessage({
        to: ['a@b.example'],
        bcc: ['c@d.example'],
        body: 'one\n.\nMAIL FROM:<x@y>\n',
      })
      await sendMail(defineSettings({ secretKey: 'x', mail, defaultFromEmail: 'me@here.example' }), message)
    } finally {
      mail.close()
      server.close()
    }
    const commands = said.filter((line) => /^(MAIL|RCPT|DATA)/.test(line))
    expect(commands).toEqual([
      'MAIL FROM:<me@here.example>',
      'RCPT TO:<a@b.example>',
      'RCPT TO:<c@d.example>',
      'DATA',
    ])
  })

  it('SMTP fails when the server must have TLS and has none', async () => {
    const { server, port } = await smtpServer()
    const mail = new SmtpMailBackend({ host: '127.0.0.1', port, tls: true })
    try {
      const sent = sendMail(defineSettings({ secretKey: 'x', mail }), { to: ['a@b.example'] })
      await expect(sent).rejects.toThrow()
    } finally {
      mail.close()
      server.close()
    }
  })
})

/** The least of an SMTP server (RFC 5321): says what it was told outside of messages. */
async function smtpServer(): Promise<{ server: Server; said: string[]; port: number }> {
  const said: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let inData = false
    let rest = ''
    socket.on('error', () => undefined)
    socket.write('220 test\r\n')
    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1')
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end)
        rest = rest.slice(end + 2)
        if (inData) {
          if (line !== '.') continue
          inData = false
          socket.write('250 kept\r\n')
          continue
        }
        said.push(line)
        inData = line === 'DATA'
        socket.write(
          inData
            ? '354 go on\r\n'
            : line === 'QUIT'
              ? '221 bye\r\n'
              : line === 'STARTTLS'
                ? '502 no\r\n'
                : '250 fine\r\n',
        )
      }
    })
  })
  server.on('close', () => {
    for (const socket of sockets) socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return { server, said, port: typeof address === 'object' && address !== null ? address.port : 0 }
}
