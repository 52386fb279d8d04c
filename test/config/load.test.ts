import { describe, expect, it } from 'vitest'
import type { Statement } from '../../src/config/ast.ts'
import { ConfigError } from '../../src/config/config-error.ts'
import { dumpConfig } from '../../src/config/dump.ts'
import { loadConfig } from '../../src/config/load.ts'
import { MemorySource } from '../support/memory-source.ts'

const MAIN = '/etc/p/p.conf'

/** `name@file:line` of every statement, blocks in brackets, faults by their text. */
function outline(statements: readonly Statement[]): string {
  return statements.map(outlineOne).join(' ')
}

function outlineOne(one: Statement): string {
  const place = `${one.file.slice(one.file.lastIndexOf('/') + 1)}:${one.line}`
  if (one.error !== undefined) return `!${one.error} in ${place}`
  return `${one.name}@${place}${one.block ? `[${outline(one.block)}]` : ''}`
}

function load(files: Record<string, string>): string {
  return outline(loadConfig(MAIN, new MemorySource(files)).statements)
}

describe('include', () => {
  it('puts the statements of the file in its place', () => {
    const files = { [MAIN]: 'a;\nh {\n include x.conf;\n b;\n}', '/etc/p/x.conf': 'c;\nd { e; }' }
    expect(load(files)).toBe('a@p.conf:1 h@p.conf:2[c@x.conf:1 d@x.conf:2[e@x.conf:2] b@p.conf:4]')
  })

  it('is relative to the folder of the main file, also in included files', () => {
    const files = {
      [MAIN]: 'include sub/x;',
      '/etc/p/sub/x': 'include y;',
      '/etc/p/y': 'a;',
      '/etc/p/sub/y': 'b;',
    }
    expect(load(files)).toBe('a@y:1')
  })

  it('takes absolute and quoted names, and works in blocks of entries', () => {
    const files = { [MAIN]: 'types { "include" "/m t"; b c; }', '/m t': 'text/html html;' }
    expect(load(files)).toBe('types@p.conf:1[text/html@m t:1 b@p.conf:1]')
  })

  it('takes matches of a pattern in byte order', () => {
    const files = {
      [MAIN]: 'include s/*.conf;',
      '/etc/p/s/b.conf': 'b;',
      '/etc/p/s/B.conf': 'B;',
      '/etc/p/s/a.conf': 'a;',
      '/etc/p/s/.h.conf': 'h;',
      '/etc/p/s/c.txt': 'c;',
    }
    expect(load(files)).toBe('B@B.conf:1 a@a.conf:1 b@b.conf:1')
  })

  it('finds nothing wrong with a pattern that matches nothing', () => {
    expect(load({ [MAIN]: 'include none/*.conf; a;' })).toBe('a@p.conf:1')
  })

  it.each([
    [
      'missing file',
      'a;\ninclude none;',
      'a@p.conf:1 !open() "/etc/p/none" failed (2: No such file or directory) in p.conf:2',
    ],
    ['folder', 'include dir;', '!pread() "/etc/p/dir" failed (21: Is a directory) in p.conf:1'],
    ['no argument', 'include;', '!invalid number of arguments in "include" directive in p.conf:1'],
    ['two arguments', 'include a b;', '!invalid number of arguments in "include" directive in p.conf:1'],
    ['a block', 'include a {}', '!directive "include" is not terminated by ";" in p.conf:1'],
    [
      'its own file',
      'a;\ninclude p.conf;',
      'a@p.conf:1 !include loop: "/etc/p/p.conf" includes "/etc/p/p.conf" in p.conf:2',
    ],
    ['a loop', 'include l1;', '!include loop: "/etc/p/l1" includes "/etc/p/l2" includes "/etc/p/l1" in l2:1'],
    ['fault in the file', 'b { include bad; }\nc;', 'b@p.conf:1[x@bad:1 !unexpected ";" in bad:2]'],
    ['closing brace in the file', 'b {\ninclude brace;\n}', 'b@p.conf:1[!unexpected "}" in brace:1]'],
    [
      'open block in the file',
      'include open; }',
      'b@open:1[!unexpected end of file, expecting "}" in open:2]',
    ],
  ])('%s', (_, text, expected) => {
    const files = {
      [MAIN]: text,
      '/etc/p/dir/': '',
      '/etc/p/l1': 'include l2;',
      '/etc/p/l2': 'include l1;',
      '/etc/p/bad': 'x;\n;',
      '/etc/p/brace': '}',
      '/etc/p/open': 'b {\n',
    }
    expect(load(files)).toBe(expected)
  })

  it('goes on to the next file of a pattern only without a fault', () => {
    expect(load({ [MAIN]: 'include s/*;\na;', '/etc/p/s/1': 'x', '/etc/p/s/2': 'y;' })).toMatch(
      /^!unexpected end .* in 1:1$/,
    )
  })

  it('bounds the number of open files', () => {
    const files: Record<string, string> = { [MAIN]: 'include 0;' }
    for (let n = 0; n < 200; n++) files[`/etc/p/${n}`] = `include ${n + 1};`
    expect(load(files)).toBe('!files are included too deeply in 62:1')
  })

  it('bounds includes that multiply', () => {
    const files: Record<string, string> = { [MAIN]: 'include 0;', '/etc/p/30': '' }
    for (let n = 0; n < 30; n++) files[`/etc/p/${n}`] = `include ${n + 1}; include ${n + 1};`
    expect(load(files)).toMatch(/^!more than 100000 files are included in \d+:1$/)
  })

  it('bounds nesting over files', () => {
    const files: Record<string, string> = { [MAIN]: `${'a{'.repeat(100)} include x; ${'}'.repeat(100)}` }
    files['/etc/p/x'] = 'b{'.repeat(50) + '}'.repeat(50)
    expect(load(files)).toContain('!blocks are nested deeper than 128 levels in x:1')
  })
})

