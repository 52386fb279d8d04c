import { describe, expect, it } from 'vitest'
import { bindConfig, type BoundConfig } from '../../src/config/bind.ts'
import { ConfigError } from '../../src/config/config-error.ts'
import { DirectiveTable } from '../../src/config/directive-table.ts'
import type {
  AnyDirective,
  BlockDirective,
  Context,
  Directive,
  ListDirective,
} from '../../src/config/directive.ts'
import { parseConfig } from '../../src/config/parser.ts'

function word(
  name: string,
  contexts: readonly Context[],
  more: Partial<Directive<string>> = {},
): Directive<string> {
  return {
    kind: 'single',
    name,
    contexts,
    args: 1,
    syntax: 'word',
    doc: 'A word.',
    default: 'unset',
    parse: ([value]) => value?.text ?? '',
    ...more,
  }
}

function block(
  name: string,
  contexts: readonly Context[],
  opens: BlockDirective<string>['opens'],
): BlockDirective<string> {
  return {
    kind: 'block',
    name,
    contexts,
    args: { min: 0 },
    syntax: '...',
    doc: 'A block.',
    opens,
    parse: ([a]) => a?.text ?? '',
  }
}

const http: BlockDirective<string> = { ...block('http', ['main'], 'http'), args: 0, once: true }
const server = block('server', ['http'], 'server')
const location = block('location', ['server', 'location'], 'location')
const when = block('if', ['server', 'location'], (outer) =>
  outer === 'server' ? 'server if' : 'location if',
)
const upstream = block('upstream', ['http'], 'upstream')
const peer: ListDirective<string> = {
  kind: 'list',
  name: 'server',
  contexts: ['upstream'],
  args: { min: 1 },
  syntax: 'address',
  doc: 'A peer.',
  parse: (args) => args.map((arg) => arg.text).join('+'),
}
const root = word('root', ['http', 'server', 'location', 'location if'])
const local = word('local', ['server', 'location'], { inherit: false })
const set = word('set', ['server', 'server if', 'location if'], { args: 2 })
const idle = word('idle', ['main', 'http'], { args: 'flag', noEffect: 'nothing idles' })
const lazy = word('lazy', ['main'], { args: [1, 3], noEffect: 'all is eager' })
const types: Directive<string> = {
  ...word('types', ['http']),
  args: 0,
  entries: true,
  parse: (_, at) => {
    const entries = at.statement.block ?? []
    for (const entry of entries) if (entry.name === 'bad') at.fail('bad entry', entry)
    return entries.map((entry) => entry.name).join(' ')
  },
}
const folder = word('folder', ['main'], {
  parse: ([a], at) => `${at.path(a?.text ?? '', 'prefix')} ${at.path(a?.text ?? '', 'conf')}`,
})
const picky = word('picky', ['main'], {
  parse: ([a], at) => {
    if (a?.text === 'fail') at.fail('it fails')
    if (a?.text === 'throw') throw new ConfigError('it throws')
    if (a?.text === 'warn') at.warn('take care')
    if (a?.text === 'bug') throw new TypeError('a bug')
    return at.context
  },
})

const ROWS: readonly AnyDirective[] = [
  http,
  server,
  location,
  when,
  upstream,
  peer,
  root,
  local,
  set,
  idle,
  lazy,
  types,
  folder,
  picky,
]

function bind(text: string): BoundConfig {
  const { statements } = parseConfig(text, { file: '/etc/p.conf' })
  return bindConfig(statements, new DirectiveTable(ROWS), { prefix: '/srv/', confPath: '/etc/p.conf' })
}

function refusal(text: string): string {
  try {
    bind(text)
  } catch (error) {
    if (error instanceof ConfigError) return error.toString()
    throw error
  }
  return 'accepted'
}

