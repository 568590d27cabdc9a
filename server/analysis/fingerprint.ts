/**
 * Two marks of a normalised text. `hash` (128 bit) is equal for texts with the same letters and digits. `simhash`
 * (Charikar 2002, 64 bit) is near for near texts: every 3-gram of units votes on each bit; a few changed words move a
 * few bits.
 *
 * The votes of 32 bits are counted side by side: eight grams go through seven full adders, and only every eighth carry
 * walks through the higher digits (Harley–Seal, see Warren, Hacker's Delight, 5–1 «Counting 1-bits in an array»).
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

/** Hashes of one text, both halves; used again from text to text. Zeros stand behind the last one up to a multiple of eight. */
let low = new Int32Array(1024)
let high = new Int32Array(1024)

/** Sixteen hex digits; '' when there are fewer than three units. */
export function simhash({ units, length }: Normalised): string {
  if (low.length < length + 8) {
    low = new Int32Array(length * 2 + 8)
    high = new Int32Array(length * 2 + 8)
  }
  let first = 0
  let second = 0
  let have = 0
  let grams = 0
  for (let i = 0; i < length; i++) {
    const third = units[i] ?? 0
    if (isMark(third)) continue
    if (have >= 2) {
      const hash = mixed(
        Math.imul(first, 0x9e37_79b1) ^ Math.imul(second, 0x27d4_eb2f) ^ Math.imul(third, 0x1656_67b1),
      )
      low[grams] = hash
      high[grams++] = mixed(hash + 0x7f4a_7c15)
    }
    first = second
    second = third
    have++
  }
  if (grams === 0) return ''
  low.fill(0, grams, grams + 8)
  high.fill(0, grams, grams + 8)
  return hex(majority(high, grams)) + hex(majority(low, grams))
}

/** Binary digits of the count of each bit: more than any text has grams. */
const digits = new Int32Array(32)

/** The bits that more than half of the hashes have. */
function majority(hashes: Int32Array, count: number): number {
  digits.fill(0)
  let ones = 0
  let twos = 0
  let fours = 0
  for (let i = 0; i < count; i += 8) {
    // A full adder: of three inputs the sum is a ^ b ^ c, the carry (a & b) | ((a ^ b) & c).
    let a = hashes[i] ?? 0
    let b = hashes[i + 1] ?? 0
    let half = ones ^ a
    let carryA = (ones & a) | (half & b)
    ones = half ^ b
    a = hashes[i + 2] ?? 0
    b = hashes[i + 3] ?? 0
    half = ones ^ a
    let carryB = (ones & a) | (half & b)
    ones = half ^ b
    half = twos ^ carryA
    const foursA = (twos & carryA) | (half & carryB)
    twos = half ^ carryB
    a = hashes[i + 4] ?? 0
    b = hashes[i + 5] ?? 0
    half = ones ^ a
    carryA = (ones & a) | (half & b)
    ones = half ^ b
    a = hashes[i + 6] ?? 0
    b = hashes[i + 7] ?? 0
    half = ones ^ a
    carryB = (ones & a) | (half & b)
    ones = half ^ b
    half = twos ^ carryA
    const foursB = (twos & carryA) | (half & carryB)
    twos = half ^ carryB
    half = fours ^ foursA
    let eights = (fours & foursA) | (half & foursB)
    fours = half ^ foursB
    for (let digit = 3; eights !== 0; digit++) {
      const before = digits[digit] ?? 0
      digits[digit] = before ^ eights
      eights &= before
    }
  }
  digits[0] = ones
  digits[1] = twos
  digits[2] = fours
  const half = count >>> 1
  let more = 0
  let equal = -1
  for (let digit = digits.length - 1; digit >= 0; digit--) {
    const wanted = (half >>> digit) & 1 ? -1 : 0
    const have = digits[digit] ?? 0
    more |= equal & have & ~wanted
    equal &= ~(have ^ wanted)
  }
  return more
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
