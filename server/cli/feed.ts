import { parseFeed } from '../../collectors/rss/parse.ts'
import { runReader } from './batch.ts'
import type { Io } from './io.ts'

const usage = 'usage: weiyu feed FILE|- [--content-type T] [--url U]   or   weiyu feed --batch ROWS.jsonl|-'

/** A feed as JSON: `{encoding, feed, entries}`. */
export function runFeed(args: readonly string[], io: Io): Promise<number> {
  return runReader(args, io, usage, ({ bytes, url, headers }) => {
    const { encoding, feed, entries } = parseFeed(bytes, {
      headers,
      now: new Date(),
      ...(url ? { url } : {}),
    })
    return {
      encoding,
      feed: filled(feed, ['title', 'link', 'description', 'id', 'author', 'published', 'updated']),
      entries: entries.map((entry) =>
        filled(entry, ['id', 'title', 'link', 'summary', 'content', 'author', 'published', 'updated']),
      ),
    }
  })
}

/** Every field is there, `null` when the feed does not say. */
const filled = <T extends object>(value: T, names: readonly (keyof T & string)[]) =>
  Object.fromEntries(names.map((name) => [name, value[name] ?? null]))
