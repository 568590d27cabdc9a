import type { Permission } from '../access/permissions.ts'
import type { Level } from '../scoring/level.ts'

/*
 * The life-cycle of a warning, as far as it is handled today: one table, and `step` is the only way through it.
 *
 *   candidate ⇄ watching → verifying → assessed        any of them → lifted; all but assessed → discarded
 *
 * Not states: a change of level and an acknowledgement, so that neither hides where the work stands. Publishing and
 * response (S2-3.3) continue from `assessed`.
 */
export const states = ['candidate', 'watching', 'verifying', 'assessed', 'discarded', 'lifted'] as const
export type State = (typeof states)[number]

export const actions = ['watch', 'verify', 'assess', 'discard', 'lift'] as const
export type Action = (typeof actions)[number]

export interface Transition {
  from: State
  action: Action
  to: State
  /** Absent: any level. */
  levels?: readonly Level[]
  /** Who may; the machine may only what names it. */
  by: Permission
  machineToo?: true
  clause: string
}

const grave = ['I', 'II'] as const
const mild = ['III', 'IV'] as const

export const transitions: readonly Transition[] = [
  { from: 'candidate', action: 'watch', to: 'watching', by: 'warning.verify', clause: 'S2-2.3.2' },
  { from: 'candidate', action: 'verify', to: 'verifying', by: 'warning.verify', clause: 'S2-2.3.2' },
  { from: 'watching', action: 'verify', to: 'verifying', by: 'warning.verify', clause: 'S2-2.3.2' },
  { from: 'verifying', action: 'assess', to: 'assessed', by: 'warning.verify', clause: 'S2-3.2.3' },
  { from: 'candidate', action: 'discard', to: 'discarded', by: 'warning.verify', clause: 'S2-2.3.2' },
  { from: 'watching', action: 'discard', to: 'discarded', by: 'warning.verify', clause: 'S2-2.3.2' },
  { from: 'verifying', action: 'discard', to: 'discarded', by: 'warning.verify', clause: 'S2-2.3.2' },
  // The machine lifts only what nobody has taken up, and never I or II.
  {
    from: 'candidate',
    action: 'lift',
    to: 'lifted',
    levels: mild,
    by: 'warning.verify',
    machineToo: true,
    clause: 'S2-3.2.3',
  },
  {
    from: 'watching',
    action: 'lift',
    to: 'lifted',
    levels: mild,
    by: 'warning.verify',
    machineToo: true,
    clause: 'S2-3.2.3',
  },
  { from: 'verifying', action: 'lift', to: 'lifted', levels: mild, by: 'warning.verify', clause: 'S2-3.2.3' },
  { from: 'assessed', action: 'lift', to: 'lifted', levels: mild, by: 'warning.verify', clause: 'S2-3.2.3' },
  { from: 'candidate', action: 'lift', to: 'lifted', levels: grave, by: 'warning.lift', clause: 'S2-3.2.3' },
  { from: 'watching', action: 'lift', to: 'lifted', levels: grave, by: 'warning.lift', clause: 'S2-3.2.3' },
  { from: 'verifying', action: 'lift', to: 'lifted', levels: grave, by: 'warning.lift', clause: 'S2-3.2.3' },
  { from: 'assessed', action: 'lift', to: 'lifted', levels: grave, by: 'warning.lift', clause: 'S2-3.2.3' },
]

/** `level`: the gravest the warning has had; a level that fell does not make lifting easier. */
export interface Standing {
  state: State
  level: Level
}

export type Step =
  | { ok: true; to: State; clause: string }
  | { ok: false; reason: 'no-such-step' | 'not-permitted' }

export function step(
  { state, level }: Standing,
  action: Action,
  actor: 'machine' | { permissions: readonly Permission[] },
): Step {
  const row = transitions.find(
    (one) => one.from === state && one.action === action && (one.levels?.includes(level) ?? true),
  )
  if (!row) return { ok: false, reason: 'no-such-step' }
  const may = actor === 'machine' ? row.machineToo === true : actor.permissions.includes(row.by)
  return may ? { ok: true, to: row.to, clause: row.clause } : { ok: false, reason: 'not-permitted' }
}

/** What this reader may do with it now. */
export function stepsFor(standing: Standing, permissions: readonly Permission[]): readonly Action[] {
  return actions.filter((action) => step(standing, action, { permissions }).ok)
}

export function isClosed(state: State): boolean {
  return state === 'discarded' || state === 'lifted'
}
