import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { beforeEach, expect, test } from 'vitest'
import { hashPassword } from '../../server/access/password.ts'
import { requeueNamed } from '../../server/analysis/job.ts'
import { runImportProjects } from '../../server/cli/import-projects.ts'
import { createApp } from '../../server/http/app.ts'
import { ensureDefaultPublishers } from '../../server/projects/store.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { notedJobs, testServices } from '../support/services.ts'
import { visitor } from '../support/visitor.ts'

const database = await testDatabase()
const { db } = database
const now = new Date('2026-11-22T02:00:00Z')
const jobs = notedJobs(database)
const services = testServices(database, { jobs, now: () => now })
const app = createApp(services)
const PASSWORD = 'three calm herons'
const passwordHash = await hashPassword(PASSWORD)

const companies = '公司编码,公司名称,城市\nHZ,澄岸杭州公司,杭州\nSZ,澄岸苏州公司,苏州\n'
const projects = [
  '项目编码,项目名称,城市公司,城市,阶段,户数,别名,曾用推广名',
  'HZ-01,澄岸·云汀府,澄岸杭州公司,杭州,交付前,1280,云汀府,汀上云境',
  'SZ-01,澄岸·枕河居,澄岸苏州公司,苏州,交付后,640,枕河居,',
].join('\n')
const phases = '项目编码,分期,楼栋,户数,合同交付日\nHZ-01,一期,1-6,620,2026-12-31\n'
const milestones = '项目编码,分期,节点,计划日期\nHZ-01,一期,合同交付,2026-12-31\nSZ-01,,学校开学,2026-09-01\n'

beforeEach(async () => {
  await emptyTables(db)
  jobs.woken.length = 0
})

async function signedIn(role: string, cityCompanyId: number | null = null) {
  const { id } = await db
    .insertInto('appUser')
    .values({ login: `${role}-${cityCompanyId}`, name: role, passwordHash })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db.insertInto('roleAssignment').values({ userId: id, role, cityCompanyId, projectId: null }).execute()
  const one = visitor(app)
  expect((await one.signIn(`${role}-${cityCompanyId}`, PASSWORD)).status).toBeLessThan(300)
  const upload = async (
    content: string | Uint8Array<ArrayBuffer>,
    name: string,
    fields: Record<string, string> = {},
  ) => {
    const body = new FormData()
    body.set('file', new File([content], name))
    for (const [key, value] of Object.entries(fields)) body.set(key, value)
    return app.request('/api/projects/import', {
      method: 'POST',
      headers: { 'x-weiyu': '1', cookie: one.cookie ?? '' },
      body,
    })
  }
  return { ...one, upload, cookie: () => one.cookie }
}

async function stocked() {
  const admin = await signedIn('administrator')
  for (const file of [companies, projects, phases, milestones]) {
    const report = await (await admin.upload(file, 'x.csv')).json()
    expect(report).toMatchObject({ written: true, counts: { error: 0 } })
  }
  return admin
}

const idOf = async (code: string) =>
  (await db.selectFrom('project').select('id').where('code', '=', code).executeTakeFirstOrThrow()).id

test('the workbook that is exported can be imported again and changes nothing, not even a date', async () => {
  const admin = await stocked()
  await db.transaction().execute((tx) => ensureDefaultPublishers(tx))
  for (const language of ['zh', 'en']) {
    const file = await admin.get(`/api/projects/export.xlsx?language=${language}`)
    const bytes = new Uint8Array(await file.arrayBuffer())
    const report = await (await admin.upload(bytes, 'projects.xlsx')).json()
    expect(report).toMatchObject({ written: false, counts: { added: 0, changed: 0, error: 0 }, mistakes: [] })
    expect(report.counts.unchanged).toBeGreaterThan(40)
  }
  const csv = await (await admin.get('/api/projects/export.csv?table=milestone')).text()
  expect((await (await admin.upload(csv, 'm.csv')).json()).counts).toMatchObject({ unchanged: 2, error: 0 })
})

test('one wrong row keeps the whole file out and is named; partial writes the others', async () => {
  const admin = await signedIn('administrator')
  await admin.upload(companies, 'c.csv')
  const file = `${projects}\nHZ-02,澄岸·栖林里,澄岸杭州公司,杭州,装修中,300,,\n`
  const refused = await (await admin.upload(file, 'p.csv')).json()
  expect(refused).toMatchObject({ written: false, counts: { added: 2, error: 1 } })
  expect(refused.rows[2]).toMatchObject({
    row: 4,
    outcome: 'error',
    mistakes: [{ column: '阶段', value: '装修中', cure: { zh: expect.stringContaining('交付前') } }],
  })
  expect(await db.selectFrom('project').select('id').execute()).toHaveLength(0)
  expect(await (await admin.upload(file, 'p.csv', { partial: 'true', dryRun: 'true' })).json()).toMatchObject(
    {
      written: false,
    },
  )
  expect(await (await admin.upload(file, 'p.csv', { partial: 'true' })).json()).toMatchObject({
    written: true,
  })
  expect(await db.selectFrom('project').select('id').execute()).toHaveLength(2)
})

