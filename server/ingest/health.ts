// How a source is doing, judged by what it did itself; a source that fails must never look like a quiet day.
//
// Silence is measured on the source's own clock. The hours of a day off and of a working day make 48 kinds of hour. Of each
// we know how often the source brought something while it was read, so that between two instants we can say how many
// items were to be expected:
//
//   expected(from, to) = Σ over the hours between of rate(kind of hour)
//   rate(kind) = (fruitful runs + rate of that hour on all days) ÷ (hours read + 1), 0 for a kind of hour never read
//   limit = the larger of `missedItems` and `timesOrdinary` × the longest ordinary gap, both in expected items
//
// It is silent when more than `limit` items were expected since the last one. A night or a holiday in which a bureau never
// published expects nothing, so it takes no time on this clock; the wide gaps of a moody source raise its own limit. This is
// a renewal process on rescaled time (Brown et al. 2002), with the source's own gaps in place of a distribution.
//
// Example: a ticker with 5 fruitful runs an hour from 8 to 23 whose ordinary gaps reach 3.5 expected items: the limit is
// 5.3, so that stopping at 10:00 it is silent after the 90 minutes of `atLeastMinutes`, and at 23:00 an hour after the next
// morning's start. A bureau with 2 notices a working day is judged after some 2 to 4 of its own working days.
//
// Both errors cost: a false alarm trains people to look away, a dead source hides a crisis. Few samples (under `fewestGaps`)
// are no habit and wait `withoutHabitDays`; `atMostDays` bounds every wait.
import { z } from 'zod'
import type { Failure, Outcome } from '../../collectors/collector.ts'
import type { CollectingPolicy } from '../policy/collecting.ts'

export type Health = 'healthy' | 'silent' | 'failing' | 'paused' | 'new'

/** Why it is not healthy; each has its words and its cure on the pages. */
export type Cause =
  | Failure
  | 'interrupted'
  /** Due by its schedule, but nobody reads it: the machine's fault. */
  | 'overdue'
  /** Nothing new for longer than its habit. */
  | 'quiet'
  /** Answers, but without the items it always had: a page that was rebuilt, a feed that was emptied. */
  | 'emptied'
  /** Read for a long time and never brought anything. */
  | 'never-fruitful'

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
const SHANGHAI_MS = 8 * HOUR_MS

const twentyFour = z.array(z.number()).length(24)

/** The rhythm of a source, as it is stored. */
export const Habit = z.object({
  /** Fruitful runs to be expected in each hour of a working day and of a day off. */
  workday: twentyFour,
  dayOff: twentyFour,
  /** How many gaps it was read from. */
  gaps: z.number().int(),
  /** The longest ordinary gap, in expected fruitful runs. */
  ordinaryGap: z.number(),
  /** The usual gap on the wall's clock, for people. */
  usualGapMinutes: z.number().nullable(),
  /** Share of its answers that held nothing, and how many answers that is. */
  emptyShare: z.number(),
  answers: z.number().int(),
})
export type Habit = z.output<typeof Habit>

/** What one hour brought, for the habit. */
export interface HourFact {
  hour: Date
  succeeded: number
  fruitful: number
  answers: number
  empties: number
}

/** What is known of a source when it is judged; the database keeps it with every run. */
export interface SourceFacts {
  state: 'active' | 'paused'
  lastStartedAt: Date | null
  lastFinishedAt: Date | null
  lastOutcome: Outcome | 'interrupted' | null
  firstSuccessAt: Date | null
  lastSuccessAt: Date | null
  lastItemAt: Date | null
  failures: number
  empties: number
  quietFrom: Date | null
  dueSince: Date | null
  habit: Habit | null
}

export interface Judged {
  health: Health
  cause: Cause | null
  /** What requires it cannot be judged: «insufficient data». */
  isBlocked: boolean
}

type Silence = CollectingPolicy['silence']
type Calendar = Pick<CollectingPolicy, 'daysOff' | 'workedWeekends'>
type HealthPolicy = Calendar &
  Pick<CollectingPolicy, 'silence' | 'overdueAfterMinutes' | 'blockedAfterFailures'>

