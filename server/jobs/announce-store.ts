import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'
import { gather } from '../lib/gather.ts'
import type { Jobs, LiveEvent } from './jobs.ts'

/** PostgreSQL channel on which every process hears what changed. */
export const LIVE_CHANNEL = 'weiyu_live'

/** PostgreSQL refuses a notification of 8,000 bytes or more. */
const MAX_PROJECTS = 1_000

/** Tells every process what happened; what is told while another telling is under way goes together in the next. */
export function createAnnouncer(db: Db): Jobs['announce'] {
  return gather(async (events: readonly LiveEvent[]) => {
    await announce(db, events)
    return events.map(() => undefined)
  })
}

/**
 * Tells every process, after the commit when `db` is a transaction; what is said twice at once is heard once. Too many
 * projects to name: everybody reads again.
 */
export async function announce(db: Db, events: readonly LiveEvent[]): Promise<void> {
  const payloads = events.map(({ projectIds, ...rest }) => {
    const isNameable = projectIds && projectIds.length <= MAX_PROJECTS
    return JSON.stringify(isNameable ? { ...rest, projectIds: [...new Set(projectIds)] } : rest)
  })
  await sql`select pg_notify(${LIVE_CHANNEL}, payload) from unnest(${payloads}::text[]) as payload`.execute(
    db,
  )
}
