import { type KyselyPlugin, sql } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import { createEngines } from '../../server/analysis/engine.ts'
import { nearBucket, nearKeys } from '../../server/analysis/fingerprint.ts'
import { createAnalysisStep } from '../../server/analysis/job.ts'
import { takeComplaints, takeDocuments } from '../../server/analysis/store.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { smallCatalogue } from './small-catalogue.ts'

const { db } = await testDatabase()
const now = new Date('2026-05-20T02:00:00Z')
const announced: unknown[] = []
const createStep = (catalogue = smallCatalogue) =>
  createAnalysisStep({
    db,
    catalogue,
    engines: createEngines(),
    now: () => now,
    jobs: {
      announce: async (event) => {
        announced.push(event)
      },
    },
  })
let step = createStep()

let sourceId = 0
let projectId = 0
let cityCompanyId = 0
beforeEach(async () => {
  await emptyTables(db)
  announced.length = 0
  step = createStep()
  const inserted = await sql<{ company: number; project: number; source: number }>`
    with c as (insert into city_company (code, name, city) values ('JZ', '嘉州置业', '嘉州市') returning id),
      p as (insert into project (city_company_id, code, name, city, stage)
        select id, 'JZ-1', '云境花园', '嘉州市', 'DE' from c returning id),
      a as (insert into project_alias (project_id, alias, kind) select id, '云境', 'alias' from p),
      s as (insert into source (kind, name, options, schedule) values ('rss', '晚报', '{}', '0 * * * *') returning id),
      policy as (insert into policy_version (content_hash, content, effective_from, reason)
        values ('x', '{}', now(), 'test') returning version)
    select c.id as company, p.id as project, s.id as source from c, p, s, policy`.execute(db)
  const row = inserted.rows[0]!
  cityCompanyId = row.company
  projectId = row.project
  sourceId = row.source
})

async function publish(title: string, more: { body?: string; at?: string; dating?: string } = {}) {
  const at = more.at ?? '2026-05-20T01:00:00Z'
  const inserted = await sql<{ id: number }>`
    insert into document (identity, source_id, title, body, published_at, dating, collected_at, content_hash)
    values (gen_random_uuid()::text, ${sourceId}, ${title}, ${more.body ?? ''}, ${at}, ${more.dating ?? 'dated'},
      ${now}, '\\x00') returning id`.execute(db)
  return inserted.rows[0]!.id
}

async function complain(title: string, project: number | null) {
  const inserted = await sql<{ id: number }>`
    insert into complaint (number, city_company_id, project_id, channel, class, title, content, received_at, grade,
      grade_clause, grade_because, grade_policy_version)
    values (gen_random_uuid()::text, ${cityCompanyId}, ${project}, 'phone', 'engineering', ${title}, '请尽快处理', ${now}, 4,
      'S0-3.4', '[]', 1) returning id`.execute(db)
  return inserted.rows[0]!.id
}

const signals = () =>
  db
    .selectFrom('signal')
    .select(['kind', 'riskCode', 'projectId', 'strength', 'isRedLine', 'state', 'isLearning'])
    .orderBy('id')
    .execute()
const due = () => db.selectFrom('scoringDue').select(['projectId', 'riskCode']).orderBy('riskCode').execute()
const everything = async () => ({
  mentions: await db
    .selectFrom('mention')
    .selectAll()
    .select(sql<string>`simhash::text`.as('simhash'))
    .orderBy('id')
    .execute(),
  links: await db.selectFrom('mentionProject').selectAll().orderBy('mentionId').execute(),
  signals: await db
    .selectFrom('signal')
    .select([
      'mentionId',
      'complaintId',
      'riskCode',
      'projectId',
      'strength',
      'because',
      'occurredAt',
      'state',
    ])
    .orderBy('mentionId')
    .orderBy('complaintId')
    .orderBy('riskCode')
    .execute(),
  stories: await db.selectFrom('story').select(['title', 'mentionCount', 'familyCount']).execute(),
})

