/** Which columns of a table there is room for. */
import { type Bilingual, say } from '../labels.ts'

export interface ColumnRoom {
  /** CSS width in rem; the columns without one share the rest. A pair where the words of one language need more room. */
  width?: string | Bilingual
  /** The column that carries the link. The first one, unless said. */
  main?: boolean
  /** May be left out where there is no room: 'l' before 'm'. */
  from?: 'm' | 'l'
}

/** Rem in which a title can be read, and a name. */
const MAIN_LEAST = 16
const OTHER_LEAST = 8

/** CSS width of a column in the language of the page. */
export const widthOf = ({ width }: ColumnRoom) => (typeof width === 'object' ? say(width) : width)

/** The column that carries the link. */
export const mainOf = <C extends ColumnRoom>(columns: readonly C[]): C | undefined =>
  columns.find((column) => column.main) ?? columns[0]

/**
 * The columns to be shown in so many rem, in their order: those that must be, and of the others, 'm' before 'l' and each kind
 * from its first, what still leaves the main column a title's room.
 */
export function columnsThatFit<C extends ColumnRoom>(columns: readonly C[], room: number): C[] {
  const main = mainOf(columns)
  const needOf = (column: C) =>
    Number.parseFloat(widthOf(column) ?? String(column === main ? MAIN_LEAST : OTHER_LEAST))
  const shown = new Set(columns.filter(({ from }) => from === undefined))
  let left = [...shown].reduce((rest, column) => rest - needOf(column), room)
  for (const kind of ['m', 'l']) {
    for (const column of columns) {
      if (column.from !== kind || needOf(column) > left) continue
      left -= needOf(column)
      shown.add(column)
    }
  }
  return columns.filter((column) => shown.has(column))
}
