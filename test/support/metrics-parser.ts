/** Reads the Prometheus text format 0.0.4 as strictly as promtool; throws with the line that is wrong. */

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface ParsedFamily {
  readonly type: string
  readonly help: string
  readonly samples: Sample[]
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/

export function parseMetrics(text: string): Map<string, ParsedFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const families = new Map<string, ParsedFamily>()
  const seen = new Set<string>()
  let help: readonly [string, string] | undefined
  let current: readonly [string, ParsedFamily] | undefined
  for (const line of text.slice(0, -1).split('\n')) {
    const comment = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line)
    if (comment) {
      const [, kind, name = '', rest = ''] = comment
      if (NAME.exec(name)?.[0] !== name) throw new Error(`a name: ${line}`)
      if (kind === 'HELP') help = [name, rest]
      else {
        if (families.has(name)) throw new Error(`a family twice: ${line}`)
        if (!/^(counter|gauge|histogram|summary|untyped)$/.test(rest)) throw new Error(`a type: ${line}`)
        current = [name, { type: rest, help: help?.[0] === name ? help[1] : '', samples: [] }]
        families.set(...current)
      }
      continue
    }
    const sample = parseSample(line)
    const key = `${sample.name} ${JSON.stringify(sample.labels)}`
    if (seen.has(key)) throw new Error(`a sample twice: ${line}`)
    seen.add(key)
    const belongs =
      current?.[1].type === 'histogram'
        ? ['_bucket', '_sum', '_count'].some((suffix) => sample.name === `${current?.[0]}${suffix}`)
        : sample.name === current?.[0]
    if (!current || !belongs) throw new Error(`a sample outside of its family: ${line}`)
    current[1].samples.push(sample)
  }
  for (const [name, family] of families) checkFamily(name, family)
  return families
}

function parseSample(line: string): Sample {
  const name = NAME.exec(line)?.[0]
  if (name === undefined) throw new Error(`no name: ${line}`)
  let rest = line.slice(name.length)
  const labels: Record<string, string> = {}
  if (rest.startsWith('{')) {
    rest = rest.slice(1)
    for (;;) {
      const pair = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\n"])*)"([,}])/.exec(rest)
      if (!pair) throw new Error(`a label: ${line}`)
      const [whole, label = '', value = '', end] = pair
      if (label in labels) throw new Error(`a label twice: ${line}`)
      labels[label] = value.replace(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign))
      rest = rest.slice(whole.length)
      if (end === '}') break
    }
  }
  const value = /^ (NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.exec(rest)?.[1]
  if (value === undefined) throw new Error(`a value: ${line}`)
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) }
}

function checkFamily(name: string, { type, help, samples }: ParsedFamily): void {
  if (help === '' || samples.length === 0) throw new Error(`a family without help or samples: ${name}`)
  if (type === 'counter') {
    if (!name.endsWith('_total')) throw new Error(`a counter that is no total: ${name}`)
    if (samples.some(({ value }) => value < 0)) throw new Error(`a counter below 0: ${name}`)
  }
  if (type !== 'histogram') return
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`)
  const bounds = buckets.map(({ labels }) => Number((labels['le'] ?? '').replace('Inf', 'Infinity')))
  const counts = buckets.map(({ value }) => value)
  const count = samples.find((sample) => sample.name === `${name}_count`)?.value
  const rises = (values: number[]): boolean =>
    values.every((value, at) => at === 0 || value >= (values[at - 1] ?? 0))
  if (!rises(bounds) || !rises(counts)) throw new Error(`buckets that do not rise: ${name}`)
  if (bounds.at(-1) !== Infinity || counts.at(-1) !== count) throw new Error(`no last bucket: ${name}`)
}
