/**
 * What the linear model sees of a text, as hashed keys with a value:
 *
 *   the score of each risk by the rules      score      each rule that matched                 0.5
 *   each rule whose parts are all there      0.4        some rule of a risk is so              0.5
 *   rules of a risk that lack one part       0.2 each   each group of the lexicon              0.5
 *   each word of the catalogue, unless negated  0.3     letter or line, noise title, no rule  1
 *   tone and target by the lexicon    1
 *   2- and 3-grams of units, marks included, of the first line, and again of the whole text   1.5 / √(units, at least 8)
 *   symbols and emoji that normalising leaves out, and single units   the same
 *
 * so that a long letter and a headline weigh alike, and what people wrote into the catalogue weighs more than what
 * letters happen to stand together. Digits count as one digit. Only the first occurrence
 * of a key counts.
 *
 * A key is 32 bits of hash: no text stands in the weights; a rule, group or word that is added later is a key the model
 * does not know yet, and its risk's score still speaks for it. The key of a single unit is the unit itself, and no hash is one.
 */
import type { CompiledRules, RuleReading } from './match.ts'
import { BREAK, CLAUSE, ENUMERATION, type Normalised } from './normalise.ts'
import { bitsOf, type createVocabulary, hasBit, type Reading, type SetId } from './reading.ts'

/** Features of one text; used again from text to text. `from` and `to` are units of the reading, both 0 for a feature without a place. */
export interface Features {
  key: Int32Array
  value: Float32Array
  from: Int32Array
  to: Int32Array
  count: number
  /** The first so many are what the rules say. */
  ruled: number
  /** These and what the catalogue's words and the lexicon say. */
  named: number
  /** These and the n-grams of the first line. */
  headed: number
  /** The units of the text, each once: a feature of value `unitValue` whose key is the unit. */
  units: Uint16Array
  unitCount: number
  unitValue: number
}

export function createFeatures(): Features {
  return {
    key: new Int32Array(4096),
    value: new Float32Array(4096),
    from: new Int32Array(4096),
    to: new Int32Array(4096),
    count: 0,
    ruled: 0,
    named: 0,
    headed: 0,
    units: new Uint16Array(MOST_UNITS),
    unitCount: 0,
    unitValue: 0,
  }
}

const PRESENT = 0.4
const MATCHED = 0.5
const SOME_PRESENT = 0.5
const LACKING = 0.2
const GROUP = 0.5
const WORD = 0.3
const GRAM = 1.5
const GRAM_UNITS = 8
/** Beyond this the n-grams say nothing new, and a page of a million letters must not cost a million keys. */
const MOST_UNITS = 4000
const MOST_WORDS = 4000
const MOST_SYMBOLS = 200

/** A text up to this long without a title of its own is a headline. */
const LINE_UNITS = 60

/** Key of a named feature (FNV-1a). */
export function keyOf(name: string): number {
  let hash = 0x811c_9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x0100_0193)
  return noUnit(hash)
}

/** Keys under 65,536 are single units; a hash that would be one too gets another place. */
const noUnit = (hash: number) => (hash >>> 16 === 0 ? hash | 0x8000_0000 : hash | 0)

/** Keys of a rule, and which is which. */
const RULE = 4
const RULE_MATCHED = 0
const RULE_PRESENT = 1
const RISK_PRESENT = 2
const RISK_LACKING = 3

export interface FeatureKeys {
  /** Place in `groups` by set, or -1. */
  groupOf: Int32Array
  groups: Int32Array
  /** By word id of the vocabulary. */
  ofWord: Int32Array
  /** A bit for each word with a key: of ten times the words most have none, and this stays near the processor. */
  speaking: Int32Array
  /** RULE keys for each rule, by its index. */
  ofRule: Int32Array
  ofRisk: ReadonlyMap<string, number>
}

