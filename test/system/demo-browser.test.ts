/** People at the demo: a real browser, both tiers, files and database on disk. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core'
import { startDemo, type DemoServer } from '../demo/support/demo-server.ts'
import { describeWithPeer } from '../support/peer.ts'

const password = 'temple of the winds'
const stepMs = 15_000

/** In the page: the text of what has the focus. The types of a browser are not those of this programme. */
const focused = 'document.activeElement.textContent.trim()'

describeWithPeer('chromium', 'the demo in a browser', (executablePath = '') => {
  let demo: DemoServer
  let browser: Browser
  let context: BrowserContext
  let page: Page
  /** What the browser complained about. */
  let complaints: string[]
  let visitors = 0

  beforeAll(async () => {
    demo = await startDemo({ workers: 1 })
    const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']
    browser = await chromium.launch({ executablePath, args })
  })
  afterAll(async () => {
    await browser.close()
    await demo.server.stop()
  })

  async function open(options: BrowserContextOptions = {}): Promise<Page> {
    context = await browser.newContext({
      baseURL: demo.origin,
      viewport: { width: 1280, height: 800 },
      ...options,
    })
    context.setDefaultTimeout(stepMs)
    complaints = []
    context.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    context.on('weberror', (error) => complaints.push(String(error.error())))
    context.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? ''
      // A page that is left does not wait for its pictures.
      if (reason !== 'net::ERR_ABORTED') complaints.push(`${request.url()}: ${reason}`)
    })
    page = await context.newPage()
    return page
  }

  beforeEach(() => {
    visitors += 1
  })
  afterEach(async () => {
    await context.close()
    expect(complaints).toEqual([])
  })

  const name = (): string => `Visitor${visitors}`

  function evaluated<T>(expression: string): Promise<T> {
    return page.evaluate<T>(expression)
  }

  async function signUp(): Promise<void> {
    await page.goto('/sign-up/')
    await page.getByLabel('Name').fill(name())
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByLabel('The same password again').fill(password)
    await page.getByRole('button', { name: 'Sign up' }).click()
    await page.getByText(`Welcome, ${name()}.`).waitFor()
  }

  async function writeOnce(text: string): Promise<void> {
    await page.getByLabel('Your line').fill(text)
    await page.getByRole('button', { name: 'Put it in the book' }).click()
    await page.getByText('Thank you. Your line is in the book.').waitFor()
    expect(new URL(page.url()).pathname).toBe('/')
    const newest = page.getByRole('article').first()
    expect(await newest.getByRole('heading').textContent()).toBe(name())
    expect(await newest.locator('p').getByText(text).count()).toBe(1)
    await page.reload()
    expect(await page.getByText('Thank you. Your line is in the book.').count()).toBe(0)
    expect(await page.locator('p').getByText(text).count()).toBe(1)
  }

  it('lets a visitor sign up, write a line, see the message once, and sign out', async () => {
    await open()
    await signUp()
    await writeOnce('I came by <b>browser</b> & stayed.')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByText('You have signed out. Come again.').waitFor()
    expect(await page.getByRole('link', { name: 'Sign in' }).count()).toBeGreaterThan(0)
    expect(await page.getByRole('button', { name: /Delete/ }).count()).toBe(0)
  })

  it('does the same without JavaScript', async () => {
    await open({ javaScriptEnabled: false })
    await signUp()
    await writeOnce('No script was needed.')
    await page.getByRole('button', { name: /Delete/ }).click()
    await page.getByText('Your line is gone from the book.').waitFor()
    expect(await page.getByText('No script was needed.').count()).toBe(0)
    await page.goto('/how/')
    expect(await page.getByRole('row', { name: /^Gateway/ }).count()).toBe(1)
    // What only a script could fill is not there to be missed.
    expect(await page.getByText('In your browser').isVisible()).toBe(false)
  })

  it('can be used with the keyboard alone, and shows where one is', async () => {
    await open()
    await signUp()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.goto('/')
    await page.keyboard.press('Tab')
    expect(await evaluated<string>(focused)).toBe('Skip to the content')
    expect(await page.getByRole('link', { name: 'Skip to the content' }).boundingBox()).toMatchObject({
      y: 0,
    })
    await tabTo('Sign in')
    expect(await evaluated<string>('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/sign-in/')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    // From the content on: the name is the first thing to type.
    await page.keyboard.press('Tab')
    await page.keyboard.type(name())
    await page.keyboard.press('Tab')
    await page.keyboard.type(password)
    await page.keyboard.press('Enter')
    await page.getByText(`Welcome back, ${name()}.`).waitFor()
  })

  async function tabTo(text: string): Promise<void> {
    for (let presses = 0; presses < 12; presses += 1) {
      if ((await evaluated<string>(focused)) === text) return
      await page.keyboard.press('Tab')
    }
    throw new Error(`12 tabs did not lead to ${text}`)
  }

  it('gets files from the front, and the application sees none of them', async () => {
    await open()
    await page.goto('/how/')
    const before = await served()
    const answers = new Map<string, string | undefined>()
    page.on('response', (response) => {
      answers.set(new URL(response.url()).pathname, response.headers()['x-answered-by'])
    })
    await page.goto('/')
    await page.goto('/sign-up/')
    await page.waitForLoadState('networkidle')
    const files = [...answers.keys()].filter((path) => /^\/static\/|^\/favicon/.test(path))
    expect(files).toEqual(
      expect.arrayContaining(['/static/site.css', '/static/site.js', '/static/art/portico.svg']),
    )
    expect(files.map((path) => answers.get(path))).toEqual(files.map(() => undefined))
    expect([answers.get('/'), answers.get('/sign-up/')]).toEqual([
      expect.stringMatching(/^application /),
      expect.stringMatching(/^application /),
    ])
    await page.goto('/how/')
    // Three pages since, this one among them; the worker has counted nothing else.
    expect(await served()).toBe(before + 3)
  })

  /** How many requests the only worker has answered, by its own count. */
  async function served(): Promise<number> {
    const text = await page.getByText(/^its \d+/).textContent()
    return Number(/\d+/.exec(text ?? '')?.[0])
  }

  it('shows the way of the very request', async () => {
    await open()
    await page.goto('/how/')
    const rows = page.locator('.waterfall tbody tr')
    expect(await rows.count()).toBeGreaterThan(15)
    expect(await rows.first().textContent()).toContain('Front')
    expect(await rows.nth(1).textContent()).toContain('Gateway')
    expect(await page.getByRole('row', { name: /^SessionMiddleware, out/ }).count()).toBe(1)
    const widths = await evaluated<number[]>(
      "[...document.querySelectorAll('.waterfall rect')].map((bar) => bar.getBoundingClientRect().width)",
    )
    expect(Math.min(...widths)).toBeGreaterThan(0)
    await page.getByText(/^In your browser: first byte/).waitFor()
  })

  it('hears the clock while it ticks', async () => {
    await open()
    await page.goto('/how/')
    await page.getByRole('button', { name: 'Listen to the clock' }).click()
    const face = page.getByRole('status').and(page.locator('output'))
    // The whole count takes ten seconds: whatever held it back would show the end only.
    await face.filter({ hasText: /^10$/ }).waitFor({ timeout: 3000 })
    await face.filter({ hasText: /^9$/ }).waitFor({ timeout: 3000 })
  })

  it.each([
    [320, 'light'],
    [375, 'dark'],
    [1280, 'dark'],
  ] as const)('fits into %d pixels, %s', async (width, colorScheme) => {
    await open({ viewport: { width, height: 700 }, colorScheme, reducedMotion: 'reduce' })
    await signUp()
    const grounds = new Set<string>()
    for (const path of ['/', '/how/', '/sign-in/', '/write/', '/?page=2']) {
      await page.goto(path)
      const [needed, has] = await evaluated<number[]>(
        '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
      )
      expect([path, needed]).toEqual([path, has])
      grounds.add(await evaluated<string>('getComputedStyle(document.body).backgroundColor'))
    }
    expect([...grounds]).toEqual([colorScheme === 'dark' ? 'rgb(15, 21, 41)' : 'rgb(251, 247, 238)'])
    expect(await evaluated<number>('document.getAnimations().length')).toBe(0)
  })
})
