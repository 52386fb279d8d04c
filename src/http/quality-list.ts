/** Lists with weights: Accept-Encoding, Accept-Language, Accept (RFC 9110 section 12.4.2). */

export interface Weighted {
  /** Lower case, with parameters other than the weight. */
  readonly value: string
  /** 0 to 1; 0 means "not this". */
  readonly quality: number
}

/** Members read at most: nobody prefers that many, and sorting them is work that a client could order. */
const MAX_MEMBERS = 64

/** In the order of the header. A weight that is none counts as 0, as in nginx. */
export function parseQualityList(header: string): Weighted[] {
  const members: Weighted[] = []
  for (const part of header.split(',', MAX_MEMBERS)) {
    const [value = '', ...parameters] = part.toLowerCase().split(';')
    const kept = [value.trim()]
    let quality = 1
    for (const parameter of parameters) {
      const trimmed = parameter.trim()
      if (trimmed.startsWith('q=')) quality = parseQuality(trimmed.slice(2))
      else if (trimmed !== '') kept.push(trimmed)
    }
    if (kept[0] !== '') members.push({ value: kept.join(';'), quality })
  }
  return members
}

/** Best first; equal weights stay in the order of the header; weight 0 is left out. */
export function byPreference(members: readonly Weighted[]): Weighted[] {
  return members.filter((member) => member.quality > 0).sort((a, b) => b.quality - a.quality)
}

/** The weight of one content coding, by its name or by `*`. Undefined: the header does not speak of it. */
export function codingQuality(acceptEncoding: string, coding: string): number | undefined {
  let any: number | undefined
  for (const member of parseQualityList(acceptEncoding)) {
    if (member.value === coding) return member.quality
    if (member.value === '*') any ??= member.quality
  }
  return any
}

/** qvalue: `0` or `1`, a dot and up to three digits. */
function parseQuality(text: string): number {
  return /^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0
}
