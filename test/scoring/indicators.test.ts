import { describe, expect, test } from 'vitest'
import type { AlertFact, DueFact, ReadingFact } from '../../server/indicators/because.ts'
import type { AlertEvidence, DueEvidence, ReadingEvidence } from '../../server/scoring/facts.ts'
import { weigh } from '../../server/scoring/signal.ts'
import { summaryOf } from '../../server/warnings/wording.ts'
import { assessed, complaint, daysAgo, factorValue, facts, now, policy, times } from './build.ts'

const link = {
  signalId: 900,
  strength: 0.85,
  state: 'proposed' as const,
  isRedLine: false,
  isLearning: false,
  occurredAt: now,
}

const alert = (values: Partial<AlertFact> = {}): AlertEvidence => ({
  ...link,
  kind: 'alert',
  facts: [
    {
      kind: 'alert',
      phenomenon: 'rainstorm',
      severity: 'extreme',
      issuer: '嘉州市气象台',
      headline: '',
      startsAt: '',
      endsAt: '',
      reach: 'city',
      openLeaks: 0,
      ...values,
    },
  ],
})
const reading = (values: Partial<ReadingFact> = {}): ReadingEvidence => ({
  ...link,
  kind: 'reading',
  facts: [
    {
      kind: 'reading',
      finding: 'price-fall',
      metric: 'price',
      unit: '元/㎡',
      value: 18_200,
      reference: 20_200,
      change: 0.099,
      on: '2026-03-01',
      isGrave: false,
      ...values,
    },
  ],
})
const due = (values: Partial<DueFact> = {}): DueEvidence => ({
  ...link,
  kind: 'milestone',
  facts: [{ kind: 'due', milestone: 'delivery', title: '', dueOn: '2026-03-22', isDirect: true, ...values }],
})
const level = (...evidence: Parameters<typeof assessed>[0][number][]) =>
  assessed(evidence, { severity: 3 }).level

describe('S0-14.5b: the level of weather over a site', () => {
  test.each([
    ['red alone, where the site speaks for its city', { sites: 12 }, 'IV'],
    ['red alone at one of the others', {}, null],
    ['orange alone', { severity: 'severe' as const, sites: 12 }, null],
    ['orange over an open leak', { severity: 'severe' as const, openLeaks: 1 }, 'III'],
    ['yellow over an open leak', { severity: 'moderate' as const, openLeaks: 1 }, 'IV'],
    ['blue over an open leak', { severity: 'minor' as const, openLeaks: 1 }, null],
    ['red over three open leaks', { openLeaks: 3 }, 'II'],
  ])('%s', (_, values, expected) => {
    expect(level(alert(values))).toBe(expected)
  })

  test('it says what it stands on, with its clause, and that the data are thin', () => {
    const { hardRules, dataState } = assessed([alert({ openLeaks: 4 })])
    expect(hardRules).toMatchObject([
      {
        rule: 'weather',
        clause: 'S0-14.5b',
        level: 'II',
        because: { phenomenon: 'rainstorm', severity: 'extreme', issuer: '嘉州市气象台', leaks: 4 },
      },
    ])
    expect(dataState).toBe('insufficient')
  })

  test('of several alerts the gravest speaks', () => {
    expect(
      assessed([alert({ severity: 'severe', openLeaks: 1 }), { ...alert({ openLeaks: 3 }), signalId: 901 }])
        .hardRules,
    ).toMatchObject([{ level: 'II', signalIds: [900, 901] }])
  })
})

test('S2-3.1.2: a reading beyond its limit is IV, far beyond it III', () => {
  expect(level(reading())).toBe('IV')
  expect(level(reading({ isGrave: true }))).toBe('III')
})

describe('S0-14.0: days that are due', () => {
  test('a day that brings its risk is shown at IV; one that only adds to others is not', () => {
    expect(level(due())).toBe('IV')
    expect(level(due({ isDirect: false }))).toBeNull()
  })

  test('a day of a calendar comes near like a milestone', () => {
    expect(
      factorValue([due({ milestone: null, title: '开学', dueOn: '2026-03-25' })], 'milestone'),
    ).toBeCloseTo(0.75, 2)
    expect(factorValue([due()], 'milestone')).toBe(0)
  })
})

test('what is in force neither fades nor needs a person to confirm it; a reading fades', () => {
  const amount = (piece: AlertEvidence | ReadingEvidence | DueEvidence) =>
    weigh(facts([piece]), policy.evidence, now)[0]?.amount
  expect(amount({ ...alert(), occurredAt: daysAgo(40) })).toBe(0.85)
  expect(amount({ ...due(), occurredAt: daysAgo(60) })).toBe(0.85)
  expect(amount({ ...reading(), occurredAt: daysAgo(30) })).toBeCloseTo(0.425, 3)
})

test('weather adds to what complaints say, and is no voice of its own', () => {
  const cases = times(3, () => complaint())
  const [without, with_] = [assessed(cases), assessed([...cases, alert({ severity: 'severe' })])]
  expect(with_.likelihood).toBeGreaterThan(without.likelihood)
  expect(with_.evidence).toMatchObject({ complaintCount: 3, familyCount: 0, mentionCount: 0 })
})

test('the warning says in a sentence what it is about although nobody has written', () => {
  const counts = {
    mentionCount: 0,
    negativeCount: 0,
    familyCount: 0,
    complaintCount: 0,
    openComplaintCount: 0,
    householdCount: 0,
  }
  const of = (...evidence: Parameters<typeof assessed>[0][number][]) =>
    summaryOf({ ...counts, hardRules: assessed(evidence).hardRules })
  expect(of(alert({ openLeaks: 4 }))).toBe(
    '暴雨红色预警（嘉州市气象台，渗漏投诉未结 4 件）；暂无舆情；暂无投诉。',
  )
  expect(of(alert({ sites: 12 }))).toBe('暴雨红色预警（嘉州市气象台，本市 12 个项目）；暂无舆情；暂无投诉。')
  expect(of(due())).toBe('合同交付：2026-03-22 到期；暂无舆情；暂无投诉。')
  expect(of(reading())).toBe('经营读数超过界限（2026-03-01）；暂无舆情；暂无投诉。')
})
