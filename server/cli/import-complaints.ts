import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { CollectError } from '../../collectors/collector.ts'
import { readRows } from '../../collectors/spreadsheet/read.ts'
import { parseMapping } from '../complaints/import-mapping.ts'
import { knownPlaces } from '../complaints/import-store.ts'
import { type ImportServices, importComplaints } from '../complaints/job.ts'
import type { Io } from './io.ts'

const USAGE =
  'usage: weiyu import complaints FILE|- [--map field=column,…] [--city-company CODE|NAME] [--partial] [--dry-run]\n'
const REFUSED = 1
const WRONG_CALL = 2

/** `weiyu import complaints FILE`: one JSON line, the report. Exit status 1 when rows were refused or the file cannot be read. */
export async function runImportComplaints(
  args: readonly string[],
  io: Io,
  services: ImportServices,
): Promise<number> {
  const asked = readArguments(args)
  if (typeof asked === 'string') {
    io.stderr.write(`${asked}\n${USAGE}`)
    return WRONG_CALL
  }
  const { db, now } = services
  let cityCompanyId: number | undefined
  if (asked.cityCompany !== undefined) {
    const { companies } = await knownPlaces(db)
    const company = companies.find(
      ({ code, name }) => code === asked.cityCompany || name === asked.cityCompany,
    )
    if (!company) {
      const known =
        companies.map(({ code, name }) => `${code} ${name}`).join(', ') || 'none yet: import projects first'
      io.stderr.write(`There is no city company «${asked.cityCompany}»; there are: ${known}.\n`)
      return WRONG_CALL
    }
    cityCompanyId = company.id
  }
  try {
    const bytes = asked.file === '-' ? await buffer(io.stdin) : await readFile(asked.file)
    const { complaints = [] } = await readRows({
      bytes,
      name: asked.file === '-' ? nameOf(bytes) : basename(asked.file),
      content: 'complaints',
      mapping: {},
      now: now(),
    })
    const report = await importComplaints(services, complaints, {
      mapping: asked.mapping,
      cityCompanyId,
      isPartial: asked.isPartial,
      isDryRun: asked.isDryRun,
      progress: (done, total) => io.stderr.write(`${done} of ${total}\n`),
    })
    io.stdout.write(`${JSON.stringify(report)}\n`)
    return report.refused > 0 ? REFUSED : 0
  } catch (error) {
    if (!(error instanceof CollectError) && !isFileError(error)) throw error
    io.stderr.write(`${asked.file === '-' ? 'standard input' : asked.file}: ${error.message}\n`)
    return REFUSED
  }
}

/** Rows on standard input have no name to tell their kind; JSON Lines begin with a brace. */
const nameOf = (bytes: Uint8Array) => (bytes.find((byte) => byte > 32) === 0x7b ? 'rows.jsonl' : 'rows.csv')

const isFileError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error

function readArguments(args: readonly string[]) {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        map: { type: 'string', default: '' },
        'city-company': { type: 'string' },
        partial: { type: 'boolean', default: false },
        'dry-run': { type: 'boolean', default: false },
      },
    })
    const [file, ...more] = positionals
    if (file === undefined || more.length > 0) return 'One file is needed.'
    const mapping = parseMapping(values.map)
    if (!mapping.ok) return `«${mapping.part}» is not field=column with a field of the ledger.`
    return {
      file,
      mapping: mapping.mapping,
      cityCompany: values['city-company'],
      isPartial: values.partial,
      isDryRun: values['dry-run'],
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
