import { sql } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import { everything, type Scope } from '../../server/access/scope.ts'
import { requeueNamed, settleWords } from '../../server/analysis/job.ts'
import { mentionsHolding, wordsOf } from '../../server/db/words.ts'
import { createApp } from '../../server/http/app.ts'
import { MentionFilter } from '../../server/mentions/filter.ts'
import { dailyMentions, listMentions, readMention } from '../../server/mentions/store.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { addMention, type Ground, seedGround } from '../support/evidence.ts'
import { person } from '../support/people.ts'
import { notedJobs, testServices } from '../support/services.ts'

const database = await testDatabase()
const { db } = database
const jobs = notedJobs(database)
const at = (hour: number) => new Date(Date.UTC(2026, 9, 1, hour))
const app = createApp(testServices(database, { jobs, now: () => at(12) }))

let ground: Ground
let first: { projectId: number; riskCode: string }
let second: { projectId: number; riskCode: string }
beforeEach(async () => {
  await emptyTables(db)
  jobs.woken.length = 0
  ground = await seedGround(db, { cities: 2 })
  first = { projectId: ground.cities[0]!.projectIds[0]!, riskCode: 'DE5' }
  second = { projectId: ground.cities[1]!.projectIds[0]!, riskCode: 'PO2' }
})
const scopeOfCity = (index: number): Scope => {
  const city = ground.cities[index]!
  return { all: false, cityCompanyIds: [city.id], projectIds: city.projectIds }
}
const add = (
  place: typeof first,
  hour: number,
  values: { title?: string; polarity?: 'negative' | 'positive' } = {},
) => addMention(db, ground, place, { at: at(hour), ...values }).then(({ mentionId }) => mentionId)
async function story(...mentionIds: number[]) {
  const { id } = await db
    .insertInto('story')
    .values({ title: '渗水', firstAt: at(0), lastAt: at(9) })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db.updateTable('mention').set({ storyId: id }).where('id', 'in', mentionIds).execute()
  return id
}
const waitingTexts = async () => {
  const rows = await db.selectFrom('mentionTextWaiting').select('mentionId').orderBy('mentionId').execute()
  return rows.map((row) => row.mentionId)
}
const list = async (filter: Record<string, string> = {}, scope = everything, page = {}) => {
  const { rows, next } = await listMentions(db, scope, MentionFilter.parse(filter), {
    folded: true,
    limit: 50,
    ...page,
  })
  return { ids: rows.map((row) => row.id), rows, next }
}

test('a story stands once, at its newest mention, with the others and their families counted', async () => {
  const [a, b, alone] = [await add(first, 1), await add(first, 3), await add(first, 2)]
  await story(a, b)
  const folded = await list()
  expect(folded.ids).toEqual([b, alone])
  expect(folded.rows.map((row) => [row.otherMentions, row.families])).toEqual([
    [1, 1],
    [0, 1],
  ])
  expect((await list({}, everything, { folded: false })).ids).toEqual([b, alone, a])
})

test('a filter chooses among the mentions of a story before it is folded', async () => {
  const [early, late] = [await add(first, 1), await add(first, 3, { polarity: 'positive' })]
  await story(early, late)
  expect((await list({ polarity: 'negative' })).ids).toEqual([early])
  expect((await list({ until: at(2).toISOString() })).ids).toEqual([early])
})

test('a reader of one city sees its mentions and counts, nothing of the others', async () => {
  const [mine, theirs] = [await add(first, 1), await add(second, 2)]
  const both = await add(first, 3)
  await db
    .updateTable('mention')
    .set({ projectIds: [first.projectId, second.projectId] })
    .where('id', '=', both)
    .execute()
  await story(mine, theirs, both)
  const seen = await list({}, scopeOfCity(0))
  expect(seen.ids).toEqual([both])
  expect(seen.rows[0]).toMatchObject({ otherMentions: 1, projects: [{ id: first.projectId }] })
  expect((await list({}, scopeOfCity(1), { folded: false })).ids).toEqual([both, theirs])
})

test('Chinese words are found whatever their length, in title and body, and all of them must be there', async () => {
  const leak = await add(first, 1, { title: '地下车库渗漏严重' })
  const stop = await add(first, 2, { title: '车库停工三个月' })
  expect((await list({ q: '渗漏' })).ids).toEqual([leak])
  expect((await list({ q: '地下车库' })).ids).toEqual([leak])
  expect((await list({ q: '车库 停工' })).ids).toEqual([stop])
  expect((await list({ q: '外墙渗水' })).ids).toEqual([stop, leak])
  expect((await list({ q: '库渗停' })).ids).toEqual([])
  expect((await list({ q: '停' })).ids).toEqual([stop])
})

