/** Questions and answers of the Domain Name System: whole, cut anywhere, compressed, made of nonsense. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DnsError } from '../../../src/protocol/dns/dns-error.ts'
import { encodeQuery } from '../../../src/protocol/dns/query-encoder.ts'
import { TYPE_A, TYPE_AAAA, TYPE_SRV } from '../../../src/protocol/dns/record.ts'
import { decodeResponse } from '../../../src/protocol/dns/response-decoder.ts'
import { a, aaaa, answerTo, cname, questionOf, srv, type AnswerRecord } from '../../support/dns-message.ts'

const query = (name = 'www.example.net', type: 1 | 28 | 33 = TYPE_A): Buffer =>
  encodeQuery(0x1234, name, type)

function codeOf(run: () => unknown): string {
  try {
    run()
    return 'nothing'
  } catch (error) {
    if (error instanceof DnsError) return error.code
    throw error
  }
}

describe('a question', () => {
  it('is one name and one type, recursion desired', () => {
    expect(query('ab.c').toString('hex')).toBe('123401000001000000000000' + '02616201630000010001')
    expect(questionOf(query('a.b.example', TYPE_SRV))).toEqual({ name: 'a.b.example', type: TYPE_SRV })
  })

  it('takes labels of 63 and names of 255 octets, and no longer ones', () => {
    const label = 'x'.repeat(63)
    expect(codeOf(() => query(`${label}.net`))).toBe('nothing')
    expect(codeOf(() => query(`${label}x.net`))).toBe('DNS_NAME')
    const longest = [label, label, label, 'x'.repeat(61)].join('.')
    expect(query(longest)).toHaveLength(12 + 255 + 4)
    expect(codeOf(() => query(`${longest}x`))).toBe('DNS_NAME')
  })

  it.each(['', '.', 'a..b', 'a.', '.a'])('is not made for %j', (name) => {
    expect(codeOf(() => query(name))).toBe('DNS_NAME')
  })
})

describe('an answer', () => {
  it('has addresses, the last alias and the shortest life', () => {
    const records = [
      cname('One.net', 90),
      { ...cname('two.net', 70), owner: 'one.net' },
      a('192.0.2.1', 80),
      a('192.0.2.2'),
    ]
    expect(decodeResponse(answerTo(query(), { records }))).toEqual({
      id: 0x1234,
      name: 'www.example.net',
      type: TYPE_A,
      rcode: 0,
      truncated: false,
      addresses: ['192.0.2.1', '192.0.2.2'],
      services: [],
      alias: 'two.net',
      ttl: 60,
    })
  })

  it('has services', () => {
    const records = [srv('One.net', { priority: 5, weight: 7, port: 8080 })]
    const { services } = decodeResponse(answerTo(query('_http._tcp.x', TYPE_SRV), { records }))
    expect(services).toEqual([{ priority: 5, weight: 7, port: 8080, target: 'one.net' }])
  })

  it('passes over other types and classes, and their lives', () => {
    const other: AnswerRecord = { type: 16, ttl: 1, data: Buffer.from('x') }
    const chaos: AnswerRecord = { ...a('192.0.2.9', 1), klass: 3 }
    const v6 = aaaa('20010db8000000000000000000000001', 1)
    const answer = decodeResponse(answerTo(query(), { records: [other, chaos, v6, a('192.0.2.1')] }))
    expect(answer).toMatchObject({ addresses: ['192.0.2.1'], ttl: 60 })
    const sixth = decodeResponse(answerTo(query('x', TYPE_AAAA), { records: [v6, a('192.0.2.1')] }))
    expect(sixth.addresses).toEqual(['2001:db8::1'])
  })

  it('lives no time where the highest bit of its life is set', () => {
    const { ttl } = decodeResponse(answerTo(query(), { records: [a('192.0.2.1', 0x80000000)] }))
    expect(ttl).toBe(0)
  })

  it('says that it failed or was cut, without records', () => {
    expect(decodeResponse(answerTo(query(), { rcode: 3, truncated: true }))).toMatchObject({
      rcode: 3,
      truncated: true,
      addresses: [],
      ttl: Infinity,
    })
  })

  it('is read with names in lower case', () => {
    expect(decodeResponse(answerTo(query('WwW.Example.NET'), {})).name).toBe('www.example.net')
  })

  it('cut anywhere is none, and nothing else is said', () => {
    const records = [cname('one.net'), a('192.0.2.1'), a('192.0.2.2')]
    const whole = answerTo(query(), { records })
    for (let end = 0; end < whole.length; end += 1)
      expect(codeOf(() => decodeResponse(whole.subarray(0, end)))).toBe('DNS_SHORT')
    expect(codeOf(() => decodeResponse(Buffer.concat([whole, Buffer.from('trailing')])))).toBe('nothing')
  })

  it('may point back to names, and in circles to nowhere', () => {
    const pointer = (to: number): AnswerRecord => ({
      type: 5,
      data: Buffer.from([0xc0 | (to >> 8), to & 255]),
    })
    const to = (offset: number): Buffer => answerTo(query(), { records: [pointer(offset)] })
    expect(decodeResponse(to(16)).alias).toBe('example.net')
    const self = query().length + 12
    expect(codeOf(() => decodeResponse(to(self)))).toBe('DNS_POINTER')
    expect(codeOf(() => decodeResponse(to(0x3fff)))).toBe('DNS_SHORT')
    const reserved: AnswerRecord = { type: 5, data: Buffer.from([0x40, 0]) }
    expect(codeOf(() => decodeResponse(answerTo(query(), { records: [reserved] })))).toBe('DNS_POINTER')
  })

  it('with a name over 255 octets is none', () => {
    const label = Buffer.concat([Buffer.from([63]), Buffer.alloc(63, 'x')])
    const name = (count: number): AnswerRecord => ({
      type: 5,
      data: Buffer.concat([...Array.from({ length: count }, () => label), Buffer.from([0])]),
    })
    expect(codeOf(() => decodeResponse(answerTo(query(), { records: [name(3)] })))).toBe('nothing')
    expect(codeOf(() => decodeResponse(answerTo(query(), { records: [name(4)] })))).toBe('DNS_NAME')
  })

  it.each([
    ['a question', query()],
    ['two questions', Buffer.from('12348180000200000000000000000100010000010001', 'hex')],
  ])('is not %s', (_name, bytes) => {
    expect(codeOf(() => decodeResponse(bytes))).toBe('DNS_NO_RESPONSE')
  })

  it.each([
    ['an IPv4 address of five octets', { type: 1, data: Buffer.alloc(5) }],
    ['an IPv4 address of three octets', { type: 1, data: Buffer.alloc(3) }],
  ])('is none with %s', (_name, record) => {
    expect(codeOf(() => decodeResponse(answerTo(query(), { records: [record] })))).toBe('DNS_SHORT')
  })

  it('of any bytes is an answer or a DnsError', () => {
    const head = fc.constant(Buffer.from('123481800001000200000000', 'hex'))
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom(
        Buffer.from('c00c', 'hex'),
        Buffer.from('0178', 'hex'),
        Buffer.from('00000100010000003c0004', 'hex'),
      ),
    )
    const message = fc
      .tuple(head, fc.array(piece, { maxLength: 12 }))
      .map(([first, rest]) => Buffer.concat([first, ...rest]))
    fc.assert(
      fc.property(fc.oneof(message, piece), (bytes) => {
        codeOf(() => decodeResponse(bytes))
      }),
      { numRuns: 3000 },
    )
  })
})
