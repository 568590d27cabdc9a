import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assess } from '../../server/scoring/assess.ts'
import { heatOf } from '../../server/scoring/heat.ts'
import { rankOf, shownLevel } from '../../server/scoring/level.ts'
import { weigh } from '../../server/scoring/signal.ts'
import { assessed, complaint, daysAgo, factorValue, facts, mention, now, policy, times } from './build.ts'

describe('S2-2.3.2: what a piece of evidence still counts', () => {
  const amountOf = (piece: ReturnType<typeof mention> | ReturnType<typeof complaint>) =>
    weigh(facts([piece]), policy.evidence, now)[0]?.amount ?? 0

  test.each([
    ['a proposed link counts 0.7', mention({ strength: 1 }), 0.7],
    ['a confirmed link counts whole', mention({ strength: 1, state: 'confirmed' }), 1],
    ['a rejected link counts nothing', mention({ state: 'rejected' }), 0],
    ['learning evidence counts nothing', mention({ isLearning: true }), 0],
    ['a text of half-life age counts half', mention({ strength: 0.8, occurredAt: daysAgo(7) }), 0.28],
    ['an open complaint fades more slowly', complaint({ strength: 1, occurredAt: daysAgo(30) }), 0.35],
    [
      'a closed complaint fades like a text',
      complaint({ strength: 1, isOpen: false, occurredAt: daysAgo(7) }),
      0.35,
    ],
    ['an invalid complaint counts nothing', complaint({ isInvalid: true }), 0],
    ['a text outside the window counts nothing', mention({ occurredAt: daysAgo(91) }), 0],
    ['a neutral text counts less', mention({ strength: 1, polarity: 'neutral' }), 0.42],
    ['praise counts next to nothing', mention({ strength: 1, polarity: 'positive' }), 0.07],
    ['a text dated ahead counts like one of now', mention({ strength: 1, occurredAt: daysAgo(-3) }), 0.7],
  ])('%s', (_, piece, amount) => {
    expect(amountOf(piece)).toBeCloseTo(amount, 10)
  })

  test('an open complaint counts even when it is older than the window', () => {
    expect(amountOf(complaint({ occurredAt: daysAgo(120) }))).toBeGreaterThan(0)
  })
})

describe('S2-2.3.3: heat', () => {
  test('the worked example of the file holds', () => {
    const evidence = [
      mention({ family: 'a', tier: 'portal', occurredAt: now }),
      mention({ family: 'b', tier: 'local', occurredAt: now }),
      mention({ family: 'b', tier: 'local', occurredAt: daysAgo(0.2) }),
      mention({ family: 'b', tier: 'local', occurredAt: daysAgo(0.2) }),
      mention({ family: 'b', tier: 'local', occurredAt: daysAgo(4) }),
    ]
    const heat = heatOf(weigh(facts(evidence), policy.evidence, now), policy.heat, now)
    expect(heat).toMatchObject({ families: 2, momentum: 0.375, persistence: 0.25 })
    expect(heat.breadth).toBeCloseTo(0.379, 3)
    expect(heat.heat).toBeCloseTo(0.352, 3)
  })

  test('ten texts of one family are less broad than three of three', () => {
    const one = times(10, () => mention({ family: 'same' }))
    const three = times(3, () => mention())
    const breadth = (evidence: typeof one) =>
      heatOf(weigh(facts(evidence), policy.evidence, now), policy.heat, now).breadth
    expect(breadth(one)).toBeLessThan(breadth(three))
  })

  test('the second text of a quiet week is no spike', () => {
    const heat = heatOf(weigh(facts(times(2, () => mention())), policy.evidence, now), policy.heat, now)
    expect(heat.momentum).toBe(0)
  })
})

