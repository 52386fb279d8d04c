import { expect, it } from 'vitest'
import { Engine } from '../../../src/web/template/engine.ts'
import { markSafe } from '../../../src/web/template/safe-string.ts'
import { renderNow } from './support/render-now.ts'

const engine = new Engine({ now: () => new Date('2024-03-01T12:00:00Z'), random: () => 0.99 })

const values = {
  name: 'joel is a slug',
  html: '<b>Joel</b> & "co"',
  safe: markSafe('<i>x</i>'),
  list: ['b', 'a', 'c'],
  numbers: [1, 2, 3, 4],
  people: [
    { name: 'Bob', age: 19 },
    { name: 'Ann', age: 42 },
  ],
  nested: ['States', ['Kansas', ['Lawrence'], 'Illinois']],
  date: new Date('2024-02-29T15:04:05Z'),
  text: 'one\ntwo\n\nthree',
  none: null,
  map: new Map([['k', 1]]),
}

/** At least one row per filter; the comparison with Django has the thousands. */
it.each([
  ['{{ 4|add:"2" }} {{ "a"|add:"b" }} {{ numbers|add:list }} [{{ "a"|add:1 }}]', '6 ab [1, 2, 3, 4, &#x27;b&#x27;, &#x27;a&#x27;, &#x27;c&#x27;] []'],
  [`{{ "I'm"|addslashes }}`, "I\\'m"],
  ['{{ name|capfirst }}', 'Joel is a slug'],
  ['[{{ "abc"|center:"8" }}] [{{ "abc"|ljust:5 }}] [{{ "abc"|rjust:5 }}]', '[  abc   ] [abc  ] [  abc]'],
  ['{{ name|cut:" " }}', 'joelisaslug'],
  ['{{ date|date:"D d M Y" }} {{ date|date }} {{ date|date:"SHORT_DATETIME_FORMAT" }} [{{ name|date }}]', 'Thu 29 Feb 2024 Feb. 29, 2024 02/29/2024 3:04 p.m. []'],
  ['{{ none|default:"d" }} {{ ""|default:"d" }} {{ none|default_if_none:"n" }} [{{ ""|default_if_none:"n" }}]', 'd d n []'],
  ['{% for p in people|dictsort:"age" %}{{ p.name }}{% endfor %}{% for p in people|dictsortreversed:"age" %}{{ p.name }}{% endfor %}', 'BobAnnAnnBob'],
  ['{{ 21|divisibleby:"3" }} {{ 22|divisibleby:3 }}', 'True False'],
  ['{{ html|escape }} {{ safe|escape }} {{ safe|force_escape }}', '&lt;b&gt;Joel&lt;/b&gt; &amp; &quot;co&quot; <i>x</i> &lt;i&gt;x&lt;/i&gt;'],
  ['{{ "a\'<\\n"|escapejs }}', 'a\\u0027\\u003C\\u005Cn'],
  ['{{ 123456789|filesizeformat }} {{ 1|filesizeformat }} {{ "x"|filesizeformat }}', '117.7\u00a0MB 1\u00a0byte 0\u00a0bytes'],
  ['{{ list|first }} {{ list|last }} [{{ ""|first }}{{ none|last }}]', 'b c []'],
  ['{{ 34.23234|floatformat }} {{ 34.0|floatformat }} {{ 34.26|floatformat:3 }} {{ 34.5|floatformat:"0" }} {{ 34|floatformat:"-3" }} [{{ "x"|floatformat }}]', '34.2 34 34.260 35 34 []'],
  ['{{ "12345678901234567890.125"|floatformat:2 }} {{ "1e3"|floatformat:1 }} {{ ".5"|floatformat }}', '12345678901234567890.13 1000.0 0.5'],
  ['{{ 123456|get_digit:2 }} {{ "abc"|get_digit:1 }} {{ 12|get_digit:9 }}', '5 abc 0'],
  ['{{ "?q=I ♥ Django"|iriencode }} {{ "a/b c&d"|urlencode }} {{ "a/b"|urlencode:"" }}', '?q=I%20%E2%99%A5%20Django a/b%20c%26d a%2Fb'],
  ['{{ list|join:" // " }} {{ list|join:"<br>" }}', 'b // a // c b<br>a<br>c'],
  ['{{ map|json_script:"hello-data" }}', '<script id="hello-data" type="application/json">{"k": 1}</script>'],
  ['{{ list|length }} {{ none|length }} {{ "é😀"|length }} {{ map|length }} {{ list|length_is:"3" }}', '3 0 2 1 True'],
  ['{{ text|linebreaks }}', '<p>one<br>two</p>\n\n<p>three</p>'],
  ['{{ text|linebreaksbr }}', 'one<br>two<br><br>three'],
  ['{{ text|linenumbers }}', '1. one\n2. two\n3. \n4. three'],
  ['{{ "Totally LOUD"|lower }} {{ "Joel"|upper }} {{ "my FIRST post"|title }}', 'totally loud JOEL My First Post'],
  ['{{ "Joel"|make_list }} {{ 123|make_list }}', '[&#x27;J&#x27;, &#x27;o&#x27;, &#x27;e&#x27;, &#x27;l&#x27;] [&#x27;1&#x27;, &#x27;2&#x27;, &#x27;3&#x27;]'],
  ['{{ "800-COLLECT"|phone2numeric }}', '800-2655328'],
  ['vote{{ 2|pluralize }} vote{{ 1|pluralize }} cherr{{ numbers|pluralize:"y,ies" }} walrus{{ 0|pluralize:"es" }}', 'votes vote cherries walruses'],
  ['{{ map|pprint }} {{ list|random }}', '{&#x27;k&#x27;: 1} c'],
  ['{{ html|safe }} {{ list|safeseq|join:"," }}', '<b>Joel</b> & "co" b,a,c'],
  ['{{ list|slice:":2" }} {{ numbers|slice:"-1:" }} {{ name|slice:"::-1" }}', '[&#x27;b&#x27;, &#x27;a&#x27;] [4] guls a si leoj'],
  ['{{ " Joel is a (slug)_"|slugify }} {{ "é–è"|slugify }}', 'joel-is-a-slug ee'],
  ['{{ 10|stringformat:"E" }} {{ 3|stringformat:"03d" }} {{ "x"|stringformat:"5s" }}', '1.000000E+01 003     x'],
  ['{{ html|striptags }}', 'Joel &amp; &quot;co&quot;'],
  ['{{ date|time:"H:i" }} {{ date|time }} [{{ date|time:"Y" }}]', '15:04 3:04 p.m. []'],
  ['{{ date|timesince }} [{{ date|timeuntil }}]', '20\u00a0hours, 55\u00a0minutes [0\u00a0minutes]'],
  ['{{ name|truncatechars:7 }} {{ name|truncatewords:2 }}', 'joel i… joel is …'],
  ['{{ "<p>Joel is a slug</p>"|truncatechars_html:7 }} {{ "<p>Joel is a slug</p>"|truncatewords_html:2 }}', '<p>Joel i…</p> <p>Joel is …</p>'],
  ['{{ nested|unordered_list }}', '\t<li>States\n\t<ul>\n\t\t<li>Kansas\n\t\t<ul>\n\t\t\t<li>Lawrence</li>\n\t\t</ul>\n\t\t</li>\n\t\t<li>Illinois</li>\n\t</ul>\n\t</li>'],
  ['{{ "Go to www.djangoproject.com."|urlize }}', 'Go to <a href="http://www.djangoproject.com" rel="nofollow">www.djangoproject.com</a>.'],
  ['{{ "mail me@example.org"|urlizetrunc:6 }}', 'mail <a href="mailto:me@example.org">me@ex…</a>'],
  ['{{ name|wordcount }} {{ name|wordwrap:5 }}', '4 joel\nis a\nslug'],
  ['{{ 1|yesno:"yeah,no,maybe" }} {{ none|yesno }} {{ ""|yesno:"yeah,no" }}', 'yeah maybe no'],
])('%s', (template, html) => {
  expect(renderNow(template, values, engine)).toBe(html)
}) // prettier-ignore
