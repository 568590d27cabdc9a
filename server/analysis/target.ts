/**
 * Who is blamed, or whose matter it is. Words that name a party count one each, twice in the title; the risks that were
 * found speak for the party that the catalogue makes responsible, which decides most texts that name nobody.
 */
import type { Phase } from '../../risk-catalog/risk.ts'
import type { EngineSets } from './match.ts'
import type { Reading } from './reading.ts'

export type Target = 'developer' | 'property-management' | 'government' | 'other'

const parties = ['developer', 'property-management', 'government'] as const
const TITLE_FACTOR = 2
const RISK_FACTOR = 3
/** A party's words say little when they come up once in a long letter to it. */
const GOVERNMENT_FACTOR = 0.4
const ENOUGH = 0.8

/** Party a risk of each phase speaks for; `PO` risks are the property manager's house, the others the developer's. */
const speaksFor: Readonly<Record<Phase, (typeof parties)[number]>> = {
  PS: 'developer',
  LA: 'developer',
  SA: 'developer',
  DE: 'developer',
  PO: 'property-management',
  EX: 'property-management',
}

export interface FoundRisk {
  phase: Phase
  departments: readonly string[]
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
    const isForManager =
      speaksFor[risk.phase] === 'property-management' && risk.departments.includes('property-management')
    votes[isForManager ? 'property-management' : 'developer'] += (RISK_FACTOR * risk.score) / risks.length
  }
  let best: Target = 'other'
  let most = ENOUGH
  for (const party of parties) {
    if (votes[party] >= most) {
      best = party
      most = votes[party]
    }
  }
  return best
}
