// What changed between two versions of a text, so that an eye finds it: sentences first, then letters and words inside of
// sentences that were changed and not replaced. Myers, «An O(ND) Difference Algorithm» (1986), bounded: beyond the bound a
// part counts as replaced, which is true and only less precise.
//
// Example: «已停工三天。» → «已停工五天。» gives same «已停工», removed «三», added «五», same «天。».

export interface Change {
  kind: 'same' | 'removed' | 'added'
  text: string
}

/** Most differences that are looked for among sentences, and inside of one. */
const mostSentences = 600
const mostLetters = 300
/** Less alike than this, a sentence was replaced: letter by letter it would be confetti. */
const leastAlike = 0.4

export function changesBetween(before: string, after: string): readonly Change[] {
  const found: Change[] = []
  const add = (kind: Change['kind'], text: string) => {
    const last = found.at(-1)
    if (text === '') return
    if (last?.kind === kind) last.text += text
    else found.push({ kind, text })
  }
  let [removed, added] = ['', '']
  const settle = () => {
    for (const change of insideOf(removed, added)) add(change.kind, change.text)
    removed = ''
    added = ''
  }
  for (const { kind, text } of compared(sentences(before), sentences(after), mostSentences)) {
    if (kind === 'removed') removed += text
    else if (kind === 'added') added += text
    else {
      settle()
      add('same', text)
    }
  }
  settle()
  return found
}

function insideOf(removed: string, added: string): readonly Change[] {
  const whole: readonly Change[] = [
    { kind: 'removed', text: removed },
    { kind: 'added', text: added },
  ]
  if (removed === '' || added === '') return whole
  const inside = compared(letters(removed), letters(added), mostLetters)
  const same = inside.reduce((sum, { kind, text }) => sum + (kind === 'same' ? text.length : 0), 0)
  return same < leastAlike * Math.max(removed.length, added.length) ? whole : inside
}

const sentences = (text: string) => text.match(/[^。！？；!?\n]*[。！？；!?\n]+|[^。！？；!?\n]+/g) ?? []
/** A Chinese character stands alone, a number or a Latin word does not: 2025 → 2026 is one change. */
const letters = (text: string) => text.match(/[\p{Script=Latin}\p{N}]+|./gsu) ?? []

/** Both lists as one, in order; the common start and end cost nothing. */
function compared(before: readonly string[], after: readonly string[], most: number): readonly Change[] {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let end = 0
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  )
    end++
  const same = (part: readonly string[]): Change[] => part.map((text) => ({ kind: 'same', text }))
  return [
    ...same(before.slice(0, start)),
    ...shortest(before.slice(start, before.length - end), after.slice(start, after.length - end), most),
    ...same(before.slice(before.length - end)),
  ]
}

function shortest(a: readonly string[], b: readonly string[], most: number): readonly Change[] {
  const replaced: readonly Change[] = [
    { kind: 'removed', text: a.join('') },
    { kind: 'added', text: b.join('') },
  ]
  if (a.length === 0 || b.length === 0) return replaced
  // furthest[k + most + 1]: how far into `a` a path on diagonal k = x − y comes with d differences.
  const furthest = new Int32Array(2 * most + 3)
  const traces: Int32Array[] = []
  for (let d = 0; d <= most; d++) {
    traces.push(furthest.slice())
    for (let k = -d; k <= d; k += 2) {
      let x = isDown(furthest, k, d, most) ? reach(furthest, k + 1, most) : reach(furthest, k - 1, most) + 1
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++
      furthest[k + most + 1] = x
      if (x >= a.length && x - k >= b.length) return walkedBack(a, b, traces, most)
    }
  }
  return replaced
}

const reach = (furthest: Int32Array, k: number, most: number) => furthest[k + most + 1] ?? 0
const isDown = (furthest: Int32Array, k: number, d: number, most: number) =>
  k === -d || (k !== d && reach(furthest, k - 1, most) < reach(furthest, k + 1, most))

function walkedBack(
  a: readonly string[],
  b: readonly string[],
  traces: readonly Int32Array[],
  most: number,
): readonly Change[] {
  const found: Change[] = []
  let [x, y] = [a.length, b.length]
  for (let d = traces.length - 1; d >= 0; d--) {
    const furthest = traces[d] ?? new Int32Array()
    const k = x - y
    const from = isDown(furthest, k, d, most) ? k + 1 : k - 1
    const [fromX, fromY] =
      d === 0 ? [0, 0] : [reach(furthest, from, most), reach(furthest, from, most) - from]
    while (x > fromX && y > fromY && a[x - 1] === b[y - 1]) {
      found.push({ kind: 'same', text: a[x - 1] ?? '' })
      x--
      y--
    }
    if (d === 0) break
    if (x > fromX) found.push({ kind: 'removed', text: a[x - 1] ?? '' })
    else found.push({ kind: 'added', text: b[y - 1] ?? '' })
    x = fromX
    y = fromY
  }
  return found.reverse()
}

/** Long stretches that stayed, with only so many characters beside each change. */
export function shortened(changes: readonly Change[], around = 40): readonly Change[] {
  return changes.map((change, at) => {
    const isFirst = at === 0
    const isLast = at === changes.length - 1
    const { kind, text } = change
    if (kind !== 'same' || text.length <= around * 2 + 20) return change
    if (isFirst && isLast) return change
    const head = isFirst ? '' : text.slice(0, around)
    const tail = isLast ? '' : text.slice(-around)
    return { kind, text: `${head} … ${tail}` }
  })
}