/** The worst that holds. A failure says more than silence, and what a person paused is paused. */
export function judge(facts: SourceFacts, policy: HealthPolicy, now: Date): Judged {
  if (facts.state === 'paused') return { health: 'paused', cause: null, isBlocked: true }
  const failing = failureOf(facts, policy, now)
  if (failing) return failing
  if (facts.lastSuccessAt === null) return { health: 'new', cause: null, isBlocked: true }
  const cause = silenceOf(facts, policy, now)
  return cause
    ? { health: 'silent', cause, isBlocked: true }
    : { health: 'healthy', cause: null, isBlocked: false }
}

function failureOf(facts: SourceFacts, policy: HealthPolicy, now: Date): Judged | undefined {
  const waitsSince = facts.dueSince ?? unfinishedSince(facts)
  const waitedMs = waitsSince === null ? 0 : now.getTime() - waitsSince.getTime()
  if (waitedMs > policy.overdueAfterMinutes * MINUTE_MS)
    return { health: 'failing', cause: 'overdue', isBlocked: true }
  if (facts.failures === 0) return undefined
  const isBlocked = facts.lastSuccessAt === null || facts.failures >= policy.blockedAfterFailures
  return { health: 'failing', cause: causeOf(facts.lastOutcome), isBlocked }
}

/** Since when a run is on its way; one that was killed is found by the next one, and until then by this. */
function unfinishedSince({ lastStartedAt, lastFinishedAt }: SourceFacts): Date | null {
  if (lastStartedAt === null) return null
  return lastFinishedAt === null || lastFinishedAt < lastStartedAt ? lastStartedAt : null
}

function causeOf(outcome: SourceFacts['lastOutcome']): Cause {
  if (outcome === null || outcome === 'ok' || outcome === 'empty' || outcome === 'not-modified')
    return 'interrupted'
  return outcome
}

function silenceOf(facts: SourceFacts, policy: HealthPolicy, now: Date): Cause | undefined {
  const { silence } = policy
  const { habit } = facts
  const usuallyFull =
    habit !== null && habit.answers >= silence.fewestGaps && habit.emptyShare <= silence.usuallyEmptyShare
  if (usuallyFull && facts.empties >= silence.emptyAnswers) return 'emptied'
  const at = silentAt(facts, policy, now)
  if (at === null || at > now) return undefined
  return facts.lastItemAt === null ? 'never-fruitful' : 'quiet'
}

/**
 * When the source becomes silent if nothing comes; null while it was never read. An instant after `horizon` may come back
 * as any instant after it: the list asks up to now only.
 */
export function silentAt(
  facts: Pick<SourceFacts, 'quietFrom' | 'lastItemAt' | 'firstSuccessAt' | 'habit'>,
  policy: Calendar & { silence: Silence },
  horizon?: Date,
): Date | null {
  const { silence } = policy
  const from = facts.quietFrom ?? facts.lastItemAt ?? facts.firstSuccessAt
  if (from === null) return null
  const latest = (facts.lastItemAt ?? facts.firstSuccessAt ?? from).getTime() + silence.atMostDays * DAY_MS
  const { habit } = facts
  if (habit === null || habit.gaps < silence.fewestGaps)
    return new Date(Math.min(latest, from.getTime() + silence.withoutHabitDays * DAY_MS))
  const end = Math.min(latest, horizon?.getTime() ?? latest)
  const limit = Math.max(silence.missedItems, silence.timesOrdinary * habit.ordinaryGap)
  const atLeast = from.getTime() + silence.atLeastMinutes * MINUTE_MS
  let expected = 0
  for (const part of hoursBetween(from.getTime(), end, policy)) {
    const rate = habit[part.kind][part.hourOfDay] ?? 0
    const more = rate * part.share
    if (expected + more >= limit) {
      const at = part.from + ((limit - expected) / rate) * HOUR_MS
      return new Date(Math.min(latest, Math.max(atLeast, at)))
    }
    expected += more
  }
  return new Date(end < latest ? end + 1 : latest)
}

/**
 * The rhythm, from the hours in which the source was read and the instants at which it brought something, both up to its
 * last item: what came after it is the silence that is judged.
 */
