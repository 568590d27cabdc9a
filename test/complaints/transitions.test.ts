import { describe, expect, test } from 'vitest'
import { roles } from '../../server/access/permissions.ts'
import {
  actions,
  finalStates,
  type guards,
  openStates,
  type State,
  type StepFacts,
  states,
  step,
  stepsFrom,
  transitions,
  usualPath,
} from '../../server/complaints/transitions.ts'

const isFinal = (state: State) => finalStates.some((final) => final === state)
const ready: Record<keyof typeof guards, Partial<StepFacts>> = {
  note: { note: '已说明' },
  'invalid-with-basis': { validity: 'invalid', validityBasis: '已过保修期' },
  'valid-with-department': { validity: 'valid', responsibleDepartmentId: 1 },
  department: { responsibleDepartmentId: 1 },
}

describe('the life-cycle of a complaint', () => {
  test('every state is reached from the draft', () => {
    const reached = new Set<State>(['draft'])
    for (const state of reached) for (const { from, to } of transitions) if (from === state) reached.add(to)
    expect(states.filter((state) => !reached.has(state))).toEqual([])
  })

  test('every state but the final ones leads to a final one, and final ones lead nowhere', () => {
    const ending = new Set<State>(finalStates)
    for (let grown = -1; grown !== ending.size; ) {
      grown = ending.size
      for (const { from, to } of transitions) if (ending.has(to)) ending.add(from)
    }
    expect(states.filter((state) => !ending.has(state))).toEqual([])
    expect(transitions.filter(({ from }) => isFinal(from))).toEqual([])
  })

  test('an action has one meaning in a state, a role to take it and a clause', () => {
    const seen = transitions.map(({ from, action }) => `${from} ${action}`)
    expect(new Set(seen).size).toBe(seen.length)
    for (const { roles: allowed, clause } of transitions) {
      expect(allowed.length).toBeGreaterThan(0)
      expect(clause).toMatch(/^S\d-/)
    }
    expect(actions.filter((action) => !transitions.some((one) => one.action === action))).toEqual([])
  })

  test.each(transitions.map((one) => [`${one.clause}: ${one.from} –${one.action}→ ${one.to}`, one] as const))(
    '%s',
    (_name, one) => {
      const facts: StepFacts = { grade: 4, ...(one.guard ? ready[one.guard] : {}) }
      expect(step(one.from, one.action, one.roles, facts)).toEqual({ ok: true, transition: one })
      const others = roles.filter((role) => !one.roles.includes(role))
      expect(step(one.from, one.action, others, facts)).toEqual({ ok: false, reason: 'not-your-role' })
      if (one.guard)
        expect(step(one.from, one.action, one.roles, { grade: 4, note: ' ' })).toEqual({
          ok: false,
          reason: 'not-ready',
          guard: one.guard,
        })
    },
  )

  test('closing happens once: what closes leads out of the open states', () => {
    const isOpen = (state: State) => openStates.some((open) => open === state)
    for (const { from, to, closes } of transitions) {
      if (closes) expect([isOpen(from), isOpen(to)]).toEqual([true, false])
      else if (from !== 'draft') expect(isOpen(to)).toBe(isOpen(from))
    }
  })

  test('the usual path can be walked step by step', () => {
    for (const [at, from] of usualPath.slice(0, -1).entries())
      expect(transitions.some((one) => one.from === from && one.to === usualPath[at + 1])).toBe(true)
  })

  test('S0-10.3a: plans of grades 1 and 2 are approved by headquarters, not by the city', () => {
    const facts = { grade: 2, note: '同意' } as const
    expect(step('in-approval', 'approve-plan', ['general-manager'], facts)).toMatchObject({ ok: false })
    expect(step('in-approval', 'approve-plan', ['hq-marketing'], facts)).toMatchObject({ ok: true })
    expect(stepsFrom('in-approval', ['general-manager'], 2).map(({ action }) => action)).toEqual([
      'return-plan',
    ])
  })

  test('S0-10.3c: plans of grades 3 and 4 are approved by the city general manager', () => {
    expect(
      step('in-approval', 'approve-plan', ['general-manager'], { grade: 3, note: '同意' }),
    ).toMatchObject({
      ok: true,
    })
  })

  test('an administrator decides nothing', () => {
    expect(stepsFrom('in-approval', ['administrator'], 4).map(({ action }) => action)).toEqual([
      'withdraw-plan',
      'withdraw',
    ])
  })

  test('what the table does not hold is refused', () => {
    expect(step('closed', 'triage', ['desk-agent'], { grade: 4 })).toEqual({
      ok: false,
      reason: 'no-such-step',
    })
  })
})
