import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AlertCapture, DueDateCapture, ReadingCapture } from '../../collectors/collector.ts'
import { createFetcher } from '../../collectors/fetch.ts'
import { openVault } from '../../server/access/vault.ts'
import { evidenceOfCell } from '../../server/db/cell-evidence.ts'
import { inTransaction } from '../../server/db/in-transaction.ts'
import {
  refreshIndicators,
  reviewSpeaking,
  takeAlerts,
  takeDueDates,
  takeReadings,
} from '../../server/indicators/job.ts'
import { collectSource } from '../../server/ingest/job.ts'
import { insertSource, lastRuns } from '../../server/ingest/store.ts'
import { runScoring } from '../../server/scoring/job.ts'
import { runWarnings } from '../../server/warnings/job.ts'
import { cap } from '../collectors/weather/samples.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { addComplaint, type Ground, seedGround } from '../support/evidence.ts'
import { noTakers } from '../support/takers.ts'

const { db } = await testDatabase()
const start = new Date('2026-07-01T01:00:00Z')
let at = start
const now = () => at
const later = (hours: number) => {
  at = new Date(start.getTime() + hours * 3_600_000)
}
const woken: string[] = []
const jobs = {
  wake: async (step: string) => void woken.push(step),
  collect: async () => {},
  assist: async () => {},
  announce: async () => {},
}
const indicators = { db, jobs, now }

let ground: Ground
let near: number
let far: number
beforeEach(async () => {
  await emptyTables(db)
  at = start
  woken.length = 0
  ground = await seedGround(db, { cities: 2 })
  near = ground.cities[0]!.projectIds[0]!
  far = ground.cities[1]!.projectIds[0]!
  await db
    .updateTable('project')
    .set({ city: '嘉州', district: '滨水区', stage: 'PO', name: '云境花园' })
    .where('id', '=', near)
    .execute()
  await db
    .updateTable('project')
    .set({ city: '远州', district: '东港区', stage: 'PO', name: '湖畔里' })
    .where('id', '=', far)
    .execute()
})

const alert = (values: Partial<AlertCapture> = {}): AlertCapture => ({
  externalId: 'A-1',
  replaces: [],
  state: 'actual',
  issuer: '嘉州市气象台',
  phenomenon: 'rainstorm',
  severity: 'extreme',
  headline: '嘉州市气象台发布暴雨红色预警信号',
  description: '',
  areas: [{ name: '嘉州市' }],
  sentAt: '2026-07-01T00:00:00Z',
  startsAt: '2026-07-01T00:00:00Z',
  endsAt: '2026-07-01T12:00:00Z',
  ...values,
})
const take = (...alerts: AlertCapture[]) => takeAlerts(indicators, alerts, ground.sourceId)
const alerts = () =>
  db.selectFrom('alert').select(['id', 'severity', 'state', 'replacedBy']).orderBy('id').execute()
const signals = (kind: 'alert' | 'reading' | 'milestone') =>
  db
    .selectFrom('signal')
    .select(['projectId', 'riskCode', 'strength', 'endedAt', 'because'])
    .where('kind', '=', kind)
    .orderBy('projectId')
    .orderBy('riskCode')
    .orderBy('id')
    .execute()
const inForce = async (kind: Parameters<typeof signals>[0]) =>
  (await signals(kind))
    .filter((signal) => signal.endedAt === null)
    .map(({ projectId, riskCode }) => `${projectId} ${riskCode}`)
const leak = (values: { closedAt?: Date } = {}) =>
  addComplaint(db, ground, { projectId: near, riskCode: 'DE5' }, { at: start, ...values })
const step = async () => {
  await runScoring(db, jobs, now)
  await runWarnings(db, jobs, now)
}
const exposure = (projectId: number, riskCode: string) =>
  db
    .selectFrom('exposure')
    .select(['level', 'dataState'])
    .where('projectId', '=', projectId)
    .where('riskCode', '=', riskCode)
    .executeTakeFirst()