test('the engine fails at the texts behind those that are written: these stand, the others wait', async () => {
  await sql`
    insert into document (identity, source_id, title, body, published_at, dating, collected_at, content_hash)
    select 'many ' || n, ${sourceId}, '云境花园业主投诉', '房屋多处渗漏', ${now}, 'dated', ${now}, '\\x00'
    from generate_series(1, 501) n`.execute(db)
  const engines = createEngines()
  let reads = 0
  const failing = createAnalysisStep({
    db,
    catalogue: smallCatalogue,
    now: () => now,
    jobs: { announce: async () => {} },
    engines: {
      open: async (input) => {
        const engine = await engines.open(input)
        return {
          ...engine,
          read: (texts) =>
            ++reads === 2 ? Promise.reject(new Error('the thread broke')) : engine.read(texts),
        }
      },
    },
  })
  const count = async () => (await db.selectFrom('mention').select('id').execute()).length
  await expect(failing()).rejects.toThrow('the thread broke')
  expect(await count()).toBe(500)
  expect(await failing()).toBe(true)
  expect(await count()).toBe(501)
})

test('a text that names the group alone is ours, whatever else it says', async () => {
  await publish('远山集团召开年会')
  await step()
  expect(await db.selectFrom('mention').select('id').execute()).toEqual([])
  await db
    .insertInto('setting')
    .values({ key: 'group', value: JSON.stringify({ name: '远山集团' }), updatedAt: now })
    .execute()
  const id = await publish('远山集团发布秋季年报')
  await step()
  expect(await db.selectFrom('mention').select(['id', 'namesUs', 'projectIds']).execute()).toEqual([
    { id, namesUs: true, projectIds: [] },
  ])
})

test('a text about our project with a risk becomes a mention, a signal with its words, and a cell to score', async () => {
  const id = await publish('嘉州云境花园业主投诉', { body: '房屋多处渗漏' })
  expect(await step()).toBe(true)
  const mention = await db.selectFrom('mention').selectAll().executeTakeFirstOrThrow()
  expect(mention).toMatchObject({
    id,
    riskCodes: ['DE5'],
    projectIds: [projectId],
    cityCompanyIds: [cityCompanyId],
    polarity: 'negative',
    excerpt: '房屋多处渗漏',
    storyId: null,
    catalogVersion: 'small',
  })
  expect(await signals()).toEqual([
    {
      kind: 'mention',
      riskCode: 'DE5',
      projectId,
      strength: 0.8,
      isRedLine: false,
      state: 'proposed',
      isLearning: false,
    },
  ])
  const { because } = await db.selectFrom('signal').select('because').executeTakeFirstOrThrow()
  expect(because).toEqual([
    {
      rule: 'leak',
      terms: [
        { text: '房屋', start: 0, end: 2, field: 'text' },
        { text: '渗漏', start: 4, end: 6, field: 'text' },
      ],
    },
  ])
  expect(await due()).toEqual([{ projectId, riskCode: 'DE5' }])
  expect(announced).toEqual([{ topic: 'mention' }])
})

test('a text of another world stays a document; nothing waits afterwards', async () => {
  await publish('球队夺冠，全城庆祝')
  expect(await step()).toBe(true)
  expect((await everything()).mentions).toEqual([])
  expect(await step()).toBe(false)
})

test('a risk of the trade without a project of ours is a signal of nobody and scores no cell', async () => {
  await publish('某楼盘工地停工')
  await step()
  expect(await signals()).toMatchObject([{ riskCode: 'DE3', projectId: null, isRedLine: true }])
  expect(await due()).toEqual([])
})

test('an uncertain project waits for a person, whose word the next reading follows', async () => {
  const id = await publish('云境的房屋渗漏')
  await step()
  const link = await db.selectFrom('mentionProject').selectAll().executeTakeFirstOrThrow()
  expect(link).toMatchObject({ projectId, confidence: 0.35, state: 'proposed' })
  expect(await signals()).toMatchObject([{ projectId: null }])
  await db.updateTable('mentionProject').set({ state: 'confirmed' }).execute()
  await db
    .updateTable('documentAnalysis')
    .set({ analysedVersion: null })
    .where('documentId', '=', id)
    .execute()
  await step()
  expect(await signals()).toMatchObject([{ projectId, riskCode: 'DE5' }])
  expect(await due()).toEqual([{ projectId, riskCode: 'DE5' }])
})

