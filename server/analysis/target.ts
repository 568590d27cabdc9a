/**
 * Who is blamed, or whose matter it is. Words that name a party count by the root of their number (twice in the title);
 * a risk of building, selling or contract speaks for the developer, one of service for the property manager. Hazards in
 * an occupied estate and causes from outside speak for nobody: there only words decide. Without any risk the words must
 * be clearer. Example: «物业» twice in a text with an EX1 signal of 0.8: √2 + 1.6 = 3.0 for property management.
 */
import { z } from 'zod'
import type { Risk } from '../../risk-catalog/risk.ts'
import type { EngineSets } from './match.ts'
import type { Reading } from './reading.ts'

export const Target = z.enum(['developer', 'property-management', 'government', 'other'])
export type Target = z.output<typeof Target>

const parties = ['developer', 'property-management', 'government'] as const
const TITLE_FACTOR = 2
const RISK_FACTOR = 2
/** Letters to an authority name it without blaming it. */
const GOVERNMENT_FACTOR = 0.5
const ENOUGH = 0.8
const ENOUGH_WITHOUT_RISK = 1.4

const buildersWork = new Set(['design', 'engineering', 'sales', 'legal'])

/** The party whose work the risk is: by the department that the catalogue names first. */
function partyOf({ phase, departments: [first] }: Pick<Risk, 'phase' | 'departments'>) {
  if (phase === 'PO' || first === undefined) return undefined
  if (buildersWork.has(first)) return 'developer'
  return first === 'property-management' ? 'property-management' : undefined
}

export interface FoundRisk extends Pick<Risk, 'phase' | 'departments'> {
  score: number
}

export function readTarget(engine: EngineSets, reading: Reading, risks: readonly FoundRisk[]): Target {
  const votes = { developer: 0, 'property-management': 0, government: 0 }
  for (const party of parties) {
    for (const hit of reading.hitsOf(engine[party])) {
      votes[party] += (reading.end[hit] ?? 0) <= reading.titleUnits ? TITLE_FACTOR : 1
    }
    votes[party] = Math.sqrt(votes[party])
  }
  votes.government *= GOVERNMENT_FACTOR
  for (const risk of risks) {
    const party = partyOf(risk)
    if (party) votes[party] += (RISK_FACTOR * risk.score) / risks.length
  }
  let best: Target = 'other'
  let most = risks.length > 0 ? ENOUGH : ENOUGH_WITHOUT_RISK
  for (const party of parties) {
    if (votes[party] > most) {
      best = party
      most = votes[party]
    }
  }
  return best
}
