/**
 * One pass over a text with one automaton for every word that anyone asks for: rules, lexicon, projects, companies.
 * Each asker registers its lists as word sets; a reading then answers «which hits belong to this set» at no further cost.
 */
import { type Automaton, buildAutomaton, createHits, findWords, type Hits } from './automaton.ts'
import { BREAK, createScratch, type Normalised, normalise, normalisedWord } from './normalise.ts'

export type SetId = number
/** A word of the vocabulary, as `Reading.word` gives it. */
export type WordId = number

export interface Vocabulary {
  automaton: Automaton
  setCount: number
  /** Words that stand in the same sets are of one family: what is found is kept by family. */
  familyCount: number
  /** Two numbers a word: its family; its length × 4, + 1 when it begins, + 2 when it ends with a Latin letter or digit: then «K2» must not match in «K25». */
  words: Int32Array
  /**
   * Sets of family f of which a reading keeps book, a bit each: marks[i + 1] of the word marks[i], each second i from from[f]
   * to from[f + 1] - 1.
   */
  from: Uint32Array
  marks: Int32Array
  /** Families of set s: familiesOf[fromSet[s]] … familiesOf[fromSet[s + 1] - 1]. */
  fromSet: Uint32Array
  familiesOf: Uint32Array
  /** A bit for each listed set, and for each listed or marked one. */
  listed: Int32Array
  kept: Int32Array
}

/** Collects word sets; equal lists share one set. */
export function createVocabulary() {
  const ids = new Map<string, number>()
  // Rules share word groups: the same written word comes a hundred times and is normalised once.
  const byWritten = new Map<string, string>()
  const sets: number[][] = []
  const known = new Map<string, SetId>()
  const membersOf: (readonly number[])[] = []
  const listed = new Set<SetId>()
  const marked = new Set<SetId>()

  function normal(written: string): string {
    let word = byWritten.get(written)
    if (word === undefined) {
      word = normalisedWord(written)
      byWritten.set(written, word)
    }
    return word
  }

  /** The id of a normalised word, made when it is new. */
  function idOf(word: string): WordId {
    let id = ids.get(word)
    if (id === undefined) {
      id = ids.size
      ids.set(word, id)
      sets.push([])
    }
    return id
  }

  /** The set of words that have ids already. */
  function setOf(words: readonly WordId[]): SetId {
    const sorted = [...new Set(words)].sort((a, b) => a - b)
    const key = sorted.join(' ')
    const same = known.get(key)
    if (same !== undefined) return same
    const set = membersOf.push(sorted) - 1
    known.set(key, set)
    for (const word of sorted) sets[word]?.push(set)
    return set
  }

  return {
    /** The id of one word, for askers with thousands of words of which each means something else; it must be in a set too. */
    word(written: string): WordId | undefined {
      const word = normalisedWord(written)
      return word === '' ? undefined : idOf(word)
    },
    /** The id of a word that was registered before. */
    known: (written: string): WordId | undefined => ids.get(normalisedWord(written)),
    /** Words that normalise to nothing are left out; the catalogue's loader refuses them earlier. */
    set(words: readonly string[]): SetId {
      return setOf(words.map(normal).flatMap((word) => (word === '' ? [] : [idOf(word)])))
    },
    setOf,
    wordsOf: (set: SetId): readonly WordId[] => membersOf[set] ?? [],
    /** Readings name this set in `touched` when they hold a word of it. */
    list: (set: SetId) => void listed.add(set),
    /** Readings are asked for this set so often that they know beforehand whether they hold a word of it. */
    mark: (set: SetId) => void marked.add(set),
    /** In the order of their ids. */
    words: (): readonly string[] => [...ids.keys()],
    build(): Vocabulary {
      const words = [...ids.keys()]
      const families = new Map<string, number>()
      const familyOf = new Uint32Array(words.length)
      const setsOfFamily: (readonly number[])[] = []
      for (const [word, of] of sets.entries()) {
        const key = of.join(' ')
        let family = families.get(key)
        if (family === undefined) {
          family = setsOfFamily.push(of) - 1
          families.set(key, family)
        }
        familyOf[word] = family
      }
      const kept = bitsOf([...listed, ...marked], membersOf.length)
      const from = new Uint32Array(setsOfFamily.length + 1)
      const marks: number[] = []
      for (const [family, of] of setsOfFamily.entries()) {
        for (const set of of) {
          if (!hasBit(kept, set)) continue
          const place = set >>> 5
          if (marks.length === from[family] || marks.at(-2) !== place) marks.push(place, 0)
          marks[marks.length - 1] = (marks.at(-1) ?? 0) | (1 << (set & 31))
        }
        from[family + 1] = marks.length
      }
      const ofSet: number[][] = membersOf.map(() => [])
      for (const [family, of] of setsOfFamily.entries()) for (const set of of) ofSet[set]?.push(family)
      const fromSet = new Uint32Array(ofSet.length + 1)
      for (const [set, of] of ofSet.entries()) fromSet[set + 1] = (fromSet[set] ?? 0) + of.length
      return {
        automaton: buildAutomaton(words),
        setCount: membersOf.length,
        familyCount: setsOfFamily.length,
        words: Int32Array.from(
          words.flatMap((w, word) => [
            familyOf[word] ?? 0,
            w.length * 4 + (isLatin(w.charCodeAt(0)) ? 1 : 0) + (isLatin(w.charCodeAt(w.length - 1)) ? 2 : 0),
          ]),
        ),
        from,
        marks: Int32Array.from(marks),
        fromSet,
        familiesOf: Uint32Array.from(ofSet.flat()),
        listed: bitsOf(listed, membersOf.length),
        kept,
      }
    },
  }
}