describe('refusals', () => {
  it.each([
    ['rot a;', 'unknown directive "rot", did you mean "root"?', 1],
    ['http {\n rot a;\n}', 'unknown directive "rot", did you mean "root"?', 2],
    ['sevrer {}', 'unknown directive "sevrer", did you mean "server"?', 1],
    ['entirely_other on;', 'unknown directive "entirely_other"', 1],
    ['"" a;', 'unknown directive ""', 1],
    ['http { server { idle on; } }', '"idle" directive is not allowed here', 1],
    ['server {}', '"server" directive is not allowed here', 1],
    ['idle {}', 'directive "idle" is not terminated by ";"', 1],
    ['http\n;', 'directive "http" has no opening "{"', 2],
    ['http { types; }', 'directive "types" has no opening "{"', 1],
    ['http { server; }', 'directive "server" has no opening "{"', 1],
    ['http { upstream u { server a {} } }', 'directive "server" is not terminated by ";"', 1],
    ['http { root; }', 'invalid number of arguments in "root" directive', 1],
    ['http { root a b; }', 'invalid number of arguments in "root" directive', 1],
    ['idle;', 'invalid number of arguments in "idle" directive', 1],
    ['idle on off;', 'invalid number of arguments in "idle" directive', 1],
    ['lazy a b;', 'invalid number of arguments in "lazy" directive', 1],
    ['http x {}', 'invalid number of arguments in "http" directive', 1],
    ['http { upstream u { server; } }', 'invalid number of arguments in "server" directive', 1],
    ['http { root a;\nroot b; }', '"root" directive is duplicate', 2],
    ['http { root a; root fail b; }', 'invalid number of arguments in "root" directive', 1],
    ['http {}\nhttp {}', '"http" directive is duplicate', 2],
    ['http { types {} types {} }', '"types" directive is duplicate', 1],
    [
      'stream {}',
      '"stream" directive is not supported by this server: it does not proxy TCP and UDP streams',
      1,
    ],
    ['mail {}', '"mail" directive is not supported by this server: it does not proxy mail', 1],
    ['idle on;\npicky fail;', 'it fails', 2],
    ['\npicky throw;', 'it throws', 2],
    ['}', 'unexpected "}"', 1],
    ['http {', 'unexpected end of file, expecting "}"', 1],
    ['http {\n rot a;\n', 'unknown directive "rot", did you mean "root"?', 2],
    ['http { types { a b; bad c;\n } }', 'bad entry', 1],
    ['http { types { a {} } }', 'unexpected "{"', 1],
    ['http { types { a b;\n bad c;\n d {} } }', 'bad entry', 2],
    ['http { types { a b;\n c {}\n bad c; } }', 'unexpected "{"', 2],
    ['http { types {\n a b; c', 'unexpected end of file, expecting ";" or "}"', 2],
  ])('%j', (text, message, line) => {
    expect(refusal(text)).toBe(`[emerg] ${message} in /etc/p.conf:${line}`)
  })

  it('names the command line', () => {
    const { statements } = parseConfig('a;', { file: 'command line' })
    const run = (): unknown => bindConfig(statements, new DirectiveTable([]), { prefix: '/', confPath: '/c' })
    expect(run).toThrow(ConfigError)
    try {
      run()
    } catch (error) {
      expect(String(error)).toBe('[emerg] unknown directive "a" in command line')
    }
  })

  it('lets bugs of a parser through', () => {
    expect(() => bind('picky bug;')).toThrow(TypeError)
  })
})

describe('scopes', () => {
  const { main } = bind(`
    http {
      root outer;
      upstream u { server a b; server c; }
      server {
        local here;
        if x { set a b; }
        location /a { root inner; location /a/b { if y { set c d; } } }
        location /c {}
      }
      server { root second; }
    }`)
  const [inHttp] = main.blocks(http)
  const servers = inHttp?.scope.blocks(server) ?? []
  const locations = servers[0]?.scope.blocks(location) ?? []

  it('inherit, override and keep to themselves', () => {
    expect(main.get(root)).toBe('unset')
    expect(servers.map((one) => one.scope.get(root))).toEqual(['outer', 'second'])
    expect(locations.map((one) => one.scope.get(root))).toEqual(['inner', 'outer'])
    expect(locations[0]?.scope.blocks(location)[0]?.scope.get(root)).toBe('inner')
    expect([servers[0]?.scope.get(local), locations[0]?.scope.get(local)]).toEqual(['here', 'unset'])
  })

  it('tell one name by its context', () => {
    const [pool] = inHttp?.scope.blocks(upstream) ?? []
    expect(pool?.value).toBe('u')
    expect(pool?.scope.list(peer)).toEqual(['a+b', 'c'])
  })

  it('open the context of the place', () => {
    expect(servers[0]?.scope.blocks(when)[0]?.scope.context).toBe('server if')
    const inner = locations[0]?.scope.blocks(location)[0]?.scope
    expect(inner?.blocks(when)[0]?.scope.context).toBe('location if')
  })

  it('keep source order', () => {
    expect(servers[0]?.scope.bound.map((one) => one.statement.name)).toEqual([
      'local',
      'if',
      'location',
      'location',
    ])
  })
})

describe('parse context', () => {
  it('makes paths absolute as they are written', () => {
    expect(bind('folder a/../b;').main.get(folder)).toBe('/srv/a/../b /etc/a/../b')
    expect(bind('folder /abs;').main.get(folder)).toBe('/abs /abs')
  })

  it('says where the statement stands', () => {
    expect(bind('picky x;').main.get(picky)).toBe('main')
  })

  it('collects warnings with their place', () => {
    expect(bind('\npicky warn;').warnings.map(String)).toEqual(['[warn] take care in /etc/p.conf:2'])
  })

  it('names all directives without effect once', () => {
    const { warnings } = bind('lazy a;\nidle on;\nhttp { idle off; }')
    expect(warnings.map(String)).toEqual([
      '[warn] no effect in this server: "lazy" (all is eager), "idle" (nothing idles) in /etc/p.conf:1',
    ])
  })
})

describe('directive table', () => {
  it('refuses two rows for one place', () => {
    expect(() => new DirectiveTable([root, word('root', ['main', 'server'])])).toThrow(
      'two rows for directive "root" in context "server"',
    )
  })

  it('suggests what is allowed in the place before what is nearer', () => {
    const table = new DirectiveTable([word('access_log', ['server']), word('acces_lag', ['main'])])
    expect(table.suggest('acces_log', 'server')).toBe('access_log')
    expect(table.suggest('acces_log', 'main')).toBe('acces_lag')
    expect(table.suggest('acces_log', 'http')).toBe('access_log')
    expect(table.suggest('zzz', 'server')).toBeUndefined()
  })
})
