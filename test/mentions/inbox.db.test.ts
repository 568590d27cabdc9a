import { sql } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import { createEngines } from '../../server/analysis/engine.ts'
import { createAnalysisStep, requeueNamed } from '../../server/analysis/job.ts'
import { createApp } from '../../server/http/app.ts'
import { smallCatalogue } from '../analysis/small-catalogue.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { person } from '../support/people.ts'
import { notedJobs, testServices } from '../support/services.ts'
import type { Visitor } from '../support/visitor.ts'

const database = await testDatabase()
const { db } = database
const now = new Date('2026-05-20T02:00:00Z')
const jobs = notedJobs(database)
const app = createApp(testServices(database, { jobs, now: () => now }))
const analyse = () =>
  createAnalysisStep({
    db,
    catalogue: smallCatalogue,
    engines: createEngines(),
    now: () => now,
    jobs: { announce: async () => {} },
  })()

let staff: Visitor
let garden = 0
let court = 0
let company = 0
let sources: number[] = []
beforeEach(async () => {
  await emptyTables(db)
  jobs.woken.length = 0
  const seeded = await sql<{
    company: number
    garden: number
    court: number
    one: number
    other: number
    third: number
  }>`
    with c as (insert into city_company (code, name, city) values ('JZ', '嘉州未雨置业', '嘉州市') returning id),
      g as (insert into project (city_company_id, code, name, city, stage) select id, 'JZ-1', '云境花园', '嘉州市', 'DE' from c returning id),
      a as (insert into project_alias (project_id, alias, kind) select id, '云境', 'alias' from g),
      h as (insert into project (city_company_id, code, name, city, stage) select id, 'JZ-2', '澜湖华府', '嘉州市', 'DE' from c returning id),
      s as (insert into source (kind, name, options, schedule) values
        ('rss', '晚报', '{}', '0 * * * *'), ('rss', '日报', '{}', '0 * * * *'), ('rss', '论坛', '{}', '0 * * * *') returning id),
      policy as (insert into policy_version (content_hash, content, effective_from, reason) values ('x', '{}', now(), 'test'))
    select c.id as company, g.id as garden, h.id as court, (select min(id) from s) as one,
      (select min(id) + 1 from s) as other, (select max(id) from s) as third from c, g, h`.execute(db)
  const row = seeded.rows[0]!
  ;({ company, garden, court } = row)
  sources = [row.one, row.other, row.third]
  staff = await person(db, app, { role: 'public-relations' })
})

let minute = 0
async function publish(title: string, source = 0, body = '') {
  minute += 1
  const at = new Date(now.getTime() - 3_600_000 + minute * 1_000)
  const inserted = await sql<{ id: number }>`
    insert into document (identity, source_id, title, body, published_at, dating, collected_at, content_hash)
    values (gen_random_uuid()::text, ${sources[source]!}, ${title}, ${body}, ${at}, 'dated', ${now}, '\\x00')
    returning id`.execute(db)
  return inserted.rows[0]!.id
}
interface Group {
  kind: string
  name: string
  families: number
  candidates: { projectId: number; confidence: number; factors: { kind: string }[] }[]
  texts: { id: number; estates: string[] }[]
}
const inbox = async (query = '', who = staff) => {
  const answer = await who.get(`/api/mentions/unresolved${query}`)
  expect(answer.status).toBe(200)
  return (await answer.json()) as {
    groups: Group[]
    waiting: number
    next: number | null
    isHeadquarters: boolean
  }
}
const ids = (group: Group | undefined) => group?.texts.map(({ id }) => id).sort((a, b) => a - b)
const post = (path: string, body: unknown, who = staff) => who.post(`/api/mentions/unresolved${path}`, body)
const projectsOf = async (id: number) =>
  (await db.selectFrom('mention').select('projectIds').where('id', '=', id).executeTakeFirst())?.projectIds
const audited = () =>
  db.selectFrom('auditEntry').select(['action', 'detail']).orderBy('id', 'desc').limit(1).executeTakeFirst()

test('what carries a risk or names us and is nobody’s waits, grouped by the name that the texts share', async () => {
  const short = [await publish('云境的房屋渗漏'), await publish('云境房屋又渗漏', 1)]
  const unknown = [await publish('投诉栖霞雅苑房屋渗漏'), await publish('投诉栖霞雅苑业主：墙面开裂', 1)]
  const ours = await publish('嘉州未雨置业发布公告')
  await publish('云境花园房屋渗漏')
  await publish('球队夺冠')
  await analyse()
  const { groups, waiting, next } = await inbox()
  expect([waiting, next]).toEqual([5, null])
  expect(groups.map(({ kind, name }) => [kind, name])).toEqual([
    ['candidate', '云境'],
    ['single', ''],
    ['estate', '栖霞雅苑'],
  ])
  expect(groups.map(ids)).toEqual([short, [ours], unknown])
  expect(groups[0]).toMatchObject({
    families: 2,
    candidates: [{ projectId: garden, confidence: 0.35, factors: [{ kind: 'plain-name' }] }],
  })
  expect((await inbox('?kind=company')).groups.map(ids)).toEqual([[ours]])
  expect((await inbox('?kind=candidate')).groups.map(ids)).toEqual([short])
})

