import { beforeEach, describe, expect, test } from 'vitest'
import { inTransaction } from '../../server/db/in-transaction.ts'
import { createApp } from '../../server/http/app.ts'
import { beatDaily, judgeAll } from '../../server/ingest/health-job.ts'
import {
  daysOfSource,
  healthFacts,
  heartbeats,
  hoursOfSource,
  judgeSources,
  pruneRuns,
  readHabits,
} from '../../server/ingest/health-store.ts'
import { heartbeatPeriod } from '../../server/ingest/heartbeat.ts'
import { ensurePausedSource, pauseForGood } from '../../server/ingest/store.ts'
import { beat, markSourcesDue } from '../../server/jobs/schedule-store.ts'
import { defaultCollecting as policy } from '../../server/policy/collecting.ts'
import { runScoring } from '../../server/scoring/job.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { addMention, type Ground, markDue, seedGround } from '../support/evidence.ts'
import { notedJobs, testServices } from '../support/services.ts'
import { signedInAs } from '../support/signed-in.ts'

const database = await testDatabase()
const { db } = database
const now = new Date('2026-03-10T02:30:00Z')
const ago = (hours: number) => new Date(now.getTime() - hours * 3_600_000)
const jobs = notedJobs(database)
let clock = now
const app = createApp(testServices(database, { now: () => clock, jobs }))

let ground: Ground
let sourceId = 0
const place = () => ({ projectId: ground.cities[0]!.projectIds[0]!, riskCode: 'DE5' })

beforeEach(async () => {
  await emptyTables(db)
  clock = now
  jobs.woken.length = 0
  jobs.collected.length = 0
  ground = await seedGround(db, { cities: 2, projectsPerCity: 2 })
  sourceId = ground.sourceId
})

/** A run from its start to its end, as a collector leaves it. */
async function run(
  at: Date,
  outcome: 'ok' | 'not-modified' | 'empty' | 'blocked' | 'timeout' = 'ok',
  counts: { seen?: number; added?: number; undated?: number; bytes?: number } = {},
  source = sourceId,
): Promise<void> {
  const { id } = await db
    .insertInto('collectionRun')
    .values({ sourceId: source, startedAt: at })
    .returning('id')
    .executeTakeFirstOrThrow()
  const { bytes = 0, ...rest } = { seen: 5, ...counts }
  await db
    .updateTable('collectionRun')
    .set({ outcome, finishedAt: new Date(at.getTime() + 2_000), bytes, ...rest })
    .where('id', '=', id)
    .execute()
}
const judged = (at = now) => inTransaction(db, (tx) => judgeSources(tx, policy, at))
const require = (
  given: { riskCode?: string; cityCompanyId?: number; projectId?: number } = {},
  source = sourceId,
) =>
  db
    .insertInto('sourceRequirement')
    .values({ sourceId: source, riskCode: null, cityCompanyId: null, projectId: null, ...given })
    .execute()
const factsOf = async () => (await healthFacts(db, [sourceId]))[0]!
const exposure = async () =>
  (await db.selectFrom('exposure').selectAll().where('riskCode', '=', 'DE5').execute())[0]!

describe('what is kept with every run', () => {
  test('the facts of a source follow its runs: success, items, failures in a row', async () => {
    await run(ago(5), 'ok', { added: 3 })
    await run(ago(4), 'not-modified')
    await run(ago(3), 'blocked')
    await run(ago(2), 'timeout')
    expect(await factsOf()).toMatchObject({
      firstSuccessAt: ago(5),
      lastSuccessAt: ago(4),
      lastItemAt: ago(5),
      quietFrom: ago(5),
      lastOutcome: 'timeout',
      failures: 2,
      failingSince: ago(3),
    })
    await run(ago(1), 'empty', { seen: 0 })
    expect(await factsOf()).toMatchObject({ failures: 0, failingSince: null, empties: 1, quietFrom: ago(5) })
  })

  test('after hours of failing, silence begins with the first answer', async () => {
    await run(ago(20), 'ok', { added: 1 })
    await run(ago(19), 'blocked')
    await run(ago(1), 'ok')
    expect((await factsOf()).quietFrom).toEqual(ago(1))
  })

  test('charts read sums, which stay when the runs are pruned; the newest runs stay too', async () => {
    for (let hour = 240; hour > 0; hour -= 1)
      await run(ago(40 * 24 + hour), 'ok', { added: 2, undated: 1, bytes: 100 })
    expect(await pruneRuns(db, policy, now)).toBe(40)
    const { count } = await db
      .selectFrom('collectionRun')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    expect(count).toBe(policy.keepNewestRuns)
    const days = await daysOfSource(db, sourceId, now, 60)
    expect(days).toHaveLength(60)
    const total = (id: 'runs' | 'added' | 'undated' | 'bytes') => days.reduce((all, day) => all + day[id], 0)
    expect([total('runs'), total('added'), total('undated'), total('bytes')]).toEqual([240, 480, 240, 24_000])
    expect(days.find((day) => day.runs > 0)?.meanMs).toBe(2_000)
    expect(await hoursOfSource(db, sourceId, now, 72)).toHaveLength(72)
  })
})

