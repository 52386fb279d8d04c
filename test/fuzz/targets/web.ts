import assert from 'node:assert/strict'
import { defineSettings } from '../../../src/entry/web.ts'
import { DisallowedRedirect, RequestDataTooBig, SuspiciousOperation } from '../../../src/web/exceptions.ts'
import { parseCookies, SetCookie } from '../../../src/web/http/cookies.ts'
import { MultipartForm } from '../../../src/web/http/multipart-form.ts'
import { QueryDict } from '../../../src/web/http/query-dict.ts'
import { assertRedirectScheme, urlHasAllowedHostAndScheme } from '../../../src/web/http/url-safety.ts'
import { Engine } from '../../../src/web/template/engine.ts'
import { TemplateSyntaxError } from '../../../src/web/template/template-error.ts'
import { memorySource } from '../../../src/web/template/template-source.ts'
import type { SpoolFile } from '../../../src/web/http/uploaded-file.ts'
import { pieces, refuses, type FuzzTarget } from './fuzz-target.ts'

/** URL Standard, section 5.1, on bytes. (The runtime's URLSearchParams mistakes escapes beside other octets.) */
function formText(text: string): string {
  const bytes: number[] = []
  const from = Buffer.from(text.replaceAll('+', ' '))
  for (let at = 0; at < from.length; at += 1) {
    const digits = from.toString('latin1', at + 1, at + 3)
    if (from[at] === 0x25 && /^[0-9A-Fa-f]{2}$/.test(digits)) {
      bytes.push(Number.parseInt(digits, 16))
      at += 2
    } else bytes.push(from[at] ?? 0)
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes))
}

export const query: FuzzTarget = {
  name: 'query',
  seeds: ['a=1&b=2&a=3', 'x=%41+%20&=&&y', '%E2%82%AC=%ff', '__proto__=1&a[b]=c;d=e', '%E2\xda\xb92=%f'],
  words: ['&', '=', '+', '%', '%00', '%E2%82', '__proto__', ';', '[]', '%EF%BB%BF'],
  run(bytes) {
    const text = bytes.toString('utf8')
    const expected = new Map<string, string[]>()
    for (const field of text.split('&')) {
      if (field === '') continue
      const equals = field.indexOf('=')
      const name = formText(equals < 0 ? field : field.slice(0, equals))
      expected.set(name, [...(expected.get(name) ?? []), equals < 0 ? '' : formText(field.slice(equals + 1))])
    }
    const read = [...QueryDict.parse(text).lists()].map(([name, values]) => [name, [...values]])
    assert.deepEqual(read, [...expected])
    refuses(() => void QueryDict.parse(text, 3), SuspiciousOperation)
  },
}

const BASE = 'https://own.test/page'

/** What is called safe leads a browser (the runtime's URL) nowhere else. */
export const urlSafety: FuzzTarget = {
  name: 'url-safety',
  seeds: ['/next', '//evil.test', 'https:evil.test', 'http://own.test/a', '/\\evil.test', 'javascript:x', '\t//evil', 'https://own.test@evil/'],
  words: ['//', '\\', ':', 'http', 'https:', 'own.test', 'evil.test', '@', '\t', '\n', '\0', '/', '?', '#', ' ', '\u00a0', '\u2028', '%2f', '[', ']'],
  run(bytes) {
    const text = bytes.toString('utf8')
    refuses(() => assertRedirectScheme(text), DisallowedRedirect)
    if (!urlHasAllowedHostAndScheme(text, ['own.test'])) return
    if (!URL.canParse(text, BASE)) return
    const { host, protocol } = new URL(text, BASE)
    assert.equal(host, 'own.test')
    assert.match(protocol, /^https?:$/)
  },
} // prettier-ignore

/** What is set comes back; nothing that is set begins a second cookie or a second line. */
export const webCookies: FuzzTarget = {
  name: 'web-cookies',
  seeds: ['a=b; c=d', 'value "quoted"; x', '\\073\\"', 'plain'],
  words: ['"', '\\', ';', ',', '\\012', '=', '\r\n', '\0', '\xff'],
  run(bytes) {
    const text = bytes.toString('latin1')
    parseCookies(text)
    const line = new SetCookie('name', text, { path: null }, 0).toString()
    assert.doesNotMatch(line, /[\r\n\0;]/)
    assert.deepEqual([...parseCookies(line)], [['name', text]])
  },
}

const CONTEXT = { x: 'X<', y: { z: [1, 2, 3] }, list: ['a', 'b'], n: null, f: () => 'called' }
const engine = new Engine({
  loaders: [memorySource({ base: '[{% block q %}b{% endblock %}]', part: '({{ x }}{% cycle 1 2 %})' })],
  reverse: (name) => `/${name}`,
})

