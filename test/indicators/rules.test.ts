import { describe, expect, test } from 'vitest'
import type { ReadingCapture } from '../../collectors/collector.ts'
import type { AlertFact } from '../../server/indicators/because.ts'
import { checkReading, createProjectFinder } from '../../server/indicators/check.ts'
import { dueFinding, risksOfMilestone } from '../../server/indicators/due-rules.ts'
import { type Course, findingsOf } from '../../server/indicators/reading-rules.ts'
import { type Reached, risksOfAlert, withFloor, withSpeakers } from '../../server/indicators/weather-rules.ts'
import { defaultIndicators } from '../../server/policy/indicators.ts'
import { defaultScoring } from '../../server/policy/scoring.ts'

const now = new Date('2026-07-01T00:00:00Z')
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000)

describe('S0-14.5b: weather over a site', () => {
  const alert = {
    phenomenon: 'rainstorm',
    severity: 'extreme' as const,
    issuer: '嘉州市气象台',
    headline: '暴雨红色预警',
    startsAt: now.toISOString(),
    endsAt: now.toISOString(),
    reach: 'city' as const,
  }
  const risks = (values: Partial<typeof alert>, stage: 'DE' | 'PO', openLeaks: number) =>
    risksOfAlert({ ...alert, ...values }, { stage, openLeaks }, defaultIndicators.weather).map(
      ({ riskCode, strength }) => `${riskCode} ${strength}`,
    )

  test('the worked example of the file holds', () => {
    expect(risks({}, 'PO', 4)).toEqual(['PO2 1', 'DE5 1'])
  })
  test('without leaks a delivered estate has the rain alone, a site its safety', () => {
    expect(risks({}, 'PO', 0)).toEqual(['PO2 0.85'])
    expect(risks({}, 'DE', 0)).toEqual(['DE4 0.85'])
  })
  test('leaks of an early phase count although the project is still being built', () => {
    expect(risks({}, 'DE', 1)).toEqual(['PO2 0.9', 'DE5 0.9', 'DE4 0.85'])
  })
  test('wind does not leak, heat concerns nobody', () => {
    expect(risks({ phenomenon: 'wind' }, 'PO', 4)).toEqual(['PO1 0.85'])
    expect(risks({ phenomenon: 'heat' }, 'PO', 4)).toEqual([])
  })

  test('one storm over forty sites is one warning a city: the largest without leaks speaks, whoever issued it', () => {
    const row = (
      projectId: number,
      values: Partial<Reached> = {},
      fact: Partial<AlertFact> = {},
    ): Reached => ({
      projectId,
      cityCompanyId: 1,
      households: 800,
      riskCode: 'PO2',
      ...values,
      fact: { ...alert, kind: 'alert', openLeaks: 0, ...fact },
    })
    const spoken = (...rows: Reached[]) =>
      withSpeakers(rows).map(({ projectId, fact }) => [projectId, fact.sites])
    const forty = Array.from({ length: 40 }, (_, at) => row(at + 1, { households: at === 6 ? 2_400 : 800 }))
    expect(spoken(...forty).filter(([, sites]) => sites !== undefined)).toEqual([[7, 40]])
    // Another city, another risk and other weather have their own; of equals the first.
    expect(
      spoken(
        row(1),
        row(2),
        row(3, { cityCompanyId: 2 }),
        row(2, { riskCode: 'DE4' }),
        row(2, {}, { phenomenon: 'typhoon' }),
      ),
    ).toEqual([
      [1, 2],
      [2, undefined],
      [3, 1],
      [2, 1],
      [2, 1],
    ])
    // Two issuers, one storm; the gravest warning before the largest site; leaks speak for themselves.
    expect(
      spoken(
        row(1, { households: 9_000 }, { severity: 'moderate' }),
        row(2, {}, { issuer: '滨水区气象台' }),
        row(2),
        row(3, { households: 9_999 }, { openLeaks: 1 }),
      ),
    ).toEqual([
      [1, undefined],
      [2, 2],
      [2, 2],
      [3, undefined],
    ])
  })

  test('one storm over forty sites leaves room for the landslide elsewhere', () => {
    const rows = [
      ...Array.from({ length: 40 }, (_, at) => ({ cityCompanyId: 1, at })),
      { cityCompanyId: 2, at: 40 },
      { cityCompanyId: 3, at: 41 },
    ]
    expect(withFloor(rows, 5, 2).map(({ at }) => at)).toEqual([0, 1, 2, 40, 41])
    expect(withFloor(rows, 100, 2)).toHaveLength(42)
    expect(withFloor(rows, 2, 2).map(({ at }) => at)).toEqual([0, 1])
  })
})

