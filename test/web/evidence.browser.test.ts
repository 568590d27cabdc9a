// A hostile page kept as evidence and looked at in a real browser: nothing of it may run, and nothing may leave the frame.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { beforeAll, expect, test } from 'vitest'
import { onLoopback, startBrowsing } from '../support/browsing.ts'

const title = '云湖湾二期业主反映地下车库渗水'
/** Every way in which a page may run or load something, each with a name of its own. */
const hostile = () => `<!doctype html><html><head><title>${title}</title>
<meta http-equiv="refresh" content="3;url=${origin}/leak/refresh">
<link rel="stylesheet" href="${origin}/leak/css"><link rel="prefetch" href="${origin}/leak/prefetch">
<link rel="icon" href="${origin}/leak/icon"><base href="${origin}/leak/base/">
<style>@import "${origin}/leak/import"; body{background:url(${origin}/leak/background)} @font-face{font-family:x;src:url(${origin}/leak/font)} p{font-family:x}</style>
<script>fetch('${origin}/leak/script'); document.title='gone'; top.postMessage('out','*'); alert(1)</script></head>
<body onload="fetch('${origin}/leak/onload')"><h1>${title}</h1>
<p style="background:url(${origin}/leak/style)">物业称正在排查渗水原因，业主要求尽快维修。</p>
<img src="${origin}/leak/img" onerror="fetch('${origin}/leak/onerror')" alt="现场照片"><img src=x onerror="alert(2)">
<svg onload="fetch('${origin}/leak/svg')"><image href="${origin}/leak/svg-image"/></svg>
<iframe src="${origin}/leak/iframe"></iframe><object data="${origin}/leak/object"></object><embed src="${origin}/leak/embed">
<video poster="${origin}/leak/poster" src="${origin}/leak/video" autoplay></video><audio src="${origin}/leak/audio" autoplay></audio>
<form action="${origin}/leak/form"><input name="a" autofocus onfocus="this.form.submit()"><button>提交</button></form>
<a href="javascript:fetch('${origin}/leak/link')">附件</a> <a href="${origin}/leak/followed" ping="${origin}/leak/ping">原帖</a>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(3)&gt;">
<noscript><p title="</noscript><img src=x onerror=alert(4)>">
</body></html>`

const asked: string[] = []
const leaks = () => asked.filter((path) => path.startsWith('/leak/'))
let isGone = false
const site = createServer((request, response) => {
  const path = request.url ?? ''
  asked.push(path)
  if (path === '/feed.xml')
    response.end(
      `<rss><channel><item><title>${title}</title><link>${origin}/article</link><description>${title}，物业称正在排查。</description></item></channel></rss>`,
    )
  else if (path === '/article' && !isGone)
    response
      .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'set-cookie': 'sid=1' })
      .end(hostile())
  else response.writeHead(404).end()
})
const origin = await onLoopback(site)
const { product, browser, page, pageErrors, send } = await startBrowsing({ acceptDownloads: true })
let mentionId = 0
/** What the browser asked anybody but the product for. */
const foreign: string[] = []

beforeAll(async () => {
  page.on('dialog', (dialog) => {
    pageErrors.push(`a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.context().on('request', (request) => {
    if (!request.url().startsWith(product.url) && !/^(?:data|about):/.test(request.url()))
      foreign.push(request.url())
  })
  const source = { kind: 'rss', name: '云湖论坛', options: { url: `${origin}/feed.xml` } }
  await send('POST', '/api/sources', source)
  for (const until = Date.now() + 60_000; mentionId === 0 && Date.now() < until; ) {
    mentionId = (await (await page.request.get('/api/mentions')).json()).rows[0]?.id ?? 0
    await page.waitForTimeout(300)
  }
})
test('a person keeps the page of a feed item and looks at it: nothing runs, nothing is loaded', async () => {
  await page.goto(`/mentions/${mentionId}`)
  await page.getByText('还没有保存网页。').waitFor()
  await page.getByRole('button', { name: '取证', exact: true }).click()
  await page.getByText('由管理员取证').waitFor()
  expect(leaks()).toEqual([])
  await page.getByRole('button', { name: '查看' }).click()
  const frame = page.frameLocator('iframe.evidence-frame')
  await frame.getByRole('heading', { name: title }).waitFor()
  await frame.getByText('[图片 现场照片').waitFor()
  // A link can be seen and not followed; long enough for a refresh of three seconds to come.
  await frame.getByText('原帖').click()
  await page.waitForTimeout(4_000)
  expect(await page.locator('iframe.evidence-frame').getAttribute('sandbox')).toBe('')
  expect(page.frames().map((one) => new URL(one.url()).pathname.replace(/\d+/g, 'n'))).toEqual([
    '/mentions/n',
    '/api/mentions/n/snapshots/n/page',
  ])
  await page.getByRole('button', { name: '文字', exact: true }).click()
  await page.getByRole('dialog').locator('mark').first().waitFor()
  expect(await page.getByRole('dialog').locator('.evidence-text').innerText()).toContain('业主要求尽快维修')
  expect([leaks(), foreign, pageErrors]).toEqual([[], [], []])
})

test('the same address opened outside of our frame is as harmless', async () => {
  const [{ id }] = (await (await page.request.get(`/api/mentions/${mentionId}/snapshots`)).json()).snapshots
  await page.goto(`/api/mentions/${mentionId}/snapshots/${id}/page`)
  await page.getByRole('heading', { name: title }).waitFor()
  await page.waitForTimeout(1_000)
  expect([leaks(), foreign, pageErrors]).toEqual([[], [], []])
})

test('a page that is gone is told at once, and stays written down', async () => {
  isGone = true
  await page.goto(`/mentions/${mentionId}`)
  await page.getByRole('button', { name: '再次取证' }).click()
  await page.getByText('未能保存网页').waitFor()
  await page.getByText('未成功的尝试（1）').click()
  await page
    .getByText(/对方返回 HTTP 404（页面不存在）/)
    .first()
    .waitFor()
  isGone = false
})

test('the package is exported by one click and verifies', async () => {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: '导出证据包' }).click(),
  ])
  const folder = mkdtempSync(join(tmpdir(), 'weiyu-evidence-'))
  try {
    await download.saveAs(join(folder, 'package.zip'))
    const files = unzipSync(readFileSync(join(folder, 'package.zip')))
    const original = Object.entries(files).find(([path]) => path.endsWith('/original.bin'))
    expect(new TextDecoder().decode(original?.[1])).toBe(hostile())
    execFileSync('unzip', ['-q', 'package.zip'], { cwd: folder })
    const said = execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: folder, encoding: 'utf8' })
    expect(
      said
        .trim()
        .split('\n')
        .every((line) => line.endsWith(': OK')),
    ).toBe(true)
    expect(said.trim().split('\n').length).toBe(Object.keys(files).length - 2)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

// Last, because it is the proof that the tests above could fail: the page as it came does leak.
test('the same page in an ordinary tab runs and loads', async () => {
  const tab = await browser.newPage()
  // An alert that is open while the form below sends the tab elsewhere belongs to no page and holds the browser: it asks for an address instead.
  await tab.addInitScript((leak) => {
    window.alert = (which) => void fetch(leak + which)
  }, `${origin}/leak/alert`)
  await tab.goto(`${origin}/article`, { waitUntil: 'commit' })
  await expect.poll(() => leaks().length, { timeout: 20_000 }).toBeGreaterThan(5)
  await expect.poll(leaks, { timeout: 20_000 }).toContain('/leak/alert1')
  await tab.close()
})
