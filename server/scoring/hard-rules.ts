import type { ScoringPolicy } from '../policy/scoring.ts'
import type { HardRule } from './factor.ts'
import type { ComplaintEvidence } from './facts.ts'
import { type Level, rankOf } from './level.ts'
import { daysUntil, hoursSince } from './scale.ts'
import { alertsIn, dueIn, mentionsIn, openComplaintsIn, readingsIn, total, type Weighed } from './signal.ts'

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
    weather(evidence, policy),
    reading(evidence, policy),
    due(evidence, policy, now),
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

/**
 * Weather over the site, graver where owners already complain of leaks: the gravest warning speaks for all. Without leaks
 * one site of a city speaks for the others, so that a storm is one warning and not forty.
 */
function weather(evidence: readonly Weighed[], policy: ScoringPolicy['hardRules']): HardRule | undefined {
  const { manyLeaks, alone, overLeaks, overManyLeaks, clause } = policy.weather
  const gravest = alertsIn(evidence)
    .flatMap((piece) => piece.facts.map((fact) => ({ fact, signalId: piece.signalId })))
    .flatMap(({ fact, signalId }) => {
      if (fact.openLeaks === 0 && fact.sites === undefined) return []
      const by = fact.openLeaks >= manyLeaks ? overManyLeaks : fact.openLeaks > 0 ? overLeaks : alone
      const level = by[fact.severity]
      return level === null ? [] : [{ fact, signalId, level }]
    })
  const [first] = gravest.toSorted((a, b) => rankOf(b.level) - rankOf(a.level) || a.signalId - b.signalId)
  if (!first) return undefined
  const { phenomenon, severity, issuer, openLeaks, sites = 1 } = first.fact
  return {
    rule: 'weather',
    clause,
    level: first.level,
    because: { phenomenon, severity, issuer, leaks: openLeaks, ...(sites > 1 && { sites }) },
    signalIds: gravest.map(({ signalId }) => signalId),
  }
}

/** A number of our own that has gone too far needs no second voice to be looked at. */
function reading(evidence: readonly Weighed[], policy: ScoringPolicy['hardRules']): HardRule | undefined {
  const found = readingsIn(evidence).flatMap((piece) =>
    piece.facts.map((fact) => ({ fact, signalId: piece.signalId, strength: piece.strength })),
  )
  const [first] = found.toSorted(
    (a, b) =>
      Number(b.fact.isGrave) - Number(a.fact.isGrave) || b.strength - a.strength || a.signalId - b.signalId,
  )
  if (!first) return undefined
  const { finding, metric, unit, value, reference, change, on, isGrave } = first.fact
  const level: Level = isGrave ? policy.reading.farBeyond : policy.reading.beyond
  return {
    rule: 'reading',
    clause: policy.reading.clause,
    level,
    because: { finding, metric, unit, value, reference, change, on },
    signalIds: [...new Set(found.map(({ signalId }) => signalId))],
  }
}

/** A day that brings this risk by itself is near or has passed: shown low and honestly, whoever is still silent. */
function due(
  evidence: readonly Weighed[],
  policy: ScoringPolicy['hardRules'],
  now: Date,
): HardRule | undefined {
  const found = dueIn(evidence).flatMap((piece) =>
    piece.facts
      .filter((fact) => fact.isDirect)
      .map((fact) => ({ fact, signalId: piece.signalId, days: daysUntil(fact.dueOn, now) })),
  )
  const [first] = found.toSorted((a, b) => Math.abs(a.days) - Math.abs(b.days) || a.signalId - b.signalId)
  if (!first) return undefined
  const { milestone, title, dueOn } = first.fact
  return {
    rule: 'due',
    clause: policy.due.clause,
    level: policy.due.atLeast,
    because: { kind: milestone ?? title, dueOn, days: first.days },
    signalIds: found.map(({ signalId }) => signalId),
  }
}

/** Praise («无一停工») crosses no red line. */
function isAdverse(piece: Weighed): boolean {
  return piece.kind !== 'mention' || piece.polarity !== 'positive'
}