/** A bit for each of these ids, of `count` there are. */
export function bitsOf(ids: Iterable<SetId | WordId>, count: number): Int32Array {
  const bits = new Int32Array((count + 31) >>> 5)
  for (const id of ids) bits[id >>> 5] = (bits[id >>> 5] ?? 0) | (1 << (id & 31))
  return bits
}

export const hasBit = (bits: Int32Array, id: SetId | WordId) =>
  (((bits[id >>> 5] ?? 0) >>> (id & 31)) & 1) === 1

const isLatin = (unit: number) => (unit >= 48 && unit <= 57) || (unit >= 97 && unit <= 122)

/** What one pass found. Everything is by hit number; hits are in the order of their ends. Valid until the next reading. */
export interface Reading {
  text: Normalised
  /** Units that belong to the title. */
  titleUnits: number
  count: number
  word: Int32Array
  start: Int32Array
  end: Int32Array
  sentence: Int32Array
  /** Listed sets with at least one hit. */
  touched: readonly SetId[]
  /** Whether a marked or listed set has a hit, in one look. */
  has(set: SetId): boolean
  /** Hit numbers of a set, in the order of their ends. */
  hitsOf(set: SetId): readonly number[]
  /** Sentences that hold a word of the set. */
  sentencesOf(set: SetId): ReadonlySet<number>
}

const none: readonly number[] = []

/** Readings whose marks tell themselves apart in a byte. */
const MOST_RUNS = 254
/** Numbers of a family while texts are read, and which is which: its latest hit, and its places in `setsOf`. */
const FAMILY = 4
const LATEST = 0
const FROM = 1
const UNTIL = 2