/** To be called after the catalogue's words are in the vocabulary and before anybody else's. */
export function compileFeatureKeys(
  rules: CompiledRules,
  groups: Readonly<Record<string, readonly string[]>>,
  vocabulary: ReturnType<typeof createVocabulary>,
): FeatureKeys {
  const ofGroup = new Map<SetId, number>()
  for (const name of Object.keys(groups).sort()) {
    const set = vocabulary.set(groups[name] ?? [])
    vocabulary.list(set)
    ofGroup.set(set, keyOf(`group:${name}`))
  }
  const groupOf = new Int32Array(Math.max(-1, ...ofGroup.keys()) + 1).fill(-1)
  for (const [place, set] of [...ofGroup.keys()].entries()) groupOf[set] = place
  const ofWord = Int32Array.from(vocabulary.words(), (word) => keyOf(`word:${word}`))
  return {
    groupOf,
    groups: Int32Array.from(ofGroup.values()),
    ofRule: Int32Array.from(
      rules.all.flatMap(({ risk, rule }) => [
        keyOf(`rule:${risk}/${rule.id}`),
        keyOf(`present:${risk}/${rule.id}`),
        keyOf(`present:${risk}`),
        keyOf(`lacking:${risk}`),
      ]),
    ),
    ofRisk: new Map(rules.all.map(({ risk }) => [risk, keyOf(`risk:${risk}`)])),
    ofWord,
    speaking: speakingIn(ofWord),
  }
}

/** A bit for each word whose key says something. */
const speakingIn = (ofWord: Int32Array) =>
  bitsOf(
    [...ofWord.keys()].filter((word) => ofWord[word] !== SILENT),
    ofWord.length,
  )

/** Keys that say nothing: no name hashes to it. */
const SILENT = 0

/**
 * The keys of which a model knows something. Words and rules that were added after it was trained are then passed over in
 * one look, so a catalogue may grow tenfold and a text costs what it cost.
 */
export function onlyKnown(keys: FeatureKeys, isKnown: (key: number) => boolean): FeatureKeys {
  const known = (key: number) => (isKnown(key) ? key : SILENT)
  const ofWord = keys.ofWord.map(known)
  return {
    groupOf: keys.groupOf.map((place) => (isKnown(keys.groups[place] ?? SILENT) ? place : -1)),
    groups: keys.groups,
    ofWord,
    speaking: speakingIn(ofWord),
    ofRule: keys.ofRule.map(known),
    ofRisk: keys.ofRisk,
  }
}

const LETTER = keyOf('form:letter')
const LINE = keyOf('form:line')
const NOISE = keyOf('form:noise')
const NO_RULE = keyOf('form:no-rule')

function makeRoom(features: Features, wanted: number) {
  if (features.key.length >= wanted) return
  const room = Math.max(wanted, features.key.length * 2)
  features.key = new Int32Array(room)
  features.value = new Float32Array(room)
  features.from = new Int32Array(room)
  features.to = new Int32Array(room)
}

