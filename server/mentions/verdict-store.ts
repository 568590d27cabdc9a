import type { Scope } from '../access/scope.ts'
import type { Tx } from '../db/connect.ts'
import { judgeSignal, markCellsDue, mentionForChange } from './store.ts'

/**
 * A person's verdict on one signal of a mention: the one path, whether they judged by themselves or accepted a proposal.
 * Marks the cells it concerns; the caller writes the audit entry and wakes the scoring. Undefined: none such, or not theirs.
 */
export async function giveVerdict(
  tx: Tx,
  scope: Scope,
  at: { mentionId: number; signalId: number },
  verdict: { state: 'confirmed' | 'rejected'; reason: string | null; by: number; now: Date },
): Promise<
  | {
      riskCode: string
      projectId: number | null
      projectIds: readonly number[]
      cityCompanyId: number | null
    }
  | undefined
> {
  const mention = await mentionForChange(tx, scope, at.mentionId)
  const judged = mention && (await judgeSignal(tx, scope, at, verdict))
  if (!mention || !judged) return undefined
  await markCellsDue(tx, at.mentionId, judged.riskCode)
  return { ...judged, projectIds: mention.projectIds, cityCompanyId: mention.cityCompanyIds[0] ?? null }
}
