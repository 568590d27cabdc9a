import { z } from 'zod'

/** Media tiers, as publisher families carry them. */
const Tier = z.enum(['central', 'provincial', 'portal', 'local', 'self-media', 'forum', 'official'])

/** The numbers of S0 article 3, where the text leaves a choice (X6, X7) as well as where it does not. */
export const GradePolicy = z.strictObject({
  /** S0-3.1b: a group of so many households, that one included, may go to court together. */
  groupHouseholds: z.int().min(2),
  /** S0-3.2c: persons or households that make a complaint collective. */
  collectivePersons: z.int().min(2),
  /** S0-3.1a: coverage by one of these tiers hurts the reputation of the group. */
  seriousTiers: z.array(Tier),
  /** … and so does coverage by so many publisher families of whatever tier. */
  seriousFamilies: z.int().min(1),
  /** Coverage older than this no longer raises a case. */
  coverageDays: z.int().min(1),
  /** S0-3.2b 「一个月内三次以上」: how many, whether that number itself counts, and what a month is. */
  sameComplaint: z.strictObject({
    complainants: z.int().min(2),
    inclusive: z.boolean(),
    window: z.enum(['rolling', 'calendar-month']),
    rollingDays: z.int().min(1),
    /**
     * Whether a case without a name counts as one more complainant. A crowd of unnamed callers that is missed is the
     * worse error: it ends as a crisis, the other one as an override.
     */
    countsUnnamed: z.boolean(),
  }),
  /** S0-3.2d: days without a solution, by our fault, that raise the case. */
  unresolvedDays: z.int().min(1),
  /** Whether a case nobody has judged yet counts as our fault. Judged cases: S4-22, valid means a duty of ours failed. */
  undecidedIsOurs: z.boolean(),
  /** S0-3.3a: the same problem again, so many times after it was handled. */
  repeatsAfterHandling: z.int().min(1),
  /** S0-10.3: calendar hours from receipt to the handling plan, for grades 1 to 4. */
  planHours: z.tuple([z.number(), z.number(), z.number(), z.number()]),
})
export type GradePolicy = z.output<typeof GradePolicy>

export const defaultGrading: GradePolicy = {
  groupHouseholds: 10,
  collectivePersons: 3,
  seriousTiers: ['central', 'provincial', 'portal', 'official'],
  seriousFamilies: 3,
  coverageDays: 30,
  sameComplaint: {
    complainants: 3,
    inclusive: true,
    window: 'rolling',
    rollingDays: 30,
    countsUnnamed: true,
  },
  unresolvedDays: 30,
  undecidedIsOurs: false,
  repeatsAfterHandling: 3,
  planHours: [24, 24, 12, 12],
}