/** Fills `into` with the features of a reading. `more` are keys of what else is known of the text. */
export function readFeatures(
  keys: FeatureKeys,
  original: string,
  reading: Reading,
  negated: ReadonlySet<number>,
  { isNoise, matches, matched, present, lacking }: RuleReading,
  more: readonly number[],
  into: Features,
): Features {
  const { text, start, end, word } = reading
  const length = Math.min(text.length, MOST_UNITS)
  const words = Math.min(reading.count, MOST_WORDS)
  const title = Math.min(length, reading.titleUnits || (text.length <= LINE_UNITS ? text.length : 0))
  makeRoom(
    into,
    (length + title) * 2 +
      MOST_SYMBOLS +
      words +
      reading.touched.length +
      (matched.length + present.length) * 2 +
      200,
  )
  into.count = 0
  const put = (key: number, value: number, from = 0, to = 0) => {
    const at = into.count++
    into.key[at] = key
    into.value[at] = value
    into.from[at] = from
    into.to[at] = to
  }
  if (matches.length === 0) put(NO_RULE, 1)
  for (const { risk, score } of matches) put(keys.ofRisk.get(risk) ?? 0, score)
  const { ofRule, ofWord, speaking } = keys
  const putKnown = (key: number, value: number) => {
    if (key !== SILENT) put(key, value)
  }
  for (const { index } of matched) putKnown(ofRule[index * RULE + RULE_MATCHED] ?? SILENT, MATCHED)
  for (const { index } of present) {
    putKnown(ofRule[index * RULE + RULE_PRESENT] ?? SILENT, PRESENT)
    putKnown(ofRule[index * RULE + RISK_PRESENT] ?? SILENT, SOME_PRESENT)
  }
  const lack = new Map<number, number>()
  for (const { index } of lacking) {
    const key = ofRule[index * RULE + RISK_LACKING] ?? SILENT
    if (key !== SILENT) lack.set(key, (lack.get(key) ?? 0) + LACKING)
  }
  for (const [key, value] of lack) put(key, value)
  into.ruled = into.count
  put(title < text.length ? LETTER : LINE, 1)
  for (const key of more) put(key, 1)
  if (isNoise) put(NOISE, 1)
  for (const set of reading.touched) {
    const place = keys.groupOf[set] ?? -1
    if (place === -1) continue
    const [first = 0] = reading.hitsOf(set)
    put(keys.groups[place] ?? 0, GROUP, start[first], end[first])
  }
  for (let hit = 0; hit < words; hit++) {
    const id = word[hit] ?? 0
    if (!hasBit(speaking, id)) continue
    if (!negated.has(start[hit] ?? 0)) put(ofWord[id] ?? SILENT, WORD, start[hit], end[hit])
  }
  into.named = into.count
  putGrams(text, original, title, TITLE_SALT, into)
  into.headed = into.count
  putGrams(text, original, length, 0, into)
  const worth = GRAM / Math.sqrt(Math.max(GRAM_UNITS, length))
  let symbols = 0
  for (let i = 1; i < length && symbols < MOST_SYMBOLS; i++) {
    const next = text.at[i] ?? 0
    for (let at = (text.at[i - 1] ?? 0) + 1; at < next && symbols < MOST_SYMBOLS; at++) {
      const symbol = original.charCodeAt(at)
      if (symbol <= 0x20) continue
      put(mixed(Math.imul(symbol, 0x9e37_79b1) ^ SYMBOL_SALT), worth)
      symbols++
    }
  }
  into.unitCount = eachOnce(into.units, length)
  into.unitValue = worth
  return into
}

const TITLE_SALT = 0x51ed_270b
const SYMBOL_SALT = 0x2f0b_4c47
const isMark = (unit: number) => unit === BREAK || unit === CLAUSE || unit === ENUMERATION
const shapeOf = (unit: number) => (unit >= 48 && unit <= 57 ? 48 : unit)

function mixed(value: number): number {
  let h = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35)
  return noUnit(h ^ (h >>> 16))
}

const seen = new Uint8Array(0x1_0000)

/** Moves each of the first `length` units to the front once; gives how many there are. */
function eachOnce(units: Uint16Array, length: number): number {
  let count = 0
  for (let i = 0; i < length; i++) {
    const unit = units[i] ?? 0
    units[count] = unit
    count += 1 - (seen[unit] ?? 0)
    seen[unit] = 1
  }
  for (let i = 0; i < count; i++) seen[units[i] ?? 0] = 0
  return count
}

/** Fills in the units, too: those of the whole text come last. */
function putGrams(
  { units, at }: Normalised,
  original: string,
  length: number,
  salt: number,
  into: Features,
): void {
  const { key, value, from, to } = into
  const worth = GRAM / Math.sqrt(Math.max(GRAM_UNITS, length))
  let count = into.count
  let before = 0
  let beforeThat = 0
  for (let i = 0; i < length; i++) {
    const normal = units[i] ?? 0
    // «！» and «。» are one mark to a rule and two to a tone.
    const unit = isMark(normal) ? original.charCodeAt(at[i] ?? 0) : shapeOf(normal)
    into.units[i] = unit
    if (i > 0) {
      const two = Math.imul(unit, 0x9e37_79b1) ^ Math.imul(before, 0x27d4_eb2f) ^ salt
      key[count] = mixed(two ^ 0x2222_2222)
      value[count] = worth
      from[count] = i - 1
      to[count++] = i + 1
      if (i > 1) {
        key[count] = mixed(two ^ Math.imul(beforeThat, 0x1656_67b1) ^ 0x3333_3333)
        value[count] = worth
        from[count] = i - 2
        to[count++] = i + 1
      }
    }
    beforeThat = before
    before = unit
  }
  into.count = count
}
