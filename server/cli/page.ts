import { extractArticle } from '../../collectors/article/extract.ts'
import { runReader } from './batch.ts'
import type { Io } from './io.ts'

const usage = 'usage: weiyu page FILE|- [--url U] [--content-type T]   or   weiyu page --batch ROWS.jsonl|-'

/** An article page as JSON: `{title, author, publishedAt, text, siteName, source, keywords, nextPage}`. */
export function runPage(args: readonly string[], io: Io): Promise<number> {
  return runReader(args, io, usage, ({ bytes, url, headers }) => {
    const contentType = headers['content-type']
    const article = extractArticle(bytes, {
      url: url ?? 'about:blank',
      now: new Date(),
      ...(contentType ? { contentType } : {}),
    })
    return {
      title: article.title ?? null,
      author: article.author ?? null,
      publishedAt: article.publishedAt ?? null,
      text: article.text,
      siteName: article.siteName ?? null,
      source: article.source ?? null,
      keywords: article.keywords ?? [],
      nextPage: article.nextPage ?? null,
    }
  })
}