describe('the main file', () => {
  it('throws when it cannot be read', () => {
    const none = (): unknown => loadConfig('/none', new MemorySource({}))
    expect(none).toThrow(ConfigError)
    expect(none).toThrow('open() "/none" failed (2: No such file or directory)')
  })

  it('is refused when it is huge, without being parsed', () => {
    const text = 'a;'.repeat(50_000_000)
    expect(load({ [MAIN]: text })).toBe('!configuration is larger than 67108864 bytes in p.conf:1')
  })

  it('comes after the directives of -g', () => {
    const source = new MemorySource({ [MAIN]: 'a;', '/etc/p/x': 'c;' })
    const { statements, files } = loadConfig(MAIN, source, { globals: 'b; include x;' })
    expect(outline(statements)).toBe('b@command line:0 c@x:1 a@p.conf:1')
    expect(files.map((file) => file.path)).toEqual(['/etc/p/x', MAIN])
  })

  it('is not read after a fault in -g', () => {
    const source = new MemorySource({ [MAIN]: 'a;' })
    expect(outline(loadConfig(MAIN, source, { globals: 'b' }).statements)).toContain(
      '!unexpected end of parameter',
    )
    expect(source.reads).toEqual([])
  })
})

describe('files', () => {
  const source = new MemorySource({
    [MAIN]: 'include x; include y;\ninclude x;',
    '/etc/p/x': 'a;',
    '/etc/p/y': 'b;',
  })
  const { files, statements } = loadConfig(MAIN, source)

  it('hold each text once, read once, in the order of opening', () => {
    expect(files.map((file) => file.path)).toEqual([MAIN, '/etc/p/x', '/etc/p/y'])
    expect(source.reads).toEqual([MAIN, '/etc/p/x', '/etc/p/y'])
    expect(outline(statements)).toBe('a@x:1 b@y:1 a@x:1')
  })

  it('are dumped as nginx -T does', () => {
    expect(dumpConfig(files)).toBe(
      `# configuration file ${MAIN}:\ninclude x; include y;\ninclude x;\n` +
        '# configuration file /etc/p/x:\na;\n# configuration file /etc/p/y:\nb;\n',
    )
  })
})
