// What is done about the health of sources by the clock: judging them all, the daily heartbeat, the retention of runs.
import type { Db } from '../db/connect.ts'
import { inTransaction } from '../db/in-transaction.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { currentPolicy } from '../policy/store.ts'
import {
  forgiveSilence,
  judgeSources,
  lastBeat,
  pruneRuns,
  readHabits,
  writeHeartbeat,
} from './health-store.ts'
import { heartbeatPeriod } from './heartbeat.ts'

/**
 * Judges every source and reads the habits of those that brought something: by the minute, because silence and what does not
 * run at all say nothing by themselves. When nobody judged for long the house was down, and silence begins anew.
 */
export async function judgeAll(
  db: Db,
  jobs: Pick<Jobs, 'wake' | 'announce'>,
  now: Date,
): Promise<{ changed: number; habits: number }> {
  const { policy } = await currentPolicy(db, now)
  const { collecting } = policy
  const last = await lastBeat(db, 'sources-judged')
  if (!last || now.getTime() - last.getTime() > collecting.overdueAfterMinutes * 60_000)
    await forgiveSilence(db, now)
  const habits = await readHabits(db, collecting, now)
  const { changed, marksCells } = await inTransaction(db, (tx) => judgeSources(tx, collecting, now))
  if (marksCells) await jobs.wake('scoring')
  if (changed > 0) await jobs.announce({ topic: 'source', projectIds: [] })
  return { changed, habits }
}

/** Writes the heartbeat of the day once its hour has come, and not twice. */
export async function beatDaily(db: Db, jobs: Pick<Jobs, 'announce'>, now: Date): Promise<boolean> {
  const { policy } = await currentPolicy(db, now)
  const written = await inTransaction(db, (tx) => writeHeartbeat(tx, heartbeatPeriod(now, policy.collecting)))
  if (written) await jobs.announce({ topic: 'source', projectIds: [] })
  return written
}

/** Retention of runs; what charts and habits need of them is in their sums. */
export async function forgetOldRuns(db: Db, now: Date): Promise<number> {
  const { policy } = await currentPolicy(db, now)
  return pruneRuns(db, policy.collecting, now)
}
