/**
 * What a warning of the weather authority means for a site (S0-14.5b), and which of many warnings a list shows.
 *
 *   strength = strength of the severity + 0.05 × open leak complaints, at most + 0.15
 *
 * Example: a red rainstorm warning over a delivered estate with four open leak complaints: PO2 and DE5, 0.85 + 0.15 = 1.
 */
import type { IndicatorsPolicy } from '../policy/indicators.ts'
import type { AlertFact } from './because.ts'

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
