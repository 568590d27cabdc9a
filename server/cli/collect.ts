import { parseArgs } from 'node:util'
import { isPushed } from '../../collectors/index.ts'
import { type Collecting, collectSource } from '../ingest/job.ts'
import { allSources, sourceById } from '../ingest/store.ts'
import type { Io } from './io.ts'

const usage = 'usage: weiyu collect SOURCE_ID… | weiyu collect --all'

/** Reads sources now; one JSON line each. Exit status 0: all answered, 1: one failed, 2: wrong call. */
export async function runCollect(args: readonly string[], io: Io, collecting: Collecting): Promise<number> {
  const ids = await wanted(args, collecting).catch((error: unknown) => {
    io.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`)
    return undefined
  })
  if (ids === undefined) return 2
  let status = 0
  for (const id of ids) {
    const source = await sourceById(collecting.db, id)
    if (!source) {
      io.stderr.write(`There is no source ${id}.\n`)
      status = 1
      continue
    }
    const report = await collectSource(collecting, id)
    io.stdout.write(`${JSON.stringify({ sourceId: id, name: source.name, ...report })}\n`)
    if (!['ok', 'empty', 'not-modified'].includes(report.outcome)) status = 1
  }
  return status
}

async function wanted(args: readonly string[], { db }: Collecting): Promise<readonly number[]> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { all: { type: 'boolean' } },
  })
  if (values.all === positionals.length > 0) throw new Error('either numbers of sources or --all')
  if (values.all)
    return (await allSources(db))
      .filter(({ state, kind }) => state === 'active' && !isPushed(kind))
      .map(({ id }) => id)
  const ids = positionals.map(Number)
  if (ids.length === 0 || !ids.every(Number.isInteger)) throw new Error('a source is named by its number')
  return ids
}
