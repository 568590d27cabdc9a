/** Cuts a text at its matched ranges, for `Highlight`. */
export interface TextRange {
  readonly start: number
  readonly end: number
}

export interface TextPiece {
  at: number
  text: string
  marked: boolean
}

/** Overlapping and touching ranges as one, in order, inside the text. */
function merged(ranges: readonly TextRange[], length: number): TextRange[] {
  const inside = ranges
    .map(({ start, end }) => ({ start: Math.max(0, start), end: Math.min(length, end) }))
    .filter(({ start, end }) => start < end)
    .sort((a, b) => a.start - b.start)
  const result: { start: number; end: number }[] = []
  for (const range of inside) {
    const last = result.at(-1)
    if (last !== undefined && range.start <= last.end) last.end = Math.max(last.end, range.end)
    else result.push({ ...range })
  }
  return result
}

export function cutText(text: string, ranges: readonly TextRange[], around?: number): TextPiece[] {
  const marks = merged(ranges, text.length)
  const first = marks[0]
  const from = around === undefined || first === undefined ? 0 : Math.max(0, first.start - around)
  const to =
    around === undefined
      ? text.length
      : Math.min(text.length, first === undefined ? around * 2 : first.end + around)
  const pieces: TextPiece[] = []
  const add = (start: number, end: number, marked: boolean) => {
    if (start < end) pieces.push({ at: start, text: text.slice(start, end), marked })
  }
  if (from > 0) pieces.push({ at: -1, text: '…', marked: false })
  let at = from
  for (const mark of marks) {
    if (mark.start >= to) break
    add(at, mark.start, false)
    add(Math.max(at, mark.start), Math.min(to, mark.end), true)
    at = Math.min(to, mark.end)
  }
  add(at, to, false)
  if (to < text.length) pieces.push({ at: text.length, text: '…', marked: false })
  return pieces
}
