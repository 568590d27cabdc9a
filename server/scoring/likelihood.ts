import type { ScoringPolicy } from '../policy/scoring.ts'
import type { Factor } from './factor.ts'
import type { Facts } from './facts.ts'
import { heatOf } from './heat.ts'
import { byLog, daysUntil, growth, hoursSince, rounded, saturating } from './scale.ts'
import {
  complainants,
  complaintsIn,
  dueIn,
  families,
  mentionsIn,
  total,
  type Weighed,
  withoutReposts,
} from './signal.ts'

/**
 * Likelihood 可能性 that a risk becomes a crisis (S2-3.2.1: severity, scope and trend), the sum of weighted terms, each 0–1.
 *
 *   severity: strength      = 1 − e^(−Σ amount ÷ 4), reposts once
 *             negativeShare = negative ÷ (texts + 3), all weighed by freshness (S2-2.3.3)
 *   scope:    heat          = see heat.ts
 *             complainants  = ln(1 + Σ freshness of different people) ÷ ln(1 + 10)
 *             corroboration = √(media × ledger): media and complainants must both speak, each full at 3 families, 4 people
 *   trend:    growth        = complaints of 14 days against the 14 before, with a floor of 3
 *             milestone     = nearness of a milestone or calendar day that brings this risk, 60 days before to 30 after it
 *
 * Example: three fresh confirmed complaints of three people, strength 0.9, nothing else: strength 1 − e^(−2.7 ÷ 4) = 0.491;
 * complainants ln 4 ÷ ln 11 = 0.578; growth 3 ÷ 6 = 0.5; with the default weights 0.137 + 0.092 + 0.04 = 0.27.
 */
export function likelihoodFactors(
  facts: Facts,
  evidence: readonly Weighed[],
  scoring: ScoringPolicy,
  now: Date,
): readonly Factor[] {
  const policy = scoring.likelihood
  const factor = (name: keyof typeof policy.weights, value: number, because: Factor['because']): Factor => ({
    factor: name,
    side: 'likelihood',
    value: rounded(value),
    weight: policy.weights[name],
    contribution: rounded(value * policy.weights[name]),
    because,
  })

  const pieces = withoutReposts(evidence)
  const amount = total(pieces, (piece) => piece.amount)
  const mentions = mentionsIn(evidence)
  const negative = mentions.filter((mention) => mention.polarity === 'negative')
  const negativeFresh = total(negative, (mention) => mention.freshness)
  const allFresh = total(mentions, (mention) => mention.freshness)
  const heat = heatOf(evidence, scoring.heat, now)
  const people = complainants(evidence)
  const peopleFresh = total(people.values(), (complaint) => complaint.freshness)
  const familiesFresh = total(families(evidence).values(), (mention) => mention.freshness)
  const media = Math.min(1, familiesFresh / policy.familiesToCorroborate)
  const ledger = Math.min(1, peopleFresh / policy.complainantsToCorroborate)
  const complaintAges = complaintsIn(evidence).map((complaint) => hoursSince(complaint.occurredAt, now) / 24)
  const window = policy.growthWindowDays
  const recent = complaintAges.filter((age) => age < window).length
  const before = complaintAges.filter((age) => age >= window && age < 2 * window).length
  const near = nearestDay(facts, evidence, policy, now)

  return [
    factor('strength', saturating(amount, policy.strengthScale), {
      items: pieces.length,
      amount: rounded(amount),
      confirmed: pieces.filter((piece) => piece.state === 'confirmed').length,
    }),
    factor('negativeShare', negativeFresh / (allFresh + policy.shareFloor), {
      negative: negative.length,
      mentions: mentions.length,
    }),
    factor('heat', heat.heat, {
      families: heat.families,
      breadth: rounded(heat.breadth),
      momentum: rounded(heat.momentum),
      persistence: rounded(heat.persistence),
    }),
    factor('complainants', byLog(peopleFresh, policy.complainantsForFull), { complainants: people.size }),
    factor('corroboration', Math.sqrt(media * ledger), {
      families: heat.families,
      complainants: people.size,
    }),
    factor('growth', growth(recent, before, policy.growthFloor), { recent, before, days: window }),
    factor('milestone', near?.nearness ?? 0, near ? { kind: near.kind, days: near.days } : {}),
  ]
}

/** The open milestone or day of a calendar that brings this risk nearest; negative days: overdue. */
function nearestDay(
  facts: Facts,
  evidence: readonly Weighed[],
  policy: ScoringPolicy['likelihood'],
  now: Date,
) {
  const milestones = facts.project.milestones.filter(({ kind }) =>
    policy.milestoneRisks[kind]?.includes(facts.risk.code),
  )
  const ofCalendar = dueIn(evidence)
    .flatMap((piece) => piece.facts)
    .filter((fact) => fact.milestone === null)
    .map((fact) => ({ kind: fact.title, plannedOn: fact.dueOn }))
  return [...milestones, ...ofCalendar]
    .map(({ kind, plannedOn }) => {
      const days = daysUntil(plannedOn, now)
      const reach = days >= 0 ? policy.milestoneBeforeDays : policy.milestoneAfterDays
      return { kind, days, nearness: Math.max(0, 1 - Math.abs(days) / reach) }
    })
    .reduce<{ kind: string; days: number; nearness: number } | undefined>(
      (best, next) => (!best || next.nearness > best.nearness ? next : best),
      undefined,
    )
}
