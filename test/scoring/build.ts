import { defaultScoring } from '../../server/policy/scoring.ts'
import { assess } from '../../server/scoring/assess.ts'
import type { Factor } from '../../server/scoring/factor.ts'
import type { ComplaintEvidence, Evidence, Facts, MentionEvidence } from '../../server/scoring/facts.ts'

export const now = new Date('2026-03-10T08:00:00Z')
export const policy = defaultScoring

export function daysAgo(days: number): Date {
  return new Date(now.getTime() - days * 86_400_000)
}

let serial = 0

export function mention(values: Partial<MentionEvidence> = {}): MentionEvidence {
  serial += 1
  return {
    kind: 'mention',
    signalId: serial,
    strength: 0.8,
    state: 'proposed',
    isRedLine: false,
    isLearning: false,
    occurredAt: now,
    polarity: 'negative',
    tier: 'local',
    family: `family ${serial}`,
    story: `story ${serial}`,
    ...values,
  }
}

export function complaint(values: Partial<ComplaintEvidence> = {}): ComplaintEvidence {
  serial += 1
  return {
    kind: 'complaint',
    signalId: serial,
    strength: 0.8,
    state: 'proposed',
    isRedLine: false,
    isLearning: false,
    occurredAt: now,
    people: [`person ${serial}`],
    households: 1,
    grade: 4,
    isInvalid: false,
    isOpen: true,
    cluster: null,
    mayLitigate: false,
    isGroupLitigation: false,
    repeatsAfterHandling: 0,
    claimYuan: 0,
    isMainLink: true,
    ...values,
  }
}

export function facts(
  evidence: readonly Evidence[],
  values: {
    severity?: number
    households?: number | null
    milestones?: Facts['project']['milestones']
    code?: string
  } = {},
): Facts {
  return {
    risk: { code: values.code ?? 'DE5', severity: values.severity ?? 4 },
    project: {
      households: values.households === undefined ? 1000 : values.households,
      milestones: values.milestones ?? [],
    },
    evidence,
  }
}

export function times<Value>(count: number, make: (at: number) => Value): Value[] {
  return Array.from({ length: count }, (_, at) => make(at))
}

export function assessed(evidence: readonly Evidence[], values: Parameters<typeof facts>[1] = {}) {
  return assess(facts(evidence, values), policy, now)
}

export function factorValue(
  evidence: readonly Evidence[],
  name: Factor['factor'],
  values: Parameters<typeof facts>[1] = {},
): number {
  const found = assessed(evidence, values).factors.find((factor) => factor.factor === name)
  if (!found) throw new Error(`no factor ${name}`)
  return found.value
}
