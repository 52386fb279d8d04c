/** Small values with an end of life: sessions and ticket keys of TLS. */
import { StateTable } from './state-table.ts'

interface Blob {
  readonly value: Buffer
  /** `machineMs()`. */
  readonly untilMs: number
}

const BLOB_BYTES = 64

export class BlobTable extends StateTable<Blob> {
  constructor(budget: number) {
    super(budget, BLOB_BYTES)
  }

  protected override extraOf({ value }: Blob): number {
    return value.length
  }

  /** Undefined for one whose life is over. */
  value(key: string, nowMs: number): Buffer | undefined {
    const blob = this.get(key)
    if (!blob) return undefined
    if (blob.untilMs > nowMs) return blob.value
    this.delete(key, blob.value.length)
    return undefined
  }

  put(key: string, value: Buffer, untilMs: number): void {
    this.drop(key)
    this.set(key, { value, untilMs }, value.length)
  }

  /** The value in effect: the one that was there, else this one. */
  putNew(key: string, value: Buffer, untilMs: number, nowMs: number): Buffer {
    const known = this.value(key, nowMs)
    if (known === undefined) this.put(key, value, untilMs)
    return known ?? value
  }

  drop(key: string): void {
    const blob = this.peek(key)
    if (blob) this.delete(key, blob.value.length)
  }
}
