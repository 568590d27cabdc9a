import type { ScoringPolicy } from '../policy/scoring.ts'
import type {
  AlertEvidence,
  ComplaintEvidence,
  DueEvidence,
  Evidence,
  Facts,
  MentionEvidence,
  ReadingEvidence,
} from './facts.ts'
import { hoursSince } from './scale.ts'

/**
 * How much one piece of evidence still counts (S2-2.3.2).
 *
 *   weight = state × tone × 0.5 ^ (age ÷ half-life)        amount = weight × strength
 *
 * State: confirmed 1, proposed 0.7, rejected 0; readings, alerts and due days are no opinion of the machine and count 1.
 * Tone, for texts: negative 1, neutral 0.6, positive 0.1. The half-life of an open complaint is longer than that of a text,
 * because it does not go away by itself; an alert in force and a day that is due do not fade, they end. Learning evidence,
 * invalid complaints and what lies outside the window count 0.
 *
 * Example: a negative text, strength 0.8, proposed, 7 days old: 0.7 × 1 × 0.5 = 0.35; amount 0.28.
 */
export type Weighed<Piece extends Evidence = Evidence> = Piece & {
  weight: number
  amount: number
  freshness: number
}

type EvidencePolicy = ScoringPolicy['evidence']

/** The evidence that counts at all, oldest first, so that sums do not depend on the order it came in. */
export function weigh(facts: Facts, policy: EvidencePolicy, now: Date): readonly Weighed[] {
  return facts.evidence
    .filter((piece) => counts(piece, policy, now))
    .map((piece) => {
      const freshness = isInForce(piece)
        ? 1
        : 0.5 ** (hoursSince(piece.occurredAt, now) / 24 / halfLife(piece, policy))
      const isProposed =
        piece.state === 'proposed' && (piece.kind === 'mention' || piece.kind === 'complaint')
      const state = isProposed ? policy.stateWeight.proposed : policy.stateWeight.confirmed
      const tone = piece.kind === 'mention' ? policy.polarityWeight[piece.polarity] : 1
      const weight = state * tone * freshness
      return { ...piece, freshness, weight, amount: weight * piece.strength }
    })
    .sort((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime() || a.signalId - b.signalId)
}

function counts(piece: Evidence, policy: EvidencePolicy, now: Date): boolean {
  if (piece.state === 'rejected' || piece.isLearning) return false
  if (piece.kind === 'complaint' && piece.isInvalid) return false
  if (piece.kind === 'complaint' && piece.isOpen) return true
  if (isInForce(piece)) return true
  return hoursSince(piece.occurredAt, now) <= policy.windowDays * 24
}

/** Ended by its own feature, not by age. */
function isInForce(piece: Evidence): boolean {
  return piece.kind === 'alert' || piece.kind === 'milestone'
}

function halfLife(piece: Evidence, policy: EvidencePolicy): number {
  if (piece.kind === 'mention') return policy.halfLifeDays.mention
  if (piece.kind === 'complaint') {
    return piece.isOpen ? policy.halfLifeDays.openComplaint : policy.halfLifeDays.closedComplaint
  }
  return policy.halfLifeDays.other
}

/** Reposts of one story within one family are one voice: the strongest of them counts, the others add nothing. */
export function withoutReposts(evidence: readonly Weighed[]): readonly Weighed[] {
  const strongest = new Map<string, Weighed>()
  for (const piece of evidence) {
    const key =
      piece.kind === 'mention' ? `mention ${piece.story} ${piece.family}` : `signal ${piece.signalId}`
    const known = strongest.get(key)
    if (!known || piece.amount > known.amount) strongest.set(key, piece)
  }
  return [...strongest.values()]
}

export function mentionsIn(evidence: readonly Weighed[]): readonly Weighed<MentionEvidence>[] {
  return evidence.filter((piece): piece is Weighed<MentionEvidence> => piece.kind === 'mention')
}

export function complaintsIn(evidence: readonly Weighed[]): readonly Weighed<ComplaintEvidence>[] {
  return evidence.filter((piece): piece is Weighed<ComplaintEvidence> => piece.kind === 'complaint')
}

export function alertsIn(evidence: readonly Weighed[]): readonly Weighed<AlertEvidence>[] {
  return evidence.filter((piece): piece is Weighed<AlertEvidence> => piece.kind === 'alert')
}

export function readingsIn(evidence: readonly Weighed[]): readonly Weighed<ReadingEvidence>[] {
  return evidence.filter((piece): piece is Weighed<ReadingEvidence> => piece.kind === 'reading')
}

export function dueIn(evidence: readonly Weighed[]): readonly Weighed<DueEvidence>[] {
  return evidence.filter((piece): piece is Weighed<DueEvidence> => piece.kind === 'milestone')
}

export function openComplaintsIn(evidence: readonly Weighed[]): readonly Weighed<ComplaintEvidence>[] {
  return complaintsIn(evidence).filter((complaint) => complaint.isOpen)
}

/** Families with the freshest text of each: an old voice fades instead of being forgotten in one day. */
export function families(evidence: readonly Weighed[]): ReadonlyMap<string, Weighed<MentionEvidence>> {
  return freshest(mentionsIn(evidence), (mention) => [mention.family])
}

/** The same for the people behind the complaints. */
export function complainants(evidence: readonly Weighed[]): ReadonlyMap<string, Weighed<ComplaintEvidence>> {
  return freshest(complaintsIn(evidence), (complaint) => complaint.people)
}

function freshest<Piece extends Weighed>(
  pieces: readonly Piece[],
  keysOf: (piece: Piece) => readonly string[],
) {
  const found = new Map<string, Piece>()
  for (const piece of pieces) {
    for (const key of keysOf(piece)) {
      const known = found.get(key)
      if (!known || piece.freshness > known.freshness) found.set(key, piece)
    }
  }
  return found
}

/** Sum of a number over a map's pieces, in the order of the evidence. */
export function total<Piece>(pieces: Iterable<Piece>, of: (piece: Piece) => number): number {
  let sum = 0
  for (const piece of pieces) sum += of(piece)
  return sum
}
