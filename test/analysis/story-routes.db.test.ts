import { sql } from 'kysely'
import { beforeEach, describe, expect, test } from 'vitest'
import { createApp } from '../../server/http/app.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { addMention, type Ground, seedGround } from '../support/evidence.ts'
import { person } from '../support/people.ts'
import { notedJobs, testServices } from '../support/services.ts'

const database = await testDatabase()
const { db } = database
const jobs = notedJobs(database)
const app = createApp(testServices(database, { jobs }))
const at = (hour: number) => new Date(Date.UTC(2026, 9, 1, hour))

let ground: Ground
let place: { projectId: number; riskCode: string }
let officer: Awaited<ReturnType<typeof person>>
beforeEach(async () => {
  await emptyTables(db)
  jobs.woken.length = 0
  ground = await seedGround(db, { cities: 2 })
  place = { projectId: ground.cities[0]!.projectIds[0]!, riskCode: 'DE5' }
  officer = await person(db, app, { role: 'public-relations' })
})
async function told(hour: number, in_ = place, text = 'a') {
  const { mentionId } = await addMention(db, ground, in_, { at: at(hour), title: `外墙渗水 ${hour}` })
  await sql`update mention set text_hash = ${Buffer.from(text)} where id = ${mentionId}`.execute(db)
  return mentionId
}
async function story(...mentionIds: number[]) {
  const { id } = await db
    .insertInto('story')
    .values({ title: '渗水', firstAt: at(0), lastAt: at(9), mentionCount: mentionIds.length })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db.updateTable('mention').set({ storyId: id }).where('id', 'in', mentionIds).execute()
  return id
}
const post = async (who: typeof officer, path: string, body: unknown) => {
  const answer = await who.ask('POST', `/api/stories/${path}`, body)
  return [answer.status, await answer.json()]
}
const storyOf = async (id: number) =>
  (await db.selectFrom('mention').select('storyId').where('id', '=', id).executeTakeFirstOrThrow()).storyId

test('a story tells who came first, folds its copies and counts the spread', async () => {
  const first = await told(1)
  const [copy, other] = [await told(3), await told(5, place, 'b')]
  const id = await story(first, copy, other)
  const answer = await officer.ask('GET', `/api/stories/${id}`)
  const body = await answer.json()
  expect(body).toMatchObject({ id, mentions: 3, families: 1, beyond: 0, riskCodes: ['DE5'] })
  expect(body.texts).toMatchObject([
    { id: first, copies: 1 },
    { id: other, copies: 0 },
  ])
  expect(body.tellers).toMatchObject([{ name: '测试信源', mentions: 3 }])
  expect(body.spread.hours).toBe(1)
  expect(body.spread.steps.map(({ mentions }: { mentions: number }) => mentions)).toEqual([1, 0, 1, 0, 1])
})

test('a reader of one city sees of a story what is theirs, and how much is not', async () => {
  const there = { projectId: ground.cities[1]!.projectIds[0]!, riskCode: 'PO2' }
  const [mine, theirs] = [await told(1), await told(2, there, 'b')]
  const id = await story(mine, theirs)
  const local = await person(db, app, { role: 'public-relations', cityCompanyId: ground.cities[0]!.id })
  const body = await (await local.ask('GET', `/api/stories/${id}`)).json()
  expect(body).toMatchObject({ mentions: 1, beyond: 1, riskCodes: ['DE5'] })
  expect(body.projects).toHaveLength(1)
  // A change of the rest is not theirs to make.
  const other = await story(await told(3, place, 'c'))
  expect(await post(local, `${other}/merge`, { into: id, reason: '同一件事' })).toEqual([
    403,
    { error: 'story-beyond-scope' },
  ])
})

test('a text taken out of a story is a story of its own for good; audited, scored and gathered again', async () => {
  const [stays, out] = [await told(1), await told(2, place, 'b')]
  const id = await story(stays, out)
  await sql`delete from scoring_due`.execute(db)
  const [status, body] = await post(officer, `${id}/split`, { mentionIds: [out], reason: '另一件事' })
  expect(status).toBe(200)
  expect([await storyOf(stays), await storyOf(out)]).toEqual([id, body.id])
  expect(
    await db.selectFrom('storyDecision').select(['mentionId', 'storyId', 'decidedBy']).execute(),
  ).toEqual([{ mentionId: out, storyId: body.id, decidedBy: officer.id }])
  expect(await db.selectFrom('story').select(['id', 'mentionCount']).orderBy('id').execute()).toEqual([
    { id, mentionCount: 1 },
    { id: body.id, mentionCount: 1 },
  ])
  expect(await db.selectFrom('scoringDue').select(['projectId', 'riskCode']).execute()).toEqual([place])
  expect(await db.selectFrom('issueDue').select('projectId').execute()).toEqual([
    { projectId: place.projectId },
  ])
  expect(jobs.woken).toEqual(['scoring'])
  const entry = await db
    .selectFrom('auditEntry')
    .select(['action', 'detail'])
    .where('action', '=', 'story.split')
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow()
  expect(entry.detail).toMatchObject({ into: body.id, mentions: [out], reason: '另一件事' })
})

