import { expect, test } from 'vitest'
import { createBurstDetector } from '../../server/analysis/burst.ts'

/** A quiet series with a daily wave and small, fixed unrest. */
const quiet = (i: number) => 50 + 10 * Math.sin((i / 288) * 2 * Math.PI) + ((i * 7919) % 13) - 6

function scores(values: readonly number[]): number[] {
  const score = createBurstDetector()
  return values.map(score)
}

test('a burst scores high once, and its repeats are held back', () => {
  const values = Array.from({ length: 2000 }, (_, i) => quiet(i) + (i >= 1500 && i < 1520 ? 400 : 0))
  const found = scores(values)
  expect(found[1500]).toBeGreaterThan(0.8)
  expect(found.slice(1501, 1780).filter((score) => score > 0.5)).toEqual([])
})

test('a higher peak within the hold is told again', () => {
  const values = Array.from({ length: 2000 }, (_, i) => quiet(i) + (i === 1500 ? 300 : i === 1510 ? 900 : 0))
  const found = scores(values)
  expect(found[1510]).toBeGreaterThan(found[1500]!)
})

test('a quiet series stays quiet', () => {
  const found = scores(Array.from({ length: 5000 }, (_, i) => quiet(i)))
  expect(Math.max(...found)).toBeLessThan(0.5)
})

test('a row is judged by the rows up to it only', () => {
  const values = Array.from({ length: 1600 }, (_, i) => quiet(i) + (i % 977 === 0 ? 200 : 0))
  expect(scores(values.slice(0, 1200))).toEqual(scores(values).slice(0, 1200))
})

test('a series that never moves, one jump in it and a value that is no number stay within bounds', () => {
  const found = scores([
    ...Array(900).fill(3),
    4,
    Number.NaN,
    3,
    Number.POSITIVE_INFINITY,
    ...Array(100).fill(3),
  ])
  for (const score of found) expect(score >= 0 && score <= 1).toBe(true)
  expect(found[900]).toBeGreaterThan(0.9)
})
