import { z } from 'zod'
import { CollectingPolicy, defaultCollecting } from './collecting.ts'
import { defaultGrading, GradePolicy } from './grading.ts'
import { defaultIndicators, IndicatorsPolicy } from './indicators.ts'
import { defaultScoring, ScoringPolicy } from './scoring.ts'
import { defaultWarnings, WarningsPolicy } from './warnings.ts'

/** Every number of every rule, each section with the clause it serves (S0-17: rules change; so the numbers are versions, not constants). */
export const Policy = z.strictObject({
  scoring: ScoringPolicy,
  warnings: WarningsPolicy,
  collecting: CollectingPolicy,
  grading: GradePolicy,
  indicators: IndicatorsPolicy,
})
export type Policy = z.output<typeof Policy>

export const defaultPolicy: Policy = {
  scoring: defaultScoring,
  warnings: defaultWarnings,
  collecting: defaultCollecting,
  grading: defaultGrading,
  indicators: defaultIndicators,
}

/** A stored version as the code of today reads it: a number that did not exist when it was stored takes its default. */
export function readPolicy(content: unknown): Policy {
  return Policy.parse(completed(withoutRetired(content), defaultPolicy))
}

/** Numbers of rules that are no more: a version that people made before still reads. */
const retired: Readonly<Record<string, readonly string[]>> = {
  collecting: ['silentAfterGaps', 'silentAfterHours'],
}

function withoutRetired(stored: unknown): unknown {
  if (!isObject(stored)) return stored
  const sections = Object.entries(stored).map(([name, section]) => {
    const gone = retired[name]
    if (!gone || !isObject(section)) return [name, section] as const
    return [name, Object.fromEntries(Object.entries(section).filter(([key]) => !gone.includes(key)))] as const
  })
  return Object.fromEntries(sections)
}

function completed(stored: unknown, shipped: unknown): unknown {
  if (!isObject(stored) || !isObject(shipped)) return stored
  const added = Object.entries(shipped).filter(([key]) => !(key in stored))
  const kept = Object.entries(stored).map(([key, value]) => [key, completed(value, shipped[key])] as const)
  return Object.fromEntries([...kept, ...added])
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
