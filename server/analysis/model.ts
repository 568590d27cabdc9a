/**
 * The linear model on top of the rules: for each output (a risk, «any risk at all», a polarity, a target, a kind of text,
 * sentiment in general and of a kind)
 *
 *   margin = bias + Σ weight(key) × value        probability = 1 / (1 + e^(slope × margin + offset))   (Platt 1999)
 *
 * Its file is one line of JSON (version, outputs) and then, for every key, four bytes of key, one byte with the number of
 * its weights, and two bytes for each: output and weight in 1/127 of the output's scale.
 */

import { z } from 'zod'
import type { Features } from './features.ts'

const LEVELS = 127

export interface ModelOutput {
  name: string
  bias: number
  /** Weight that is written as 127. */
  scale: number
  slope: number
  offset: number
}

export interface Model {
  /** Of the content: equal weights have equal versions. */
  version: string
  outputs: readonly ModelOutput[]
  /** By entry. */
  keys: Int32Array
  /** Weights of entry e: pairs[from[e]] … pairs[from[e + 1] - 1], each output × 256 + level, see `outputIn` and `levelIn`. */
  from: Uint32Array
  pairs: Uint16Array
}

const outputIn = (pair: number) => pair >>> 8
const levelIn = (pair: number) => ((pair & 255) << 24) >> 24

export interface ModelWeights {
  outputs: readonly ModelOutput[]
  /** Weights by key, each for the output of that number. */
  weights: ReadonlyMap<number, readonly { output: number; weight: number }[]>
}

/** Keys that are written between two rests. */
const RESTS_AFTER = 2_000

/**
 * Bytes of a model, with a rest now and then. Weights are rounded to 1/127 of their output's scale; those that round to
 * nothing are left out.
 */
export function* writeModel({ outputs, weights }: ModelWeights): Generator<undefined, Uint8Array> {
  let room = 0
  for (const of of weights.values()) room += 5 + of.length * 2
  const body = new Uint8Array(room)
  let end = 0
  const keys = Int32Array.from(weights.keys()).sort()
  yield
  for (const [at, key] of keys.entries()) {
    if (at % RESTS_AFTER === 0) yield
    const counted = end + 4
    let to = end + 5
    for (const { output, weight } of weights.get(key) ?? []) {
      const level = levelOf(weight, outputs[output]?.scale ?? 1)
      if (level === 0) continue
      body[to++] = output
      body[to++] = level & 255
    }
    if (to === end + 5) continue
    body[end] = key & 255
    body[end + 1] = (key >>> 8) & 255
    body[end + 2] = (key >>> 16) & 255
    body[end + 3] = (key >>> 24) & 255
    body[counted] = (to - end - 5) / 2
    end = to
  }
  const bytes = body.subarray(0, end)
  const version = versionOf(bytes, JSON.stringify(outputs))
  const head = new TextEncoder().encode(`${JSON.stringify({ version, outputs })}\n`)
  const all = new Uint8Array(head.length + bytes.length)
  all.set(head)
  all.set(bytes, head.length)
  return all
}

function levelOf(weight: number, scale: number): number {
  return Math.max(-LEVELS, Math.min(LEVELS, Math.round((LEVELS * weight) / scale)))
}

function versionOf(bytes: Uint8Array, head: string): string {
  let a = 0x811c_9dc5
  let b = 0x1234_5678
  for (let i = 0; i < head.length; i++) a = Math.imul(a ^ head.charCodeAt(i), 0x0100_0193)
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x0100_0193)
    b = Math.imul(b ^ byte, 0x85eb_ca6b) ^ (b >>> 15)
  }
  return ((a >>> 0).toString(16).padStart(8, '0') + (b >>> 0).toString(16).padStart(8, '0')).slice(0, 12)
}