test('words are found wherever a text stands: waiting, in the index, changed meanwhile, and never twice', async () => {
  const indexed = await add(first, 1, { title: '地下车库渗漏严重' })
  expect(await settleWords(db)).toEqual({ indexed: 0 })
  // What is being read has the machine; the mark of the analysis lets the texts in.
  await db.updateTable('documentAnalysis').set({ analysedVersion: 'test' }).execute()
  expect(await settleWords(db)).toEqual({ indexed: 1 })
  const waiting = await add(first, 2, { title: '地下车库又渗漏' })
  expect(await waitingTexts()).toEqual([waiting])
  expect((await list({ q: '渗漏' })).ids).toEqual([waiting, indexed])

  await db.updateTable('document').set({ title: '电梯停运三天' }).where('id', '=', indexed).execute()
  expect(await waitingTexts()).toEqual([indexed, waiting])
  expect((await list({ q: '渗漏' })).ids).toEqual([waiting])
  expect((await list({ q: '停运' })).ids).toEqual([indexed])
  await db.updateTable('documentAnalysis').set({ analysedVersion: 'test' }).execute()
  expect(await settleWords(db)).toEqual({ indexed: 2 })
  expect((await list({ q: '渗漏' })).ids).toEqual([waiting])
  expect((await list({ q: '停运' })).ids).toEqual([indexed])

  await db.deleteFrom('mention').where('id', '=', indexed).execute()
  expect((await list({ q: '停运' })).ids).toEqual([])
  expect(await db.selectFrom('mentionText').select('mentionId').execute()).toEqual([{ mentionId: waiting }])
})

test('width, case, rare letters, marks and blanks: a text is found as people write it', async () => {
  const wide = await add(first, 1, { title: 'ＡＢＣ国际－９号楼（二期）漏水' })
  const rare = await add(first, 2, { title: '𠮷野家旁𬭎泰公馆停工' })
  const marks = await add(first, 3, { title: "降价50%_off，见C:\\新盘 'x'" })
  const phrase = await add(first, 4, { title: 'Golden  Bay 金湾 业主群' })
  const found = async (q: string) => (await list({ q })).ids
  const check = async () => {
    expect(await found('abc国际')).toEqual([wide])
    expect(await found('9号楼(二期)')).toEqual([wide])
    expect(await found('９号楼（')).toEqual([wide])
    expect(await found('𠮷野')).toEqual([rare])
    expect(await found('𬭎泰')).toEqual([rare])
    // The same sixteen bits, another letter.
    expect(await found('𰮷野')).toEqual([])
    expect(await found('50%')).toEqual([marks])
    expect(await found('5%')).toEqual([])
    expect(await found('%_')).toEqual([marks])
    expect(await found('__')).toEqual([])
    expect(await found('c:\\新盘')).toEqual([marks])
    expect(await found("'x'")).toEqual([marks])
    expect(await found("'")).toEqual([marks])
    expect(await found('golden bay')).toEqual([phrase])
    expect(await found('业主群\u3000GOLDEN')).toEqual([phrase])
    expect(await found('golden 停工')).toEqual([])
    expect(await found('湾')).toEqual([phrase])
    expect(await found('a')).toEqual([phrase, wide])
    expect(await found('\u0000 湾')).toEqual([phrase])
  }
  await check()
  await db.updateTable('documentAnalysis').set({ analysedVersion: 'test' }).execute()
  await settleWords(db)
  await check()
  // Asked of the index, which the few texts of a test need not be: the newest are looked into first.
  for (const [word, id] of [
    ['abc国际', wide],
    ['𬭎泰', rare],
    ['50%_off', marks],
    ['业主群', phrase],
    ['湾', phrase],
  ] as const) {
    const hits = await sql<{ id: number }>`${mentionsHolding(wordsOf(word))}`.execute(db)
    expect(hits.rows).toEqual([{ id }])
  }
  expect((await sql`${mentionsHolding(wordsOf('𰮷野'))}`.execute(db)).rows).toEqual([])
})

test('a word far down a long text is found', async () => {
  const id = await add(first, 1)
  const body = `${'一二三四五六七八九十'.repeat(3_000)}云栖华府`
  await db.updateTable('document').set({ body }).where('id', '=', id).execute()
  await db.updateTable('documentAnalysis').set({ analysedVersion: 'test' }).execute()
  expect((await list({ q: '云栖华府' })).ids).toEqual([id])
  expect(await settleWords(db)).toEqual({ indexed: 1 })
  expect((await sql`${mentionsHolding(['云栖华府'])}`.execute(db)).rows).toEqual([{ id }])
})

