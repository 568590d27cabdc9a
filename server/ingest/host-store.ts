import { sql } from 'kysely'
import {
  type HostLedger,
  opensAfter,
  probeMs,
  type Turn,
  type TurnWanted,
} from '../../collectors/host-ledger.ts'
import type { Db } from '../db/connect.ts'

/** Quiet rows are looked for this often, by each process. */
const forgetEveryMs = 60 * 60_000

/**
 * The ledger of hosts for all processes of a database: one statement a reservation, and the database's clock, so that
 * machines whose clocks differ keep one pace.
 */
export function createHostStore(db: Db): HostLedger {
  let forgetAt = 0
  return {
    async reserve(host, wanted) {
      if (performance.now() > forgetAt) {
        forgetAt = performance.now() + forgetEveryMs
        await forgetQuiet(db)
      }
      return (await take(db, host, wanted)) ?? look(db, host, wanted)
    },
    async penalise(host, { failures, ms, outcome, reason }) {
      await sql`
        insert into host_state as known (host, free_at, failures, closed_until, outcome, reason)
        values (${host}, clock_timestamp(), ${failures}, clock_timestamp() + ${ms} * interval '1 ms', ${outcome}, ${reason})
        on conflict (host) do update set failures = greatest(known.failures, excluded.failures),
          closed_until = greatest(known.closed_until, excluded.closed_until),
          outcome = excluded.outcome, reason = excluded.reason`.execute(db)
    },
    async clear(host) {
      await db
        .updateTable('hostState')
        .set({ failures: 0, closedUntil: sql`'-infinity'`, outcome: null, reason: null })
        .where('host', '=', host)
        .execute()
    },
  }
}

/** The next turn, taken; undefined when there is none within patience. The row's lock makes the askers stand in line. */
async function take(
  db: Db,
  host: string,
  { paceMs, patienceMs, insists }: TurnWanted,
): Promise<Turn | undefined> {
  const { rows } = await sql<{ waitMs: number; failures: number }>`
    insert into host_state as known (host, free_at)
    values (${host}, clock_timestamp() + ${paceMs} * interval '1 ms')
    on conflict (host) do update set
      free_at = greatest(known.free_at, clock_timestamp()) + ${paceMs} * interval '1 ms',
      closed_until = case when known.failures >= ${opensAfter}
        then clock_timestamp() + ${probeMs} * interval '1 ms' else known.closed_until end
    where (known.closed_until <= clock_timestamp() or (${insists} and known.failures >= ${opensAfter}))
      and known.free_at <= clock_timestamp() + ${patienceMs} * interval '1 ms'
    returning failures,
      extract(epoch from known.free_at - clock_timestamp())::float8 * 1000 - ${paceMs} as wait_ms`.execute(db)
  const [turn] = rows
  return turn && { kind: 'yours', waitMs: Math.max(0, Math.round(turn.waitMs)), failures: turn.failures }
}

/** Why there was none. */
async function look(db: Db, host: string, { patienceMs }: TurnWanted): Promise<Turn> {
  const row = await db
    .selectFrom('hostState')
    .select([
      'failures',
      'outcome',
      'reason',
      milliseconds('closed_until').as('closedMs'),
      milliseconds('free_at').as('busyMs'),
    ])
    .where('host', '=', host)
    .executeTakeFirst()
  if (row?.outcome && row.closedMs > 0) {
    const { failures, outcome, reason } = row
    return { kind: 'closed', waitMs: Math.ceil(row.closedMs), failures, outcome, reason: reason ?? '' }
  }
  // Opened or freed in between: the next asker will have it.
  return { kind: 'busy', waitMs: Math.max(Math.ceil(row?.busyMs ?? 0), Math.min(patienceMs, 1_000)) }
}

const milliseconds = (column: 'closed_until' | 'free_at') =>
  sql<number>`extract(epoch from greatest(${sql.ref(column)}, clock_timestamp()) - clock_timestamp())::float8 * 1000`

/** A host without a request for a day starts anew. */
async function forgetQuiet(db: Db): Promise<void> {
  await sql`
    delete from host_state
    where greatest(free_at, closed_until) < clock_timestamp() - interval '1 day'`.execute(db)
}