export const template: FuzzTarget = {
  name: 'template',
  seeds: [
    '{% extends "base" %}{% block q %}{{ block.super }}{{ x|upper|default:"a" }}{% endblock %}',
    '{% for a, b in y.z %}{{ forloop.counter }}{% empty %}none{% endfor %}{% if x and not n or y.z == 1 %}a{% elif f %}b{% else %}c{% endif %}',
    '{# c #}{% comment %}x{% endcomment %}{% verbatim %}{{ x }}{% endverbatim %}{% with a=x b=y.z.0 %}{{ a }}{% endwith %}{% include "part" %}',
    '{{ x|slice:":2"|add:"1"|join:", "|date:"Y"|truncatewords:2|floatformat:2|urlize }}',
  ],
  words: ['{{', '}}', '{%', '%}', '{#', '#}', '|', ':', '"', "'", ' ', 'endif', 'if ', 'for ', 'endfor', 'block ', 'endblock', 'include "part"', 'extends "base"', 'x', 'y.z', '.', '_(', 'as ', 'in ', 'with ', 'endwith', 'filter ', 'cycle ', 'ifchanged', 'regroup ', 'spaceless', 'autoescape off', 'wordwrap:', 'center:', 'stringformat:', 'slice:', 'truncatechars:', 'date:'],
  async run(bytes) {
    const text = bytes.toString('utf8')
    let compiled
    try {
      compiled = engine.fromString(text)
    } catch (error) {
      if (error instanceof TemplateSyntaxError) return
      throw error
    }
    try {
      assert.equal(typeof String(await compiled.render(CONTEXT)), 'string')
    } catch (error) {
      // a template that asks for what its values cannot do is told so by name
      if (!(error instanceof Error) || error instanceof assert.AssertionError) throw error
      if (error instanceof TypeError && /undefined|null|is not a function/.test(error.message)) throw error
    }
  },
} // prettier-ignore

const SETTINGS = defineSettings({ fileUploadMaxMemorySize: 40, dataUploadMaxMemorySize: 400, dataUploadMaxNumberFiles: 3, dataUploadMaxNumberFields: 5 }) // prettier-ignore

class Disk {
  open = 0
  readonly make = (): Promise<SpoolFile> => {
    this.open += 1
    const parts: Buffer[] = []
    return Promise.resolve({
      get length() {
        return parts.reduce((sum, part) => sum + part.length, 0)
      },
      append: (bytes: Uint8Array) => Promise.resolve(void parts.push(Buffer.from(bytes))),
      read: (position: number, size: number) =>
        Promise.resolve(Buffer.concat(parts).subarray(position, position + size)),
      close: () => Promise.resolve(void (this.open -= 1)),
    })
  }
}

async function readForm(chunks: readonly Buffer[]): Promise<unknown> {
  const disk = new Disk()
  const form = new MultipartForm('multipart/form-data; boundary=X', SETTINGS, disk.make)
  try {
    const content = await form.parse(
      (async function* () {
        for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk))
      })(),
    )
    const files = [...content.files.lists()].flatMap(([, all]) => all)
    for (const file of files) assert.doesNotMatch(file.name, /[/\\\0]/)
    const seen = [[...content.fields.lists()], files.map((file) => [file.name, file.size])]
    for (const file of files) await file.close()
    assert.equal(disk.open, 0, 'a file stays open')
    return seen
  } catch (error) {
    if (!(error instanceof SuspiciousOperation || error instanceof RequestDataTooBig) && !isBadRequest(error))
      throw error
    assert.equal(disk.open, 0, 'a file stays open behind an error')
    return 'refused'
  }
}

function isBadRequest(error: unknown): boolean {
  return (
    error instanceof Error && /MultiPartParserError|BadRequest|TooMany|TooBig/.test(error.constructor.name)
  )
}

const PART = '--X\r\nContent-Disposition: form-data; name="a"\r\n\r\nvalue\r\n'
const FILE =
  '--X\r\nContent-Disposition: form-data; name="f"; filename="../a.txt"\r\nContent-Type: text/plain\r\n\r\ncontent\r\n'

export const multipart: FuzzTarget = {
  name: 'multipart',
  seeds: [`${PART}${FILE}--X--\r\n`, `preamble\r\n${PART}--X--`, `${FILE.replace('content', 'c'.repeat(100))}--X--\r\n`],
  words: ['--X', '--X--', '\r\n', PART, FILE, 'filename*=utf-8\'\'%2e', 'Content-Transfer-Encoding: base64\r\n', '"', '\\"', ';', 'name=', '\0', 'charset=utf-16', '/'],
  async run(bytes) {
    assert.deepEqual(await readForm(pieces(bytes)), await readForm([bytes]))
  },
} // prettier-ignore

export const WEB_TARGETS = [query, urlSafety, webCookies, template, multipart]
