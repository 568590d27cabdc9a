import { recordAudit } from '../audit/store.ts'
import type { Db, Tx } from '../db/connect.ts'
import { inTransaction } from '../db/in-transaction.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { currentPolicy } from '../policy/store.ts'
import { rankOf } from '../scoring/level.ts'
import { type Decision, decide } from './decide.ts'
import { type DueCell, raiseWarning, recordOn, situationsOf, takeDueCells, updateWarning } from './store.ts'
import { machineReason, summaryOf } from './wording.ts'

const CELLS_AT_ONCE = 100

export interface WarningRun {
  decided: number
  raised: number
  changed: number
}

/**
 * Decides about every cell that waits. Each batch is one transaction with its marks, its records and its audit entries;
 * a kill leaves its cells waiting, and several processes share the work.
 */
export async function runWarnings(
  db: Db,
  jobs: Pick<Jobs, 'announce'>,
  now: () => Date,
): Promise<WarningRun> {
  const run: WarningRun = { decided: 0, raised: 0, changed: 0 }
  for (;;) {
    const acts = await inTransaction(db, (tx) => decideBatch(tx, now()))
    if (acts === undefined) return run
    run.decided += acts.decided
    run.raised += acts.done.filter((act) => act.action === 'raise').length
    run.changed += acts.done.filter((act) => act.action !== 'raise').length
    if (acts.done.length > 0) {
      await jobs.announce({
        topic: 'warning',
        projectIds: [...new Set(acts.done.map((act) => act.projectId))],
      })
    }
  }
}

interface Act {
  action: string
  projectId: number
  cityCompanyId: number
  warningId: number
  clause: string
  detail: Readonly<Record<string, unknown>>
}

async function decideBatch(
  tx: Tx,
  now: Date,
): Promise<{ decided: number; done: readonly Act[] } | undefined> {
  const cells = await takeDueCells(tx, CELLS_AT_ONCE)
  if (cells.length === 0) return undefined
  const { policy } = await currentPolicy(tx, now)
  const done: Act[] = []
  for (const cell of await situationsOf(tx, cells)) {
    const decision = decide(cell.situation, policy.warnings, now)
    const act = await carryOut(tx, cell, decision, policy.warnings.clause, now)
    if (act) done.push(act)
  }
  // Last, because entries queue for the chain until the transaction ends.
  for (const act of done) {
    await recordAudit(tx, {
      action: `warning.${act.action}`,
      subject: { kind: 'warning', id: act.warningId },
      cityCompanyId: act.cityCompanyId,
      clause: act.clause,
      detail: act.detail,
    })
  }
  return { decided: cells.length, done }
}

async function carryOut(
  tx: Tx,
  cell: DueCell,
  decision: Decision,
  clause: string,
  now: Date,
): Promise<Act | undefined> {
  const { projectId, cityCompanyId, riskCode, assessmentId, openId } = cell
  const act = (warningId: number, action: string, detail: Act['detail']): Act => ({
    action,
    projectId,
    cityCompanyId,
    warningId,
    clause,
    detail: { riskCode, ...detail },
  })
  if (decision.do === 'nothing') return undefined
  if (decision.do === 'raise') {
    const raised = await raiseWarning(tx, cell, decision, now)
    // Another process raised it in the meantime: the event has its one warning.
    if (raised === undefined) return undefined
    await recordOn(tx, {
      warningId: raised,
      at: now,
      action: 'raise',
      toState: 'candidate',
      toLevel: decision.level,
      reason: machineReason[decision.reason],
      assessmentId,
      clause,
    })
    return act(raised, 'raise', { level: decision.level, reason: decision.reason })
  }
  if (openId === undefined) return undefined
  const heard = {
    assessmentId,
    spokeAt: now,
    // What it says of itself is as of now; how it began stays in its records.
    summary: summaryOf(cell.counts),
    familyCount: cell.situation.exposure.familyCount,
    complaintCount: cell.situation.exposure.complaintCount,
    updatedAt: now,
  }
  switch (decision.do) {
    case 'change-level': {
      const { from, to } = decision
      const isRise = rankOf(to) > rankOf(from)
      await updateWarning(tx, openId, { level: to, ...(isRise && { reason: decision.reason }), ...heard })
      await recordOn(tx, {
        warningId: openId,
        at: now,
        action: isRise ? 'raise-level' : 'lower-level',
        fromLevel: from,
        toLevel: to,
        reason: isRise ? machineReason.raised(from, to) : machineReason.lowered(from, to),
        assessmentId,
        clause,
      })
      return act(openId, isRise ? 'raise-level' : 'lower-level', { from, to })
    }
    case 'add-facts': {
      const { families, complaints } = decision
      await updateWarning(tx, openId, heard)
      await recordOn(tx, {
        warningId: openId,
        at: now,
        action: 'add-facts',
        reason: machineReason.facts(families, complaints),
        detail: JSON.stringify({ families, complaints }),
        assessmentId,
        clause,
      })
      return act(openId, 'add-facts', { families, complaints })
    }
    case 'propose-lifting':
      await recordOn(tx, {
        warningId: openId,
        at: now,
        action: 'propose-lifting',
        reason: machineReason.proposeLifting,
        assessmentId,
        clause,
      })
      return act(openId, 'propose-lifting', {})
    case 'lift':
      await updateWarning(tx, openId, {
        state: 'lifted',
        stateSince: now,
        closedAt: now,
        closeReason: machineReason.lift,
        updatedAt: now,
        assessmentId,
      })
      await recordOn(tx, {
        warningId: openId,
        at: now,
        action: 'lift',
        fromState: cell.situation.open?.state ?? null,
        toState: 'lifted',
        reason: machineReason.lift,
        assessmentId,
        clause,
      })
      return act(openId, 'lift', {})
  }
}
