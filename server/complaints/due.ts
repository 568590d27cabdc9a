import type { GradePolicy } from '../policy/grading.ts'
import type { State } from './transitions.ts'

/** S0-10.3: until the handling plan reaches its approver, the clock of the plan runs. */
export const awaitingPlan = [
  'registered',
  'triage',
  'need-info',
  'assigned',
  'disputed',
  'analysing',
  'plan-draft',
] as const satisfies readonly State[]

/** When the handling plan is due; null once it was handed in or none is needed. Starts on receipt, not on acceptance. */
export function planDueAt(
  one: { state: string; grade: number; receivedAt: Date; kind: string },
  policy: GradePolicy,
): Date | null {
  if (one.kind === 'enquiry' || !awaitingPlan.some((state) => state === one.state)) return null
  const hours = policy.planHours[one.grade - 1]
  return hours === undefined ? null : new Date(one.receivedAt.getTime() + hours * 3_600_000)
}
