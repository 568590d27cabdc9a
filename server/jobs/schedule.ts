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

/** Starts the clock; every tick runs in one process only, whichever takes its lease first. Gives the stop. */
export function startSchedule(db: Db, tasks: readonly PeriodicTask[]): () => Promise<void> {
  const running = tasks.map((task) =>
    schedule(
      task.cron,
      async () => {
        const now = new Date()
        try {
          const detail = await task.run(now)
          await beat(db, task.key, now, detail ?? {})
        } catch (error) {
          log.error({ err: error, task: task.key }, 'a periodic task failed; it runs again at its next time')
        }
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
    for (const task of running) await task.destroy()
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
