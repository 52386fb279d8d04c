import { beforeEach, describe, expect, test } from 'vitest'
import type { Client } from 'portico/web'
import { demoSite, messagesIn, sendForm, signUp, tokenOf, write, type DemoSite } from './support/site.ts'

let site: DemoSite
let ada: Client

beforeEach(async () => {
  site = await demoSite()
  ada = site.visitor()
  await signUp(ada, 'Ada')
  await ada.get('/')
})

function authorsIn(page: string): string[] {
  return [...page.matchAll(/<h3>([^<]*)<\/h3>/g)].map((match) => match[1] ?? '')
}

describe('the book', () => {
  test('shows the newest line first, each with its author’s picture', async () => {
    await write(ada, 'I was here.')
    const page = await site.visitor().get('/')
    expect(authorsIn(page.text).slice(0, 3)).toEqual(['Ada', 'Theano', 'Plinius'])
    expect(page.text).toMatch(/src="\/static\/avatars\/[a-z]+\.svg"/)
    expect(page.text).toContain('just now')
    expect(page.text).toContain('9 lines so far')
  })

  test('goes on to older pages, and to none that there is not', async () => {
    await write(ada, 'The ninth line.')
    const first = await ada.get('/')
    expect(first.text).toContain('Page 1 of 2')
    expect(first.text).toContain('href="?page=2"')
    const second = await ada.get('/?page=2')
    expect(authorsIn(second.text)).toEqual(['Vitruvius'])
    expect(second.text).toContain('href="?page=1"')
    expect((await ada.get('/?page=3')).status).toBe(404)
    expect((await ada.get('/?page=x')).status).toBe(404)
  })

  test('shows what was written, never runs it', async () => {
    const hostile = `</p><script>alert('x')</script><img src=x onerror=alert(1)>\n\n{{ request.settings.secretKey }} & “so”`
    await write(ada, hostile)
    const { text } = await ada.get('/')
    expect(text).not.toContain('<script>alert')
    expect(text).not.toContain('<img src=x')
    expect(text).toContain('&lt;/p&gt;&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;')
    expect(text).toContain('<p>{{ request.settings.secretKey }} &amp; “so”</p>')
  })

  test('says each line once to programs', async () => {
    await write(ada, 'For "programs" too')
    const response = await site.visitor().get('/api/entries/')
    expect(response.header('content-type')).toBe('application/json')
    const { entries } = response.json() as { entries: Record<string, unknown>[] }
    expect(entries).toHaveLength(9)
    expect(entries[0]).toEqual({
      id: 9,
      author: 'Ada',
      text: 'For "programs" too',
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
    })
  })
})

describe('writing', () => {
  test('needs a signed-in visitor', async () => {
    const response = await site.visitor().get('/write/')
    expect([response.status, response.header('location')]).toEqual([302, '/sign-in/?next=/write/'])
  })

  test('answers with a redirect, and one message that is shown once', async () => {
    const response = await write(ada, 'Once.')
    expect([response.status, response.header('location')]).toEqual([302, '/'])
    expect(messagesIn(await ada.get('/'))).toEqual(['Thank you. Your line is in the book.'])
    expect(messagesIn(await ada.get('/'))).toEqual([])
  })

  test.each([
    ['nothing', ' \n ', 'This field is required.'],
    ['too much', 'x'.repeat(501), 'Ensure this value has at most 500 characters (it has 501).'],
  ])('%s is asked for again, with what is wrong', async (_what, text, error) => {
    const response = await write(ada, text)
    expect(response.status).toBe(200)
    expect(response.text).toContain(`<ul class="errors" id="id_text_error"><li>${error}</li></ul>`)
    expect(response.text).toMatch(/<textarea[^>]* aria-describedby="id_text_error"[^>]* aria-invalid="true"/)
    expect((await ada.get('/')).text).toContain('8 lines so far')
  })

  test('keeps what was typed', async () => {
    const text = `<i>${'x'.repeat(500)}`
    expect((await write(ada, text)).text).toContain(`>\n&lt;i&gt;${'x'.repeat(500)}</textarea>`)
  })

  test.each([
    ['no token', {}],
    ['a token of one’s own', { csrfmiddlewaretoken: 'a'.repeat(64) }],
  ])('is refused with %s', async (_what, forged) => {
    const response = await ada.post('/write/', { form: { text: 'Forged', ...forged } })
    expect(response.status).toBe(403)
    expect(response.text).toContain('The door stays shut')
    expect(response.text).toContain('Load its page again')
    expect((await ada.get('/')).text).not.toContain('Forged')
  })

  test('is refused from another site', async () => {
    const csrfmiddlewaretoken = tokenOf(await ada.get('/write/'))
    const form = { text: 'From elsewhere', csrfmiddlewaretoken }
    const response = await ada.post('/write/', { form }, { headers: { Origin: 'http://evil.example' } })
    expect(response.status).toBe(403)
  })
})

describe('deleting', () => {
  test('is for the author, who alone sees the button', async () => {
    await write(ada, 'Mine.')
    const own = await ada.get('/')
    expect(own.text).toContain('action="/entries/9/delete/"')
    expect(own.text).not.toContain('action="/entries/8/delete/"')
    const response = await sendForm(ada, '/', {}, '/entries/9/delete/')
    expect([response.status, response.header('location')]).toEqual([302, '/'])
    const after = await ada.get('/')
    expect(messagesIn(after)).toEqual(['Your line is gone from the book.'])
    expect(after.text).not.toContain('Mine.')
  })

  test('is refused to anybody else', async () => {
    await write(ada, 'Still mine.')
    const bob = site.visitor()
    await signUp(bob, 'Bob')
    const response = await sendForm(bob, '/', {}, '/entries/9/delete/')
    expect(response.status).toBe(403)
    expect(response.text).toContain('somebody else’s')
    const nobody = site.visitor()
    expect((await sendForm(nobody, '/sign-in/', {}, '/entries/9/delete/')).status).toBe(403)
    expect((await ada.get('/')).text).toContain('Still mine.')
  })

  test('takes no link for an order, and knows what there is', async () => {
    const refused = await ada.get('/entries/8/delete/')
    expect([refused.status, refused.header('allow')]).toEqual([405, 'POST'])
    expect((await sendForm(ada, '/', {}, '/entries/999/delete/')).status).toBe(404)
  })
})
