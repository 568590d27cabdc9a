// Every kind of source there is: chosen in the form, filled in, tried, saved, and seen healthy on its page and in the list.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collectors } from '../../collectors/index.ts'
import { signatureOf } from '../../collectors/webhook/signature.ts'
import { cap } from '../collectors/weather/samples.ts'
import { launchChromium } from '../support/chromium.ts'
import { testCrm } from '../support/crm.ts'
import { startImap } from '../support/imap-server.ts'
import { articlePage, loopbackSite } from '../support/loopback-site.ts'
import { type RunningProduct, startProduct } from '../support/running-product.ts'

/** What is typed, by the Chinese label; an option of a select by its value. */
interface Case {
  fields: Readonly<Record<string, string>>
  choices?: Readonly<Record<string, string>>
  /** What the trial shows of what would be stored; absent: the kind is pushed to and has no trial. */
  tried?: string
  /** A page that is only watched brings nothing at first. */
  outcome?: '正常' | '无内容'
}

const crm = await testCrm(
  'create table visit (id bigint primary key, updated_at timestamptz not null, 标题 text)',
)
let site: Awaited<ReturnType<typeof loopbackSite>>
let imap: Awaited<ReturnType<typeof startImap>>
let product: RunningProduct
let browser: Browser
let page: Page
let cases: Readonly<Record<string, Case>> = {}
const complaints: string[] = []
const text = '多位业主反映外墙渗水已经持续三个月，物业多次维修没有结果，希望开发商尽快处理并给出书面答复。'
const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString()

beforeAll(async () => {
  await crm.run(`insert into visit values (1, now(), '云境花园来访登记')`)
  imap = await startImap({ tls: 'implicit' })
  imap.put(
    `From: a@paper.example\nSubject: Garage under water\nMessage-ID: <1@paper.example>\n\nIs it true?\n`,
    new Date(),
  )
  site = await loopbackSite()
  const feed = (title: string) =>
    `<rss><channel><item><title>${title}</title><link>https://news.example/1</link></item></channel></rss>`
  const pages: Readonly<Record<string, string>> = {
    '/feed': feed('云境花园地下车库积水'),
    '/zhihu/hot': feed('如何看待延期交房'),
    '/news': `<ul class="news">${[1, 2, 3].map((n) => `<li><a href="/a/${n}">第${n}处渗水</a></li>`).join('')}</ul>`,
    '/a/1': articlePage('第1处渗水', text),
    '/a/2': articlePage('第2处渗水', text),
    '/a/3': articlePage('第3处渗水', text),
    '/notice': `<title>交付公告</title><p>${text}</p>`,
    '/hot': JSON.stringify({ data: [{ title: '云境花园停工', hot: '12万', url: 'https://h.example/1' }] }),
    '/api': JSON.stringify({ data: { list: [{ id: 1, title: '论坛帖：电梯停运', content: text }] } }),
    '/alert': cap({ sent: inHours(-1), expires: inHours(11) }),
  }
  for (const [path, body] of Object.entries(pages)) site.pages.set(path, body)

  product = await startProduct({ env: { WEIYU_FETCH_ALLOW: '127.0.0.1,::1' } })
  const inbox = join(product.dataFolder, 'inbox')
  mkdirSync(join(inbox, 'media'), { recursive: true })
  writeFileSync(join(inbox, 'letters.csv'), `标题,正文\n来信：车位被占,${text}\n`)
  writeFileSync(join(inbox, 'media', 'one.csv'), `标题,正文\n剪报：学校未开学,${text}\n`)
  writeFileSync(
    join(inbox, 'readings.csv'),
    `项目,日期,成交均价(元/㎡)\n云境花园,${inHours(-24).slice(0, 10)},16800\n`,
  )

  const { host, port, database, user, password } = crm.options
  cases = {
    rss: { fields: { 订阅地址: `${site.origin}/feed` }, tried: '云境花园地下车库积水' },
    rsshub: {
      fields: { 'RSSHub 地址': site.origin },
      choices: { 内容: '/zhihu/hot' },
      tried: '如何看待延期交房',
    },
    'page-list': {
      fields: { 列表页地址: `${site.origin}/news`, 条目选择器: 'ul.news > li' },
      tried: '第2处渗水',
    },
    'page-watch': { fields: { 网页地址: `${site.origin}/notice` }, tried: '无内容', outcome: '无内容' },
    'hot-list': { fields: { 榜单接口地址: `${site.origin}/hot` }, tried: '云境花园停工' },
    'json-api': {
      fields: { 接口地址: `${site.origin}/api`, 列表路径: 'data.list' },
      tried: '论坛帖：电梯停运',
    },
    spreadsheet: { fields: { 文件: 'letters.csv' }, tried: '来信：车位被占' },
    folder: { fields: { 文件夹: 'media' }, tried: '剪报：学校未开学' },
    mailbox: {
      fields: { 服务器: '127.0.0.1', 端口: String(imap.port), 账号: imap.user, 密码: imap.password },
      choices: { 加密: 'unchecked' },
      tried: 'Garage under water',
    },
    sql: {
      fields: {
        服务器: host,
        端口: String(port),
        数据库: database,
        账号: user,
        密码: password,
        表或查询: 'visit',
        主键列: 'id',
        进度列: 'updated_at',
      },
      choices: { 加密: 'none' },
      tried: '云境花园来访登记',
    },
    weather: { fields: { 预警地址: `${site.origin}/alert` }, tried: '暴雨红色预警' },
    readings: { fields: { 文件: 'readings.csv' }, tried: '16,800' },
    calendar: { fields: { 日期: '09-01 开学 PO3' }, tried: '开学' },
    webhook: { fields: {} },
  }

  browser = await launchChromium()
  page = await browser.newPage({ baseURL: product.url, locale: 'zh-CN' })
  page.setDefaultTimeout(20_000)
  page.on('pageerror', (error) => complaints.push(error.message))
  const send = async (method: 'POST' | 'PUT', path: string, data: object) => {
    const answer = await page.request.fetch(path, { method, data, headers: { 'x-weiyu': '1' } })
    expect([path, answer.ok()]).toEqual([path, true])
    return answer.json()
  }
  await send('POST', '/api/first-run', { login: 'root', name: '管理员', password: 'three calm herons' })
  const company = { code: 'JZ', name: '嘉州公司', city: '嘉州' }
  const { id: cityCompanyId } = await send('PUT', '/api/projects/city-companies', company)
  const project = { cityCompanyId, code: 'YJ', name: '云境花园', city: '嘉州', stage: 'PO' }
  await send('POST', '/api/projects', project)
})
afterAll(async () => {
  await browser?.close()
  await product?.stop()
  await imap?.stop()
  await site?.close()
})

