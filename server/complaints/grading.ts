/*
 * The grade of a complaint (S0 article 3): conditions are asked in order, the first that holds gives grade and clause
 * (S0-3.0); the others that hold are kept beside it, so that a page can show the whole proof.
 * Example: three neighbours report the same leak within three weeks, one of them threatens to call a newspaper
 * → grade 2, clause S0-3.2a «may reach the media», also S0-3.2b «3 complainants from 1 to 21 March».
 */
import { z } from 'zod'
import type { GradePolicy } from '../policy/grading.ts'
import { shanghaiMonth } from './shanghai.ts'

export type Grade = 1 | 2 | 3 | 4

/** Negative mentions of the same project and risk, folded. */
export interface Coverage {
  riskCode: string
  mentions: number
  families: number
  /** Tiers of the publishers that carried it. */
  tiers: readonly string[]
}

/** One case of the same project and risk, this one included. */
export interface SameCase {
  riskCode: string
  at: Date
  /** The person's key; null when the case does not say who complains. */
  person: string | null
}

export interface GradeFacts {
  now: Date
  receivedAt: Date
  isOpen: boolean
  households: number
  persons: number
  mayLitigate: boolean
  isGroupLitigation: boolean
  mayReachMedia: boolean
  /** The desk's judgement that coverage would seriously hurt the group's reputation, integrity for example. */
  isReputationAtStake: boolean
  coverage: readonly Coverage[]
  sameCases: readonly SameCase[]
  validity: 'valid' | 'coordination' | 'invalid' | null
  isOurFault: boolean | null
  repeatsAfterHandling: number
  needsOtherDepartments: boolean
}

const clause = z.string()
const Grade = z.literal([1, 2, 3, 4])

/** Why a condition holds, as facts a page can word in any language. */
const Because = z.discriminatedUnion('rule', [
  z.object({
    rule: z.literal('coverage'),
    riskCode: z.string(),
    mentions: z.number(),
    families: z.number(),
    tiers: z.array(z.string()).readonly(),
  }),
  z.object({ rule: z.literal('reputation-at-stake') }),
  z.object({
    rule: z.literal('group'),
    households: z.number(),
    threshold: z.number(),
    litigation: z.boolean(),
  }),
  z.object({ rule: z.literal('may-litigate'), group: z.boolean() }),
  z.object({ rule: z.literal('may-reach-media') }),
  z.object({
    rule: z.literal('same-complaint'),
    riskCode: z.string(),
    complainants: z.number(),
    unnamed: z.number(),
    threshold: z.number(),
    from: z.string(),
    to: z.string(),
  }),
  z.object({
    rule: z.literal('collective'),
    persons: z.number(),
    households: z.number(),
    threshold: z.number(),
  }),
  z.object({ rule: z.literal('unresolved'), days: z.number(), threshold: z.number(), judged: z.boolean() }),
  z.object({ rule: z.literal('repeated-after-handling'), times: z.number(), threshold: z.number() }),
  z.object({ rule: z.literal('needs-other-departments') }),
  z.object({ rule: z.literal('none') }),
])
export type Because = z.output<typeof Because>

/** As the ledger keeps it: the reason, and further conditions that hold, in order. */
export const Graded = z.object({
  grade: Grade,
  clause,
  because: Because,
  also: z.array(z.object({ grade: Grade, clause, because: Because })).readonly(),
})
export type Graded = z.output<typeof Graded>

interface Condition {
  grade: Grade
  clause: string
  holds: (facts: GradeFacts, policy: GradePolicy) => Because | undefined
}

const conditions: readonly Condition[] = [
  { grade: 1, clause: 'S0-3.1a', holds: seriousCoverage },
  { grade: 1, clause: 'S0-3.1b', holds: groupOfHouseholds },
  { grade: 2, clause: 'S0-3.2a', holds: lawsuitOrExposure },
  { grade: 2, clause: 'S0-3.2b', holds: sameComplaint },
  { grade: 2, clause: 'S0-3.2c', holds: collective },
  { grade: 2, clause: 'S0-3.2d', holds: unresolved },
  { grade: 3, clause: 'S0-3.3a', holds: repeatedAfterHandling },
  {
    grade: 3,
    clause: 'S0-3.3b',
    holds: (facts) => (facts.needsOtherDepartments ? { rule: 'needs-other-departments' } : undefined),
  },
  { grade: 4, clause: 'S0-3.4', holds: () => ({ rule: 'none' }) },
]

export function gradeComplaint(facts: GradeFacts, policy: GradePolicy): Graded {
  const holding = conditions.flatMap(({ grade, clause, holds }) => {
    const because = holds(facts, policy)
    return because ? [{ grade, clause, because }] : []
  })
  const [first, ...rest] = holding
  if (!first) throw new Error('the last condition always holds')
  return { ...first, also: rest.filter(({ because }) => because.rule !== 'none') }
}

function seriousCoverage(facts: GradeFacts, policy: GradePolicy): Because | undefined {
  const serious = facts.coverage.find(
    ({ tiers, families }) =>
      families >= policy.seriousFamilies || tiers.some((tier) => isOneOf(policy.seriousTiers, tier)),
  )
  if (serious) return { rule: 'coverage', ...serious }
  if (facts.mayReachMedia && facts.isReputationAtStake) return { rule: 'reputation-at-stake' }
}

