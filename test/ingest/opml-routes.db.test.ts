import { beforeEach, expect, test } from 'vitest'
import { parseOpml } from '../../collectors/opml/parse.ts'
import { hashPassword } from '../../server/access/password.ts'
import type { Role } from '../../server/access/permissions.ts'
import { createApp } from '../../server/http/app.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { notedJobs, testServices } from '../support/services.ts'
import { visitor } from '../support/visitor.ts'

const database = await testDatabase()
const { db } = database
const jobs = notedJobs(database)
const app = createApp(testServices(database, { now: () => new Date('2026-03-05T06:30:00Z'), jobs }))
const PASSWORD = 'three calm herons'
const passwordHash = await hashPassword(PASSWORD)

beforeEach(async () => {
  await emptyTables(db)
  jobs.collected.length = 0
})

async function signedIn(role: Role) {
  const { id } = await db
    .insertInto('appUser')
    .values({ login: role, name: role, passwordHash })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('roleAssignment')
    .values({ userId: id, role, cityCompanyId: null, projectId: null })
    .execute()
  const one = visitor(app)
  expect((await one.signIn(role, PASSWORD)).status).toBe(200)
  return one
}
type SignedIn = Awaited<ReturnType<typeof signedIn>>

const list = `<opml version="2.0"><head><title>楼市</title></head><body>
  <outline text="武汉"><outline text="云湖房产" xmlUrl="https://reader:geheim@news.example/feed?key=secret"/></outline>
  <outline text="城市论坛" xmlUrl="https://bbs.example/rss"/>
  <outline text="城市论坛" xmlUrl="https://other.example/rss"/>
  <outline text="再来一次" xmlUrl="http://bbs.example/rss/"/>
  <outline text="坏的" xmlUrl="ftp://x.example/"/></body></opml>`

async function send(
  one: SignedIn,
  how: { dryRun: boolean; leaveOut?: string; text?: string },
): Promise<Response> {
  const body = new FormData()
  body.set('file', new File([how.text ?? list], 'feeds.opml'))
  body.set('dryRun', String(how.dryRun))
  if (how.leaveOut !== undefined) body.set('leaveOut', how.leaveOut)
  return await app.request('/api/sources/opml/import', {
    method: 'POST',
    body,
    headers: { 'x-weiyu': '1', ...(one.cookie && { cookie: one.cookie }) },
  })
}
const groups = async () =>
  Object.fromEntries(
    (await db.selectFrom('source').select(['name', 'groupName']).execute()).map((row) => [
      row.name,
      row.groupName,
    ]),
  )
const sources = () => db.selectFrom('source').select(['kind', 'name', 'options']).orderBy('id').execute()

const imports = async () =>
  (await db.selectFrom('auditEntry').select('id').where('action', '=', 'source.import').execute()).length

test('a list is shown first and stores nothing, then its feeds become sources in one go', async () => {
  const admin = await signedIn('administrator')
  const shown = await send(admin, { dryRun: true })
  expect(shown.status).toBe(200)
  const report = await shown.json()
  expect(report).toEqual({
    title: '楼市',
    feeds: [
      {
        title: '云湖房产',
        address: 'https://news.example/feed?…',
        folder: '武汉',
        outcome: 'new',
        sourceName: '云湖房产',
      },
      {
        title: '城市论坛',
        address: 'https://bbs.example/rss',
        folder: null,
        outcome: 'new',
        sourceName: '城市论坛',
      },
      {
        title: '城市论坛',
        address: 'https://other.example/rss',
        folder: null,
        outcome: 'new',
        sourceName: '城市论坛 (other.example)',
      },
      {
        title: '再来一次',
        address: 'http://bbs.example/rss/',
        folder: null,
        outcome: 'repeated',
        sourceName: '城市论坛',
      },
    ],
    bad: [{ outline: 6, title: '坏的', problem: 'not-an-address' }],
    written: false,
    added: 0,
  })
  expect(await sources()).toEqual([])

  expect(await (await send(admin, { dryRun: false })).json()).toMatchObject({ written: true, added: 3 })
  expect(await sources()).toEqual([
    {
      kind: 'rss',
      name: '云湖房产',
      options: { url: 'https://reader:geheim@news.example/feed?key=secret' },
    },
    { kind: 'rss', name: '城市论坛', options: { url: 'https://bbs.example/rss' } },
    { kind: 'rss', name: '城市论坛 (other.example)', options: { url: 'https://other.example/rss' } },
  ])
  expect(jobs.collected).toHaveLength(3)
})

test('the same list again adds nothing and writes no audit entry; what was left out stays out', async () => {
  const admin = await signedIn('administrator')
  const before = await imports()
  expect(await (await send(admin, { dryRun: false, leaveOut: '0,2' })).json()).toMatchObject({ added: 1 })
  expect((await sources()).map(({ name }) => name)).toEqual(['城市论坛'])
  await send(admin, { dryRun: false })
  const again = await (await send(admin, { dryRun: false })).json()
  expect(again).toMatchObject({ added: 0, feeds: [{ outcome: 'exists' }, { outcome: 'exists' }, {}, {}] })
  // Entries are never deleted: those of other tests stand there too.
  expect((await imports()) - before).toBe(2)
})

