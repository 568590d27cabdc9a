import { beforeEach, expect, test } from 'vitest'
import type { LiveEvent } from '../../server/jobs/jobs.ts'
import { runScoring, sweepExposures } from '../../server/scoring/job.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { addComplaint, addMention, type Ground, markDue, seedGround } from '../support/evidence.ts'

const { db } = await testDatabase()
const now = new Date('2026-03-10T08:00:00Z')
const later = (hours: number) => new Date(now.getTime() + hours * 3_600_000)

let ground: Ground
const heard: LiveEvent[] = []
const jobs = { announce: async (event: LiveEvent) => void heard.push(event) }
const place = () => ({ projectId: ground.cities[0]!.projectIds[0]!, riskCode: 'DE5' })
const score = (at = now) => runScoring(db, jobs, () => at)
const exposures = () =>
  db.selectFrom('exposure').selectAll().orderBy('projectId').orderBy('riskCode').execute()
const assessments = () => db.selectFrom('assessment').selectAll().orderBy('id').execute()

beforeEach(async () => {
  await emptyTables(db)
  heard.length = 0
  ground = await seedGround(db, { cities: 2, projectsPerCity: 2 })
})

test('evidence becomes an exposure with its assessment, and the warning step hears of it', async () => {
  await addMention(db, ground, place(), { at: now })
  await addMention(db, ground, place(), { at: now })
  await addComplaint(db, ground, place(), { at: now })
  expect(await score()).toEqual({ assessed: 1, handedOn: 1 })
  const [exposure] = await exposures()
  expect(exposure).toMatchObject({
    ...place(),
    mentionCount: 2,
    complaintCount: 1,
    familyCount: 2,
    openComplaintCount: 1,
  })
  expect(exposure?.level).not.toBeNull()
  expect(await db.selectFrom('warningDue').select('assessmentId').execute()).toEqual([
    { assessmentId: exposure?.assessmentId },
  ])
  expect(heard).toEqual([{ topic: 'exposure', projectIds: [place().projectId] }])
})

test('a second run over the same evidence keeps the same rows', async () => {
  await addMention(db, ground, place(), { at: now })
  await score()
  const first = [await exposures(), await assessments()]
  await markDue(db, place())
  await score()
  expect([await exposures(), await assessments()]).toEqual(first)
})

test('runs in parallel share the cells: each is assessed once', async () => {
  for (const city of ground.cities) {
    for (const projectId of city.projectIds) {
      for (const riskCode of ground.riskCodes)
        await addMention(db, ground, { projectId, riskCode }, { at: now })
    }
  }
  const runs = await Promise.all([score(), score(), score()])
  expect(runs.reduce((sum, run) => sum + run.assessed, 0)).toBe(16)
  expect(await exposures()).toHaveLength(16)
  expect(await assessments()).toHaveLength(16)
})

test('a run that dies before its commit leaves the cells waiting, and the next gives the same rows', async () => {
  await addMention(db, ground, place(), { at: now })
  await db
    .transaction()
    .execute(async (tx) => {
      await runScoring(tx, jobs, () => now)
      throw new Error('killed')
    })
    .catch(() => {})
  expect(await exposures()).toEqual([])
  expect(await score()).toMatchObject({ assessed: 1 })
  expect(await assessments()).toHaveLength(1)
})

test('learning and rejected evidence makes no exposure', async () => {
  await addMention(db, ground, place(), { at: now, isLearning: true, isRedLine: true })
  await addMention(db, ground, place(), { at: now, state: 'rejected' })
  await score()
  expect(await exposures()).toEqual([])
})

test('S0-3.1a: an open complaint of grade 1 shows at least level II', async () => {
  await addComplaint(db, ground, place(), { at: now, grade: 1, strength: 0.3 })
  await score()
  expect((await exposures())[0]?.level).toBe('II')
  expect((await assessments())[0]?.hardRules).toMatchObject([{ rule: 'grade-one', clause: 'S0-3.1a' }])
})

test('a rejected link lowers the level, but only after the hold time', async () => {
  const { signalId } = await addComplaint(db, ground, place(), { at: now, grade: 1 })
  await score()
  await db.updateTable('signal').set({ state: 'rejected' }).where('id', '=', signalId).execute()
  await markDue(db, place())
  await score(later(1))
  expect((await exposures())[0]).toMatchObject({ level: 'II', lowerSince: later(1), complaintCount: 0 })
  await sweepExposures(db)
  await score(later(48))
  expect((await exposures())[0]?.level).toBe('II')
  await sweepExposures(db)
  await score(later(50))
  expect((await exposures())[0]).toMatchObject({ level: null, lowerSince: null })
})

test('the sweep lets evidence fade, and leaves a cell alone once nothing is left in it', async () => {
  await addMention(db, ground, place(), { at: now })
  await score()
  await sweepExposures(db)
  expect(await score(later(24 * 91))).toMatchObject({ assessed: 1 })
  expect((await exposures())[0]).toMatchObject({ mentionCount: 0, lastEvidenceAt: null })
  await sweepExposures(db)
  await score(later(24 * 93))
  await sweepExposures(db)
  expect(await score(later(24 * 94))).toMatchObject({ assessed: 0 })
})

test('a project link that a person rejected takes the text out of the cell', async () => {
  const { mentionId } = await addMention(db, ground, place(), { at: now })
  await db
    .insertInto('mentionProject')
    .values({
      mentionId,
      projectId: place().projectId,
      confidence: 0.5,
      terms: '[]',
      state: 'rejected',
      occurredAt: now,
    })
    .execute()
  await score()
  expect(await exposures()).toEqual([])
})

test('a case that fits two risks weighs with its grade on the one it fits best', async () => {
  const { complaintId } = await addComplaint(db, ground, place(), { at: now, grade: 1, strength: 0.5 })
  const other = { ...place(), riskCode: 'DE3' }
  await db
    .insertInto('signal')
    .values({
      kind: 'complaint',
      complaintId,
      ...other,
      strength: 0.9,
      because: '[]',
      occurredAt: now,
      analysisVersion: 'test',
      catalogVersion: 'test',
    })
    .execute()
  await markDue(db, other)
  await score()
  const rules = (await assessments()).map((assessment) => [
    assessment.riskCode,
    (assessment.hardRules as unknown[]).length,
  ])
  expect(rules).toEqual([
    ['DE3', 1],
    ['DE5', 0],
  ])
})
