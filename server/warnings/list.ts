import { z } from 'zod'
import { states } from './transitions.ts'

const levels = z.enum(['I', 'II', 'III', 'IV'])
const id = z.coerce.number().int().positive().max(2_147_483_647)

/** What a list of warnings may be narrowed to; `level` takes several, with commas. */
export const Filter = z.object({
  state: z.enum(['open', 'closed', 'all', ...states]).default('open'),
  level: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter(Boolean))
    .pipe(z.array(levels)),
  projectId: id.optional(),
  cityCompanyId: id.optional(),
  phase: z.enum(['PS', 'LA', 'SA', 'DE', 'PO', 'EX']).optional(),
  risk: z.string().max(8).optional(),
  acknowledged: z.enum(['yes', 'no']).optional(),
  q: z
    .string()
    .trim()
    .max(100)
    .optional()
    .transform((text) => text || undefined),
})
export type Filter = z.output<typeof Filter>

/** Where the page before ended. */
export const Cursor = z.object({ level: levels, raisedAt: z.iso.datetime(), id: z.int().positive() })
export type Cursor = z.output<typeof Cursor>

export function writeCursor(row: { level: Cursor['level']; raisedAt: Date; id: number }): string {
  return [row.level, row.raisedAt.toISOString(), row.id].join('~')
}

/** Undefined when it is none of ours. */
export function readCursor(text: string): Cursor | undefined {
  const [level, raisedAt, last] = text.split('~')
  return Cursor.safeParse({ level, raisedAt, id: Number(last) }).data
}