describe('S2-3.2.1: likelihood', () => {
  test('the worked example of the file holds', () => {
    const three = times(3, () => complaint({ state: 'confirmed', strength: 0.9 }))
    expect(factorValue(three, 'strength')).toBeCloseTo(0.491, 3)
    expect(factorValue(three, 'complainants')).toBeCloseTo(0.578, 3)
    expect(factorValue(three, 'growth')).toBeCloseTo(0.5, 3)
    expect(assessed(three).likelihood).toBeCloseTo(0.27, 2)
  })

  test('fifty reposts within one family and story have the strength of one', () => {
    const reposts = times(50, () => mention({ family: 'a', story: 's' }))
    expect(factorValue(reposts, 'strength')).toBe(factorValue(reposts.slice(0, 1), 'strength'))
  })

  test('the same person complaining five times is one complainant', () => {
    expect(
      factorValue(
        times(5, () => complaint({ people: ['same'] })),
        'complainants',
      ),
    ).toBe(factorValue([complaint({ people: ['same'] })], 'complainants'))
  })

  test('media alone or the ledger alone does not corroborate; both do', () => {
    expect(
      factorValue(
        times(5, () => mention()),
        'corroboration',
      ),
    ).toBe(0)
    expect(
      factorValue(
        times(5, () => complaint()),
        'corroboration',
      ),
    ).toBe(0)
    expect(factorValue([mention(), complaint()], 'corroboration')).toBeGreaterThan(0.2)
  })

  test('one negative text is not a share of 100 %', () => {
    expect(factorValue([mention()], 'negativeShare')).toBeCloseTo(0.25, 3)
  })

  test('complaints that only keep their pace do not grow', () => {
    const steady = [
      ...times(4, () => complaint({ occurredAt: daysAgo(3) })),
      ...times(4, () => complaint({ occurredAt: daysAgo(20) })),
    ]
    expect(factorValue(steady, 'growth')).toBe(0)
  })

  test.each([
    ['30 days ahead', 'delivery', '2026-04-10', 0.48, 0.5],
    ['15 days overdue', 'delivery', '2026-02-24', 0.5, 0.54],
    ['a year ahead', 'delivery', '2027-03-10', 0, 0],
    ['that brings another risk', 'school-opening', '2026-03-15', 0, 0],
  ])('a milestone %s counts by its nearness', (_, kind, plannedOn, from, to) => {
    const value = factorValue([complaint()], 'milestone', { milestones: [{ kind, plannedOn }] })
    expect(value).toBeGreaterThanOrEqual(from)
    expect(value).toBeLessThanOrEqual(to)
  })
})

describe('S2-3.2.2: impact by image, customers, money and law', () => {
  test('the worked example of the file holds', () => {
    const evidence = [mention({ tier: 'local' }), ...times(5, () => complaint())]
    expect(assessed(evidence).impact).toBeCloseTo(0.505, 3)
  })

  test.each([
    ['severity 1 of the catalogue', [complaint()], 'severity', { severity: 1 }, 0],
    ['severity 5 of the catalogue', [complaint()], 'severity', { severity: 5 }, 1],
    ['a central medium', [mention({ tier: 'central' })], 'media', {}, 1],
    ['praise in a central medium', [mention({ tier: 'central', polarity: 'positive' })], 'media', {}, 0],
    ['fifty households', [complaint({ households: 50 })], 'households', {}, 1],
    ['households of closed cases', [complaint({ households: 50, isOpen: false })], 'households', {}, 0],
    ['a project of unknown size', [complaint()], 'projectSize', { households: null }, 0],
    ['a project of 3,000 households', [complaint()], 'projectSize', { households: 3000 }, 1],
    ['twelve open cases', times(12, () => complaint()), 'openComplaints', {}, 1],
    ['six repeats after handling', [complaint({ repeatsAfterHandling: 6 })], 'repeats', {}, 1],
    ['seven cases of one cluster', times(7, () => complaint({ cluster: 'c' })), 'repeats', {}, 1],
    ['a claim below the first limit', [complaint({ claimYuan: 9_000 })], 'claim', {}, 0],
    ['claims of ten million in all', times(2, () => complaint({ claimYuan: 5_000_000 })), 'claim', {}, 1],
    ['a threat to sue', [complaint({ mayLitigate: true })], 'litigation', {}, 0.6],
    ['group litigation', [complaint({ isGroupLitigation: true })], 'litigation', {}, 1],
  ] as const)('%s', (_, evidence, factor, values, value) => {
    expect(factorValue(evidence, factor, values)).toBeCloseTo(value, 3)
  })
})

