import { describe, expect, test } from 'vitest'
import {
  type Habit,
  type HourFact,
  habitOf,
  judge,
  type SourceFacts,
  silentAt,
} from '../../server/ingest/health.ts'
import { defaultCollecting as policy } from '../../server/policy/collecting.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Clock time in Shanghai. */
const at = (text: string) => new Date(`${text.replace(' ', 'T')}:00+08:00`)
const plus = (from: Date, hours: number) => new Date(from.getTime() + hours * HOUR)

const facts = (given: Partial<SourceFacts> = {}): SourceFacts => ({
  state: 'active',
  lastStartedAt: at('2026-03-10 10:00'),
  lastFinishedAt: at('2026-03-10 10:00'),
  lastOutcome: 'ok',
  firstSuccessAt: at('2026-01-05 10:00'),
  lastSuccessAt: at('2026-03-10 10:00'),
  lastItemAt: at('2026-03-10 10:00'),
  failures: 0,
  empties: 0,
  quietFrom: at('2026-03-10 10:00'),
  dueSince: null,
  habit: null,
  ...given,
})
const now = at('2026-03-10 10:10')

describe('failing comes before silence', () => {
  test.each([
    'blocked',
    'timeout',
    'parse-error',
    'too-large',
    'refused',
    'unreachable',
    'interrupted',
  ] as const)('a run that ended as %s makes the source failing and is its cause', (lastOutcome) => {
    expect(judge(facts({ lastOutcome, failures: 1 }), policy, now)).toEqual({
      health: 'failing',
      cause: lastOutcome,
      isBlocked: false,
    })
  })

  test('one slow answer blocks nothing, the second in a row does, and so does a source that was never read', () => {
    const blocked = (failures: number, lastSuccessAt: Date | null) =>
      judge(facts({ lastOutcome: 'timeout', failures, lastSuccessAt }), policy, now).isBlocked
    expect([blocked(1, now), blocked(2, now), blocked(1, null)]).toEqual([false, true, true])
  })

  test('a source that is due and not read is failing, though its last run went well', () => {
    const dueSince = at('2026-03-10 09:20')
    expect(judge(facts({ dueSince }), policy, at('2026-03-10 10:00')).health).toBe('healthy')
    expect(judge(facts({ dueSince }), policy, at('2026-03-10 10:10'))).toMatchObject({
      health: 'failing',
      cause: 'overdue',
    })
  })

  test('a run that never ends is not a success', () => {
    const hanging = facts({ lastStartedAt: at('2026-03-10 11:00') })
    expect(judge(hanging, policy, at('2026-03-10 11:20')).health).toBe('healthy')
    expect(judge(hanging, policy, at('2026-03-10 11:46'))).toMatchObject({
      cause: 'overdue',
      isBlocked: true,
    })
  })

  test('what a person paused is paused, and blocks what requires it', () => {
    expect(judge(facts({ state: 'paused', failures: 3 }), policy, now)).toEqual({
      health: 'paused',
      cause: null,
      isBlocked: true,
    })
  })

  test('a source not read yet is new, and nothing can be said through it', () => {
    const fresh = facts({ lastStartedAt: null, lastFinishedAt: null, lastOutcome: null, lastSuccessAt: null })
    expect(judge(fresh, policy, now)).toEqual({ health: 'new', cause: null, isBlocked: true })
  })
})

describe('few samples are no habit', () => {
  test('without one a source waits a fortnight, and says when', () => {
    const few = facts()
    expect(silentAt(few, policy)).toEqual(at('2026-03-24 10:00'))
    expect(judge(few, policy, at('2026-03-24 09:59')).health).toBe('healthy')
    expect(judge(few, policy, at('2026-03-24 10:01'))).toMatchObject({ health: 'silent', cause: 'quiet' })
  })

  test('a source that is read well and never brings anything is told after the same time', () => {
    const barren = facts({
      lastItemAt: null,
      firstSuccessAt: at('2026-03-01 10:00'),
      quietFrom: at('2026-03-01 10:00'),
    })
    expect(judge(barren, policy, at('2026-03-15 10:01'))).toMatchObject({
      health: 'silent',
      cause: 'never-fruitful',
    })
  })

  test('silence is counted from when the source could be read again, but never past the outer bound', () => {
    const back = facts({ lastItemAt: at('2026-01-12 10:00'), quietFrom: at('2026-03-10 09:00') })
    expect(silentAt(back, policy)).toEqual(at('2026-03-13 10:00'))
  })
})

