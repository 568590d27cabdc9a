// Every page with the rows of the demo, as a phone, a tablet, a small laptop and an English desktop show it: nothing is cut or
// out of reach.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { startBrowsing } from '../support/browsing.ts'

const { browser, page, product, send, pageErrors } = await startBrowsing()

async function addresses(): Promise<string[]> {
  const [warnings, issues, mentions, projects, complaints, sources] = await Promise.all(
    ['warnings', 'issues', 'mentions', 'projects', 'complaints?open=true', 'sources'].map((list) =>
      send('GET', `/api/${list}`),
    ),
  )
  const told = mentions.rows.find((row: { otherMentions: number }) => row.otherMentions > 0)
  return [
    ...['/overview', '/warnings', '/warnings?grouped=true', '/issues', '/mentions', '/mentions/unresolved'],
    ...['/mentions/unresolved?view=names', '/indicators', '/risks', '/risks/try', '/risks/catalogue'],
    ...[
      '/risks/edit?path=lexicon%2Fnegation.yaml',
      '/risks/DE3',
      '/complaints',
      '/complaints/new',
      '/projects',
    ],
    ...[
      '/sources',
      '/people',
      '/assistant',
      '/assistant/settings',
      '/audit',
      '/welcome',
      '/account',
      '/about',
    ],
    `/warnings/${warnings.rows[0].id}`,
    `/issues/${issues.rows[0].id}`,
    `/mentions/${told.id}`,
    `/stories/${told.storyId}`,
    `/projects/${projects.rows[0].id}`,
    `/complaints/${complaints.rows[0].id}`,
    `/sources/${sources.sources[0].id}`,
  ]
}

/** Opens each address with the rows drawn, and asks the page. */
async function ask(window: Page, of: readonly string[], question: () => string[]): Promise<string[]> {
  const found: string[] = []
  for (const address of of) {
    await window.goto(address)
    await window.locator('main h1').waitFor()
    await window.waitForFunction(() => document.querySelector('.skeleton') === null)
    found.push(...(await window.evaluate(question)).map((what) => `${address}: ${what}`))
  }
  return found
}

let all: readonly string[] = []

test('the demo is loaded', async () => {
  await send('POST', '/api/demo')
  await expect
    .poll(async () => (await send('GET', '/api/demo')).state, { timeout: 120_000, interval: 500 })
    .toBe('done')
  all = await addresses()
}, 130_000)

const signedIn = async (options: Parameters<typeof browser.newContext>[0]) => {
  const context = await browser.newContext({
    baseURL: product.url,
    storageState: await page.context().storageState(),
    ...options,
  })
  await context.addInitScript(() => localStorage.setItem('weiyu.language', 'en'))
  const window = await context.newPage()
  window.on('pageerror', (error) => pageErrors.push(error.message))
  return window
}

test('on a phone no page is wider than the screen, and every control can be touched', async () => {
  const phone = await signedIn({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
  const wrong = await ask(phone, all, () => {
    const found: string[] = []
    const { scrollWidth } = document.documentElement
    if (scrollWidth > window.innerWidth) found.push(`${scrollWidth} px wide`)
    // The skip link comes with the keyboard; links inside sentences are as high as their line.
    const controls =
      'button, select, summary, textarea, a[href]:not(.skip), input:not([type=checkbox], [type=radio])'
    for (const control of document.querySelectorAll(controls)) {
      const { width, height } = control.getBoundingClientRect()
      const isInText = control.matches('a') && getComputedStyle(control).display === 'inline'
      if (width > 0 && height > 0 && height < 39 && !isInText)
        found.push(`${Math.round(height)} px high: ${control.textContent?.trim() || control.className}`)
    }
    for (const cell of document.querySelectorAll('main :is(td, th)'))
      if (cell.clientWidth > 0 && cell.clientWidth < 24) found.push(`crushed: ${cell.textContent}`)
    return found
  })
  expect(wrong).toEqual([])
}, 180_000)

test.each([768, 1024, 1280])(
  'at %i pixels every table fills its place, and its names can be read',
  async (width) => {
    const window = await signedIn({ viewport: { width, height: 900 } })
    const wrong = await ask(window, all, () => {
      const found: string[] = []
      const { scrollWidth } = document.documentElement
      if (scrollWidth > innerWidth) found.push(`${scrollWidth} px wide`)
      for (const table of document.querySelectorAll('main .table')) {
        const heads = [...table.querySelectorAll('thead th')].filter((head) => head.clientWidth > 0)
        const right = heads.at(-1)?.getBoundingClientRect().right ?? 0
        const room = table.getBoundingClientRect().right - right
        if (heads.length > 0 && room > 2) found.push(`${Math.round(room)} px of a table are empty`)
        for (const link of table.querySelectorAll('.table-link'))
          if (link.clientWidth < 96) found.push(`crushed to ${link.clientWidth} px: ${link.textContent}`)
      }
      return found
    })
    expect(wrong).toEqual([])
  },
  180_000,
)

test('on paper the dark theme is light, nothing runs off the sheet and no button is left', async () => {
  const window = await signedIn({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' })
  await window.emulateMedia({ media: 'print', colorScheme: 'dark' })
  // A4 between its margins.
  await window.setViewportSize({ width: 703, height: 1000 })
  const wrong = await ask(window, all, () => {
    const found: string[] = []
    if (document.documentElement.dataset.theme !== 'light') found.push('dark')
    for (const element of document.querySelectorAll('main, main table, main td')) {
      const { right } = element.getBoundingClientRect()
      if (right > innerWidth + 1) found.push(`${element.tagName} to ${Math.round(right)} px`)
    }
    for (const button of document.querySelectorAll('.button'))
      if (button.getClientRects().length > 0) found.push(`button ${button.textContent}`)
    return found
  })
  expect(wrong).toEqual([])
}, 180_000)

test('in English no badge, head or polarity of a table is cut', async () => {
  const desktop = await signedIn({ viewport: { width: 1440, height: 900 } })
  const wrong = await ask(desktop, all, () => {
    const found: string[] = []
    for (const cell of document.querySelectorAll('main .table :is(td, th)')) {
      // Names, titles and other words from data end in an ellipsis where they must, and are read by pointing at them.
      const isOurs =
        cell.matches('th') || cell.querySelector('.badge-level, .badge-grade, .badge-state, time') !== null
      if (isOurs && cell.scrollWidth > cell.clientWidth) found.push(`cut: ${cell.textContent}`)
    }
    return found
  })
  expect(wrong).toEqual([])
  expect(pageErrors).toEqual([])
}, 180_000)
