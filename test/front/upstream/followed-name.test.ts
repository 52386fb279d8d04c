/** Peers that follow the addresses of a name, asked of a scripted name server. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { NameResolver } from '../../../src/io/dns/name-resolver.ts'
import { FollowedName } from '../../../src/front/upstream/followed-name.ts'
import { PeerGroup } from '../../../src/front/upstream/peer-group.ts'
import { USUAL_PEER } from '../../../src/front/upstream/upstream-directives.ts'
import { a, srv } from '../../support/dns-message.ts'
import { ScriptedNameServer, type NameScript } from '../../support/name-server.ts'

let server: ScriptedNameServer
let group: PeerGroup
const faults: string[] = []

beforeEach(async () => {
  faults.length = 0
  server = await ScriptedNameServer.start(() => undefined)
  group = new PeerGroup('g', [[], []])
})

afterEach(() => server.stop())

function follow(script: NameScript, service?: string): FollowedName {
  server.script = script
  const names = new NameResolver({ servers: [server.address], validMs: undefined, ipv4: true, ipv6: false })
  const followed = new FollowedName({
    group,
    index: 0,
    host: 'up.test',
    port: 81,
    options: { ...USUAL_PEER, server: 'up.test:81', weight: 2 },
    resolver: { names, timeoutMs: 3000 },
    service,
  })
  void followed.follow((message) => faults.push(message))
  return followed
}

const texts = (): string[] => group.peers.map(({ text }) => text)
const soon = { timeout: 10_000, interval: 20 }

describe('a name', () => {
  it('has as many peers as it has addresses, with the options of its server', async () => {
    await follow(() => ({ records: [a('192.0.2.1'), a('192.0.2.2')] })).first
    expect(texts()).toEqual(['192.0.2.1:81', '192.0.2.2:81'])
    expect(group.peers.map(({ options }) => options.weight)).toEqual([2, 2])
  })

  it('that moves has other peers when its life is over; those that stay keep what is known of them', async () => {
    await follow(() => ({ records: [a('192.0.2.1', 1), a('192.0.2.2', 1)] })).first
    const [, second] = group.peers
    second?.failed()
    server.script = () => ({ records: [a('192.0.2.2', 1), a('192.0.2.3', 1)] })
    await vi.waitFor(() => expect(texts()).toEqual(['192.0.2.2:81', '192.0.2.3:81']), soon)
    expect(group.peers[0]).toBe(second)
    expect(group.peers[0]?.failures).toBe(1)
  })

  it('that is lost keeps its peers; that is said once', async () => {
    await follow(() => ({ records: [a('192.0.2.1', 1)] })).first
    server.script = () => ({ rcode: 3 })
    await vi.waitFor(() => expect(faults).toHaveLength(1), soon)
    expect(faults).toEqual([
      'up.test could not be resolved (3: Host not found), in upstream "g": asked for again',
    ])
    expect(texts()).toEqual(['192.0.2.1:81'])
  })

  it('that is not there at first is no fault of the group: others of it serve', async () => {
    await follow(() => ({ rcode: 3 })).first
    expect(texts()).toEqual([])
    expect(faults).toHaveLength(1)
  })

  it('is found after it was lost', async () => {
    await follow(() => ({ rcode: 3 })).first
    server.script = () => ({ records: [a('192.0.2.1')] })
    await vi.waitFor(() => expect(texts()).toEqual(['192.0.2.1:81']), soon)
  }, 15_000)
})

describe('a service', () => {
  it('has ports, weights and backups from its records; a target that is not found is left out', async () => {
    await follow(({ name }) => {
      if (name === '_http._tcp.up.test')
        return {
          records: [
            srv('one.test', { priority: 1, weight: 5, port: 8001 }),
            srv('two.test', { priority: 2, weight: 0, port: 8002 }),
            srv('none.test', { priority: 1, weight: 1, port: 8003 }),
          ],
        }
      if (name === 'none.test') return { rcode: 3 }
      return { records: [a(name === 'one.test' ? '192.0.2.1' : '192.0.2.2')] }
    }, '_http._tcp').first
    const seen = group.peers.map(({ text, options: { weight, backup } }) => ({ text, weight, backup }))
    expect(seen).toEqual([
      { text: '192.0.2.1:8001', weight: 5, backup: false },
      { text: '192.0.2.2:8002', weight: 1, backup: true },
    ])
    expect(faults).toEqual([])
  })

  it('none of whose targets is found is lost', async () => {
    await follow(
      ({ type }) => (type === 33 ? { records: [srv('one.test', {})] } : { rcode: 3 }),
      '_http._tcp',
    ).first
    expect(faults).toHaveLength(1)
  })
})