const offered = collectors.filter(({ isInternal }) => !isInternal)

test('no kind that the form offers is left out below', () => {
  expect(Object.keys(cases).sort()).toEqual(offered.map(({ kind }) => kind).sort())
})

test.each(offered.map(({ kind, label }) => [kind, label.zh] as const))(
  '%s (%s) is added, tried and healthy',
  async (kind, name) => {
    const { fields = {}, choices = {}, tried, outcome = '正常' } = cases[kind] ?? {}
    await page.goto('/sources')
    await page.getByRole('button', { name: '添加信源' }).first().click()
    const form = page.getByRole('dialog')
    await form.getByLabel('类型').selectOption(kind)
    await form.getByLabel(/^名称/).fill(name)
    // Who publishes it is asked where somebody does, and not for complaints.
    const publisher = form.getByLabel('发布者')
    expect(await publisher.count()).toBe(['weather', 'readings', 'calendar'].includes(kind) ? 0 : 1)
    if (['json-api', 'spreadsheet', 'folder', 'mailbox', 'sql', 'webhook'].includes(kind)) {
      const content = form.locator('select', { has: page.locator('option[value="complaints"]') })
      await content.selectOption('complaints')
      await expect.poll(() => publisher.count()).toBe(0)
      expect(await form.getByText('聚合信源').count()).toBe(0)
      await content.selectOption('documents')
    }
    const named = (label: string) => form.getByLabel(new RegExp(`^${label}`)).first()
    for (const [label, value] of Object.entries(choices)) await named(label).selectOption(value)
    for (const [label, value] of Object.entries(fields)) await named(label).fill(value)
    if (tried === undefined) expect(await form.getByRole('button', { name: '试读' }).count()).toBe(0)
    else {
      await form.getByRole('button', { name: '试读' }).click()
      await form.getByRole('region', { name: '试读' }).getByText(tried).first().waitFor()
    }
    await form.getByRole('button', { name: '保存' }).click()
    await page.getByRole('heading', { name, exact: true }).waitFor()
    if (tried === undefined) await pushOnce()
    // The run ends while the page is open: it hears of it and draws it.
    await page.getByRole('row').nth(1).getByText(outcome, { exact: true }).waitFor()
    await page.getByText('正常', { exact: true }).first().waitFor()
  },
)

test('the list has them all, in both languages, and all are well', async () => {
  await page.goto('/sources')
  await page.getByText(`${offered.length} 个信源中 ${offered.length} 个正常`).waitFor()
  await page.evaluate(() => localStorage.setItem('weiyu.language', 'en'))
  await page.goto('/sources')
  await page.getByText(`${offered.length} of ${offered.length} sources well`).waitFor()
  await page.getByRole('button', { name: 'Add a source' }).click()
  const labels = await page.getByRole('dialog').getByLabel('Kind').locator('option').allInnerTexts()
  expect(labels).toEqual(offered.map(({ label }) => label.en))
  expect(complaints).toEqual([])
})

/** Makes address and secret, and sends the example that the page shows, signed as its lines say. */
async function pushOnce() {
  await page.getByRole('button', { name: '生成地址与密钥' }).click()
  const example = await page.getByRole('dialog').locator('pre').innerText()
  await page.getByRole('dialog').getByRole('button', { name: '已保存' }).click()
  const after = (mark: string) => new RegExp(`${mark}'([^']*)'`).exec(example)?.[1] ?? ''
  const at = String(Math.floor(Date.now() / 1_000))
  const body = after('BODY=')
  const headers = {
    'content-type': 'application/json',
    'x-weiyu-timestamp': at,
    'x-weiyu-signature': signatureOf(after('SECRET='), at, Buffer.from(body)),
  }
  const answer = await fetch(after('POST '), { method: 'POST', headers, body })
  expect(await answer.json()).toMatchObject({ outcome: 'ok', added: 1 })
}
