import { sql } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import { everything, type Scope } from '../../server/access/scope.ts'
import { createApp } from '../../server/http/app.ts'
import { runIssues } from '../../server/issues/job.ts'
import { listIssues, markAllDue, readIssue } from '../../server/issues/store.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { addComplaint, addMention, type Ground, seedGround } from '../support/evidence.ts'
import { person } from '../support/people.ts'
import { notedJobs, testServices } from '../support/services.ts'

const database = await testDatabase()
const { db } = database
const now = new Date('2026-05-20T04:00:00Z')
const day = (ago: number) => new Date(now.getTime() - ago * 86_400_000)
const app = createApp(testServices(database, { jobs: notedJobs(database), now: () => now }))
const jobs = { announce: async () => {} }

let ground: Ground
let here: { projectId: number; riskCode: string }
let there: { projectId: number; riskCode: string }
beforeEach(async () => {
  await emptyTables(db)
  ground = await seedGround(db, { cities: 2 })
  here = { projectId: ground.cities[0]!.projectIds[0]!, riskCode: 'DE5' }
  there = { projectId: ground.cities[1]!.projectIds[0]!, riskCode: 'PO2' }
})
const cityOf = (index: number): Scope => {
  const city = ground.cities[index]!
  return { all: false, cityCompanyIds: [city.id], projectIds: city.projectIds }
}
async function media(place: typeof here, ago: number, title?: string) {
  const { mentionId } = await addMention(db, ground, place, { at: day(ago), ...(title && { title }) })
  await db
    .insertInto('mentionProject')
    .values({ mentionId, projectId: place.projectId, confidence: 1, terms: '[]', occurredAt: day(ago) })
    .execute()
  await due(place)
  return mentionId
}
async function ledger(place: typeof here, ago: number, values: { closedAt?: Date } = {}) {
  const { complaintId } = await addComplaint(db, ground, place, { at: day(ago), ...values })
  await due(place)
  return complaintId
}
async function due({ projectId }: typeof here) {
  const cityCompanyId = ground.cities.find((city) => city.projectIds.includes(projectId))!.id
  await db
    .insertInto('issueDue')
    .values({ cityCompanyId, projectId })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}
const members = async () =>
  db
    .selectFrom('issueMember')
    .selectAll()
    .orderBy('issueId')
    .orderBy('mentionId')
    .orderBy('complaintId')
    .execute()
const list = async (scope = everything, filter = {}) =>
  (await listIssues(db, scope, filter, { limit: 30, now })).rows

test('texts and cases of a project about one matter become an issue of both, with its counts', async () => {
  const text = await media(here, 2, '业主反映外墙渗水无人处理')
  const cases = [await ledger(here, 6), await ledger(here, 4, { closedAt: day(1) })]
  expect(await runIssues(db, jobs, now)).toEqual({ places: 1, issues: 1 })
  const [issue, ...others] = await list()
  expect(others).toEqual([])
  expect(issue).toMatchObject({
    title: '业主反映外墙渗水无人处理',
    place: '项目1-1',
    what: ['房屋质量'],
    riskCodes: ['DE5'],
    mentionCount: 1,
    familyCount: 1,
    complaintCount: 2,
    openComplaintCount: 1,
    firstAt: day(6),
    lastAt: day(2),
    trendUntil: '2026-05-20',
    project: { id: here.projectId, name: '项目1-1' },
    cityCompany: '城市公司1',
  })
  const read = await readIssue(db, everything, everything, issue!.id)
  expect(read?.mentions.map(({ id }) => id)).toEqual([text])
  expect(read?.complaints?.map(({ id }) => id)).toEqual([cases[1], cases[0]])
  expect(await db.selectFrom('issueDue').selectAll().execute()).toEqual([])
})

test('gathered again nothing changes; a new text joins the issue that is there', async () => {
  await ledger(here, 6)
  await ledger(here, 5)
  await runIssues(db, jobs, now)
  const [before, rows] = [await list(), await members()]
  await markAllDue(db)
  await runIssues(db, jobs, now)
  expect([await list(), await members()]).toEqual([before, rows])
  await media(here, 1)
  await runIssues(db, jobs, now)
  const [issue] = await list()
  expect(issue).toMatchObject({ id: before[0]!.id, mentionCount: 1, complaintCount: 2 })
})