test('deep in a million texts a page of words is the same, whether from the newest or from the index', async () => {
  const early = await add(first, 0, { title: '云栖里停工' })
  const [told, again] = [
    await add(first, 1, { title: '云栖里漏水' }),
    await add(first, 2, { title: '云栖里漏水' }),
  ]
  await story(told, again)
  // So many newer ones that the nearest do not reach the words; every other tells of a leak.
  await sql`
    with texts as (
      insert into document (identity, source_id, title, body, dating, published_at, collected_at, content_hash)
      select 'many' || n, ${ground.sourceId}, case when n % 2 = 0 then '渗漏 ' else '开盘 ' end || n, '', 'dated', at, at, '\\x00'
      from (select n, ${at(3)}::timestamptz + n * interval '1 second' as at from generate_series(1, 2100) n) numbers
      returning id, title, published_at)
    insert into mention (id, occurred_at, published_at, source_id, title, excerpt, polarity, sentiment, analysis_version, catalog_version)
    select id, published_at, published_at, ${ground.sourceId}, title, '', 'neutral', 0, 'test', 'test' from texts`.execute(
    db,
  )
  await db.updateTable('documentAnalysis').set({ analysedVersion: 'test' }).execute()
  const check = async () => {
    expect((await list({ q: '云栖里' })).ids).toEqual([again, early])
    expect((await list({ q: '云栖里' }, everything, { folded: false })).ids).toEqual([again, told, early])
    expect((await list({ q: '云栖里' }, everything, { limit: 1 })).next).toBe(again)
    expect((await list({ q: '云栖里' }, everything, { limit: 1, after: again })).ids).toEqual([early])
    expect((await list({ q: '云栖里' }, scopeOfCity(1))).ids).toEqual([])
    const leaks = await list({ q: '渗漏' })
    expect(leaks.ids).toHaveLength(50)
    const behind = await list({ q: '渗漏' }, everything, { after: leaks.next ?? 0 })
    expect(behind.ids).toHaveLength(50)
    expect(new Set([...leaks.ids, ...behind.ids]).size).toBe(100)
  }
  await check()
  expect(await settleWords(db)).toEqual({ indexed: 2103 })
  await check()
})

test('filters by project, risk, tier, source and the unresolved', async () => {
  const [a, b] = [await add(first, 1), await add(second, 2)]
  expect((await list({ project: String(first.projectId) })).ids).toEqual([a])
  expect((await list({ risk: 'PO2' })).ids).toEqual([b])
  expect((await list({ tier: 'central' })).ids).toEqual([])
  expect((await list({ source: String(ground.sourceId) })).ids).toEqual([b, a])
  expect((await list({ unresolved: 'true' })).ids).toEqual([])
  await db.updateTable('mention').set({ projectIds: [] }).where('id', '=', b).execute()
  expect((await list({ unresolved: 'true' })).ids).toEqual([b])
  await db.updateTable('signal').set({ state: 'rejected' }).where('mentionId', '=', a).execute()
  expect((await list({ risk: 'DE5' })).ids).toEqual([])
})

test('pages follow one another without gap or repetition, also at equal times', async () => {
  const ids = []
  for (let n = 0; n < 7; n += 1) ids.push(await add(first, 5))
  const seen: number[] = []
  let after: number | undefined
  do {
    const page = await list({}, everything, { limit: 3, after })
    seen.push(...page.ids)
    after = page.next ?? undefined
  } while (after)
  expect(seen).toEqual(ids.toReversed())
})

test('the chart has every day, counted within the scope', async () => {
  await add(first, 1)
  await add(second, 2, { polarity: 'positive' })
  const span = { from: '2026-09-30', until: '2026-10-02' }
  expect(await dailyMentions(db, everything, span)).toEqual([
    { day: '2026-09-30', mentions: 0, negative: 0 },
    { day: '2026-10-01', mentions: 2, negative: 1 },
    { day: '2026-10-02', mentions: 0, negative: 0 },
  ])
  expect((await dailyMentions(db, scopeOfCity(1), span))[1]).toEqual({
    day: '2026-10-01',
    mentions: 1,
    negative: 0,
  })
  expect((await dailyMentions(db, scopeOfCity(1), { ...span, project: first.projectId }))[1]?.mentions).toBe(
    0,
  )
})

