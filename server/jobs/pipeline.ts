// The one place that puts the pipeline's steps together.
import type { Delivery } from '../../collectors/collector.ts'
import { createAnalysisStep, settleWords } from '../analysis/job.ts'
import { endLost, runCall } from '../assistant/job.ts'
import { runTrials } from '../catalogue/job.ts'
import { importComplaints, regradeAll, regradeDue } from '../complaints/job.ts'
import {
  refreshIndicators,
  reviewSpeaking,
  takeAlerts,
  takeDueDates,
  takeReadings,
} from '../indicators/job.ts'
import { expirePages, keepWarnedPages } from '../ingest/evidence/job.ts'
import { beatDaily, forgetOldRuns, judgeAll } from '../ingest/health-job.ts'
import { createIntake } from '../ingest/intake-job.ts'
import { type Collecting, collectSource, type RunReport, receiveDelivery } from '../ingest/job.ts'
import { runIssues } from '../issues/job.ts'
import { markAllDue } from '../issues/store.ts'
import type { Product } from '../product.ts'
import { runScoring, sweepExposures } from '../scoring/job.ts'
import { runWarnings } from '../warnings/job.ts'
import { createAnnouncer } from './announce-store.ts'
import { type Jobs, type Step, stepNames } from './jobs.ts'
import { type PeriodicTask, sourceTicker } from './schedule.ts'

export interface Pipeline {
  /** Each runs until nothing waits; true when it did something. */
  steps: Readonly<Record<Step, () => Promise<boolean>>>
  /** `patienceMs`: of a caller that comes back when others are reading the source's host. */
  collect(sourceId: number, jobs: Jobs, how?: Pick<Collecting, 'patienceMs' | 'insists'>): Promise<RunReport>
  receive(sourceId: number, delivery: Delivery, jobs: Jobs): Promise<RunReport>
  /** Makes one call to the language model that waits. */
  assist(callId: number, jobs: Jobs): Promise<void>
  /** What reading sources and files needs; what is no text goes through the doors of its feature. */
  collecting(jobs: Jobs): Collecting
  /** Hot issues of the places that changed. */
  gatherIssues(): Promise<unknown>
  /** All steps in the order of the flow, here and now: for commands and for the demo, which have no queue. */
  drain(): Promise<void>
}

/** @param now what the steps take for the present; the demo replays the past with a clock of its own */
export function createPipeline(product: Product, now: () => Date = () => new Date()): Pipeline {
  const { db } = product.database
  const jobs = announcing(product)
  const { catalogue } = product.shipped
  const steps: Pipeline['steps'] = {
    analysis: createAnalysisStep({ db, catalogue, engines: product.engines, jobs, now }),
    // Grades first: a case that became grade 1 is a hard rule of the scoring.
    scoring: async () => {
      await regradeDue(db, jobs, now())
      return (await runScoring(db, jobs, now)).assessed > 0
    },
    warnings: async () => (await runWarnings(db, jobs, now)).decided > 0,
    trials: () => runTrials({ db, jobs, now, shippedWeights: catalogue.weights }),
  }
  const intake = createIntake(db)
  const collecting = (jobs: Jobs): Collecting => ({
    db,
    intake,
    jobs,
    now,
    ...product.outside,
    vault: product.vault,
    takers: {
      complaints: (rows, sourceId) =>
        importComplaints({ db, vault: product.vault, jobs, now }, rows, { sourceId, isPartial: true }),
      readings: (rows, sourceId) => takeReadings({ db, jobs, now }, rows, sourceId),
      alerts: (rows, sourceId) => takeAlerts({ db, jobs, now }, rows, sourceId),
      dueDates: (rows, sourceId) => takeDueDates({ db, jobs, now }, rows, sourceId),
    },
  })
  return {
    steps,
    collecting,
    collect: (sourceId, jobs, how) => collectSource({ ...collecting(jobs), ...how }, sourceId),
    receive: (sourceId, delivery, jobs) => receiveDelivery(collecting(jobs), sourceId, delivery),
    assist: (callId, jobs) =>
      runCall({ db, vault: product.vault, endpoint: product.endpoint, jobs, now }, callId),
    gatherIssues: () => runIssues(db, jobs, now()),
    drain: async () => {
      for (const step of ['analysis', 'scoring', 'warnings'] as const) await steps[step]()
    },
  }
}

/** What runs by the clock. */
export function periodicTasks(product: Product, jobs: Jobs): readonly PeriodicTask[] {
  const { db } = product.database
  return [
    sourceTicker(db, jobs),
    {
      // Silence comes with time alone, and what should run and does not says nothing by itself.
      key: 'sources-judged',
      cron: '* * * * *',
      run: async (now) => ({ ...(await judgeAll(db, jobs, now)) }),
    },
    {
      key: 'daily-heartbeat',
      cron: '*/5 * * * *',
      run: async (now) => ({ written: await beatDaily(db, jobs, now) }),
    },
    {
      key: 'runs-pruned',
      cron: '41 3 * * *',
      run: async (now) => ({ deleted: await forgetOldRuns(db, now) }),
    },
    {
      // A wake-up that was lost costs a minute.
      key: 'pipeline-awake',
      cron: '* * * * *',
      run: async () => {
        for (const step of stepNames) await jobs.wake(step)
        return undefined
      },
    },
    {
      // Found before as well, only more slowly: by the minute, many texts share the work.
      key: 'words-settled',
      cron: '* * * * *',
      run: () => settleWords(db),
    },
    {
      // A call that was lost with its process is told as interrupted.
      key: 'assistant-lost',
      cron: '* * * * *',
      run: async (now) => {
        await endLost({ db, jobs, now: () => now })
        return undefined
      },
    },
    {
      // Warnings of the weather authority expire, due days come near: time alone makes evidence and ends it.
      key: 'indicators-refreshed',
      cron: '*/5 * * * *',
      run: async (now) => refreshIndicators({ db, jobs, now: () => now }),
    },
    {
      key: 'readings-reviewed',
      cron: '37 3 * * *',
      run: async (now) => reviewSpeaking({ db, jobs, now: () => now }),
    },
    {
      // Comparing all texts of a place again costs more than one text is worth: five minutes of them at once.
      key: 'issues-gathered',
      cron: '*/5 * * * *',
      run: async (now) => ({ ...(await runIssues(db, jobs, now)) }),
    },
    {
      // Before its author deletes it; a page takes seconds, so a run is bounded and the rest waits for the next.
      key: 'snapshots-due',
      cron: '*/5 * * * *',
      run: async () => keepWarnedPages({ db, jobs, fetcher: product.outside.fetcher, now: () => new Date() }),
    },
    {
      key: 'snapshots-expired',
      cron: '41 3 * * *',
      run: async (now) => expirePages(db, now),
    },
    {
      key: 'issues-cooled',
      cron: '23 4 * * *',
      run: async () => {
        await markAllDue(db)
        return undefined
      },
    },
    {
      // Evidence fades, a case is a month old: time alone moves levels and grades.
      key: 'exposures-swept',
      cron: '7 * * * *',
      run: async (now) => {
        await regradeAll(db, jobs, now)
        await sweepExposures(db)
        await jobs.wake('scoring')
        return undefined
      },
    },
  ]
}

/** Jobs of a process without a queue: what it leaves waiting it drains itself, or the server finds it within a minute. */
export function announcing(product: Product): Jobs {
  const { db } = product.database
  return {
    wake: async () => {},
    collect: async () => {},
    assist: async () => {},
    announce: createAnnouncer(db),
  }
}