test('reactions are those last seen of likes, comments and shares, and heat the issue', async () => {
  const text = await media(here, 1)
  await ledger(here, 2)
  await runIssues(db, jobs, now)
  const [quiet] = await list()
  expect(quiet).toMatchObject({ reactionCount: 0 })
  const look = (ago: number, counters: Record<string, number>) =>
    db
      .insertInto('documentObservation')
      .values({ documentId: text, seenAt: day(ago), counters: JSON.stringify(counters) })
      .execute()
  // A hostile page may count in halves, below nought and beyond all people.
  await look(1, { likes: 5.5, comments: -3, shares: 1e300 })
  await markAllDue(db)
  await runIssues(db, jobs, now)
  expect(await list()).toMatchObject([{ reactionCount: 1_000_000_000 }])
  await look(0.5, { likes: 5.5 })
  await markAllDue(db)
  await runIssues(db, jobs, now)
  expect(await list()).toMatchObject([{ reactionCount: 5 }])
  await look(0, { likes: 300, comments: 40, shares: 2, views: 90_000, rank: 3 })
  await markAllDue(db)
  await runIssues(db, jobs, now)
  const [loud] = await list()
  expect(loud).toMatchObject({ id: quiet?.id, reactionCount: 342 })
  expect(loud?.heat).toBeGreaterThan(quiet?.heat ?? 1)
})

test('several runs at once write a place once', async () => {
  for (let ago = 1; ago < 9; ago += 1) await ledger(here, ago)
  await ledger(there, 2)
  await ledger(there, 3)
  await Promise.all([runIssues(db, jobs, now), runIssues(db, jobs, now), runIssues(db, jobs, now)])
  expect((await list()).map(({ complaintCount }) => complaintCount).sort()).toEqual([2, 8])
  expect(await members()).toHaveLength(10)
})

test('a place that is marked while it is read stays due, and what was read is dropped', async () => {
  await ledger(here, 2)
  await ledger(here, 3)
  let isMarked = false
  const interrupted = db.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      // Between reading the cases and taking the mark.
      if (
        !isMarked &&
        result.rows.some((row) => typeof row === 'object' && row !== null && 'households' in row)
      ) {
        isMarked = true
        await sql`update issue_due set since = since + interval '1 second'`.execute(db)
      }
      return result
    },
  })
  expect(await runIssues(interrupted, jobs, now)).toEqual({ places: 0, issues: 0 })
  expect(await list()).toEqual([])
  expect(await runIssues(db, jobs, now)).toEqual({ places: 1, issues: 1 })
})

test('an issue whose members are gone or old goes too', async () => {
  await ledger(here, 85)
  const gone = await ledger(here, 84)
  await runIssues(db, jobs, now)
  expect(await list()).toHaveLength(1)
  await db.deleteFrom('complaint').where('id', '=', gone).execute()
  await markAllDue(db)
  await runIssues(db, jobs, now)
  expect(await list()).toEqual([])
})

test('cases of a city company without a project are issues of the city company', async () => {
  const ids = [await ledger(here, 2), await ledger(here, 3)]
  await db.updateTable('complaint').set({ projectId: null }).where('id', 'in', ids).execute()
  await db.insertInto('issueDue').values({ cityCompanyId: ground.cities[0]!.id, projectId: 0 }).execute()
  await runIssues(db, jobs, now)
  expect(await list(cityOf(0))).toMatchObject([{ project: null, place: '城市公司1', complaintCount: 2 }])
  expect(await list(cityOf(1))).toEqual([])
})

test('readers see the issues of their city, and cases only where they may read the ledger', async () => {
  await media(here, 1)
  await ledger(here, 2)
  await ledger(here, 3)
  await ledger(there, 2)
  await ledger(there, 3)
  await runIssues(db, jobs, now)
  const leader = await person(db, app, { role: 'crisis-leader' })
  const outside = await person(db, app, { role: 'public-relations', cityCompanyId: ground.cities[0]!.id })
  const get = async (who: typeof leader, path: string) => {
    const answer = await who.ask('GET', `/api/issues${path}`)
    return { status: answer.status, body: await answer.json() }
  }
  expect((await get(leader, '')).body.rows).toHaveLength(2)
  const mine = (await get(outside, '')).body.rows
  expect(mine).toHaveLength(1)
  expect((await get(outside, `/${mine[0].id}`)).body).toMatchObject({ complaints: null, complaintCount: 2 })
  expect((await get(leader, `/${mine[0].id}`)).body.complaints).toHaveLength(2)
  const other = (await get(leader, '?risk=PO2')).body.rows[0]
  expect((await get(outside, `/${other.id}`)).status).toBe(404)
  expect((await get(leader, '?both=true')).body.rows.map(({ id }: { id: number }) => id)).toEqual([
    mine[0].id,
  ])
  expect((await get(leader, '?limit=0')).status).toBe(422)
})

test('the list goes on where it ended, hottest first', async () => {
  for (const place of [here, there]) for (const ago of [1, 2, 3]) await ledger(place, ago)
  await ledger(there, 1)
  await runIssues(db, jobs, now)
  const first = await listIssues(db, everything, {}, { limit: 1, now })
  const second = await listIssues(db, everything, {}, { limit: 1, now, after: first.next ?? 0 })
  expect(first.rows[0]!.heat).toBeGreaterThan(second.rows[0]!.heat)
  expect([first.next, second.next]).toEqual([first.rows[0]!.id, null])
})
