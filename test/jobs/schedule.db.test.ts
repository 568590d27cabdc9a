import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { startSchedule } from '../../server/jobs/schedule.ts'
import { testDatabase } from '../support/database.ts'

const { db } = await testDatabase()

test('a stop waits for the task that is under way, and its beat is written', async () => {
  const said: string[] = []
  let release = () => {}
  const held = new Promise<void>((done) => {
    release = done
  })
  const stop = startSchedule(db, [
    {
      key: 'slow',
      cron: '* * * * * *',
      run: async () => {
        said.push('begun')
        await held
        said.push('ended')
        return { found: 1 }
      },
    },
  ])
  await vi.waitFor(() => expect(said).toEqual(['begun']), { timeout: 10_000, interval: 10 })
  const stopped = stop().then(() => said.push('stopped'))
  // A stop that did not wait would be through long before this; a slow machine only makes it easier to pass.
  await sleep(100)
  expect(said).toEqual(['begun'])
  release()
  await stopped
  expect(said).toEqual(['begun', 'ended', 'stopped'])
  expect(await db.selectFrom('heartbeat').select(['key', 'detail']).execute()).toEqual([
    { key: 'slow', detail: { found: 1 } },
  ])
})
