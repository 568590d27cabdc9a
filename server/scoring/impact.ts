import type { ScoringPolicy } from '../policy/scoring.ts'
import type { Factor } from './factor.ts'
import type { Facts } from './facts.ts'
import { byLog, rounded } from './scale.ts'
import { mentionsIn, openComplaintsIn, total, type Weighed } from './signal.ts'

/**
 * Impact 影响程度 if the risk becomes a crisis (S2-3.2.2: image, customers lost, money, law), the sum of weighted terms, each 0–1.
 *
 *   what the catalogue says:  severity       = (base severity − 1) ÷ 4
 *   image:                    media          = tier of the gravest negative text × its freshness
 *   customers:                households     = ln(1 + households with an open case) ÷ ln(1 + 50)
 *                             projectSize    = ln(1 + households of the project) ÷ ln(1 + 3000)
 *                             openComplaints = ln(1 + open cases) ÷ ln(1 + 12)
 *                             repeats        = ln(1 + repeats) ÷ ln(1 + 6): after handling, and further cases of a cluster
 *   money:                    claim          = logarithm of the open claims between 10,000 and 10,000,000 yuan
 *   law:                      litigation     = 1 group litigation, 0.6 a threat to sue
 *
 * Example: severity 4, a fresh negative text in a local paper (0.6), 5 open cases of 5 households, project of 1,000:
 * 0.3 × 0.75 + 0.16 × 0.6 + 0.14 × 0.456 + 0.05 × 0.863 + 0.11 × 0.699 = 0.505.
 */
export function impactFactors(
  facts: Facts,
  evidence: readonly Weighed[],
  scoring: ScoringPolicy,
): readonly Factor[] {
  const policy = scoring.impact
  const factor = (name: keyof typeof policy.weights, value: number, because: Factor['because']): Factor => ({
    factor: name,
    side: 'impact',
    value: rounded(value),
    weight: policy.weights[name],
    contribution: rounded(value * policy.weights[name]),
    because,
  })

  const open = openComplaintsIn(evidence)
  const gravest = mentionsIn(evidence)
    .filter((mention) => mention.polarity === 'negative')
    .map((mention) => ({ tier: mention.tier, value: policy.tierWeight[mention.tier] * mention.freshness }))
    .reduce<{ tier: string; value: number } | undefined>(
      (best, next) => (!best || next.value > best.value ? next : best),
      undefined,
    )
  const households = total(open, (complaint) => complaint.households)
  const projectHouseholds = facts.project.households ?? 0
  const clustered = open.filter((complaint) => complaint.cluster !== null)
  const clusters = new Set(clustered.map((complaint) => complaint.cluster))
  const repeats =
    total(open, (complaint) => complaint.repeatsAfterHandling) + clustered.length - clusters.size
  const claim = total(open, (complaint) => complaint.claimYuan)
  const group = open.filter((complaint) => complaint.isGroupLitigation).length
  const threatened = open.filter((complaint) => complaint.mayLitigate).length

  return [
    factor('severity', (facts.risk.severity - 1) / 4, { severity: facts.risk.severity }),
    factor('media', gravest?.value ?? 0, gravest ? { tier: gravest.tier } : {}),
    factor('households', byLog(households, policy.householdsForFull), { households }),
    factor('projectSize', byLog(projectHouseholds, policy.projectHouseholdsForFull), {
      households: projectHouseholds,
    }),
    factor('openComplaints', byLog(open.length, policy.openComplaintsForFull), { complaints: open.length }),
    factor('repeats', byLog(repeats, policy.repeatsForFull), { repeats }),
    factor('claim', claimValue(claim, policy), { yuan: claim }),
    factor(
      'litigation',
      group > 0 ? policy.litigation.group : threatened > 0 ? policy.litigation.threatened : 0,
      { group, threatened },
    ),
  ]
}

function claimValue(yuan: number, policy: ScoringPolicy['impact']): number {
  if (yuan <= policy.claimFromYuan) return 0
  return Math.min(
    1,
    Math.log(yuan / policy.claimFromYuan) / Math.log(policy.claimForFullYuan / policy.claimFromYuan),
  )
}
