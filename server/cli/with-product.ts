import { readConfig } from '../config.ts'
import type { Collecting } from '../ingest/job.ts'
import { announcing, createPipeline } from '../jobs/pipeline.ts'
import { openProduct, type Product, type ProductOptions } from '../product.ts'

/** Runs a command that needs the database: opens the product, beside a running server too, and always closes it. */
export async function withProduct<Result>(
  options: ProductOptions,
  work: (product: Product) => Promise<Result>,
): Promise<Result> {
  const product = await openProduct(readConfig(), { name: 'weiyu command', ...options })
  try {
    return await work(product)
  } finally {
    await product.close()
  }
}

/** The same for a command that stores texts: afterwards the pipeline runs over what it left waiting. */
export function withPipeline(
  options: ProductOptions,
  work: (tools: Collecting & { vault: Product['vault'] }) => Promise<number>,
): Promise<number> {
  return withProduct(options, async (product) => {
    const pipeline = createPipeline(product)
    const status = await work({ ...pipeline.collecting(announcing(product)), vault: product.vault })
    await pipeline.drain()
    return status
  })
}