test('an undated text and one behind the age gate are kept and raise nothing', async () => {
  await publish('云境花园项目停工', { dating: 'undated' })
  const old = await publish('云境花园房屋渗漏', { dating: 'old', at: '2020-01-01T00:00:00Z' })
  await step()
  expect((await signals()).map((signal) => signal.isLearning)).toEqual([true, true])
  const { occurredAt } = await db
    .selectFrom('mention')
    .select('occurredAt')
    .where('id', '=', old)
    .executeTakeFirstOrThrow()
  expect(occurredAt.toISOString()).toBe('2020-01-01T00:00:00.000Z')
})

test('reading everything again gives the same rows, and keeps what people decided', async () => {
  await publish('云境花园房屋渗漏')
  await publish('云境花园房屋渗漏')
  await publish('云境花园项目停工，业主愤怒')
  await complain('房屋墙面开裂', projectId)
  await step()
  await db.updateTable('signal').set({ state: 'rejected' }).where('riskCode', '=', 'DE3').execute()
  const before = await everything()
  await db.updateTable('documentAnalysis').set({ analysedVersion: null }).execute()
  await db.updateTable('complaintAnalysis').set({ analysedVersion: null }).execute()
  await step()
  expect(await everything()).toEqual(before)
  expect(before.signals.map((signal) => signal.state)).toContain('rejected')
})

test('a polarity that a person corrected stays when the text is read again', async () => {
  const id = await publish('云境花园项目停工，业主愤怒')
  await step()
  const [user] = await db
    .insertInto('appUser')
    .values({ login: 'staff', name: '公关', passwordHash: '-' })
    .returning('id')
    .execute()
  await db
    .updateTable('mention')
    .set({ polarity: 'positive', polarityBy: user!.id })
    .where('id', '=', id)
    .execute()
  await db.updateTable('documentAnalysis').set({ analysedVersion: null }).execute()
  await step()
  const mention = await db
    .selectFrom('mention')
    .select('polarity')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  expect(mention.polarity).toBe('positive')
})

test('another catalogue is a reason to read everything again; its proposals replace the old ones', async () => {
  await publish('云境花园房屋渗漏')
  await step()
  await db.deleteFrom('scoringDue').execute()
  const without = { ...smallCatalogue, version: 'smaller', risks: smallCatalogue.risks.slice(1) }
  await createStep(without)()
  expect(await signals()).toEqual([])
  expect(await due()).toEqual([{ projectId, riskCode: 'DE5' }])
})

test('a text that is changed to something else takes its mention and its signals back', async () => {
  const id = await publish('云境花园房屋渗漏')
  await step()
  await db.deleteFrom('scoringDue').execute()
  await db.updateTable('document').set({ title: '更正：今日晴' }).where('id', '=', id).execute()
  await step()
  expect(await everything()).toMatchObject({ mentions: [], signals: [] })
  expect(await due()).toEqual([{ projectId, riskCode: 'DE5' }])
})

test('reposts and rewrites of one thing are one story, another phase or another week is another', async () => {
  const titles: [string, string][] = [
    ['云境花园二期业主反映房屋渗漏', '2026-05-19T01:00:00Z'],
    ['云境花园二期业主反映，房屋渗漏！', '2026-05-19T05:00:00Z'],
    ['房屋渗漏！云境花园二期业主集体反映', '2026-05-20T01:00:00Z'],
    ['云境花园三期业主反映房屋渗漏', '2026-05-20T01:00:00Z'],
    ['云境花园二期业主反映房屋渗漏', '2026-05-10T01:00:00Z'],
  ]
  for (const [title, at] of titles) await publish(title, { at })
  await step()
  const stories = await db.selectFrom('mention').select('storyId').orderBy('id').execute()
  expect(stories.map((mention) => mention.storyId)).toEqual([
    expect.any(Number),
    stories[0]?.storyId,
    stories[0]?.storyId,
    null,
    null,
  ])
  expect(await db.selectFrom('story').select(['title', 'mentionCount', 'familyCount']).execute()).toEqual([
    { title: titles[0]![0], mentionCount: 3, familyCount: 1 },
  ])
})