describe('hard rules: no score overrides them', () => {
  const quiet = { severity: 1, households: 10 }

  test('S0-3.1a: an open complaint of grade 1 is at least level II at once', () => {
    const { level, hardRules } = assessed([complaint({ grade: 1, strength: 0.3 })], quiet)
    expect(level).toBe('II')
    expect(hardRules).toMatchObject([{ rule: 'grade-one', clause: 'S0-3.1a' }])
  })

  test('S0-3.1a: it weighs on its main risk, and elsewhere only when a person confirmed the link', () => {
    expect(assessed([complaint({ grade: 1, isMainLink: false })], quiet).hardRules).toEqual([])
    expect(assessed([complaint({ grade: 1, isMainLink: false, state: 'confirmed' })], quiet).level).toBe('II')
  })

  test('S0-3.1a: a closed case, a rejected link or an invalid complaint fires nothing', () => {
    for (const values of [{ isOpen: false }, { state: 'rejected' }, { isInvalid: true }] as const) {
      expect(assessed([complaint({ grade: 1, ...values })], quiet).hardRules).toEqual([])
    }
  })

  test('S2-2.3.3: a negative text in a tier-1 medium on a project with open cases of the same risk is at least level II', () => {
    const { level, hardRules } = assessed(
      [mention({ tier: 'central', strength: 0.3 }), complaint({ strength: 0.2 })],
      quiet,
    )
    expect(level).toBe('II')
    expect(hardRules).toMatchObject([{ rule: 'tier-one' }])
  })

  test.each([
    ['without an open case', [mention({ tier: 'central' })]],
    ['when the case is closed', [mention({ tier: 'central' }), complaint({ isOpen: false })]],
    ['when the text is neutral', [mention({ tier: 'central', polarity: 'neutral' }), complaint()]],
    ['in a medium of another tier', [mention({ tier: 'portal' }), complaint()]],
    ['when the text is old', [mention({ tier: 'central', occurredAt: daysAgo(31) }), complaint()]],
  ] as const)('S2-2.3.3: the tier-1 rule is silent %s', (_, evidence) => {
    expect(assessed(evidence, quiet).hardRules).toEqual([])
  })

  test.each([
    ['one case of 10 households', [complaint({ households: 10 })], 'I'],
    ['one case of 9 households', [complaint({ households: 9 })], undefined],
    ['one cluster of 10 cases', times(10, () => complaint({ cluster: 'c' })), 'I'],
    ['ten cases that nobody put together', times(10, () => complaint()), undefined],
    [
      'group litigation of 4 and 6',
      [
        complaint({ households: 4, isGroupLitigation: true }),
        complaint({ households: 6, isGroupLitigation: true }),
      ],
      'I',
    ],
    ['a closed case of 10 households', [complaint({ households: 10, isOpen: false })], undefined],
  ] as const)('S0-3.1b: %s', (_, evidence, level) => {
    const rule = assessed(evidence, quiet).hardRules.find((fired) => fired.rule === 'group-action')
    expect(rule?.level).toBe(level)
    if (rule) expect(rule.clause).toBe('S0-3.1b')
  })

  test.each([
    ['one text warns at level II', [mention({ isRedLine: true })], 'II'],
    ['confirmed by a person it is level I', [mention({ isRedLine: true, state: 'confirmed' })], 'I'],
    [
      'written by a second family it is level I',
      [mention({ isRedLine: true }), mention({ isRedLine: true })],
      'I',
    ],
    [
      'repeated by the same family it stays at level II',
      times(3, () => mention({ isRedLine: true, family: 'a' })),
      'II',
    ],
    [
      'seconded by a complaint it is level I',
      [mention({ isRedLine: true }), complaint({ isRedLine: true })],
      'I',
    ],
    ['praised it crosses no line', [mention({ isRedLine: true, polarity: 'positive' })], undefined],
    ['after a month it is history', [mention({ isRedLine: true, occurredAt: daysAgo(31) })], undefined],
  ] as const)('S2-2.3.3, red line: %s', (_, evidence, level) => {
    expect(assessed(evidence, quiet).hardRules.find((fired) => fired.rule === 'red-line')?.level).toBe(level)
  })
})

describe('S2-3.2.3: the level', () => {
  test('noise raises nothing', () => {
    expect(assessed([mention({ strength: 0.3, polarity: 'neutral' })], { severity: 5 }).level).toBeNull()
    expect(assessed([], { severity: 5 }).level).toBeNull()
  })

  test('a single signal, however strong, is insufficient data and never above level IV', () => {
    const { level, dataState } = assessed([mention({ strength: 1, state: 'confirmed', tier: 'central' })], {
      severity: 5,
      households: 3000,
    })
    expect(dataState).toBe('insufficient')
    expect(rankOf(level)).toBeLessThanOrEqual(rankOf('IV'))
  })

  test('many families and many open cases of a grave risk reach level I without any hard rule', () => {
    const evidence = [
      ...times(8, (at) => mention({ tier: 'portal', state: 'confirmed', occurredAt: daysAgo(at / 10) })),
      ...times(12, (at) =>
        complaint({
          state: 'confirmed',
          mayLitigate: true,
          households: 2,
          claimYuan: 200_000,
          occurredAt: daysAgo(at),
        }),
      ),
    ]
    const { level, hardRules } = assessed(evidence, { severity: 5, households: 2000 })
    expect(hardRules).toEqual([])
    expect(level).toBe('I')
  })

  test('it is raised at once', () => {
    expect(shownLevel({ level: 'III', lowerSince: null }, 'I', policy.hold, now)).toEqual({
      level: 'I',
      lowerSince: null,
    })
  })

  test('it is lowered only after its hold time, counted from the first lower computation', () => {
    const first = shownLevel({ level: 'II', lowerSince: null }, 'IV', policy.hold, daysAgo(2))
    expect(first).toEqual({ level: 'II', lowerSince: daysAgo(2) })
    expect(shownLevel(first, 'IV', policy.hold, daysAgo(0.1)).level).toBe('II')
    expect(shownLevel(first, 'IV', policy.hold, now)).toEqual({ level: 'IV', lowerSince: null })
  })

  test('a rise within the hold time starts the hold anew', () => {
    const held = { level: 'II' as const, lowerSince: daysAgo(1) }
    expect(shownLevel(held, 'II', policy.hold, now)).toEqual({ level: 'II', lowerSince: null })
  })
})

