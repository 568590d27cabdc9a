/**
 * Two marks of a normalised text. `hash` (128 bit) is equal for texts with the same letters and digits. `simhash`
 * (Charikar 2002, 64 bit) is near for near texts: every 3-gram of units votes on each bit; a few changed words move a
 * few bits.
 *
 * The 64 votes of a gram are counted four at a time: a byte of its hash picks two words whose bytes are 0 or 1, added to
 * accumulators of four 8-bit counters that are emptied before they can overflow.
 */
import { BREAK, CLAUSE, ENUMERATION, type Normalised } from './normalise.ts'

const isMark = (unit: number) => unit === BREAK || unit === CLAUSE || unit === ENUMERATION
const hex = (value: number) => (value >>> 0).toString(16).padStart(8, '0')

function mixed(value: number): number {
  let h = value
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35)
  return h ^ (h >>> 16)
}

/** Marks are left out, so that punctuation and line breaks do not make another text. */
export function textHash({ units, length }: Normalised): string {
  let a = 0x243f_6a88
  let b = 0x85a3_08d3
  let c = 0x1319_8a2e
  let d = 0x0370_7344
  for (let i = 0; i < length; i++) {
    const unit = units[i] ?? 0
    if (isMark(unit)) continue
    const before = a
    a = b ^ Math.imul(a ^ unit, 0x239b_961b)
    b = c ^ Math.imul(b ^ unit, 0xab0e_9789)
    c = d ^ Math.imul(c ^ unit, 0x38b3_4ae5)
    d = before ^ Math.imul(d ^ unit, 0xa1e3_8b93)
    a = (a << 15) | (a >>> 17)
    c = (c << 13) | (c >>> 19)
  }
  return (
    hex(mixed(a ^ mixed(b))) + hex(mixed(b ^ mixed(c))) + hex(mixed(c ^ mixed(d))) + hex(mixed(d ^ mixed(a)))
  )
}

/** Four bits as four bytes of 0 or 1. */
const spread = Uint32Array.from(
  { length: 16 },
  (_, n) => (n & 1) | ((n & 2) << 7) | ((n & 4) << 14) | ((n & 8) << 21),
)
const GRAMS_PER_ROUND = 255

/** Sixteen hex digits; '' when there are fewer than three units. */
export function simhash({ units, length }: Normalised): string {
  const votes = new Uint32Array(64)
  const sums = new Uint32Array(16)
  let grams = 0
  let inRound = 0
  const empty = () => {
    for (let n = 0; n < 16; n++) {
      const sum = sums[n] ?? 0
      for (let k = 0; k < 4; k++) votes[n * 4 + k] = (votes[n * 4 + k] ?? 0) + ((sum >>> (k * 8)) & 255)
    }
    sums.fill(0)
    inRound = 0
  }
  let first = 0
  let second = 0
  let have = 0
  for (let i = 0; i < length; i++) {
    const third = units[i] ?? 0
    if (isMark(third)) continue
    if (have >= 2) {
      const low = mixed(
        Math.imul(first, 0x9e37_79b1) ^ Math.imul(second, 0x27d4_eb2f) ^ Math.imul(third, 0x1656_67b1),
      )
      const high = mixed(low + 0x7f4a_7c15)
      for (let n = 0; n < 8; n++) {
        sums[n] = (sums[n] ?? 0) + (spread[(low >>> (n * 4)) & 15] ?? 0)
        sums[n + 8] = (sums[n + 8] ?? 0) + (spread[(high >>> (n * 4)) & 15] ?? 0)
      }
      grams++
      if (++inRound === GRAMS_PER_ROUND) empty()
    }
    first = second
    second = third
    have++
  }
  if (grams === 0) return ''
  empty()
  let low = 0
  let high = 0
  for (let bit = 0; bit < 32; bit++) {
    if ((votes[bit] ?? 0) * 2 > grams) low |= 1 << bit
    if ((votes[bit + 32] ?? 0) * 2 > grams) high |= 1 << bit
  }
  return hex(high) + hex(low)
}

/** Number of differing bits, 0–64; 64 when one of them is empty. */
export function simhashDistance(a: string, b: string): number {
  if (a.length !== 16 || b.length !== 16) return 64
  return ones(part(a, 0) ^ part(b, 0)) + ones(part(a, 8) ^ part(b, 8))
}

const part = (simhash: string, from: number) => Number.parseInt(simhash.slice(from, from + 8), 16)

function ones(value: number): number {
  let v = value - ((value >>> 1) & 0x5555_5555)
  v = (v & 0x3333_3333) + ((v >>> 2) & 0x3333_3333)
  return Math.imul((v + (v >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}

/**
 * Five keys of a simhash, one a band of bits: two that differ in up to four bits share one for certain, in five bits with
 * 96 %. None for ''. As `near_keys` in the database, to whose keys a bucket of three days belongs; bucket 0 serves texts
 * that are compared in memory.
 */
export function nearKeys(simhash: string, bucket = 0): number[] {
  if (simhash.length !== 16) return []
  const bits = BigInt(`0x${simhash}`)
  return BANDS.map(
    ([from, width], band) => bucket * 65_536 + band * 8192 + Number((bits >> from) & ((1n << width) - 1n)),
  )
}

const BANDS = [
  [0n, 13n],
  [13n, 13n],
  [26n, 13n],
  [39n, 13n],
  [52n, 12n],
] as const

const SHANGHAI_MS = 8 * 3_600_000
const BUCKET_DAYS = 3

/** As `near_bucket` in the database: three days of Shanghai since 2000. */
export function nearBucket(at: Date): number {
  return Math.trunc(
    Math.floor((at.getTime() + SHANGHAI_MS - Date.UTC(2000, 0, 1)) / 86_400_000) / BUCKET_DAYS,
  )
}