test('a story found in an earlier batch takes the later text in', async () => {
  await publish('云境花园二期业主反映房屋渗漏')
  await step()
  await publish('云境花园二期业主再次反映房屋渗漏')
  await step()
  const ids = (await everything()).mentions.map((mention) => mention.storyId)
  expect(ids).toEqual([ids[1], expect.any(Number)])
})

test('a complaint gives signals to its own project, and without one to a project of its city company that it names', async () => {
  await complain('房屋渗漏', projectId)
  await complain('云境花园项目停工', null)
  await complain('未取得预售证', null)
  await step()
  expect(await signals()).toMatchObject([
    { kind: 'complaint', riskCode: 'DE5', projectId },
    { kind: 'complaint', riskCode: 'DE3', projectId },
    { kind: 'complaint', riskCode: 'LA1', projectId: null },
  ])
  expect(announced).toEqual([{ topic: 'complaint', projectIds: [projectId] }])
})

test('several workers share the waiting texts: each is read once, nothing twice', async () => {
  await sql`
    insert into document (identity, source_id, title, body, published_at, dating, collected_at, content_hash)
    select n::text, ${sourceId}, '云境花园第' || n || '户房屋渗漏', '', ${now}::timestamptz - n * interval '4 days', 'dated',
      ${now}, '\\x00' from generate_series(1, 1200) n`.execute(db)
  await Promise.all([step(), createStep()(), createStep()()])
  const counts = await sql<{ mentions: number; signals: number; waiting: number }>`
    select (select count(*) from mention) as mentions, (select count(*) from signal) as signals,
      (select count(*) from document_analysis where analysed_version is null) as waiting`.execute(db)
  expect(counts.rows[0]).toEqual({ mentions: 1200, signals: 1200, waiting: 0 })
})

test('a text cannot change between being given to a worker and being marked as read by it', async () => {
  const id = await publish('云境花园业主投诉', { body: '房屋多处渗漏' })
  const complaintId = await complain('云境花园渗漏', projectId)
  const changes = {
    document: sql`update document set body = '已经修好', version = version + 1 where id = ${id}`,
    complaint: sql`update complaint set content = '已经修好' where id = ${complaintId}`,
  }
  for (const [table, take] of [
    ['document', takeDocuments],
    ['complaint', takeComplaints],
  ] as const) {
    // Somebody changes the text on a connection of their own as soon as the worker has had its first answer.
    let change: Promise<unknown> | undefined
    const intrude: KyselyPlugin = {
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        change ??= db.transaction().execute(async (tx) => {
          await sql`set local lock_timeout = '300ms'`.execute(tx)
          await changes[table].execute(tx)
        })
        await change.catch(() => {})
        return result
      },
    }
    await db.transaction().execute(async (tx) => {
      const taken = await take(tx.withPlugin(intrude), 10)
      expect(taken).toHaveLength(1)
      const [text] = taken.map((row) => ('body' in row ? row.body : row.content))
      expect(text).not.toBe('已经修好')
      // What it was given is still what stands: the other waits for the worker, whose mark it then takes back.
      await expect(change).rejects.toThrow('lock timeout')
    })
  }
})

test('a worker that dies in the middle of a batch leaves nothing of it, and the next one does it all', async () => {
  await publish('云境花园房屋渗漏')
  // The mark is the last statement of the batch: everything else was written before it fails.
  await sql`alter table document_analysis add constraint dies check (analysed_version is null)`.execute(db)
  try {
    await expect(step()).rejects.toThrow('dies')
  } finally {
    await sql`alter table document_analysis drop constraint dies`.execute(db)
  }
  expect(await everything()).toMatchObject({ mentions: [], signals: [] })
  await step()
  expect(await everything()).toMatchObject({ mentions: [{}], signals: [{}] })
})

test('a near-equal text joins its story without any project, and across batches', async () => {
  const body =
    '嘉州一处楼盘外墙渗漏，业主多次反映后仍无人处理，主管部门表示将介入调查并督促整改，后续进展待跟进报道。'
  await publish('楼盘外墙渗漏引关注', { body })
  await step()
  await publish('【转】楼盘外墙渗漏引关注', { body: `${body}（来源网络）` })
  await step()
  const [first, second] = await storyIds()
  expect(first).not.toBeNull()
  expect(second).toBe(first)
})

