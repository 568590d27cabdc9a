import { z } from 'zod'

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
  /** A source is reported silent when its last new item is older than so many of its usual gaps … */
  silentAfterGaps: z.number().positive(),
  /** … and older than this. */
  silentAfterHours: z.number().positive(),
  snapshots: SnapshotPolicy,
})
export type CollectingPolicy = z.output<typeof CollectingPolicy>

export const defaultCollecting: CollectingPolicy = {
  clause: 'S2-2.3.1',
  ageGateDays: 30,
  futureToleranceMinutes: 60,
  learnAfterOutageHours: 72,
  silentAfterGaps: 4,
  silentAfterHours: 24,
  snapshots: {
    clause: 'S3-P8.1.4',
    keepsWarned: true,
    warnedPerDay: 1_000,
    askedPerDocument: 100,
    collectedDays: 90,
    evidenceDays: 1_096,
  },
}
