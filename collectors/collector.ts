import type { z } from 'zod'
import type { Field } from './fields.ts'

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
  /** Never filled with the clock: absent when the source does not say or says nonsense. */
  publishedAt?: string
  /** Counters as seen now: rank, likes, comments, shares, views. */
  counters?: Readonly<Record<string, number>>
  /** The row or item as found, for evidence and re-reading. */
  raw?: unknown
}

/** One complaint as found in a file or another system; every value is still text, the ledger checks it. */
export interface ComplaintCapture {
  externalId?: string
  /** Where it stood (`row 17`), so that a report can name it. */
  place: string
  fields: Readonly<Record<string, string>>
  raw?: unknown
}

/** What a run gives. `captures` and `complaints` may come in parts: see `CollectTools.emit`. */
export type CollectResult =
  | {
      outcome: 'ok'
      captures: readonly Capture[]
      complaints?: readonly ComplaintCapture[]
      cursor?: unknown
    }
  | { outcome: 'not-modified' | 'empty'; cursor?: unknown }
  | { outcome: Failure; detail: string }

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

/** Thrown by the tools; `outcome` says what the run must report. */
export class CollectError extends Error {
  readonly outcome: Failure
  constructor(outcome: Failure, detail: string) {
    super(detail)
    this.name = 'CollectError'
    this.outcome = outcome
  }
}

export interface CollectTools {
  /** GET with limits on bytes, time, redirects, decompression and address; throws `CollectError`. */
  fetch(url: string, wants?: { accept?: string; conditional?: boolean }): Promise<Fetched>
  /** What the last successful run of this source returned as its cursor. */
  cursor: unknown
  /** Now, so that collectors stay plain. */
  now: Date
  /** Files a folder or spreadsheet source may read; outside its declared folder it throws `refused`. */
  files: {
    list(folder: string): Promise<readonly { path: string; bytes: number; modifiedAt: string }[]>
    read(path: string): Promise<Uint8Array>
  }
}

export interface Collector<Options = unknown> {
  kind: string
  /** Chinese and English names shown on the Sources page. */
  label: { zh: string; en: string }
  /** The inputs a source of this kind needs; form and check are made from it. */
  fields: readonly Field[]
  /** The check of what the form sends and the database stores. */
  options: z.ZodType<Options>
  /** How often by default (cron, Asia/Shanghai). */
  schedule: string
  collect(options: Options, tools: CollectTools): Promise<CollectResult>
}

/** Declares a collector; keeps its option type for `collect`. */
export function defineCollector<Options>(collector: Collector<Options>): Collector<Options> {
  return collector
}
