// The head of a mail: bytes that anybody may have written. RFC 5322 and 2047 as mail programs really write them: raw GBK in
// a subject, one character cut over two encoded words, a charset that is another one.
import { decode } from '../decode.ts'

/** Names in lower case; values unfolded, bytes as Latin 1 until `decodeWords` reads them. The first of a name counts. */
export type Head = ReadonlyMap<string, string>

/** A head has twenty lines, a strange one a hundred. */
const maxLines = 1_000
const maxValue = 8_000

export function readHead(bytes: Uint8Array): Head {
  const head = new Map<string, string>()
  const lines = Buffer.from(bytes).toString('latin1').split(/\r?\n/, maxLines)
  let name = ''
  for (const line of lines) {
    if (line === '') break
    if (/^[ \t]/.test(line)) {
      const value = head.get(name)
      if (value !== undefined && value.length < maxValue) head.set(name, `${value} ${line.trim()}`)
      continue
    }
    const colon = line.indexOf(':')
    // What repeats is not appended: folded lines of a second Subject belong to nobody.
    const written = line.slice(0, Math.max(colon, 0)).trim().toLowerCase()
    name = head.has(written) ? '' : written
    if (colon > 0 && name) head.set(name, line.slice(colon + 1).trim())
  }
  return head
}

const word = /=\?([\w.:-]{1,40})(?:\*[\w-]{1,20})?\?([bq])\?([^?]{0,2000})\?=/gi

/** A header's value as text. */
export function decodeWords(value: string): string {
  const parts: { charset: string; bytes: Buffer }[] = []
  const out: string[] = []
  const flush = () => {
    // Words of one charset are one text: mail programs cut between bytes, not between characters.
    for (const { charset, bytes } of parts.splice(0))
      out.push(decode(bytes, `text/plain; charset=${charset}`).text)
  }
  let end = 0
  for (const found of value.slice(0, maxValue).matchAll(word)) {
    const [whole, charset = '', encoding = '', text = ''] = found
    const between = value.slice(end, found.index)
    if (between.trim() !== '' || end === 0) {
      flush()
      out.push(plain(between))
    }
    const bytes = encoding.toLowerCase() === 'b' ? fromBase64(text) : fromQuoted(text.replaceAll('_', ' '))
    const last = parts.at(-1)
    if (last?.charset.toLowerCase() === charset.toLowerCase()) last.bytes = Buffer.concat([last.bytes, bytes])
    else parts.push({ charset, bytes })
    end = found.index + whole.length
  }
  flush()
  out.push(plain(value.slice(end, maxValue)))
  return out.join('').replace(/\s+/g, ' ').trim()
}

/** Raw bytes outside words are no mail, but common. */
const plain = (latin1: string) =>
  /[\x80-\xff]/.test(latin1) ? decode(Buffer.from(latin1, 'latin1')).text : latin1

/** What is no base64 is left out; a cut end gives what it had. */
export const fromBase64 = (latin1: string) => Buffer.from(latin1.replace(/[^A-Za-z0-9+/]/g, ''), 'base64')

export const fromQuoted = (latin1: string) =>
  Buffer.from(
    latin1
      .replace(/[ \t]{0,200}=[ \t]{0,200}\r?\n/g, '')
      .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )

/** `"王记者" <wang@paper.example>` → both; the first address when there are several. */
export function readAddress(value: string | undefined): { name: string; address: string } {
  const text = decodeWords(value ?? '').slice(0, 1_000)
  const found = /<?([^\s<>"',;]{1,64}@[\w.-]{1,250})>?/.exec(text)
  const name = text
    .slice(0, found?.index ?? text.length)
    .replace(/["'<>]/g, '')
    .trim()
  return { name: name.slice(0, 100), address: (found?.[1] ?? '').toLowerCase() }
}

/** Ids without their brackets, in the order written. */
export const messageIds = (value: string | undefined) =>
  (value ?? '').match(/(?<=<)[^<>\s]{3,250}(?=>)/g) ?? []
