import { describe, expect, it } from 'vitest'
import { FAMILIES } from '../../../src/front/figures/families.ts'
import { figureName } from '../../../src/front/figures/figure-name.ts'
import { metricsText } from '../../../src/front/figures/metrics-text.ts'
import { parseMetrics } from '../../support/metrics-parser.ts'

describe('the text of metrics', () => {
  it('has families in the order of the table, with help and type', () => {
    const text = metricsText({ portico_requests_total: 7 }, { portico_connections_active: 2 })
    expect(text).toBe(
      '# HELP portico_connections_active Client connections open, idle ones among them.\n' +
        '# TYPE portico_connections_active gauge\n' +
        'portico_connections_active 2\n' +
        '# HELP portico_requests_total Client requests begun.\n' +
        '# TYPE portico_requests_total counter\n' +
        'portico_requests_total 7\n',
    )
  })

  it('escapes labels so that they are read as they were', () => {
    const location = '~ "\\.php$"\n{a="b"}'
    const text = metricsText({ [figureName('portico_responses_total', { location, status: '2xx' })]: 1 })
    expect(parseMetrics(text).get('portico_responses_total')?.samples).toEqual([
      { name: 'portico_responses_total', labels: { location, status: '2xx' }, value: 1 },
    ])
    expect(text.split('\n')).toHaveLength(4)
  })

  it('shows what the table does not know, untyped', () => {
    expect(metricsText({ toString: 1 })).toBe(
      '# HELP toString toString\n# TYPE toString untyped\ntoString 1\n',
    )
  })

  it.each(Object.entries(FAMILIES))('knows %s as promtool wants it', (name, { type, help }) => {
    expect(name).toMatch(/^portico_[a-z_]+$/)
    expect(name.endsWith('_total')).toBe(type === 'counter')
    expect(help).toMatch(/^[A-Z].*\.$/)
    expect(help).not.toMatch(/[\\\n]/)
  })
})

describe('the parser of this test', () => {
  const family = '# HELP a_total A.\n# TYPE a_total counter\n'
  it.each([
    ['a sample before its family', 'a 1\n'],
    ['a sample twice', `${family}a_total 1\na_total 2\n`],
    ['no end of the last line', `${family}a_total 1`],
    ['a quote in a label', `${family}a_total{b="c"d"} 1\n`],
    ['a number', `${family}a_total x\n`],
    ['a counter below 0', `${family}a_total -1\n`],
    [
      'buckets that fall',
      '# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_count 1\n',
    ],
  ])('refuses %s', (_what, text) => {
    expect(() => parseMetrics(text)).toThrow()
  })
})
