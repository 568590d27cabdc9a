import pg from 'pg'
import { StartError } from '../lib/start-error.ts'

/** Dated, forward only, plain SQL; bundled as text so that the built server carries them. */
const files = import.meta.glob<string>('./migrations/*.sql', {
  query: '?raw',
  import: 'default',
  eager: true,
})

export const migrations: readonly { name: string; sql: string }[] = Object.entries(files)
  .map(([path, sql]) => ({ name: path.replace(/^.*\/(.+)\.sql$/, '$1'), sql }))
  .sort((a, b) => (a.name < b.name ? -1 : 1))

/**
 * Brings the schema up to date, each migration in its own transaction; several processes may call it at once.
 * Gives the names it applied.
 * @throws StartError when the database was written by a newer Weiyu
 */
export async function migrate(url: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query('select pg_advisory_lock(714000)')
    await client.query(
      'create table if not exists migration (name text primary key, applied_at timestamptz not null default now())',
    )
    const applied = new Set(
      (await client.query<{ name: string }>('select name from migration')).rows.map((row) => row.name),
    )
    const known = new Set(migrations.map((migration) => migration.name))
    const unknown = [...applied].filter((name) => !known.has(name))
    if (unknown.length > 0) {
      throw new StartError(
        `The database was written by a newer Weiyu (it has «${unknown.at(-1)}»).`,
        'Start that version or newer, or point DATABASE_URL or WEIYU_DATA at another database.',
      )
    }
    const pending = migrations.filter((migration) => !applied.has(migration.name))
    for (const { name, sql } of pending) {
      await client.query('begin')
      try {
        await client.query(sql)
        await client.query('insert into migration (name) values ($1)', [name])
        await client.query('commit')
      } catch (error) {
        await client.query('rollback')
        throw new Error(`migration ${name} failed: ${error instanceof Error ? error.message : error}`, {
          cause: error,
        })
      }
    }
    return pending.map((migration) => migration.name)
  } finally {
    await client.end()
  }
}
