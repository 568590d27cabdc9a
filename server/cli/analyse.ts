import { join } from 'node:path'
import { z } from 'zod'
import { CatalogueError, loadCatalogue } from '../../risk-catalog/load.ts'
import { createAnalyser } from '../analysis/analyser.ts'
import { readConfig } from '../config.ts'
import { StartError } from '../lib/start-error.ts'
import type { Io } from './io.ts'
import { onlyFile, reporter, rowsOf, withInput, write } from './rows.ts'

const Row = z.object({
  id: z.union([z.string(), z.number()]),
  title: z.string().nullish(),
  text: z.string(),
})

/**
 * `weiyu analyse FILE.jsonl|-`: for each row its risks, tone and target. `start` and `end` of a term count in
 * title + "\n" + text when the row has a title, else in text: (title + "\n" + text).slice(start, end) is the term.
 */
export async function runAnalyse(
  args: readonly string[],
  io: Io,
  folder = join(readConfig().root, 'risk-catalog'),
): Promise<number> {
  const path = onlyFile(args, io, 'weiyu analyse FILE.jsonl|-   rows {id, title?, text, time?}')
  if (path === undefined) return 2
  const analyser = createAnalyser(catalogueIn(folder))
  const { report, status } = reporter(path, io)
  return withInput(io, async () => {
    for await (const { id, title, text } of rowsOf(path, io, Row, report)) {
      const analysis = analyser.analyse({ title: title ?? undefined, text })
      const bodyAt = title ? title.length + 1 : 0
      const signals = analysis.signals.map(({ risk, score, rule, redLine, terms }) => ({
        risk,
        score,
        rule,
        redLine,
        terms: terms.map((term) => {
          const shift = term.field === 'title' ? 0 : bodyAt
          return { text: term.text, start: term.start + shift, end: term.end + shift }
        }),
      }))
      const { labels, polarity, sentiment, target } = analysis
      await write(io.stdout, `${JSON.stringify({ id, labels, signals, polarity, sentiment, target })}\n`)
    }
    return status()
  })
}

function catalogueIn(folder: string) {
  try {
    return loadCatalogue(folder)
  } catch (error) {
    if (error instanceof CatalogueError)
      throw new StartError('The risk catalogue has errors:', `\n${error.message}`)
    throw error
  }
}
