/** A message of 32 bytes as a client sends it, and as it comes back (RFC 6455 section 5.2). */
export const MESSAGE_FRAME_BYTES = 2 + 4 + 32
export const ECHO_BYTES = 2 + 32

/** Binary, masked with zeros. */
export const MESSAGE_FRAME = Buffer.concat([
  Buffer.from([0x82, 0x80 | 32, 0, 0, 0, 0]),
  Buffer.alloc(32, 'x'),
])
