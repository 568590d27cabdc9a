/**
 * Aho–Corasick over UTF-16 units in typed arrays: finds every occurrence of every word, overlaps included, in one pass
 * whose cost depends on the text and its hits, not on the number of words.
 *
 * A text spends its time at the root and two steps below it. So the root's transitions are one dense row, its children have
 * the first numbers, and the pairs below these, the first two units of a word, stand in a table of their own with all that is
 * asked of them. Deeper states are numbered along the sorted words: the first child of a state is the next number, one look
 * into two bytes says whether the text goes on like it, and only states with several children have edges in a table.
 *
 * Of many words some begin like any two characters of a text, and hardly any goes on like it. So a pair is looked up only
 * after a look one further: where neither a word ends nor any goes on with the third character, it is passed over. Nothing is
 * lost: all that could follow from it begins at the second character or later. And which pair two characters are hangs on no
 * state, so all of a text are looked up first, and their walks to memory overlap. It is this that keeps a pass nearly as fast
 * among a quarter of a million states as among twenty thousand.
 */
export interface Automaton {
  /** Number of distinct words; ids are 0 … size-1 in the order given. */
  size: number
  root: Uint16Array
  /** The root's children are the states 1 … tops, theirs the states to `pairs`; what is above is three units deep or more. */
  tops: number
  pairs: number
  /**
   * Four numbers a state, side by side because a text that comes to one of a quarter of a million states asks for all: word
   * that ends in it, or -1; the next state along the fail links in which a word ends, or 0; the fail link; and the unit that
   * leads to the next number (0: none) below a bit for each further child, by its unit's hash.
   */
  states: Int32Array
  /**
   * The first two units of every word, which every second unit of a text asks for, with all that is asked of their state, so
   * that one walk to memory does: top × 65,536 + unit, its state, bits of its children, and the word that ends in it or -1.
   * The first four numbers are 0: what stands at 0 is no pair.
   */
  near: Int32Array
  /** Edges from pairs and deeper states to further children: state, unit, next state and a number unused, so that none crosses a line of memory. */
  far: Int32Array
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

const mixed = (state: number, unit: number) =>
  (Math.imul(state, 0x9e37_79b1) ^ Math.imul(unit, 0x85eb_ca6b)) >>> 7

/** Numbers of a pair, and which is which. */
const PAIR = 4
const PAIR_STATE = 1
const PAIR_CHILDREN = 2
const PAIR_WORD = 3

/** Where the pair of a top and a unit is, or where there is room for it. */
function placeOfPair(near: Int32Array, top: number, unit: number): number {
  const edge = (top << 16) | unit
  const mask = near.length - 2 * PAIR
  let at = ((mixed(top, unit) * PAIR) & mask) + PAIR
  while (near[at] !== edge && near[at] !== 0) at = (at & mask) + PAIR
  return at
}

/** State that `unit` leads to from a deeper state by an edge of the table, or 0. */
function fromDeep(far: Int32Array, state: number, unit: number): number {
  let at = (mixed(state, unit) * 4) & (far.length - 1)
  while (far[at] !== 0 && (far[at] !== state || far[at + 1] !== unit)) at = (at + 4) & (far.length - 1)
  return far[at + 2] ?? 0
}

/** Numbers for so many entries of four, a power of two; a quarter of them free: what lies closer together is nearer. */
function roomFor(entries: number): number {
  let room = 1024
  while (room * 3 < entries * 4) room *= 2
  return room * 4
}

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
  const second: number[] = []
  const further: number[] = []
  let states = 1
  const add = (from: number, unit: number, level: number): number => {
    const to = states++
    parent[to] = from
    through[to] = unit
    depth[to] = level
    if (from === 0) root[unit] = to
    else if (level === 2) second.push(from, unit, to)
    else if (level > 3 && to === from + 1 && unit !== 0) firstUnit[from] = unit
    else further.push(from, unit, to)
    return to
  }
  const sorted = words.map((text, id) => ({ text, id })).sort((a, b) => (a.text < b.text ? -1 : 1))
  for (const { text, id } of sorted) {
    if (text.length === 0) throw new Error(`word ${id} is empty`)
    if (root[text.charCodeAt(0)] === 0) add(0, text.charCodeAt(0), 1)
  }
  const tops = states - 1
  let before = ''
  for (const { text } of sorted) {
    if (text.length > 1 && !before.startsWith(text.slice(0, 2)))
      add(root[text.charCodeAt(0)] ?? 0, text.charCodeAt(1), 2)
    before = text
  }
  const pairs = states - 1
  // States along the word before: what two neighbours share is the same path.
  const path: number[] = [0]
  let pair = tops
  before = ''
  for (const { text, id } of sorted) {
    if (text === before) throw new Error(`«${text}» is given twice`)
    let shared = 0
    while (shared < before.length && text.charCodeAt(shared) === before.charCodeAt(shared)) shared++
    path[1] = root[text.charCodeAt(0)] ?? 0
    if (text.length > 1 && shared < 2) path[2] = ++pair
    for (let i = Math.max(2, shared); i < text.length; i++)
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

  const near = new Int32Array(PAIR + roomFor(second.length / 3))
  const placeOf = new Int32Array(pairs + 1)
  for (let edge = 0; edge < second.length; edge += 3) {
    const [top = 0, unit = 0, to = 0] = second.slice(edge, edge + 3)
    const at = placeOfPair(near, top, unit)
    near[at] = (top << 16) | unit
    near[at + PAIR_STATE] = to
    near[at + PAIR_WORD] = word[to] ?? -1
    placeOf[to] = at
  }
  const far = new Int32Array(roomFor(further.length / 3))
  for (let edge = 0; edge < further.length; edge += 3) {
    const [from = 0, unit = 0, to = 0] = further.slice(edge, edge + 3)
    let at = (mixed(from, unit) * 4) & (far.length - 1)
    while (far[at] !== 0) at = (at + 4) & (far.length - 1)
    far[at] = from
    far[at + 1] = unit
    far[at + 2] = to
  }
  const next = (state: number, unit: number) => {
    if (state === 0) return root[unit] ?? 0
    if (state <= tops) return near[placeOfPair(near, state, unit) + PAIR_STATE] ?? 0
    return firstUnit[state] === unit && unit !== 0 ? state + 1 : fromDeep(far, state, unit)
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
    const from = further[edge] ?? 0
    const bit = childBit(further[edge + 1] ?? 0)
    if (from <= pairs) {
      const at = (placeOf[from] ?? 0) + PAIR_CHILDREN
      near[at] = (near[at] ?? 0) | bit
    } else {
      const at = from * STATE + CHILDREN
      packed[at] = (packed[at] ?? 0) | bit
    }
  }
  return { size: words.length, root, tops, pairs, states: packed, near, far, ahead }
}

/** Hits of one pass, in the order of their ends: word id and end (exclusive). Used again from text to text. */
export interface Hits {
  word: Int32Array
  end: Int32Array
  count: number
  /** Scratch, by unit: where the pair of this unit and the next is, or 0; and the units where it is worth a look. */
  pair: Int32Array
  begins: Int32Array
}

export function createHits(): Hits {
  return {
    word: new Int32Array(256),
    end: new Int32Array(256),
    count: 0,
    pair: new Int32Array(1024),
    begins: new Int32Array(1024),
  }
}

function grow(hits: Hits) {
  const word = new Int32Array(hits.word.length * 2)
  const end = new Int32Array(hits.end.length * 2)
  word.set(hits.word)
  end.set(hits.end)
  hits.word = word
  hits.end = end
}

/**
 * Finds for every unit the pair that it and the next are. In rounds, because each look is a walk to memory that waits for
 * nothing but the one before it: without a branch between them they overlap.
 */
function findPairs({ root, near, ahead }: Automaton, units: Uint16Array, length: number, hits: Hits) {
  if (hits.pair.length < length) {
    hits.pair = new Int32Array(length * 2)
    hits.begins = new Int32Array(length * 2)
  }
  const { pair, begins } = hits
  let count = 0
  for (let i = 0; i < length; i++) {
    const top = root[units[i] ?? 0] ?? 0
    const next = i + 1 < length ? (units[i + 1] ?? 0) : END
    const third = i + 2 < length ? (units[i + 2] ?? 0) : END
    const whole = aheadBit(top, next, END, ahead.length)
    const part = aheadBit(top, next, third, ahead.length)
    pair[i] = 0
    begins[count] = i
    count += (((ahead[whole >>> 5] ?? 0) >>> (whole & 31)) | ((ahead[part >>> 5] ?? 0) >>> (part & 31))) & 1
  }
  for (let at = 0; at < count; at++) {
    const i = begins[at] ?? 0
    const top = root[units[i] ?? 0] ?? 0
    if (top === 0 || i + 1 === length) continue
    const place = placeOfPair(near, top, units[i + 1] ?? 0)
    pair[i] = near[place] === 0 ? 0 : place
  }
}

/** Every occurrence of every word in units[0, length). */
export function findWords(automaton: Automaton, units: Uint16Array, length: number, hits: Hits): Hits {
  const { root, tops, pairs, states, near, far } = automaton
  findPairs(automaton, units, length, hits)
  const { pair } = hits
  let state = 0
  let count = 0
  const put = (word: number, end: number) => {
    if (count === hits.word.length) grow(hits)
    hits.word[count] = word
    hits.end[count++] = end
  }
  for (let i = 0; i < length; i++) {
    const unit = units[i] ?? 0
    let to = 0
    while (state > pairs) {
      const children = states[state * STATE + CHILDREN] ?? 0
      if ((children & 0xffff) === unit && unit !== 0) {
        to = state + 1
        break
      }
      if ((children & childBit(unit)) !== 0) {
        to = fromDeep(far, state, unit)
        if (to !== 0) break
      }
      state = states[state * STATE + FAIL] ?? 0
    }
    // A pair is of the last two units, whichever way the text came to it; one that was not worth a look goes on nowhere.
    if (to === 0 && state > tops) {
      const children = near[(pair[i - 2] ?? 0) + PAIR_CHILDREN] ?? 0
      if ((children & childBit(unit)) !== 0) to = fromDeep(far, state, unit)
      if (to === 0) state = root[units[i - 1] ?? 0] ?? 0
    }
    if (to === 0 && state !== 0) to = near[(pair[i - 1] ?? 0) + PAIR_STATE] ?? 0
    if (to === 0) to = root[unit] ?? 0
    state = to
    if (to > pairs) {
      for (let s = to; s !== 0; s = states[s * STATE + SHORTER] ?? 0) {
        const word = states[s * STATE] ?? -1
        if (word !== -1) put(word, i + 1)
      }
      continue
    }
    if (to > tops) {
      const word = near[(pair[i - 1] ?? 0) + PAIR_WORD] ?? -1
      if (word !== -1) put(word, i + 1)
      to = root[unit] ?? 0
    }
    const word = states[to * STATE] ?? -1
    if (word !== -1) put(word, i + 1)
  }
  hits.count = count
  return hits
}
