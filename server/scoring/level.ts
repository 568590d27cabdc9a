import type { ScoringPolicy } from '../policy/scoring.ts'

export type Level = 'I' | 'II' | 'III' | 'IV'

/** From calm to red; null is no level at all. */
const rising: readonly (Level | null)[] = [null, 'IV', 'III', 'II', 'I']

export function rankOf(level: Level | null): number {
  return rising.indexOf(level)
}

export function graver(a: Level | null, b: Level | null): Level | null {
  return rankOf(a) >= rankOf(b) ? a : b
}

export function milder(a: Level | null, b: Level | null): Level | null {
  return rankOf(a) <= rankOf(b) ? a : b
}

/** S2-3.2.3: level I–IV, or none, from likelihood × impact. */
export function levelOf(
  likelihoodBand: 1 | 2 | 3 | 4 | 5,
  impactBand: 1 | 2 | 3 | 4 | 5,
  policy: ScoringPolicy['matrix'],
): Level | null {
  return policy.levels[likelihoodBand - 1]?.[impactBand - 1] ?? null
}

/** One step graver (+1) or milder (−1); the scale ends at I and, so that nothing falls silent, at IV. */
export function stepFrom(level: Level, step: -1 | 1): Level {
  return rising[Math.max(1, rankOf(level) + step)] ?? level
}

/**
 * What a cell shows: raised at once, lowered only after its hold time (S2-3.2.3), so that a quiet night does not hide a
 * crisis. `lowerSince` is the instant since which the computed level has been below the shown one.
 */
export function shownLevel(
  before: { level: Level | null; lowerSince: Date | null } | undefined,
  computed: Level | null,
  hold: ScoringPolicy['hold'],
  now: Date,
): { level: Level | null; lowerSince: Date | null } {
  if (!before?.level || rankOf(computed) >= rankOf(before.level)) return { level: computed, lowerSince: null }
  const since = before.lowerSince ?? now
  const heldMs = hold.hoursBeforeLowering[before.level] * 3_600_000
  if (now.getTime() - since.getTime() >= heldMs) return { level: computed, lowerSince: null }
  return { level: before.level, lowerSince: since }
}
