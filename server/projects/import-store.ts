import { everything } from '../access/scope.ts'
import type { Tx } from '../db/connect.ts'
import type { Value } from './cells.ts'
import type { Checked } from './check.ts'
import { compare, type RowReport, type Write } from './compare.ts'
import { lockMasterData, masterData, noteNames, writeMasterData } from './store.ts'

export interface ImportOptions {
  now: Date
  /** Only the report. */
  dryRun: boolean
  /** Write the good rows although others are wrong; otherwise one wrong row keeps everything out. */
  partial: boolean
}

export interface ImportReport {
  written: boolean
  counts: Readonly<Record<RowReport['outcome'], number>>
  rows: readonly RowReport[]
  mistakes: Checked['mistakes']
  ignored: Checked['ignored']
  /** Names changed their meaning, so recent texts that bear them are read again. */
  isRereading: boolean
}

/** Compares and, unless something is wrong, stores. In a transaction, so that nothing is half-imported. */
export async function importMasterData(
  tx: Tx,
  checked: Checked,
  options: ImportOptions,
): Promise<ImportReport> {
  await lockMasterData(tx)
  const { report, writes } = compare(checked.rows, await masterData(tx, everything))
  const count = (outcome: RowReport['outcome']) => report.filter((row) => row.outcome === outcome).length
  const counts = {
    added: count('added'),
    changed: count('changed'),
    unchanged: count('unchanged'),
    error: count('error'),
  }
  const isClean = counts.error === 0 && checked.mistakes.length === 0
  const written = !options.dryRun && writes.length > 0 && (isClean || options.partial)
  if (written) await writeMasterData(tx, writes, options.now)
  const isRereading = written && (await noteNames(tx, changedNames(writes), options.now))
  return { written, counts, rows: report, mistakes: checked.mistakes, ignored: checked.ignored, isRereading }
}

/** Names that some project gained or lost. */
function changedNames(writes: readonly Write[]): string[] {
  return writes
    .filter(({ table }) => table === 'project')
    .flatMap(({ values, before }) => {
      const after = namesOf(values)
      const earlier = namesOf(before ?? {})
      return [
        ...after.filter((name) => !earlier.includes(name)),
        ...earlier.filter((name) => !after.includes(name)),
      ]
    })
}

function namesOf(values: Readonly<Record<string, Value>>): string[] {
  return [values.name, values.aliases, values.promotionNames, values.learntNames].flatMap((value) =>
    typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? [...value] : [],
  )
}
