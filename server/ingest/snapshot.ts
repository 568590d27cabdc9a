// An answer as evidence: what is kept of it, and whether it is the page at all. Plain.
import type { Snapshot } from '../../collectors/collector.ts'
import { decode } from '../../collectors/decode.ts'
import { htmlToText } from '../../collectors/html.ts'

/** What the store writes; the body beside it is compressed there. */
export interface PreparedSnapshot {
  url: string
  status: number
  headers: Readonly<Record<string, string>>
  fetchedAt: string
  bytes: Uint8Array
}

/** The polite fetch stops here too; what other readers hand in is held to it. */
const maxBytes = 8 * 1024 * 1024
const maxHeaders = 100
const maxHeader = 2_000
const maxUrl = 4_000

/** Values that let somebody in, or tell who we are. */
const secretHeader = /cookie|token|secret|auth|session|credential|api-?key|signature|csrf|xsrf|^x-amz-|^nel$/i

/** `undefined`: nothing that can be kept (no bytes, or more than 8 MiB). */
export function prepareSnapshot(snapshot: Snapshot): PreparedSnapshot | undefined {
  const { bytes, status, fetchedAt } = snapshot
  if (bytes.length === 0 || bytes.length > maxBytes) return undefined
  return {
    url: withoutUser(snapshot.url).slice(0, maxUrl),
    status,
    headers: cleanedHeaders(snapshot.headers),
    fetchedAt,
    bytes,
  }
}

/** Without cookies and secrets, lower case, and bounded: a header is written by the other side. */
export function cleanedHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !secretHeader.test(name))
      .slice(0, maxHeaders)
      .map(([name, value]) => [
        printable(name).toLowerCase().slice(0, 200),
        printable(value).slice(0, maxHeader),
      ]),
  )
}

const printable = (text: string) => text.replace(/[\u0000-\u001f\u007f]|\p{Surrogate}/gu, '')

function withoutUser(written: string): string {
  if (!URL.canParse(written)) return printable(written)
  const url = new URL(written)
  url.username = ''
  url.password = ''
  return url.href
}

const contentType = (headers: PreparedSnapshot['headers']) => headers['content-type'] ?? ''

/** Whether a browser would draw it as a page. */
export function isHtml({ headers, bytes }: Pick<PreparedSnapshot, 'headers' | 'bytes'>): boolean {
  const type = contentType(headers)
  if (/\bx?html\b/i.test(type)) return true
  if (type !== '' && !/octet-stream|text\/plain|unknown/i.test(type)) return false
  return /<(?:!doctype|html|head|body)\b/i.test(new TextDecoder('latin1').decode(bytes.subarray(0, 2_048)))
}

/** Whether there is text to show: pages, plain text, feeds, JSON. */
function isText(page: Pick<PreparedSnapshot, 'headers' | 'bytes'>): boolean {
  return (
    isHtml(page) || /^\s*(?:text\/|application\/(?:[\w.-]+\+)?(?:xml|json))/i.test(contentType(page.headers))
  )
}

/** The page as a person reads it: text with a line per block; `undefined` for pictures, PDF and the like. */
export function textOf(page: Pick<PreparedSnapshot, 'headers' | 'bytes'>): string | undefined {
  if (!isText(page)) return undefined
  const { text } = decode(page.bytes, contentType(page.headers))
  return (isHtml(page) ? htmlToText(text) : text).replace(/\u0000/g, '')
}

const barrier =
  /安全验证|人机验证|滑动验证|访问验证|身份验证|请完成验证|请输入验证码|访问过于频繁|访问频率过高|环境异常|captcha|verify (?:that )?you are (?:a )?human|just a moment|attention required|access denied|are you a robot/i
/** A real article is longer than the text of a barrier. */
const barrierText = 600

/** A captcha or a «log in first» in place of the page: keeping it as the page would be a lie. */
export function isBarrier(page: Pick<PreparedSnapshot, 'headers' | 'bytes'>): boolean {
  if (!isHtml(page)) return false
  const text = textOf(page) ?? ''
  return text.length < barrierText && barrier.test(text)
}

const letters = (text: string) =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
/** A page may cut a long title; so much of it must stand there. */
const titleLetters = 24

/** Whether the title stands on the page. `null`: it has no text, or the title says too little. */
export function showsTitle(page: Pick<PreparedSnapshot, 'headers' | 'bytes'>, title: string): boolean | null {
  const wanted = letters(title).slice(0, titleLetters)
  const text = textOf(page)
  if (text === undefined || wanted.length < 4) return null
  return letters(text).includes(wanted)
}
