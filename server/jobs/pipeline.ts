// The one place that puts the pipeline's steps together.
import { CollectError } from '../../collectors/collector.ts'
import { collectSource } from '../ingest/job.ts'
import type { Product } from '../product.ts'
import type { Jobs } from './jobs.ts'
import type { Handlers } from './queue.ts'
import { type PeriodicTask, sourceTicker } from './schedule.ts'

export interface Pipeline {
  handlers: Handlers
  periodicTasks(jobs: Jobs): readonly PeriodicTask[]
  loadDemo(): Promise<void>
}

export function createPipeline(product: Product): Pipeline {
  const { db } = product.database
  return {
    handlers: {
      steps: { analysis: async () => false, scoring: async () => false, warnings: async () => false },
      collect: async (sourceId, jobs) => {
        const takeComplaints = () =>
          Promise.reject(new CollectError('refused', 'this ledger takes no files of sources'))
        await collectSource({ db, jobs, now: () => new Date(), ...product.outside, takeComplaints }, sourceId)
      },
    },
    periodicTasks: (jobs) => [sourceTicker(db, jobs)],
    loadDemo: async () => {},
  }
}
