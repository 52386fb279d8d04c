import assert from 'node:assert/strict'
import { parseComplexValue } from '../../../src/config/complex-value.ts'
import { ConfigError } from '../../../src/config/config-error.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { Pcre } from '../../../src/config/pcre.ts'
import { MemorySource } from '../../support/memory-source.ts'
import { refuses, type FuzzTarget } from './fuzz-target.ts'

const CONF = '/conf/a.conf'

/** Loads, or says why not in a ConfigError that names a line; the same in both runs. */
export const conf: FuzzTarget = {
  name: 'conf',
  seeds: [
    'events { }\nhttp {\n  server { listen 80; location ~ \\.php$ { return 200 "a b"; } }\n}\n',
    "a 'b c' \"d\\n\" ${e}f; # comment\nb;",
    'include part.conf;\ninclude *.inc; a b;',
    'map $a $b { default 0; "x;y" 1; ~^z{2} 2; }',
  ],
  words: ['include part.conf;', 'include a.conf;', 'include *;', '{', '}', ';', '"', "'", '\\', '#', '${', '$', '\n', '\r\n', '\0', '\xef\xbb\xbf', 'if ($a = b) {', 'location ^~ /'],
  run(bytes) {
    const text = bytes.toString('latin1')
    const load = (): string => {
      try {
        const source = new MemorySource({ [CONF]: text, '/conf/part.conf': 'p q;', '/conf/b.inc': 'r { s; }' })
        return JSON.stringify(loadConfig(CONF, source).statements)
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error
        assert.match(String(error), / in \/conf\/[a-z.]+:\d+$|too (?:many|large|big)/)
        return String(error)
      }
    }
    assert.equal(load(), load())
  },
} // prettier-ignore

export const pcre: FuzzTarget = {
  name: 'pcre',
  seeds: ['^/a(?<n>[^/]+)/(\\d{2,3})$', '(?i)\\.(?:gif|png)$', '[[:alpha:]\\]x-]+?', '(a++)(?>b|c)\\1', '\\Qa.b\\E(?=x)(?!y)', '(?x) a # c\n b'],
  words: ['(?:', '(?<n>', '(?P<n>', '(?P=n)', '\\k<n>', '(?>', '(?i)', '(?-i:', '[^', '[[:digit:]]', ']', '{2,}', '++', '*?', '\\Q', '\\E', '\\x{41}', '\\o{101}', '\\N', '\\R', '\\h', '\\K', '(?#', '(?(1)', '(*UTF8)', '\\g{-1}', '\\p{L}', '|', '$', '^', '\\b'],
  run(bytes) {
    const pattern = bytes.toString('latin1')
    const made = { pcre: undefined as Pcre | undefined }
    const refused = refuses(() => {
      made.pcre = new Pcre(pattern)
    }, ConfigError)
    if (refused || made.pcre === undefined) return
    const { names, groups } = made.pcre
    for (const number of names.values()) assert.ok(number >= 1 && number <= groups)
    // what backtracks for ever is the conf's own doing: short subjects only
    for (const subject of ['', 'a', '/ab.php']) {
      const match = made.pcre.exec(subject)
      assert.equal(match !== null, made.pcre.test(subject))
      if (match?.[0] !== undefined) assert.ok(subject.includes(match[0]))
    }
  },
} // prettier-ignore

export const complexValue: FuzzTarget = {
  name: 'complex-value',
  seeds: ['a$b${c}d', '$1-$host', '$$', '${'],
  words: ['$', '${', '}', '$1', '$uri', '\\'],
  run(bytes) {
    refuses(() => void parseComplexValue(bytes.toString('latin1')), ConfigError)
  },
}

export const CONF_TARGETS = [conf, pcre, complexValue]
