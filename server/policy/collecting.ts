import { z } from 'zod'

const positive = z.number().positive()
const day = z.iso.date()
const clause = z.string().regex(/^S\d-/)

/**
 * Which pages are kept as evidence, and for how long. A page of a Chinese site takes about 39 kB (measured: 219 kB as
 * fetched, 17.7 % of it after compression), so a thousand a day are 14 GB a year.
 */
const SnapshotPolicy = z.strictObject({
  clause,
  /** Fetch the page of every text behind a red line or a warning of level I or II. */
  keepsWarned: z.boolean(),
  /** Most pages that are fetched for it in 24 hours. */
  warnedPerDay: z.int().min(0),
  /** Most pages kept of one document by asking; the machine keeps one of each version besides. */
  askedPerDocument: z.int().min(1),
  /** Pages that came with an item and stand behind no risk go after so many days. */
  collectedDays: z.number().positive(),
  /** Pages that are evidence go after so many days: three years, in which a right may be claimed (Civil Code, article 188). */
  evidenceDays: z.number().positive(),
})

/** What may count as news, and when a source must learn before it may warn. */
export const CollectingPolicy = z.strictObject({
  clause,
  /** Older texts are stored, but do not come back as news. */
  ageGateDays: z.number().positive(),
  /** Clocks differ: a date this far ahead is taken as now, one further ahead is kept apart. */
  futureToleranceMinutes: z.number().min(0),
  /** A source silent for longer than this learns again: what it missed is stored, but raises nothing. */
  learnAfterOutageHours: z.number().positive(),
  snapshots: SnapshotPolicy,
  /** When a source counts as silent; the method stands in ingest/health.ts. */
  silence: z.strictObject({
    /** The weeks before its last item from which its rhythm is read. */
    habitDays: z.int().min(7).max(70),
    /** Fewer gaps between its items than this are no habit. */
    fewestGaps: z.int().min(3),
    /** So many of its longest gaps were accidents (an outage, a lost server); the next one is its longest ordinary gap. */
    accidents: z.int().min(0),
    /** Silent after so many times its longest ordinary gap … */
    timesOrdinary: z.number().min(1),
    /** … after so many items that should have come … */
    missedItems: positive,
    /** … and never before so long. */
    atLeastMinutes: positive,
    /** Without a habit: after so long. */
    withoutHabitDays: positive,
    /** With any habit: after so long at the latest, so that no dead source stays unnoticed. */
    atMostDays: positive,
    /** So many empty answers in a row, where at most this share of its answers used to be empty. */
    emptyAnswers: z.int().min(2),
    usuallyEmptyShare: z.number().min(0).max(1),
  }),
  /** Due by its schedule and not read for so long is failing, whatever the last run said. */
  overdueAfterMinutes: positive,
  /** So many failures in a row make what requires the source «insufficient data»: one slow answer is no blindness. */
  blockedAfterFailures: z.int().min(1),
  /** Clock hour in Shanghai at which the daily heartbeat is written, and how old it may be before the overview says so. */
  heartbeatAtHour: z.int().min(0).max(23),
  heartbeatLateAfterHours: z.number().min(24),
  /** Runs are kept so long, sums per hour so long, sums per day for good. Of every source the newest runs stay. */
  keepRunsDays: z.int().min(7),
  keepHoursDays: z.int().min(70),
  keepNewestRuns: z.int().min(100),
  /** Days off besides weekends, and weekends that are worked (调休): on them offices are as quiet as on a Sunday, or not. */
  daysOff: z.array(day),
  workedWeekends: z.array(day),
})
export type CollectingPolicy = z.output<typeof CollectingPolicy>

export const defaultCollecting: CollectingPolicy = {
  clause: 'S2-2.3.1',
  ageGateDays: 30,
  futureToleranceMinutes: 60,
  learnAfterOutageHours: 72,
  snapshots: {
    clause: 'S3-P8.1.4',
    keepsWarned: true,
    warnedPerDay: 1_000,
    askedPerDocument: 100,
    collectedDays: 90,
    evidenceDays: 1_096,
  },
  silence: {
    habitDays: 42,
    fewestGaps: 8,
    accidents: 2,
    timesOrdinary: 2,
    missedItems: 3,
    atLeastMinutes: 90,
    withoutHabitDays: 14,
    atMostDays: 60,
    emptyAnswers: 3,
    usuallyEmptyShare: 0.1,
  },
  overdueAfterMinutes: 45,
  blockedAfterFailures: 2,
  heartbeatAtHour: 8,
  heartbeatLateAfterHours: 26,
  keepRunsDays: 30,
  keepHoursDays: 91,
  keepNewestRuns: 200,
  // 2026 as the State Council announced it; of 2027 the days that the law fixes. The days moved around them are added
  // with the announcement, in a version of the policy.
  daysOff: [
    ...daysFrom('2026-01-01', 3),
    ...daysFrom('2026-02-15', 9),
    ...daysFrom('2026-04-04', 3),
    ...daysFrom('2026-05-01', 5),
    ...daysFrom('2026-06-19', 3),
    ...daysFrom('2026-09-25', 3),
    ...daysFrom('2026-10-01', 7),
    '2027-01-01',
    ...daysFrom('2027-02-05', 4),
    '2027-04-05',
    ...daysFrom('2027-05-01', 2),
    '2027-06-09',
    '2027-09-15',
    ...daysFrom('2027-10-01', 3),
  ],
  workedWeekends: ['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10'],
}

function daysFrom(first: string, count: number): string[] {
  const start = Date.parse(first)
  return Array.from({ length: count }, (_, at) =>
    new Date(start + at * 86_400_000).toISOString().slice(0, 10),
  )
}
