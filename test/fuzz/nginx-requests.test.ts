/** Connections get from the front what nginx gives them. By hand, for as long as is wanted: `main.ts requests`. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWithPeer } from '../support/peer.ts'
import { NginxBeside, WE_REFUSE } from './nginx-requests.ts'

const CONNECTIONS = 800
/** The same each time; `npm run fuzz -- requests` takes others. */
const seed = 20_261_121

describeWithPeer('nginx', 'What clients send', (nginx) => {
  let servers: NginxBeside

  beforeAll(async () => {
    servers = await NginxBeside.start(nginx)
  }, 120_000)

  afterAll(async () => {
    await servers.stop()
  })

  it('is read and answered as by nginx, or refused for a reason', async () => {
    const figures = await servers.compare(CONNECTIONS, seed)
    expect(figures.differences, `seed ${seed}`).toEqual([])
    expect(figures.taken).toBeGreaterThan(100)
    expect(figures.refused).toBeGreaterThan(400)
    expect(figures.known).toBeLessThan(CONNECTIONS / 10)
    for (const why of WE_REFUSE.values()) expect(why).not.toBe('')
  }, 120_000)
})