/** @throws Error when the bytes are no model */
export function readModel(bytes: Uint8Array): Model {
  const newline = bytes.indexOf(10)
  if (newline < 0) throw new Error('the weights of the model have no head: train them again')
  const head = Head.parse(JSON.parse(new TextDecoder().decode(bytes.subarray(0, newline))))
  const { outputs } = head
  let count = 0
  let pairs = 0
  for (let at = newline + 1; at < bytes.length; ) {
    const of = bytes[at + 4] ?? 0
    count++
    pairs += of
    at += 5 + of * 2
    if (at > bytes.length) throw new Error('the weights of the model are cut off: train them again')
  }
  const keys = new Int32Array(count)
  const from = new Uint32Array(count + 1)
  const packed = new Uint16Array(pairs)
  let pair = 0
  let entry = 0
  for (let at = newline + 1; at < bytes.length; entry++) {
    keys[entry] =
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)
    const of = bytes[at + 4] ?? 0
    at += 5
    for (let i = 0; i < of; i++, at += 2) {
      const output = bytes[at] ?? 0
      if (output >= outputs.length) throw new Error('the weights of the model are damaged: train them again')
      packed[pair++] = (output << 8) | (bytes[at + 1] ?? 0)
    }
    from[entry + 1] = pair
  }
  return { version: head.version, outputs, keys, from, pairs: packed }
}

const Head = z.object({
  version: z.string(),
  outputs: z
    .array(
      z.object({
        name: z.string(),
        bias: z.number(),
        scale: z.number(),
        slope: z.number(),
        offset: z.number(),
      }),
    )
    .max(255),
})

/** The weights of one entry, each for the output of that number. */
export function weightsOf(
  { outputs, from, pairs }: Model,
  entry: number,
): { output: number; weight: number }[] {
  const weights: { output: number; weight: number }[] = []
  for (let at = from[entry] ?? 0; at < (from[entry + 1] ?? 0); at++) {
    const pair = pairs[at] ?? 0
    const output = outputIn(pair)
    weights.push({ output, weight: ((outputs[output]?.scale ?? 0) / LEVELS) * levelIn(pair) })
  }
  return weights
}

/** Bits of the filter that tells most absent keys apart in one look: 128 kB, which stays near the processor. */
const FILTER_BITS = 20
const filterBitOf = (key: number) => Math.imul(key, 0x85eb_ca6b) >>> (32 - FILTER_BITS)

export interface Scorer {
  /** Whether a key has a weight for any of the outputs that it is asked about. */
  knows(key: number): boolean
  /** Writes the margins of the outputs that it is asked about into `margins`. A key counts once a text. */
  score(features: Features, margins: Float64Array): void
  /** Parts of the text that speak most for an output, strongest first: units [from, to), not overlapping. */
  strongestParts(output: number, features: Features, most: number): { from: number; to: number }[]
}

/** Words of a slot: key, place of its weights, the reading that counted it last, its first two weights. */
const SLOT = 4
/** Weights of a key fit beside their place in the first pair's word: 24 bits of place, 8 of number. */
const MOST_PAIRS = 1 << 24

/** Keys below this are single units (features.ts). */
const UNITS = 0x1_0000
const isUnit = (key: number) => key >= 0 && key < UNITS

/** The part of a model that is about some of its outputs; they keep their numbers. */
function asking(model: Model, isAsked: (output: ModelOutput) => boolean): Model {
  const asked = model.outputs.map(isAsked)
  if (!asked.includes(false)) return model
  const keys: number[] = []
  const from = [0]
  const pairs: number[] = []
  for (const [entry, key] of model.keys.entries()) {
    for (const pair of model.pairs.subarray(model.from[entry], model.from[entry + 1]))
      if (asked[outputIn(pair)]) pairs.push(pair)
    if (pairs.length === from.at(-1)) continue
    keys.push(key)
    from.push(pairs.length)
  }
  return {
    ...model,
    keys: Int32Array.from(keys),
    from: Uint32Array.from(from),
    pairs: Uint16Array.from(pairs),
  }
}

/**
 * Looks up some thousand keys a text, so what counts is how often it walks to memory: all that a key needs lies side by
 * side, most keys have no more than the two weights that stand there too, and a weight with its output is two bytes.
 */