test('equal texts, shown as one, leave a story together', async () => {
  const [stays, out, copy] = [await told(1), await told(2, place, 'b'), await told(3, place, 'b')]
  const id = await story(stays, out, copy)
  const [status, body] = await post(officer, `${id}/split`, { mentionIds: [out], reason: '另一件事' })
  expect(status).toBe(200)
  expect(await Promise.all([stays, out, copy].map(storyOf))).toEqual([id, body.id, body.id])
  const both = await (await officer.ask('GET', `/api/stories/${body.id}`)).json()
  expect(both.texts).toMatchObject([{ id: out, copies: 1 }])
  // Nothing would be left of it.
  expect(await post(officer, `${body.id}/split`, { mentionIds: [out], reason: '误并' })).toEqual([
    422,
    { error: 'nothing-left', field: 'mentionIds' },
  ])
})

test('a split needs a reason, texts of that story, and leaves something behind', async () => {
  const only = await told(1)
  const id = await story(only)
  const stranger = await told(4, place, 'x')
  const asked = (body: unknown) => post(officer, `${id}/split`, body)
  expect((await asked({ mentionIds: [only] }))[0]).toBe(422)
  expect(await asked({ mentionIds: [only], reason: '误并' })).toEqual([
    422,
    { error: 'nothing-left', field: 'mentionIds' },
  ])
  expect((await asked({ mentionIds: [stranger], reason: '误并' }))[0]).toBe(404)
})

test('two stories become one, the empty one goes, and every moved text is pinned', async () => {
  const [a, b, c] = [await told(1), await told(2, place, 'b'), await told(3, place, 'c')]
  const [from, into] = [await story(a, b), await story(c)]
  expect(await post(officer, `${from}/merge`, { into, reason: '同一件事' })).toEqual([200, { id: into }])
  expect(await Promise.all([a, b, c].map(storyOf))).toEqual([into, into, into])
  expect(await db.selectFrom('story').select(['id', 'mentionCount', 'firstAt']).execute()).toEqual([
    { id: into, mentionCount: 3, firstAt: at(1) },
  ])
  expect(await db.selectFrom('storyDecision').select('mentionId').orderBy('mentionId').execute()).toEqual([
    { mentionId: a },
    { mentionId: b },
  ])
  // The old address leads to where its texts are, however often that one is merged on.
  expect(await (await officer.ask('GET', `/api/stories/${from}`)).json()).toMatchObject({ id: into })
  const last = await story(await told(4, place, 'd'))
  expect((await post(officer, `${into}/merge`, { into: last, reason: '还是同一件事' }))[0]).toBe(200)
  expect(await (await officer.ask('GET', `/api/stories/${from}`)).json()).toMatchObject({ id: last })
  expect((await post(officer, `${last}/merge`, { into: last, reason: 'x' }))[1].error).toBe('same-story')
  expect((await post(officer, `${last}/merge`, { into: 999_999, reason: 'x' }))[1].error).toBe(
    'unknown-story',
  )
})

test('a text that was split and merged back belongs to its last story', async () => {
  const [stays, out] = [await told(1), await told(2, place, 'b')]
  const id = await story(stays, out)
  const [, { id: own }] = await post(officer, `${id}/split`, { mentionIds: [out], reason: '另一件事' })
  expect((await post(officer, `${own}/merge`, { into: id, reason: '看错了' }))[0]).toBe(200)
  expect([await storyOf(stays), await storyOf(out)]).toEqual([id, id])
  expect(await db.selectFrom('story').select('id').execute()).toEqual([{ id }])
})

