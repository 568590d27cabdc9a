import { z } from 'zod'
import type { ScoringPolicy } from '../policy/scoring.ts'
import type { Opinion } from './facts.ts'
import { type Level, stepFrom } from './level.ts'
import { hoursSince } from './scale.ts'

/**
 * An opinion on severity that a language model proposed and a person accepted. It moves what the matrix says by one step:
 *
 *   level = hard rules over (insufficient data holds back (matrix ± 1))
 *
 * so it is weaker than everything around it: it raises nothing out of no level (it is no evidence), it silences nothing (the
 * mildest it gives is IV), thin data holds it at level IV, and a hard rule is never lowered. It ends after `validDays`, and
 * with the warning it was about.
 */
const AppliedOpinion = z.object({
  step: z.union([z.literal(-1), z.literal(1)]),
  clause: z.string(),
  proposalId: z.number(),
  acceptedBy: z.string(),
  acceptedAt: z.string(),
  /** What the matrix said, and what it became; equal where the scale ends. */
  from: z.enum(['I', 'II', 'III', 'IV']),
  to: z.enum(['I', 'II', 'III', 'IV']),
})
export type AppliedOpinion = z.output<typeof AppliedOpinion>

/** Read back from the column of an assessment. */
export const OpinionColumn = AppliedOpinion.nullable()

/** The level after the opinion, and what was applied; null when there is none, it has ended, or there is no level to move. */
export function withOpinion(
  level: Level | null,
  opinion: Opinion | undefined,
  policy: ScoringPolicy['opinion'],
  now: Date,
): { level: Level | null; applied: AppliedOpinion | null } {
  if (!opinion || level === null || hoursSince(opinion.acceptedAt, now) > policy.validDays * 24) {
    return { level, applied: null }
  }
  const to = stepFrom(level, opinion.step)
  const { step, proposalId, acceptedBy } = opinion
  return {
    level: to,
    applied: {
      step,
      clause: policy.clause,
      proposalId,
      acceptedBy,
      acceptedAt: opinion.acceptedAt.toISOString(),
      from: level,
      to,
    },
  }
}