export function createScorer(model: Model, isAsked: (output: ModelOutput) => boolean = () => true): Scorer {
  const { outputs, keys, from, pairs } = asking(model, isAsked)
  if (pairs.length >= MOST_PAIRS) throw new Error(`a model of ${pairs.length} weights is too large`)
  let room = 1024
  while (room * 0.75 < keys.length) room *= 2
  const table = new Int32Array(room * SLOT)
  const filter = new Uint8Array(1 << (FILTER_BITS - 3))
  const countOf = (entry: number) => (from[entry + 1] ?? 0) - (from[entry] ?? 0)
  const order = [...keys.keys()].sort((a, b) => countOf(b) - countOf(a))
  for (const entry of order) {
    const key = keys[entry] ?? 0
    const bit = filterBitOf(key)
    filter[bit >>> 3] = (filter[bit >>> 3] ?? 0) | (1 << (bit & 7))
    let slot = slotOf(table, key)
    while (table[slot + 1] !== 0) slot = (slot + SLOT) & (table.length - 1)
    const first = from[entry] ?? 0
    const count = (from[entry + 1] ?? 0) - first
    table[slot] = key
    table[slot + 1] = (first << 8) | count
    table[slot + 3] = (pairs[first] ?? 0) | ((count > 1 ? (pairs[first + 1] ?? 0) : 0) << 16)
  }
  // Single units are many and nearly all known, so their levels lie by unit, one for each of these outputs.
  const unitEntries = [...keys.keys()].filter((entry) => isUnit(keys[entry] ?? 0))
  const pairsOf = (entry: number) => pairs.subarray(from[entry], from[entry + 1])
  const unitOutputs = [...new Set(unitEntries.flatMap((entry) => Array.from(pairsOf(entry), outputIn)))]
  const ofUnits = new Int8Array(UNITS * unitOutputs.length)
  for (const entry of unitEntries) {
    const row = (keys[entry] ?? 0) * unitOutputs.length
    for (const pair of pairsOf(entry)) ofUnits[row + unitOutputs.indexOf(outputIn(pair))] = levelIn(pair)
  }
  const asked = outputs.flatMap((output, at) => (isAsked(output) ? [{ at, ...output }] : []))
  const sums = new Float64Array(256)
  /** Features whose key passed the filter. */
  let known = new Int32Array(4096)
  let slots = new Int32Array(4096)
  let late = new Int32Array(4096)
  let run = 0

  return {
    knows: (key) => passes(filter, key) === 1 && find(table, key) !== -1,
    score(features, margins) {
      run++
      sums.fill(0)
      if (known.length < features.count) {
        known = new Int32Array(features.key.length)
        slots = new Int32Array(features.key.length)
        late = new Int32Array(features.key.length)
      }
      const candidates = passing(filter, features, known)
      const count = locate(table, features.key, known, candidates, slots, late)
      addUp({ table, pairs }, features.value, known, slots, count, run, sums)
      for (const [at, output] of unitOutputs.entries()) {
        const levels = levelsOfUnits(ofUnits, features, at, unitOutputs.length)
        sums[output] = (sums[output] ?? 0) + features.unitValue * levels
      }
      for (const { at, bias, scale } of asked) margins[at] = bias + ((sums[at] ?? 0) * scale) / LEVELS
    },
    strongestParts(output, features, most) {
      const parts: { from: number; to: number; worth: number }[] = []
      for (let i = 0; i < features.count; i++) {
        const [start = 0, end = 0] = [features.from[i], features.to[i]]
        // One letter alone explains nothing.
        const key = features.key[i] ?? 0
        const slot = end - start < 2 || passes(filter, key) === 0 ? -1 : find(table, key)
        if (slot === -1) continue
        const place = table[slot + 1] ?? 0
        const first = place >>> 8
        for (let at = first; at < first + (place & 255); at++) {
          const pair = pairs[at] ?? 0
          if (outputIn(pair) !== output) continue
          const worth = levelIn(pair) * (features.value[i] ?? 0)
          if (worth > 0) parts.push({ from: start, to: end, worth })
        }
      }
      parts.sort((a, b) => b.worth - a.worth || a.from - b.from)
      return apart(parts, most)
    },
  }
}

// Loops of the scorer, which are the same code for every scorer and reach all they need by their arguments: as parts of a
// closure they are compiled for the first scorer, and a second one slows down both.

const slotOf = (table: Int32Array, key: number) =>
  ((Math.imul(key, 0x9e37_79b1) >>> 9) * SLOT) & (table.length - 1)

/** One: the key may be there; nought: it is not. */
function passes(filter: Uint8Array, key: number): number {
  const bit = filterBitOf(key)
  return ((filter[bit >>> 3] ?? 0) >>> (bit & 7)) & 1
}

