import { sql } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import { createEngines } from '../../server/analysis/engine.ts'
import { createAnalysisStep, requeueNamed, settleWords } from '../../server/analysis/job.ts'
import { dueNames, forgetNames, moveTexts } from '../../server/analysis/store.ts'
import { mentionsHolding, wordsOf } from '../../server/db/words.ts'
import { noteNames } from '../../server/projects/store.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { smallCatalogue } from './small-catalogue.ts'

const { db } = await testDatabase()
const now = new Date('2026-05-20T02:00:00Z')
const step = () =>
  createAnalysisStep({
    db,
    catalogue: smallCatalogue,
    engines: createEngines(),
    now: () => now,
    jobs: { announce: async () => {} },
  })()

let sourceId = 0
beforeEach(async () => {
  await emptyTables(db)
  const inserted = await sql<{ source: number }>`
    with c as (insert into city_company (code, name, city) values ('JZ', '嘉州置业', '嘉州市') returning id),
      p as (insert into project (city_company_id, code, name, city, stage)
        select id, 'JZ-1', '云境花园', '嘉州市', 'DE' from c returning id),
      s as (insert into source (kind, name, options, schedule) values ('rss', '晚报', '{}', '0 * * * *') returning id),
      policy as (insert into policy_version (content_hash, content, effective_from, reason)
        values ('x', '{}', now(), 'test') returning version)
    select s.id as source from s, p, policy`.execute(db)
  sourceId = inserted.rows[0]!.source
})

async function publish(titles: readonly string[], at = '2026-05-20T01:00:00Z'): Promise<number[]> {
  const inserted = await sql<{ id: number }>`
    insert into document (identity, source_id, title, body, published_at, dating, collected_at, content_hash)
    select gen_random_uuid()::text, ${sourceId}, title, '', ${at}, 'dated', ${at}, '\\x00'
    from unnest(${[...titles]}::text[]) title returning id`.execute(db)
  return inserted.rows.map((row) => row.id)
}
const holding = async (q: string) => {
  const found = await sql<{ id: number }>`${mentionsHolding(wordsOf(q))}`.execute(db)
  return found.rows.map((row) => row.id).sort((a, b) => a - b)
}
const waiting = async () => {
  const rows = await db
    .selectFrom('documentAnalysis')
    .select('documentId')
    .where('analysedVersion', 'is', null)
    .orderBy('documentId')
    .execute()
  return rows.map((row) => row.documentId)
}
const note = (names: readonly string[], at = now) =>
  db.transaction().execute((tx) => noteNames(tx, names, at))

test('what became a mention is found at once, what is none never, and what stops being one no longer', async () => {
  const [ours, other] = await publish(['嘉州云境花园房屋渗漏', '今天风很大，房屋渗漏的歌'])
  expect(await holding('渗漏')).toEqual([])
  await step()
  const mentions = (await db.selectFrom('mention').select('id').orderBy('id').execute()).map(({ id }) => id)
  expect(mentions).toContain(ours)
  expect(await holding('渗漏')).toEqual(mentions)
  await settleWords(db)
  expect(await holding('渗漏')).toEqual(mentions)
  await db.updateTable('document').set({ title: '今天风很大' }).execute()
  await step()
  expect(await db.selectFrom('mention').select('id').execute()).toEqual([])
  for (const table of ['mentionText', 'mentionTextWaiting'] as const)
    expect(await db.selectFrom(table).select('mentionId').execute()).toEqual([])
  await db.updateTable('document').set({ title: '嘉州云境花园停工' }).where('id', '=', other!).execute()
  await step()
  expect(await holding('云境 停工')).toEqual([other])
})

test('reading texts again changes no text of theirs', async () => {
  await publish(['嘉州云境花园房屋渗漏'])
  await step()
  await settleWords(db)
  await db.updateTable('documentAnalysis').set({ analysedVersion: null }).execute()
  await step()
  expect(await db.selectFrom('mentionTextWaiting').select('mentionId').execute()).toEqual([])
})

