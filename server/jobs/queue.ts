// pg-boss behind the four verbs of jobs.ts. A job is only a wake-up: the work lies in the rows, so a job that is lost
// costs a minute (the schedule wakes every step) and one that comes twice costs nothing.
import { PgBoss } from 'pg-boss'
import type { Db } from '../db/connect.ts'
import { gather } from '../lib/gather.ts'
import { log } from '../lib/log.ts'
import { createAnnouncer } from './announce-store.ts'
import { type Jobs, type Step, stepNames } from './jobs.ts'

export interface Handlers {
  /** Runs a step until nothing waits; true when it did something, so that the next step is woken. */
  steps: Readonly<Record<Step, () => Promise<boolean>>>
  /** `putOffMs`: others read the source's host; it wants to be asked again after so long. */
  collect: (
    sourceId: number,
    jobs: Jobs,
    how: { patienceMs: number; insists: boolean },
  ) => Promise<{ putOffMs?: number }>
  assist: (callId: number, jobs: Jobs) => Promise<unknown>
}

export interface Queue {
  jobs: Jobs
  /** Takes no more jobs and waits for those that run, at most `graceMs`. */
  stop(graceMs?: number): Promise<void>
}

const nextStep: Readonly<Record<Step, Step | undefined>> = {
  analysis: 'scoring',
  scoring: 'warnings',
  warnings: undefined,
  trials: undefined,
}
const COLLECT = 'collect'
/**
 * Sources read at once by one process; the pace per host is the collector's own matter. Most of a run is waiting, one that
 * waits in vain (a dead host: half a minute) must not take an eighth of all there is, and the more runs there are the more
 * of their writes go together.
 */
export const COLLECT_AT_ONCE = 48
/** Each of them asks by itself this often besides being told; what was put off is found so. */
const COLLECT_LOOKS_EVERY_SECONDS = 12
/** A worker waits no longer for other readers of a host: a hundred sources of one host would hold them all. */
const COLLECT_PATIENCE_MS = 2_000
/** Those that were put off come back spread over this long. */
const COLLECT_SPREAD_MS = 10_000
const ASSIST = 'assist'
/** Calls to the language model at once by one process; they wait for each other, and nothing waits for them. */
const ASSIST_AT_ONCE = 4
/** A worker killed in mid-job is noticed after about this long. */
const HEARTBEAT_SECONDS = 10

/** Joins the queue of this database as a worker; creates the queue's tables on first use. */
export async function startQueue(url: string, db: Db, handlers: Handlers): Promise<Queue> {
  const boss = new PgBoss({
    connectionString: url,
    application_name: 'weiyu queue',
    max: 4,
    useListenNotify: true,
    monitorIntervalSeconds: 5,
    superviseIntervalSeconds: 5,
  })
  boss.on('error', (error) => log.warn({ err: error }, 'the job queue lost its connection or failed'))
  await boss.start()

  // Hundreds of sources read at once wake the same step again and again.
  const wake = gather(async (steps: readonly Step[]) => {
    for (const step of new Set(steps)) await boss.send(queueOf(step), {})
    return steps.map(() => undefined)
  })
  const jobs: Jobs = {
    wake,
    collect: async (sourceId, insists = false) => {
      await boss.send(COLLECT, { sourceId, insists }, { singletonKey: String(sourceId) })
    },
    assist: async (callId) => {
      await boss.send(ASSIST, { callId }, { singletonKey: String(callId) })
    },
    announce: createAnnouncer(db),
  }

  for (const step of stepNames) {
    // short: one waits at most; a wake during a run is one more run after it.
    await boss.createQueue(queueOf(step), {
      policy: 'short',
      notify: true,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      retryLimit: 2,
      retryDelay: 5,
    })
    await boss.work(queueOf(step), { batchSize: 1, notifyPollingIntervalSeconds: 2 }, async () => {
      const didSomething = await handlers.steps[step]()
      const next = nextStep[step]
      if (didSomething && next) await wake(next)
    })
  }
  // exclusive per source: a source is never read twice at once, whoever asks.
  await boss.createQueue(COLLECT, {
    policy: 'exclusive',
    notify: true,
    heartbeatSeconds: HEARTBEAT_SECONDS,
    retryLimit: 0,
  })
  await boss.work<{ sourceId: number; insists?: boolean }>(
    COLLECT,
    {
      batchSize: 1,
      localConcurrency: COLLECT_AT_ONCE,
      notifyPollingIntervalSeconds: COLLECT_LOOKS_EVERY_SECONDS,
    },
    async ([job]) => {
      if (!job) return
      const { sourceId, insists = false } = job.data
      const { putOffMs } = await handlers.collect(sourceId, jobs, {
        patienceMs: COLLECT_PATIENCE_MS,
        insists,
      })
      if (putOffMs === undefined) return
      // Ended by hand, because «exclusive» takes no second job of a source while the first one lasts.
      await boss.complete(COLLECT, job.id)
      await boss.send(
        COLLECT,
        { sourceId, insists },
        {
          singletonKey: String(sourceId),
          startAfter: Math.ceil((putOffMs + Math.random() * COLLECT_SPREAD_MS) / 1_000),
        },
      )
    },
  )
  // No retry: a call that was begun may have cost something, and its row says how it ended.
  await boss.createQueue(ASSIST, {
    policy: 'exclusive',
    notify: true,
    heartbeatSeconds: HEARTBEAT_SECONDS,
    retryLimit: 0,
  })
  await boss.work<{ callId: number }>(
    ASSIST,
    { batchSize: 1, localConcurrency: ASSIST_AT_ONCE, notifyPollingIntervalSeconds: 2 },
    async ([job]) => {
      if (job) await handlers.assist(job.data.callId, jobs)
    },
  )
  return { jobs, stop: (graceMs = 10_000) => boss.stop({ graceful: true, timeout: graceMs }) }
}

function queueOf(step: Step): string {
  return `step-${step}`
}
