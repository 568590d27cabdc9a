import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { testDatabase } from '../support/database.ts'

const { db } = await testDatabase()

const camel = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())

/** Tables and columns as server/db/schema.ts writes them, with whether each may be null. */
function written(): Map<string, boolean> {
  const text = readFileSync(new URL('../../server/db/schema.ts', import.meta.url), 'utf8')
  const columns = new Map<string, boolean>()
  for (const [, table, body] of text.matchAll(/^interface (\w+)Table \{\n([\s\S]*?)^\}/gm)) {
    const name = `${table!.charAt(0).toLowerCase()}${table!.slice(1)}`
    for (const [, column, type] of body!.matchAll(/^ {2}(\w+):((?:.|\n {4})+)$/gm)) {
      columns.set(`${name}.${column}`, /\| null|Nullable/.test(type!))
    }
  }
  return columns
}

test('schema.ts names exactly the tables, columns and nulls of the migrated database', async () => {
  const found = await sql<{ table: string; column: string; nullable: boolean }>`
    select table_name as "table", column_name as "column", is_nullable = 'YES' as "nullable"
    from information_schema.columns where table_schema = 'public' and table_name <> 'migration'
  `.execute(db)
  const real = new Map(found.rows.map((row) => [`${camel(row.table)}.${camel(row.column)}`, row.nullable]))
  expect(Object.fromEntries([...written()].sort())).toEqual(Object.fromEntries([...real].sort()))
})

test('a foreign key that deletes look through has an index', async () => {
  const bare = await sql<{ key: string }>`
    select c.conrelid::regclass || '.' || a.attname as key
    from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
    where c.contype = 'f' and c.confdeltype = 'c' and c.connamespace = 'public'::regnamespace
      and not exists (select 1 from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1] and i.indpred is null)
    order by 1
  `.execute(db)
  expect(bare.rows.map((row) => row.key)).toEqual([])
})
