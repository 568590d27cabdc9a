import type { Jobs } from '../jobs/jobs.ts'
import { log } from '../lib/log.ts'
import { type DemoProduct, loadDemo } from './load.ts'
import { claimDemo, endDemo } from './state-store.ts'

/** Runs a load that was claimed to its end, telling open pages how far it is. Never throws: its end is a state. */
export async function runDemo(product: DemoProduct, jobs: Pick<Jobs, 'announce'>): Promise<void> {
  const { db } = product.database
  const tell = (done: number, total: number) =>
    jobs.announce({ topic: 'progress', progress: { task: 'demo', done, total } })
  try {
    const state = await loadDemo(product, { end: new Date(), onProgress: tell }).then(
      () => 'done' as const,
      (error: unknown) => {
        log.error({ err: error }, 'the demo could not be loaded')
        return 'failed' as const
      },
    )
    await endDemo(db, state, new Date())
    await tell(1, 1)
    for (const topic of ['exposure', 'warning', 'mention', 'complaint', 'source'] as const)
      await jobs.announce({ topic })
  } catch (error) {
    log.error({ err: error }, 'the end of the demo load could not be noted')
  }
}

/** `weiyu start --demo`: into an empty database only. False: there is something already. */
export async function runDemoIfEmpty(product: DemoProduct, jobs: Pick<Jobs, 'announce'>): Promise<boolean> {
  if (!(await claimDemo(product.database.db, new Date()))) return false
  await runDemo(product, jobs)
  return true
}
