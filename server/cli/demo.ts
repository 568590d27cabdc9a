import { runDemoIfEmpty } from '../demo/run.ts'
import { isServed } from '../demo/state-store.ts'
import { announcing } from '../jobs/pipeline.ts'
import type { Product } from '../product.ts'
import type { Io } from './io.ts'
import { runStatus } from './status.ts'

/** `demo`: loads the invented group and prints what is stored then. Status 1 when the database is not empty or in use. */
export async function runDemoCommand(io: Io, product: Product): Promise<number> {
  if (await isServed(product.database.db)) {
    io.stderr.write('A server works on this database: load the demo on its first page, or stop it first.\n')
    return 1
  }
  if (!(await runDemoIfEmpty(product, announcing(product)))) {
    io.stderr.write(
      'The demo was not loaded: there are projects already. Use an empty WEIYU_DATA or DATABASE_URL.\n',
    )
    return 1
  }
  return runStatus([], io, product)
}
