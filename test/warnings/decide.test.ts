import { describe, expect, test } from 'vitest'
import { permissionsOf } from '../../server/access/permissions.ts'
import { defaultWarnings as policy } from '../../server/policy/warnings.ts'
import { decide, type Situation } from '../../server/warnings/decide.ts'
import { isClosed, states, step, stepsFor, transitions } from '../../server/warnings/transitions.ts'

const now = new Date('2026-03-10T08:00:00Z')
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000)

function situation(values: {
  exposure?: Partial<Situation['exposure']>
  open?: Partial<NonNullable<Situation['open']>>
  closed?: Situation['closed']
}): Situation {
  return {
    exposure: {
      level: 'III',
      hasHardRule: false,
      isGrowing: false,
      familyCount: 2,
      complaintCount: 2,
      complainantCount: 2,
      lastEvidenceAt: now,
      ...values.exposure,
    },
    open: values.open && {
      level: 'III',
      gravest: 'III',
      state: 'candidate',
      spokeAt: hoursAgo(12),
      familyCount: 2,
      complaintCount: 2,
      isLiftingProposed: false,
      ...values.open,
    },
    closed: values.closed,
  }
}
const decided = (values: Parameters<typeof situation>[0]) => decide(situation(values), policy, now)

describe('raising', () => {
  test('an exposure with a level raises one warning', () => {
    expect(decided({})).toEqual({ do: 'raise', level: 'III', reason: 'level' })
    expect(decided({ open: {} })).toEqual({ do: 'nothing' })
  })

  test('an exposure without a level raises nothing', () => {
    expect(decided({ exposure: { level: null } })).toEqual({ do: 'nothing' })
  })

  test.each([
    ['a hard rule', { hasHardRule: true, isGrowing: true }, 'red-line'],
    ['growth in two families', { isGrowing: true, familyCount: 2, complainantCount: 0 }, 'anomaly'],
    ['growth among three complainants', { isGrowing: true, familyCount: 0, complainantCount: 3 }, 'anomaly'],
    ['growth of one voice', { isGrowing: true, familyCount: 1, complainantCount: 1 }, 'level'],
    ['breadth without growth', { familyCount: 9 }, 'level'],
  ] as const)('S2-2.3.3: the reason of %s is kept apart', (_, exposure, reason) => {
    expect(decided({ exposure })).toMatchObject({ do: 'raise', reason })
  })

  test('a closed warning does not come back on the evidence it was closed with', () => {
    const closed = { at: hoursAgo(200), level: 'III' as const }
    expect(decided({ closed, exposure: { lastEvidenceAt: hoursAgo(201) } })).toEqual({ do: 'nothing' })
    expect(decided({ closed })).toMatchObject({ do: 'raise' })
  })

  test('the cool-down holds back new evidence of the same level, and gives way to a graver one', () => {
    const closed = { at: hoursAgo(10), level: 'III' as const }
    expect(decided({ closed })).toEqual({ do: 'nothing' })
    expect(decided({ closed, exposure: { level: 'II' } })).toMatchObject({ do: 'raise', level: 'II' })
  })
})

describe('a running warning', () => {
  test('follows the level up and down', () => {
    expect(decided({ open: {}, exposure: { level: 'I', hasHardRule: true } })).toEqual({
      reason: 'red-line',
      do: 'change-level',
      from: 'III',
      to: 'I',
    })
    expect(decided({ open: {}, exposure: { level: 'IV' } })).toEqual({
      reason: 'level',
      do: 'change-level',
      from: 'III',
      to: 'IV',
    })
  })

  test('speaks again after two more families or three more complaints, but not within six hours', () => {
    expect(decided({ open: {}, exposure: { familyCount: 4 } })).toEqual({
      do: 'add-facts',
      families: 2,
      complaints: 0,
    })
    expect(decided({ open: {}, exposure: { complaintCount: 5 } })).toEqual({
      do: 'add-facts',
      families: 0,
      complaints: 3,
    })
    expect(decided({ open: {}, exposure: { familyCount: 3, complaintCount: 4 } })).toEqual({ do: 'nothing' })
    expect(decided({ open: { spokeAt: hoursAgo(5) }, exposure: { familyCount: 9 } })).toEqual({
      do: 'nothing',
    })
  })

  test('S2-3.2.3: calmed down, the machine lifts III and IV that nobody took up', () => {
    expect(decided({ open: {}, exposure: { level: null } })).toEqual({ do: 'lift' })
  })

  test.each([
    ['once at level II', { gravest: 'II' }],
    ['under verification', { state: 'verifying' }],
  ] as const)('S2-3.2.3: calmed down, one %s is only proposed for lifting, once', (_, open) => {
    expect(decided({ open, exposure: { level: null } })).toEqual({ do: 'propose-lifting' })
    expect(decided({ open: { ...open, isLiftingProposed: true }, exposure: { level: null } })).toEqual({
      do: 'nothing',
    })
  })
})

describe('the table of transitions', () => {
  test('every state but the first is reached, and every open one has a way out', () => {
    const reached = new Set(transitions.map((row) => row.to))
    for (const state of states) {
      if (state !== 'candidate') expect(reached).toContain(state)
      expect(transitions.some((row) => row.from === state)).toBe(!isClosed(state))
    }
  })

  test('every row is taken by a holder of its permission and refused to everyone else', () => {
    for (const row of transitions) {
      for (const level of row.levels ?? (['I', 'II', 'III', 'IV'] as const)) {
        const standing = { state: row.from, level }
        expect(step(standing, row.action, { permissions: [row.by] })).toMatchObject({ ok: true, to: row.to })
        expect(step(standing, row.action, { permissions: [] })).toEqual({
          ok: false,
          reason: 'not-permitted',
        })
      }
    }
  })

  test('what is not in the table is refused', () => {
    expect(step({ state: 'lifted', level: 'IV' }, 'verify', { permissions: ['warning.verify'] })).toEqual({
      ok: false,
      reason: 'no-such-step',
    })
  })

  test('S2-3.2.3: the machine lifts neither I and II nor what people work on', () => {
    for (const state of states) {
      for (const level of ['I', 'II'] as const)
        expect(step({ state, level }, 'lift', 'machine').ok).toBe(false)
    }
    expect(step({ state: 'verifying', level: 'IV' }, 'lift', 'machine').ok).toBe(false)
    expect(step({ state: 'candidate', level: 'I' }, 'discard', 'machine').ok).toBe(false)
  })

  test('S2-3.2.3: a member of the crisis group lifts III, only the leader lifts II', () => {
    const lifts = (role: 'crisis-member' | 'crisis-leader', level: 'II' | 'III') =>
      stepsFor({ state: 'assessed', level }, permissionsOf([role])).includes('lift')
    expect(lifts('crisis-member', 'III')).toBe(true)
    expect(lifts('crisis-member', 'II')).toBe(false)
    expect(lifts('crisis-leader', 'II')).toBe(true)
  })
})
