/**
 * What a warning of the weather authority means for a site (S0-14.5b), and which of many warnings a list shows.
 *
 *   strength = strength of the severity + 0.05 × open leak complaints, at most + 0.15
 *
 * Example: a red rainstorm warning over a delivered estate with four open leak complaints: PO2 and DE5, 0.85 + 0.15 = 1.
 */
import type { IndicatorsPolicy } from '../policy/indicators.ts'
import { type AlertFact, severities } from './because.ts'

export interface SiteUnderAlert {
  stage: 'PS' | 'LA' | 'SA' | 'DE' | 'PO'
  openLeaks: number
}

/** The risks that the warning brings to this site, each with its strength and what is to be said of it. */
export function risksOfAlert(
  alert: Omit<AlertFact, 'openLeaks' | 'kind'>,
  site: SiteUnderAlert,
  policy: IndicatorsPolicy['weather'],
): readonly { riskCode: string; strength: number; fact: AlertFact }[] {
  return policy.rules.flatMap((rule) => {
    if (!rule.phenomena.some((phenomenon) => phenomenon === alert.phenomenon)) return []
    const openLeaks = rule.orOpenLeaks ? site.openLeaks : 0
    if (!rule.stages.includes(site.stage) && openLeaks === 0) return []
    const boost = Math.min(policy.mostForLeaks, openLeaks * policy.perOpenLeak)
    const strength = Math.min(1, policy.strength[alert.severity] + boost)
    return [{ riskCode: rule.risk, strength, fact: { ...alert, kind: 'alert' as const, openLeaks } }]
  })
}

export interface Reached {
  projectId: number
  cityCompanyId: number
  households: number
  riskCode: string
  fact: AlertFact
}

/**
 * One storm is one warning for a city, not one for each of its forty sites: of those without open leaks, which nothing
 * tells apart, the largest under the gravest warning speaks for all (`sites`). Sites with open leaks speak for themselves.
 * Warnings of several issuers about the same weather count as one storm.
 */
export function withSpeakers<Row extends Reached>(rows: readonly Row[]): readonly Row[] {
  const storms = new Map<string, Row[]>()
  for (const row of rows) {
    if (row.fact.openLeaks > 0) continue
    const storm = `${row.cityCompanyId} ${row.fact.phenomenon} ${row.riskCode}`
    storms.set(storm, [...(storms.get(storm) ?? []), row])
  }
  const sitesOf = new Map<Row, number>()
  for (const storm of storms.values()) {
    const [speaker] = storm.toSorted(
      (a, b) =>
        severities.indexOf(b.fact.severity) - severities.indexOf(a.fact.severity) ||
        b.households - a.households ||
        a.projectId - b.projectId,
    )
    const sites = new Set(storm.map(({ projectId }) => projectId)).size
    for (const row of storm) if (row.projectId === speaker?.projectId) sitesOf.set(row, sites)
  }
  return rows.map((row) => {
    const sites = sitesOf.get(row)
    return sites === undefined ? row : { ...row, fact: { ...row.fact, sites } }
  })
}

/**
 * The first `limit` of rows that come gravest first, after each city got its `floor` gravest: one storm with forty sites
 * does not push the landslide of another city out of sight. The order of the rows stays.
 */
export function withFloor<Row extends { cityCompanyId: number }>(
  rows: readonly Row[],
  limit: number,
  floor: number,
): readonly Row[] {
  const seen = new Map<number, number>()
  const first = rows.filter((row) => {
    const count = (seen.get(row.cityCompanyId) ?? 0) + 1
    seen.set(row.cityCompanyId, count)
    return count <= floor
  })
  const kept = new Set(first.slice(0, limit))
  for (const row of rows) if (kept.size < limit) kept.add(row)
  return rows.filter((row) => kept.has(row))
}
