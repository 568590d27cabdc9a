// A capture becomes a document: identity, dating, clean text. Plain; the hash function is handed in.
import type { Capture } from '../../collectors/collector.ts'
import type { CollectingPolicy } from '../policy/collecting.ts'
import { canonicalUrl, declaredUrl } from './address.ts'

/**
 * `dated`: its time is known. Without a `publishedAt` that is the look at which it had newly appeared (`collectedAt`), no
 * publication, and shown as `seen`.
 */
export type Dating = 'dated' | 'undated' | 'future' | 'old'

/** What the store writes. */
export interface PreparedDocument {
  identity: string
  url: string | null
  title: string
  body: string
  author: string | null
  publisherId: number | null
  publisherName: string | null
  publishedAt: string | null
  dating: Dating
  /** Hex of the hash over title and body. */
  contentHash: string
  counters: string | null
  raw: string | null
  attachments: string | null
}

export interface Publishers {
  byName: ReadonlyMap<string, number>
  byHost: ReadonlyMap<string, number>
}

export interface Preparation {
  source: { id: number; publisherId: number | null; isAggregator: boolean }
  publishers: Publishers
  policy: Pick<CollectingPolicy, 'ageGateDays' | 'futureToleranceMinutes'>
  now: Date
  hash: (text: string) => string
}

const maxTitle = 500
const maxBody = 200_000
const maxAttachments = 50

export function prepare(
  capture: Capture,
  { source, publishers, policy, now, hash }: Preparation,
): PreparedDocument {
  const title = clean(capture.title).replace(/\s+/g, ' ').trim().slice(0, maxTitle)
  const body = clean(capture.body).trim().slice(0, maxBody)
  const contentHash = hash(`${title}\n${body}`)
  const declared = capture.snapshot && declaredUrl(capture.snapshot)
  const url =
    capture.url === undefined || capture.identifiedBy === 'externalId'
      ? undefined
      : canonicalUrl(declared ?? capture.url)
  const { publishedAt, dating } = dated(capture, now, policy)
  const publisherId = publisherOf(capture, source, publishers)
  return {
    identity: url ?? `source:${source.id}:${clean(capture.externalId ?? contentHash).slice(0, 500)}`,
    url: capture.url ?? null,
    title,
    body,
    author: capture.author ? clean(capture.author).slice(0, 200) : null,
    publisherId,
    publisherName: capture.publisherName ? clean(capture.publisherName).slice(0, 200) : null,
    publishedAt,
    dating,
    contentHash,
    counters:
      capture.counters && Object.keys(capture.counters).length > 0 ? JSON.stringify(capture.counters) : null,
    raw: capture.raw === undefined ? null : json(capture.raw),
    attachments:
      capture.attachments && capture.attachments.length > 0
        ? json(capture.attachments.slice(0, maxAttachments))
        : null,
  }
}

/** As PostgreSQL can store it. Next to no item holds such a character, so its text is looked through before its parts are. */
function json(value: unknown): string {
  const text = JSON.stringify(value)
  return /\\u(?:0000|d[89a-f])/.test(text) ? JSON.stringify(value, cleanPart) : text
}

function cleanPart(_: string, part: unknown): unknown {
  if (typeof part === 'string') return clean(part)
  if (part === null || typeof part !== 'object' || Array.isArray(part)) return part
  return Object.fromEntries(
    Object.entries(part).map(([name, value]: [string, unknown]) => [clean(name), value]),
  )
}

/** What PostgreSQL cannot store (NUL) and what is no character (half a surrogate pair) is left out. */
function clean(text: string): string {
  // Looking at what stands around each place is dear, and few texts hold so much as an emoji.
  if (!/[\u0000\ud800-\udfff]/.test(text)) return text
  return text.replace(/\u0000|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '')
}

/**
 * A source may date an item wrongly, so only a plausible date is news: ahead of the clock by more than the tolerance is
 * `future`, behind the age gate is `old`; both are stored. The clock itself never becomes a date: what has none but was
 * not there at a look before this one counts from this look on, and has no time of publication.
 */
export function dated(
  { publishedAt, absentAt }: Pick<Capture, 'publishedAt' | 'absentAt'>,
  now: Date,
  policy: Preparation['policy'],
): { publishedAt: string | null; dating: Dating } {
  const at = publishedAt === undefined ? Number.NaN : Date.parse(publishedAt)
  if (Number.isNaN(at)) {
    const isNew = absentAt !== undefined && Date.parse(absentAt) < now.getTime()
    return { publishedAt: null, dating: isNew ? 'dated' : 'undated' }
  }
  const ahead = at - now.getTime()
  const iso = new Date(
    ahead > 0 && ahead <= policy.futureToleranceMinutes * 60_000 ? now.getTime() : at,
  ).toISOString()
  if (ahead > policy.futureToleranceMinutes * 60_000) return { publishedAt: iso, dating: 'future' }
  return { publishedAt: iso, dating: -ahead > policy.ageGateDays * 86_400_000 ? 'old' : 'dated' }
}

/** By the name it was given, else by the host of its page, else the source's own publisher (an aggregator has none). */
function publisherOf(capture: Capture, source: Preparation['source'], publishers: Publishers): number | null {
  const named = capture.publisherName && publishers.byName.get(capture.publisherName.trim())
  if (named) return named
  if (capture.url && URL.canParse(capture.url)) {
    for (
      let host = new URL(capture.url).hostname;
      host.includes('.');
      host = host.slice(host.indexOf('.') + 1)
    ) {
      const owner = publishers.byHost.get(host)
      if (owner) return owner
    }
  }
  // A named medium that we do not know is not the source's publisher.
  return source.isAggregator || capture.publisherName ? null : source.publisherId
}

/** Learning stores, but raises nothing: what a first look or the end of a long outage brings is not news. */
export function isLearningRun(
  source: { learningUntil: Date | null; lastSuccessAt: Date | null },
  now: Date,
  policy: Pick<CollectingPolicy, 'learnAfterOutageHours'>,
): boolean {
  if (source.learningUntil && now < source.learningUntil) return true
  if (source.lastSuccessAt === null) return source.learningUntil === null
  return now.getTime() - source.lastSuccessAt.getTime() > policy.learnAfterOutageHours * 3_600_000
}
