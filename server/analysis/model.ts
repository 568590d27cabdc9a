/**
 * The linear model on top of the rules: for each output (a risk, «any risk at all», a polarity, a target, sentiment)
 *
 *   margin = bias + Σ weight(key) × value        probability = 1 / (1 + e^(slope × margin + offset))   (Platt 1999)
 *
 * Its file is one line of JSON (version, outputs) and then, for every key, four bytes of key, one byte with the number of
 * its weights, and two bytes for each: output and weight in 1/127 of the output's scale.
 */

import { z } from 'zod'
import type { Features } from './features.ts'

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
  /** Open addressing: key of a slot and its entry, -1 for a free slot. */
  keys: Int32Array
  entries: Int32Array
  mask: number
  /** Weights of entry e: from[e] … from[e + 1] - 1. */
  from: Uint32Array
  output: Uint8Array
  weight: Float32Array
}

export interface ModelWeights {
  outputs: readonly ModelOutput[]
  /** Weights by key, each for the output of that number. */
  weights: ReadonlyMap<number, readonly { output: number; weight: number }[]>
}

const slotOf = (key: number, mask: number) => (Math.imul(key, 0x9e37_79b1) >>> 9) & mask

/** Bytes of a model. Weights are rounded to 1/127 of their output's scale; those that round to nothing are left out. */
export function writeModel({ outputs, weights }: ModelWeights): Uint8Array {
  const body: number[] = []
  for (const [key, of] of [...weights].sort((a, b) => a[0] - b[0])) {
    const kept = of
      .map(({ output, weight }) => ({ output, level: levelOf(weight, outputs[output]?.scale ?? 1) }))
      .filter(({ level }) => level !== 0)
    if (kept.length === 0) continue
    body.push(key & 255, (key >>> 8) & 255, (key >>> 16) & 255, (key >>> 24) & 255, kept.length)
    for (const { output, level } of kept) body.push(output, level & 255)
  }
  const bytes = Uint8Array.from(body)
  const version = versionOf(bytes, JSON.stringify(outputs))
  const head = new TextEncoder().encode(`${JSON.stringify({ version, outputs })}\n`)
  const all = new Uint8Array(head.length + bytes.length)
  all.set(head)
  all.set(bytes, head.length)
  return all
}

function levelOf(weight: number, scale: number): number {
  return Math.max(-127, Math.min(127, Math.round((127 * weight) / scale)))
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
  let room = 1024
  while (room < count * 2) room *= 2
  const mask = room - 1
  const keys = new Int32Array(room)
  const entries = new Int32Array(room).fill(-1)
  const from = new Uint32Array(count + 1)
  const output = new Uint8Array(pairs)
  const weight = new Float32Array(pairs)
  let pair = 0
  let entry = 0
  for (let at = newline + 1; at < bytes.length; entry++) {
    const key =
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)
    const of = bytes[at + 4] ?? 0
    at += 5
    let slot = slotOf(key, mask)
    while (entries[slot] !== -1) slot = (slot + 1) & mask
    keys[slot] = key
    entries[slot] = entry
    for (let i = 0; i < of; i++, at += 2, pair++) {
      const to = bytes[at] ?? 0
      const level = ((bytes[at + 1] ?? 0) << 24) >> 24
      output[pair] = to
      weight[pair] = (level * (outputs[to]?.scale ?? 0)) / 127
    }
    from[entry + 1] = pair
  }
  return {
    version: head.version,
    outputs,
    keys,
    entries,
    mask,
    from,
    output,
    weight,
  }
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

/** Entry of a key, or -1. */
export function entryOf({ keys, entries, mask }: Model, key: number): number {
  let slot = slotOf(key, mask)
  for (;;) {
    const entry = entries[slot] ?? -1
    if (entry === -1 || keys[slot] === key) return entry
    slot = (slot + 1) & mask
  }
}

/** Bits of the filter that tells most absent keys apart in one look: 128 kB, which stays near the processor. */
const FILTER_BITS = 20

/** Gives a function that writes the margin of every output into `margins`. A key counts once a text. */
export function createScorer(model: Model): (features: Features, margins: Float64Array) => void {
  const { outputs, keys, entries, mask, from, output, weight } = model
  const biases = Float64Array.from(outputs, ({ bias }) => bias)
  const filter = new Uint8Array(1 << (FILTER_BITS - 3))
  for (const [slot, entry] of entries.entries()) {
    if (entry === -1) continue
    const bit = Math.imul(keys[slot] ?? 0, 0x85eb_ca6b) >>> (32 - FILTER_BITS)
    filter[bit >>> 3] = (filter[bit >>> 3] ?? 0) | (1 << (bit & 7))
  }
  const seenIn = new Uint32Array(from.length)
  let run = 0
  return ({ key, value, count }, margins) => {
    run++
    margins.set(biases)
    for (let i = 0; i < count; i++) {
      const wanted = key[i] ?? 0
      const bit = Math.imul(wanted, 0x85eb_ca6b) >>> (32 - FILTER_BITS)
      if (((filter[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) continue
      let slot = slotOf(wanted, mask)
      let entry = entries[slot] ?? -1
      while (entry !== -1 && keys[slot] !== wanted) {
        slot = (slot + 1) & mask
        entry = entries[slot] ?? -1
      }
      if (entry === -1 || seenIn[entry] === run) continue
      seenIn[entry] = run
      const worth = value[i] ?? 0
      const last = from[entry + 1] ?? 0
      for (let at = from[entry] ?? 0; at < last; at++) {
        const to = output[at] ?? 0
        margins[to] = (margins[to] ?? 0) + worth * (weight[at] ?? 0)
      }
    }
  }
}

/** Probability of an output at a margin. */
export function probabilityOf({ slope, offset }: ModelOutput, margin: number): number {
  return 1 / (1 + Math.exp(slope * margin + offset))
}

/** Parts of the text that speak most for an output, strongest first: units [from, to), not overlapping. */
export function strongestParts(
  model: Model,
  output: number,
  features: Features,
  most: number,
): { from: number; to: number }[] {
  const parts: { from: number; to: number; worth: number }[] = []
  for (let i = 0; i < features.count; i++) {
    const [from = 0, to = 0] = [features.from[i], features.to[i]]
    // One letter alone explains nothing.
    if (to - from < 2) continue
    const entry = entryOf(model, features.key[i] ?? 0)
    if (entry === -1) continue
    for (let at = model.from[entry] ?? 0; at < (model.from[entry + 1] ?? 0); at++) {
      if (model.output[at] !== output) continue
      const worth = (model.weight[at] ?? 0) * (features.value[i] ?? 0)
      if (worth > 0) parts.push({ from, to, worth })
    }
  }
  parts.sort((a, b) => b.worth - a.worth || a.from - b.from)
  const chosen: { from: number; to: number }[] = []
  for (const { from, to } of parts) {
    if (chosen.length === most) break
    const touching = chosen.find((other) => from <= other.to && to >= other.from)
    if (!touching) chosen.push({ from, to })
    else if (to - touching.from <= LONGEST_PART && touching.to - from <= LONGEST_PART) {
      touching.from = Math.min(touching.from, from)
      touching.to = Math.max(touching.to, to)
    }
  }
  return chosen
}

/** n-grams that touch are shown as one part up to this long. */
const LONGEST_PART = 6
