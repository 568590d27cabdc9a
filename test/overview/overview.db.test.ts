import { beforeEach, describe, expect, test } from 'vitest'
import { createApp } from '../../server/http/app.ts'
import { runScoring } from '../../server/scoring/job.ts'
import { runWarnings } from '../../server/warnings/job.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { addComplaint, addMention, type Ground, seedGround } from '../support/evidence.ts'
import { testServices } from '../support/services.ts'
import { signedInAs } from '../support/signed-in.ts'

const database = await testDatabase()
const { db } = database
const start = new Date('2026-03-10T08:00:00Z')
const minutes = (count: number) => new Date(start.getTime() + count * 60_000)
let now = start
const services = testServices(database, { now: () => now })
const app = createApp(services)
const as = (role: Parameters<typeof signedInAs>[2], cityCompanyId?: number) =>
  signedInAs(app, db, role, { now: start, ...(cityCompanyId !== undefined && { cityCompanyId }) })
const overviewOf = async (person: Awaited<ReturnType<typeof as>>) =>
  (await person.get('/api/overview')).json()

let ground: Ground
const projectOf = (city: number) => ground.cities[city]!.projectIds[0]!

beforeEach(async () => {
  await emptyTables(db)
  now = minutes(now.getTime() / 60_000 - start.getTime() / 60_000 + 10)
  ground = await seedGround(db, { cities: 2, projectsPerCity: 2 })
  for (const city of [0, 1]) {
    const place = { projectId: projectOf(city), riskCode: 'DE5' }
    await addComplaint(db, ground, place, { at: minutes(-600), grade: 1 })
    await addMention(db, ground, place, { at: minutes(-300) })
    await addMention(
      db,
      ground,
      { ...place, riskCode: 'SA2' },
      { at: minutes(-300), polarity: 'neutral', strength: 0.2 },
    )
  }
  await runScoring(db, services.jobs, () => start)
  await runWarnings(db, services.jobs, () => start)
})

test('the sentence counts open warnings by level, the longest wait, the sources and the open cases', async () => {
  await db
    .insertInto('collectionRun')
    .values({ sourceId: ground.sourceId, startedAt: start, finishedAt: start, outcome: 'blocked' })
    .execute()
  await db.insertInto('heartbeat').values({ key: 'exposures-swept', at: start }).execute()
  const { sentence } = await overviewOf(await as('crisis-leader'))
  expect(sentence).toMatchObject({
    levels: [{ level: 'II', count: 2 }],
    unacknowledged: { level: 'II', since: start.toISOString() },
    sources: { total: 1, read: 0 },
    deadlinesCheckedAt: start.toISOString(),
    complaints: { open: 2, gradeOne: 2 },
  })
})

test('an acknowledgement by anybody ends the wait, a rise of the level starts it anew', async () => {
  const leader = await as('crisis-leader')
  const { rows } = await (await leader.get('/api/warnings')).json()
  for (const { id } of rows) await leader.post(`/api/warnings/${id}/acknowledge`, {})
  expect((await overviewOf(leader)).sentence.unacknowledged).toBeNull()
  await addComplaint(
    db,
    ground,
    { projectId: projectOf(0), riskCode: 'DE5' },
    { at: minutes(20), households: 12 },
  )
  await runScoring(db, services.jobs, () => minutes(30))
  await runWarnings(db, services.jobs, () => minutes(30))
  now = new Date(now.getTime() + 5_000)
  expect((await overviewOf(leader)).sentence.unacknowledged).toMatchObject({
    level: 'I',
    since: minutes(30).toISOString(),
  })
})

test('the matrix names every project and risk and only the cells in which something stands', async () => {
  const { matrix, needSomebody } = await overviewOf(await as('executive'))
  expect(matrix.projects).toHaveLength(4)
  expect(matrix.risks.map((risk: { code: string }) => risk.code)).toEqual(ground.riskCodes)
  expect(
    matrix.cells.map((cell: { riskCode: string; level: string | null }) => [cell.riskCode, cell.level]),
  ).toEqual([
    ['DE5', 'II'],
    ['SA2', null],
    ['DE5', 'II'],
    ['SA2', null],
  ])
  expect(needSomebody).toMatchObject([{ level: 'II' }, { level: 'II' }])
})

test('the trends have every day of 90, and lead time is measured in both ways', async () => {
  const { trend, leadTime } = await overviewOf(await as('crisis-leader'))
  expect(trend.mentions).toHaveLength(90)
  expect(trend.mentions.at(-1)).toEqual({ day: '2026-03-10', mentions: 4, negative: 2 })
  expect(trend.ledger.at(-1)).toEqual({ day: '2026-03-10', received: 2, closed: 0 })
  expect(trend.marks).toHaveLength(2)
  expect(leadTime).toEqual({ ledgerBeforeMedia: 5, cells: 2, evidenceToWarning: 10, warnings: 2 })
})

test('a cell shows its exposure, every factor, its warning and the weightiest evidence', async () => {
  const leader = await as('crisis-leader')
  const cell = await (await leader.get(`/api/overview/cell?projectId=${projectOf(0)}&risk=DE5`)).json()
  expect(cell).toMatchObject({
    cell: { project: '项目1-1', riskZh: '风险DE5' },
    exposure: { level: 'II', hardRules: [{ rule: 'grade-one' }] },
    warning: { level: 'II', state: 'candidate' },
  })
  expect(cell.exposure.factors).toHaveLength(15)
  expect(cell.evidence.map((item: { kind: string }) => item.kind).sort()).toEqual(['complaint', 'mention'])
  const empty = await (await leader.get(`/api/overview/cell?projectId=${projectOf(0)}&risk=PO2`)).json()
  expect(empty).toMatchObject({ exposure: null, warning: null, evidence: [] })
  expect((await leader.get('/api/overview/cell?projectId=999&risk=DE5')).status).toBe(404)
})

describe('a reader of one city company', () => {
  test('reads its own projects, counts and lines only', async () => {
    const manager = await as('general-manager', ground.cities[0]!.id)
    const seen = await overviewOf(manager)
    expect(seen.matrix.projects).toHaveLength(2)
    expect(seen.matrix.cells).toHaveLength(2)
    expect(seen.sentence).toMatchObject({ levels: [{ level: 'II', count: 1 }], complaints: { open: 1 } })
    expect(seen.trend.mentions.at(-1)).toMatchObject({ mentions: 2, negative: 1 })
    expect(seen.trend.ledger.at(-1)).toMatchObject({ received: 1 })
    expect(seen.trend.marks).toHaveLength(1)
    expect(seen.leadTime).toMatchObject({ cells: 1, warnings: 1 })
  })

  test("finds no cell of another's project", async () => {
    const manager = await as('general-manager', ground.cities[0]!.id)
    expect((await manager.get(`/api/overview/cell?projectId=${projectOf(1)}&risk=DE5`)).status).toBe(404)
  })
})
