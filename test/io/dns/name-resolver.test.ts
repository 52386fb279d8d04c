/** Names asked of scripted name servers. The clock is the test's, the sockets are real. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { NameResolver, type NameResolverOptions } from '../../../src/io/dns/name-resolver.ts'
import { a, aaaa, answerTo, cname, srv } from '../../support/dns-message.ts'
import { ScriptedNameServer, type NameScript } from '../../support/name-server.ts'

const A = 1
const LATE_MS = 20_000
const servers: ScriptedNameServer[] = []

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  vi.advanceTimersByTime(1_000_000)
})

afterEach(() => {
  vi.useRealTimers()
  for (const server of servers.splice(0)) server.stop()
})

async function serve(script: NameScript): Promise<ScriptedNameServer> {
  const server = await ScriptedNameServer.start(script)
  servers.push(server)
  return server
}

function resolverOf(
  asked: readonly ScriptedNameServer[],
  options: Partial<Omit<NameResolverOptions, 'servers'>> = {},
): NameResolver {
  return new NameResolver({
    servers: asked.map(({ address }) => address),
    validMs: undefined,
    ipv4: true,
    ipv6: false,
    ...options,
  })
}

const both = { ipv6: true }
const values = async (answer: Promise<{ values: readonly unknown[] }>): Promise<readonly unknown[]> =>
  (await answer).values

describe('an address', () => {
  it('is kept as long as its record lives, by any case of its name', async () => {
    const server = await serve(() => ({ records: [a('192.0.2.1', 10)] }))
    const names = resolverOf([server])
    expect(await values(names.addresses('Up.Test', LATE_MS))).toEqual(['192.0.2.1'])
    expect(names.known('up.TEST')?.values).toEqual(['192.0.2.1'])
    vi.advanceTimersByTime(9_900)
    await names.addresses('up.test', LATE_MS)
    expect(server.asked).toHaveLength(1)
    vi.advanceTimersByTime(200)
    expect(names.known('up.test')).toBeUndefined()
    server.script = () => ({ records: [a('192.0.2.2', 10)] })
    expect(await values(names.addresses('up.test', LATE_MS))).toEqual(['192.0.2.2'])
    expect(server.asked.map(({ name }) => name)).toEqual(['up.test', 'up.test'])
  })

  it.each([
    [10, 60],
    [600, 60],
  ])('with a life of %i s lives as long as valid= says: %i s', async (ttl, valid) => {
    const server = await serve(() => ({ records: [a('192.0.2.1', ttl)] }))
    const names = resolverOf([server], { validMs: valid * 1000 })
    await names.addresses('up.test', LATE_MS)
    vi.advanceTimersByTime(valid * 1000 - 100)
    expect(names.known('up.test')).toBeDefined()
    vi.advanceTimersByTime(200)
    expect(names.known('up.test')).toBeUndefined()
  })

  it('of no life is asked for each time', async () => {
    const server = await serve(() => ({ records: [a('192.0.2.1', 0)] }))
    const names = resolverOf([server])
    await names.addresses('up.test', LATE_MS)
    await names.addresses('up.test', LATE_MS)
    expect(server.asked).toHaveLength(2)
  })

  it('is asked for once by all who wait', async () => {
    const server = await serve(() => ({ records: [a('192.0.2.1')] }))
    const names = resolverOf([server])
    const answers = await Promise.all([1, 2, 3].map(() => values(names.addresses('up.test', LATE_MS))))
    expect(answers).toEqual([['192.0.2.1'], ['192.0.2.1'], ['192.0.2.1']])
    expect(server.asked).toHaveLength(1)
  })

  it('is of both kinds, IPv4 first, and of one kind where the other has none or fails', async () => {
    const v6 = aaaa('20010db8000000000000000000000001')
    const server = await serve(({ type }) => ({ records: [type === A ? a('192.0.2.1') : v6] }))
    expect(await values(resolverOf([server], both).addresses('up.test', LATE_MS))).toEqual([
      '192.0.2.1',
      '2001:db8::1',
    ])
    expect(
      await values(resolverOf([server], { ipv4: false, ipv6: true }).addresses('up.test', LATE_MS)),
    ).toEqual(['2001:db8::1'])
    expect(await values(resolverOf([server]).addresses('up.test', LATE_MS))).toEqual(['192.0.2.1'])
    server.script = ({ type }) => (type === A ? { records: [] } : { records: [v6] })
    expect(await values(resolverOf([server], both).addresses('up.test', LATE_MS))).toEqual(['2001:db8::1'])
    server.script = ({ type }) => (type === A ? { records: [a('192.0.2.1')] } : { rcode: 2 })
    expect(await values(resolverOf([server], both).addresses('up.test', LATE_MS))).toEqual(['192.0.2.1'])
  })

  it('of the other kind in an answer is not used', async () => {
    const server = await serve(() => ({
      records: [a('192.0.2.1'), aaaa('20010db8000000000000000000000001')],
    }))
    expect(await values(resolverOf([server]).addresses('up.test', LATE_MS))).toEqual(['192.0.2.1'])
  })
})

describe('an alias', () => {
  it('is followed by us where the server did not, and the shortest life counts', async () => {
    const server = await serve(({ name }) =>
      name === 'up.test' ? { records: [cname('two.test', 5)] } : { records: [a('192.0.2.1', 50)] },
    )
    const names = resolverOf([server])
    expect(await values(names.addresses('up.test', LATE_MS))).toEqual(['192.0.2.1'])
    vi.advanceTimersByTime(5_100)
    expect(names.known('up.test')).toBeUndefined()
  })

  it('in a circle is given up', async () => {
    const server = await serve(({ name }) => ({
      records: [cname(name === 'one.test' ? 'two.test' : 'one.test')],
    }))
    await expect(resolverOf([server]).addresses('one.test', LATE_MS)).rejects.toThrow(
      'one.test could not be resolved (3: Host not found)',
    )
    expect(server.asked.length).toBeLessThan(60)
  })
})

describe('a name that cannot be resolved', () => {
  it.each([
    [1, undefined],
    [2, '2: Server failure'],
    [3, '3: Host not found'],
    [4, '4: Unimplemented'],
    [5, '5: Operation refused'],
    [9, '9: Unknown error'],
    [0, '3: Host not found'],
  ])('says why: %i', async (rcode, reason) => {
    const server = await serve(() => ({ rcode }))
    const answer = resolverOf([server]).addresses('up.test', 3000)
    const failed = expect(answer).rejects.toThrow(
      reason === undefined ? '(110: Operation timed out)' : `up.test could not be resolved (${reason})`,
    )
    await server.heard(1)
    if (reason === undefined) vi.advanceTimersByTime(3000)
    await failed
  })

  it('is asked for again by the next who wants it', async () => {
    const server = await serve(() => ({ rcode: 2 }))
    const names = resolverOf([server])
    await expect(names.addresses('up.test', LATE_MS)).rejects.toThrow('2: Server failure')
    server.script = () => ({ records: [a('192.0.2.1')] })
    expect(await values(names.addresses('up.test', LATE_MS))).toEqual(['192.0.2.1'])
  })

  it('is none at all: an error of its own, not of the codec', async () => {
    const server = await serve(() => undefined)
    const names = resolverOf([server])
    await expect(names.addresses('a..test', LATE_MS)).rejects.toThrow(
      'a..test could not be resolved (3: Host not found)',
    )
    expect(server.asked).toHaveLength(0)
  })
})

describe('a name server', () => {
  it('that is silent is asked again after 5 s, the next one first', async () => {
    const silent = await serve(() => undefined)
    const other = await serve(() => ({ records: [a('192.0.2.1')] }))
    const answer = resolverOf([silent, other]).addresses('up.test', LATE_MS)
    await silent.heard(1)
    vi.advanceTimersByTime(4900)
    expect(other.asked).toHaveLength(0)
    vi.advanceTimersByTime(200)
    expect(await values(answer)).toEqual(['192.0.2.1'])
    expect(silent.asked).toHaveLength(1)
  })

  it.each<[string, NameScript]>([
    [
      'another id',
      ({ query }) => {
        const bytes = answerTo(query, { records: [a('192.0.2.9')] })
        bytes[0] = (bytes[0] ?? 0) ^ 1
        return bytes
      },
    ],
    [
      'another name',
      ({ query }) => {
        const bytes = answerTo(query, { records: [a('192.0.2.9')] })
        bytes[13] = (bytes[13] ?? 0) ^ 1
        return bytes
      },
    ],
    ['nonsense', () => Buffer.from('nonsense')],
    ['FORMERR', () => ({ rcode: 1 })],
  ])('that answers %s is as one that is silent', async (_name, script) => {
    const wrong = await serve(script)
    const right = await serve(() => ({ records: [a('192.0.2.1')] }))
    const answer = resolverOf([wrong, right]).addresses('up.test', LATE_MS)
    await wrong.heard(1)
    await new Promise((resolve) => setImmediate(resolve))
    vi.advanceTimersByTime(5100)
    expect(await values(answer)).toEqual(['192.0.2.1'])
  })

  it('that is not there is as one that is silent', async () => {
    const gone = await serve(() => undefined)
    const right = await serve(() => ({ records: [a('192.0.2.1')] }))
    const names = resolverOf([gone, right])
    servers.splice(servers.indexOf(gone), 1)
    gone.stop()
    const answer = names.addresses('up.test', LATE_MS)
    await new Promise((resolve) => setImmediate(resolve))
    vi.advanceTimersByTime(5100)
    expect(await values(answer)).toEqual(['192.0.2.1'])
  })

  it('lets each wait no longer than it wants, and the answer is there for the next', async () => {
    const server = await serve(() => undefined)
    const names = resolverOf([server])
    const failed = expect(names.addresses('up.test', 1000)).rejects.toThrow(
      'up.test could not be resolved (110: Operation timed out)',
    )
    const patient = names.addresses('up.test', LATE_MS)
    await server.heard(1)
    vi.advanceTimersByTime(1100)
    await failed
    server.script = () => ({ records: [a('192.0.2.1')] })
    vi.advanceTimersByTime(4000)
    expect(await values(patient)).toEqual(['192.0.2.1'])
    expect(names.known('up.test')).toBeDefined()
  })

  it('is asked in turn with the others', async () => {
    const script: NameScript = () => ({ records: [a('192.0.2.1')] })
    const pair = [await serve(script), await serve(script)]
    const names = resolverOf(pair)
    for (const name of ['a.test', 'b.test', 'c.test', 'd.test']) await names.addresses(name, LATE_MS)
    expect(pair.map(({ asked }) => asked.length)).toEqual([2, 2])
  })

  it('is asked by TCP for an answer that was cut', async () => {
    const many = Array.from({ length: 100 }, (_, index) => a(`192.0.2.${index}`))
    const server = await serve(({ tcp }) =>
      tcp ? { records: many } : { truncated: true, records: [a('192.0.2.200')] },
    )
    const found = await values(resolverOf([server]).addresses('up.test', LATE_MS))
    expect(found).toHaveLength(100)
    expect(server.asked.map(({ tcp }) => tcp)).toEqual([false, true])
  })

  it('whose TCP says nothing is asked again after 5 s', async () => {
    const server = await serve(({ tcp }) => (tcp ? undefined : { truncated: true }))
    const answer = resolverOf([server]).addresses('up.test', LATE_MS)
    await server.heard(2)
    server.script = () => ({ records: [a('192.0.2.1')] })
    vi.advanceTimersByTime(5100)
    expect(await values(answer)).toEqual(['192.0.2.1'])
  })
})

describe('services', () => {
  it('are asked for by their own type and kept', async () => {
    const server = await serve(() => ({
      records: [srv('one.test', { priority: 1, weight: 3, port: 81, ttl: 10 })],
    }))
    const names = resolverOf([server])
    const { values: found } = await names.services('_http._tcp.up.test', LATE_MS)
    expect(found).toEqual([{ priority: 1, weight: 3, port: 81, target: 'one.test' }])
    await names.services('_http._tcp.up.test', LATE_MS)
    expect(server.asked.map(({ name, type }) => [name, type])).toEqual([['_http._tcp.up.test', 33]])
  })

  it('that are not there say so', async () => {
    const server = await serve(() => ({ rcode: 3 }))
    await expect(resolverOf([server]).services('_x._tcp.up.test', LATE_MS)).rejects.toThrow(
      '3: Host not found',
    )
  })
})
