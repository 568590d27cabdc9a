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
  /** By word. */
  familyOf: Uint32Array
  /** Sets of family f: setsOf[from[f]] … setsOf[from[f + 1] - 1]. */
  from: Uint32Array
  setsOf: Uint32Array
  /** 1 when the word begins, 2 when it ends with a Latin letter or digit: then «K2» must not match in «K25». */
  latinEdge: Uint8Array
}

/** Collects word sets; equal lists share one set. */
export function createVocabulary() {
  const ids = new Map<string, number>()
  // Rules share word groups: the same written word comes a hundred times and is normalised once.
  const byWritten = new Map<string, string>()
  const sets: number[][] = []
  const known = new Map<string, SetId>()
  const membersOf: (readonly number[])[] = []

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
    sizeOf: (set: SetId) => membersOf[set]?.length ?? 0,
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
      const from = new Uint32Array(setsOfFamily.length + 1)
      for (const [family, of] of setsOfFamily.entries()) from[family + 1] = (from[family] ?? 0) + of.length
      return {
        automaton: buildAutomaton(words),
        setCount: membersOf.length,
        familyCount: setsOfFamily.length,
        familyOf,
        from,
        setsOf: Uint32Array.from(setsOfFamily.flat()),
        latinEdge: Uint8Array.from(
          words,
          (w) => +isLatin(w.charCodeAt(0)) | (+isLatin(w.charCodeAt(w.length - 1)) << 1),
        ),
      }
    },
  }
}

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
  /** Sets with at least one hit. */
  touched: readonly SetId[]
  /** Whether a set has a hit: cheaper than its hits. */
  has(set: SetId): boolean
  /** Hit numbers of a set, in the order of their ends. */
  hitsOf(set: SetId): readonly number[]
  /** Sentences that hold a word of the set. */
  sentencesOf(set: SetId): ReadonlySet<number>
}

const none: readonly number[] = []

/** Gives a function that reads one text after the other with the same scratch memory. */
export function createReader(vocabulary: Vocabulary) {
  const { automaton, familyOf, from, setsOf, latinEdge } = vocabulary
  const text = createScratch()
  const found: Hits = createHits()
  // A word belongs to dozens of sets and most are never asked for. So a hit is chained to its family only, and a family
  // to its sets once a text; a list is made when somebody asks. Chains are numbered by hit and by link, -1 ends them.
  const familyRun = new Uint32Array(vocabulary.familyCount)
  const latestHit = new Int32Array(vocabulary.familyCount)
  const setRun = new Uint32Array(vocabulary.setCount)
  const latestLink = new Int32Array(vocabulary.setCount)
  let linkFamily = new Int32Array(1024)
  let linkBefore = new Int32Array(1024)
  let run = 0
  let lists = new Map<SetId, readonly number[]>()
  let touched: SetId[] = []
  let sentences = new Map<SetId, Set<number>>()
  let word = new Int32Array(256)
  let start = new Int32Array(256)
  let end = new Int32Array(256)
  let sentence = new Int32Array(256)
  let hitBefore = new Int32Array(256)

  /** `original` is title + "\n" + text when there is a title, of which `titleLength` units are the title. */
  return function read(original: string, titleLength: number): Reading {
    run++
    let linked = 0
    lists = new Map()
    touched = []
    sentences = new Map()
    normalise(original, text)
    findWords(automaton, text.units, text.length, found)
    if (word.length < found.count) {
      word = new Int32Array(found.word.length)
      start = new Int32Array(found.word.length)
      end = new Int32Array(found.word.length)
      sentence = new Int32Array(found.word.length)
      hitBefore = new Int32Array(found.word.length)
    }
    const { units, at } = text
    let count = 0
    let line = 0
    let seen = 0
    for (let i = 0; i < found.count; i++) {
      const id = found.word[i] ?? 0
      const last = found.end[i] ?? 0
      const first = last - (automaton.lengths[id] ?? 0)
      const edge = latinEdge[id] ?? 0
      if (edge !== 0 && cutsLatin(edge, first, last)) continue
      while (seen < last) if (units[seen++] === BREAK) line++
      word[count] = id
      start[count] = first
      end[count] = last
      sentence[count] = line
      const family = familyOf[id] ?? 0
      if (familyRun[family] === run) hitBefore[count] = latestHit[family] ?? -1
      else {
        familyRun[family] = run
        hitBefore[count] = -1
        linked = touchSets(family, linked)
      }
      latestHit[family] = count++
    }
    return {
      text,
      titleUnits: titleLength === 0 ? 0 : unitsBefore(titleLength),
      count,
      word,
      start,
      end,
      sentence,
      touched,
      has: (set) => setRun[set] === run,
      hitsOf,
      sentencesOf(set) {
        let known = sentences.get(set)
        if (!known) {
          known = new Set()
          for (const hit of hitsOf(set)) known.add(sentence[hit] ?? 0)
          sentences.set(set, known)
        }
        return known
      },
    }

    function touchSets(family: number, already: number): number {
      const first = from[family] ?? 0
      const last = from[family + 1] ?? 0
      let link = already
      while (linkFamily.length < link + last - first) {
        linkFamily = doubled(linkFamily)
        linkBefore = doubled(linkBefore)
      }
      for (let s = first; s < last; s++) {
        const set = setsOf[s] ?? 0
        linkFamily[link] = family
        if (setRun[set] === run) linkBefore[link] = latestLink[set] ?? -1
        else {
          setRun[set] = run
          linkBefore[link] = -1
          touched.push(set)
        }
        latestLink[set] = link++
      }
      return link
    }

    function hitsOf(set: SetId): readonly number[] {
      if (setRun[set] !== run) return none
      const known = lists.get(set)
      if (known) return known
      const list: number[] = []
      const newest = latestLink[set] ?? -1
      for (let link = newest; link !== -1; link = linkBefore[link] ?? -1) {
        for (let hit = latestHit[linkFamily[link] ?? 0] ?? -1; hit !== -1; hit = hitBefore[hit] ?? -1) {
          list.push(hit)
        }
      }
      list.sort(ascending)
      lists.set(set, list)
      return list
    }

    /** True when the word is a piece of a longer Latin word or number that was written without a gap. */
    function cutsLatin(edge: number, first: number, last: number): boolean {
      const touches = (left: number, right: number) =>
        isLatin(units[left] ?? 0) && isLatin(units[right] ?? 0) && (at[left] ?? 0) + 1 === at[right]
      return (
        ((edge & 1) !== 0 && first > 0 && touches(first - 1, first)) ||
        ((edge & 2) !== 0 && last < text.length && touches(last - 1, last))
      )
    }

    function unitsBefore(offset: number): number {
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
}

const ascending = (a: number, b: number) => a - b

function doubled(links: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const more = new Int32Array(links.length * 2)
  more.set(links)
  return more
}
