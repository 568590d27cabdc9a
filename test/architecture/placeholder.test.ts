import { expect, test } from 'vitest'
import { Risk } from '../../risk-catalog/risk.ts'

test('an empty risk is refused', () => {
  expect(Risk.safeParse({}).success).toBe(false)
})
