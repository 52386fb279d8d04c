/** Records made by hand, not by the codec that is tested. */

export function record(
  type: number,
  id: number,
  content: Uint8Array | string = '',
  padding = 0,
  version = 1,
  reserved = 0,
): Buffer {
  const body = typeof content === 'string' ? Buffer.from(content, 'latin1') : content
  const header = Buffer.from([
    version,
    type,
    id >> 8,
    id & 255,
    body.length >> 8,
    body.length & 255,
    padding,
    reserved,
  ])
  return Buffer.concat([header, body, Buffer.alloc(padding, 0xaa)])
}

export const begin = (id: number, role = 1, flags = 1) =>
  record(1, id, Buffer.from([0, role, flags, 0, 0, 0, 0, 0]))
export const abort = (id: number) => record(2, id)
export const end = (id: number, appStatus = 0, protocolStatus = 0) =>
  record(
    3,
    id,
    Buffer.from([appStatus >>> 24, appStatus >> 16, appStatus >> 8, appStatus, protocolStatus, 0, 0, 0]),
  )
export const params = (id: number, content: Uint8Array | string = '', padding = 0) =>
  record(4, id, content, padding)
export const stdin = (id: number, content = '', padding = 0) => record(5, id, content, padding)
export const stdout = (id: number, content = '', padding = 0) => record(6, id, content, padding)
export const stderr = (id: number, content = '', padding = 0) => record(7, id, content, padding)

/** One pair; lengths from 128 on, or `long`, take four octets. */
export function pair(name: string, value: string, long = false): Buffer {
  return Buffer.concat([length(name, long), length(value, long), Buffer.from(name + value, 'latin1')])
}

function length(text: string, long: boolean): Buffer {
  if (text.length < 128 && !long) return Buffer.from([text.length])
  const octets = Buffer.alloc(4)
  octets.writeUInt32BE((text.length | 0x80000000) >>> 0)
  return octets
}
