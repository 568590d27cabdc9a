import { expect, test, vi } from 'vitest'
import { startQueue } from '../../server/jobs/queue.ts'
import { takeLease } from '../../server/jobs/schedule-store.ts'
import { testDatabase } from '../support/database.ts'

const { db, url } = await testDatabase()

test('a step that did something wakes the next; one that had nothing does not', async () => {
  const ran: string[] = []
  const queue = await startQueue(url, db, {
    steps: {
      analysis: async () => ran.push('analysis') > 0,
      scoring: async () => ran.push('scoring') < 0,
      warnings: async () => ran.push('warnings') > 0,
      trials: async () => false,
    },
    collect: async () => ({}),
    assist: async () => {},
  })
  try {
    await queue.jobs.wake('analysis')
    await vi.waitFor(() => expect(ran).toEqual(['analysis', 'scoring']), { timeout: 10_000 })
  } finally {
    await queue.stop(1_000)
  }
  expect(ran).toEqual(['analysis', 'scoring'])
})

test('many wakes during a run are one more run, and a source is never collected twice at once', async () => {
  let runs = 0
  let release = () => {}
  const held = new Promise<void>((done) => {
    release = done
  })
  const collecting = new Map<number, number>()
  let most = 0
  const queue = await startQueue(url, db, {
    steps: {
      analysis: async () => {
        runs += 1
        if (runs === 1) await held
        return false
      },
      scoring: async () => false,
      warnings: async () => false,
      trials: async () => false,
    },
    assist: async () => {},
    collect: async (sourceId) => {
      collecting.set(sourceId, (collecting.get(sourceId) ?? 0) + 1)
      most = Math.max(most, collecting.get(sourceId) ?? 0)
      await held
      collecting.set(sourceId, (collecting.get(sourceId) ?? 0) - 1)
      return {}
    },
  })
  try {
    await queue.jobs.wake('analysis')
    await vi.waitFor(() => expect(runs).toBe(1), { timeout: 10_000 })
    await Promise.all(Array.from({ length: 10 }, () => queue.jobs.wake('analysis')))
    await Promise.all([queue.jobs.collect(7), queue.jobs.collect(7), queue.jobs.collect(8)])
    await vi.waitFor(() => expect([...collecting.keys()].sort()).toEqual([7, 8]), { timeout: 10_000 })
    release()
    await vi.waitFor(() => expect(runs).toBe(2), { timeout: 10_000 })
  } finally {
    release()
    await queue.stop(2_000)
  }
  expect(runs).toBe(2)
  expect(most).toBe(1)
})

test('a source that was put off is collected again a little later, once', { timeout: 40_000 }, async () => {
  const times: number[] = []
  const nothing = async () => false
  const queue = await startQueue(url, db, {
    steps: { analysis: nothing, scoring: nothing, warnings: nothing, trials: nothing },
    assist: async () => {},
    collect: async () => (times.push(performance.now()) === 1 ? { putOffMs: 1_000 } : {}),
  })
  try {
    await queue.jobs.collect(9)
    await vi.waitFor(() => expect(times).toHaveLength(2), { timeout: 30_000, interval: 200 })
    // It is one job at a time as before: nothing is left over.
    await queue.jobs.collect(9)
    await vi.waitFor(() => expect(times).toHaveLength(3), { timeout: 10_000, interval: 200 })
  } finally {
    await queue.stop(1_000)
  }
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(900)
})

test('of many processes that ask for one tick, one gets it', async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, () => takeLease(db, 'tick', 60_000)))
  expect(answers.filter(Boolean)).toHaveLength(1)
})
