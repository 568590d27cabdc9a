import { setTimeout as sleep } from 'node:timers/promises'
import { createTask, type ScheduledTask, schedule, setLogger } from 'node-cron'
import { isPushed } from '../../collectors/index.ts'
import type { Db } from '../db/connect.ts'
import { log } from '../lib/log.ts'
import type { Jobs } from './jobs.ts'
import { beat, markSourcesDue, scheduledSources, takeLease } from './schedule-store.ts'

const TIMEZONE = 'Asia/Shanghai'

/** One thing that runs by the clock. `key` is its name in the lease and heartbeat tables. */
export interface PeriodicTask {
  key: string
  /** Cron, in Asia/Shanghai. */
  cron: string
  run: (now: Date) => Promise<Readonly<Record<string, unknown>> | undefined>
}

setLogger({
  info: (message) => log.debug(message),
  debug: (message) => log.debug(message),
  warn: (message) => log.warn(message),
  error: (message, error) => log.error({ err: error ?? message }, 'the schedule failed'),
})

/** A stop waits so long for what is under way; the rest is cut off where it is, and done at the next start. */
const GRACE_MS = 5_000

/** Starts the clock; every tick runs in one process only, whichever takes its lease first. Gives the stop. */
export function startSchedule(db: Db, tasks: readonly PeriodicTask[]): () => Promise<void> {
  let isStopped = false
  const underWay = new Set<Promise<void>>()
  const runOnce = async (task: PeriodicTask) => {
    const now = new Date()
    try {
      const detail = await task.run(now)
      await beat(db, task.key, now, detail ?? {})
    } catch (error) {
      // Its database is gone: no fault, and nothing of a broken transaction stays.
      if (isStopped) log.info({ err: error, task: task.key }, 'a periodic task was cut off by the stop')
      else log.error({ err: error, task: task.key }, 'a periodic task failed; it runs again at its next time')
    }
  }
  const running = tasks.map((task) =>
    schedule(
      task.cron,
      () => {
        const run = runOnce(task).finally(() => underWay.delete(run))
        underWay.add(run)
        return run
      },
      {
        name: task.key,
        timezone: TIMEZONE,
        noOverlap: true,
        distributed: true,
        runCoordinator: { shouldRun: (key, leaseMs) => takeLease(db, key, leaseMs) },
        suppressMissedWarning: true,
      },
    ),
  )
  return async () => {
    isStopped = true
    for (const task of running) await task.destroy()
    await Promise.race([Promise.all(underWay), sleep(GRACE_MS, undefined, { ref: false })])
  }
}

/** Queues every active source whose cron matches this minute. */
export function sourceTicker(db: Db, jobs: Jobs): PeriodicTask {
  // Few schedules serve many sources; a task that is never started only answers `match`.
  const matchers = new Map<string, ScheduledTask>()
  const matches = (cron: string, at: Date) => {
    let matcher = matchers.get(cron)
    if (!matcher) {
      matcher = createTask(cron, () => undefined, { timezone: TIMEZONE })
      matchers.set(cron, matcher)
    }
    return matcher.match(at)
  }
  return {
    key: 'sources-due',
    cron: '* * * * *',
    run: async (now) => {
      const minute = new Date(Math.floor(now.getTime() / 60_000) * 60_000)
      const due = (await scheduledSources(db)).filter(
        (source) => !isPushed(source.kind) && matches(source.schedule, minute),
      )
      await markSourcesDue(
        db,
        due.map((source) => source.id),
        minute,
      )
      for (const source of due) await jobs.collect(source.id)
      return { due: due.length }
    },
  }
}