/** Ten households may always go to court together, so the group is enough; whether they said so is kept as a fact. */
function groupOfHouseholds(facts: GradeFacts, policy: GradePolicy): Because | undefined {
  if (facts.households < policy.groupHouseholds) return
  return {
    rule: 'group',
    households: facts.households,
    threshold: policy.groupHouseholds,
    litigation: facts.isGroupLitigation || facts.mayLitigate,
  }
}

function lawsuitOrExposure(facts: GradeFacts): Because | undefined {
  const covered = facts.coverage.find(({ mentions }) => mentions > 0)
  if (covered) return { rule: 'coverage', ...covered }
  if (facts.mayLitigate || facts.isGroupLitigation)
    return { rule: 'may-litigate', group: facts.isGroupLitigation }
  if (facts.mayReachMedia) return { rule: 'may-reach-media' }
}

/**
 * Different complainants of one risk within one month around this case. The window slides over the case instead of ending
 * today, so that a grade does not sink because time passes.
 */
function sameComplaint(facts: GradeFacts, policy: GradePolicy): Because | undefined {
  const { complainants, inclusive } = policy.sameComplaint
  const threshold = inclusive ? complainants : complainants + 1
  let widest: Crowd | undefined
  let riskCode = ''
  for (const code of new Set(facts.sameCases.map((one) => one.riskCode))) {
    const crowd = widestCrowd(
      facts.receivedAt,
      facts.sameCases.filter((one) => one.riskCode === code),
      policy.sameComplaint,
    )
    if (!crowd || crowd.complainants <= (widest?.complainants ?? 0)) continue
    widest = crowd
    riskCode = code
  }
  if (!widest || widest.complainants < threshold) return
  return { rule: 'same-complaint', riskCode, threshold, ...widest }
}

interface Crowd {
  complainants: number
  unnamed: number
  from: string
  to: string
}

/** The month with the most complainants among those that hold `at`; rolling months begin at a case. */
function widestCrowd(
  at: Date,
  cases: readonly SameCase[],
  policy: GradePolicy['sameComplaint'],
): Crowd | undefined {
  const length = policy.rollingDays * DAY
  const isNear =
    policy.window === 'rolling'
      ? (one: SameCase) => Math.abs(one.at.getTime() - at.getTime()) <= length
      : (one: SameCase) => shanghaiMonth(one.at) === shanghaiMonth(at)
  const near = cases.filter(isNear).sort((one, other) => one.at.getTime() - other.at.getTime())
  const seen = new Map<string, number>()
  let unnamed = 0
  let end = 0
  let widest: Crowd | undefined
  for (const first of near) {
    if (first.at > at) break
    // Two ends that only move forward: every case enters and leaves once.
    for (
      let next = near[end];
      next && (policy.window !== 'rolling' || next.at.getTime() - first.at.getTime() <= length);
      next = near[end]
    ) {
      if (next.person === null) unnamed += 1
      else seen.set(next.person, (seen.get(next.person) ?? 0) + 1)
      end += 1
    }
    const counted = policy.countsUnnamed ? unnamed : 0
    const last = near[end - 1]
    if (last && seen.size + counted > (widest?.complainants ?? 0))
      widest = {
        complainants: seen.size + counted,
        unnamed: counted,
        from: first.at.toISOString(),
        to: last.at.toISOString(),
      }
    if (first.person === null) unnamed -= 1
    else {
      const left = (seen.get(first.person) ?? 1) - 1
      if (left > 0) seen.set(first.person, left)
      else seen.delete(first.person)
    }
  }
  return widest
}

/** X7: persons and households are counted separately; a household has at least one person. */
function collective(facts: GradeFacts, policy: GradePolicy): Because | undefined {
  const persons = Math.max(facts.persons, facts.households)
  if (persons < policy.collectivePersons || facts.households >= policy.groupHouseholds) return
  return {
    rule: 'collective',
    persons,
    households: facts.households,
    threshold: policy.collectivePersons,
  }
}

function unresolved(facts: GradeFacts, policy: GradePolicy): Because | undefined {
  const days = Math.floor((facts.now.getTime() - facts.receivedAt.getTime()) / DAY)
  const isOver = facts.now.getTime() - facts.receivedAt.getTime() > policy.unresolvedDays * DAY
  if (!facts.isOpen || !isOver) return
  const judged = facts.isOurFault ?? (facts.validity === null ? null : facts.validity === 'valid')
  if (!(judged ?? policy.undecidedIsOurs)) return
  return { rule: 'unresolved', days, threshold: policy.unresolvedDays, judged: judged !== null }
}

function repeatedAfterHandling(facts: GradeFacts, policy: GradePolicy): Because | undefined {
  if (facts.repeatsAfterHandling < policy.repeatsAfterHandling) return
  return {
    rule: 'repeated-after-handling',
    times: facts.repeatsAfterHandling,
    threshold: policy.repeatsAfterHandling,
  }
}

const isOneOf = (list: readonly string[], value: string) => list.includes(value)
const DAY = 86_400_000
