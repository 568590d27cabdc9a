/**
 * Aho–Corasick over UTF-16 units in typed arrays: finds every occurrence of every word, overlaps included, in one pass
 * whose cost depends on the text and its hits, not on the number of words.
 *
 * A text spends its time at the root and one step below it. So the root's transitions are one dense row, its children have
 * the first numbers and lie together in memory, and all others are numbered along the sorted words: the first child of a
 * state is the next number, one look into two bytes says whether the text goes on like it, and only states with several
 * children have edges in a table.
 */
export interface Automaton {
  /** Number of distinct words; ids are 0 … size-1 in the order given. */
  size: number
  /** Length of each word in units. */
  lengths: Uint32Array
  root: Int32Array
  fail: Int32Array
  /** Word that ends in a state, or -1. */
  word: Int32Array
  /** The state itself when a word ends in it, else the next along the fail links in which one does, or 0. */
  output: Int32Array
  /** As `output`, for the rest of the fail links. */
  shorter: Int32Array
  /** Unit that leads from a state to the next number; 0: none. */
  firstUnit: Uint16Array
  mask: number
  /** Edges to further children. State, unit, next state and a number unused side by side: a look costs one walk to memory. */
  table: Int32Array
  /** A bit for every state and unit in the table, by state in lines of 512: most looks end here, near the processor. */
  filter: Int32Array
}

const slot = (state: number, unit: number, mask: number) =>
  ((Math.imul(state, 0x9e37_79b1) ^ Math.imul(unit, 0x85eb_ca6b)) >>> 7) & mask

/** A filter of `words` times 32 bits, a power of two and at least 16. */
const filterBit = (state: number, unit: number, words: number) =>
  ((((Math.imul(state, 0x9e37_79b1) >>> 7) & ((words >>> 4) - 1)) << 9) |
    (Math.imul(unit, 0x85eb_ca6b) >>> 23)) >>>
  0

/** Words must be distinct and not empty. */
export function buildAutomaton(words: readonly string[]): Automaton {
  const units = words.reduce((sum, word) => sum + word.length, 1)
  const root = new Int32Array(65_536)
  const parent = new Int32Array(units)
  const through = new Uint16Array(units)
  const depth = new Int32Array(units)
  const firstUnit = new Uint16Array(units)
  const word = new Int32Array(units).fill(-1)
  const lengths = Uint32Array.from(words, (text) => text.length)
  const further: number[] = []
  let states = 1
  const add = (from: number, unit: number, level: number): number => {
    const to = states++
    parent[to] = from
    through[to] = unit
    depth[to] = level
    if (from === 0) root[unit] = to
    else if (to === from + 1 && unit !== 0) firstUnit[from] = unit
    else further.push(from, unit, to)
    return to
  }
  const sorted = words.map((text, id) => ({ text, id })).sort((a, b) => (a.text < b.text ? -1 : 1))
  for (const { text, id } of sorted) {
    if (text.length === 0) throw new Error(`word ${id} is empty`)
    if (root[text.charCodeAt(0)] === 0) add(0, text.charCodeAt(0), 1)
  }
  // States along the word before: what two neighbours share is the same path.
  const path: number[] = [0]
  let before = ''
  for (const { text, id } of sorted) {
    if (text === before) throw new Error(`«${text}» is given twice`)
    let shared = 0
    while (shared < before.length && text.charCodeAt(shared) === before.charCodeAt(shared)) shared++
    path[1] = root[text.charCodeAt(0)] ?? 0
    for (let i = Math.max(1, shared); i < text.length; i++)
      path[i + 1] = add(path[i] ?? 0, text.charCodeAt(i), i + 1)
    word[path[text.length] ?? 0] = id
    before = text
  }

  let capacity = 1024
  while (capacity * 3 < further.length * 2) capacity *= 2
  const mask = capacity - 1
  const table = new Int32Array(capacity * 4)
  const filter = new Int32Array(capacity >>> 2)
  for (let edge = 0; edge < further.length; edge += 3) {
    const from = further[edge] ?? 0
    const unit = further[edge + 1] ?? 0
    let at = slot(from, unit, mask) * 4
    while (table[at] !== 0) at = (at + 4) & (mask * 4)
    table[at] = from
    table[at + 1] = unit
    table[at + 2] = further[edge + 2] ?? 0
    const bit = filterBit(from, unit, filter.length)
    filter[bit >>> 5] = (filter[bit >>> 5] ?? 0) | (1 << (bit & 31))
  }
  const next = (state: number, unit: number) => {
    if (state === 0) return root[unit] ?? 0
    if (firstUnit[state] === unit && unit !== 0) return state + 1
    let at = slot(state, unit, mask) * 4
    while (table[at] !== 0 && (table[at] !== state || table[at + 1] !== unit)) at = (at + 4) & (mask * 4)
    return table[at + 2] ?? 0
  }

  const order = Array.from({ length: states - 1 }, (_, i) => i + 1)
  order.sort((a, b) => (depth[a] ?? 0) - (depth[b] ?? 0))
  const fail = new Int32Array(states)
  const output = new Int32Array(states)
  const shorter = new Int32Array(states)
  for (const state of order) {
    const from = parent[state] ?? 0
    if (from !== 0) {
      const unit = through[state] ?? 0
      let back = fail[from] ?? 0
      let to = next(back, unit)
      while (to === 0 && back !== 0) {
        back = fail[back] ?? 0
        to = next(back, unit)
      }
      fail[state] = to
    }
    shorter[state] = output[fail[state] ?? 0] ?? 0
    output[state] = word[state] === -1 ? (shorter[state] ?? 0) : state
  }
  return {
    size: words.length,
    lengths,
    root,
    fail,
    word: word.subarray(0, states),
    output,
    shorter,
    firstUnit,
    mask,
    table,
    filter,
  }
}

/** Hits of one pass, in the order of their ends: word id and end (exclusive). Used again from text to text. */
export interface Hits {
  word: Int32Array
  end: Int32Array
  count: number
}

export function createHits(): Hits {
  return { word: new Int32Array(256), end: new Int32Array(256), count: 0 }
}

function grow(hits: Hits) {
  const word = new Int32Array(hits.word.length * 2)
  const end = new Int32Array(hits.end.length * 2)
  word.set(hits.word)
  end.set(hits.end)
  hits.word = word
  hits.end = end
}

/** Every occurrence of every word in units[0, length). */
export function findWords(automaton: Automaton, units: Uint16Array, length: number, hits: Hits): Hits {
  const { root, fail, word, output, shorter, firstUnit, mask, table, filter } = automaton
  let state = 0
  let count = 0
  for (let i = 0; i < length; i++) {
    const unit = units[i] ?? 0
    let to = 0
    while (state !== 0) {
      if (firstUnit[state] === unit && unit !== 0) {
        to = state + 1
        break
      }
      const bit = filterBit(state, unit, filter.length)
      if (((filter[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0) {
        let at = slot(state, unit, mask) * 4
        while (table[at] !== 0 && (table[at] !== state || table[at + 1] !== unit)) at = (at + 4) & (mask * 4)
        to = table[at + 2] ?? 0
        if (to !== 0) break
      }
      state = fail[state] ?? 0
    }
    if (to === 0) to = root[unit] ?? 0
    state = to
    if (to === 0) continue
    for (let s = output[to]; s; s = shorter[s]) {
      if (count === hits.word.length) grow(hits)
      hits.word[count] = word[s] ?? 0
      hits.end[count++] = i + 1
    }
  }
  hits.count = count
  return hits
}
