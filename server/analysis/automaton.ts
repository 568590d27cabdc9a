/**
 * Aho–Corasick over UTF-16 units in typed arrays: finds every occurrence of every word, overlaps included, in one pass
 * whose cost depends on the text and its hits, not on the number of words.
 *
 * A text spends its time at the root and one step below it. So the root's transitions are one dense row, its children have
 * the first numbers and lie together in memory, and all others are numbered along the sorted words: the first child of a
 * state is the next number, one look into two bytes says whether the text goes on like it, and only states with several
 * children have edges in a table.
 *
 * Of many words some begin like any two characters of a text, and hardly any goes on like it. So the step to the second
 * character looks one further: where neither a word ends nor any goes on with the third, the step is not taken. Nothing is
 * lost: all that could follow from it begins at the second character or later. It is this that keeps a pass as fast
 * among a quarter of a million states as among twenty thousand.
 */
export interface Automaton {
  /** Number of distinct words; ids are 0 … size-1 in the order given. */
  size: number
  /** Length of each word in units. */
  lengths: Uint32Array
  root: Uint16Array
  /** The root's children are the states 1 … tops. */
  tops: number
  /**
   * Four numbers a state, side by side because a text that comes to one of a quarter of a million states asks for all: word
   * that ends in it, or -1; the next state along the fail links in which a word ends, or 0; the fail link; and the unit that
   * leads to the next number (0: none) below a bit for each further child, by its unit's hash.
   */
  states: Int32Array
  mask: number
  /** Edges to further children. State, unit, next state and a number unused side by side: a look costs one walk to memory. */
  table: Int32Array
  /** A bit for the first three units of every word, END the third of a word of two; by the first two in lines of 512. */
  ahead: Int32Array
}

/** Numbers of a state, and which is which. */
const STATE = 4
const SHORTER = 1
const FAIL = 2
const CHILDREN = 3

/** Stands behind the last unit of a word; normalising leaves it in no text. */
const END = 0

const slot = (state: number, unit: number, mask: number) =>
  ((Math.imul(state, 0x9e37_79b1) ^ Math.imul(unit, 0x85eb_ca6b)) >>> 7) & mask

/** One of the upper sixteen bits of a state's last number. */
const childBit = (unit: number) => 0x1_0000 << (Math.imul(unit, 0x9e37_79b1) >>> 28)

/** A filter of `words` times 32 bits, a power of two and at least 16. */
const aheadBit = (top: number, second: number, third: number, words: number) => {
  const line = Math.imul(top, 0x9e37_79b1) ^ Math.imul(second, 0x85eb_ca6b)
  return ((((line >>> 9) & ((words >>> 4) - 1)) << 9) | ((Math.imul(third, 0xc2b2_ae35) ^ line) >>> 23)) >>> 0
}
/** Bits for each beginning of three units. */
const BITS_AHEAD = 8

/** Words must be distinct and not empty. */
export function buildAutomaton(words: readonly string[]): Automaton {
  const units = words.reduce((sum, word) => sum + word.length, 1)
  const root = new Uint16Array(65_536)
  const beginnings: number[] = []
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
  const tops = states - 1
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
    if (text.length === 2 || (text.length > 2 && shared < 3))
      beginnings.push(path[1] ?? 0, text.charCodeAt(1), text.length === 2 ? END : text.charCodeAt(2))
    before = text
  }
  let aheadWords = 512
  while (aheadWords * 32 * 3 < beginnings.length * BITS_AHEAD) aheadWords *= 2
  const ahead = new Int32Array(aheadWords)
  for (let at = 0; at < beginnings.length; at += 3) {
    const bit = aheadBit(beginnings[at] ?? 0, beginnings[at + 1] ?? 0, beginnings[at + 2] ?? 0, aheadWords)
    ahead[bit >>> 5] = (ahead[bit >>> 5] ?? 0) | (1 << (bit & 31))
  }

  let capacity = 1024
  while (capacity * 3 < further.length * 2) capacity *= 2
  const mask = capacity - 1
  const table = new Int32Array(capacity * 4)
  for (let edge = 0; edge < further.length; edge += 3) {
    const from = further[edge] ?? 0
    const unit = further[edge + 1] ?? 0
    let at = slot(from, unit, mask) * 4
    while (table[at] !== 0) at = (at + 4) & (mask * 4)
    table[at] = from
    table[at + 1] = unit
    table[at + 2] = further[edge + 2] ?? 0
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
  const packed = new Int32Array(states * STATE)
  packed[0] = -1
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
    const shorter = output[fail[state] ?? 0] ?? 0
    output[state] = word[state] === -1 ? shorter : state
    packed[state * STATE] = word[state] ?? -1
    packed[state * STATE + SHORTER] = shorter
    packed[state * STATE + FAIL] = fail[state] ?? 0
    packed[state * STATE + CHILDREN] = firstUnit[state] ?? 0
  }
  for (let edge = 0; edge < further.length; edge += 3) {
    const at = (further[edge] ?? 0) * STATE + CHILDREN
    packed[at] = (packed[at] ?? 0) | childBit(further[edge + 1] ?? 0)
  }
  return { size: words.length, lengths, root, tops, states: packed, mask, table, ahead }
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
  const { root, tops, states, mask, table, ahead } = automaton
  let state = 0
  let count = 0
  for (let i = 0; i < length; i++) {
    const unit = units[i] ?? 0
    let to = 0
    while (state !== 0) {
      if (state <= tops) {
        const whole = aheadBit(state, unit, END, ahead.length)
        if (((ahead[whole >>> 5] ?? 0) & (1 << (whole & 31))) === 0) {
          const part = aheadBit(state, unit, i + 1 < length ? (units[i + 1] ?? 0) : END, ahead.length)
          if (((ahead[part >>> 5] ?? 0) & (1 << (part & 31))) === 0) break
        }
      }
      const children = states[state * STATE + CHILDREN] ?? 0
      if ((children & 0xffff) === unit && unit !== 0) {
        to = state + 1
        break
      }
      if ((children & childBit(unit)) !== 0) {
        let at = slot(state, unit, mask) * 4
        while (table[at] !== 0 && (table[at] !== state || table[at + 1] !== unit)) at = (at + 4) & (mask * 4)
        to = table[at + 2] ?? 0
        if (to !== 0) break
      }
      state = states[state * STATE + FAIL] ?? 0
    }
    if (to === 0) to = root[unit] ?? 0
    state = to
    if (to === 0) continue
    for (let s = to; s !== 0; s = states[s * STATE + SHORTER] ?? 0) {
      const word = states[s * STATE] ?? -1
      if (word === -1) continue
      if (count === hits.word.length) grow(hits)
      hits.word[count] = word
      hits.end[count++] = i + 1
    }
  }
  hits.count = count
  return hits
}
