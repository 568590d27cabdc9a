/** Why a signal without text stands: written by this feature, read by scoring and pages. One signal may stand on several facts. */
import { z } from 'zod'

/** Mildest first. */
export const severities = ['unknown', 'minor', 'moderate', 'severe', 'extreme'] as const

const AlertFact = z.object({
  kind: z.literal('alert'),
  phenomenon: z.string(),
  severity: z.enum(severities),
  issuer: z.string(),
  headline: z.string(),
  startsAt: z.string(),
  endsAt: z.string(),
  reach: z.enum(['shape', 'district', 'city', 'province', 'country']),
  /** Open leak complaints of the site, where they make the weather worse. */
  openLeaks: z.number(),
  /**
   * Of the one site that speaks for all of its city where the weather alone raises a level: how many stand under it without
   * open leaks. Absent at the others.
   */
  sites: z.number().optional(),
})

const ReadingFact = z.object({
  kind: z.literal('reading'),
  finding: z.enum(['price-fall', 'sales-behind', 'progress-behind', 'progress-stalled', 'quality-low']),
  metric: z.string(),
  unit: z.string(),
  value: z.number(),
  /** What it was held against: the highest before, the plan, the requirement; for a stall the days of it. */
  reference: z.number(),
  /** A share for prices and sales, points of per cent for progress and quality, days for a stall. */
  change: z.number(),
  /** Calendar day, Asia/Shanghai. */
  on: z.string(),
  isGrave: z.boolean(),
})

const DueFact = z.object({
  kind: z.literal('due'),
  /** Kind of the milestone; null for a day of a calendar. */
  milestone: z.string().nullable(),
  title: z.string(),
  /** Calendar day, Asia/Shanghai. */
  dueOn: z.string(),
  /** The day itself brings the risk; otherwise it only makes graver what else is known. */
  isDirect: z.boolean(),
})

const Fact = z.discriminatedUnion('kind', [AlertFact, ReadingFact, DueFact])
export type Fact = z.output<typeof Fact>
export type AlertFact = z.output<typeof AlertFact>
export type ReadingFact = z.output<typeof ReadingFact>
export type DueFact = z.output<typeof DueFact>

const Because = z.array(z.object({ fact: Fact.optional() }))

/** The facts in the column of a signal; none for texts and complaints. */
export function factsOf(because: unknown): readonly Fact[] {
  return Because.safeParse(because).data?.flatMap(({ fact }) => fact ?? []) ?? []
}

/** As the column of a signal holds them: beside the rules of texts, with no words that matched. */
export function becauseOf(facts: readonly Fact[]): { rule: string; terms: []; fact: Fact }[] {
  return facts.map((fact) => ({ rule: fact.kind === 'reading' ? fact.finding : fact.kind, terms: [], fact }))
}
