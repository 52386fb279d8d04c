import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { failureOf } from '../../src/dev/app-failure.ts'
import { failurePage } from '../../src/dev/failure-page.ts'

let folder: string
let file: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'portico-failure-'))
  file = join(folder, 'a b.ts')
  writeFileSync(file, Array.from({ length: 20 }, (_, index) => `line <${index + 1}>`).join('\n'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function thrown(message: string, ...frames: string[]): Error {
  const error = new TypeError(message)
  error.stack = [`TypeError: ${message}`, ...frames.map((frame) => `    at ${frame}`)].join('\n')
  return error
}

describe('a failure', () => {
  it('may be anything, and its own cause', () => {
    const nothing: unknown = Object.create(null)
    expect(failureOf(nothing)).toMatchObject({ name: 'Thrown', message: '{}' })
    const one = new Error('one')
    one.cause = new Error('other', { cause: one })
    expect(failureOf(one).stack).toMatch(/^Error: one[^]*\nCaused by Error: other/)
  })

  it('names the first place that is of the project, with the source around it', () => {
    const url = `file://${file.replace(' ', '%20')}`
    const own = `file://${folder}/own/run.js:3:1`
    const error = thrown(
      'no',
      `f (${folder}/node_modules/p/i.js:1:1)`,
      `g (${url}:9:5)`,
      `h (${own})`,
      'i (x)',
    )
    const { place, stack } = failureOf(error, [`${folder}/own`])
    expect([place?.file, place?.line]).toEqual([file, 9])
    expect(place?.excerpt.map(({ number }) => number)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
    expect(place?.excerpt[6]?.text).toBe('line <9>')
    expect(stack.split('\n')).toHaveLength(3)
  })

  it('takes the place of the message before that of the stack', () => {
    const { place } = failureOf(
      thrown(`${folder}/none.ts:1: x`, `g (file://${file.replace(' ', '%20')}:2:5)`),
    )
    expect(place?.line).toBe(2)
  })

  it('may be anything', () => {
    expect(failureOf('text')).toMatchObject({ name: 'Thrown', message: 'text', place: undefined })
    const error = new Error('outer', { cause: new Error('inner') })
    expect(failureOf(error).stack).toMatch(/outer[^]*Caused by Error: inner/)
  })
})

describe('its page', () => {
  it('shows the source with the line marked, escaped', () => {
    const url = `file://${file.replace(' ', '%20')}`
    const { contentType, body } = failurePage(failureOf(thrown('<b>', `g (${url}:9:5)`)), 'text/html,*/*')
    const html = body.toString()
    expect(contentType).toBe('text/html; charset=utf-8')
    expect(html).toContain('<mark><span class="number">9</span>line &lt;9&gt;</mark>')
    expect(html).toContain('&lt;b&gt;')
    expect(html).not.toContain('<b>')
  })

  it('is text for who does not ask for HTML', () => {
    const page = failurePage(failureOf(thrown('no', `g (file://${file.replace(' ', '%20')}:9:5)`)), '*/*')
    expect(page.contentType).toBe('text/plain; charset=utf-8')
    expect(page.body.toString()).toContain('>     9  line <9>\n')
  })
})