test('a page that was rebuilt and answers without its items is silent at the third empty answer', () => {
  const habit: Habit = { ...nothing(), answers: 500, emptyShare: 0.01 }
  const after = (empties: number, known = habit) => judge(facts({ empties, habit: known }), policy, now).cause
  expect([after(2), after(3)]).toEqual([null, 'emptied'])
  // A mailbox is empty most of the time.
  expect(after(9, { ...habit, emptyShare: 0.8 })).toBeNull()
  expect(after(9, { ...habit, answers: 4 })).toBeNull()
})

function nothing(): Habit {
  const none = new Array<number>(24).fill(0)
  return {
    workday: none,
    dayOff: none,
    gaps: 0,
    ordinaryGap: 0,
    usualGapMinutes: null,
    emptyShare: 0,
    answers: 0,
  }
}

// ── back-test on invented habits: nine weeks, of which the first three are only learnt from ──

interface Made {
  /** Minutes between two readings. */
  every: number
  /** Chance that a reading at this time of Shanghai brings something. */
  chance: (time: { hour: number; minute: number; isOff: boolean; weekday: number; day: number }) => number
}

const off = new Set(policy.daysOff)
const worked = new Set(policy.workedWeekends)
const isWeekend = (weekday: number) => weekday === 0 || weekday === 6

const kinds: Readonly<Record<string, Made>> = {
  /** A portal: five fruitful readings an hour from 8 to 23, hardly anything at night. */
  ticker: { every: 10, chance: ({ hour }) => (hour >= 8 && hour < 23 ? 0.85 : 0.01) },
  /** A bureau: some two notices a working day in office hours, nothing at night, on weekends and holidays. */
  bureau: { every: 30, chance: ({ hour, isOff }) => (!isOff && hour >= 9 && hour < 17 ? 0.12 : 0) },
  /** A paper: everything at six in the morning, every day. */
  paper: { every: 60, chance: ({ hour }) => (hour === 6 ? 0.98 : 0) },
  /** A local forum: awake day and night, liveliest in the evening and on weekends. */
  forum: {
    every: 15,
    chance: ({ hour, isOff }) => (hour < 7 ? 0.05 : hour >= 19 ? 0.6 : 0.3) * (isOff ? 1.3 : 1),
  },
  /** A court: one list on Thursdays. */
  weekly: {
    every: 60,
    chance: ({ hour, weekday, isOff }) => (weekday === 4 && hour === 15 && !isOff ? 0.97 : 0),
  },
  /** Bursts: hours with everything, then days with nothing. */
  moody: { every: 20, chance: ({ hour, day }) => ((day * 7919) % 5 < 2 && hour > 9 ? 0.4 : 0.01) },
}

function random(seed: number) {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}

