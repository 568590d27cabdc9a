/** What people said about the machine's finds. */
export interface Verdicts {
  proposed: number
  confirmed: number
  rejected: number
}

/** Fewer verdicts say nothing about a rule. */
const ENOUGH = 5
/** A rule that is right less often than this costs more trust than it finds. */
const MOSTLY = 0.5

export interface Weighed extends Verdicts {
  /** Confirmed among the judged, 0–1; null: too few were judged. */
  precision: number | null
  isMostlyRejected: boolean
}

/** How good a rule is by what people judged. Example: 3 confirmed and 7 rejected give 0.3, mostly rejected. */
export function weighed(verdicts: Verdicts): Weighed {
  const judged = verdicts.confirmed + verdicts.rejected
  const precision = judged < ENOUGH ? null : verdicts.confirmed / judged
  return { ...verdicts, precision, isMostlyRejected: precision !== null && precision < MOSTLY }
}
