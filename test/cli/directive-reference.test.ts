/** `conf/directives.md` says what the tables say: a directive without its entry, or with an old one, fails here. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { appDirectives } from '../../src/app/app-directives.ts'
import type { Arity } from '../../src/config/directive.ts'
import { describeDirective, directiveReference } from '../../src/cli/directive-reference.ts'
import { mainDirectives } from '../../src/cli/main-directives.ts'
import { frontDirectives } from '../../src/front/compile/front-modules.ts'

const file = new URL('../../conf/directives.md', import.meta.url)
const rows = [...mainDirectives, ...appDirectives, ...frontDirectives]

/** Without any argument. */
function mayBeBare(args: Arity): boolean {
  if (args === 'flag') return false
  if (typeof args === 'number') return args === 0
  return 'min' in args ? args.min === 0 : args.includes(0)
}

describe('the directive reference', () => {
  it('is current (npm run reference writes it)', () => {
    expect(readFileSync(file, 'utf8')).toBe(directiveReference())
  })

  it('has an entry for every row that a conf is bound with', () => {
    const headings = directiveReference().match(/^### .*$/gm) ?? []
    const written = headings.map((line) => line.slice(4)).sort()
    expect(written).toEqual(rows.map(({ name }) => name).sort())
  })

  it.each(rows.map((row) => [row.name, row] as const))(
    '%s says what it is and how it is written',
    (_name, row) => {
      expect(row.doc).toMatch(/^["$`(A-Z0-9].*[.)]$/s)
      if (row.kind !== 'block' && !mayBeBare(row.args)) expect(row.syntax).not.toBe('')
    },
  )

  it('describes one directive by its name', () => {
    expect(describeDirective('merge_slashes')).toBe(
      '### merge_slashes\n\n- Syntax: `merge_slashes on | off;`\n- Default: `merge_slashes on;`\n- Context: `http`, `server`\n\n' +
        `${rows.find(({ name }) => name === 'merge_slashes')?.doc}\n`,
    )
    expect(describeDirective('no_such_directive')).toBeUndefined()
  })
})