/** Slot of a key that passed, or -1. */
function find(table: Int32Array, key: number): number {
  let slot = slotOf(table, key)
  while (table[slot] !== key && table[slot + 1] !== 0) slot = (slot + SLOT) & (table.length - 1)
  return table[slot + 1] === 0 ? -1 : slot
}

/**
 * Writes the numbers of the features whose key passes into `known`, and gives how many. It asks the filter without a branch,
 * so that the walks to memory that follow overlap.
 */
function passing(filter: Uint8Array, { key, count }: Features, known: Int32Array): number {
  let passed = 0
  for (let i = 0; i < count; i++) {
    known[passed] = i
    passed += passes(filter, key[i] ?? 0)
  }
  return passed
}

/**
 * Finds the slots of the first `candidates` of the known features and gives how many have one; `known` then names these, and
 * `slots` where they are. Most keys lie in the slot that they hash to, so all of these are looked at first, again without a
 * branch; what lies further on, or nowhere, waits behind them in `late`.
 */
function locate(
  table: Int32Array,
  key: Int32Array,
  known: Int32Array,
  candidates: number,
  slots: Int32Array,
  late: Int32Array,
): number {
  let found = 0
  let others = 0
  for (let k = 0; k < candidates; k++) {
    const i = known[k] ?? 0
    const wanted = key[i] ?? 0
    const slot = slotOf(table, wanted)
    const difference = (table[slot] ?? 0) ^ wanted
    const isOther = (difference | -difference) >>> 31
    known[found] = i
    slots[found] = slot
    found += 1 - isOther
    late[others] = i
    others += isOther
  }
  for (let k = 0; k < others; k++) {
    const i = late[k] ?? 0
    const slot = find(table, key[i] ?? 0)
    if (slot === -1) continue
    known[found] = i
    slots[found++] = slot
  }
  return found
}

/** Adds the weights of the first `count` of the known features, in levels, to the sums of their outputs. */
function addUp(
  { table, pairs }: { table: Int32Array; pairs: Uint16Array },
  value: Float32Array,
  known: Int32Array,
  slots: Int32Array,
  count: number,
  run: number,
  sums: Float64Array,
) {
  for (let k = 0; k < count; k++) {
    const slot = slots[k] ?? 0
    if (table[slot + 2] === run) continue
    table[slot + 2] = run
    const worth = value[known[k] ?? 0] ?? 0
    const two = table[slot + 3] ?? 0
    const one = two & 0xffff
    sums[outputIn(one)] = (sums[outputIn(one)] ?? 0) + worth * levelIn(one)
    const place = table[slot + 1] ?? 0
    const many = place & 255
    if (many === 1) continue
    const other = two >>> 16
    sums[outputIn(other)] = (sums[outputIn(other)] ?? 0) + worth * levelIn(other)
    const first = place >>> 8
    for (let at = first + 2; at < first + many; at++) {
      const pair = pairs[at] ?? 0
      sums[outputIn(pair)] = (sums[outputIn(pair)] ?? 0) + worth * levelIn(pair)
    }
  }
}

/** Of the output in this place of each unit's row. */
function levelsOfUnits(ofUnits: Int8Array, { units, unitCount }: Features, place: number, row: number) {
  let levels = 0
  for (let i = 0; i < unitCount; i++) levels += ofUnits[(units[i] ?? 0) * row + place] ?? 0
  return levels
}

/** n-grams that touch are shown as one part up to this long. */
const LONGEST_PART = 6

function apart(parts: readonly { from: number; to: number }[], most: number): { from: number; to: number }[] {
  const chosen: { from: number; to: number }[] = []
  for (const { from, to } of parts) {
    const touching = chosen.find((other) => from <= other.to && to >= other.from)
    if (!touching) {
      if (chosen.length < most) chosen.push({ from, to })
    } else if (to - touching.from <= LONGEST_PART && touching.to - from <= LONGEST_PART) {
      touching.from = Math.min(touching.from, from)
      touching.to = Math.max(touching.to, to)
    }
  }
  return chosen
}

/** Probability of an output at a margin. */
export function probabilityOf({ slope, offset }: ModelOutput, margin: number): number {
  return 1 / (1 + Math.exp(slope * margin + offset))
}
