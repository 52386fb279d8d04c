import { describe, expect, it } from 'vitest'
import { Engine } from '../../../src/web/template/engine.ts'
import { altersData } from '../../../src/web/template/attribute.ts'
import {
  conditionalEscape,
  escape,
  formatHtml,
  formatHtmlJoin,
  markSafe,
  SafeString,
} from '../../../src/web/template/safe-string.ts'
import { renderNow as render } from './support/render-now.ts'
import { memorySource } from '../../../src/web/template/template-source.ts'

const engine = new Engine()

describe('what a template can reach', () => {
  class Article {
    static count = 0
    static label = 'articles'
    readonly title = 'T'
    #draft = 'draft'
    get state(): string {
      return this.#draft
    }
    summary(): string {
      return `${this.title}!`
    }
    withArgument(n: number): number {
      return n
    }
    withDefault(n = 7): number {
      return n
    }
    save(): string {
      Article.count++
      return 'saved'
    }
    publish(): string {
      Article.count++
      return 'published'
    }
    get boom(): string {
      throw Object.assign(new Error('none'), { silentVariableFailure: true })
    }
  }
  altersData(Reflect.get(Article.prototype, 'publish'))
  const model = { Article, article: new Article() }

  it.each<[string, Record<string, unknown>, string]>([
    ['{{ article.title }} {{ article.state }} {{ article.summary }}', model, 'T draft T!'],
    ['{{ article.withDefault }} [{{ article.withArgument }}]', model, '7 []'],
    ['[{{ article.save }}{{ article.publish }}{{ article.save.x }}]', model, '[]'],
    ['[{{ article.boom }}{{ article.boom.x }}]', model, '[]'],
    ['{{ Special.label }}{{ Special.own }}[{{ Special.call }}{{ Special.apply }}{{ Special.toString }}]', { Special: class extends Article { static own = 1 } }, 'articles1[]'],
    ['{{ Article.label }} [{{ Article.prototype }}{{ Article.prototype.save }}{{ Article.constructor }}]', model, 'articles []'],
    ['[{{ o.constructor }}{{ o.constructor.constructor }}{{ o.toString }}{{ o.valueOf }}{{ o.hasOwnProperty }}]', { o: {} }, '[]'],
    ['[{{ s.constructor }}{{ l.constructor }}{{ n.constructor }}{{ f.constructor }}{{ f.prototype }}{{ f.call }}{{ f.bind }}]', { s: '', l: [], n: 1, f: () => 1 }, '[]'],
    ['[{{ constructor }}{{ toString }}{{ hasOwnProperty }}{{ valueOf }}]', {}, '[]'],
    ['{{ d.constructor }} {{ d.prototype }}', { d: JSON.parse('{"constructor": "Ferrari", "prototype": "P"}') as unknown }, 'Ferrari P'],
    ['[{{ m.constructor }}]{{ m.size }}', { m: new Map([['constructor', 'C']]) }, '[C]1'],
    ['{{ l.length }} {{ m.size }} {{ s.size }} {{ u.length }}', { l: [1, 2], m: new Map([[1, 2]]), s: new Set([1]), u: new Uint8Array(3) }, '2 1 1 3'],
    ['[{{ l.pop }}{{ l.shift }}{{ l.reverse }}{{ l.sort }}]{{ l|length }}{{ l.0 }}', { l: [2, 1] }, '[]22'],
    ['[{{ m.clear }}{{ s.clear }}{{ d.setTime }}{{ b.swap16 }}{{ g.next }}{{ g.return }}]{{ m|length }}{{ s|length }}', { m: new Map([[1, 1]]), s: new Set([1]), d: new Date(0), b: Buffer.alloc(2), g: (function* () { yield 1 })() }, '[]11'],
    ['{{ d.getTime }} {{ d.year }}', { d: new Date(0) }, '0 1970'],
    ['[{{ e.stack }}{{ e.message }}]', { e: { message: 'own' } }, '[own]'],
  ])('%s', (template, values, html) => {
    expect(render(template, values)).toBe(html)
    expect(Article.count).toBe(0)
  }) // prettier-ignore

  it.each(['{{ x.__proto__ }}', '{{ __proto__ }}', '{{ x.__defineGetter__ }}', '{{ x|default:__proto__ }}', '{% for x in __proto__ %}{% endfor %}', '{% with a=x.__proto__ %}{% endwith %}', '{% regroup x by __proto__ as y %}'])(
    'does not compile %s',
    (template) => {
      expect(() => engine.fromString(template)).toThrow(/may not begin with underscores/)
    },
  ) // prettier-ignore

  it('finds no way to the prototypes through the names that filters take', () => {
    const rows = [{ a: 1 }, { a: 2 }]
    for (const key of ['__proto__', 'constructor', '__proto__.x', 'a.__proto__', 'constructor.constructor']) {
      expect(render(`{{ rows|dictsort:"${key}" }}`, { rows })).toBe('')
    }
  })

  it('writes to nothing that a caller gave it', () => {
    const values = Object.freeze({ list: Object.freeze([Object.freeze({ n: 1 })]), x: 1 })
    expect(
      render('{% firstof "2" as x %}{% for x in list %}{% cycle 1 2 as c %}{% endfor %}{{ x }}', values),
    ).toBe('12')
    expect(values.x).toBe(1)
  })

  it('keeps keys of visitors apart from the names of objects', () => {
    const data: unknown = JSON.parse('{"__proto__": {"admin": true}, "items": 1}')
    expect(render('{{ data.items }}[{{ data.admin }}]', { data })).toBe('1[]')
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  it('evaluates text of visitors never', () => {
    const evil = '{{ secret }}{% include "secret.html" %}{# #}'
    const site = new Engine({ loaders: [memorySource({ 'secret.html': 'SECRET', 'a.html': '{{ v }}' })] })
    const template =
      '{{ v }}{% filter lower %}{{ v }}{% endfilter %}{% with w=v %}{{ w|safe }}{% endwith %}{% include "a.html" %}'
    const html = render(template, { v: evil, secret: 'SECRET' }, site)
    expect(html).not.toContain('SECRET')
    expect(html.split('{{ secret }}')).toHaveLength(5)
  })
})

describe('escaping', () => {
  const evil = '</script><script>alert("x")</script>\'&`'

  it.each([
    '{{ v }}', '{{ v|upper|lower }}', '{{ v|default:"x" }}', '{{ n|default:v }}', '{{ v|truncatechars:50 }}', '{{ v|cut:"alert" }}', '{{ list }}', '{{ list|join:", " }}', '{{ map }}',
    '{% firstof n v %}', '{% cycle v v %}', '{% with w=v %}{{ w }}{% endwith %}', '{{ safe|add:v }}', '{{ v|add:safe }}', '{{ v|linebreaks }}', '{{ v|linebreaksbr }}', '{{ v|linenumbers }}',
    '{{ v|urlize }}', '{{ v|striptags }}', '{{ list|unordered_list }}', '{{ list|first }}', '{{ list|last }}', '{{ v|slice:":90" }}', '{{ v|wordwrap:5 }}', '{{ v|ljust:5 }}', '{{ v|make_list }}', '{{ v|pprint }}',
    '{{ v|stringformat:"s" }}', '{{ v|title }}', '{{ v|force_escape }}', '{{ v|escape }}', '{{ thing }}', '{{ v|addslashes }}', '{{ v|truncatewords_html:3 }}', '{{ v|truncatechars_html:30 }}', '{{ v|center:99 }}',
    '{% filter force_escape %}{{ v|safe }}{% endfilter %}', '{% firstof v as x %}{{ x }}', '{% for c in v %}{{ c }}{% endfor %}', '{{ v|dictsort:"x" }}{{ v|random }}', '{% regroup rows by k as g %}{{ g.0.grouper }}{{ g }}', '{{ v|phone2numeric }}', '{{ v|capfirst }}',
  ])('is on in %s', (template) => {
    const values = { v: evil, n: null, list: [evil], map: { [evil]: evil }, safe: markSafe('<b>'), thing: { toString: () => evil }, rows: [{ k: evil }] }
    const html = render(template, values).replaceAll(/<\/?(b|p|br|li)>/g, '')
    expect(html).not.toMatch(/[<>]|"x"/)
  }) // prettier-ignore

  it('is off where the template or the view says so', () => {
    expect(render('{{ v|safe }}{% autoescape off %}{{ v }}{% endautoescape %}{{ s }}', { v: '<', s: markSafe('<i>') })).toBe('<<<i>')
    expect(render('{{ form }}', { form: { toHtml: () => '<form>' } })).toBe('<form>')
  }) // prettier-ignore

  it('holds in every place that JSON can get to in a page', () => {
    const html = render('{{ data|json_script:id }}', {
      data: { [evil]: [evil, '\u2028', '<!--'] },
      id: '"><',
    })
    expect(html.match(/[<>]/g)).toHaveLength(4)
    expect(html).toContain('id="&quot;&gt;&lt;"')
    const json = html.replace(/^<script[^>]*>|<\/script>$/g, '')
    expect(JSON.parse(json)).toEqual({ [evil]: [evil, '\u2028', '<!--'] })
  })

  it('of strings in scripts leaves nothing that ends a string, a script or an attribute', () => {
    const all = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('') + '\u2028\u2029'
    expect(render('{{ v|escapejs }}', { v: all })).not.toMatch(/[\0-\x1f'"<>&`=;-]|\\(?!u)|[\u2028\u2029]/)
  })

  it.each([
    ['<<b>script>alert(1)<</b>/script>', /<script/],
    ['<<>img src=x onerror=alert(1)>', /<img/],
    ['<scr<script>ipt>alert(1)</scr</script>ipt>', /<script/],
    [`${'<'.repeat(60)}${'b>'.repeat(60)}`, /<b>/],
    ['<!--<!---->img src=x>', /<img/],
    ['<a title=">"onclick=x>link</a>', /<a/],
  ])('survives what taking out tags from %s leaves', (text, tag) => {
    expect(render('{{ v|striptags|safe }}', { v: text })).not.toMatch(tag)
    expect(render('{{ v|striptags }}', { v: text })).not.toMatch(/[<>]/)
  })

  it('is part of every safe string that values are put into', () => {
    expect(escape(markSafe('<')).value).toBe('&lt;')
    expect(conditionalEscape(markSafe('<')).value).toBe('<')
    expect(formatHtml('<a href="{}" title="{1}">{name}{{}}</a>', '"', markSafe('<'), { name: '&' }).value).toBe('<a href="&quot;" title="<">&amp;{}</a>')
    expect(formatHtmlJoin('<', '<li>{}</li>', [['<'], [markSafe('>')]]).value).toBe('<li>&lt;</li>&lt;<li>></li>')
    expect(formatHtml('{}', '{0}{name}').value).toBe('{0}{name}')
    expect(`${new SafeString('<').toString()}`).toBeTypeOf('string')
  }) // prettier-ignore
})
