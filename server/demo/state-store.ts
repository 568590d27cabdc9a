import { sql } from 'kysely'
import { z } from 'zod'
import type { Db } from '../db/connect.ts'

const KEY = 'demo'
/** A load that says nothing for so long was interrupted. */
const GIVEN_UP_MINUTES = 15

const DemoState = z.object({ state: z.enum(['running', 'done', 'failed']) })
export type DemoState = z.infer<typeof DemoState>['state'] | 'none'

/** Claims the load for the caller; false: another one runs, or there are projects that it would mix with. */
export async function claimDemo(db: Db, now: Date): Promise<boolean> {
  const claimed = await sql`
    insert into heartbeat as h (key, at, detail)
    select ${KEY}, ${now}, '{"state":"running"}' where not exists (select from project)
    on conflict (key) do update set at = excluded.at, detail = excluded.detail
    where h.detail->>'state' <> 'running' or h.at < excluded.at - make_interval(mins => ${GIVEN_UP_MINUTES})
    returning key
  `.execute(db)
  return claimed.rows.length > 0
}

export async function endDemo(db: Db, state: 'done' | 'failed', now: Date): Promise<void> {
  await db
    .updateTable('heartbeat')
    .set({ at: now, detail: JSON.stringify({ state }) })
    .where('key', '=', KEY)
    .execute()
}

export async function demoState(db: Db, now: Date): Promise<DemoState> {
  const row = await db
    .selectFrom('heartbeat')
    .select(['at', 'detail'])
    .where('key', '=', KEY)
    .executeTakeFirst()
  if (!row) return 'none'
  const { state } = DemoState.parse(row.detail)
  const isSilent = now.getTime() - row.at.getTime() > GIVEN_UP_MINUTES * 60_000
  return state === 'running' && isSilent ? 'failed' : state
}

export async function hasProjects(db: Db): Promise<boolean> {
  return (await db.selectFrom('project').select('id').limit(1).executeTakeFirst()) !== undefined
}

/** Whether a server works on this database: its steps would judge a replay by today's clock. */
export async function isServed(db: Db): Promise<boolean> {
  const found = await sql`
    select from pg_stat_activity where datname = current_database() and application_name = 'weiyu queue' limit 1
  `.execute(db)
  return found.rows.length > 0
}
