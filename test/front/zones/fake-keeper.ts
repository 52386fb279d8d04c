/** A keeper and the links to it in virtual time: bytes move when the test lets them. */
import { FrameError } from '../../../src/protocol/zones/frame-error.ts'
import type { KeeperLink, KeeperLinkEvents, KeeperTransport } from '../../../src/front/zones/keeper-client.ts'
import { Keeper } from '../../../src/front/zones/keeper.ts'
import type { KeeperSession } from '../../../src/front/zones/keeper-session.ts'
import { SharedZones } from '../../../src/front/zones/shared-zones.ts'

interface Wire {
  readonly events: KeeperLinkEvents
  session: KeeperSession | undefined
  toKeeper: Buffer[]
  toWorker: Buffer[]
  open: boolean
}

export class FakeKeeper {
  nowMs = 1000
  /** Whether links can be opened; `kill` sets it. */
  reachable = true
  /** Whether the keeper reads (SIGSTOP). */
  running = true
  readonly lines: string[] = []
  keeper = new Keeper(() => this.nowMs)
  #wires: Wire[] = []
  #soon: (() => void)[] = []
  #timers: { readonly atMs: number; readonly callback: () => void }[] = []
  writes = 0

  /** A worker whose zones `open` opens. */
  worker(open: (zones: SharedZones) => void = () => undefined): SharedZones {
    const zones = new SharedZones({
      transport: this.#transport(),
      processId: 1,
      nowMs: () => this.nowMs,
      say: (level, message) => this.lines.push(`${level}: ${message}`),
    })
    open(zones)
    zones.connect()
    return zones
  }

  #transport(): KeeperTransport {
    return {
      connect: (events) => this.#connect(events),
      nowMs: () => this.nowMs,
      after: (delayMs, callback) => {
        const timer = { atMs: this.nowMs + delayMs, callback }
        this.#timers.push(timer)
        return () => void (this.#timers = this.#timers.filter((other) => other !== timer))
      },
      afterInput: (callback) => this.#soon.push(callback),
      soon: (callback) => this.#soon.push(callback),
    }
  }

  #connect(events: KeeperLinkEvents): KeeperLink {
    const wire: Wire = { events, session: undefined, toKeeper: [], toWorker: [], open: true }
    this.#soon.push(() => {
      if (!this.reachable) return this.#close(wire)
      this.#wires.push(wire)
      events.onOpen()
    })
    return {
      write: (bytes) => {
        this.writes += 1
        wire.toKeeper.push(bytes)
      },
      get pendingBytes() {
        return wire.toKeeper.reduce((sum, bytes) => sum + bytes.length, 0)
      },
      close: () => this.#close(wire),
    }
  }

  #close(wire: Wire): void {
    if (!wire.open) return
    wire.open = false
    this.#wires = this.#wires.filter((other) => other !== wire)
    wire.session?.closed()
    wire.events.onClose()
  }

  /** All that can happen without time going by. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 30; turn += 1) {
      for (const callback of this.#soon.splice(0)) callback()
      for (const wire of [...this.#wires]) this.#move(wire)
      for (let promises = 0; promises < 5; promises += 1) await Promise.resolve()
    }
  }

  #move(wire: Wire): void {
    if (this.running) {
      wire.session ??= this.keeper.accept({
        write: (bytes) => wire.toWorker.push(bytes),
        soon: (callback) => this.#soon.push(callback),
      })
      try {
        for (const bytes of wire.toKeeper.splice(0)) wire.session.receive(bytes)
      } catch (error) {
        if (!(error instanceof FrameError)) throw error
        this.#close(wire)
      }
    }
    for (const bytes of wire.toWorker.splice(0)) wire.events.onData(bytes)
  }

  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms
    await this.settle()
    for (;;) {
      const [due] = this.#timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)
      if (!due) break
      this.#timers = this.#timers.filter((other) => other !== due)
      this.nowMs = Math.max(this.nowMs, due.atMs)
      due.callback()
      await this.settle()
    }
    this.nowMs = untilMs
  }

  /** kill -9 of the keeper: its links close, its memory is gone. */
  async kill(): Promise<void> {
    this.reachable = false
    for (const wire of [...this.#wires]) this.#close(wire)
    this.keeper = new Keeper(() => this.nowMs)
    await this.settle()
  }

  /** kill -9 of the worker that opened its link as the nth. */
  async cut(index: number): Promise<void> {
    const wire = this.#wires[index]
    if (wire) {
      wire.open = false
      this.#wires.splice(index, 1)
      wire.session?.closed()
    }
    await this.settle()
  }
}
