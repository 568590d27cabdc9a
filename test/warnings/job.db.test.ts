import { beforeEach, expect, test } from 'vitest'
import type { LiveEvent } from '../../server/jobs/jobs.ts'
import { runScoring, sweepExposures } from '../../server/scoring/job.ts'
import { runWarnings } from '../../server/warnings/job.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { addComplaint, addMention, type Ground, markDue, seedGround } from '../support/evidence.ts'

const { db } = await testDatabase()
const start = new Date('2026-03-10T08:00:00Z')
const hours = (count: number) => new Date(start.getTime() + count * 3_600_000)

let ground: Ground
const heard: LiveEvent[] = []
const jobs = { announce: async (event: LiveEvent) => void heard.push(event) }
const place = () => ({ projectId: ground.cities[0]!.projectIds[0]!, riskCode: 'DE5' })
const warnings = () => db.selectFrom('warning').selectAll().orderBy('id').execute()
const records = () => db.selectFrom('warningRecord').selectAll().orderBy('id').execute()
const audited = () =>
  db
    .selectFrom('auditEntry')
    .select(['action', 'actor', 'subjectId'])
    .where('subjectKind', '=', 'warning')
    .where('id', '>', auditedBefore)
    .orderBy('id')
    .execute()
let auditedBefore = 0

async function pipeline(at: Date) {
  await runScoring(db, jobs, () => at)
  return runWarnings(db, jobs, () => at)
}

beforeEach(async () => {
  await emptyTables(db)
  const last = await db
    .selectFrom('auditEntry')
    .select((eb) => eb.fn.max('id').as('id'))
    .executeTakeFirst()
  auditedBefore = last?.id ?? 0
  ground = await seedGround(db, { cities: 2, projectsPerCity: 2 })
  heard.length = 0
})

test('a grave case raises one numbered warning with its record and its audit entry', async () => {
  await addComplaint(db, ground, place(), { at: start, grade: 1 })
  expect(await pipeline(start)).toEqual({ decided: 1, raised: 1, changed: 0 })
  const [warning] = await warnings()
  expect(warning).toMatchObject({
    ...place(),
    number: 'YJ202603-0001',
    level: 'II',
    reason: 'red-line',
    state: 'candidate',
    title: '项目1-1：风险DE5',
    raisedAt: start,
    firstEvidenceAt: start,
    closedAt: null,
  })
  expect(await records()).toMatchObject([
    { warningId: warning?.id, action: 'raise', toState: 'candidate', toLevel: 'II' },
  ])
  expect(await audited()).toEqual([
    { action: 'warning.raise', actor: 'system', subjectId: String(warning?.id) },
  ])
  expect(heard).toContainEqual({ topic: 'warning', projectIds: [place().projectId] })
})

test('run again, in parallel or after a kill: one open warning a cell', async () => {
  for (const city of ground.cities) {
    for (const projectId of city.projectIds) {
      for (const riskCode of ground.riskCodes) {
        await addComplaint(db, ground, { projectId, riskCode }, { at: start, grade: 1 })
      }
    }
  }
  await runScoring(db, jobs, () => start)
  await db
    .transaction()
    .execute(async (tx) => {
      await runWarnings(tx, jobs, () => start)
      throw new Error('killed')
    })
    .catch(() => {})
  expect(await warnings()).toEqual([])
  const runs = await Promise.all([1, 2, 3].map(() => runWarnings(db, jobs, () => start)))
  expect(runs.reduce((sum, run) => sum + run.raised, 0)).toBe(16)
  expect(new Set((await warnings()).map((warning) => warning.number)).size).toBe(16)
  expect(await pipeline(start)).toEqual({ decided: 0, raised: 0, changed: 0 })
})

test('it follows the level, adds facts after a pause, and tells each once', async () => {
  for (const at of [0, 1, 2]) await addComplaint(db, ground, place(), { at: hours(at) })
  await pipeline(hours(2))
  const [first] = await warnings()
  await addComplaint(db, ground, place(), { at: hours(3), grade: 1 })
  await pipeline(hours(3))
  expect((await warnings())[0]).toMatchObject({
    id: first?.id,
    level: 'II',
    reason: 'red-line',
    raisedAt: hours(2),
    summary: '暂无舆情；投诉 4 件（未结 4 件，涉及 4 户）。',
  })
  for (const at of [4, 5, 6]) await addComplaint(db, ground, place(), { at: hours(at) })
  await pipeline(hours(6))
  await addMention(db, ground, place(), { at: hours(10) })
  await pipeline(hours(10))
  await markDue(db, place())
  await pipeline(hours(11))
  expect((await records()).map((record) => [record.action, record.fromLevel, record.toLevel])).toEqual([
    ['raise', null, first?.level],
    ['raise-level', first?.level, 'II'],
    ['add-facts', null, null],
  ])
  expect((await records())[2]?.detail).toEqual({ families: 1, complaints: 3 })
})

test('S2-3.2.3: rejected evidence lowers it after the hold, and one once at level II waits for a person to lift it', async () => {
  const { signalId } = await addComplaint(db, ground, place(), { at: start, grade: 1 })
  await pipeline(start)
  await db.updateTable('signal').set({ state: 'rejected' }).where('id', '=', signalId).execute()
  await markDue(db, place())
  await pipeline(hours(1))
  expect((await warnings())[0]?.level).toBe('II')
  for (const at of [30, 60, 90]) {
    await sweepExposures(db)
    await pipeline(hours(at))
  }
  expect((await warnings())[0]).toMatchObject({ state: 'candidate', closedAt: null })
  expect((await records()).map((record) => record.action)).toEqual(['raise', 'propose-lifting'])
})

test('a mild one that nobody took up is lifted when its evidence has faded, and comes back only with new evidence', async () => {
  for (const at of [0, 1, 2]) await addComplaint(db, ground, place(), { at: hours(at), closedAt: hours(3) })
  await pipeline(hours(3))
  expect((await warnings())[0]?.closedAt).toBeNull()
  for (const day of [30, 32, 60, 62]) {
    await sweepExposures(db)
    await pipeline(hours(24 * day))
  }
  const [lifted] = await warnings()
  expect(lifted).toMatchObject({ state: 'lifted' })
  expect((await records()).at(-1)).toMatchObject({
    action: 'lift',
    fromState: 'candidate',
    toState: 'lifted',
    actorId: null,
  })
  for (const at of [0, 1, 2]) await addComplaint(db, ground, place(), { at: hours(24 * 70 + at) })
  await pipeline(hours(24 * 70 + 3))
  expect((await warnings()).map((warning) => warning.closedAt === null)).toEqual([false, true])
})
