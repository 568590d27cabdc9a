// A source that answers, then shows a captcha, then dies: what its page, the overview and a cell that requires it say.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startBrowsing } from '../support/browsing.ts'

let answer: 'feed' | 'captcha' = 'feed'
const item = (n: number) =>
  `<item><title>云湖湾二期业主反映第${n}处渗水</title><link>https://news.example/${n}</link></item>`
const listen = (port: number) =>
  new Promise<Server>((done) => {
    const server = createServer((request, response) => {
      if (request.url === '/robots.txt') response.writeHead(404).end()
      else if (answer === 'captcha')
        response.writeHead(403, { 'content-type': 'text/html' }).end('<html><title>安全验证</title></html>')
      else response.end(`<rss><channel>${[1, 2, 3].map(item).join('')}</channel></rss>`)
    })
    server.listen(port, '127.0.0.1', () => done(server))
  })

let site = await listen(0)
const { port } = site.address() as AddressInfo
afterAll(() => {
  site.close()
  site.closeAllConnections()
})
const { page, pageErrors, send } = await startBrowsing({ viewport: { width: 1440, height: 900 } })

beforeAll(async () => {
  const company = { code: 'YH', name: '云湖公司', city: '云湖市' }
  const { id: cityCompanyId } = await send('PUT', '/api/projects/city-companies', company)
  const project = { cityCompanyId, code: 'YHW', name: '云湖湾', city: '云湖市', stage: 'DE' }
  await send('POST', '/api/projects', project)
})

const readNow = () => page.getByRole('button', { name: '立即读取' }).click()

test('a source that answers is well, and its page shows what it brought', async () => {
  await page.goto('/sources')
  await page.getByRole('button', { name: '添加信源' }).first().click()
  await page.getByLabel('名称').fill('云湖市住建局')
  await page.getByLabel('订阅地址').fill(`http://127.0.0.1:${port}/feed.xml`)
  await page.getByRole('button', { name: '试读' }).click()
  await page.getByText('云湖湾二期业主反映第1处渗水').waitFor()
  await page.getByRole('button', { name: '保存' }).click()
  await page.getByRole('heading', { name: '云湖市住建局' }).waitFor()
  await page.getByRole('img', { name: '最近 1 次：1 次读到，0 次失败' }).waitFor()
  await page.getByText('新增 0 条，更新 0 条，无日期 3 条，过旧 0 条').first().waitFor()
  await page.getByText('样本不足（0 / 8 次间隔），暂按固定期限判断').waitFor()
})

test('it is marked as required for a risk, and the cell stays calm as long as it is read', async () => {
  await page.getByRole('button', { name: '设置' }).click()
  await page.getByLabel('风险项').selectOption('DE5')
  await page.getByRole('button', { name: '添加' }).click()
  await page.getByRole('button', { name: '移除 DE5 全部项目' }).waitFor()
  await page.getByRole('dialog').getByRole('button', { name: '保存' }).click()
  await page.getByText('已保存，相关格正在重新评估').waitFor()
  await page.goto('/')
  await page
    .getByRole('button', { name: /云湖湾，.*，没有计入的证据$/ })
    .first()
    .waitFor()
  expect(await page.getByText('情况不明').count()).toBeLessThanOrEqual(1)
  await page.getByText('1 个信源中 1 个读取正常').waitFor()
})

test('a captcha is named with its cure; twice in a row, and the cell is unknown instead of calm', async () => {
  answer = 'captcha'
  await page.goto('/sources')
  await page.getByRole('link', { name: /云湖市住建局/ }).click()
  await readNow()
  await page.getByText('对方要求登录或验证码，或拒绝了访问。').waitFor()
  await page.getByText('在浏览器中打开地址核对').waitFor()
  await page.getByText('对方返回 HTTP 403（拒绝访问）：').first().waitFor()
  await page.getByRole('img', { name: '最近 2 次：1 次读到，1 次失败' }).waitFor()
  await page.getByRole('button', { name: '重试' }).click()
  await page.getByText('连续失败 2 次').waitFor()
  await page.getByText('相关格现在显示“数据不足”').waitFor()
  await page.goto('/')
  await page.getByText('1 个信源中 0 个读取正常').waitFor()
  await page.getByText('1 格情况不明：所需信源受阻').waitFor()
  const cell = page.getByRole('button', { name: /云湖湾，.*，情况不明：所需信源受阻/ })
  expect(await cell.count()).toBe(1)
  await cell.click()
  await page.getByText('所需的 1 个信源中 1 个受阻，没有读到不等于没有发生。').last().waitFor()
  await page.getByRole('dialog').getByRole('link', { name: '云湖市住建局' }).waitFor()
  await page.goto('/risks/DE5')
  await page.getByText('所需的 1 个信源中 1 个受阻').waitFor()
})

test('a server that is gone is unreachable, and the list has it first with its words', async () => {
  await new Promise<void>((done) => {
    site.close(() => done())
    site.closeAllConnections()
  })
  await page.goto('/sources')
  await page.getByRole('link', { name: /云湖市住建局/ }).click()
  await readNow()
  await expect
    .poll(() => page.getByText('连不上：域名、网络或文件不存在').count(), { timeout: 60_000 })
    .toBe(1)
  await page.goto('/sources?health=failing')
  await page.getByRole('link', { name: /云湖市住建局.*无法访问.*连接失败（ECONNREFUSED）/ }).waitFor()
})

test('it is paused and brought back by the keyboard and by undo', async () => {
  await page.goto('/sources')
  await page.getByRole('link', { name: /云湖市住建局/ }).waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await page.getByText('已选 1 个').waitFor()
  await page.getByRole('button', { name: '暂停', exact: true }).click()
  await page.getByText('已暂停 1 个信源').waitFor()
  await page.getByRole('button', { name: '撤销' }).click()
  await expect.poll(() => page.getByText('读取失败', { exact: true }).count()).toBeGreaterThan(0)
})

test('paused alone on its page, it is left paused when many are resumed, and the list says why', async () => {
  await page.goto('/sources')
  await page.getByRole('link', { name: /云湖市住建局/ }).click()
  await page.getByRole('button', { name: '暂停', exact: true }).click()
  await page.getByText('有人单独暂停，批量恢复时保持暂停').waitFor()
  await page.goto('/sources')
  await page.getByLabel('全选所示').check()
  await page.getByRole('button', { name: '恢复', exact: true }).click()
  await page.getByText('没有改变任何信源；1 个是有人单独暂停的，仍暂停，请在其页面恢复').waitFor()
  await page.getByRole('link', { name: /云湖市住建局/ }).click()
  await page.getByRole('button', { name: '恢复', exact: true }).click()
  await page.getByText('有人单独暂停，批量恢复时保持暂停').waitFor({ state: 'detached' })
})

test('when it answers again everything is calm again', async () => {
  answer = 'feed'
  site = await listen(port)
  await page.goto('/sources')
  await page.getByRole('link', { name: /云湖市住建局/ }).click()
  await readNow()
  await expect.poll(() => page.getByText('连不上').count(), { timeout: 60_000 }).toBe(0)
  await page.goto('/')
  await page.getByText('1 个信源中 1 个读取正常').waitFor()
  await expect.poll(() => page.getByText('1 格情况不明').count()).toBe(0)
  expect(pageErrors).toEqual([])
})
