/*
 * The life-cycle of a complaint (S0 articles 9 and 10): one table, and `step` is the only way through it.
 *
 *   draft → registered → triage → invalid · enquiry · transferred → closed
 *                               → need-info ⇄ triage, held
 *                               → assigned ⇄ disputed → analysing → plan-draft ⇄ in-approval → plan-approved
 *   plan-approved → customer-consult → implementing → implemented → callback-due
 *   callback-due → satisfied · rework · crisis · unreachable → archive-review → archived
 *
 * Not states, so that they cannot hide a case: a pause (a flag with an end), a group of same complaints (its cluster), and
 * a reopening (a new case that names the old one).
 */
import type { Role } from '../access/permissions.ts'

export const states = [
  'draft',
  'registered',
  'triage',
  'need-info',
  'held',
  'invalid-explain',
  'enquiry',
  'transferred',
  'assigned',
  'disputed',
  'analysing',
  'plan-draft',
  'in-approval',
  'plan-approved',
  'customer-consult',
  'implementing',
  'implemented',
  'callback-due',
  'satisfied',
  'unreachable',
  'exhausted',
  'crisis',
  'withdrawn',
  'litigation',
  'archive-review',
  'archived',
  'closed',
] as const
export type State = (typeof states)[number]

/** X12: closure rate and satisfaction never share a numerator, so the reason is part of closing. */
export type CloseReason =
  | 'satisfied'
  | 'unreachable'
  | 'exhausted'
  | 'to-crisis'
  | 'invalid'
  | 'answered'
  | 'transferred'
  | 'withdrawn'
  | 'litigation'

const desk = [
  'desk-agent',
  'desk-supervisor',
  'desk-director',
  'administrator',
] as const satisfies readonly Role[]
const supervisor = ['desk-supervisor', 'desk-director'] as const satisfies readonly Role[]
const department = ['department'] as const satisfies readonly Role[]
/** S0-10.1b: without a clear owner the desk handles the case itself. */
const handler = [...department, ...desk] as const satisfies readonly Role[]
/** S0-10.3: grades 1–2 are approved by headquarters, 3–4 by the city general manager. No exception for administrators. */
const approver = ['general-manager', 'hq-marketing'] as const satisfies readonly Role[]
/** S0-10.6: the head of the responsible department, or of the desk where the desk handled it. */
const archivist = ['department', 'desk-supervisor', 'desk-director'] as const satisfies readonly Role[]

/** What an action is given; which of it must be there is the guard's business. */
export interface StepFacts {
  grade: 1 | 2 | 3 | 4
  note?: string | undefined
  validity?: 'valid' | 'coordination' | 'invalid' | null | undefined
  validityBasis?: string | null | undefined
  responsibleDepartmentId?: number | null | undefined
}

export const guards = {
  /** A reason or an account in words. */
  note: ({ note }: StepFacts) => Boolean(note?.trim()),
  /** S4-10a: the nature of the judgement and its basis. */
  'invalid-with-basis': ({ validity, validityBasis }: StepFacts) =>
    validity === 'invalid' && Boolean(validityBasis?.trim()),
  /** S0-9.3c: a valid case names its department. */
  'valid-with-department': ({ validity, responsibleDepartmentId }: StepFacts) =>
    (validity === 'valid' || validity === 'coordination') && responsibleDepartmentId != null,
  department: ({ responsibleDepartmentId }: StepFacts) => responsibleDepartmentId != null,
} as const satisfies Readonly<Record<string, (facts: StepFacts) => boolean>>
export type Guard = keyof typeof guards

export interface Transition {
  from: State
  action: Action
  to: State
  roles: readonly Role[]
  clause: string
  guard?: Guard
  /** Sets the end of handling; later paper work does not move it. */
  closes?: CloseReason
}

export const actions = [
  'register',
  'triage',
  'judge-invalid',
  'answer',
  'transfer',
  'ask-info',
  'hold',
  'resume',
  'assign',
  'dispute',
  'accept',
  'give-opinion',
  'submit-plan',
  'withdraw-plan',
  'return-plan',
  'approve-plan',
  'consult',
  'agree',
  'refuse',
  'complete',
  'open-callback',
  'no-answer',
  'confirm-satisfied',
  'rework',
  'give-up-calling',
  'exhaust',
  'hand-to-crisis',
  'withdraw',
  'go-to-court',
  'close',
  'review-archive',
  'archive',
  'return-archive',
] as const
export type Action = (typeof actions)[number]

