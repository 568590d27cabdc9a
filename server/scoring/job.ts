import type { Db, Tx } from '../db/connect.ts'
import { inTransaction } from '../db/in-transaction.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { currentPolicy } from '../policy/store.ts'
import { assess } from './assess.ts'
import { changeOf } from './change.ts'
import {
  gatherFacts,
  keyOf,
  markCellsForSweep,
  markForWarning,
  storeOutcomes,
  takeDueCells,
} from './store.ts'

const CELLS_AT_ONCE = 200
const DAY_MS = 86_400_000

/**
 * Assesses every cell that waits. Each batch is one transaction with its marks, so a kill leaves its cells waiting, and
 * several processes share the work. Announces the projects whose numbers are new.
 */
export async function runScoring(
  db: Db,
  jobs: Pick<Jobs, 'announce'>,
  now: () => Date,
): Promise<{ assessed: number; handedOn: number }> {
  const done = { assessed: 0, handedOn: 0 }
  for (;;) {
    const batch = await inTransaction(db, (tx) => scoreBatch(tx, now()))
    if (batch.assessed === 0) return done
    done.assessed += batch.assessed
    done.handedOn += batch.handedOn
    await jobs.announce({ topic: 'exposure', projectIds: batch.projectIds })
  }
}

/** Marks every cell that time alone may move; run hourly, so that evidence fades and held levels come to their end. */
export async function sweepExposures(db: Db): Promise<void> {
  await markCellsForSweep(db)
}

async function scoreBatch(tx: Tx, now: Date) {
  const cells = await takeDueCells(tx, CELLS_AT_ONCE)
  if (cells.length === 0) return { assessed: 0, handedOn: 0, projectIds: [] }
  const { version, policy } = await currentPolicy(tx, now)
  const since = new Date(now.getTime() - policy.scoring.evidence.windowDays * DAY_MS)
  const gathered = await gatherFacts(tx, cells, since)
  const outcomes = gathered
    .map((cell) => {
      const assessed = assess(cell.facts, policy.scoring, now)
      const change = changeOf(cell.before, assessed, policy.scoring.hold, now)
      const keepAssessment = change.isNew ? undefined : cell.before?.assessmentId
      return { ...cell, assessed, change, shown: change.shown, keepAssessment }
    })
    // A cell that never had evidence that counts (learning, rejected) stays empty.
    .filter((outcome) => outcome.before || outcome.assessed.evidence.firstEvidenceAt)
  const assessmentOf = await storeOutcomes(tx, outcomes, version, now)
  const concerned = outcomes
    .filter((outcome) => outcome.change.concernsWarning)
    .flatMap(({ projectId, riskCode }) => {
      const assessmentId = assessmentOf.get(keyOf({ projectId, riskCode }))
      return assessmentId === undefined ? [] : [{ projectId, riskCode, assessmentId }]
    })
  await markForWarning(tx, concerned, now)
  return {
    assessed: cells.length,
    handedOn: concerned.length,
    projectIds: [...new Set(cells.map((cell) => cell.projectId))],
  }
}
