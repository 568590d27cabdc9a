import type { ScoringPolicy } from '../policy/scoring.ts'
import { absenceKey } from './absence.ts'
import type { Assessed } from './assess.ts'
import { type Level, shownLevel } from './level.ts'

/** The cell as the computation before left it. */
export interface Before {
  shown: { level: Level | null; lowerSince: Date | null }
  computedLevel: Level | null
  likelihood: number
  impact: number
  likelihoodBand: number
  impactBand: number
  /** `rule level` of each hard rule that fired. */
  hardRules: readonly string[]
  /** The proposal behind the opinion that was applied. */
  opinion: number | null
  /** Which required sources were blocked. */
  absence: string
  familyCount: number
  complaintCount: number
}

export interface Change {
  shown: { level: Level | null; lowerSince: Date | null }
  /** Worth an assessment of its own: the history keeps what explains a level, not every hour. */
  isNew: boolean
  /** The warning step has something to decide. */
  concernsWarning: boolean
}

export function changeOf(
  before: Before | undefined,
  assessed: Assessed,
  policy: ScoringPolicy['hold'],
  now: Date,
): Change {
  const shown = heldFromCalm(
    before,
    shownLevel(before?.shown, assessed.level, policy, now),
    assessed.absence !== null,
    now,
  )
  if (!before) return { shown, isNew: true, concernsWarning: shown.level !== null }
  const moved = (a: number, b: number) => Math.abs(a - b) >= policy.recordMoveOf
  const rules = assessed.hardRules.map((rule) => `${rule.rule} ${rule.level}`)
  const isNew =
    assessed.level !== before.computedLevel ||
    assessed.likelihoodBand !== before.likelihoodBand ||
    assessed.impactBand !== before.impactBand ||
    moved(assessed.likelihood, before.likelihood) ||
    moved(assessed.impact, before.impact) ||
    rules.join() !== before.hardRules.join() ||
    (assessed.opinion?.proposalId ?? null) !== before.opinion ||
    absenceKey(assessed.absence) !== before.absence
  const hasNewFacts =
    assessed.evidence.familyCount > before.familyCount ||
    assessed.evidence.complaintCount > before.complaintCount
  const wasOrIsShown = shown.level !== null || before.shown.level !== null
  return {
    shown,
    isNew,
    concernsWarning: wasOrIsShown && (isNew || hasNewFacts || shown.level !== before.shown.level),
  }
}

/** No «all clear» through closed eyes: while a required source is blocked, what is shown does not fall to no level. */
function heldFromCalm(
  before: Before | undefined,
  shown: Change['shown'],
  isBlind: boolean,
  now: Date,
): Change['shown'] {
  if (!isBlind || shown.level !== null || !before?.shown.level) return shown
  return { level: before.shown.level, lowerSince: before.shown.lowerSince ?? now }
}
