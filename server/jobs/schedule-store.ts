import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'

/** True for exactly one of the processes that ask for the same tick: the row is theirs until the lease ends. */
export async function takeLease(db: Db, key: string, leaseMs: number): Promise<boolean> {
  const taken = await sql`
    insert into schedule_lease as lease (key, until) values (${key}, now() + ${leaseMs} * interval '1 millisecond')
    on conflict (key) do update set until = excluded.until where lease.until < now()
    returning key
  `.execute(db)
  return taken.rows.length > 0
}

/** Notes that something ran, for «last checked at» on the pages: a scanner that is down must be visible. */
export async function beat(
  db: Db,
  key: string,
  at: Date,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await db
    .insertInto('heartbeat')
    .values({ key, at, detail: JSON.stringify(detail) })
    .onConflict((row) =>
      row.column('key').doUpdateSet((excluded) => ({
        at: excluded.ref('excluded.at'),
        detail: excluded.ref('excluded.detail'),
      })),
    )
    .execute()
}

/** Notes since when sources wait to be read; the start of a run ends it (trigger). What waits for long is failing. */
export async function markSourcesDue(db: Db, ids: readonly number[], at: Date): Promise<void> {
  if (ids.length === 0) return
  await db
    .updateTable('sourceHealth')
    .set({ dueSince: at })
    .where('sourceId', 'in', [...ids])
    .where('dueSince', 'is', null)
    .execute()
}

/** Sources that the clock may trigger. */
export function scheduledSources(db: Db) {
  return db
    .selectFrom('source')
    .select(['id', 'kind', 'schedule'])
    .where('state', '=', 'active')
    .orderBy('id')
    .execute()
}
