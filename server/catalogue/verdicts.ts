/**
 * A candidate measured by what people said: finds they confirmed should stay, finds they rejected should fall silent, tones
 * they corrected should come out as corrected. A lost confirmed find is the worse error: a risk goes unseen.
 */
export interface Judged {
  kind: 'mention' | 'complaint'
  /** Of the text. */
  id: number
  risk: string
  state: 'confirmed' | 'rejected'
  before: boolean
  after: boolean
}

export interface ConfirmedTally {
  /** Found by both. */
  kept: number
  lost: number
  /** Missed by the running one, found by the candidate. */
  regained: number
  /** Missed by both: found by an older version once. */
  missed: number
}

export interface RejectedTally {
  /** Still raised. */
  raised: number
  silenced: number
  /** Silent now, raised by the candidate. */
  newlyRaised: number
  silent: number
}

export interface RiskVerdicts {
  risk: string
  confirmed: ConfirmedTally
  rejected: RejectedTally
}

export interface JudgedChange {
  kind: 'mention' | 'complaint'
  id: number
  risk: string
  change: 'lost' | 'regained' | 'silenced' | 'newlyRaised'
}

export interface Verdicts {
  confirmed: ConfirmedTally
  rejected: RejectedTally
  risks: RiskVerdicts[]
  /** The worst first, at most CHANGES_KEPT. */
  changes: JudgedChange[]
  tones: { checked: number; rightBefore: number; rightAfter: number }
}

const CHANGES_KEPT = 200
const gravity: readonly JudgedChange['change'][] = ['lost', 'newlyRaised', 'regained', 'silenced']

const noneConfirmed = (): ConfirmedTally => ({ kept: 0, lost: 0, regained: 0, missed: 0 })
const noneRejected = (): RejectedTally => ({ raised: 0, silenced: 0, newlyRaised: 0, silent: 0 })

export function createVerdictTally() {
  const risks = new Map<string, RiskVerdicts>()
  const total = { confirmed: noneConfirmed(), rejected: noneRejected() }
  const changes = new Map<JudgedChange['change'], JudgedChange[]>(gravity.map((change) => [change, []]))
  const tones = { checked: 0, rightBefore: 0, rightAfter: 0 }
  return {
    judge({ kind, id, risk, state, before, after }: Judged) {
      const of = risks.get(risk) ?? { risk, confirmed: noneConfirmed(), rejected: noneRejected() }
      risks.set(risk, of)
      const outcome =
        state === 'confirmed'
          ? ({
              of: 'confirmed',
              is: before ? (after ? 'kept' : 'lost') : after ? 'regained' : 'missed',
            } as const)
          : ({
              of: 'rejected',
              is: before ? (after ? 'raised' : 'silenced') : after ? 'newlyRaised' : 'silent',
            } as const)
      if (outcome.of === 'confirmed') {
        of.confirmed[outcome.is]++
        total.confirmed[outcome.is]++
      } else {
        of.rejected[outcome.is]++
        total.rejected[outcome.is]++
      }
      if (before === after) return
      const change = gravity.find((one) => one === outcome.is)
      const kept = change && changes.get(change)
      if (kept && kept.length < CHANGES_KEPT) kept.push({ kind, id, risk, change })
    },
    /** A tone that a person set, and what both would have said. */
    tone(truth: string, before: string, after: string) {
      tones.checked++
      if (before === truth) tones.rightBefore++
      if (after === truth) tones.rightAfter++
    },
    result: (): Verdicts => ({
      ...total,
      risks: [...risks.values()].sort((a, b) => (a.risk < b.risk ? -1 : 1)),
      changes: gravity.flatMap((change) => changes.get(change) ?? []).slice(0, CHANGES_KEPT),
      tones,
    }),
  }
}
