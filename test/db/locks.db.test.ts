import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { activeAdministrators } from '../../server/access/store.ts'
import { holdEngine, lockStories } from '../../server/analysis/store.ts'
import { lockDraft } from '../../server/catalogue/draft-store.ts'
import { lockMasterData } from '../../server/projects/store.ts'
import { testDatabase } from '../support/database.ts'

const { db } = await testDatabase()

test('whoever switches the catalogue holds the draft, and a batch that holds the engine still ends', async () => {
  await db.transaction().execute(async (batch) => {
    await holdEngine(batch)
    await db.transaction().execute(async (switching) => {
      await lockDraft(switching)
      // The switch waits for the engine next. What the batch needs until its end must not be what the switch holds.
      await sql`set local lock_timeout = '300ms'`.execute(batch)
      await expect(lockStories(batch)).resolves.toBeUndefined()
    })
  })
})

test('neither users nor master data wait for a batch of the analysis', async () => {
  await db.transaction().execute(async (batch) => {
    await holdEngine(batch)
    await db.transaction().execute(async (tx) => {
      await sql`set local lock_timeout = '300ms'`.execute(tx)
      await expect(activeAdministrators(tx)).resolves.toEqual([])
      await expect(lockMasterData(tx)).resolves.toBeUndefined()
    })
  })
})
