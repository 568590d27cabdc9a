import { expect, test } from 'vitest'
import { defaultPolicy, Policy, readPolicy } from '../../server/policy/policy.ts'

test('the shipped numbers fit their own shape', () => {
  expect(Policy.parse(defaultPolicy)).toEqual(defaultPolicy)
})

test('S0-17: a version stored before a number existed takes it from the shipped ones and keeps its own', () => {
  const { warnings: _, ...older } = structuredClone(defaultPolicy)
  older.collecting.ageGateDays = 7
  const { overdueAfterMinutes: __, ...collecting } = older.collecting
  expect(readPolicy({ ...older, collecting })).toEqual({
    ...defaultPolicy,
    collecting: { ...defaultPolicy.collecting, ageGateDays: 7 },
  })
})

test('a number of a rule that is no more does not stop an older version', () => {
  const collecting = { ...defaultPolicy.collecting, silentAfterGaps: 4, silentAfterHours: 24 }
  expect(readPolicy({ ...defaultPolicy, collecting })).toEqual(defaultPolicy)
})

test('an unknown number is refused, so that a slip of the pen does not pass as a setting', () => {
  expect(() => readPolicy({ warnings: { coolDown: 5 } })).toThrow()
})

test('weights that do not add up to 1 are refused', () => {
  const wrong = structuredClone(defaultPolicy)
  wrong.scoring.likelihood.weights.heat += 0.1
  expect(Policy.safeParse(wrong).success).toBe(false)
})

test('limits of bands that fall are refused', () => {
  const wrong = structuredClone(defaultPolicy)
  wrong.scoring.impact.bands = [0.3, 0.2, 0.5, 0.6]
  expect(Policy.safeParse(wrong).success).toBe(false)
})

test('S2-3.2.3: no step up in likelihood or impact lowers the level of the matrix', () => {
  const order = [null, 'IV', 'III', 'II', 'I']
  const rank = (likelihood: number, impact: number) =>
    order.indexOf(defaultPolicy.scoring.matrix.levels[likelihood]?.[impact] ?? null)
  for (let likelihood = 0; likelihood < 5; likelihood += 1) {
    for (let impact = 0; impact < 5; impact += 1) {
      if (likelihood > 0)
        expect(rank(likelihood, impact)).toBeGreaterThanOrEqual(rank(likelihood - 1, impact))
      if (impact > 0) expect(rank(likelihood, impact)).toBeGreaterThanOrEqual(rank(likelihood, impact - 1))
    }
  }
})
