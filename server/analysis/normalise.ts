/**
 * Brings written Chinese to one form so that a word is found however it was typed: simplified characters, half width,
 * lower case, without spaces, symbols, emoji and invisible characters (烂 尾 · 爛尾 · 烂*尾 are all 烂尾).
 *
 * Each unit that is kept remembers its offset in the original, and no unit is ever made of two, so a match [i, j) in
 * the normalised text is exactly original.slice(at[i], at[j - 1] + 1). One table look-up per UTF-16 unit: linear, and
 * lone surrogates are simply symbols.
 *
 * A comma-like mark becomes CLAUSE, 、 ENUMERATION, and a sentence end BREAK; words hold neither, so no match reaches over one.
 */
import { Converter } from 'opencc-js/t2cn'

/** End of a sentence or a line. */
export const BREAK = 10
/** A pause inside a sentence. */
export const CLAUSE = 44
/** Between members of a list: 渗漏、开裂和空鼓. */
export const ENUMERATION = 0x3001

const POINT = 46
const DROP = 0
const breaks = '\n\r\u2028\u2029\u0085。！？!?｡'
const clauses = ',，:：;；…﹐﹔﹕'
const enumerations = '、﹑､'

/** Normalised form of every UTF-16 unit; DROP for those that leave no trace. */
const forms = buildForms()

function buildForms(): Uint16Array {
  const table = new Uint16Array(65_536)
  const simplify = Converter({ from: 't', to: 'cn' })
  for (let unit = 0x20; unit < 65_536; unit++) {
    // Planes 2 and 3 hold rare characters of names: both halves stay. All other pairs are emoji or ornaments.
    if (unit >= 0xd840 && unit < 0xd8c0) table[unit] = unit
    else if (unit >= 0xdc00 && unit < 0xe000) table[unit] = unit
    if (unit >= 0xd800 && unit < 0xe000) continue
    const compatible = String.fromCharCode(unit).normalize('NFKC').toLowerCase()
    if (!/^[\p{L}\p{N}]/u.test(compatible)) continue
    const one = compatible.length === 1 ? compatible : String.fromCharCode(unit)
    const isHan = one >= '\u3400' && one <= '\u9fff'
    table[unit] = (isHan ? simplify(one) : one).charCodeAt(0)
  }
  for (const mark of breaks) table[mark.charCodeAt(0)] = BREAK
  for (const mark of clauses) table[mark.charCodeAt(0)] = CLAUSE
  for (const mark of enumerations) table[mark.charCodeAt(0)] = ENUMERATION
  return table
}

/** Normalised text. `units` and `at` are valid up to `length` and only until the next call with the same scratch. */
export interface Normalised {
  units: Uint16Array
  /** Offset in the original of each unit. */
  at: Uint32Array
  length: number
}

/** Room that is used again from text to text; grows to the longest seen. */
export function createScratch(): Normalised {
  return { units: new Uint16Array(1024), at: new Uint32Array(1024), length: 0 }
}

const isDigit = (unit: number) => unit >= 48 && unit <= 57

/** Marks in a row leave one unit, the strongest; none is left at the start. */
export function normalise(text: string, into: Normalised = createScratch()): Normalised {
  if (into.units.length < text.length) {
    const room = Math.max(text.length, into.units.length * 2)
    into.units = new Uint16Array(room)
    into.at = new Uint32Array(room)
  }
  const { units, at } = into
  let length = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    let form = forms[unit] ?? DROP
    if (form === DROP) {
      // Only the point of a number carries meaning (2.5 米 is not 25 米).
      if (unit !== POINT || !isDigit(text.charCodeAt(i - 1)) || !isDigit(text.charCodeAt(i + 1))) continue
      form = POINT
    } else if (form === BREAK || form === CLAUSE || form === ENUMERATION) {
      if (length === 0) continue
      const last = units[length - 1]
      if (last === BREAK || last === CLAUSE || last === ENUMERATION) {
        if (form === BREAK) units[length - 1] = BREAK
        continue
      }
    } else if (form >= 0xd800 && form < 0xe000) {
      const low = text.charCodeAt(i + 1)
      if (form >= 0xdc00 || !(low >= 0xdc00 && low < 0xe000)) continue
      units[length] = form
      at[length++] = i++
      form = low
    }
    units[length] = form
    at[length++] = i
  }
  into.length = length
  return into
}

const forWords = createScratch()

/** The same as a string: for words of the catalogue and for tests. */
export function normalised(text: string): string {
  // Room of their own for long texts only: tens of thousands of names are read at the start.
  const { units, length } = normalise(text, text.length > 1024 ? createScratch() : forWords)
  let out = ''
  for (let i = 0; i < length; i += 4096) {
    out += String.fromCharCode(...units.subarray(i, Math.min(i + 4096, length)))
  }
  return out
}

/** A word as it is matched: without pauses, which can never stand inside a match. */
export function normalisedWord(word: string): string {
  return normalised(word).replaceAll(/[\n,、]/g, '')
}