describe('S0-14.0: days that are due', () => {
  const at = (days: number) =>
    dueFinding({ dueOn: '2026-07-13', days, beforeDays: 60, afterDays: 14 }, defaultIndicators.due)
  test('the worked example of the file holds, and strength rises to the day', () => {
    expect(at(12)?.strength).toBe(0.54)
    expect(at(60)?.strength).toBe(0.3)
    expect(at(0)?.strength).toBe(0.6)
    expect(at(-1)?.strength).toBe(0.7)
  })
  test('outside its reach it is nothing', () => {
    expect([at(61), at(-15)]).toEqual([undefined, undefined])
  })
  test('it is new evidence when it comes into reach, comes near and passes, and only then', () => {
    const instants = [60, 45, 31, 30, 12, 0, -1, -14].map((days) =>
      at(days)?.occurredAt.toISOString().slice(0, 10),
    )
    expect(instants).toEqual([
      '2026-05-13',
      '2026-05-13',
      '2026-05-13',
      '2026-06-12',
      '2026-06-12',
      '2026-06-12',
      '2026-07-13',
      '2026-07-13',
    ])
  })
  test('a handover brings its own two risks and makes the other seven graver', () => {
    const found = risksOfMilestone(
      { kind: 'delivery', dueOn: '2026-07-13' },
      defaultScoring.likelihood.milestoneRisks,
      defaultIndicators.due.direct,
    )
    expect(found.filter(({ fact }) => fact.isDirect).map(({ riskCode }) => riskCode)).toEqual(['DE3', 'DE9'])
    expect(found).toHaveLength(9)
  })
})

describe('S2-3.1.2: readings', () => {
  const course = (
    metric: string,
    values: readonly (number | [number, number])[],
    everyDays = 30,
    unit = '%',
  ): Course => ({
    metric,
    unit,
    deliveryInDays: undefined,
    readings: values.map((value, at) => ({
      at: daysAgo((values.length - 1 - at) * everyDays),
      value: typeof value === 'number' ? value : value[0],
      planned: typeof value === 'number' ? null : value[1],
    })),
  })
  const found = (one: Course, at = now) =>
    findingsOf(one, defaultIndicators.readings, at).map(({ riskCode, strength, fact }) => ({
      riskCode,
      strength,
      finding: fact.finding,
      change: fact.change,
      isGrave: fact.isGrave,
    }))

  test('SA2: the worked example of the file holds', () => {
    expect(found(course('price', [20_000, 20_200, 18_200]))).toEqual([
      { riskCode: 'SA2', strength: 0.5603, finding: 'price-fall', change: 0.099, isGrave: false },
    ])
  })
  test.each([
    ['a fall of four per cent', [20_000, 20_000, 19_200], 0],
    ['a rise', [20_000, 20_000, 22_000], 0],
    ['two readings', [20_000, 10_000], 0],
    ['a fall of a fifth', [20_000, 20_000, 16_000], 1],
    ['a digit too many in the past is no height to fall from', [20_000, 200_000, 20_000, 19_800], 0],
    ['a digit missing today is no fall', [20_000, 20_000, 20_000, 2_000], 0],
  ])('SA2: %s', (_, values, count) => {
    expect(found(course('price', values))).toHaveLength(count)
  })
  test('SA3: sales far below their plan, not those a little below or without plan', () => {
    expect(
      found(
        course('sales', [
          [10, 40],
          [8, 40],
          [12, 40],
        ]),
      ),
    ).toMatchObject([{ riskCode: 'SA3', finding: 'sales-behind', change: 0.75, isGrave: true }])
    expect(
      found(
        course('sales', [
          [30, 40],
          [30, 40],
          [30, 40],
        ]),
      ),
    ).toEqual([])
    expect(found(course('sales', [1, 0, 0]))).toEqual([])
  })
  test('DE3: works behind their plan; with the handover near also DE9', () => {
    const late = course('progress', [
      [50, 52],
      [60, 75],
    ])
    expect(found(late)).toMatchObject([
      { riskCode: 'DE3', finding: 'progress-behind', change: 15, isGrave: false },
    ])
    expect(found({ ...late, deliveryInDays: 60 }).map(({ riskCode }) => riskCode)).toEqual(['DE3', 'DE9'])
  })
  test('DE3: works that do not move, unless they are finished', () => {
    expect(found(course('progress', [60, 72, 72, 72]))).toMatchObject([
      { finding: 'progress-stalled', change: 60, isGrave: true },
    ])
    expect(found(course('progress', [60, 72, 73, 74]))).toEqual([])
    expect(found(course('progress', [100, 100, 100, 100]))).toEqual([])
  })
  test('DE5: a pass rate under nine tenths', () => {
    expect(found(course('quality', [95, 88]))).toMatchObject([
      { riskCode: 'DE5', finding: 'quality-low', change: 2, isGrave: false },
    ])
    expect(found(course('quality', [95, 78]))).toMatchObject([{ isGrave: true }])
    expect(found(course('quality', [88, 90]))).toEqual([])
  })
  test('an old last reading says nothing of today', () => {
    expect(found(course('quality', [95, 60]), new Date(now.getTime() + 46 * 86_400_000))).toEqual([])
  })
})

