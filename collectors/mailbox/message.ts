// A mail → what is new in it: text without quotes, who wrote it, which conversation it belongs to, what hung on it.
import { createHash } from 'node:crypto'
import type { Attachment, Capture, ComplaintCapture } from '../collector.ts'
import { parseDate } from '../dates.ts'
import { decode } from '../decode.ts'
import { htmlToText } from '../html.ts'
import { maskMailboxes, maskNumbers } from '../mask.ts'
import { decodeWords, fromBase64, fromQuoted, type Head, messageIds, readAddress } from './headers.ts'
import { withoutQuotedHtml, withoutQuotes } from './quotes.ts'

/** Of BODYSTRUCTURE, what is looked at. */
export interface Structure {
  part?: string
  type: string
  parameters?: Readonly<Record<string, string>>
  encoding?: string
  size?: number
  disposition?: string
  dispositionParameters?: Readonly<Record<string, string>>
  childNodes?: readonly Structure[]
}

/** One text of a mail, as plain text, as HTML or as both. */
export interface TextPart {
  plain?: Structure
  html?: Structure
}

const limits = { depth: 20, nodes: 500, texts: 10, attachments: 50 }

/** Which parts are read and which are only named. A mail inside a mail is an attachment. */
export function partsOf(root: Structure): { texts: TextPart[]; attachments: Attachment[] } {
  const texts: TextPart[] = []
  const attachments: Attachment[] = []
  let nodes = 0
  const walk = (node: Structure, depth: number, alternative: TextPart | undefined) => {
    nodes += 1
    if (nodes > limits.nodes || depth > limits.depth) return
    if (node.type.startsWith('multipart/')) {
      const isChoice = node.type === 'multipart/alternative'
      const choice = alternative ?? (isChoice ? {} : undefined)
      for (const child of node.childNodes ?? []) walk(child, depth + 1, choice)
      if (isChoice && choice && !alternative && (choice.plain || choice.html)) texts.push(choice)
      return
    }
    const name = node.dispositionParameters?.filename ?? node.parameters?.name
    const isText = node.type === 'text/plain' || node.type === 'text/html'
    if (!isText || node.disposition === 'attachment' || name !== undefined) {
      attachments.push({
        name: maskNumbers(decodeWords(rawBytes(name ?? node.type)).slice(0, 200)),
        contentType: node.type.slice(0, 100),
        bytes: wireless(node),
      })
      return
    }
    const kind = node.type === 'text/plain' ? 'plain' : 'html'
    if (!alternative) texts.push({ [kind]: node })
    else alternative[kind] ??= node
  }
  walk(root, 0, undefined)
  return { texts: texts.slice(0, limits.texts), attachments: attachments.slice(0, limits.attachments) }
}

/** A name that somebody decoded already keeps its characters; one in raw bytes is read by us. */
const rawBytes = (text: string) => (/[^\x00-\xff]/.test(text) ? encoded(text) : text)
const encoded = (text: string) => Buffer.from(text).toString('latin1')

/** Size of the file, not of its base64. */
const wireless = ({ encoding, size = 0 }: Structure) =>
  encoding === 'base64' ? Math.floor((size * 72) / 98) : size

/** The text of one part as it came over the wire. */
export function textOf(part: Structure, bytes: Uint8Array): string {
  const latin1 = () => Buffer.from(bytes).toString('latin1')
  const content =
    part.encoding === 'base64'
      ? fromBase64(latin1())
      : part.encoding === 'quoted-printable'
        ? fromQuoted(latin1())
        : bytes
  const { text } = decode(content, `${part.type}; charset=${part.parameters?.charset ?? ''}`)
  const lines = text.replace(/\r\n?/g, '\n')
  return part.parameters?.format?.toLowerCase() === 'flowed' ? unflowed(lines, part) : lines
}

/** RFC 3676: a line that ends in a space goes on in the next one. */
function unflowed(text: string, part: Structure): string {
  const glue = part.parameters?.delsp?.toLowerCase() === 'yes' ? '' : ' '
  return text.replace(/(?<!^-- )(?<!\n-- ) \n(?!>)/g, glue)
}

export interface Mail {
  uid: number
  head: Head
  /** When the server took it in. */
  arrivedAt: Date
  texts: readonly { plain?: string; html?: string }[]
  attachments: readonly Attachment[]
  /** Its structure was too strange to be read. */
  isUnreadable: boolean
}

/** Nobody wrote it: an absence note, a report that a mail could not be delivered. */
export function isAutomatic(head: Head): boolean {
  return (
    /^\s*auto-replied/i.test(head.get('auto-submitted') ?? '') ||
    /^\s*auto_?reply/i.test(head.get('precedence') ?? '') ||
    /^\s*multipart\/report/i.test(head.get('content-type') ?? '')
  )
}