test('the same long title over another lead is one story, a short one is not', async () => {
  await publish('嘉州多个小区外墙渗漏业主集体维权', { body: '渗漏已持续半年，物业称保修期已过。' })
  await publish('嘉州多个小区外墙渗漏业主集体维权', {
    body: '记者现场走访，看到墙面大片水痕，施工方否认质量责任。',
  })
  await publish('外墙渗漏维权', { body: '渗漏严重，南城的住户开始自行维修。' })
  await publish('外墙渗漏维权', { body: '北城另一批业主起诉开发商，要求赔偿渗漏损失。' })
  await step()
  const [first, second, third, fourth] = await storyIds()
  expect(second).toBe(first)
  expect(first).not.toBeNull()
  expect([third, fourth]).toEqual([null, null])
})

test('the same words about another estate are another story', async () => {
  const body = '外墙渗漏已持续半年，物业称保修期已过，业主多次反映后仍无人处理，主管部门表示将介入调查。'
  await publish('青禾雅苑外墙渗漏业主维权', { body: `青禾雅苑${body}` })
  await publish('翠屏花园外墙渗漏业主维权', { body: `翠屏花园${body}` })
  await step()
  expect(await storyIds()).toEqual([null, null])
})

test('two workers that read the first two texts of a story at once open one story', async () => {
  const titles = Array.from({ length: 1_200 }, () => '嘉州云境花园外墙渗漏业主集体维权')
  for (const title of titles.slice(0, 40)) await publish(title, { body: '墙面渗漏' })
  await sql`
    insert into document (identity, source_id, title, body, published_at, dating, collected_at, content_hash)
    select gen_random_uuid()::text, ${sourceId}, title, '墙面渗漏', '2026-05-20T01:00:00Z', 'dated', ${now}, '\\x00'
    from unnest(${titles.slice(40)}::text[]) title`.execute(db)
  await Promise.all([createStep()(), createStep()(), createStep()()])
  expect(new Set(await storyIds()).size).toBe(1)
  expect(await db.selectFrom('story').select(['mentionCount']).execute()).toEqual([{ mentionCount: 1_200 }])
})

test('a text that a person took out of a story stays out, and its copies follow it', async () => {
  await publish('嘉州云境花园外墙渗漏业主维权', { body: '渗漏' })
  const out = await publish('嘉州云境花园外墙渗漏业主维权继续', { body: '渗漏依旧' })
  await step()
  const [before] = await storyIds()
  await sql`
    with s as (insert into story (title, first_at, last_at) values ('另一件', ${now}, ${now}) returning id),
      m as (update mention set story_id = s.id from s where mention.id = ${out})
    insert into story_decision (mention_id, story_id, decided_at) select ${out}, id, ${now} from s`.execute(
    db,
  )
  await sql`update document_analysis set analysed_version = null`.execute(db)
  await step()
  await publish('嘉州云境花园外墙渗漏业主维权继续', { body: '渗漏依旧' })
  await step()
  const [first, second, copy] = await storyIds()
  expect(first).toBe(before)
  expect(second).not.toBe(before)
  expect(copy).toBe(second)
})

test('the database cuts a simhash into the keys that the code asks for', async () => {
  const texts = ['8f3c00a1b2d4e5f6', '0123456789abcdef', 'ffffffffffffffff', '0000000000000000']
  const at = [
    new Date('2026-05-20T15:59:59Z'),
    new Date('2026-05-20T16:00:00Z'),
    new Date('1999-12-30T00:00:00Z'),
  ]
  for (const simhash of texts) {
    for (const instant of at) {
      const stored = await sql<{ keys: number[] }>`
        select near_keys(${BigInt.asIntN(64, BigInt(`0x${simhash}`)).toString()}::bigint, near_bucket(${instant})) as keys`.execute(
        db,
      )
      expect(stored.rows[0]?.keys).toEqual(nearKeys(simhash, nearBucket(instant)))
    }
  }
})

async function storyIds() {
  const rows = await db.selectFrom('mention').select('storyId').orderBy('id').execute()
  return rows.map((row) => row.storyId)
}
