import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { firstBrokenEntry, recordAudit } from '../../server/audit/store.ts'
import { testDatabase } from '../support/database.ts'

const { db } = await testDatabase()

const write = (action: string) =>
  db
    .transaction()
    .execute((tx) => recordAudit(tx, { action, subject: { kind: 'warning', id: 1 }, detail: { n: 1 } }))

test('entries written at the same time form one chain', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, n) => write(`act.${n}`)))
  const entries = await db
    .selectFrom('auditEntry')
    .select(['id', 'previousHash', 'hash'])
    .orderBy('id')
    .execute()
  expect(entries).toHaveLength(20)
  for (const [at, entry] of entries.entries()) {
    if (at > 0) expect(entry.previousHash.equals(entries[at - 1]!.hash)).toBe(true)
  }
  expect(await firstBrokenEntry(db)).toBeNull()
})

test('an entry can be neither changed, deleted nor swept away', async () => {
  await write('act.kept')
  await expect(db.updateTable('auditEntry').set({ actor: 'somebody else' }).execute()).rejects.toThrow(
    /never changed/,
  )
  await expect(db.deleteFrom('auditEntry').execute()).rejects.toThrow(/never changed/)
  await expect(sql`truncate audit_entry`.execute(db)).rejects.toThrow(/never changed/)
})

test('a change behind the triggers is found', async () => {
  await write('act.before')
  await db.transaction().execute(async (tx) => {
    await sql`alter table audit_entry disable trigger audit_entry_frozen`.execute(tx)
    await tx
      .updateTable('auditEntry')
      .set({ detail: JSON.stringify({ n: 2 }) })
      .where('action', '=', 'act.3')
      .execute()
    await sql`alter table audit_entry enable trigger audit_entry_frozen`.execute(tx)
  })
  const changed = await db
    .selectFrom('auditEntry')
    .select('id')
    .where('action', '=', 'act.3')
    .executeTakeFirstOrThrow()
  expect(await firstBrokenEntry(db)).toBe(changed.id)
})
