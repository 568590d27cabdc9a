import type { z } from 'zod'
import { said } from './details.ts'
import type { Field, When } from './fields.ts'

/** One text as found outside, before anything is stored. Instants are ISO 8601 UTC. */
export interface Capture {
  /** The source's own id of the item (guid, row id); together with the source it identifies an item without URL. */
  externalId?: string
  /** Absolute address as published; ingest makes the canonical one. */
  url?: string
  title: string
  /** Plain text, paragraphs separated by newlines. */
  body: string
  author?: string
  /** Name of the medium when the source carries several publishers (reposts, hot lists, spreadsheets). */
  publisherName?: string
  /**
   * Which of the two tells this item from others of its source. `externalId` for what has an address that moves (topics of
   * a hot list) or that it shares with others (changes of one page); the address where there is one, unless told.
   */
  identifiedBy?: 'url' | 'externalId'
  /** Never filled with the clock: absent when the source does not say or says nonsense. */
  publishedAt?: string
  /**
   * For lists and pages that date nothing: a look at which this was not there yet, so near before this one that it is new.
   * It is news then, seen first at this look; when it was published stays unknown.
   */
  absentAt?: string
  /** Counters as seen now: rank, likes, comments, shares, views. */
  counters?: Readonly<Record<string, number>>
  /** The row or item as found, for evidence and re-reading. */
  raw?: unknown
  /** The page itself as it came over the wire: kept compressed with its hash, because its author may delete it. */
  snapshot?: Snapshot
  /** What hung on a mail or post: named, not kept. */
  attachments?: readonly Attachment[]
}

/** An answer as it was given. */
export interface Snapshot {
  /** The address that answered, after redirects. */
  url: string
  status: number
  headers: Readonly<Record<string, string>>
  bytes: Uint8Array
  fetchedAt: string
}

export interface Attachment {
  name: string
  contentType: string
  bytes: number
}

/** What the trade counts, and whose fall or rise shows a risk. */
export const metrics = ['sales', 'progress', 'quality', 'price', 'visits', 'complaints'] as const
export type Metric = (typeof metrics)[number]

/** One number about one project at one time, from a spreadsheet, a system or an interface. */
export interface ReadingCapture {
  /** Where it stood (`row 17`), so that a report can name it. */
  place: string
  /** As the other side calls it; found by name and alias. */
  project: string
  metric: Metric
  value: number
  /** What was planned for that day, where the other side knows it. */
  planned?: number
  unit?: string
  at: string
}

/** One warning of the weather authority (CAP 1.2), an update of it or its end. */
export interface AlertCapture {
  /** Of the message; an update has its own and names what it replaces. */
  externalId: string
  replaces: readonly string[]
  state: 'actual' | 'cancelled'
  issuer: string
  phenomenon: Phenomenon
  severity: 'minor' | 'moderate' | 'severe' | 'extreme' | 'unknown'
  headline: string
  description: string
  /** Names of cities and districts, and codes of the administrative division. */
  areas: readonly { name: string; code?: string }[]
  /** Outlines on the map, beside the names. */
  shapes?: readonly AlertShape[]
  /** Of two messages about one event the later sent one holds. */
  sentAt?: string
  startsAt: string
  endsAt?: string
  url?: string
  raw?: unknown
}

/** A polygon of [longitude, latitude], closed by itself, or a circle. */
export type AlertShape =
  | { points: readonly (readonly [number, number])[] }
  | { centre: readonly [number, number]; radiusKm: number }

export const phenomena = [
  'rainstorm',
  'typhoon',
  'wind',
  'thunderstorm',
  'hail',
  'snow',
  'cold',
  'heat',
  'fog',
  'geological',
  'other',
] as const
export type Phenomenon = (typeof phenomena)[number]

/** A day on which something falls due: of one project, or of every project it may concern. */
export interface DueDateCapture {
  externalId: string
  /** Calendar day, Asia/Shanghai. */
  on: string
  title: string
  project?: string
  /** Codes of the catalogue that fall due with it. */
  risks: readonly string[]
}

/** One complaint as found in a file or another system; every value is still text, the ledger checks it. */
export interface ComplaintCapture {
  externalId?: string
  /** Where it stood (`row 17`), so that a report can name it. */
  place: string
  fields: Readonly<Record<string, string>>
  raw?: unknown
}

/** An array, or a stream when a file may be long: the run stores it in batches and holds the reader back. */
export type Items<T> = Iterable<T> | AsyncIterable<T>

/** What a run gives. A stream that breaks half-way throws `CollectError`: what came before it is kept. */
export type CollectResult =
  | {
      outcome: 'ok'
      captures?: Items<Capture>
      complaints?: Items<ComplaintCapture>
      readings?: Items<ReadingCapture>
      alerts?: Items<AlertCapture>
      dueDates?: Items<DueDateCapture>
      /** Kept for the next run once everything above is stored; read after the last item, so a stream may set it. */
      cursor?: unknown
      /**
       * What a reader of the run should know although it went well («1 of 20 articles could not be read», drills that were
       * left out); read like the cursor, so it may be a getter.
       */
      detail?: string | undefined
    }
  | { outcome: 'not-modified' | 'empty'; cursor?: unknown }
  | { outcome: Failure; detail: string; retryAfterMs?: number }

/** Every way in which a source may fail; a captcha or an HTML page where a feed was due is `blocked`. */
export type Failure = 'blocked' | 'timeout' | 'parse-error' | 'too-large' | 'refused' | 'unreachable'
export type Outcome = CollectResult['outcome']

