import { z } from 'zod'

export const phases = ['PS', 'LA', 'SA', 'DE', 'PO', 'EX'] as const

const departments = [
  'design',
  'engineering',
  'sales',
  'customer-service',
  'property-management',
  'legal',
  'public-relations',
  'other',
] as const

const bilingual = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) })

/**
 * A list of words, or one group of the lexicon written `$name`. A word is matched in the normalised text
 * (simplified, half width, lower case, spaces and symbols inside words removed).
 */
const words = z.array(z.string().min(1)).min(1)

/** Where a rule looks. `sentence`: all its parts within one sentence; `text`: title and body as one. */
const scopes = ['title', 'sentence', 'text'] as const

/**
 * One way to recognise the risk: every list in `all` must give a word, none of `not` may stand in the same scope.
 * Read aloud: «subject AND event AND NOT noise, within a distance».
 */
export const Rule = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  /** Each entry is one group: any word of it will do. */
  all: z.array(words).min(1).max(4),
  not: words.optional(),
  /** Longest distance in characters from the first to the last matched word; default 30. */
  within: z.int().min(2).max(400).default(30),
  scope: z.enum(scopes).default('sentence'),
  /** How sure this rule alone is that the text shows the risk, 0–1. */
  weight: z.number().gt(0).max(1),
  /** True when the matched event may be negated away («没有渗漏»); false for rules about an absence («未取得预售证»). */
  negatable: z.boolean().default(true),
  /** True when one item is enough for a warning: group action, casualties, stop-work. */
  redLine: z.boolean().default(false),
})
export type Rule = z.output<typeof Rule>

/** What outside text announces the risk early. */
const indicatorKinds = [
  'milestone',
  'weather',
  'calendar',
  'price',
  'progress',
  'quality',
  'sales',
  'complaint',
  'document',
  'policy',
] as const

export const Risk = z.strictObject({
  code: z.string().regex(/^(PS|LA|SA|DE|PO|EX)[1-9]$/),
  name: bilingual,
  phase: z.enum(phases),
  clause: z.string().regex(/^S\d-|^extension$/),
  departments: z.array(z.enum(departments)).min(1),
  /** Base severity 1–5: the impact when nothing else is known. */
  severity: z.int().min(1).max(5),
  description: bilingual,
  indicators: z
    .array(z.strictObject({ kind: z.enum(indicatorKinds), zh: z.string().min(1), en: z.string().min(1) }))
    .min(1),
  rules: z.array(Rule).min(1),
  /** What keeps the risk from happening; Chinese first, as the crisis group reads it. */
  measures: z.array(z.string().min(1)).min(3),
  /** What to do when it happens, in order. */
  playbook: z
    .array(z.strictObject({ within: z.string().min(1), who: z.string().min(1), does: z.string().min(1) }))
    .min(3),
  /** The risk's own proof: one test runs them all. */
  examples: z.strictObject({
    hits: z.array(z.string().min(4)).min(5),
    misses: z.array(z.string().min(4)).min(5),
  }),
})
export type Risk = z.output<typeof Risk>

/** A named word list that rules share as `$name`; `groups` may name other groups. */
export const WordGroup = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/),
  note: z.string().optional(),
  words,
})
export type WordGroup = z.output<typeof WordGroup>
