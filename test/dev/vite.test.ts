/** A Vite project behind `portico dev`: its page, its modules and its web socket go through http-proxy. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import { createServer, type ViteDevServer } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DevProcess } from '../support/dev-process.ts'
import { describeWithPeer } from '../support/peer.ts'

const view = (text: string): string => `export const text = '${text}'
export const show = () => { document.querySelector('#text').textContent = text }
if (import.meta.hot) import.meta.hot.accept((module) => module.show())
`

const PAGE = `<!doctype html><title>Hot</title><p id="text"></p>
<script type="module">import { show } from './view.js'; show()</script>`

describeWithPeer('chromium', 'vite behind portico dev', (executablePath = '') => {
  let folder: string
  let vite: ViteDevServer
  let dev: DevProcess
  let browser: Browser

  function write(name: string, text: string): void {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'portico-vite-'))
    write('web/index.html', PAGE)
    write('web/view.js', view('before'))
    vite = await createServer({
      root: join(folder, 'web'),
      configFile: false,
      logLevel: 'error',
      cacheDir: join(folder, 'cache'),
      server: { host: '127.0.0.1', port: 0, allowedHosts: true },
    })
    await vite.listen()
    const { port } = vite.httpServer?.address() as AddressInfo
    const location = `location / {
      proxy_pass http://127.0.0.1:${port};
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
    }`
    write('conf/portico.conf', `events {} http { server { listen 127.0.0.1:8080; ${location} } }`)
    dev = await DevProcess.start({ folder })
    const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']
    browser = await chromium.launch({ executablePath, args })
  })
  afterAll(async () => {
    await browser.close()
    await dev.stop()
    await vite.close()
    rmSync(folder, { recursive: true })
  })

  it('shows an edit without loading the page again', async () => {
    const page = await browser.newPage()
    const sockets: string[] = []
    page.on('websocket', (socket) => sockets.push(socket.url()))
    const connected = page.waitForEvent('console', (message) => message.text().includes('connected'))
    await page.goto(`${dev.origin}/`)
    await connected
    await page.waitForFunction("document.querySelector('#text').textContent === 'before'")
    await page.evaluate('window.stayed = true')
    write('web/view.js', view('after'))
    await page.waitForFunction("document.querySelector('#text').textContent === 'after'")
    expect(await page.evaluate('window.stayed')).toBe(true)
    expect(sockets.every((url) => url.startsWith(`ws://127.0.0.1:${dev.port}/`))).toBe(true)
    expect(sockets).toHaveLength(1)
    expect(dev.output).toContain('upgrade to websocket')
    await page.close()
  })
})