const main = [
  { from: 'draft', action: 'register', to: 'registered', roles: desk, clause: 'S0-9.2a' },
  { from: 'registered', action: 'triage', to: 'triage', roles: desk, clause: 'S0-9.3a' },

  {
    from: 'triage',
    action: 'judge-invalid',
    to: 'invalid-explain',
    roles: desk,
    clause: 'S0-9.3b',
    guard: 'invalid-with-basis',
  },
  {
    from: 'invalid-explain',
    action: 'close',
    to: 'closed',
    roles: desk,
    clause: 'S0-9.3b',
    guard: 'note',
    closes: 'invalid',
  },
  {
    from: 'invalid-explain',
    action: 'resume',
    to: 'triage',
    roles: supervisor,
    clause: 'S3-P10.10',
    guard: 'note',
  },
  { from: 'triage', action: 'answer', to: 'enquiry', roles: desk, clause: 'S0-5a', guard: 'note' },
  { from: 'enquiry', action: 'close', to: 'closed', roles: desk, clause: 'S0-5a', closes: 'answered' },
  { from: 'enquiry', action: 'resume', to: 'triage', roles: desk, clause: 'S0-9.3a', guard: 'note' },
  { from: 'triage', action: 'transfer', to: 'transferred', roles: desk, clause: 'S3-P10.7.2', guard: 'note' },
  {
    from: 'transferred',
    action: 'close',
    to: 'closed',
    roles: desk,
    clause: 'S3-P10.7.2',
    guard: 'note',
    closes: 'transferred',
  },
  { from: 'triage', action: 'ask-info', to: 'need-info', roles: desk, clause: 'S3-P10.7.4', guard: 'note' },
  { from: 'need-info', action: 'resume', to: 'triage', roles: desk, clause: 'S3-P10.7.4' },
  { from: 'triage', action: 'hold', to: 'held', roles: supervisor, clause: 'S3-P10.7.3', guard: 'note' },
  { from: 'need-info', action: 'hold', to: 'held', roles: supervisor, clause: 'S3-P10.7.3', guard: 'note' },
  { from: 'held', action: 'resume', to: 'triage', roles: desk, clause: 'S3-P10.7.3' },

  {
    from: 'triage',
    action: 'assign',
    to: 'assigned',
    roles: desk,
    clause: 'S0-9.3c',
    guard: 'valid-with-department',
  },
  { from: 'assigned', action: 'dispute', to: 'disputed', roles: department, clause: 'S4-25b', guard: 'note' },
  { from: 'disputed', action: 'assign', to: 'assigned', roles: desk, clause: 'S4-25b', guard: 'department' },
  { from: 'assigned', action: 'accept', to: 'analysing', roles: handler, clause: 'S0-10.1a' },
  {
    from: 'analysing',
    action: 'give-opinion',
    to: 'plan-draft',
    roles: handler,
    clause: 'S0-10.1a',
    guard: 'note',
  },

  {
    from: 'plan-draft',
    action: 'submit-plan',
    to: 'in-approval',
    roles: desk,
    clause: 'S0-10.2',
    guard: 'note',
  },
  {
    from: 'in-approval',
    action: 'withdraw-plan',
    to: 'plan-draft',
    roles: desk,
    clause: 'S0-10.2',
    guard: 'note',
  },
  {
    from: 'in-approval',
    action: 'return-plan',
    to: 'plan-draft',
    roles: approver,
    clause: 'S0-10.3a',
    guard: 'note',
  },
  {
    from: 'in-approval',
    action: 'approve-plan',
    to: 'plan-approved',
    roles: approver,
    clause: 'S0-10.3a',
    guard: 'note',
  },
  { from: 'plan-approved', action: 'consult', to: 'customer-consult', roles: desk, clause: 'S0-10.2' },
  { from: 'customer-consult', action: 'agree', to: 'implementing', roles: desk, clause: 'S0-10.4a' },
  {
    from: 'customer-consult',
    action: 'refuse',
    to: 'plan-draft',
    roles: desk,
    clause: 'S0-10.4b',
    guard: 'note',
  },
  {
    from: 'customer-consult',
    action: 'exhaust',
    to: 'exhausted',
    roles: approver,
    clause: 'S3-P10.9',
    guard: 'note',
    closes: 'exhausted',
  },
  {
    from: 'implementing',
    action: 'complete',
    to: 'implemented',
    roles: handler,
    clause: 'S0-10.5a',
    guard: 'note',
  },

  { from: 'implemented', action: 'open-callback', to: 'callback-due', roles: desk, clause: 'S0-10.5b' },
  { from: 'callback-due', action: 'no-answer', to: 'callback-due', roles: desk, clause: 'S0-10.5b' },
  {
    from: 'callback-due',
    action: 'confirm-satisfied',
    to: 'satisfied',
    roles: desk,
    clause: 'S0-10.5c',
    guard: 'note',
    closes: 'satisfied',
  },
  {
    from: 'callback-due',
    action: 'rework',
    to: 'implementing',
    roles: desk,
    clause: 'S0-10.5d',
    guard: 'note',
  },
  {
    from: 'callback-due',
    action: 'give-up-calling',
    to: 'unreachable',
    roles: supervisor,
    clause: 'S0-10.5b',
    guard: 'note',
    closes: 'unreachable',
  },
  {
    from: 'callback-due',
    action: 'exhaust',
    to: 'exhausted',
    roles: approver,
    clause: 'S3-P10.9',
    guard: 'note',
    closes: 'exhausted',
  },
] as const satisfies readonly Transition[]

