import { z } from 'zod'

/** The numbers and words behind a value; pages turn them into a sentence in the reader's language. */
const Because = z.record(z.string(), z.union([z.number(), z.string()]))

const likelihoodFactors = [
  'strength',
  'negativeShare',
  'heat',
  'complainants',
  'corroboration',
  'growth',
  'milestone',
] as const
const impactFactors = [
  'severity',
  'media',
  'households',
  'projectSize',
  'openComplaints',
  'repeats',
  'claim',
  'litigation',
] as const

const Factor = z.object({
  factor: z.enum([...likelihoodFactors, ...impactFactors]),
  side: z.enum(['likelihood', 'impact']),
  /** 0–1 */
  value: z.number(),
  weight: z.number(),
  /** value × weight: the contributions of one side add up to its number. */
  contribution: z.number(),
  because: Because,
})
export type Factor = z.output<typeof Factor>

const HardRule = z.object({
  rule: z.enum(['grade-one', 'tier-one', 'group-action', 'red-line', 'weather', 'reading', 'due']),
  clause: z.string(),
  level: z.enum(['I', 'II', 'III', 'IV']),
  because: Because,
  signalIds: z.array(z.number()),
})
export type HardRule = z.output<typeof HardRule>

/** Read back from the columns of an assessment. */
export const Factors = z.array(Factor)
export const HardRules = z.array(HardRule)
