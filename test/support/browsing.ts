import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, expect } from 'vitest'
import { launchChromium } from './chromium.ts'
import { type RunningProduct, startProduct } from './running-product.ts'

export interface Browsing {
  product: RunningProduct
  browser: Browser
  page: Page
  /** What scripts of the page threw. */
  pageErrors: string[]
  /** Asks the product with the session of the page, as its own pages do; anything but success fails the test. */
  send(method: 'GET' | 'POST' | 'PUT', path: string, data?: object): ReturnType<typeof JSON.parse>
}

const firstAdministrator = { login: 'root', name: '管理员', password: 'three calm herons' }

/**
 * A product of its own that may read servers on loopback, and a Chinese browser at it in which its first administrator is
 * signed in, unless `isNew`: then nobody was there yet. Both end with the tests of the file that asked for them.
 */
export async function startBrowsing({
  env = {},
  isNew = false,
  ...context
}: BrowserContextOptions & { env?: NodeJS.ProcessEnv; isNew?: boolean } = {}): Promise<Browsing> {
  const product = await startProduct({ env: { WEIYU_FETCH_ALLOW: '127.0.0.1', ...env } })
  afterAll(() => product.stop())
  // Hooks do not run where a file fails before its first test, and the product would live on.
  process.once('exit', () => product.child.kill())
  const browser = await launchChromium()
  afterAll(() => browser.close())
  const page = await browser.newPage({ baseURL: product.url, locale: 'zh-CN', ...context })
  const pageErrors: string[] = []
  page.on('pageerror', (error) => pageErrors.push(error.message))
  const send: Browsing['send'] = async (method, path, data) => {
    const headers = { 'x-weiyu': '1' }
    const answer = await page.request.fetch(path, { method, headers, ...(data !== undefined && { data }) })
    expect(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`).toBe(true)
    return answer.status() === 204 ? undefined : answer.json()
  }
  if (!isNew) await send('POST', '/api/first-run', firstAdministrator)
  return { product, browser, page, pageErrors, send }
}

/** Opens a server on a free port of loopback until the tests of the file are through, and gives its address. */
export async function onLoopback(server: Server): Promise<string> {
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  afterAll(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
