import { z } from 'zod'

/** What a proposal holds; read back from its column. */
const Sentence = z.object({
  text: z.string(),
  /** «m12» a mention, «c45» a complaint: always among the ids that were given. */
  cites: z.array(z.string()),
  /** Numbers that stand in none of the cited texts. */
  unseen: z.array(z.string()),
})
export type Sentence = z.output<typeof Sentence>

const told = { riskCode: z.string(), quote: z.string(), reason: z.string(), cites: z.array(z.string()) }

export const Content = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('label'),
    ...told,
    verdict: z.enum(['confirmed', 'rejected']),
    signalId: z.number(),
    projectId: z.number().nullable(),
    project: z.string().nullable(),
  }),
  z.object({ kind: z.literal('miss'), ...told }),
  z.object({ kind: z.literal('summary'), sentences: z.array(Sentence) }),
  z.object({ kind: z.literal('draft'), sentences: z.array(Sentence) }),
  z.object({
    kind: z.literal('severity'),
    step: z.union([z.literal(-1), z.literal(1)]),
    sentences: z.array(Sentence),
  }),
])
export type Content = z.output<typeof Content>

export const Given = z.array(z.string())
export const Cuts = z.record(z.string(), z.number())

/** The ids behind refs of one kind. */
export function idsOf(refs: readonly string[], kind: 'm' | 'c'): number[] {
  return refs.filter((ref) => ref.startsWith(kind)).map((ref) => Number(ref.slice(1)))
}
