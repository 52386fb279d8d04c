import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { feeds } from './feeds.ts'
import { eventsOf, readPeerBytes } from './peer-bytes.ts'

const recorded = readPeerBytes(readFileSync(new URL('peer-bytes.md', import.meta.url), 'latin1'))

describe('bytes recorded from other implementations', () => {
  it('are there', () => {
    expect(new Set(recorded.map(({ kind }) => kind)).size).toBe(4)
  })

  it.each(recorded)('$title: $kind', ({ kind, bytes, events }) => {
    for (const feed of feeds(bytes)) expect(eventsOf(kind, feed.chunks), feed.name).toEqual(events)
  })
})