describe('what a story may be merged into', () => {
  const tell = async (title: string, given: { hour?: number; in_?: typeof place } = {}) => {
    const { mentionId } = await addMention(db, ground, given.in_ ?? place, { at: at(given.hour ?? 2), title })
    const id = await story(mentionId)
    await db.updateTable('story').set({ title }).where('id', '=', id).execute()
    return { id, mentionId }
  }
  const elsewhere = () => ({ projectId: ground.cities[1]!.projectIds[0]!, riskCode: 'PO2' })
  const offered = async (who: typeof officer, id: number, q = '') => {
    const answer = await who.ask('GET', `/api/stories/${id}/candidates?q=${encodeURIComponent(q)}`)
    expect(answer.status).toBe(200)
    return (await answer.json()).stories
  }
  const idsOf = (stories: { id: number }[]) => stories.map(({ id }) => id)

  test('near ones at once, the likeliest first, with title, time, size and projects', async () => {
    const own = await tell('三期外墙渗水业主聚集')
    const alike = await tell('外墙渗水：三期业主聚集售楼处', { hour: 3 })
    const same = await tell('社区篮球赛落幕', { hour: 4 })
    await tell('高铁新线今日通车', { in_: elsewhere() })
    const stories = await offered(officer, own.id)
    expect(idsOf(stories)).toEqual([alike.id, same.id])
    expect(stories[0]).toEqual({
      id: alike.id,
      title: '外墙渗水：三期业主聚集售楼处',
      firstAt: at(3).toISOString(),
      mentions: 1,
      isBeyond: false,
      projects: [{ id: place.projectId, name: '项目1-1' }],
    })
  })

  test('words of a title find any story, however far away, also among texts that wait for the index', async () => {
    const own = await tell('三期外墙渗水业主聚集')
    const far = await tell('高铁新线今日通车', { hour: 9000, in_: elsewhere() })
    // So many lie between that nobody looks at all of them.
    await sql`
      with d as (
        insert into document (identity, source_id, title, body, dating, published_at, collected_at, content_hash)
        select 'between:' || n, ${ground.sourceId}, '日常 ' || n, '', 'dated', ${at(10)}, ${at(10)}, '' from generate_series(1, 1100) n
        returning id, title
      )
      insert into mention (id, occurred_at, source_id, title, excerpt, polarity, sentiment, analysis_version, catalog_version)
      select id, ${at(10)}, ${ground.sourceId}, title, '', 'neutral', 0, 'test', 'test' from d`.execute(db)
    expect(idsOf(await offered(officer, own.id, '新线 高铁'))).toEqual([far.id])
    await sql`insert into mention_text select * from mention_text_waiting`.execute(db)
    await sql`delete from mention_text_waiting`.execute(db)
    expect(idsOf(await offered(officer, own.id, '高铁新线'))).toEqual([far.id])
    expect(await offered(officer, own.id, '高铁旧线')).toEqual([])
    expect(await offered(officer, own.id, '。。')).toEqual([])
  })

  test('a pasted number or link names the story, also one that was merged on, and never the story itself', async () => {
    const own = await tell('三期外墙渗水业主聚集')
    const far = await tell('高铁新线今日通车', { in_: elsewhere() })
    expect(idsOf(await offered(officer, own.id, String(far.id)))).toEqual([far.id])
    expect(idsOf(await offered(officer, own.id, `https://host/stories/${far.id}`))).toEqual([far.id])
    expect(idsOf(await offered(officer, own.id, `https://host/mentions/${far.mentionId}`))).toEqual([far.id])
    expect(await offered(officer, own.id, `/stories/${own.id}`)).toEqual([])
    expect(await offered(officer, own.id, '/stories/999999')).toEqual([])
    const last = await tell('高铁新线通车首日客流', { in_: elsewhere() })
    await post(officer, `${far.id}/merge`, { into: last.id, reason: '同一件事' })
    expect(idsOf(await offered(officer, own.id, `/stories/${far.id}`))).toEqual([last.id])
  })

  test('a reader of one city is offered what is theirs, and told which they may not merge', async () => {
    const local = await person(db, app, { role: 'public-relations', cityCompanyId: ground.cities[0]!.id })
    const own = await tell('三期外墙渗水业主聚集')
    const theirs = await tell('外墙渗水三期业主聚集', { in_: elsewhere() })
    expect(await offered(local, own.id)).toEqual([])
    expect(await offered(local, own.id, '外墙渗水')).toEqual([])
    expect(await offered(local, own.id, `/stories/${theirs.id}`)).toEqual([])
    expect(idsOf(await offered(officer, own.id, '外墙渗水'))).toEqual([theirs.id])
    // Told of both cities.
    const both = await story(await told(3), await told(4, elsewhere(), 'b'))
    expect(await offered(local, own.id)).toMatchObject([
      { id: both, isBeyond: true, projects: [{ id: place.projectId }] },
    ])
    expect((await local.ask('GET', `/api/stories/${theirs.id}/candidates`)).status).toBe(404)
    const reader = await person(db, app, { role: 'auditor' })
    expect((await reader.ask('GET', `/api/stories/${own.id}/candidates`)).status).toBe(403)
  })
})