test('of two imports of one file at once, one adds and the other finds nothing to do', async () => {
  const admin = await signedIn('administrator')
  const reports = await Promise.all(
    [companies, companies, companies].map(async (file) => (await admin.upload(file, 'c.csv')).json()),
  )
  expect(reports.map((report) => report.counts.added).sort()).toEqual([0, 0, 2])
})

test('an unreadable file is refused with a reason, and a stranger too', async () => {
  const admin = await signedIn('administrator')
  const broken = await admin.upload(new Uint8Array([0x50, 0x4b, 3, 4, 9, 9]), 'x.xlsx')
  expect([broken.status, (await broken.json()).error]).toEqual([422, 'unreadable-file'])
  const agent = await signedIn('desk-agent')
  expect((await agent.upload(companies, 'c.csv')).status).toBe(403)
})

test('a reader of one city sees no project, company, export or detail of another', async () => {
  const admin = await stocked()
  const hangzhou = await db
    .selectFrom('cityCompany')
    .select('id')
    .where('code', '=', 'HZ')
    .executeTakeFirstOrThrow()
  const agent = await signedIn('desk-agent', hangzhou.id)
  const list = await (await agent.get('/api/projects')).json()
  expect(list.rows.map((row: { code: string }) => row.code)).toEqual(['HZ-01'])
  expect((await (await agent.get('/api/projects/city-companies')).json()).rows).toHaveLength(1)
  expect(await (await agent.get('/api/projects/export.csv')).text()).not.toContain('SZ-01')
  expect(await (await agent.get('/api/projects/export.csv?table=milestone')).text()).not.toContain('SZ-01')
  expect((await agent.get(`/api/projects/${await idOf('SZ-01')}`)).status).toBe(404)
  expect((await admin.get(`/api/projects/${await idOf('SZ-01')}`)).status).toBe(200)
})

test('lists page by code and find a project by its name, alias and old promotion name', async () => {
  const admin = await stocked()
  const first = await (await admin.get('/api/projects?limit=1')).json()
  expect([first.rows[0].code, first.next]).toEqual(['HZ-01', 'HZ-01'])
  const second = await (await admin.get('/api/projects?limit=1&after=HZ-01')).json()
  expect([second.rows[0].code, second.next]).toEqual(['SZ-01', null])
  for (const q of ['云汀', '汀上云境', 'hz-0', '杭州']) {
    const found = await (await admin.get(`/api/projects?q=${encodeURIComponent(q)}`)).json()
    expect(found.rows.map((row: { code: string }) => row.code)).toEqual(['HZ-01'])
  }
  expect((await (await admin.get('/api/projects?q=%25')).json()).rows).toEqual([])
})

test('a new alias sends the recent texts that bear it back to analysis, and no others', async () => {
  const admin = await stocked()
  const source = await db
    .insertInto('source')
    .values({ kind: 'rss', name: 's', options: '{}', schedule: '* * * * *' })
    .returning('id')
    .executeTakeFirstOrThrow()
  const textOf = (identity: string, body: string, publishedAt: string) => ({
    identity,
    sourceId: source.id,
    title: 't',
    body,
    publishedAt,
    dating: 'dated' as const,
    collectedAt: publishedAt,
    contentHash: Buffer.from(identity),
  })
  await db
    .insertInto('document')
    .values([
      textOf('new', '听说云上Ｔｉｎｇ又停工了', '2026-11-01T00:00:00Z'),
      textOf('old', '云上ting开盘', '2026-05-01T00:00:00Z'),
      // Every pair of characters is here, the word is not.
      textOf('scattered', '上tin 云上t ing', '2026-11-01T00:00:00Z'),
    ])
    .execute()
  await db.updateTable('documentAnalysis').set({ analysedVersion: '1' }).execute()
  const id = await idOf('HZ-01')
  jobs.woken.length = 0
  const added = await admin.post(`/api/projects/${id}/aliases`, { alias: '云上Ting' })
  expect([added.status, await added.json()]).toEqual([201, { isRereading: true }])
  await requeueNamed(db)
  const waiting = await db
    .selectFrom('document')
    .innerJoin('documentAnalysis', 'documentId', 'id')
    .select('identity')
    .where('analysedVersion', 'is', null)
    .execute()
  expect(waiting).toEqual([{ identity: 'new' }])
  expect(jobs.woken).toEqual(['analysis'])
  expect((await admin.post(`/api/projects/${id}/aliases`, { alias: '云上Ting' })).status).toBe(409)
  const removed = await admin.ask(
    'DELETE',
    `/api/projects/${id}/aliases?alias=${encodeURIComponent('云上Ting')}`,
  )
  expect(removed.status).toBe(200)
})

