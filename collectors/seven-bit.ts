// Chinese in seven bits, from the time when mail carried no more: HZ (RFC 1843) and ISO-2022-CN (RFC 1922). Old mail
// programs and gateways of authorities still send them. Browsers call both «replacement» and show one sign for the whole
// page (WHATWG Encoding, 4.2), because a filter that reads bytes and a browser that reads text see different tags in them.
// Here whoever reads or filters sees the text that comes out of this file and never the bytes, so nothing can hide.
//
// Both turn into GB2312 by setting the eighth bit of what stands between their marks:
//   HZ            A~{5XOB~}B           → A地下B; «~~» is a tilde, «~» at the end of a line joins it to the next
//   ISO-2022-CN   ESC $ ) A SO 5XOB SI → 地下; what is in CNS 11643 (Taiwan) has no table here and becomes U+FFFD

const newline = 0x0a
const returns = 0x0d
const tilde = 0x7e
const escapeMark = 0x1b
const shiftOut = 0x0e
const shiftIn = 0x0f
/** Begins no character of GB18030, so the platform's decoder makes U+FFFD of it. */
const nothing = 0xff

export type SevenBit = 'hz-gb-2312' | 'iso-2022-cn'
export const isSevenBit = (encoding: string | undefined): encoding is SevenBit =>
  encoding === 'hz-gb-2312' || encoding === 'iso-2022-cn'

/** ASCII bytes as the text they stand for; what is no character becomes U+FFFD. Takes as long as the text is. */
export function decodeSevenBit(bytes: Uint8Array, encoding: SevenBit): string {
  // Every mark and every character is at least as long as what becomes of it.
  const out = new Uint8Array(bytes.length)
  const length = encoding === 'hz-gb-2312' ? fromHz(bytes, out) : fromIso(bytes, out)
  return new TextDecoder('gb18030').decode(out.subarray(0, length))
}

function fromHz(bytes: Uint8Array, out: Uint8Array): number {
  let to = 0
  let isChinese = false
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] ?? 0
    const next = bytes[at + 1]
    if (byte === newline || byte === returns) isChinese = false
    if (isChinese && byte === tilde && next === 0x7d) {
      isChinese = false
      at += 2
    } else if (isChinese && byte > 0x20) {
      to = putPair(out, to, byte, next)
      at += 2
    } else if (!isChinese && byte === tilde && next === 0x7b) {
      isChinese = true
      at += 2
    } else if (!isChinese && byte === tilde && next === newline) at += 2
    else if (!isChinese && byte === tilde && next === returns && bytes[at + 2] === newline) at += 3
    else {
      out[to++] = byte
      at += !isChinese && byte === tilde && next === tilde ? 2 : 1
    }
  }
  return to
}

function fromIso(bytes: Uint8Array, out: Uint8Array): number {
  let to = 0
  let isShifted = false
  let isGb = true
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] ?? 0
    const next = bytes[at + 1]
    if (byte === newline) isShifted = false
    if (byte === escapeMark && next === 0x24) {
      // ESC $ ) A, or E, which holds the same characters and more; all others are of CNS.
      if (bytes[at + 2] === 0x29) isGb = bytes[at + 3] === 0x41 || bytes[at + 3] === 0x45
      at += 4
    } else if (byte === escapeMark && (next === 0x4e || next === 0x4f)) {
      // One character of another plane of CNS.
      out[to++] = nothing
      at += 4
    } else if (byte === shiftOut || byte === shiftIn) {
      isShifted = byte === shiftOut
      at += 1
    } else if (isShifted && byte > 0x20) {
      to = isGb ? putPair(out, to, byte, next) : putNothing(out, to)
      at += 2
    } else {
      out[to++] = byte
      at += 1
    }
  }
  return to
}

function putPair(out: Uint8Array, to: number, high: number, low: number | undefined): number {
  if (high > 0x7d || low === undefined || low < 0x21 || low > 0x7e) return putNothing(out, to)
  out[to] = high | 0x80
  out[to + 1] = low | 0x80
  return to + 2
}

function putNothing(out: Uint8Array, to: number): number {
  out[to] = nothing
  return to + 1
}
