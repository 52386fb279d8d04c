import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  BadRequest,
  defineSettings,
  SuspiciousOperation,
  UnreadablePostError,
  type SettingsInput,
} from 'portico/web'
import { MultipartForm, type FormContent } from '../../../src/web/http/multipart-form.ts'
import type { SpoolFile } from '../../../src/web/http/uploaded-file.ts'

/** Files in memory that count how many are open. */
class Disk {
  open = 0
  readonly #fail: string | null

  constructor(fail: string | null = null) {
    this.#fail = fail
  }

  readonly make = async (): Promise<SpoolFile> => {
    await Promise.resolve()
    this.open += 1
    const parts: Buffer[] = []
    return {
      get length() {
        return parts.reduce((sum, part) => sum + part.length, 0)
      },
      append: async (bytes) => {
        await Promise.resolve()
        if (this.#fail !== null) throw new Error(this.#fail)
        parts.push(Buffer.from(bytes))
      },
      read: async (position, size) => Buffer.concat(parts).subarray(position, position + size),
      close: async () => {
        this.open -= 1
      },
    }
  }
}

const type = 'multipart/form-data; boundary=X'
const limits = { fileUploadMaxMemorySize: 50, dataUploadMaxMemorySize: 500, dataUploadMaxNumberFiles: 3 }

async function parse(
  chunks: Iterable<Buffer>,
  disk = new Disk(),
  settings: SettingsInput = limits,
): Promise<FormContent> {
  const form = new MultipartForm(type, defineSettings(settings), disk.make)
  return form.parse(
    (async function* () {
      for (const chunk of chunks) yield await Promise.resolve(chunk)
    })(),
  )
}

function bodyOf(parts: readonly (readonly [head: string, content: string])[]): Buffer {
  const text = parts.map(
    ([head, content]) => `--X\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`,
  )
  return Buffer.from(`${text.join('')}--X--\r\n`)
}

async function summary({ fields, files }: FormContent): Promise<unknown> {
  const read = [...files.all()].map(async (file) => [
    file.fieldName,
    file.name,
    (await file.read()).toString('latin1'),
  ])
  return { fields: [...fields.lists()], files: await Promise.all(read) }
}

const sample = bodyOf([
  ['name="a"', 'one'],
  ['name="f"; filename="small.txt"', 'tiny'],
  ['name="g"; filename="big.bin"', 'y'.repeat(300)],
  ['name="a"', 'two\r\n--Y\r\n-X'],
])
const expected = {
  fields: [['a', ['one', 'two\r\n--Y\r\n-X']]],
  files: [
    ['f', 'small.txt', 'tiny'],
    ['g', 'big.bin', 'y'.repeat(300)],
  ],
}

describe('a multipart form', () => {
  test('comes out the same wherever it is cut', async () => {
    for (let at = 0; at <= sample.length; at += 1) {
      const disk = new Disk()
      expect(await summary(await parse([sample.subarray(0, at), sample.subarray(at)], disk))).toEqual(
        expected,
      )
      expect(disk.open).toBe(1)
    }
  })

  test('comes out the same byte by byte', async () => {
    const bytes = Array.from(sample, (_, at) => sample.subarray(at, at + 1))
    expect(await summary(await parse(bytes))).toEqual(expected)
  })

  test('that ends too early is refused at every place, and leaves nothing open', async () => {
    for (let at = 0; at < sample.length - 4; at += 1) {
      const disk = new Disk()
      await expect(parse([sample.subarray(0, at)], disk)).rejects.toThrow(BadRequest)
      expect(disk.open).toBe(0)
    }
  })

  test('whose client goes away leaves nothing open', async () => {
    const disk = new Disk()
    const form = new MultipartForm(type, defineSettings(limits), disk.make)
    const broken = form.parse(
      (async function* () {
        yield sample.subarray(0, 400)
        await Promise.resolve()
        throw new Error('reset')
      })(),
    )
    await expect(broken).rejects.toThrow(new UnreadablePostError(new Error('reset')))
    expect(disk.open).toBe(0)
  })

  test('whose disk is full says so, and leaves nothing open', async () => {
    const disk = new Disk('ENOSPC')
    await expect(parse([sample], disk)).rejects.toThrow('ENOSPC')
    expect(disk.open).toBe(0)
  })

  test.each<[string, Buffer, SettingsInput]>([
    ['a file above its limit', sample, { ...limits, fileUploadMaxSize: 200 }],
    ['files above the limit together', sample, { ...limits, fileUploadMaxSize: 302 }],
    ['too many files', sample, { ...limits, dataUploadMaxNumberFiles: 1 }],
    ['too many fields', sample, { ...limits, dataUploadMaxNumberFields: 1 }],
    ['fields above the limit', sample, { ...limits, dataUploadMaxMemorySize: 10 }],
    [
      'parts without a name that are never kept',
      Buffer.concat([Buffer.from('--X\r\n\r\n'), Buffer.alloc(3_000_000, 97), Buffer.from('\r\n--X--\r\n')]),
      limits,
    ],
    ['a preamble without an end', Buffer.alloc(3_000_000, 97), limits],
  ])('with %s is refused, and leaves nothing open', async (_title, body, settings) => {
    const disk = new Disk()
    const chunks = Array.from({ length: Math.ceil(body.length / 65_536) }, (_, index) =>
      body.subarray(index * 65_536, (index + 1) * 65_536),
    )
    await expect(parse(chunks, disk, settings)).rejects.toThrow(SuspiciousOperation)
    expect(disk.open).toBe(0)
  })

  test('of anything is read or refused, and nothing stays open that nobody owns', async () => {
    const piece = fc.constantFrom(
      '--X',
      '--X--',
      '\r\n',
      '\r\n\r\n',
      'Content-Disposition: form-data; name="a"',
      'Content-Disposition: form-data; name="f"; filename="x"',
      'Content-Disposition: ',
      'Content-Type: text/plain; charset=utf-16',
      'x'.repeat(60),
      '\0',
      '"',
      '-',
      '\r',
    )
    const bodies = fc.array(fc.array(fc.oneof(piece, fc.string({ maxLength: 8 })), { maxLength: 12 }), {
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(bodies, async (chunks) => {
        const disk = new Disk()
        try {
          const { files } = await parse(
            chunks.map((pieces) => Buffer.from(pieces.join(''))),
            disk,
          )
          expect(disk.open).toBe([...files.all()].filter((file) => file.temporary).length)
        } catch (error) {
          expect(error instanceof BadRequest || error instanceof SuspiciousOperation).toBe(true)
          expect(disk.open).toBe(0)
        }
      }),
      { numRuns: 400 },
    )
  })
})
