import { basename, dirname, resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { createFiles } from '../../collectors/files.ts'
import { type Collecting, importDocuments } from '../ingest/job.ts'
import type { Io } from './io.ts'

const usage =
  'usage: weiyu import documents FILE.xlsx|csv|jsonl|- [--map title=HEADER,body=HEADER]   (- reads JSON Lines)'

/** Texts from a file; one JSON line with the counts. Exit status 0: stored, 1: not readable, 2: wrong call. */
export async function runImportDocuments(
  args: readonly string[],
  io: Io,
  collecting: Collecting,
): Promise<number> {
  let call: ReturnType<typeof parsed>
  try {
    call = parsed(args)
  } catch (error) {
    io.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`)
    return 2
  }
  const { file, mapping } = call
  const path = resolve(file)
  const files =
    file === '-' ? { list: async () => [], read: () => buffer(io.stdin) } : createFiles([dirname(path)])
  const name = file === '-' ? 'stdin.jsonl' : basename(path)
  const report = await importDocuments(
    { ...collecting, files },
    { path: file === '-' ? name : path, name, ...(mapping === undefined ? {} : { mapping }) },
  )
  io.stdout.write(`${JSON.stringify(report)}\n`)
  if (report.outcome === 'ok' || report.outcome === 'not-modified') return 0
  io.stderr.write(`${report.detail ?? report.outcome}\n`)
  return 1
}

function parsed(args: readonly string[]): { file: string; mapping: string | undefined } {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { map: { type: 'string', multiple: true } },
  })
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0) throw new Error('one file is wanted')
  return { file, mapping: values.map?.join(',') }
}
