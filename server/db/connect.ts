import { CamelCasePlugin, Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'
import { log } from '../lib/log.ts'
import { StartError } from '../lib/start-error.ts'
import type { Schema } from './schema.ts'

export type Db = Kysely<Schema>
export type Tx = Transaction<Schema>

// Counts and bigints come back as strings unless told otherwise; ours stay far below 2^53. Days stay text (YYYY-MM-DD):
// a Date would carry a time zone that a calendar day does not have.
const types = new pg.TypeOverrides()
types.setTypeParser(20, Number)
types.setTypeParser(1700, Number)
types.setTypeParser(1082, (day: string) => day)

export interface Database {
  db: Db
  url: string
  close(): Promise<void>
}

/** Opens a pool on the database; the same for the embedded and the production one. */
export function openDatabase(url: string, options: { connections?: number; name?: string } = {}): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.connections ?? 12,
    application_name: options.name ?? 'weiyu',
    types,
    connectionTimeoutMillis: 10_000,
  })
  // Without a listener a stopping server would end this process.
  pool.on('error', (error) => log.warn({ err: error }, 'a database connection was lost'))
  const db = new Kysely<Schema>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  })
  return { db, url, close: () => db.destroy() }
}

/** A connection that works and a server new enough, or one clear line without the password. */
export async function checkDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {})
  const where = withoutPassword(url)
  try {
    await client.connect()
    const answer = await client.query<{ version: number; encoding: string }>(
      `select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding`,
    )
    const server = answer.rows[0]
    if (!server || server.version < 150_000) {
      throw new StartError(
        `The database at ${where} is older than PostgreSQL 15.`,
        'Upgrade it, or leave DATABASE_URL out to use the embedded one.',
      )
    }
    if (server.encoding !== 'UTF8')
      throw new StartError(`The database at ${where} is not in UTF-8.`, 'Create it with encoding UTF8.')
  } catch (error) {
    if (error instanceof StartError) throw error
    const reason =
      error instanceof Error ? error.message || String((error as NodeJS.ErrnoException).code) : String(error)
    throw new StartError(
      `The database at ${where} cannot be used: ${reason}.`,
      'Check DATABASE_URL and that the server runs.',
    )
  } finally {
    await client.end().catch(() => {})
  }
}

function withoutPassword(url: string): string {
  try {
    const parsed = new URL(url)
    return `${parsed.hostname}${parsed.port ? `:${parsed.port}` : ''}${parsed.pathname}`
  } catch {
    return 'DATABASE_URL'
  }
}