export interface ReadMail {
  id: string
  /** Id of the first mail of the conversation; of itself when it began one. */
  thread: string
  subject: string
  text: string
  from: { name: string; address: string }
  sentAt: string
}

export function readMail({ head, arrivedAt, texts }: Mail): ReadMail {
  const subject = decodeWords(head.get('subject') ?? '').slice(0, 500)
  const [id = hashOf(head, texts)] = messageIds(head.get('message-id'))
  const [root] = [...messageIds(head.get('references')), ...messageIds(head.get('in-reply-to'))]
  const isForward = /^\s*(?:fwd?|转发|轉寄|转寄)\s*[:：]/i.test(subject)
  const isReply =
    !isForward && (root !== undefined || /^\s*(?:re|回复|答复|回覆|答覆)\s*[:：]/i.test(subject))
  const whole = texts.map((text) => plainest(text, false)).join('\n')
  const fresh = isReply ? texts.map((text) => withoutQuotes(plainest(text, true))).join('\n') : whole
  return {
    id,
    thread: root ?? id,
    subject,
    text: (fresh.trim() || whole).trim(),
    from: readAddress(head.get('from')),
    sentAt: sentAt(head.get('date'), arrivedAt),
  }
}

/** HTML only where the plain text is missing or a stub («your program shows no HTML»). */
function plainest({ plain = '', html = '' }: { plain?: string; html?: string }, isReply: boolean): string {
  const fromHtml = htmlToText(isReply ? withoutQuotedHtml(html) : html)
  return weight(plain) * 3 >= weight(fromHtml) ? plain : fromHtml
}
/** A Chinese character says as much as three letters. */
const weight = (text: string) => text.trim().length + 2 * (text.match(/\p{Script=Han}/gu)?.length ?? 0)

/** The server's clock, or the earlier one of the writer: what was moved from an old server is not news. */
function sentAt(written: string | undefined, arrivedAt: Date): string {
  const at = Date.parse(parseDate(written) ?? '')
  const isBelievable = at > Date.UTC(1995, 0) && at < arrivedAt.getTime()
  return new Date(isBelievable ? at : arrivedAt).toISOString()
}

/**
 * For a mail without an id: the same in every folder and after every move. What has no date either is told apart by what
 * it says: a server that gives heads empty must not make all its mails one.
 */
const hashOf = (head: Head, texts: Mail['texts']) =>
  createHash('sha256')
    .update(['from', 'to', 'date', 'subject'].map((name) => head.get(name) ?? '').join('\n'))
    .update(head.has('date') ? '' : JSON.stringify(texts))
    .digest('hex')
    .slice(0, 40)

export function captureOf(mail: Mail): Capture {
  const { id, thread, subject, text, from, sentAt } = readMail(mail)
  const masked = (written: string) => maskMailboxes(maskNumbers(written))
  return {
    externalId: id,
    title: masked(subject || (text.split('\n')[0] ?? '').slice(0, 60)) || '(无主题)',
    body: masked(text),
    publishedAt: sentAt,
    attachments: mail.attachments,
    ...(from.name || from.address ? { author: masked(from.name || from.address) } : {}),
    raw: {
      messageId: id,
      thread,
      from: maskMailboxes(from.address),
      ...(mail.isUnreadable ? { isUnreadable: true } : {}),
    },
  }
}

/** The ledger keeps people and their numbers encrypted, so nothing is masked on the way. */
export function complaintOf(mail: Mail): ComplaintCapture {
  const { id, thread, subject, text, from, sentAt } = readMail(mail)
  const phones = new Set(text.match(/(?<!\d)1[3-9]\d{9}(?!\d)/g))
  const [phone] = phones.size === 1 ? phones : []
  const names = mail.attachments.map(({ name }) => name)
  const notes = [
    names.length > 0 && `〔附件：${names.join('、')}〕`,
    thread !== id && `〔同一往来的后续来信，首封 ${thread}〕`,
  ].filter((note) => note !== false)
  const fields: Record<string, string> = {
    externalId: id,
    title: subject,
    content: [text.slice(0, 15_000), ...notes].join('\n').trim(),
    receivedAt: sentAt,
    channel: 'email',
    name: from.name,
    // Where an answer goes: the ledger's address is how to reach somebody, and is kept encrypted.
    address: from.address,
    phone: phone ?? '',
  }
  return {
    externalId: id,
    place: `mail ${mail.uid}`,
    fields: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '')),
  }
}