describe('judging', () => {
  test('a change of health is kept once with its beginning; the same facts twice change nothing', async () => {
    await run(ago(1), 'ok', { added: 1 })
    expect(await judged()).toEqual({ changed: 1, marksCells: false })
    expect(await judged()).toEqual({ changed: 0, marksCells: false })
    await run(ago(0.5), 'blocked')
    await judged()
    expect((await factsOf()).stored).toEqual({
      health: 'failing',
      cause: 'blocked',
      since: now,
      isBlocked: false,
    })
    clock = new Date(now.getTime() + 3_600_000)
    await run(clock, 'timeout')
    await judged(clock)
    expect((await factsOf()).stored).toEqual({
      health: 'failing',
      cause: 'timeout',
      since: now,
      isBlocked: true,
    })
  })

  test('what the clock wanted and nobody read is failing, until a run starts', async () => {
    await run(ago(2), 'ok', { added: 1 })
    await markSourcesDue(db, [sourceId], ago(1))
    await markSourcesDue(db, [sourceId], ago(0.1))
    await judged()
    expect((await factsOf()).stored).toMatchObject({ health: 'failing', cause: 'overdue' })
    await run(now)
    await judged()
    expect((await factsOf()).stored.health).toBe('healthy')
  })

  test('a habit is read from the runs, and a ticker that stops is found by the minute task', async () => {
    // 28 days of a source with something new every half hour from 8 to 22 in Shanghai; it stops at 08:30.
    const stop = new Date('2026-03-10T00:30:00Z')
    const rows = Array.from({ length: 28 * 48 }, (_, at) => new Date(stop.getTime() - at * 1_800_000))
    await db
      .insertInto('collectionRun')
      .values(
        rows.toReversed().map((startedAt) => {
          const hour = new Date(startedAt.getTime() + 8 * 3_600_000).getUTCHours()
          const added = hour >= 8 && hour < 22 ? 1 : 0
          return { sourceId, startedAt, finishedAt: startedAt, outcome: 'ok' as const, seen: 20, added }
        }),
      )
      .execute()
    await beat(db, 'sources-judged', stop)
    expect(await readHabits(db, policy, stop)).toBe(1)
    expect(await readHabits(db, policy, stop)).toBe(0)
    expect((await factsOf()).habit).toMatchObject({ usualGapMinutes: 30, emptyShare: 0 })
    const at = (minutes: number) => new Date(stop.getTime() + minutes * 60_000)
    // Read all the time, without anything new.
    for (const minutes of [30, 60, 90, 120, 150]) {
      await run(at(minutes), 'ok', { seen: 20 })
      await beat(db, 'sources-judged', at(minutes))
    }
    await judgeAll(db, jobs, at(89))
    expect((await factsOf()).stored.health).toBe('healthy')
    await judgeAll(db, jobs, at(150))
    expect((await factsOf()).stored).toMatchObject({ health: 'silent', cause: 'quiet', isBlocked: true })
  })

  test('a house that was down forgives: what was not looked for is not missed', async () => {
    await run(ago(24 * 20), 'ok', { added: 1 })
    await beat(db, 'sources-judged', ago(24 * 15))
    await judgeAll(db, jobs, now)
    expect((await factsOf()).stored.health).toBe('healthy')
    expect((await factsOf()).quietFrom).toEqual(now)
  })
})