describe('S0-14.5b: from a warning on the wire to people, and back', () => {
  let body = ''
  const server = createServer((request, response) => {
    if (request.url === '/robots.txt') return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'application/cap+xml' }).end(body)
  })
  const fetcher = createFetcher({ userAgent: 'weiyu-test', allow: ['127.0.0.1'], limits: { retries: 0 } })
  let url = ''
  beforeAll(async () => {
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/alert.xml`
  })
  afterAll(async () => {
    await fetcher.close()
    server.close()
  })

  test('a red rainstorm over open leaks raises the sites it covers, counts drills, and its cancel lifts', async () => {
    for (let n = 0; n < 2; n++) await leak()
    await leak({ closedAt: start })
    const sourceId = await inTransaction(db, (tx) =>
      insertSource(tx, {
        kind: 'weather',
        name: '气象预警',
        publisherId: null,
        options: { url },
        schedule: '*/5 * * * *',
        isAggregator: false,
      }),
    )
    const collect = () =>
      collectSource(
        {
          db,
          jobs,
          fetcher,
          now,
          files: { list: async () => [], read: async () => new Uint8Array() },
          vault: openVault(Buffer.alloc(32, 7)),
          takers: { ...noTakers, alerts: (items, id) => takeAlerts(indicators, items, id) },
        },
        sourceId,
      )
    body = cap()
    expect(await collect()).toMatchObject({ outcome: 'ok', seen: 1, added: 1 })
    expect(await collect()).toMatchObject({ outcome: 'ok', seen: 1, added: 0 })
    expect(woken).toContain('scoring')
    await step()
    expect(await exposure(near, 'PO2')).toMatchObject({ level: 'III', dataState: 'insufficient' })
    expect(await exposure(far, 'PO2')).toBeUndefined()
    const warning = await db
      .selectFrom('warning')
      .select(['id', 'level', 'riskCode', 'closedAt'])
      .where('riskCode', '=', 'PO2')
      .execute()
    expect(warning).toMatchObject([{ level: 'III', closedAt: null }])
    const [evidence] = await evidenceOfCell(
      db,
      { projectId: near, riskCode: 'PO2' },
      { by: 'time', limit: 5, now: at },
    )
    expect(evidence).toMatchObject({
      kind: 'alert',
      endedAt: null,
      facts: [
        { phenomenon: 'rainstorm', severity: 'extreme', issuer: '嘉州市气象台', openLeaks: 2, reach: 'city' },
      ],
    })

    body = cap({ id: 'drill', status: 'Exercise' })
    expect(await collect()).toMatchObject({ outcome: 'ok', seen: 0, detail: '1 drills left out' })

    later(1)
    body = cap({
      id: 'A-2',
      kind: 'Cancel',
      references: 'weather@jiazhou.example,A-1,2026-07-01T08:00:00+08:00',
      sent: '2026-07-01T09:30:00+08:00',
    })
    expect(await collect()).toMatchObject({ outcome: 'ok', added: 1 })
    expect(await alerts()).toMatchObject([{ state: 'cancelled', severity: 'extreme' }])
    expect(await inForce('alert')).toEqual([])
    await step()
    // The level is held for its time; then the machine lifts what it raised.
    later(30)
    await db
      .insertInto('scoringDue')
      .values({ projectId: near, riskCode: 'PO2' })
      .onConflict((c) => c.doNothing())
      .execute()
    await step()
    expect(await exposure(near, 'PO2')).toMatchObject({ level: null })
    expect(await db.selectFrom('warning').select('state').where('riskCode', '=', 'PO2').execute()).toEqual([
      { state: 'lifted' },
    ])
    const [past] = await evidenceOfCell(
      db,
      { projectId: near, riskCode: 'PO2' },
      { by: 'time', limit: 5, now: at },
    )
    expect(past?.endedAt).not.toBeNull()
    expect((await lastRuns(db, sourceId, 10)).map((run) => run.outcome)).toEqual(['ok', 'ok', 'ok', 'ok'])
  })
})

test('a red rainstorm over a city of many sites is one warning of IV; a leak makes its site one of its own', async () => {
  const { cityCompanyId } = await db
    .selectFrom('project')
    .select('cityCompanyId')
    .where('id', '=', near)
    .executeTakeFirstOrThrow()
  const others = await db
    .insertInto('project')
    .values(
      Array.from({ length: 11 }, (_, n) => ({
        code: `MORE-${n}`,
        name: `更多 ${n}`,
        cityCompanyId,
        city: '嘉州',
        stage: 'PO' as const,
        households: 100 * (n + 1),
      })),
    )
    .returning('id')
    .execute()
  await take(alert())
  await step()
  const open = () =>
    db
      .selectFrom('warning')
      .select(['projectId', 'level', 'riskCode', 'summary'])
      .where('closedAt', 'is', null)
      .execute()
  expect(await open()).toMatchObject([
    {
      projectId: others.at(-1)?.id,
      level: 'IV',
      riskCode: 'PO2',
      summary: expect.stringContaining('本市 12 个项目'),
    },
  ])
  // Every site has the evidence, and a text about its rain would find it there.
  expect(await inForce('alert')).toHaveLength(12)
  await leak()
  later(1)
  await refreshIndicators(indicators)
  await step()
  expect((await open()).map(({ projectId, level }) => [projectId, level])).toContainEqual([near, 'III'])
})

describe('events of messages', () => {
  test('an update is one alert, whatever order the feed has and however often it is read', async () => {
    const messages = [
      alert({ externalId: 'A-3', replaces: ['A-2'], severity: 'extreme', sentAt: '2026-07-01T00:40:00Z' }),
      alert({ externalId: 'A-2', replaces: ['A-1'], severity: 'severe', sentAt: '2026-07-01T00:20:00Z' }),
      alert({ severity: 'moderate' }),
    ]
    expect(await take(...messages)).toMatchObject({ rows: 3, added: 3, refused: 0 })
    expect(await take(...messages.toReversed())).toMatchObject({ added: 0 })
    expect(await alerts()).toMatchObject([{ severity: 'extreme', state: 'actual' }])
    expect(await inForce('alert')).toEqual([`${near} PO2`])
  })

  test('one that comes late, after its end, does not come back', async () => {
    await take(
      alert({ externalId: 'A-9', state: 'cancelled', replaces: ['A-1'], sentAt: '2026-07-01T00:50:00Z' }),
    )
    await take(alert())
    expect(await alerts()).toMatchObject([{ state: 'cancelled' }])
    expect(await inForce('alert')).toEqual([])
  })

  test('the same issuer, weather and areas under a new id is the same event; other areas are another', async () => {
    await take(alert())
    await take(alert({ externalId: 'B-1', sentAt: '2026-07-01T00:30:00Z', severity: 'severe' }))
    expect(await alerts()).toMatchObject([{ severity: 'severe' }])
    await take(
      alert({ externalId: 'C-1', sentAt: '2026-07-01T00:31:00Z', areas: [{ name: '嘉州市滨水区' }] }),
    )
    expect(await alerts()).toHaveLength(2)
  })

  test('a message that joins two events makes them one', async () => {
    await take(alert(), alert({ externalId: 'B-1', areas: [{ name: '嘉州市滨水区' }] }))
    await take(alert({ externalId: 'A-2', replaces: ['A-1', 'B-1'], sentAt: '2026-07-01T00:40:00Z' }))
    expect((await alerts()).map(({ replacedBy }) => replacedBy === null)).toEqual([true, false])
    expect(await inForce('alert')).toEqual([`${near} PO2`])
  })

  test('a lifting without reference ends the one event of its issuer and weather', async () => {
    await take(alert({ areas: [{ name: '嘉州市滨水区' }] }))
    await take(alert({ externalId: 'A-2', state: 'cancelled', sentAt: '2026-07-01T00:40:00Z' }))
    expect(await alerts()).toMatchObject([{ state: 'cancelled' }])
  })

  test('two workers at once store each message once', async () => {
    const many = Array.from({ length: 30 }, (_, n) =>
      alert({ externalId: `M-${n}`, areas: [{ name: `嘉州市${n}区` }] }),
    )
    const taken = await Promise.all([take(...many), take(...many), take(...many)])
    expect(taken.reduce((sum, { added }) => sum + added, 0)).toBe(30)
    expect(await alerts()).toHaveLength(30)
  })

  test('an expired alert counts no more; one without end is believed for a day', async () => {
    const { endsAt: _, ...open } = alert({ externalId: 'O-1', phenomenon: 'typhoon' })
    await take(alert(), open)
    later(12)
    await refreshIndicators(indicators)
    expect(await inForce('alert')).toEqual([`${near} PO2`])
    later(24)
    await refreshIndicators(indicators)
    expect(await inForce('alert')).toEqual([])
  })

  test('leaks that are closed weigh no more, and a run without news writes nothing', async () => {
    const { complaintId } = await leak()
    await take(alert())
    expect(await inForce('alert')).toEqual([`${near} DE5`, `${near} PO2`])
    woken.length = 0
    expect(await refreshIndicators(indicators)).toEqual({ alerts: 0, due: 0 })
    expect(woken).toEqual([])
    await db.updateTable('complaint').set({ closedAt: start }).where('id', '=', complaintId).execute()
    await refreshIndicators(indicators)
    expect(await inForce('alert')).toEqual([`${near} PO2`])
  })

  test('a project that is added during the storm hears of it', async () => {
    await take(alert({ areas: [{ name: '新州市' }] }))
    expect(await inForce('alert')).toEqual([])
    await db.updateTable('project').set({ city: '新州' }).where('id', '=', far).execute()
    await refreshIndicators(indicators)
    expect(await inForce('alert')).toEqual([`${far} PO2`])
  })
})

describe('S2-3.1.2: readings', () => {
  const reading = (values: Partial<ReadingCapture>): ReadingCapture => ({
    place: 'row 2',
    project: '云境花园',
    metric: 'price',
    value: 20_000,
    at: '2026-06-30T00:00:00+08:00',
    ...values,
  })
  const prices = (...values: number[]) =>
    values.map((value, n) =>
      reading({ value, at: `2026-0${4 + n}-01T00:00:00+08:00`, place: `row ${n + 2}` }),
    )
  const store = (...rows: ReadingCapture[]) => takeReadings(indicators, rows, ground.sourceId)

  test('a fall is stored, explained with its numbers, and ends when the price is back', async () => {
    expect(await store(...prices(20_000, 20_200, 18_200))).toEqual(
      expect.objectContaining({ rows: 3, added: 3, refused: 0 }),
    )
    expect(await signals('reading')).toMatchObject([
      {
        projectId: near,
        riskCode: 'SA2',
        endedAt: null,
        because: [
          {
            rule: 'price-fall',
            fact: { value: 18_200, reference: 20_200, change: 0.099, unit: '元/㎡', on: '2026-06-01' },
          },
        ],
      },
    ])
    await step()
    expect(await exposure(near, 'SA2')).toMatchObject({ level: 'IV', dataState: 'insufficient' })
    expect(await store(reading({ value: 20_500, at: '2026-06-28' }))).toMatchObject({ added: 1 })
    expect(await inForce('reading')).toEqual([])
  })

  test('the same file again adds nothing; a corrected number replaces the old one', async () => {
    await store(...prices(20_000, 20_200, 18_200))
    expect(await store(...prices(20_000, 20_200, 18_200))).toMatchObject({ added: 0 })
    expect(await store(...prices(20_000, 20_200, 20_100))).toMatchObject({ added: 1 })
    expect(await inForce('reading')).toEqual([])
  })

  test('unknown projects, wrong units and values are refused by name, the others stored', async () => {
    const taken = await store(
      reading({}),
      reading({ place: 'row 3', project: '别家花园' }),
      reading({ place: 'row 4', unit: '元/斤' }),
      reading({ place: 'row 5', metric: 'progress', value: 300 }),
    )
    expect(taken).toMatchObject({ rows: 4, added: 1, refused: 3 })
    expect(taken.because).toEqual([
      'row 3: no project is called «别家花园»',
      'row 4: «元/斤» is no unit of price',
      'row 5: 300 % cannot be: progress lies between 0 and 100',
    ])
  })

  test('a stream that breaks keeps what came before it', async () => {
    async function* broken() {
      yield* prices(20_000, 20_200, 18_200)
      throw new Error('cut')
    }
    await expect(takeReadings(indicators, broken(), ground.sourceId)).rejects.toThrow('cut')
    expect(await inForce('reading')).toEqual([`${near} SA2`])
  })

  test('without a new reading a finding falls silent', async () => {
    await store(...prices(20_000, 20_200, 18_200))
    later(46 * 24)
    await reviewSpeaking(indicators)
    expect(await inForce('reading')).toEqual([])
  })
})

describe('S0-14.0: days that are due', () => {
  const milestone = (plannedOn: string, kind = 'delivery') =>
    db
      .insertInto('milestone')
      .values({ projectId: near, kind, plannedOn })
      .returning('id')
      .executeTakeFirstOrThrow()
  const day = (values: Partial<DueDateCapture> = {}): DueDateCapture => ({
    externalId: 'd1',
    on: '2026-07-13',
    title: '汛期检查',
    risks: ['PO2'],
    ...values,
  })

  test('a handover in twelve days is seen low and honestly although nobody has spoken', async () => {
    await milestone('2026-07-13')
    await refreshIndicators(indicators)
    // Of the nine risks of a handover two are in this small catalogue.
    expect(await inForce('milestone')).toEqual([`${near} DE3`, `${near} DE5`])
    await step()
    expect(await exposure(near, 'DE3')).toMatchObject({ level: 'IV', dataState: 'insufficient' })
    expect(await exposure(near, 'DE5')).toMatchObject({ level: null })
    woken.length = 0
    expect(await refreshIndicators(indicators)).toEqual({ alerts: 0, due: 0 })
  })

  test('far ahead it makes no level; reached, it ends; postponed, it goes', async () => {
    const { id } = await milestone('2026-08-20')
    await refreshIndicators(indicators)
    await step()
    expect(await exposure(near, 'DE3')).toMatchObject({ level: null })
    await db.updateTable('milestone').set({ plannedOn: '2027-08-20' }).where('id', '=', id).execute()
    await refreshIndicators(indicators)
    expect(await inForce('milestone')).toEqual([])
    await db.updateTable('milestone').set({ plannedOn: '2026-06-28' }).where('id', '=', id).execute()
    await refreshIndicators(indicators)
    expect(await inForce('milestone')).toEqual([`${near} DE3`, `${near} DE5`])
    await db.updateTable('milestone').set({ actualOn: '2026-07-01' }).where('id', '=', id).execute()
    await refreshIndicators(indicators)
    expect(await inForce('milestone')).toEqual([])
  })

  test('a day of one project speaks for it; a day of the group only where something else speaks', async () => {
    expect(
      await takeDueDates(
        indicators,
        [day({ project: '云境花园' }), day({ externalId: 'd2', project: '别家' })],
        ground.sourceId,
      ),
    ).toMatchObject({
      rows: 2,
      added: 1,
      refused: 1,
      because: ['«汛期检查» 2026-07-13: no project is called «别家»'],
    })
    await step()
    expect(await exposure(near, 'PO2')).toMatchObject({ level: 'IV' })
    await takeDueDates(indicators, [day()], ground.sourceId)
    expect(await inForce('milestone')).toEqual([])
    await addComplaint(db, ground, { projectId: far, riskCode: 'PO2' }, { at: start })
    await refreshIndicators(indicators)
    expect(await inForce('milestone')).toEqual([`${far} PO2`])
  })

  test('a day that left the calendar is withdrawn, unless the calendar broke half-way', async () => {
    await takeDueDates(indicators, [day({ project: '云境花园' })], ground.sourceId)
    async function* broken() {
      yield* []
      throw new Error('cut')
    }
    await expect(takeDueDates(indicators, broken(), ground.sourceId)).rejects.toThrow('cut')
    expect(await inForce('milestone')).toEqual([`${near} PO2`])
    await db.deleteFrom('scoringDue').execute()
    expect(await takeDueDates(indicators, [], ground.sourceId)).toMatchObject({ added: 0 })
    expect(await inForce('milestone')).toEqual([])
    expect(await db.selectFrom('scoringDue').select('riskCode').execute()).toEqual([{ riskCode: 'PO2' }])
  })
})

test('one writer of each kind at a time: parallel refreshes neither fail nor undo each other', async () => {
  await take(alert())
  await db
    .insertInto('milestone')
    .values({ projectId: near, kind: 'delivery', plannedOn: '2026-07-13' })
    .execute()
  await Promise.all(Array.from({ length: 5 }, () => refreshIndicators(indicators)))
  expect(await inForce('alert')).toEqual([`${near} PO2`])
  expect(await inForce('milestone')).toEqual([`${near} DE3`, `${near} DE5`])
})
