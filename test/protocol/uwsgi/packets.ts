/** Packets made by hand, not by the codec that is tested. */

export function block(...vars: string[]): Buffer {
  return Buffer.concat(
    vars.map((text) => {
      const octets = Buffer.from(text, 'latin1')
      return Buffer.concat([Buffer.from([octets.length & 255, octets.length >> 8]), octets])
    }),
  )
}

export function packet(vars: Buffer, modifier1 = 0, modifier2 = 0): Buffer {
  return Buffer.concat([Buffer.from([modifier1, vars.length & 255, vars.length >> 8, modifier2]), vars])
}
