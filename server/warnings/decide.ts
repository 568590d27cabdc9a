import type { WarningsPolicy } from '../policy/warnings.ts'
import { type Level, rankOf } from '../scoring/level.ts'
import { type State, step } from './transitions.ts'

/** Why people are warned, kept apart: one grave item, a spike against the cell's own past, or the level alone. */
export type Reason = 'red-line' | 'anomaly' | 'level'

export interface Situation {
  /** The exposure as it is shown now. */
  exposure: {
    level: Level | null
    hasHardRule: boolean
    isGrowing: boolean
    familyCount: number
    complaintCount: number
    complainantCount: number
    lastEvidenceAt: Date | null
  }
  open:
    | {
        level: Level
        /** The gravest level since it was raised. */
        gravest: Level
        state: State
        spokeAt: Date
        familyCount: number
        complaintCount: number
        /** The machine has proposed to lift it since it last spoke. */
        isLiftingProposed: boolean
      }
    | undefined
  /** The one closed last in this cell. */
  closed: { at: Date; level: Level } | undefined
}

export type Decision =
  | { do: 'nothing' }
  | { do: 'raise'; level: Level; reason: Reason }
  | { do: 'change-level'; from: Level; to: Level; reason: Reason }
  | { do: 'add-facts'; families: number; complaints: number }
  | { do: 'propose-lifting' }
  | { do: 'lift' }

const HOUR_MS = 3_600_000

/** What an exposure means for its warning. One real-world event is one warning; it speaks again only when there is something to say. */
export function decide({ exposure, open, closed }: Situation, policy: WarningsPolicy, now: Date): Decision {
  const level = rankOf(exposure.level) >= rankOf(policy.raiseFrom) ? exposure.level : null
  if (!open) {
    if (level === null || isQuiet(exposure, closed, policy, now)) return { do: 'nothing' }
    return { do: 'raise', level, reason: reasonFor(exposure, policy) }
  }
  if (level === null) {
    const standing = { state: open.state, level: open.gravest }
    const isMild = policy.liftedByMachine.some((mild) => mild === open.gravest)
    if (isMild && step(standing, 'lift', 'machine').ok) return { do: 'lift' }
    return open.isLiftingProposed ? { do: 'nothing' } : { do: 'propose-lifting' }
  }
  if (level !== open.level) {
    return { do: 'change-level', from: open.level, to: level, reason: reasonFor(exposure, policy) }
  }
  const families = exposure.familyCount - open.familyCount
  const complaints = exposure.complaintCount - open.complaintCount
  const hasFacts = families >= policy.newFamilies || complaints >= policy.newComplaints
  const maySpeak = now.getTime() - open.spokeAt.getTime() >= policy.factEveryHours * HOUR_MS
  if (hasFacts && maySpeak) return { do: 'add-facts', families, complaints }
  return { do: 'nothing' }
}

/** A closed warning comes back only with newer evidence, and within the cool-down only with a graver level. */
function isQuiet(
  exposure: Situation['exposure'],
  closed: Situation['closed'],
  policy: WarningsPolicy,
  now: Date,
): boolean {
  if (!closed) return false
  const hasNewerEvidence = exposure.lastEvidenceAt !== null && exposure.lastEvidenceAt > closed.at
  if (!hasNewerEvidence) return true
  if (rankOf(exposure.level) > rankOf(closed.level)) return false
  return now.getTime() - closed.at.getTime() < policy.coolDownHours * HOUR_MS
}

function reasonFor(exposure: Situation['exposure'], policy: WarningsPolicy): Reason {
  if (exposure.hasHardRule) return 'red-line'
  const { families, complainants } = policy.anomaly
  const isBroad = exposure.familyCount >= families || exposure.complainantCount >= complainants
  return exposure.isGrowing && isBroad ? 'anomaly' : 'level'
}