/** Gives a function that reads one text after the other with the same scratch memory. */
export function createReader(vocabulary: Vocabulary) {
  const { automaton, words, from, fromSet, familiesOf, listed, kept } = vocabulary
  const text = createScratch()
  const found: Hits = createHits()
  // A word belongs to dozens of sets and most are never asked for. So a hit is chained to its family only (by hit number,
  // -1 ends a chain), a family marks only the sets that rules ask for on every text, thirty-two at a time, and a set finds its
  // hits when it is asked, by looking through its own families. Of ten times the words each hit is of a family that is far
  // from the processor; so what it asks of its family lies side by side.
  const families = new Int32Array(vocabulary.familyCount * FAMILY)
  for (let family = 0; family < vocabulary.familyCount; family++) {
    families[family * FAMILY + FROM] = from[family] ?? 0
    families[family * FAMILY + UNTIL] = from[family + 1] ?? 0
  }
  const familyMark = new Uint8Array(vocabulary.familyCount)
  const ofFamilies = vocabulary.marks
  const marks = new Int32Array(listed.length)
  let run = 0
  const listMark = new Uint8Array(vocabulary.setCount)
  const lists: (readonly number[])[] = Array<readonly number[]>(vocabulary.setCount).fill(none)
  let sentences = new Map<SetId, Set<number>>()
  let word = new Int32Array(256)
  let start = new Int32Array(256)
  let end = new Int32Array(256)
  let sentence = new Int32Array(256)
  let familyOf = new Int32Array(256)
  let hitBefore = new Int32Array(256)
  /** By unit: the sentence it stands in. */
  let lineOf = new Int32Array(1024)

  /** `original` is title + "\n" + text when there is a title, of which `titleLength` units are the title. */
  return function read(original: string, titleLength: number): Reading {
    forget()
    normalise(original, text)
    findWords(automaton, text.units, text.length, found)
    if (word.length < found.count) {
      word = new Int32Array(found.word.length)
      start = new Int32Array(found.word.length)
      end = new Int32Array(found.word.length)
      sentence = new Int32Array(found.word.length)
      familyOf = new Int32Array(found.word.length)
      hitBefore = new Int32Array(found.word.length)
    }
    const { units } = text
    if (lineOf.length < text.length) lineOf = new Int32Array(text.length * 2)
    for (let unit = 0, line = 0; unit < text.length; unit++) {
      if (units[unit] === BREAK) line++
      lineOf[unit] = line
    }
    // In two rounds: what words say of themselves is far from the processor too, and looks that nothing hangs on overlap.
    let count = 0
    for (let i = 0; i < found.count; i++) {
      const id = found.word[i] ?? 0
      const last = found.end[i] ?? 0
      const shape = words[id * 2 + 1] ?? 0
      const first = last - (shape >>> 2)
      const edge = shape & 3
      if (edge !== 0 && cutsLatin(edge, first, last)) continue
      word[count] = id
      start[count] = first
      end[count] = last
      sentence[count] = lineOf[last - 1] ?? 0
      familyOf[count++] = words[id * 2] ?? 0
    }
    for (let hit = 0; hit < count; hit++) {
      const family = familyOf[hit] ?? 0
      const its = family * FAMILY
      if (familyMark[family] === run) hitBefore[hit] = families[its + LATEST] ?? -1
      else {
        familyMark[family] = run
        hitBefore[hit] = -1
        const until = families[its + UNTIL] ?? 0
        for (let at = families[its + FROM] ?? 0; at < until; at += 2) {
          const place = ofFamilies[at] ?? 0
          marks[place] = (marks[place] ?? 0) | (ofFamilies[at + 1] ?? 0)
        }
      }
      families[its + LATEST] = hit
    }
    return {
      text,
      titleUnits: titleLength === 0 ? 0 : unitsBefore(titleLength),
      count,
      word,
      start,
      end,
      sentence,
      touched: touched(),
      has,
      hitsOf,
      sentencesOf,
    }
  }

  function forget() {
    sentences = new Map()
    marks.fill(0)
    if (++run <= MOST_RUNS) return
    run = 1
    familyMark.fill(0)
    listMark.fill(0)
  }

  function touched(): SetId[] {
    const sets: SetId[] = []
    for (let place = 0; place < marks.length; place++) {
      for (let left = (marks[place] ?? 0) & (listed[place] ?? 0); left !== 0; left &= left - 1)
        sets.push(place * 32 + 31 - Math.clz32(left & -left))
    }
    return sets
  }

  function has(set: SetId): boolean {
    return hasBit(marks, set)
  }

  function hitsOf(set: SetId): readonly number[] {
    if (hasBit(kept, set) && !hasBit(marks, set)) return none
    if (listMark[set] === run) return lists[set] ?? none
    let list: number[] | undefined
    let chains = 0
    const last = fromSet[set + 1] ?? 0
    for (let at = fromSet[set] ?? last; at < last; at++) {
      const family = familiesOf[at] ?? 0
      if (familyMark[family] !== run) continue
      chains++
      list ??= []
      for (let hit = families[family * FAMILY + LATEST] ?? -1; hit !== -1; hit = hitBefore[hit] ?? -1)
        list.push(hit)
    }
    // A chain goes from its last hit to its first.
    if (chains === 1) list?.reverse()
    else if (list) sortFew(list)
    listMark[set] = run
    lists[set] = list ?? none
    return list ?? none
  }

  function sentencesOf(set: SetId): ReadonlySet<number> {
    let known = sentences.get(set)
    if (!known) {
      known = new Set()
      for (const hit of hitsOf(set)) known.add(sentence[hit] ?? 0)
      sentences.set(set, known)
    }
    return known
  }

  /** True when the word is a piece of a longer Latin word or number that was written without a gap. */
  function cutsLatin(edge: number, first: number, last: number): boolean {
    const { units, at } = text
    const touches = (left: number, right: number) =>
      isLatin(units[left] ?? 0) && isLatin(units[right] ?? 0) && (at[left] ?? 0) + 1 === at[right]
    return (
      ((edge & 1) !== 0 && first > 0 && touches(first - 1, first)) ||
      ((edge & 2) !== 0 && last < text.length && touches(last - 1, last))
    )
  }

  function unitsBefore(offset: number): number {
    const { at } = text
    let low = 0
    let high = text.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((at[middle] ?? 0) < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}

const ascending = (a: number, b: number) => a - b
const FEW = 24

/** Most lists hold a handful of hits, for which a comparing function costs more than the order does. */
function sortFew(list: number[]) {
  if (list.length > FEW) {
    list.sort(ascending)
    return
  }
  for (let i = 1; i < list.length; i++) {
    const hit = list[i] ?? 0
    let to = i
    for (; to > 0 && (list[to - 1] ?? 0) > hit; to--) list[to] = list[to - 1] ?? 0
    list[to] = hit
  }
}
