import { beforeEach, describe, expect, test } from 'vitest'
import { demoSite, messagesIn, password, sendForm, signUp, type DemoSite } from './support/site.ts'

let site: DemoSite
beforeEach(async () => {
  site = await demoSite()
})

describe('signing up', () => {
  test('signs in, and greets once', async () => {
    const ada = site.visitor()
    const response = await signUp(ada, 'Ada')
    expect([response.status, response.header('location')]).toEqual([302, '/'])
    const page = await ada.get('/')
    expect(messagesIn(page)).toEqual(['Welcome, Ada.'])
    expect(page.text).toContain('<span>Ada</span>')
    expect(messagesIn(await ada.get('/'))).toEqual([])
  })

  test.each([
    ['a name that is taken', { username: 'Hypatia' }, 'A user with that username already exists.'],
    ['a name of other characters', { username: '<Ada>' }, 'Letters, digits and . @ + - _ please'],
    ['two passwords', { password2: 'temple of the sea' }, 'This is not the password above.'],
    ['a password known to all', { password1: 'password123', password2: 'password123' }, 'too common'],
    ['the name as the password', { password1: 'ada-ada-ada', password2: 'ada-ada-ada' }, 'too similar'],
  ])('with %s is asked again', async (_what, changed, error) => {
    const visitor = site.visitor()
    const fields = { username: 'Ada', password1: password, password2: password, ...changed }
    const response = await sendForm(visitor, '/sign-up/', fields)
    expect(response.status).toBe(200)
    expect(response.text).toContain(error)
    expect(response.text).not.toContain(fields.password1)
    expect((await visitor.get('/')).text).toContain('Sign in')
  })
})

describe('signing in', () => {
  beforeEach(() => signUp(site.visitor(), 'Ada'))

  test('leads back to where it was asked for', async () => {
    const ada = site.visitor()
    const response = await sendForm(ada, '/sign-in/?next=/write/', { username: 'Ada', password })
    expect([response.status, response.header('location')]).toEqual([302, '/write/'])
    expect(messagesIn(await ada.get('/write/'))).toEqual(['Welcome back, Ada.'])
  })

  test.each(['//evil.example/', 'https://evil.example/', '/\\evil.example', 'javascript:alert(1)'])(
    'never leads to %s',
    async (next) => {
      const page = `/sign-in/?next=${encodeURIComponent(next)}`
      const response = await sendForm(site.visitor(), page, { username: 'Ada', password, next })
      expect([response.status, response.header('location')]).toEqual([302, '/'])
    },
  )

  test.each([
    ['the wrong password', { username: 'Ada', password: 'temple of the sea' }],
    ['a name that nobody has', { username: 'Nobody', password }],
    ['a visitor of long ago, who has no password', { username: 'Hypatia', password: '' }],
  ])('is refused with %s', async (_what, fields) => {
    const visitor = site.visitor()
    const response = await sendForm(visitor, '/sign-in/', fields)
    expect(response.status).toBe(200)
    expect(response.text).toMatch(/class="errors/)
    expect((await visitor.get('/write/')).status).toBe(302)
  })

  test('gives the session a new key', async () => {
    const ada = site.visitor()
    await signUp(ada, 'Grace')
    const before = ada.cookies.get('sessionid')
    await sendForm(ada, '/', {}, '/sign-out/')
    await sendForm(ada, '/sign-in/', { username: 'Ada', password })
    expect(ada.cookies.get('sessionid')).not.toBe(before)
  })
})

describe('signing out', () => {
  test('ends the session, by POST only', async () => {
    const ada = site.visitor()
    await signUp(ada, 'Ada')
    const session = ada.cookies.get('sessionid') ?? ''
    expect((await ada.get('/sign-out/')).status).toBe(405)
    const response = await sendForm(ada, '/', {}, '/sign-out/')
    expect([response.status, response.header('location')]).toEqual([302, '/'])
    const page = await ada.get('/')
    expect(messagesIn(page)).toContain('You have signed out. Come again.')
    expect(page.text).toContain('Sign in')
    const thief = site.visitor()
    thief.cookies.set('sessionid', session)
    expect((await thief.get('/write/')).status).toBe(302)
  })
})