describe('properties', () => {
  const link = {
    strength: fc.double({ min: 0, max: 1, noNaN: true }),
    state: fc.constantFrom('proposed' as const, 'confirmed' as const),
    isRedLine: fc.boolean(),
    occurredAt: fc.integer({ min: 0, max: 60 }).map(daysAgo),
  }
  const anyMention = fc
    .record({
      ...link,
      polarity: fc.constantFrom('negative' as const, 'neutral' as const, 'positive' as const),
      tier: fc.constantFrom('central' as const, 'portal' as const, 'local' as const, 'forum' as const),
      family: fc.constantFrom('a', 'b', 'c', 'd'),
      story: fc.constantFrom('s', 't', 'u'),
    })
    .map(mention)
  const anyComplaint = fc
    .record({
      ...link,
      isOpen: fc.boolean(),
      grade: fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const),
      people: fc.constantFrom(['p'], ['q'], ['r', 's']),
      households: fc.integer({ min: 1, max: 12 }),
      cluster: fc.constantFrom(null, 'x', 'y'),
      mayLitigate: fc.boolean(),
      claimYuan: fc.integer({ min: 0, max: 1_000_000 }),
    })
    .map(complaint)
  const someEvidence = fc.array(fc.oneof(anyMention, anyComplaint), { maxLength: 15 })
  const severity = fc.integer({ min: 1, max: 5 })

  test('more adverse evidence of today never lowers likelihood, impact or level', () => {
    const adverse = fc.oneof(
      anyMention.map((piece) => ({ ...piece, polarity: 'negative' as const, occurredAt: now })),
      anyComplaint.map((piece) => ({ ...piece, isOpen: true, occurredAt: now })),
    )
    fc.assert(
      fc.property(someEvidence, adverse, severity, (evidence, more, grave) => {
        const before = assessed(evidence, { severity: grave })
        const after = assessed([...evidence, more], { severity: grave })
        expect(after.likelihood).toBeGreaterThanOrEqual(before.likelihood - 1e-9)
        expect(after.impact).toBeGreaterThanOrEqual(before.impact - 1e-9)
        expect(rankOf(after.level)).toBeGreaterThanOrEqual(rankOf(before.level))
      }),
      { numRuns: 500 },
    )
  })

  test('the order of the evidence does not matter', () => {
    fc.assert(
      fc.property(someEvidence, fc.nat(), severity, (evidence, turn, grave) => {
        const at = evidence.length === 0 ? 0 : turn % evidence.length
        const turned = [...evidence.slice(at), ...evidence.slice(0, at)].reverse()
        const values = { severity: grave }
        expect(assess(facts(turned, values), policy, now)).toEqual(
          assess(facts(evidence, values), policy, now),
        )
      }),
    )
  })

  test('every number lies within 0–1 and the contributions add up to their side', () => {
    fc.assert(
      fc.property(someEvidence, severity, (evidence, grave) => {
        const result = assessed(evidence, { severity: grave })
        for (const factor of result.factors) {
          expect(factor.value).toBeGreaterThanOrEqual(0)
          expect(factor.value).toBeLessThanOrEqual(1)
        }
        for (const side of ['likelihood', 'impact'] as const) {
          const sum = result.factors
            .filter((factor) => factor.side === side)
            .reduce((all, factor) => all + factor.contribution, 0)
          expect(result[side]).toBeCloseTo(sum, 4)
        }
      }),
    )
  })

  test('time alone never raises a level', () => {
    fc.assert(
      fc.property(someEvidence, fc.integer({ min: 1, max: 200 }), (evidence, days) => {
        const settled = evidence.map((piece) => ({ ...piece, occurredAt: daysAgo(40) }))
        const later = new Date(now.getTime() + days * 86_400_000)
        expect(rankOf(assess(facts(settled), policy, later).level)).toBeLessThanOrEqual(
          rankOf(assessed(settled).level),
        )
      }),
    )
  })
})
