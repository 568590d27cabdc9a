import { z } from 'zod'

/**
 * What could not be read: of the sources that a cell requires, those that were failing, silent, paused or never read. Absence
 * of evidence is then no evidence of absence: the cell is «insufficient data» and does not fall to «no level», but nothing is
 * raised, and what is shown stays.
 */
const Absence = z.object({
  /** How many sources the cell requires. */
  required: z.number().int(),
  /** At most 20, by id; `blockedCount` counts all. */
  blocked: z.array(z.object({ id: z.number(), name: z.string(), health: z.string() })),
  blockedCount: z.number().int(),
})
export type Absence = z.output<typeof Absence>

/** Read back from the column of an assessment. */
export const AbsenceColumn = Absence.nullable()

/** Which sources were blocked, as one text: another set is another assessment. */
export function absenceKey(absence: Absence | null): string {
  return absence ? `${absence.blockedCount}: ${absence.blocked.map((source) => source.id).join(' ')}` : ''
}