/** Where handling still goes on. */
export const openStates = [
  'registered',
  'triage',
  'need-info',
  'held',
  'invalid-explain',
  'enquiry',
  'transferred',
  'assigned',
  'disputed',
  'analysing',
  'plan-draft',
  'in-approval',
  'plan-approved',
  'customer-consult',
  'implementing',
  'implemented',
  'callback-due',
] as const satisfies readonly State[]

const fromAnyOpen = openStates.flatMap((from): readonly Transition[] => [
  {
    from,
    action: 'withdraw',
    to: 'withdrawn',
    roles: desk,
    clause: 'S0-8.1b',
    guard: 'note',
    closes: 'withdrawn',
  },
  {
    from,
    action: 'go-to-court',
    to: 'litigation',
    roles: supervisor,
    clause: 'S0-3.1b',
    guard: 'note',
    closes: 'litigation',
  },
  {
    from,
    action: 'hand-to-crisis',
    to: 'crisis',
    roles: supervisor,
    clause: 'S0-10.5d',
    guard: 'note',
    closes: 'to-crisis',
  },
])

const ended = ['satisfied', 'unreachable', 'exhausted', 'crisis', 'withdrawn', 'litigation'] as const
const archiving = [
  ...ended.map(
    (from): Transition => ({
      from,
      action: 'review-archive',
      to: 'archive-review',
      roles: desk,
      clause: 'S0-10.6',
    }),
  ),
  { from: 'archive-review', action: 'archive', to: 'archived', roles: archivist, clause: 'S0-10.6' },
  // The end of handling stays where it was: only the papers were not complete.
  {
    from: 'archive-review',
    action: 'return-archive',
    to: 'archive-review',
    roles: archivist,
    clause: 'S3-P10.10',
    guard: 'note',
  },
] as const satisfies readonly Transition[]

export const transitions: readonly Transition[] = [...main, ...fromAnyOpen, ...archiving]
export const finalStates = ['closed', 'archived'] as const satisfies readonly State[]

/** The path most cases take, for a step tracker. */
export const usualPath = [
  'registered',
  'triage',
  'assigned',
  'analysing',
  'plan-draft',
  'in-approval',
  'plan-approved',
  'customer-consult',
  'implementing',
  'implemented',
  'callback-due',
  'satisfied',
  'archive-review',
  'archived',
] as const satisfies readonly State[]

export type Stepped =
  | { ok: true; transition: Transition }
  | { ok: false; reason: 'no-such-step' | 'not-your-role' }
  | { ok: false; reason: 'not-ready'; guard: Guard }

/** Whether these roles may take this action from here with these facts, and where it leads. */
export function step(from: State, action: Action, roles: readonly Role[], facts: StepFacts): Stepped {
  const transition = transitions.find((one) => one.from === from && one.action === action)
  if (!transition) return { ok: false, reason: 'no-such-step' }
  if (!mayTake(transition, roles, facts.grade)) return { ok: false, reason: 'not-your-role' }
  if (transition.guard && !guards[transition.guard](facts))
    return { ok: false, reason: 'not-ready', guard: transition.guard }
  return { ok: true, transition }
}

/** What a reader of these roles could do next; guards may still ask for more. */
export function stepsFrom(
  from: State,
  roles: readonly Role[],
  grade: StepFacts['grade'],
): readonly Transition[] {
  return transitions.filter((one) => one.from === from && mayTake(one, roles, grade))
}

function mayTake(
  { action, roles: allowed }: Transition,
  roles: readonly Role[],
  grade: StepFacts['grade'],
): boolean {
  // S0-10.3: what the city general manager decides on grades 3–4 is for headquarters on grades 1–2.
  const isDecision = action === 'approve-plan' || action === 'exhaust'
  return allowed.some(
    (role) => roles.includes(role) && !(isDecision && grade <= 2 && role === 'general-manager'),
  )
}

export const isState = (state: string): state is State => states.some((one) => one === state)

export interface Milestone {
  state: State
  /** When the case last came here; null: not yet. */
  at: Date | null
  isNow: boolean
}

/** The usual path with what is behind and ahead; a case off that path shows the way it really went. */
export function pathOf(now: State, visited: readonly { state: string | null; at: Date }[]): Milestone[] {
  const reached = new Map(visited.map(({ state, at }) => [state, at]))
  const isUsual = usualPath.some((state) => state === now)
  const shown: readonly State[] = isUsual
    ? usualPath
    : [...usualPath.filter((state) => reached.has(state)), now]
  const here = shown.indexOf(now)
  return shown.map((state, at) => ({
    state,
    at: at <= here ? (reached.get(state) ?? null) : null,
    isNow: at === here,
  }))
}
