// A page that a person pasted: fetched at once and kept. No schedule; the one source of this kind is the product's own.
import { z } from 'zod'
import {
  type Capture,
  CollectError,
  type CollectResult,
  type CollectTools,
  defineCollector,
  failed,
} from '../collector.ts'
import { said } from '../details.ts'
import { readPage } from '../read-page.ts'

export const manual = defineCollector({
  kind: 'manual',
  label: { zh: '人工收录', en: 'Kept by hand' },
  hasPublisher: false,
  isInternal: true,
  fields: [],
  options: z.object({}),
  schedule: '0 0 1 1 *',
  // Links come one by one; there is nothing to look for between them.
  collect: async () => ({ outcome: 'empty' }),
})

export interface HandKept {
  url: string
  /** Of the person, where the page cannot be had: what stood there, as they saw it. */
  pasted?: { title: string; text: string; publishedAt?: string }
  /** Kept beside the text. */
  by: string
  note?: string
}

/** What a page says, or what the person says it said. */
export async function keepPage(
  { url, pasted, by, note }: HandKept,
  tools: CollectTools,
): Promise<CollectResult> {
  const raw = { keptBy: by, ...(note === undefined ? {} : { note }), ...(pasted ? { pasted: true } : {}) }
  try {
    const capture: Capture = pasted
      ? {
          url,
          title: pasted.title,
          body: pasted.text,
          ...(pasted.publishedAt === undefined ? {} : { publishedAt: pasted.publishedAt }),
          raw,
        }
      : { ...(await fetched(url, tools)), raw }
    return { outcome: 'ok', captures: [capture] }
  } catch (error) {
    return failed(error)
  }
}

async function fetched(url: string, tools: CollectTools): Promise<Capture> {
  const { capture, siteName } = await readPage(url, tools)
  if (capture.title === '' && capture.body === '')
    throw new CollectError('parse-error', said('page-without-text', {}))
  return {
    ...capture,
    title: capture.title || (capture.body.split('\n')[0] ?? '').slice(0, 60),
    ...(siteName === undefined ? {} : { publisherName: siteName }),
  }
}
