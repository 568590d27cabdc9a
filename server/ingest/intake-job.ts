// The writes of all sources that are read at once, put together: what comes while one write is under way goes in the next
// as one. With hundreds of small feeds a second the way to the database costs more than what is done there.
import type { Db, Tx } from '../db/connect.ts'
import { inTransaction } from '../db/in-transaction.ts'
import { gather } from '../lib/gather.ts'
import type { CollectingPolicy } from '../policy/collecting.ts'
import type { Policy } from '../policy/policy.ts'
import { currentPolicy } from '../policy/store.ts'
import type { Dating, Publishers } from './document.ts'
import { judgeSources } from './health-store.ts'
import { keepCollected, type PackedPage } from './snapshot-store.ts'
import {
  addToRuns,
  type Batch,
  type BegunRun,
  finishRuns,
  knownPublishers,
  type RunCounts,
  type RunEnd,
  startRuns,
  storeDocuments,
} from './store.ts'

export interface Intake {
  /** Begins a run of a source; undefined when there is no such source. */
  begin(start: { sourceId: number; now: Date }): Promise<{ source: BegunRun; policy: Policy } | undefined>
  publishers(): Promise<Publishers>
  /** One transaction for documents, their pages and the sums of the run. */
  store(brought: BroughtBatch): Promise<RunCounts>
  /** Ends a run and judges its source, in one transaction. `marksCells`: the scoring has work. */
  end(end: RunEnd & { policy: CollectingPolicy }): Promise<{ marksCells: boolean }>
}

export interface BroughtBatch {
  batch: Batch
  pages: readonly (PackedPage & { identity: string })[]
  /** Captures, repetitions included. */
  seen: number
}

/** Of one transaction: a feed has some fifty. */
const mostDocuments = 1_000

/** One a process; all its runs must go by one clock. */
export function createIntake(db: Db): Intake {
  const publishers = gather<undefined, Publishers>(async (askers) => {
    const known = await knownPublishers(db)
    return askers.map(() => known)
  })
  // Two pushes to one source at once are two runs, one after the other.
  const key = ({ sourceId }: { sourceId: number }) => sourceId
  return {
    begin: gather(
      async (starts: readonly { sourceId: number; now: Date }[]) => {
        const [first] = starts
        if (!first) return []
        const [{ policy }, begun] = await Promise.all([currentPolicy(db, first.now), startRuns(db, starts)])
        return begun.map((source) => source && { source, policy })
      },
      { key },
    ),
    publishers: () => publishers(undefined),
    store: gather((brought) => inTransaction(db, (tx) => storeBatches(tx, brought)), {
      most: mostDocuments,
      weigh: ({ batch }) => batch.documents.length,
      // The longest of the writes: one works while the other waits for its log.
      atOnce: 2,
    }),
    end: gather(
      async (ends: readonly (RunEnd & { policy: CollectingPolicy })[]) => {
        const last = ends.at(-1)
        if (!last) return []
        const ids = ends.map(({ sourceId }) => sourceId)
        const { marksCells } = await inTransaction(db, async (tx) => {
          await finishRuns(tx, ends)
          return judgeSources(tx, last.policy, last.now, ids)
        })
        // Told once: the scoring works off all that is marked.
        return ends.map((end) => ({ marksCells: marksCells && end === last }))
      },
      { key },
    ),
  }
}

async function storeBatches(tx: Tx, brought: readonly BroughtBatch[]): Promise<readonly RunCounts[]> {
  const stored = await storeDocuments(
    tx,
    brought.map(({ batch }) => batch),
  )
  await keepCollected(
    tx,
    brought.flatMap(({ pages }) => pages),
  )
  const parts = brought.map(({ batch: { runId }, seen }, at) => {
    const { added = 0, changed = 0, fresh = [] } = stored[at] ?? {}
    // Of the new ones: an undated item stands in its feed for weeks and would be counted at every reading.
    const of = (dating: Dating) => fresh.filter((document) => document.dating === dating).length
    return { runId, seen, added, changed, undated: of('undated') + of('future'), tooOld: of('old') }
  })
  await addToRuns(tx, parts)
  return parts
}
