import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openOutside } from '../../collectors/outside.ts'
import { hashPassword } from '../../server/access/password.ts'
import type { Role } from '../../server/access/permissions.ts'
import { inTransaction } from '../../server/db/in-transaction.ts'
import { createApp } from '../../server/http/app.ts'
import { ensureDefaultPolicy } from '../../server/policy/store.ts'
import { twoCities } from '../support/build.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { notedJobs, testServices } from '../support/services.ts'
import { visitor } from '../support/visitor.ts'

const database = await testDatabase()
const { db } = database
const now = new Date('2026-03-05T06:30:00Z')
const jobs = notedJobs(database)
const outside = openOutside({ version: 'test', allow: ['127.0.0.1'], folders: [] })
const app = createApp(testServices(database, { now: () => now, jobs, outside }))
const PASSWORD = 'three calm herons'
const passwordHash = await hashPassword(PASSWORD)

const server = createServer((request, response) => {
  if (request.url === '/robots.txt') return void response.writeHead(404).end()
  response.end(
    '<rss><channel><item><title>停工</title><link>https://news.example/1</link></item></channel></rss>',
  )
})
let url = ''
beforeAll(async () => {
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed.xml?key=secret`
})
afterAll(async () => {
  await outside.fetcher.close()
  server.close()
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

beforeEach(async () => {
  await emptyTables(db)
  jobs.collected.length = 0
  await inTransaction(db, (tx) => ensureDefaultPolicy(tx, now))
})

const feed = () => ({ kind: 'rss', name: '云湖房产', options: { url } })
const idOf = async (answer: Response) => ((await answer.json()) as { id: number }).id

test('a source is added, read at once, listed with its health, changed, paused, resumed and deleted', async () => {
  const admin = await signedIn('administrator')
  const added = await admin.post('/api/sources', feed())
  expect(added.status).toBe(201)
  const id = await idOf(added)
  expect(jobs.collected).toEqual([id])
  expect(await (await admin.get('/api/sources')).json()).toMatchObject({
    sources: [
      { id, name: '云湖房产', schedule: '*/10 * * * *', health: 'new', lastRunAt: null, cause: null },
    ],
  })
  await db
    .insertInto('collectionRun')
    .values({
      sourceId: id,
      outcome: 'blocked',
      detail: 'HTTP 403 from https://news.example/',
      finishedAt: now,
    })
    .execute()
  expect(await (await admin.get(`/api/sources/${id}`)).json()).toMatchObject({
    health: 'failing',
    failures: 1,
    documents: 0,
    options: { url },
    // Told by its code, for the reader's language; what was stored stays as it was.
    told: [[{ code: 'http-status', params: { status: '403', address: 'https://news.example/' } }]],
    runs: [{ outcome: 'blocked', told: [[{ code: 'http-status' }]] }],
  })
  const change = { name: '云湖楼市', options: { url }, schedule: '0 * * * *' }
  expect((await admin.ask('PUT', `/api/sources/${id}`, change)).status).toBe(204)
  expect((await admin.post(`/api/sources/${id}/pause`)).status).toBe(204)
  expect(await (await admin.get(`/api/sources/${id}`)).json()).toMatchObject({
    name: '云湖楼市',
    schedule: '0 * * * *',
    health: 'paused',
  })
  expect((await admin.post(`/api/sources/${id}/resume`)).status).toBe(204)
  expect((await admin.post(`/api/sources/${id}/run`)).status).toBe(202)
  expect(jobs.collected).toEqual([id, id])
  expect((await admin.ask('DELETE', `/api/sources/${id}`)).status).toBe(204)
  expect((await admin.get(`/api/sources/${id}`)).status).toBe(404)
  const actions = await db
    .selectFrom('auditEntry')
    .select('action')
    .where('subjectKind', '=', 'source')
    .orderBy('id')
    .execute()
  expect(actions.map((entry) => entry.action)).toEqual(
    ['add', 'change', 'pause', 'resume', 'run', 'delete'].map((verb) => `source.${verb}`),
  )
})

test('a source with evidence cannot be deleted', async () => {
  const admin = await signedIn('administrator')
  const id = await idOf(await admin.post('/api/sources', feed()))
  await db
    .insertInto('document')
    .values({
      identity: 'x',
      sourceId: id,
      title: 't',
      body: '',
      dating: 'undated',
      collectedAt: now,
      contentHash: Buffer.from('x'),
    })
    .execute()
  const refused = await admin.ask('DELETE', `/api/sources/${id}`)
  expect([refused.status, await refused.json()]).toMatchObject([409, { error: 'source-has-evidence' }])
})

test('wrong fields are refused by name', async () => {
  const admin = await signedIn('administrator')
  const refusal = async (body: object) => {
    const answer = await admin.post('/api/sources', body)
    return [answer.status, ((await answer.json()) as { field?: string }).field]
  }
  expect(await refusal({ ...feed(), kind: 'nonsense' })).toEqual([422, 'kind'])
  expect(await refusal({ ...feed(), options: { url: 'file:///etc/passwd' } })).toEqual([422, 'options.url'])
  expect(await refusal({ ...feed(), schedule: 'sometimes' })).toEqual([422, 'schedule'])
  await admin.post('/api/sources', feed())
  expect(await refusal(feed())).toEqual([409, 'name'])
})

test('what nobody publishes takes no publisher, and complaints of a kind that also brings documents take none', async () => {
  const admin = await signedIn('administrator')
  const { id: familyId } = await db
    .insertInto('publisherFamily')
    .values({ name: '嘉州报业', tier: 'local' })
    .returning('id')
    .executeTakeFirstOrThrow()
  const { id: publisherId } = await db
    .insertInto('publisher')
    .values({ familyId, name: '嘉州晚报', hosts: [] })
    .returning('id')
    .executeTakeFirstOrThrow()
  const calendar = { kind: 'calendar', name: '到期日', options: { days: '09-01 开学 PO3' } }
  const file = (content: string) => ({
    kind: 'spreadsheet',
    name: `文件 ${content}`,
    options: { path: 'a.csv', content },
  })
  const refusal = async (body: object) => {
    const answer = await admin.post('/api/sources', body)
    return [answer.status, await answer.json()]
  }
  expect(await refusal({ ...calendar, publisherId })).toEqual([
    422,
    { error: 'no-publisher', field: 'publisherId' },
  ])
  expect(await refusal({ ...file('complaints'), isAggregator: true })).toEqual([
    422,
    { error: 'no-publisher', field: 'isAggregator' },
  ])
  expect((await admin.post('/api/sources', { ...file('documents'), publisherId })).status).toBe(201)
  const added = await admin.post('/api/sources', calendar)
  const change = { name: calendar.name, options: calendar.options, isAggregator: true }
  expect((await admin.ask('PUT', `/api/sources/${await idOf(added)}`, change)).status).toBe(422)
})

test('a route is shown to readers without its parameters, and a kind says itself what is wrong with its input', async () => {
  const admin = await signedIn('administrator')
  const options = { base: 'https://hub.example', path: '/a/b?token=heron-42' }
  const id = await idOf(await admin.post('/api/sources', { kind: 'rsshub', name: '路由', options }))
  const refused = await admin.ask('PUT', `/api/sources/${id}`, {
    name: '路由',
    options: { ...options, path: '/a/b?key=heron-42' },
  })
  expect([refused.status, await refused.json()]).toMatchObject([
    422,
    { error: 'invalid', field: 'options.path', message: expect.stringMatching(/access key/) },
  ])
  const reader = await signedIn('public-relations')
  const text = await (await reader.get(`/api/sources/${id}`)).text()
  expect(text).toContain('/a/b?…')
  expect(text).not.toContain('heron-42')
})

test('a trial shows what would be stored and stores nothing', async () => {
  const admin = await signedIn('administrator')
  const answer = await admin.post('/api/sources/try', { kind: 'rss', options: { url } })
  expect(await answer.json()).toMatchObject({ outcome: 'ok', items: [{ title: '停工', dating: 'undated' }] })
  expect(await db.selectFrom('document').select('id').execute()).toEqual([])
})

const withSecrets = (server: string, host: string) => [
  {
    kind: 'json-api',
    secret: 'secret',
    options: { url: `${server}/api?page={page}`, paging: 'page', mapping: 'title=subject' },
  },
  { kind: 'weather', secret: 'key', options: { url: `${server}/alerts.xml`, header: 'X-Api-Key' } },
  { kind: 'readings', secret: 'key', options: { url: `${server}/sales.csv`, header: 'X-Api-Key' } },
  { kind: 'rsshub', secret: 'key', options: { base: server, route: '/zhihu/hot' } },
  {
    kind: 'mailbox',
    secret: 'password',
    options: { host, tls: 'tls', user: 'press@yunhu.example', content: 'documents' },
  },
  {
    kind: 'sql',
    secret: 'password',
    options: {
      host,
      tls: 'checked',
      database: 'crm',
      user: 'reader',
      query: 'complaint',
      idColumn: 'id',
      cursorColumn: 'id',
      content: 'complaints',
    },
  },
]
const theirs = withSecrets('https://house.example', 'mail.house.example')
const elsewhere = withSecrets('https://evil.example', 'evil.example')

test.each(theirs.map((one, at) => ({ ...one, moved: elsewhere[at]?.options ?? {} })))(
  'the stored secret of a $kind source does not follow it to another server',
  async ({ kind, secret, options, moved }) => {
    const admin = await signedIn('administrator')
    const name = `信源 ${kind}`
    const id = await idOf(
      await admin.post('/api/sources', { kind, name, options: { ...options, [secret]: 'heron-42' } }),
    )
    const stored = async () =>
      Object(
        (await db.selectFrom('source').select('options').where('id', '=', id).executeTakeFirstOrThrow())
          .options,
      )[secret]
    const sealed = await stored()
    expect(sealed).toMatchObject({ sealed: expect.any(String) })
    expect(await (await admin.get(`/api/sources/${id}`)).json()).toMatchObject({ storedSecrets: [secret] })
    const put = (given: object) => admin.ask('PUT', `/api/sources/${id}`, { name, options: given })
    // At the same server everything else may change.
    expect((await put({ ...options, schedule: undefined })).status).toBe(204)
    expect(await stored()).toEqual(sealed)
    const refused = await put(moved)
    expect([refused.status, await refused.json()]).toMatchObject([
      422,
      { error: 'secret-of-elsewhere', field: `options.${secret}`, message: expect.stringMatching(/enter/) },
    ])
    expect(await stored()).toEqual(sealed)
    // Neither does a trial take it there.
    const tried = await admin.post('/api/sources/try', { kind, options: moved, sourceId: id })
    expect([tried.status, await tried.json()]).toMatchObject([422, { error: 'secret-of-elsewhere' }])
    expect((await put({ ...moved, [secret]: 'ibis-7' })).status).toBe(204)
    expect(await stored()).not.toEqual(sealed)
  },
)

test('a password does not follow a mailbox to an open way or another account, and a key may be dropped', async () => {
  const admin = await signedIn('administrator')
  const [mail, weather] = [
    theirs.find(({ kind }) => kind === 'mailbox'),
    theirs.find(({ kind }) => kind === 'weather'),
  ]
  if (!mail || !weather) throw new Error('not among the kinds')
  const add = async ({ kind, secret, options }: typeof mail) =>
    idOf(
      await admin.post('/api/sources', { kind, name: kind, options: { ...options, [secret]: 'heron-42' } }),
    )
  const mailbox = await add(mail)
  for (const change of [
    { tls: 'none' },
    { tls: 'unchecked' },
    { port: 1993 },
    { user: 'other@yunhu.example' },
  ]) {
    const answer = await admin.ask('PUT', `/api/sources/${mailbox}`, {
      name: mail.kind,
      options: { ...mail.options, ...change },
    })
    expect([change, answer.status]).toEqual([change, 422])
  }
  expect(
    (
      await admin.ask('PUT', `/api/sources/${mailbox}`, {
        name: mail.kind,
        // The usual port, written out, is the same one.
        options: { ...mail.options, port: 993, folder: '投诉' },
      })
    ).status,
  ).toBe(204)
  const alerts = await add(weather)
  const dropped = await admin.ask('PUT', `/api/sources/${alerts}`, {
    name: weather.kind,
    options: { url: 'https://open.example/alerts.xml', key: '' },
  })
  expect(dropped.status).toBe(204)
  expect(await (await admin.get(`/api/sources/${alerts}`)).json()).toMatchObject({ storedSecrets: [] })
})

test('a reader asks which sources concern a project: those its cells require and those that wrote about it', async () => {
  const admin = await signedIn('administrator')
  const { own } = await twoCities(db, now)
  const add = async (name: string) =>
    idOf(await admin.post('/api/sources', { ...feed(), name, groupName: '楼市' }))
  const [everywhere, city, project, silent, wrote] = [
    await add('到处要'),
    await add('本市要'),
    await add('本项目要'),
    await add('无关'),
    await add('写过'),
  ]
  const require = (id: number, cityCompanyId: number | null, projectId: number | null) =>
    admin.ask('PUT', `/api/sources/${id}/requirements`, {
      requirements: [{ riskCode: null, cityCompanyId, projectId }],
    })
  await require(everywhere, null, null)
  await require(city, own.cityCompanyId, null)
  await require(project, null, own.projectId)
  const mention = { sourceId: wrote, occurredAt: now }
  await db.updateTable('mention').set(mention).where('id', '=', own.mentionId).execute()
  await sql`insert into mention_project (mention_id, project_id, confidence, terms, occurred_at)
    values (${own.mentionId}, ${own.projectId}, 1, '[]', ${now}) on conflict (mention_id, project_id)
    do update set occurred_at = excluded.occurred_at`.execute(db)
  const reader = await signedIn('public-relations')
  const names = async (path: string) =>
    ((await (await reader.get(path)).json()) as { sources: { id: number; name: string }[] }).sources
      .filter(({ id }) => [everywhere, city, project, silent, wrote].includes(id))
      .map(({ name }) => name)
  expect(await names('/api/sources')).toEqual(['到处要', '本市要', '本项目要', '无关', '写过'])
  expect(await names(`/api/sources?project=${own.projectId}`)).toEqual([
    '到处要',
    '本市要',
    '本项目要',
    '写过',
  ])
  await sql`update mention_project set state = 'rejected'`.execute(db)
  expect(await names(`/api/sources?project=${own.projectId}`)).toEqual(['到处要', '本市要', '本项目要'])
  expect((await reader.get('/api/sources?project=999999')).status).toBe(404)
  expect((await reader.get('/api/sources?project=x')).status).toBe(422)
})

test('public relations sees sources without the keys in their addresses and changes none', async () => {
  const admin = await signedIn('administrator')
  const id = await idOf(await admin.post('/api/sources', feed()))
  const reader = await signedIn('public-relations')
  const text = await (await reader.get(`/api/sources/${id}`)).text()
  expect(text).toContain('/feed.xml?…')
  expect(text).not.toContain('secret')
  expect(await (await reader.get('/api/sources/kinds')).json()).toMatchObject({
    kinds: expect.arrayContaining([
      expect.objectContaining({
        kind: 'rss',
        fields: [expect.objectContaining({ name: 'url', kind: 'url' })],
        isPushed: false,
      }),
      expect.objectContaining({ kind: 'folder' }),
      expect.objectContaining({ kind: 'webhook', isPushed: true }),
      expect.objectContaining({ kind: 'page-list' }),
      expect.objectContaining({ kind: 'spreadsheet' }),
      expect.objectContaining({ kind: 'folder' }),
    ]),
  })
  expect((await reader.post('/api/sources', feed())).status).toBe(403)
  expect((await reader.post('/api/sources/try', { kind: 'rss', options: { url } })).status).toBe(403)
  expect((await reader.ask('DELETE', `/api/sources/${id}`)).status).toBe(403)
  expect((await visitor(app).get('/api/sources')).status).toBe(401)
})
