// Looks at a list page for who is writing its selectors: what could be meant, what these find, how the first article reads.
import type { z } from 'zod'
import { looksBlocked } from '../blocked.ts'
import { CollectError, type CollectTools, type Outcome } from '../collector.ts'
import { said } from '../details.ts'
import { openPage } from '../page.ts'
import { readPage } from '../read-page.ts'
import { type ListEntry, listEntries, nextListPage } from './entries.ts'
import { type ListOptions, listOptions, withList } from './index.ts'
import { type Suggestion, suggestLists } from './suggest.ts'

/** The options as they are while they are written: without entry selector there are proposals. */
export const listProbe = listOptions
  .omit({ maxNew: true, pages: true })
  .extend({ item: listOptions.shape.title })

interface Probe {
  outcome: Outcome
  detail: string | null
  suggestions: readonly Suggestion[]
  /** Items that the entry selector finds, with or without a link. */
  matched: number
  entries: readonly ListEntry[]
  nextPage: string | null
  article: {
    url: string
    title: string
    author: string | null
    publishedAt: string | null
    excerpt: string
    characters: number
    /** False: the text selector found nothing, the extraction spoke. */
    bodyFits: boolean
  } | null
}

const shownEntries = 30

/** Outcomes are named, nothing is thrown but mistakes of ours. */
export async function probeList(options: z.infer<typeof listProbe>, tools: CollectTools): Promise<Probe> {
  const nothing = { suggestions: [], matched: 0, entries: [], nextPage: null, article: null }
  try {
    const answer = await tools.fetch(options.url, { accept: 'text/html, */*;q=0.5' })
    const page = openPage(answer)
    const suggestions = suggestLists(page, tools.now)
    const { matched, entries } =
      options.item === '' ? { matched: 0, entries: [] } : listEntries(page, options, tools.now)
    const wall = suggestions.length === 0 && entries.length === 0 ? looksBlocked(page.html) : undefined
    if (wall) return { outcome: 'blocked', detail: said('wall', { wall, due: 'a list' }), ...nothing }
    const found = {
      suggestions,
      matched,
      entries: entries.slice(0, shownEntries),
      nextPage: nextListPage(page, options.next) ?? null,
    }
    const [first] = entries
    if (first === undefined) {
      const isFailure = options.item !== '' || suggestions.length === 0
      return {
        outcome: isFailure ? 'parse-error' : 'ok',
        detail: isFailure
          ? matched > 0
            ? said('no-links', { count: matched })
            : 'no entries found on this page'
          : null,
        ...found,
        article: null,
      }
    }
    return { ...found, ...(await firstArticle(first, options, tools)) }
  } catch (error) {
    if (!(error instanceof CollectError)) throw error
    return { outcome: error.outcome, detail: error.message, ...nothing }
  }
}

/** The list is shown even when its first article cannot be had. */
async function firstArticle(
  entry: ListEntry,
  options: Pick<ListOptions, 'articleBody' | 'articleTitle' | 'articleDate'>,
  tools: CollectTools,
): Promise<Pick<Probe, 'outcome' | 'detail' | 'article'>> {
  try {
    const { capture: own, bodyFits } = await readPage(entry.url, tools, {
      body: options.articleBody,
      title: options.articleTitle,
      date: options.articleDate,
    })
    const capture = withList(own, entry, options)
    return {
      outcome: 'ok',
      detail: null,
      article: {
        url: own.url,
        title: capture.title,
        author: capture.author ?? null,
        publishedAt: capture.publishedAt ?? null,
        excerpt: capture.body.slice(0, 400),
        characters: capture.body.length,
        bodyFits: options.articleBody === '' || bodyFits,
      },
    }
  } catch (error) {
    if (!(error instanceof CollectError)) throw error
    return { outcome: error.outcome, detail: error.message, article: null }
  }
}