test('a change is stored with its audit entry; a name of a neighbour is refused', async () => {
  const admin = await stocked()
  const id = await idOf('HZ-01')
  await admin.upload('项目编码,项目名称,城市公司,城市,阶段\nHZ-02,澄岸·栖林里,HZ,杭州,开盘\n', 'p.csv')
  expect((await admin.ask('PATCH', `/api/projects/${id}`, { name: '澄岸·栖林里' })).status).toBe(409)
  expect((await admin.ask('PATCH', `/api/projects/${id}`, { stage: 'PO', district: '' })).status).toBe(200)
  expect(
    (
      await admin.ask('PUT', `/api/projects/${id}/milestones`, {
        kind: 'delivery',
        phaseName: '一期',
        plannedOn: '2026-12-31',
        actualOn: '2026-12-20',
      })
    ).status,
  ).toBe(204)
  const detail = await (await admin.get(`/api/projects/${id}`)).json()
  expect(detail).toMatchObject({ stage: 'PO', district: null, milestones: [{ actualOn: '2026-12-20' }] })
  const audit = await db.selectFrom('auditEntry').select('action').orderBy('id', 'desc').limit(2).execute()
  expect(audit.map(({ action }) => action)).toEqual(['project.milestone', 'project.change'])
})

test('the command line imports JSON Lines of several kinds, with mistakes on stderr and exit status 1', async () => {
  const run = async (lines: object[], ...args: string[]) => {
    const io = {
      stdin: Readable.from(lines.map((line) => `${JSON.stringify(line)}\n`)),
      stdout: new PassThrough(),
      stderr: new PassThrough(),
    }
    const status = await runImportProjects(['-', ...args], io, { db, jobs, now: () => now })
    io.stdout.end()
    io.stderr.end()
    return { status, out: await text(io.stdout), err: await text(io.stderr) }
  }
  const company = { 公司编码: 'HZ', 公司名称: '澄岸杭州公司', 城市: '杭州' }
  const project = {
    code: 'HZ-01',
    name: '澄岸·云汀府',
    company: 'HZ',
    city: '杭州',
    stage: 'DE',
    aliases: ['云汀府'],
  }
  const bad = await run([company, { ...project, stage: '??' }])
  expect(bad.status).toBe(1)
  expect(bad.err).toMatch(/row 2: stage «\?\?»: .*; write one of: pre-sale/)
  expect(bad.out.trim().split('\n').at(-1)).toBe(
    '{"written":false,"added":1,"changed":0,"unchanged":0,"error":1,"isRereading":false}',
  )
  expect(await run([company, project])).toMatchObject({ status: 0, err: '' })
  expect((await run([company, project])).out).toBe(
    '{"written":false,"added":0,"changed":0,"unchanged":2,"error":0,"isRereading":false}\n',
  )
  expect((await run([], '--map', 'x')).status).toBe(2)
})

test('a project is added by hand; an unknown company, a taken code and a name of a neighbour are refused with their field', async () => {
  const admin = await signedIn('administrator')
  await admin.upload(companies, 'companies.csv')
  const { id: cityCompanyId } = await db
    .selectFrom('cityCompany')
    .select('id')
    .where('code', '=', 'HZ')
    .executeTakeFirstOrThrow()
  const row = { cityCompanyId, code: 'HZ-09', name: '望江家苑', city: '杭州', stage: 'SA' }
  const answer = await admin.post('/api/projects', row)
  expect(answer.status).toBe(201)
  const refused = async (change: object) => {
    const refusal = await admin.post('/api/projects', { ...row, ...change })
    return [refusal.status, await refusal.json()]
  }
  expect(await refused({ cityCompanyId: 999, code: 'HZ-10' })).toMatchObject([
    422,
    { error: 'unknown-city-company', field: 'cityCompanyId' },
  ])
  expect(await refused({ name: '望江雅苑' })).toMatchObject([409, { error: 'code-taken', field: 'code' }])
  expect(await refused({ code: 'HZ-10' })).toMatchObject([
    409,
    { error: 'project-name-taken', field: 'name' },
  ])
  expect(await refused({ name: '' })).toMatchObject([422, { error: 'invalid', field: 'name' }])
  expect(await db.selectFrom('project').select(['code', 'name', 'district']).execute()).toEqual([
    { code: 'HZ-09', name: '望江家苑', district: null },
  ])
  const { action } = await db
    .selectFrom('auditEntry')
    .select('action')
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow()
  expect(action).toBe('project.add')
})
