import type { ScoringPolicy } from '../policy/scoring.ts'
import type { HardRule } from './factor.ts'
import type { ComplaintEvidence } from './facts.ts'
import { hoursSince } from './scale.ts'
import { mentionsIn, openComplaintsIn, total, type Weighed } from './signal.ts'

/** What no score may override. One case or one text is enough; a rejected link is not evidence and fires nothing. */
export function hardRulesFor(
  evidence: readonly Weighed[],
  policy: ScoringPolicy['hardRules'],
  now: Date,
): readonly HardRule[] {
  return [
    gradeOne(evidence, policy),
    tierOne(evidence, policy, now),
    groupAction(evidence, policy),
    redLine(evidence, policy, now),
  ].filter((rule) => rule !== undefined)
}

/** An open case of this cell that weighs here: its main risk, or a link that a person confirmed. */
function casesOfThisCell(evidence: readonly Weighed[]): readonly Weighed<ComplaintEvidence>[] {
  return openComplaintsIn(evidence).filter(
    (complaint) => complaint.isMainLink || complaint.state === 'confirmed',
  )
}

function gradeOne(evidence: readonly Weighed[], policy: ScoringPolicy['hardRules']): HardRule | undefined {
  const cases = casesOfThisCell(evidence).filter((complaint) => complaint.grade === 1)
  if (cases.length === 0) return undefined
  return {
    rule: 'grade-one',
    clause: policy.gradeOne.clause,
    level: policy.gradeOne.atLeast,
    because: { complaints: cases.length },
    signalIds: cases.map((complaint) => complaint.signalId),
  }
}

/** A tier-1 medium that writes badly about a project with open cases on the same risk. */
function tierOne(
  evidence: readonly Weighed[],
  policy: ScoringPolicy['hardRules'],
  now: Date,
): HardRule | undefined {
  const { tiers, withinDays, clause, atLeast } = policy.tierOne
  const open = openComplaintsIn(evidence)
  const texts = mentionsIn(evidence).filter(
    (mention) =>
      mention.polarity === 'negative' &&
      tiers.includes(mention.tier) &&
      hoursSince(mention.occurredAt, now) <= withinDays * 24,
  )
  if (open.length === 0 || texts.length === 0) return undefined
  return {
    rule: 'tier-one',
    clause,
    level: atLeast,
    because: { mentions: texts.length, complaints: open.length },
    signalIds: [...texts, ...open].map((piece) => piece.signalId),
  }
}

/** Households that act together: one case, one cluster of same cases, or all cases in group litigation. */
function groupAction(evidence: readonly Weighed[], policy: ScoringPolicy['hardRules']): HardRule | undefined {
  const groups = new Map<string, Weighed<ComplaintEvidence>[]>()
  for (const complaint of casesOfThisCell(evidence)) {
    const keys = [complaint.cluster === null ? `case ${complaint.signalId}` : `cluster ${complaint.cluster}`]
    if (complaint.isGroupLitigation) keys.push('litigation')
    for (const key of keys) groups.set(key, [...(groups.get(key) ?? []), complaint])
  }
  const largest = [...groups.values()]
    .map((cases) => ({ cases, households: total(cases, (complaint) => complaint.households) }))
    .reduce<{ cases: Weighed<ComplaintEvidence>[]; households: number } | undefined>(
      (best, next) => (!best || next.households > best.households ? next : best),
      undefined,
    )
  if (!largest || largest.households < policy.groupAction.households) return undefined
  return {
    rule: 'group-action',
    clause: policy.groupAction.clause,
    level: policy.groupAction.atLeast,
    because: { households: largest.households, complaints: largest.cases.length },
    signalIds: largest.cases.map((complaint) => complaint.signalId),
  }
}

/** A red-line rule of the catalogue matched; a second voice or a person's word makes it graver. */
function redLine(
  evidence: readonly Weighed[],
  policy: ScoringPolicy['hardRules'],
  now: Date,
): HardRule | undefined {
  const { withinDays, clause, alone, corroborated } = policy.redLine
  const pieces = evidence.filter(
    (piece) => piece.isRedLine && hoursSince(piece.occurredAt, now) <= withinDays * 24 && isAdverse(piece),
  )
  if (pieces.length === 0) return undefined
  const voices = new Set(
    pieces.flatMap((piece) =>
      piece.kind === 'mention'
        ? [`family ${piece.family}`]
        : piece.kind === 'complaint'
          ? piece.people.map((person) => `person ${person}`)
          : [`signal ${piece.signalId}`],
    ),
  )
  const confirmed = pieces.filter((piece) => piece.state === 'confirmed').length
  return {
    rule: 'red-line',
    clause,
    level: confirmed > 0 || voices.size > 1 ? corroborated : alone,
    because: { items: pieces.length, voices: voices.size, confirmed },
    signalIds: pieces.map((piece) => piece.signalId),
  }
}

/** Praise («无一停工») crosses no red line. */
function isAdverse(piece: Weighed): boolean {
  return piece.kind !== 'mention' || piece.polarity !== 'positive'
}
