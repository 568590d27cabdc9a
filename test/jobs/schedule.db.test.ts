import { expect, test, vi } from 'vitest'
import { startSchedule } from '../../server/jobs/schedule.ts'
import { testDatabase } from '../support/database.ts'

const { db } = await testDatabase()

test('a stop waits for the task that is under way, and its beat is written', async () => {
  const said: string[] = []
  const stop = startSchedule(db, [
    {
      key: 'slow',
      cron: '* * * * * *',
      run: async () => {
        said.push('begun')
        await new Promise((done) => setTimeout(done, 800))
        said.push('ended')
        return { found: 1 }
      },
    },
  ])
  await vi.waitFor(() => expect(said).toEqual(['begun']), { timeout: 10_000, interval: 10 })
  await stop()
  expect(said).toEqual(['begun', 'ended'])
  expect(await db.selectFrom('heartbeat').select(['key', 'detail']).execute()).toEqual([
    { key: 'slow', detail: { found: 1 } },
  ])
})