describe('a reading before it is stored', () => {
  const capture = (values: Partial<ReadingCapture>): ReadingCapture => ({
    place: 'row 2',
    project: '甲',
    metric: 'price',
    value: 18_600,
    at: '2026-06-30T16:00:00.000Z',
    ...values,
  })
  const check = (values: Partial<ReadingCapture>) => checkReading(capture(values), now, 1)
  test.each([
    [{ unit: '元/平方米' }, { unit: '元/㎡', value: 18_600 }],
    [
      { unit: '万元/㎡', value: 1.86 },
      { unit: '元/㎡', value: 18_600 },
    ],
    [
      { metric: 'sales' as const, unit: '亿元', value: 1.2 },
      { unit: '万元', value: 12_000 },
    ],
    [
      { metric: 'sales' as const, value: 12 },
      { unit: '套', value: 12 },
    ],
    [
      { metric: 'progress' as const, unit: '比例', value: 0.62, planned: 0.7 },
      { unit: '%', value: 62, planned: 70 },
    ],
  ])('%j is stored in one unit', (values, expected) => {
    expect(check(values)).toMatchObject({ ok: true, reading: expected })
  })
  test('stands for its day in Shanghai', () => {
    expect(check({ at: '2026-06-30T05:00:00.000Z' })).toMatchObject({
      reading: { at: new Date('2026-06-29T16:00:00Z') },
    })
  })
  test.each([
    [{ unit: '元/斤' }, 'row 2: «元/斤» is no unit of price'],
    [{ value: Number.NaN }, 'row 2: the value is no number'],
    [{ metric: 'progress' as const, value: 620 }, 'row 2: 620 % cannot be: progress lies between 0 and 100'],
    [{ at: '2026-13-01' }, 'row 2: «2026-13-01» is no day'],
    [{ at: '2026-09-01T00:00:00Z' }, 'row 2: 2026-09-01 lies ahead'],
    [{ at: '1970-01-01T00:00:00Z' }, 'row 2: 1970-01-01 lies too far back'],
    [{ value: 80 }, 'row 2: 80 元/㎡ cannot be: price lies between 500 and 500000'],
  ])('%j is refused by name', (values, because) => {
    expect(check(values)).toEqual({ ok: false, because })
  })
  test('its project is found by name, alias or code; a name of two projects tells neither', () => {
    const find = createProjectFinder([
      { projectId: 1, name: '云境花园' },
      { projectId: 1, name: 'YJ-01' },
      { projectId: 1, name: '云境' },
      { projectId: 2, name: '云境' },
    ])
    expect(['云境 花园', 'yj01', '云境', '别处'].map(find)).toEqual([1, 1, 'ambiguous', 'unknown'])
  })
})
