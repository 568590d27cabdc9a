// The one place that puts the pipeline's steps together.
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
      collect: async () => {},
    },
    periodicTasks: (jobs) => [sourceTicker(db, jobs)],
    loadDemo: async () => {},
  }
}