test('one click attaches many, and their signals move to the project', async () => {
  const waiting = [await publish('云境的房屋渗漏'), await publish('云境房屋又渗漏', 1)]
  await analyse()
  await db.deleteFrom('scoringDue').execute()
  expect((await post('/attach', { mentionIds: waiting, projectId: garden })).status).toBe(200)
  expect(jobs.woken).toEqual(['analysis'])
  await analyse()
  expect((await inbox()).groups).toEqual([])
  expect(await projectsOf(waiting[0]!)).toEqual([garden])
  expect(await db.selectFrom('scoringDue').select(['projectId', 'riskCode']).execute()).toEqual([
    { projectId: garden, riskCode: 'DE5' },
  ])
  expect(await audited()).toMatchObject({
    action: 'mention.attach',
    detail: { project: '云境花园', mentions: waiting },
  })
})

test('an alias taught with it links the next text by itself, and only texts that hold it are read again', async () => {
  const first = await publish('投诉栖霞雅苑房屋渗漏')
  const same = await publish('投诉栖霞雅苑业主：墙面开裂', 1)
  const silent = await publish('栖霞雅苑今天风很大', 1)
  const other = await publish('投诉别处的房屋渗漏')
  await analyse()
  expect((await db.selectFrom('mention').select('id').where('id', '=', silent).execute()).length).toBe(0)
  const answer = await post('/attach', { mentionIds: [first], projectId: court, alias: '栖霞雅苑' })
  expect(await answer.json()).toEqual({ attached: 1, projectId: court, learnt: true })
  await requeueNamed(db)
  const again = await db
    .selectFrom('documentAnalysis')
    .select('documentId')
    .where('analysedVersion', 'is', null)
    .orderBy('documentId')
    .execute()
  expect(again.map(({ documentId }) => documentId)).toEqual([first, same, silent])
  const next = await publish('栖霞雅苑3号楼房屋渗漏', 2)
  await analyse()
  for (const id of [first, same, next]) expect(await projectsOf(id)).toEqual([court])
  expect(ids((await inbox()).groups[0])).toEqual([other])
  const link = await db
    .selectFrom('mentionProject')
    .select('buildings')
    .where('mentionId', '=', next)
    .executeTakeFirstOrThrow()
  expect(link.buildings).toEqual(['3栋'])
})

test('undo takes the attachment and the alias back', async () => {
  const first = await publish('投诉栖霞雅苑房屋渗漏')
  const same = await publish('投诉栖霞雅苑业主：墙面开裂', 1)
  await analyse()
  const decision = { mentionIds: [first], projectId: court, alias: '栖霞雅苑' }
  await post('/attach', decision)
  await analyse()
  expect((await post('/undo', decision)).status).toBe(200)
  await analyse()
  expect(ids((await inbox()).groups[0])).toEqual([first, same])
  expect(
    await db.selectFrom('projectAlias').select('alias').where('alias', '=', '栖霞雅苑').execute(),
  ).toEqual([])
})

test('«not ours» leaves the inbox for good, also after another reading, and comes back by undo', async () => {
  const id = await publish('云境的房屋渗漏')
  await analyse()
  expect((await post('/dismiss', { mentionIds: [id] })).status).toBe(200)
  await db.updateTable('documentAnalysis').set({ analysedVersion: null }).execute()
  await analyse()
  expect(await inbox()).toMatchObject({ groups: [], waiting: 0 })
  expect(await (await staff.get('/api/mentions?unresolved=true')).json()).toMatchObject({ rows: [] })
  await post('/undo', { mentionIds: [id] })
  expect((await inbox()).groups[0]).toMatchObject({ kind: 'candidate', texts: [{ id }] })
})

test('a risk that a person rejected does not wait', async () => {
  await publish('某楼盘工地停工')
  await analyse()
  expect((await inbox()).groups.length).toBe(1)
  await db.updateTable('signal').set({ state: 'rejected' }).execute()
  expect((await inbox()).groups).toEqual([])
})