describe('required for a risk', () => {
  const score = (at = now) => runScoring(db, jobs, () => at)

  test('a blocked source makes its cells insufficient data with the reason, holds no level down, and ends with it', async () => {
    const other = await db
      .insertInto('source')
      .values({ kind: 'rss', name: '另一信源', options: '{}', schedule: '*/5 * * * *' })
      .returning('id')
      .executeTakeFirstOrThrow()
    for (const id of [sourceId, other.id]) await run(ago(1), 'ok', { added: 1 }, id)
    await judged()
    await require({ riskCode: 'DE5' })
    await require({ cityCompanyId: ground.cities[0]!.id }, other.id)
    for (let piece = 0; piece < 6; piece += 1) await addMention(db, ground, place(), { at: ago(piece + 1) })
    await score()
    const calm = await exposure()
    expect(calm).toMatchObject({ dataState: 'sufficient', requiredSources: 0, blockedSources: 0 })
    await run(ago(0.5), 'blocked')
    await run(ago(0.2), 'blocked')
    expect(await judged()).toEqual({ changed: 1, marksCells: true })
    expect(await score()).toMatchObject({ assessed: 1 })
    const blind = await exposure()
    expect(blind).toMatchObject({
      dataState: 'insufficient',
      requiredSources: 2,
      blockedSources: 1,
      level: calm.level,
      likelihood: calm.likelihood,
    })
    const { absence } = await db
      .selectFrom('assessment')
      .select('absence')
      .where('id', '=', blind.assessmentId)
      .executeTakeFirstOrThrow()
    expect(absence).toEqual({
      required: 2,
      blockedCount: 1,
      blocked: [{ id: sourceId, name: '测试信源', health: 'failing' }],
    })
    // The same again is the same assessment.
    await markDue(db, place())
    await score()
    expect((await exposure()).assessmentId).toBe(blind.assessmentId)
    await run(now, 'ok')
    expect(await judged()).toMatchObject({ marksCells: true })
    await score()
    expect(await exposure()).toMatchObject({ dataState: 'sufficient', blockedSources: 0 })
  })

  test('a level does not fall to none while a required source is blocked, and falls once it is read again', async () => {
    await run(ago(1), 'ok', { added: 1 })
    await judged()
    const { signalId } = await addMention(db, ground, place(), { at: ago(1), isRedLine: true })
    await score()
    expect((await exposure()).level).toBe('II')
    await require()
    await run(ago(0.4), 'blocked')
    await run(ago(0.3), 'blocked')
    await judged()
    await db.updateTable('signal').set({ state: 'rejected' }).where('id', '=', signalId).execute()
    const later = new Date(now.getTime() + 100 * 3_600_000)
    await markDue(db, place())
    await score()
    await markDue(db, place())
    await score(later)
    expect((await exposure()).level).toBe('II')
    await run(later, 'ok', { added: 1 })
    await judged(later)
    await score(later)
    expect((await exposure()).level).toBeNull()
  })

  test('the overview, the cell and the risk tell what is not read, within the scope of the reader', async () => {
    await require({ riskCode: 'DE5', projectId: ground.cities[0]!.projectIds[0]! })
    const own = await signedInAs(app, db, 'general-manager', { now, cityCompanyId: ground.cities[0]!.id })
    const foreign = await signedInAs(app, db, 'general-manager', { now, cityCompanyId: ground.cities[1]!.id })
    const blocked = { sourceId, name: '测试信源', health: 'new', isBlocked: true, riskCode: 'DE5' }
    const matrix = async (person: typeof own) =>
      ((await (await person.get('/api/overview')).json()) as { matrix: { required: unknown[] } }).matrix
    expect((await matrix(own)).required).toMatchObject([blocked])
    expect((await matrix(foreign)).required).toEqual([])
    const { projectId } = place()
    const cell = async (risk: string) =>
      (await own.get(`/api/overview/cell?projectId=${projectId}&risk=${risk}`)).json()
    expect(await cell('DE5')).toMatchObject({ exposure: null, required: [blocked] })
    expect(await cell('PO2')).toMatchObject({ exposure: null, required: [] })
  })

  test('requirements are replaced as a whole, checked, audited, and mark their cells', async () => {
    await addMention(db, ground, place(), { at: ago(1) })
    await score()
    const admin = await signedInAs(app, db, 'administrator', { now })
    const put = (requirements: unknown[]) =>
      admin.ask('PUT', `/api/sources/${sourceId}/requirements`, { requirements })
    const one = { riskCode: 'DE5', cityCompanyId: null, projectId: null }
    const city = { riskCode: null, cityCompanyId: ground.cities[1]!.id, projectId: null }
    expect((await put([one, city, one])).status).toBe(204)
    expect(await (await admin.get(`/api/sources/${sourceId}`)).json()).toMatchObject({
      requirements: [
        { riskCode: null, cityCompany: '城市公司2' },
        { riskCode: 'DE5', cityCompany: null },
      ],
    })
    expect(await (await admin.get('/api/sources')).json()).toMatchObject({
      sources: [{ requiredIn: [0, ground.cities[1]!.id], isBlocked: true }],
    })
    expect(jobs.woken).toContain('scoring')
    await score()
    expect(await exposure()).toMatchObject({
      dataState: 'insufficient',
      requiredSources: 1,
      blockedSources: 1,
    })
    expect((await put([])).status).toBe(204)
    await score()
    expect(await exposure()).toMatchObject({ requiredSources: 0 })
    const refused = await put([{ ...one, riskCode: 'XX9' }])
    expect([refused.status, await refused.json()]).toMatchObject([
      422,
      { error: 'unknown-target', field: 'requirements.0.riskCode' },
    ])
    expect((await put([{ riskCode: null, cityCompanyId: 1, projectId: 1 }])).status).toBe(422)
    const entries = await db
      .selectFrom('auditEntry')
      .select('id')
      .where('action', '=', 'source.require')
      .execute()
    expect(entries.length).toBeGreaterThanOrEqual(2)
  })
})