test('texts wait while the analysis reads, and two workers that move them at once move each once', async () => {
  const ids = await publish(Array.from({ length: 40 }, (_, n) => `嘉州云境花园房屋渗漏 ${n}`))
  await step()
  const [late] = await publish(['还没有读'])
  expect(await settleWords(db)).toEqual({ indexed: 0 })
  await db.deleteFrom('document').where('id', '=', late!).execute()
  // One is held by whoever changes its mention: it is passed over, and nobody waits.
  await db.transaction().execute(async (tx) => {
    await sql`select from mention where id = ${ids[0]!} for update`.execute(tx)
    const moved = await Promise.all([moveTexts(db, 30), moveTexts(db, 30)])
    expect(moved[0] + moved[1]).toBeGreaterThanOrEqual(30)
    expect(await db.selectFrom('mentionTextWaiting').select('mentionId').execute()).toContainEqual({
      mentionId: ids[0],
    })
  })
  await settleWords(db)
  expect(await db.selectFrom('mentionTextWaiting').select('mentionId').execute()).toEqual([])
  expect(await db.selectFrom('mentionText').select('mentionId').orderBy('mentionId').execute()).toEqual(
    ids.map((mentionId) => ({ mentionId })),
  )
  expect(await holding('渗漏')).toEqual(ids)
})

test('a text that is rolled back half-way waits as before', async () => {
  const ids = await publish(['嘉州云境花园房屋渗漏'])
  await step()
  await expect(
    db.transaction().execute(async (tx) => {
      expect(await moveTexts(tx, 10)).toBe(1)
      throw new Error('killed')
    }),
  ).rejects.toThrow('killed')
  expect(await holding('渗漏')).toEqual(ids)
  expect(await db.selectFrom('mentionTextWaiting').select('mentionId').execute()).toHaveLength(1)
})

test('texts that bear a changed name are read again, mention or not: the recent ones, whatever their width', async () => {
  const [old] = await publish(['云汀府停工'], '2026-01-20T01:00:00Z')
  const [named, wide, apart, latin, none] = await publish([
    '云汀府停工',
    'Ｋ２云汀府',
    '云汀 府',
    '听说Ｋ２开盘',
    '今天风很大',
  ])
  await step()
  await note(['云汀府', '湾', ' '])
  await requeueNamed(db)
  expect(await waiting()).toEqual([named, wide])
  await note(['k2'])
  await requeueNamed(db)
  expect(await waiting()).toEqual([named, wide, latin])
  expect(await dueNames(db)).toEqual([])
  // Too many names to ask the database for each of them.
  await note([...Array.from({ length: 40 }, (_, n) => `第${n}号院`), '今天风', '云汀 府'])
  await requeueNamed(db)
  expect(await waiting()).toEqual([named, wide, apart, latin, none])
  await step()
  expect(await waiting()).toEqual([])
  expect(old).toBeDefined()
})

test('the step reads texts of a new name with that name', async () => {
  const [id] = await publish(['栖霞雅苑房屋渗漏'])
  await step()
  expect((await db.selectFrom('mention').select('projectIds').executeTakeFirst())?.projectIds).toEqual([])
  const { id: projectId } = await db.selectFrom('project').select('id').executeTakeFirstOrThrow()
  await db.insertInto('projectAlias').values({ projectId, alias: '栖霞雅苑', kind: 'alias' }).execute()
  await note(['栖霞雅苑'])
  await step()
  const candidates = await db.selectFrom('mentionProject').select(['mentionId', 'projectId']).execute()
  expect(candidates).toEqual([{ mentionId: id, projectId }])
})

test('a name noted again while it is looked for stays; only the newest thousands are read again', async () => {
  await note(['云汀府'])
  const taken = await dueNames(db)
  await note(['云汀府'])
  await forgetNames(db, taken)
  expect(await dueNames(db)).toHaveLength(1)
  const ids = await publish(Array.from({ length: 5_200 }, (_, n) => `云汀府 ${n}`))
  await db.updateTable('documentAnalysis').set({ analysedVersion: 'test' }).execute()
  await requeueNamed(db)
  expect(await waiting()).toEqual(ids.slice(-5_000))
})
