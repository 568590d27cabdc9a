import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { CollectError } from '../../collectors/collector.ts'
import { readTables } from '../../collectors/tables.ts'
import { recordAudit } from '../audit/store.ts'
import { inTransaction } from '../db/in-transaction.ts'
import type { Services } from '../http/context.ts'
import { type Checked, checkTables, type Mistake } from '../projects/check.ts'
import { type ImportReport, importMasterData } from '../projects/import-store.ts'
import type { Io } from './io.ts'

const usage =
  'usage: weiyu import projects FILE.xlsx|csv|jsonl|- [--map HEADER=OURS]… [--dry-run] [--partial]   (- reads JSON Lines)'

/**
 * City companies, departments, projects, phases, milestones, publishers from a file. One JSON line per row that is not
 * unchanged, then one with the counts; mistakes on stderr as well. Exit status 0: stored (or nothing to store), 1: refused,
 * 2: wrong call.
 */
export async function runImportProjects(
  args: readonly string[],
  io: Io,
  services: Pick<Services, 'db' | 'jobs' | 'now'>,
): Promise<number> {
  let call: ReturnType<typeof parsed>
  try {
    call = parsed(args)
  } catch (error) {
    io.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`)
    return 2
  }
  const { file, map, dryRun, partial } = call
  let checked: Checked
  try {
    const bytes = file === '-' ? await buffer(io.stdin) : await readFile(file)
    checked = checkTables(await readTables(bytes, file === '-' ? 'stdin.jsonl' : file), map)
  } catch (error) {
    if (!(error instanceof CollectError) && !isFileError(error)) throw error
    io.stderr.write(`${file}: ${error.message}\n`)
    return 1
  }
  const report = await inTransaction(services.db, async (tx) => {
    const done = await importMasterData(tx, checked, { now: services.now(), dryRun, partial })
    if (done.written) {
      await recordAudit(tx, {
        action: 'project.import',
        subject: { kind: 'master-data' },
        detail: { file: basename(file), counts: done.counts, by: 'command line' },
      })
    }
    return done
  })
  tell(report, io)
  if (report.isRereading) await services.jobs.wake('analysis')
  const isRefused = report.counts.error > 0 || report.mistakes.length > 0
  return isRefused ? 1 : 0
}

function parsed(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      map: { type: 'string', multiple: true },
      'dry-run': { type: 'boolean', default: false },
      partial: { type: 'boolean', default: false },
    },
  })
  const [file] = positionals
  if (file === undefined || positionals.length > 1) throw new Error('one file is expected')
  const map = Object.fromEntries(
    (values.map ?? []).map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new Error(`--map ${pair}: write HEADER=OURS, such as --map 楼盘=项目名称`)
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
  return { file, map, dryRun: values['dry-run'], partial: values.partial }
}

function tell(report: ImportReport, io: Io): void {
  for (const mistake of report.mistakes) io.stderr.write(`${mistake.sheet || 'file'}: ${sentence(mistake)}\n`)
  for (const row of report.rows) {
    for (const mistake of row.mistakes) {
      io.stderr.write(`${row.sheet ? `${row.sheet} ` : ''}row ${row.row}: ${sentence(mistake)}\n`)
    }
    if (row.outcome !== 'unchanged') io.stdout.write(`${JSON.stringify(row)}\n`)
  }
  for (const { sheet, column } of report.ignored) {
    io.stderr.write(`${sheet ? `${sheet}: ` : ''}the column ${column} was not read\n`)
  }
  const { written, counts, isRereading } = report
  io.stdout.write(`${JSON.stringify({ written, ...counts, isRereading })}\n`)
}

const sentence = ({ column, value, problem, cure }: Mistake) =>
  `${column ? `${column}${value ? ` «${value}»` : ''}: ` : ''}${problem.en}; ${cure.en}`

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'path' in error
}
