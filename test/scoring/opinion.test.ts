import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assess } from '../../server/scoring/assess.ts'
import type { Evidence } from '../../server/scoring/facts.ts'
import { rankOf } from '../../server/scoring/level.ts'
import { complaint, daysAgo, facts, mention, now, policy, times } from './build.ts'

const opinion = (step: -1 | 1, acceptedAt = now) => ({
  step,
  proposalId: 7,
  acceptedBy: '组长',
  acceptedAt,
})
const levelWith = (evidence: readonly Evidence[], given?: ReturnType<typeof opinion>) =>
  assess({ ...facts(evidence), opinion: given }, policy, now)

/** Enough voices for a level between the ends of the scale, and no hard rule. */
const middling = [...times(2, () => complaint()), ...times(2, () => mention({ strength: 0.6 }))]

describe('an accepted opinion', () => {
  test('moves the level of the matrix by one step, and stands in the assessment with its clause', () => {
    const without = levelWith(middling)
    expect([without.level, without.hardRules, without.opinion]).toEqual(['III', [], null])
    const graver = levelWith(middling, opinion(1))
    expect([graver.level, graver.opinion]).toEqual([
      'II',
      {
        step: 1,
        clause: policy.opinion.clause,
        proposalId: 7,
        acceptedBy: '组长',
        acceptedAt: now.toISOString(),
        from: 'III',
        to: 'II',
      },
    ])
    expect(levelWith(middling, opinion(-1)).level).toBe('IV')
  })

  test('leaves likelihood, impact and every factor as they are', () => {
    const { level: _, opinion: __, ...without } = levelWith(middling)
    const { level: ___, opinion: ____, ...moved } = levelWith(middling, opinion(1))
    expect(moved).toEqual(without)
  })

  test('ends after its days', () => {
    expect(levelWith(middling, opinion(1, daysAgo(policy.opinion.validDays))).level).toBe('II')
    const ended = levelWith(middling, opinion(1, daysAgo(policy.opinion.validDays + 1)))
    expect([ended.level, ended.opinion]).toEqual(['III', null])
  })

  test('raises nothing out of no evidence, and lowers nothing below IV', () => {
    expect(levelWith([], opinion(1)).level).toBeNull()
    const slight = times(3, () => complaint({ state: 'proposed' }))
    expect(levelWith(slight).level).toBe('IV')
    expect(levelWith(slight, opinion(-1)).level).toBe('IV')
  })

  test('is held at IV like everything else while there is too little evidence', () => {
    const thin = [complaint({ claimYuan: 20_000_000, households: 9, isGroupLitigation: false })]
    const alone = levelWith(thin, opinion(1))
    expect(alone.dataState).toBe('insufficient')
    expect(rankOf(alone.level)).toBeLessThanOrEqual(rankOf('IV'))
  })

  test('S0-3.1a, S0-3.1b, S2-2.3.3: never lowers what a hard rule demands', () => {
    for (const evidence of [
      [complaint({ grade: 1 })],
      [complaint({ households: 10 })],
      [mention({ isRedLine: true })],
      [mention({ tier: 'central' }), complaint()],
      [...middling, complaint({ households: 12 })],
    ]) {
      const without = levelWith(evidence)
      expect(without.hardRules.length).toBeGreaterThan(0)
      expect(levelWith(evidence, opinion(-1)).level).toBe(without.level)
    }
  })
})

test('whatever the evidence, an opinion moves the level by one step at most, its own way, and never past a hard rule', () => {
  const piece = fc.oneof(
    fc
      .record({ grade: fc.constantFrom(1, 2, 3, 4), households: fc.integer({ min: 0, max: 15 }) })
      .map(complaint),
    fc
      .record({
        isRedLine: fc.boolean(),
        strength: fc.double({ min: 0, max: 1, noNaN: true }),
        tier: fc.constantFrom('central', 'local', 'forum'),
        polarity: fc.constantFrom('negative', 'neutral', 'positive'),
      })
      .map(mention),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), fc.constantFrom(-1, 1), (evidence, step) => {
      const without = levelWith(evidence)
      const moved = levelWith(evidence, opinion(step))
      const by = rankOf(moved.level) - rankOf(without.level)
      expect(Math.abs(by)).toBeLessThanOrEqual(1)
      expect(by * step).toBeGreaterThanOrEqual(0)
      if (without.level === null) expect(moved.level).toBeNull()
      else expect(moved.level).not.toBeNull()
      for (const rule of without.hardRules)
        expect(rankOf(moved.level)).toBeGreaterThanOrEqual(rankOf(rule.level))
    }),
    { numRuns: 500, seed: 20261126 },
  )
})
