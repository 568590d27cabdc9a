/**
 * What a milestone or a day of a calendar means as it comes near (S0-14.0): it is due although nobody has spoken yet.
 *
 *   strength = far, rising to near on the day itself; late from the day after, until the end of the reach
 *
 * Example: handover in 12 days, reach 60: 0.3 + (0.6 − 0.3) × (1 − 12 ÷ 60) = 0.54.
 */
import type { IndicatorsPolicy } from '../policy/indicators.ts'
import type { DueFact } from './because.ts'

export interface DueDay {
  dueOn: string
  /** Days to it in Shanghai; negative: passed. */
  days: number
  beforeDays: number
  afterDays: number
}

export interface DueFinding {
  strength: number
  /** When it became what it is now (in reach, near, late): newer evidence than a warning that was closed before. */
  occurredAt: Date
}

/** What the day means now; `undefined` outside its reach. */
export function dueFinding(
  day: DueDay,
  { strength, nearDays }: Pick<IndicatorsPolicy['due'], 'strength' | 'nearDays'>,
): DueFinding | undefined {
  const { days, beforeDays, afterDays } = day
  if (days > beforeDays || -days > afterDays) return undefined
  const stage = days < 0 ? 1 : days <= nearDays ? -Math.min(nearDays, beforeDays) : -beforeDays
  const occurredAt = new Date(Date.parse(`${day.dueOn}T00:00:00+08:00`) + stage * 86_400_000)
  const risen = strength.far + (strength.near - strength.far) * (1 - Math.max(0, days) / beforeDays)
  return { strength: Math.round((days < 0 ? strength.late : risen) * 10_000) / 10_000, occurredAt }
}

/** The risks of a milestone, and whether the day itself brings them. */
export function risksOfMilestone(
  milestone: { kind: string; dueOn: string },
  likelihood: Readonly<Record<string, readonly string[]>>,
  direct: IndicatorsPolicy['due']['direct'],
): readonly { riskCode: string; fact: DueFact }[] {
  const own = direct[milestone.kind] ?? []
  const all = new Set([...own, ...(likelihood[milestone.kind] ?? [])])
  return [...all].map((riskCode) => ({
    riskCode,
    fact: {
      kind: 'due',
      milestone: milestone.kind,
      title: '',
      dueOn: milestone.dueOn,
      isDirect: own.includes(riskCode),
    },
  }))
}
