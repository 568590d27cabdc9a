import { describe, expect, test } from 'vitest'
import { createHostLedger, longestMs, opensAfter, pauseAfter } from '../../collectors/host-ledger.ts'
import { ledgerPromises } from '../support/host-ledger.ts'

describe('the ledger of one process', () => {
  let clock = 1_000
  ledgerPromises(
    () => {
      const ledger = createHostLedger(() => clock)
      return [ledger, ledger]
    },
    async (ms) => {
      clock += ms
    },
  )
})

test('the pause doubles with each failure after the circuit opened, up to a quarter of an hour', () => {
  const pauses = Array.from({ length: 10 }, (_, failures) => pauseAfter(failures, undefined, 1))
  expect(pauses.slice(0, opensAfter)).toEqual([0, 0, 0])
  expect(pauses.slice(opensAfter)).toEqual([60_000, 120_000, 240_000, 480_000, 900_000, 900_000, 900_000])
  // Between half and all of it.
  expect(pauseAfter(opensAfter, undefined, 0)).toBe(30_000)
})

test('Retry-After is kept when it is longer, and years are a day', () => {
  expect(pauseAfter(1, 7_000, 0.5)).toBe(7_000)
  expect(pauseAfter(opensAfter, 7_000, 1)).toBe(60_000)
  expect(pauseAfter(1, 1e15, 0.5)).toBe(longestMs)
})

test('hosts that were seen once are forgotten', () => {
  let clock = 0
  const ledger = createHostLedger(() => clock)
  const wanted = { paceMs: 1_000, patienceMs: 0, insists: false }
  const before = process.memoryUsage().heapUsed
  for (let at = 0; at < 1_000_000; at++) {
    clock += 100
    void ledger.reserve(`host-${at}.example`, wanted)
  }
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(120e6)
})