test('many are paused together, told which changed, and brought back; each has its audit entry', async () => {
  const admin = await signedInAs(app, db, 'administrator', { now })
  const { id: second } = await db
    .insertInto('source')
    .values({ kind: 'rss', name: '第二信源', options: '{}', schedule: '*/5 * * * *', state: 'paused' })
    .returning('id')
    .executeTakeFirstOrThrow()
  const bulk = (ids: number[], action: string) => admin.post('/api/sources/bulk', { ids, action })
  expect(await (await bulk([sourceId, second], 'pause')).json()).toEqual({
    changed: [sourceId],
    left: { already: 1 },
  })
  expect((await factsOf()).stored.health).toBe('paused')
  expect(await (await bulk([sourceId], 'resume')).json()).toEqual({ changed: [sourceId], left: {} })
  expect((await factsOf()).stored.health).toBe('new')
  await bulk([sourceId, second], 'run')
  expect(jobs.collected).toEqual([sourceId, second])
  expect((await bulk([sourceId, 999], 'pause')).status).toBe(404)
  const { state } = await db
    .selectFrom('source')
    .select('state')
    .where('id', '=', sourceId)
    .executeTakeFirstOrThrow()
  expect(state).toBe('active')
})

test('resuming many leaves what a person paused alone, what is read once and what is kept by hand', async () => {
  const admin = await signedInAs(app, db, 'administrator', { now })
  const source = async (name: string, kind = 'rss') =>
    (
      await db
        .insertInto('source')
        .values({ kind, name, options: '{}', schedule: '*/5 * * * *' })
        .returning('id')
        .executeTakeFirstOrThrow()
    ).id
  const [alone, together_, once] = [await source('单独'), await source('一起'), await source('导入')]
  const hook = await source('推送', 'webhook')
  const byHand = await inTransaction(db, (tx) =>
    ensurePausedSource(tx, {
      kind: 'manual',
      name: '人工收录',
      publisherId: null,
      options: {},
      schedule: '0 0 1 1 *',
      isAggregator: true,
      learningUntil: now,
    }),
  )
  const all = [sourceId, alone, together_, once, hook, byHand]
  const bulk = async (ids: number[], action: string) =>
    (await admin.post('/api/sources/bulk', { ids, action })).json()
  const statesOf = async () =>
    Object.fromEntries(
      (await db.selectFrom('source').select(['id', 'state']).execute()).map(({ id, state }) => [id, state]),
    )
  expect((await admin.post(`/api/sources/${alone}/pause`, {})).status).toBe(204)
  await inTransaction(db, (tx) => pauseForGood(tx, once))
  await bulk([together_, hook], 'pause')
  expect(await bulk(all, 'resume')).toEqual({
    changed: [together_, hook],
    left: { already: 1, 'paused-alone': 1, 'read-once': 1, 'by-hand': 1 },
  })
  expect(await statesOf()).toMatchObject({
    [sourceId]: 'active',
    [alone]: 'paused',
    [together_]: 'active',
    [once]: 'paused',
    [hook]: 'active',
    [byHand]: 'paused',
  })
  expect(await (await admin.ask('GET', `/api/sources/${alone}`)).json()).toMatchObject({
    keptPaused: 'person',
  })
  expect(await bulk(all, 'run')).toMatchObject({ left: { pushed: 1, 'by-hand': 1 } })
  expect((await admin.post(`/api/sources/${byHand}/resume`, {})).status).toBe(409)
  // On its own page it comes back, and is one like the others from then on.
  expect((await admin.post(`/api/sources/${alone}/resume`, {})).status).toBe(204)
  await bulk([alone], 'pause')
  expect(await bulk([alone], 'resume')).toEqual({ changed: [alone], left: {} })
})

