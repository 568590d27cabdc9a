import { expect, test } from 'vitest'
import { shareFor } from '../../server/lib/share-for.ts'

const at = (ms: number) => new Date(1_000_000 + ms)

test('askers within the time share one computation, later ones start anew', async () => {
  const share = shareFor<number>(1_000)
  let made = 0
  const make = async () => {
    made += 1
    return made
  }
  expect(await Promise.all([share('a', at(0), make), share('a', at(5), make)])).toEqual([1, 1])
  expect(await share('a', at(999), make)).toBe(1)
  expect(await share('b', at(999), make)).toBe(2)
  expect(await share('a', at(1_000), make)).toBe(3)
})

test('a failure is told to those who wait and then forgotten', async () => {
  const share = shareFor<number>(1_000)
  await expect(share('a', at(0), () => Promise.reject(new Error('down')))).rejects.toThrow('down')
  expect(await share('a', at(1), async () => 7)).toBe(7)
})

test('a clock set back does not keep an answer of the future', async () => {
  const share = shareFor<number>(1_000)
  await share('a', at(60_000), async () => 1)
  expect(await share('a', at(0), async () => 2)).toBe(2)
})
