import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, inject } from 'vitest'
import { type Database, type Db, openDatabase, type Tx } from '../../server/db/connect.ts'

/**
 * A database of this test file's own, dropped at its end. Call it at the top of the file:
 * `const { db } = await testDatabase()`.
 */
export async function testDatabase(): Promise<Database> {
  const admin = inject('postgres')
  const name = `weiyu_test_${randomBytes(6).toString('hex')}`
  await onServer(admin, `create database ${name} template ${inject('template')}`)
  const address = new URL(admin)
  address.pathname = `/${name}`
  const database = openDatabase(address.href, { connections: 6 })
  afterAll(async () => {
    await database.close()
    await onServer(admin, `drop database if exists ${name} with (force)`)
  })
  return database
}

/** Runs `work` in a transaction that is always rolled back: the tests of a file do not see each other's rows. */
export async function rolledBack(db: Db, work: (tx: Tx) => Promise<void>): Promise<void> {
  const undo = new Error('rolled back on purpose')
  try {
    await db.transaction().execute(async (tx) => {
      await work(tx)
      throw undo
    })
  } catch (error) {
    if (error !== undo) throw error
  }
}

/** Empties every table but the migrations; for tests that need commits (jobs, HTTP). The audit trail refuses, so it is kept. */
export async function emptyTables(db: Db): Promise<void> {
  const tables = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = 'public' and tablename not in ('migration', 'audit_entry')
  `.execute(db)
  await sql`truncate ${sql.join(tables.rows.map((table) => sql.table(table.name)))} restart identity cascade`.execute(
    db,
  )
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