export function habitOf(
  hours: readonly HourFact[],
  items: readonly Date[],
  policy: Calendar & { silence: Silence },
): Habit {
  const read = { workday: zeros(), dayOff: zeros() }
  const fruitful = { workday: zeros(), dayOff: zeros() }
  const isOff = calendarOf(policy)
  for (const { hour, succeeded, fruitful: count } of hours) {
    if (succeeded === 0) continue
    const { kind, hourOfDay } = kindOfHour(hour.getTime(), isOff)
    add(read[kind], hourOfDay, 1)
    add(fruitful[kind], hourOfDay, count)
  }
  const total = (counts: typeof read) => sum(counts.workday) + sum(counts.dayOff)
  const ratio = (count: number, hoursRead: number, before: number) => (count + before) / (hoursRead + 1)
  const mean = total(read) === 0 ? 0 : total(fruitful) / total(read)
  // Few days off were seen yet: their hours lean on the same hours of all days, and these on the mean.
  const rates = (kind: DayKind) =>
    read[kind].map((hoursRead, at) => {
      if (hoursRead === 0) return 0
      const ofAll = (counts: typeof read) => (counts.workday[at] ?? 0) + (counts.dayOff[at] ?? 0)
      const rate = ratio(fruitful[kind][at] ?? 0, hoursRead, ratio(ofAll(fruitful), ofAll(read), mean))
      return Math.round(rate * 10_000) / 10_000
    })
  const rhythm = { workday: rates('workday'), dayOff: rates('dayOff') }
  const instants = items.map((item) => item.getTime()).sort((a, b) => a - b)
  const expected = instants
    .slice(1)
    .map((at, index) => expectedBetween(rhythm, instants[index] ?? at, at, policy))
    .sort((a, b) => a - b)
  const wall = instants
    .slice(1)
    .map((at, index) => at - (instants[index] ?? at))
    .sort((a, b) => a - b)
  const answers = sum(hours.map((hour) => hour.answers))
  return {
    ...rhythm,
    gaps: expected.length,
    ordinaryGap: expected[Math.max(0, expected.length - 1 - policy.silence.accidents)] ?? 0,
    usualGapMinutes:
      wall.length === 0 ? null : Math.round((wall[Math.floor(wall.length / 2)] ?? 0) / MINUTE_MS),
    emptyShare: answers === 0 ? 0 : sum(hours.map((hour) => hour.empties)) / answers,
    answers,
  }
}

type DayKind = 'workday' | 'dayOff'

function expectedBetween(rhythm: Pick<Habit, DayKind>, from: number, to: number, calendar: Calendar): number {
  let expected = 0
  for (const part of hoursBetween(from, to, calendar))
    expected += (rhythm[part.kind][part.hourOfDay] ?? 0) * part.share
  return expected
}

/** The clock hours that lie wholly or in part between two instants. */
function* hoursBetween(from: number, to: number, calendar: Calendar) {
  const isOff = calendarOf(calendar)
  for (let at = from; at < to; ) {
    const end = Math.min(to, (Math.floor(at / HOUR_MS) + 1) * HOUR_MS)
    yield { ...kindOfHour(at, isOff), from: at, share: (end - at) / HOUR_MS }
    at = end
  }
}

/** Shanghai keeps one offset all year. */
function kindOfHour(at: number, isOff: (dayNumber: number) => boolean): { kind: DayKind; hourOfDay: number } {
  const local = at + SHANGHAI_MS
  return {
    kind: isOff(Math.floor(local / DAY_MS)) ? 'dayOff' : 'workday',
    hourOfDay: Math.floor((local % DAY_MS) / HOUR_MS),
  }
}

const calendars = new WeakMap<readonly string[], (dayNumber: number) => boolean>()

/** By days since 1970; that was a Thursday. */
function calendarOf({ daysOff, workedWeekends }: Calendar): (dayNumber: number) => boolean {
  const known = calendars.get(daysOff)
  if (known) return known
  const numbers = (days: readonly string[]) => new Set(days.map((day) => Date.parse(day) / DAY_MS))
  const [off, worked] = [numbers(daysOff), numbers(workedWeekends)]
  const isOff = (dayNumber: number) => {
    const weekday = (dayNumber + 4) % 7
    return off.has(dayNumber) || ((weekday === 0 || weekday === 6) && !worked.has(dayNumber))
  }
  calendars.set(daysOff, isOff)
  return isOff
}

const zeros = (): number[] => new Array<number>(24).fill(0)
const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0)
function add(counts: number[], at: number, more: number): void {
  counts[at] = (counts[at] ?? 0) + more
}
