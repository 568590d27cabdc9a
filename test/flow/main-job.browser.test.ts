import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { onLoopback, startBrowsing } from '../support/browsing.ts'

const headers = { 'x-weiyu': '1' }
const password = 'three calm herons'

let items = ''
let fetchedAt = 0
const site = createServer((request, response) => {
  if (request.url === '/robots.txt') {
    response.writeHead(404).end()
    return
  }
  fetchedAt = performance.now()
  response.end(`<rss version="2.0"><channel><title>t</title>${items}</channel></rss>`)
})
const origin = await onLoopback(site)
const { product, browser, page, pageErrors } = await startBrowsing({
  isNew: true,
  viewport: { width: 1440, height: 900 },
})

// The tests of this file are one story and run in order, as a newcomer's first hour does.

test('first run: an administrator is made, the demo loads, and a cell of the matrix leads to a warning that is acknowledged', async () => {
  await page.goto('/')
  await page.getByLabel('集团名称').fill('澄岸集团')
  await page.getByLabel('姓名').fill('管理员')
  await page.getByLabel('登录名').fill('first.admin')
  await page.getByLabel('密码', { exact: false }).first().fill(password)
  await page.getByLabel('再输一次').fill(password)
  await page.getByRole('button', { name: '建立管理员账户' }).click()

  await page.getByRole('button', { name: '载入' }).click()
  await page.getByRole('link', { name: '查看总览' }).click({ timeout: 150_000 })

  // The demo promises one red cell, some orange ones, many yellow and blue ones.
  await page.getByRole('heading', { name: '风险敞口矩阵' }).waitFor()
  const cellsAt = (level: string) => page.getByRole('button', { name: new RegExp(`，${level} `) })
  await cellsAt('I').first().waitFor()
  expect(await cellsAt('I').count()).toBe(1)
  expect(await cellsAt('II').count()).toBeGreaterThanOrEqual(2)
  expect(await cellsAt('III').count()).toBeGreaterThanOrEqual(5)
  expect(await cellsAt('IV').count()).toBeGreaterThanOrEqual(5)

  await cellsAt('I').click()
  await page.getByRole('dialog').getByText('为什么是这个级别').waitFor()
  await page.getByRole('dialog').getByRole('link', { name: '打开预警' }).click()
  await page.getByRole('heading', { name: '为什么是这个级别' }).waitFor()
  await page.getByText('还没有人确认').waitFor()
  await page.getByRole('button', { name: '确认收到' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '确认收到' }).click()
  await expect.poll(() => page.getByText('还没有人确认').count()).toBe(0)
  expect(await page.getByRole('button', { name: '确认收到' }).count()).toBe(0)
  expect(pageErrors).toEqual([])
}, 240_000)

test('a feed publishes a red-line text: the warning stands on the open overview within seconds of the fetch', async () => {
  const projects: { rows: { id: number; name: string; levels?: unknown }[] } = await (
    await page.request.get('/api/projects?q=拾翠坞')
  ).json()
  const project = projects.rows[0]
  expect(project?.name).toContain('拾翠坞')

  // The first run of a source learns; what it brought before raises nothing.
  const made = await page.request.post('/api/sources', {
    headers,
    data: {
      kind: 'rss',
      name: '流程测试信源',
      options: { url: `${origin}/feed.xml` },
      schedule: '0 0 1 1 *',
    },
  })
  expect(made.status()).toBe(201)
  const { id } = (await made.json()) as { id: number }
  const runs = async () =>
    ((await (await page.request.get(`/api/sources/${id}`)).json()) as { runs: { outcome: string | null }[] })
      .runs
  await expect
    .poll(async () => (await runs()).filter((run) => run.outcome !== null).length, { timeout: 20_000 })
    .toBe(1)

  await page.goto('/overview')
  await page.getByRole('heading', { name: '风险敞口矩阵' }).waitFor()
  const cell = page.getByRole('button', { name: new RegExp(`${project?.name}，.*，I+ `) })
  expect(await cell.count()).toBe(0)
  items = `<item><title>澄岸拾翠坞工地停工，三百户业主集体停贷维权</title><link>${origin}/a/1</link>
    <description>业主代表称楼盘停工四个月，三百余户业主决定集体停止还贷，并在售楼处拉横幅维权。</description>
    <pubDate>${new Date().toUTCString()}</pubDate></item>`
  await page.request.post(`/api/sources/${id}/run`, { headers })
  await cell.first().waitFor({ timeout: 30_000 })
  const seconds = (performance.now() - fetchedAt) / 1_000
  process.stdout.write(`red-line text: ${seconds.toFixed(1)} s from the fetch to the open page\n`)
}, 90_000)

test('a desk agent of one city sees nothing of another city by any address', async () => {
  const companies: { rows: { id: number; name: string }[] } = await (
    await page.request.get('/api/projects/city-companies')
  ).json()
  const own = companies.rows.find(({ name }) => name.includes('杭州'))
  const created = (await (
    await page.request.post('/api/users', {
      headers,
      data: { login: 'desk.hz', name: '杭州坐席', roles: [{ role: 'desk-agent', cityCompanyId: own?.id }] },
    })
  ).json()) as { password: string }
  const everything = async (path: string) =>
    (await (await page.request.get(path)).json()) as {
      rows: { id: number; number?: string; name?: string }[]
    }
  const foreignCase = (await everything('/api/complaints?q=鹤渚园')).rows[0]
  const foreignProject = (await everything('/api/projects?q=鹤渚园')).rows[0]
  expect(foreignCase?.number).toMatch(/^WH-/)

  const agent = await browser.newPage({ baseURL: product.url, locale: 'zh-CN' })
  await agent.goto('/complaints')
  await agent.getByLabel('登录名').fill('desk.hz')
  await agent.getByLabel('密码').fill(created.password)
  await agent.getByRole('button', { name: '登录' }).click()
  await agent
    .getByText(/HZ-2026/)
    .first()
    .waitFor()
  expect(await agent.getByText(/WH-2026/).count()).toBe(0)

  for (const path of [
    '/complaints',
    `/complaints?q=${encodeURIComponent('鹤渚园')}`,
    `/complaints/${foreignCase?.id}`,
    `/projects/${foreignProject?.id}`,
    '/projects',
    '/overview',
    '/warnings',
    '/mentions',
    '/risks',
    '/audit',
    '/people',
  ]) {
    await agent.goto(path)
    await agent.waitForLoadState('networkidle').catch(() => {})
    expect(await agent.getByText('鹤渚园').count(), path).toBe(0)
  }
  for (const path of [`/api/complaints/${foreignCase?.id}`, `/api/projects/${foreignProject?.id}`]) {
    expect((await agent.request.get(path)).status(), path).toBe(404)
  }
  await agent.close()
}, 120_000)