/** An answer of the polite and safe fetch. Header names are lower case; `url` is the address after redirects. */
export interface Fetched {
  status: number
  url: string
  headers: Readonly<Record<string, string>>
  bytes: Uint8Array
  notModified: boolean
}

/** Thrown by the tools; `outcome` says what the run must report. The detail never holds a credential. */
export class CollectError extends Error {
  readonly outcome: Failure
  /** How long the other side asked us to stay away. */
  readonly retryAfterMs: number | undefined
  constructor(outcome: Failure, detail: string, retryAfterMs?: number) {
    super(detail)
    this.name = 'CollectError'
    this.outcome = outcome
    this.retryAfterMs = retryAfterMs
  }
}

/** Files a folder or spreadsheet source may read; outside the folders that were opened for it `refused` is thrown. */
export interface CollectFiles {
  /** The files of a folder by name, without those below it. */
  list(folder: string): Promise<readonly FoundFile[]>
  /** A file over `maxBytes` throws `too-large` before it is read. */
  read(path: string, maxBytes: number): Promise<Uint8Array>
}
export interface FoundFile {
  path: string
  bytes: number
  modifiedAt: string
}

/** How a page is asked for. */
export interface Wants {
  accept?: string
  /** Sends what the last good answer said of itself, so that an unchanged page answers 304. */
  conditional?: boolean
  method?: 'GET' | 'POST'
  body?: string
  /** May hold secrets: sent to the origin of the address only, never to where it redirects, and never logged. */
  headers?: Readonly<Record<string, string>>
}

export interface CollectTools {
  /** With limits on bytes, time, redirects, decompression and address; throws `CollectError`. */
  fetch(url: string, wants?: Wants): Promise<Fetched>
  /** A literal address of the host that may be reached, for protocols other than HTTP; throws `refused` or `unreachable`. */
  addressOf(host: string): Promise<string>
  /** What the last successful run of this source returned as its cursor. */
  cursor: unknown
  /** Now, so that collectors stay plain. */
  now: Date
  files: CollectFiles
}

export interface Collector<Options = unknown> {
  kind: string
  /** Chinese and English names shown on the Sources page. */
  label: { zh: string; en: string }
  /**
   * Whether somebody publishes what it brings, so that a publisher (or several: an aggregator) may be named. Warnings of the
   * weather, readings, due dates and complaints have none.
   */
  hasPublisher: boolean | When
  /** The inputs a source of this kind needs; form and check are made from it. */
  fields: readonly Field[]
  /** Made by the product itself and not offered in the form. */
  isInternal?: boolean
  /** The check of what the form sends and the database stores. */
  options: z.ZodType<Options>
  /** How often by default (cron, Asia/Shanghai). */
  schedule: string
  /** May throw a CollectError: it becomes the outcome of the run. */
  collect(options: Options, tools: CollectTools): Promise<CollectResult>
  /** For systems that push: reads one delivery, whose signature was checked before. Such a kind is not read by the clock. */
  receive?(options: Options, delivery: Delivery, tools: CollectTools): Promise<CollectResult>
}

/** One push of another system. Header names are lower case. */
export interface Delivery {
  headers: Readonly<Record<string, string>>
  bytes: Uint8Array
}

/** A collector whose options were not checked yet: what the list holds. */
export interface AnyCollector extends Omit<Collector, 'options' | 'collect' | 'receive'> {
  options: z.ZodType
  /** Checks `options` first; those that a newer version no longer takes are `refused`, and the detail names the field. */
  collect(options: unknown, tools: CollectTools): Promise<CollectResult>
  receive?(options: unknown, delivery: Delivery, tools: CollectTools): Promise<CollectResult>
}

/**
 * Declares a collector: its own code sees checked options of its own type, the list sees one kind of thing. A CollectError
 * that leaves it becomes the outcome of the run; one thrown by a stream meets whoever reads the stream.
 */
export function defineCollector<Options>({ receive, ...collector }: Collector<Options>): AnyCollector {
  const checked = async (given: unknown, read: (options: Options) => Promise<CollectResult>) => {
    const { success, data, error } = collector.options.safeParse(given)
    if (success) return outcomeOf(() => read(data))
    const [issue] = error.issues
    return {
      outcome: 'refused' as const,
      detail: said('settings', { field: issue?.path.join('.') ?? '', message: issue?.message ?? '' }),
    }
  }
  return {
    ...collector,
    collect: (options, tools) => checked(options, (own) => collector.collect(own, tools)),
    ...(receive && {
      receive: (options, delivery, tools) => checked(options, (own) => receive(own, delivery, tools)),
    }),
  }
}

/** Whether a source with these options may name a publisher. */
export function namesPublisher(
  { hasPublisher }: Pick<AnyCollector, 'hasPublisher'>,
  options: Readonly<Record<string, unknown>>,
): boolean {
  if (typeof hasPublisher === 'boolean') return hasPublisher
  return hasPublisher.is.some((value) => options[hasPublisher.field] === value)
}

async function outcomeOf(run: () => Promise<CollectResult>): Promise<CollectResult> {
  try {
    return await run()
  } catch (error) {
    return failed(error)
  }
}

/** Turns what the tools throw into the outcome of the run; anything else is a bug and stays thrown. */
export function failed(error: unknown): CollectResult {
  if (!(error instanceof CollectError)) throw error
  return {
    outcome: error.outcome,
    detail: error.message,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  }
}