test('a verdict is written with its author, asks scoring to look again and stands in the trail', async () => {
  const { mentionId, signalId } = await addMention(db, ground, first, { at: at(1) })
  await db.deleteFrom('scoringDue').execute()
  const staff = await person(db, app, { role: 'public-relations' })
  const path = `/api/mentions/${mentionId}/signals/${signalId}/verdict`
  expect((await staff.post(path, { state: 'rejected' })).status).toBe(422)
  expect((await staff.post(path, { state: 'rejected', reason: '说的是别家楼盘' })).status).toBe(200)
  expect(await (await staff.get(`/api/mentions/${mentionId}`)).json()).toMatchObject({
    riskCodes: [],
    signals: [
      {
        state: 'rejected',
        verdictReason: '说的是别家楼盘',
        because: [{ terms: [{ text: '渗水', start: 2 }] }],
      },
    ],
  })
  expect(await db.selectFrom('scoringDue').select(['projectId', 'riskCode']).execute()).toEqual([first])
  expect(jobs.woken).toEqual(['scoring'])
  const entry = await db
    .selectFrom('auditEntry')
    .select('detail')
    .where('action', '=', 'signal.judge')
    .executeTakeFirst()
  expect(entry?.detail).toMatchObject({ signalId, state: 'rejected' })
})

test('an unresolved text is given its project and teaches the name it used', async () => {
  const inbox = await add(first, 1, { title: '云栖里业主投诉渗水' })
  const same = await add(first, 2, { title: '云栖里又渗水' })
  const elsewhere = await add(first, 3, { title: '别处渗水' })
  await db
    .updateTable('mention')
    .set({ projectIds: [] })
    .where('id', 'in', [inbox, same, elsewhere])
    .execute()
  await db.updateTable('documentAnalysis').set({ analysedVersion: 'test' }).execute()
  const staff = await person(db, app, { role: 'public-relations' })
  const answer = await staff.post(`/api/mentions/${inbox}/project`, {
    projectId: first.projectId,
    alias: '云栖里',
  })
  expect(answer.status).toBe(200)
  await requeueNamed(db)
  const waiting = await db
    .selectFrom('documentAnalysis')
    .select('documentId as id')
    .where('analysedVersion', 'is', null)
    .orderBy('documentId')
    .execute()
  expect(waiting.map((row) => row.id)).toEqual([inbox, same])
  expect(jobs.woken).toEqual(['analysis'])
  expect(await db.selectFrom('projectAlias').select(['alias', 'kind']).execute()).toEqual([
    { alias: '云栖里', kind: 'learnt' },
  ])
  expect(await db.selectFrom('mentionProject').select(['mentionId', 'state']).execute()).toEqual([
    { mentionId: inbox, state: 'confirmed' },
  ])
})

test('a corrected polarity stays under its author', async () => {
  const id = await add(first, 1)
  const staff = await person(db, app, { role: 'public-relations' })
  expect((await staff.ask('PATCH', `/api/mentions/${id}`, { polarity: 'neutral' })).status).toBe(200)
  expect(await (await staff.get(`/api/mentions/${id}`)).json()).toMatchObject({
    polarity: 'neutral',
    polarityBy: expect.stringContaining('person-'),
  })
  const { rows } = await sql<{
    negative: number
  }>`select sum(negative)::int as negative from mention_daily where project_id = 0`.execute(db)
  expect(rows[0]?.negative).toBe(0)
})

test('what raises nothing is found by why: undated, ahead of the clock, old, or collected while learning', async () => {
  const ids: Record<string, number> = {}
  for (const dating of ['undated', 'future', 'old', 'dated'] as const) {
    ids[dating] = await add(first, 1)
    await db.updateTable('document').set({ dating }).where('id', '=', ids[dating]).execute()
    await db.updateTable('mention').set({ isLearning: true }).where('id', '=', ids[dating]).execute()
  }
  await add(first, 2)
  for (const [apart, wanted] of [
    ['undated', 'undated'],
    ['future', 'future'],
    ['old', 'old'],
    ['learning', 'dated'],
  ])
    expect([apart, (await list({ apart: apart! })).ids]).toEqual([apart, [ids[wanted!]]])
})

test('a time that is known without one of publication is told as first seen', async () => {
  const id = await add(first, 1)
  const told = async () => {
    const mention = await readMention(db, everything, id)
    return [mention?.publishedAt, mention?.dating]
  }
  await db.updateTable('document').set({ publishedAt: null, dating: 'dated' }).where('id', '=', id).execute()
  await db.updateTable('mention').set({ publishedAt: null }).where('id', '=', id).execute()
  expect(await told()).toEqual([null, 'seen'])
  await db.updateTable('document').set({ dating: 'undated' }).where('id', '=', id).execute()
  expect(await told()).toEqual([null, 'undated'])
})
