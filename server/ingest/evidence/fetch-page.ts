import { CollectError, type Failure } from '../../../collectors/collector.ts'
import { said } from '../../../collectors/details.ts'
import type { Fetcher } from '../../../collectors/fetch.ts'
import { isBarrier, type PreparedSnapshot, prepareSnapshot, showsTitle } from '../snapshot.ts'

export type FetchedPage =
  | { outcome: 'ok'; page: PreparedSnapshot; showsTitle: boolean | null }
  | { outcome: Failure; detail: string }

/** The page of a text as it stands now, by the polite and safe fetch; what it would be a lie to keep is a failure. */
export async function fetchPage(
  fetcher: Pick<Fetcher, 'fetch'>,
  of: { url: string; title: string },
  now: () => Date,
): Promise<FetchedPage> {
  try {
    const answer = await fetcher.fetch(of.url, { accept: 'text/html,application/xhtml+xml,*/*;q=0.5' })
    const page = prepareSnapshot({ ...answer, fetchedAt: now().toISOString() })
    if (!page) return { outcome: 'parse-error', detail: said('empty-answer', {}) }
    if (isBarrier(page))
      return { outcome: 'blocked', detail: said('wall', { wall: 'a robot check', due: 'the page' }) }
    return { outcome: 'ok', page, showsTitle: showsTitle(page, of.title) }
  } catch (error) {
    if (!(error instanceof CollectError)) throw error
    return { outcome: error.outcome, detail: error.message }
  }
}
