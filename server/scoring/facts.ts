import type { AlertFact, DueFact, ReadingFact } from '../indicators/because.ts'
import type { Absence } from './absence.ts'

/** What the store gathers about one cell (one project × one risk), and what every scoring function reads. */

export type Tier =
  | 'central'
  | 'provincial'
  | 'portal'
  | 'local'
  | 'official'
  | 'self-media'
  | 'forum'
  | 'unknown'

interface Link {
  signalId: number
  /** 0–1: how strongly the text, reading or alert shows the risk. */
  strength: number
  state: 'proposed' | 'confirmed' | 'rejected'
  isRedLine: boolean
  /** Collected while its source was learning: raises nothing. */
  isLearning: boolean
  occurredAt: Date
}

export interface MentionEvidence extends Link {
  kind: 'mention'
  polarity: 'negative' | 'neutral' | 'positive'
  tier: Tier
  /** Families are counted, never feeds; a medium we do not know is a family of its own. */
  family: string
  /** Reposts within one family and story count once. */
  story: string
}

export interface ComplaintEvidence extends Link {
  kind: 'complaint'
  /** Different people, by keyed hash; an anonymous case is a person of its own. */
  people: readonly string[]
  households: number
  grade: 1 | 2 | 3 | 4
  isInvalid: boolean
  isOpen: boolean
  cluster: string | null
  mayLitigate: boolean
  isGroupLitigation: boolean
  repeatsAfterHandling: number
  claimYuan: number
  /** No other risk fits this case better: a hard rule needs one cell, not every cell the text touches. */
  isMainLink: boolean
}

/** Warnings of the weather authority in force; an expired one is no evidence. */
export interface AlertEvidence extends Link {
  kind: 'alert'
  facts: readonly AlertFact[]
}

export interface ReadingEvidence extends Link {
  kind: 'reading'
  facts: readonly ReadingFact[]
}

/** A milestone or a day of a calendar that comes near or has passed. */
export interface DueEvidence extends Link {
  kind: 'milestone'
  facts: readonly DueFact[]
}

export type Evidence = MentionEvidence | ComplaintEvidence | AlertEvidence | ReadingEvidence | DueEvidence

/** Proposed by a language model, accepted by a person: what `opinion.ts` does with it is bounded. */
export interface Opinion {
  step: -1 | 1
  proposalId: number
  acceptedBy: string
  acceptedAt: Date
}

export interface Facts {
  risk: { code: string; severity: number }
  project: {
    households: number | null
    /** Planned and not yet reached. */
    milestones: readonly { kind: string; plannedOn: string }[]
  }
  evidence: readonly Evidence[]
  opinion?: Opinion | undefined
  /** Absent: every source that the cell requires was read. */
  absence?: Absence | undefined
}
