import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'
import type { LiveEvent } from './jobs.ts'

/** PostgreSQL channel on which every process hears what changed. */
export const LIVE_CHANNEL = 'weiyu_live'

/** PostgreSQL refuses a notification of 8,000 bytes or more. */
const MAX_PROJECTS = 1_000

/** Tells every process, after the commit when `db` is a transaction. Too many projects to name: everybody reads again. */
export async function announce(db: Db, event: LiveEvent): Promise<void> {
  const { projectIds, ...rest } = event
  const isNameable = projectIds && projectIds.length <= MAX_PROJECTS
  const payload = JSON.stringify(isNameable ? { ...rest, projectIds: [...new Set(projectIds)] } : rest)
  await sql`select pg_notify(${LIVE_CHANNEL}, ${payload})`.execute(db)
}