test('an import changes no source that is there: the secret of another kind of that name stays where it is', async () => {
  const admin = await signedIn('administrator')
  const options = { url: 'https://house.example/api', secret: { sealed: 'AAAA' } }
  await db
    .insertInto('source')
    .values({ kind: 'json-api', name: '云湖房产', options: JSON.stringify(options), schedule: '0 * * * *' })
    .execute()
  expect(await (await send(admin, { dryRun: false })).json()).toMatchObject({ added: 3 })
  const [kept, ...added] = await sources()
  expect(kept).toMatchObject({ kind: 'json-api', options })
  expect(added.map(({ name }) => name)).toEqual([
    '云湖房产 (news.example)',
    '城市论坛',
    '城市论坛 (other.example)',
  ])
  for (const { options: own } of added) expect(Object.keys(Object(own))).toEqual(['url'])
})

test('two at once do not make one feed twice', async () => {
  const admin = await signedIn('administrator')
  await Promise.all([send(admin, { dryRun: false }), send(admin, { dryRun: false })])
  expect(await sources()).toHaveLength(3)
})

test('neither the audit entry nor the preview holds an address with its key', async () => {
  const admin = await signedIn('administrator')
  const answer = await (await send(admin, { dryRun: false })).text()
  const entries = await db.selectFrom('auditEntry').selectAll().execute()
  for (const text of [answer, JSON.stringify(entries)]) expect(text).not.toMatch(/geheim|secret/)
  expect(JSON.stringify(entries)).toContain('云湖房产')
})

test('what is no list, or too long, is refused and says so', async () => {
  const admin = await signedIn('administrator')
  const page = await send(admin, { dryRun: true, text: '<html><title>登录</title></html>' })
  expect([page.status, await page.json()]).toMatchObject([422, { error: 'not-a-feed-list', field: 'file' }])
  const long = `<opml>${'<outline xmlUrl="http://a.example/"/>'.repeat(5_001)}</opml>`
  const tooMany = await send(admin, { dryRun: true, text: long })
  expect([tooMany.status, await tooMany.json()]).toMatchObject([413, { error: 'too-many-feeds' }])
  const tooLarge = await send(admin, { dryRun: true, text: ' '.repeat(9 * 1024 * 1024) })
  expect(tooLarge.status).toBe(413)
  expect((await send(admin, { dryRun: true, leaveOut: '1;drop' })).status).toBe(422)
})

test('who may not manage sources may neither import nor export', async () => {
  const reader = await signedIn('auditor')
  expect((await send(reader, { dryRun: true })).status).toBe(403)
  expect((await reader.get('/api/sources/opml/export')).status).toBe(403)
})

test('the feeds come out as a list that comes back as the same feeds, and the audit knows', async () => {
  const admin = await signedIn('administrator')
  await send(admin, { dryRun: false })
  const answer = await admin.get('/api/sources/opml/export')
  expect(answer.headers.get('content-disposition')).toContain('weiyu-feeds.opml')
  const { feeds } = parseOpml(new Uint8Array(await answer.arrayBuffer()))
  expect(feeds.map(({ title, url }) => [title, url])).toContainEqual([
    '云湖房产',
    'https://reader:geheim@news.example/feed?key=secret',
  ])
  expect(feeds).toHaveLength(3)
  const { detail } = await db
    .selectFrom('auditEntry')
    .select('detail')
    .where('action', '=', 'source.export')
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow()
  expect(detail).toEqual({ feeds: 3 })
})

test('folders of the list become groups, which stay when a person moved them, and stand in the list that comes out', async () => {
  const admin = await signedIn('administrator')
  const nested = `<opml><body><outline text="楼市"><outline text="武汉"><outline text="甲" xmlUrl="https://a.example/1"/></outline>
    <outline text="乙" xmlUrl="https://a.example/2"/></outline><outline text="丙" xmlUrl="https://a.example/3"/></body></opml>`
  await send(admin, { dryRun: false, text: nested })
  expect(await groups()).toEqual({ 甲: '楼市 / 武汉', 乙: '楼市', 丙: null })
  const listed = (await (await admin.get('/api/sources')).json()) as {
    sources: { id: number; name: string; groupName: string | null }[]
  }
  const { id } = listed.sources.find(({ name }) => name === '丙') ?? { id: 0 }
  const put = (more: object) =>
    admin.ask('PUT', `/api/sources/${id}`, { name: '丙', options: { url: 'https://a.example/3' }, ...more })
  expect((await put({ groupName: '  论坛  /  12345/热线 / ' })).status).toBe(204)
  expect((await groups()).丙).toBe('论坛 / 12345/热线')
  // A change that does not speak of it, and the same list again, leave it.
  await put({})
  await send(admin, { dryRun: false, text: nested })
  expect((await groups()).丙).toBe('论坛 / 12345/热线')
  const opml = await (await admin.get('/api/sources/opml/export')).text()
  expect(opml).toMatch(
    /<outline text="楼市">\s+<outline [^>]*"乙"[^>]*>\s+<outline text="武汉">\s+<outline [^>]*"甲"/,
  )
  const folders = parseOpml(Buffer.from(opml)).feeds.map(({ title, folder }) => [title, folder])
  expect(folders.sort()).toEqual([
    ['丙', '论坛 / 12345/热线'],
    ['乙', '楼市'],
    ['甲', '楼市 / 武汉'],
  ])
  for (const nothing of ['', ' / ', null]) {
    expect((await put({ groupName: nothing })).status).toBe(204)
    expect((await groups()).丙).toBeNull()
  }
  expect((await put({ groupName: '长'.repeat(201) })).status).toBe(422)
})