function replay({ every, chance }: Made, seed: number, start: Date, end: Date, diesAt?: Date) {
  const next = random(seed)
  const hours = new Map<number, HourFact>()
  const items: Date[] = []
  const wrong: Date[] = []
  const firstJudged = start.getTime() + 21 * DAY
  let foundAt: Date | undefined
  let habit: Habit | null = null
  let habitAt = 0
  let judgedItem = 0
  let judgedHabit: Habit | null = null
  let silentFrom = 0
  for (let time = start.getTime(); time < end.getTime(); time += every * 60_000) {
    const local = new Date(time + 8 * HOUR)
    const day = local.toISOString().slice(0, 10)
    const weekday = local.getUTCDay()
    const isOff = off.has(day) || (isWeekend(weekday) && !worked.has(day))
    const isDead = diesAt !== undefined && time >= diesAt.getTime()
    const brings =
      next() <
        chance({
          hour: local.getUTCHours(),
          minute: local.getUTCMinutes(),
          isOff,
          weekday,
          day: Math.floor(time / DAY),
        }) && !isDead
    const hour = Math.floor(time / HOUR) * HOUR
    const known = hours.get(hour) ?? {
      hour: new Date(hour),
      succeeded: 0,
      fruitful: 0,
      answers: 0,
      empties: 0,
    }
    hours.set(hour, {
      ...known,
      succeeded: known.succeeded + 1,
      answers: known.answers + 1,
      fruitful: known.fruitful + (brings ? 1 : 0),
    })
    if (brings) items.push(new Date(time))
    const lastItemAt = items.at(-1)
    if (!lastItemAt || time < firstJudged) continue
    // The habit is read anew once a day, from what lies before the last item.
    if (time - habitAt > DAY && lastItemAt.getTime() > habitAt) {
      const since = lastItemAt.getTime() - policy.silence.habitDays * DAY
      habit = habitOf(
        [...hours.values()].filter((fact) => fact.hour.getTime() >= since && fact.hour <= lastItemAt),
        items.filter((item) => item.getTime() >= since).slice(-2000),
        policy,
      )
      habitAt = time
    }
    // One walk an item, as long as nothing changes.
    if (judgedItem !== lastItemAt.getTime() || judgedHabit !== habit) {
      judgedItem = lastItemAt.getTime()
      judgedHabit = habit
      silentFrom = silentAt(facts({ lastItemAt, quietFrom: lastItemAt, habit }), policy)?.getTime() ?? 0
    }
    if (time < silentFrom) continue
    if (!isDead) wrong.push(new Date(time))
    else if (!foundAt) foundAt = new Date(time)
  }
  // One alarm is one stretch of silence, however often it is looked at.
  const alarms = wrong.filter(
    (one, index) => index === 0 || one.getTime() - (wrong[index - 1]?.getTime() ?? 0) > 2 * HOUR,
  )
  return { alarms, foundAt }
}

const seeds = [1, 2, 3]

// Over the spring festival (15 to 23 February, the weekends of 14 and 28 worked) and in plain weeks.
const stretches = [
  [at('2026-01-05 00:00'), at('2026-03-09 00:00')],
  [at('2026-07-01 00:00'), at('2026-09-02 00:00')],
] as const

test.each([
  // Allowed in 6 runs of 6 judged weeks: 8 months of one source.
  ['ticker', 1],
  ['bureau', 4],
  ['paper', 0],
  ['forum', 1],
  ['weekly', 0],
  ['moody', 8],
])(
  'a %s keeps its own hours, nights, weekends and festival: at most %i false alarms',
  (kind, most) => {
    const made = kinds[kind]!
    const alarms = stretches.flatMap(([start, end]) =>
      seeds.flatMap((seed) => replay(made, seed, start, end).alarms),
    )
    expect(alarms.length).toBeLessThanOrEqual(most)
  },
  60_000,
)

test.each([
  ['ticker', '2026-08-18 10:00', 2],
  ['ticker', '2026-08-18 23:30', 12],
  ['bureau', '2026-08-18 12:00', 24 * 4],
  ['paper', '2026-08-18 12:00', 24 * 4],
  ['forum', '2026-08-18 20:00', 8],
  ['weekly', '2026-08-18 12:00', 24 * 16],
  ['moody', '2026-08-18 12:00', 24 * 7],
])(
  'a dead %s that stopped at %s is found within %i hours',
  (kind, stop, within) => {
    const made = kinds[kind]!
    const diesAt = at(stop)
    const found = seeds.map((seed) => {
      const { foundAt } = replay(made, seed, at('2026-07-01 00:00'), plus(diesAt, 24 * 30), diesAt)
      return foundAt ? (foundAt.getTime() - diesAt.getTime()) / HOUR : Number.POSITIVE_INFINITY
    })
    expect(Math.max(...found)).toBeLessThanOrEqual(within)
  },
  60_000,
)
