import { z } from 'zod'

const clause = z.string().regex(/^S\d-/)

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
})
export type CollectingPolicy = z.output<typeof CollectingPolicy>

export const defaultCollecting: CollectingPolicy = {
  clause: 'S2-2.3.1',
  ageGateDays: 30,
  futureToleranceMinutes: 60,
  learnAfterOutageHours: 72,
  silentAfterGaps: 4,
  silentAfterHours: 24,
}
