// The three kinds for the house's own systems, each added through the form as an administrator does, and seen healthy.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signatureOf } from '../../collectors/webhook/signature.ts'
import { startBrowsing } from '../support/browsing.ts'
import { testCrm } from '../support/crm.ts'
import { startImap } from '../support/imap-server.ts'

const crm = await testCrm(
  'create table visit (id bigint primary key, updated_at timestamptz not null, 标题 text, 正文 text)',
)
const imap = await startImap({ tls: 'implicit' })
afterAll(() => imap.stop())
const { page, pageErrors } = await startBrowsing({ env: { WEIYU_FETCH_ALLOW: '127.0.0.1,::1' } })

beforeAll(async () => {
  await crm.run(`insert into visit values (1, now(), '云境花园来访登记', '业主询问停工原因')`)
  imap.put(
    `From: reporter@paper.example
Subject: Garage under water
Message-ID: <ask@paper.example>
Date: ${new Date().toUTCString()}
Content-Type: text/plain; charset=utf-8

请问云境花园停工属实吗？回电13812345678
`,
    new Date(),
  )
})

async function begin(kind: string, name: string) {
  await page.goto('/sources')
  await page.getByRole('button', { name: '添加信源' }).first().click()
  await page.getByRole('dialog').getByLabel('类型').selectOption(kind)
  await page.getByLabel('名称').fill(name)
}
const fill = async (fields: Readonly<Record<string, string>>) => {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label).first().fill(value)
}
const choose = (label: string, value: string) => page.getByLabel(label).first().selectOption(value)
async function saved(name: string) {
  await page.getByRole('button', { name: '保存' }).click()
  await page.getByRole('heading', { name }).waitFor()
}
const isHealthy = () => page.getByRole('row').nth(1).getByText('正常').waitFor()

test('a mailbox is tried, added and read', async () => {
  await begin('mailbox', '媒体邮箱')
  await choose('加密', 'unchecked')
  await fill({ 服务器: '127.0.0.1', 端口: String(imap.port), 账号: imap.user, 密码: 'wrong' })
  await page.getByRole('button', { name: '试读' }).click()
  await page.getByText('授权码', { exact: false }).last().waitFor()
  await page.getByText(/拒绝账号 .* 登录/).waitFor()
  await fill({ 密码: imap.password })
  await page.getByRole('button', { name: '试读' }).click()
  await page.getByText('Garage under water').waitFor()
  await page.getByText('138****5678', { exact: false }).waitFor()
  await saved('媒体邮箱')
  await isHealthy()
})

test('a database is tried, told what is wrong with its query, added and read', async () => {
  await begin('sql', 'CRM 来访')
  const { host, port, database, user, password } = crm.options
  await choose('加密', 'none')
  await fill({ 服务器: host, 端口: String(port), 数据库: database, 账号: user, 密码: password })
  await fill({ 表或查询: 'visits', 主键列: 'id', 进度列: 'updated_at' })
  await page.getByRole('button', { name: '试读' }).click()
  await page.getByText('relation "visits" does not exist', { exact: false }).waitFor()
  await fill({ 表或查询: 'select id, updated_at, 标题, 正文 from visit' })
  await page.getByRole('button', { name: '试读' }).click()
  await page.getByText('云境花园来访登记').waitFor()
  await saved('CRM 来访')
  await isHealthy()
  expect(await page.content()).not.toContain(password)
})

test('a push interface is added, its example works as it stands, and all three are well', async () => {
  await begin('webhook', '热线推送')
  await saved('热线推送')
  await page.getByText('待首次读取').first().waitFor()
  await page.getByRole('button', { name: '生成地址与密钥' }).click()
  const dialog = page.getByRole('dialog')
  const example = await dialog.locator('pre').innerText()
  await pushed(example)
  await dialog.getByRole('button', { name: '已保存' }).click()
  await isHealthy()
  await page.getByText('/api/hooks/', { exact: false }).first().waitFor()
  const [secret] = /(?<=SECRET=')[^']+/.exec(example) ?? []
  expect(await page.content()).not.toContain(secret ?? 'no secret was shown')

  await page.goto('/sources')
  await page.getByText('3 个信源中 3 个正常').waitFor()
  expect(pageErrors).toEqual([])
})

/** As the other side would run it; where there is no shell with openssl and curl, the same request by hand. */
async function pushed(example: string): Promise<void> {
  const run = promisify(execFile)
  const hasTools = await run('sh', ['-c', 'command -v openssl curl date cut']).then(
    () => true,
    () => false,
  )
  const after = (mark: string) => new RegExp(`${mark}'([^']*)'`).exec(example)?.[1] ?? ''
  const [secret, body, address] = [after('SECRET='), after('BODY='), after('POST ')]
  if (hasTools) {
    const { stdout } = await run('sh', ['-c', example])
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'ok', seen: 1, added: 1 })
    return
  }
  const at = String(Math.floor(Date.now() / 1_000))
  const answer = await fetch(address, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-weiyu-timestamp': at,
      'x-weiyu-signature': signatureOf(secret, at, Buffer.from(body)),
    },
    body,
  })
  expect(await answer.json()).toMatchObject({ outcome: 'ok', seen: 1, added: 1 })
}