describe('the daily heartbeat', () => {
  test('the day begins at its hour in Shanghai', () => {
    const day = (text: string) => heartbeatPeriod(new Date(text), { heartbeatAtHour: 8 }).day
    expect([day('2026-03-05T23:59:00Z'), day('2026-03-06T00:00:00Z')]).toEqual(['2026-03-05', '2026-03-06'])
  })

  test('one record a day tells what was read, what came and what failed; asked again it stays', async () => {
    await run(ago(30), 'ok', { added: 9 })
    await run(ago(3), 'ok', { added: 4 })
    await run(ago(2), 'blocked')
    await run(ago(1), 'blocked')
    await addMention(db, ground, place(), { at: ago(3) })
    await beat(db, 'exposures-swept', ago(0.5))
    await judged()
    expect(await beatDaily(db, jobs, now)).toBe(true)
    expect(await beatDaily(db, jobs, new Date(now.getTime() + 60_000))).toBe(false)
    expect(await heartbeats(db, 5)).toMatchObject([
      {
        day: '2026-03-10',
        sources: 1,
        sourcesRead: 0,
        runs: 3,
        failedRuns: 2,
        items: 4,
        matches: 1,
        cases: 0,
        oldestSource: '测试信源',
        oldestSuccessAt: ago(3),
        deadlinesCheckedAt: ago(0.5),
        failing: [{ id: sourceId, health: 'failing', cause: 'blocked' }],
      },
    ])
    expect(await beatDaily(db, jobs, new Date(now.getTime() + 86_400_000))).toBe(true)
    expect(await heartbeats(db, 5)).toHaveLength(2)
  })

  test('the overview says so when it is missing for more than 26 hours, or when nothing is read at all', async () => {
    await beatDaily(db, jobs, now)
    await beat(db, 'sources-due', now)
    const leader = await signedInAs(app, db, 'crisis-leader', { now })
    const heartbeat = async () => {
      const answer = (await (await leader.get('/api/overview')).json()) as {
        sentence: { heartbeat: unknown }
      }
      return answer.sentence.heartbeat
    }
    clock = new Date(now.getTime() + 60_000)
    expect(await heartbeat()).toMatchObject({
      last: { day: '2026-03-10' },
      isLate: false,
      stoppedSince: null,
    })
    clock = new Date(now.getTime() + 3_600_000)
    expect(await heartbeat()).toMatchObject({ isLate: false, stoppedSince: now.toISOString() })
    // A session does not last so long: the record is made older instead.
    await db
      .updateTable('dailyHeartbeat')
      .set({ at: new Date(clock.getTime() - 27 * 3_600_000) })
      .execute()
    clock = new Date(clock.getTime() + 60_000)
    expect(await heartbeat()).toMatchObject({ isLate: true })
  })
})
