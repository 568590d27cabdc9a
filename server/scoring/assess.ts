import type { ScoringPolicy } from '../policy/scoring.ts'
import type { Absence } from './absence.ts'
import { confidenceOf } from './confidence.ts'
import type { Factor, HardRule } from './factor.ts'
import type { Facts } from './facts.ts'
import { hardRulesFor } from './hard-rules.ts'
import { impactFactors } from './impact.ts'
import { graver, type Level, levelOf, milder } from './level.ts'
import { likelihoodFactors } from './likelihood.ts'
import { type AppliedOpinion, withOpinion } from './opinion.ts'
import { bandOf, rounded } from './scale.ts'
import {
  complainants,
  complaintsIn,
  families,
  mentionsIn,
  openComplaintsIn,
  total,
  type Weighed,
  weigh,
  withoutReposts,
} from './signal.ts'

/**
 * The assessment of one cell: one project × one risk at one instant.
 *
 *   level = the graver of (matrix[band of likelihood][band of impact]) and (every hard rule that fires)
 *
 * Without enough evidence (sum of amounts below the floor) the matrix is not asked; an opinion that a person accepted moves
 * its answer by one step (opinion.ts); on too little evidence it is held at level IV. A required source that was not read
 * (absence.ts) makes the data insufficient too, but holds no level down: a blind eye must not calm. The same facts, policy and instant always give the same assessment.
 *
 * Example: the three complaints of likelihood.ts (0.27, band 2) on a risk of severity 4 with 3 households in a project of
 * 1,000: impact 0.225 + 0.049 + 0.043 + 0.059 = 0.377, band 3; matrix row 2, column 3: level IV.
 */
export interface Assessed {
  likelihood: number
  impact: number
  likelihoodBand: 1 | 2 | 3 | 4 | 5
  impactBand: 1 | 2 | 3 | 4 | 5
  level: Level | null
  confidence: number
  dataState: 'sufficient' | 'insufficient'
  factors: readonly Factor[]
  hardRules: readonly HardRule[]
  opinion: AppliedOpinion | null
  absence: Absence | null
  evidence: EvidenceCounts
}

export interface EvidenceCounts {
  mentionCount: number
  negativeCount: number
  complaintCount: number
  openComplaintCount: number
  familyCount: number
  complainantCount: number
  householdCount: number
  firstEvidenceAt: Date | null
  lastEvidenceAt: Date | null
  firstMentionAt: Date | null
  firstComplaintAt: Date | null
}

export function assess(facts: Facts, policy: ScoringPolicy, now: Date): Assessed {
  const evidence = weigh(facts, policy.evidence, now)
  const factors = [
    ...likelihoodFactors(facts, evidence, policy, now),
    ...impactFactors(facts, evidence, policy),
  ]
  const sumOf = (side: Factor['side']) =>
    rounded(total(factors, (factor) => (factor.side === side ? factor.contribution : 0)))
  const likelihood = sumOf('likelihood')
  const impact = sumOf('impact')
  const likelihoodBand = bandOf(likelihood, policy.likelihood.bands)
  const impactBand = bandOf(impact, policy.impact.bands)
  const carried = confidenceOf(evidence, policy.confidence)
  const hardRules = hardRulesFor(evidence, policy.hardRules, now)

  const isHeard = total(withoutReposts(evidence), (piece) => piece.amount) >= policy.evidence.floor
  const fromMatrix = isHeard ? levelOf(likelihoodBand, impactBand, policy.matrix) : null
  const moved = withOpinion(fromMatrix, facts.opinion, policy.opinion, now)
  const supported =
    carried.dataState === 'insufficient'
      ? milder(moved.level, policy.confidence.highestWhenInsufficient)
      : moved.level
  const level = hardRules.reduce<Level | null>((highest, rule) => graver(highest, rule.level), supported)

  return {
    likelihood,
    impact,
    likelihoodBand,
    impactBand,
    level,
    confidence: carried.confidence,
    dataState: facts.absence ? 'insufficient' : carried.dataState,
    factors,
    hardRules,
    opinion: moved.applied,
    absence: facts.absence ?? null,
    evidence: countsOf(evidence),
  }
}

function countsOf(evidence: readonly Weighed[]): EvidenceCounts {
  const mentions = mentionsIn(evidence)
  const complaints = complaintsIn(evidence)
  const open = openComplaintsIn(evidence)
  return {
    mentionCount: mentions.length,
    negativeCount: mentions.filter((mention) => mention.polarity === 'negative').length,
    complaintCount: complaints.length,
    openComplaintCount: open.length,
    familyCount: families(evidence).size,
    complainantCount: complainants(evidence).size,
    householdCount: total(open, (complaint) => complaint.households),
    // The evidence comes oldest first.
    firstEvidenceAt: evidence[0]?.occurredAt ?? null,
    lastEvidenceAt: evidence.at(-1)?.occurredAt ?? null,
    firstMentionAt: mentions[0]?.occurredAt ?? null,
    firstComplaintAt: complaints[0]?.occurredAt ?? null,
  }
}
