/** Sorting in the page, for tables whose rows are all here. What is unknown comes last, whichever way. */
export type SortValue = string | number | null | undefined

const pinyin = new Intl.Collator('zh-CN', { numeric: true })

export function orderedBy<Row>(
  rows: readonly Row[],
  value: (row: Row) => SortValue,
  descending: boolean,
): readonly Row[] {
  const turn = descending ? -1 : 1
  return rows
    .map((row) => ({ row, value: value(row) ?? undefined }))
    .sort((a, b) => {
      if (a.value === undefined || b.value === undefined) {
        return Number(a.value === undefined) - Number(b.value === undefined)
      }
      if (typeof a.value === 'number' && typeof b.value === 'number') return (a.value - b.value) * turn
      return pinyin.compare(String(a.value), String(b.value)) * turn
    })
    .map(({ row }) => row)
}
