import { z } from 'zod'

export const polarities = ['negative', 'neutral', 'positive'] as const
const tiers = ['central', 'provincial', 'portal', 'local', 'self-media', 'forum', 'official'] as const

const id = z.coerce.number().int().positive().max(2_147_483_647)
const flag = z.enum(['true', 'false']).transform((word) => word === 'true')

/** How the stream may be narrowed; every field is an address parameter, so that a list can be shared. */
export const MentionFilter = z.object({
  from: z.coerce.date().optional(),
  until: z.coerce.date().optional(),
  project: id.optional(),
  risk: z.string().max(20).optional(),
  polarity: z.enum(polarities).optional(),
  tier: z.enum(tiers).optional(),
  family: id.optional(),
  source: id.optional(),
  story: z.coerce.number().int().positive().optional(),
  q: z.string().trim().max(100).optional(),
  /** What raises nothing: apart by its date, or collected while its source was learning. */
  apart: z.enum(['undated', 'future', 'old', 'learning']).optional(),
  /** A risk was found, but whose it is nobody knows yet. */
  unresolved: flag.optional(),
})
export type MentionFilter = z.infer<typeof MentionFilter>

export const MentionQuery = MentionFilter.extend({
  /** One row per story, the others counted; false: one row per mention. */
  folded: flag.default(true),
  after: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(30),
})
