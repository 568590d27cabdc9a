import { join } from 'node:path'
import { readConfig } from '../config.ts'
import { runDemo, runDemoIfEmpty } from '../demo/run.ts'
import { createApp } from '../http/app.ts'
import type { Services } from '../http/context.ts'
import { listen } from '../http/listen.ts'
import { openLive } from '../http/live.ts'
import { stepNames } from '../jobs/jobs.ts'
import { createPipeline, periodicTasks } from '../jobs/pipeline.ts'
import { startQueue } from '../jobs/queue.ts'
import { startSchedule } from '../jobs/schedule.ts'
import { log } from '../lib/log.ts'
import { openProduct, type ProductOptions } from '../product.ts'
import type { Io } from './io.ts'

/** Runs the server until it is told to stop. Gives the exit status. */
export async function runStart(args: readonly string[], io: Io, options: ProductOptions): Promise<number> {
  const config = readConfig()
  // Heard from the beginning: a stop during the start must not leave the database running.
  const toldToStop = untilToldToStop()
  const product = await openProduct(config, options)
  try {
    const { db, url } = product.database
    const pipeline = createPipeline(product)
    let isReplaying = false
    // A demo replays the past in order: steps that judged half of it by today's clock would raise other warnings.
    const waiting = (step: () => Promise<boolean>) => async () => !isReplaying && (await step())
    const queue = await startQueue(url, db, {
      ...pipeline,
      steps: {
        analysis: waiting(pipeline.steps.analysis),
        scoring: waiting(pipeline.steps.scoring),
        warnings: waiting(pipeline.steps.warnings),
        trials: pipeline.steps.trials,
      },
    })
    const whileReplaying = async <Result>(work: () => Promise<Result>) => {
      isReplaying = true
      try {
        return await work()
      } finally {
        isReplaying = false
      }
    }
    const live = await openLive(url)
    const services: Services = {
      db,
      jobs: queue.jobs,
      vault: product.vault,
      live,
      now: () => new Date(),
      shippedWeights: product.shipped.catalogue.weights,
      webFolder: join(config.root, 'dist', 'web'),
      loadDemo: () => whileReplaying(() => runDemo(product, queue.jobs)),
      receive: (sourceId, delivery) => pipeline.receive(sourceId, delivery, queue.jobs),
      outside: product.outside,
      endpoint: product.endpoint,
      secureCookie: config.secureCookie,
      trustProxy: config.trustProxy,
      version: config.version,
    }
    const stopWorking = async () => {
      await queue.stop()
      await live.close()
    }
    const server = await listen(createApp(services), config).catch(async (error: unknown) => {
      await stopWorking()
      throw error
    })
    const stopSchedule = startSchedule(db, periodicTasks(product, queue.jobs))
    // What waited while nobody ran.
    for (const step of stepNames) await queue.jobs.wake(step)
    io.stdout.write(`Weiyu 未雨  ${server.url}\n`)
    if (args.includes('--demo')) {
      whileReplaying(() => runDemoIfEmpty(product, queue.jobs)).then(
        (isLoaded) => isLoaded || io.stderr.write('The demo was not loaded: there are projects already.\n'),
        (error: unknown) => log.error({ err: error }, 'the demo was not loaded'),
      )
    }
    await toldToStop
    // In the order of the flow: no new ticks, no open pages, no new requests, no new jobs.
    await stopSchedule()
    await live.close()
    await server.close()
    await stopWorking()
  } finally {
    await product.close()
  }
  return 0
}

/** The first signal stops gracefully; a second one at once. */
function untilToldToStop(): Promise<void> {
  return new Promise((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(130))
        stop()
      })
    }
  })
}
