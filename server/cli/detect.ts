import { createBurstDetector } from '../analysis/burst.ts'
import type { Io } from './io.ts'
import { linesOf, onlyFile, reporter, withInput, write } from './rows.ts'

/** `weiyu detect FILE.csv|-`: `timestamp,value` in, `timestamp,value,anomaly_score` out; row n uses only rows up to n. */
export async function runDetect(args: readonly string[], io: Io): Promise<number> {
  const path = onlyFile(args, io, 'weiyu detect FILE.csv|-   with the header timestamp,value')
  if (path === undefined) return 2
  const { report, status } = reporter(path, io)
  return withInput(io, async () => {
    const score = createBurstDetector()
    let columns: { timestamp: number; value: number } | undefined
    for await (const { number, text } of linesOf(path, io)) {
      if (text.trim() === '') continue
      const cells = text.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
      if (!columns) {
        const names = cells.map((cell) => cell.replace(/^\ufeff/, '').toLowerCase())
        columns = { timestamp: names.indexOf('timestamp'), value: names.indexOf('value') }
        if (columns.timestamp < 0 || columns.value < 0) {
          report(number, 'has no header timestamp,value: write it as the first line')
          return 2
        }
        await write(io.stdout, 'timestamp,value,anomaly_score\n')
        continue
      }
      const timestamp = cells[columns.timestamp] ?? ''
      const written = cells[columns.value] ?? ''
      const value = Number(written)
      if (timestamp === '' || written === '' || !Number.isFinite(value)) {
        report(
          number,
          `needs a timestamp and a number, not «${text.slice(0, 80)}»: correct or remove the row`,
        )
        continue
      }
      await write(io.stdout, `${timestamp},${written},${Number(score(value).toFixed(6))}\n`)
    }
    if (!columns) {
      report(1, 'is empty: write the header timestamp,value and the rows')
      return 2
    }
    return status()
  })
}