test('refusals: an unknown text, an unknown project, an alias that every text holds, too many at once', async () => {
  const id = await publish('云境的房屋渗漏')
  await analyse()
  const refused = async (path: string, body: unknown) => {
    const answer = await post(path, body)
    return [answer.status, ((await answer.json()) as { error: string }).error]
  }
  expect(await refused('/attach', { mentionIds: [id, 999], projectId: garden })).toEqual([404, 'not-found'])
  expect(await refused('/attach', { mentionIds: [id], projectId: 999 })).toEqual([422, 'unknown-project'])
  for (const alias of ['小区', '业主', '我们小区', '花园'])
    expect(await refused('/attach', { mentionIds: [id], projectId: garden, alias })).toEqual([
      422,
      'ordinary-alias',
    ])
  expect(await refused('/dismiss', { mentionIds: [] })).toEqual([422, 'invalid'])
  expect(await refused('/dismiss', { mentionIds: Array.from({ length: 501 }, (_, n) => n + 1) })).toEqual([
    422,
    'invalid',
  ])
  expect(await refused('/names', { decision: 'ignore', name: '没有此名' })).toEqual([404, 'not-found'])
  expect(await projectsOf(id)).toEqual([])
})

test('a reader of one city has no inbox: what is nobody’s is headquarters’ to read', async () => {
  const id = await publish('云境的房屋渗漏')
  await analyse()
  const local = await person(db, app, { role: 'public-relations', cityCompanyId: company })
  expect(await inbox('', local)).toMatchObject({ groups: [], waiting: 0, isHeadquarters: false })
  expect((await post('/attach', { mentionIds: [id], projectId: garden }, local)).status).toBe(404)
  expect((await post('/dismiss', { mentionIds: [id] }, local)).status).toBe(404)
})

const proposed = async () =>
  (
    (await (await staff.get('/api/mentions/unresolved/names')).json()) as {
      rows: {
        name: string
        texts: number
        families: number
        near: number
        likely: { name: string }[]
        examples: unknown[]
      }[]
    }
  ).rows

test('an estate name of three texts and two families is proposed, with examples; one text or one family is not', async () => {
  for (const source of [0, 1, 1]) await publish(`投诉栖霞雅苑房屋渗漏 ${source}`, source)
  for (const n of [1, 2, 3]) await publish(`投诉望江家苑房屋渗漏 ${n}`, 0)
  await publish('投诉听涛名邸房屋渗漏')
  for (const source of [0, 1, 2]) await publish('老旧小区改造，安置小区房屋渗漏', source)
  await analyse()
  expect(await proposed()).toMatchObject([
    { name: '栖霞雅苑', texts: 3, families: 2, near: 0, examples: [{}, {}] },
  ])
})

test('reading a text again does not count it twice; a changed text takes its name back', async () => {
  const first = await publish('投诉栖霞雅苑房屋渗漏')
  for (const source of [1, 2]) await publish(`投诉栖霞雅苑房屋渗漏 ${source}`, source)
  await analyse()
  await db.updateTable('documentAnalysis').set({ analysedVersion: null }).execute()
  await analyse()
  expect(await proposed()).toMatchObject([{ texts: 3, families: 3 }])
  await db.updateTable('document').set({ title: '更正：今日晴' }).where('id', '=', first).execute()
  await analyse()
  expect(await proposed()).toEqual([])
  const counted = await db.selectFrom('estateName').select(['texts', 'families']).executeTakeFirst()
  expect(counted).toEqual({ texts: 2, families: 2 })
})

test('a proposed name becomes an alias with one click: its texts are linked and it is proposed no more', async () => {
  const texts = []
  for (const source of [0, 1, 2]) texts.push(await publish(`投诉澜湖雅苑房屋渗漏 ${source}`, source))
  await analyse()
  expect((await proposed())[0]?.likely.map(({ name }) => name)).toEqual(['澜湖华府'])
  const decision = { decision: 'alias', name: '澜湖雅苑', projectId: court }
  expect((await post('/names', decision)).status).toBe(200)
  await analyse()
  for (const id of texts) expect(await projectsOf(id)).toEqual([court])
  expect(await proposed()).toEqual([])
  await post('/names', { ...decision, decision: 'reopen' })
  await analyse()
  expect(await proposed()).toMatchObject([{ name: '澜湖雅苑' }])
})

test('an ignored name stays ignored however often it is seen, until it is opened again', async () => {
  for (const source of [0, 1, 2]) await publish(`投诉栖霞雅苑房屋渗漏 ${source}`, source)
  await analyse()
  await post('/names', { decision: 'ignore', name: '栖霞雅苑' })
  await publish('投诉栖霞雅苑墙面开裂', 2)
  await analyse()
  expect(await proposed()).toEqual([])
  expect((await inbox()).groups.map(({ kind }) => kind)).not.toContain('estate')
  await post('/names', { decision: 'reopen', name: '栖霞雅苑' })
  expect(await proposed()).toMatchObject([{ name: '栖霞雅苑' }])
})
