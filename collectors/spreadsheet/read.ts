import { CollectError, type CollectResult } from '../collector.ts'
import { said } from '../details.ts'
import { readTables, tableLimits } from '../tables.ts'
import { complaintsOf, documentColumns, documentsOf, holdsDocuments, type Mapping } from './rows.ts'

export type Content = 'documents' | 'complaints'

export interface RowFile {
  bytes: Uint8Array
  name: string
  content: Content
  mapping: Mapping
  now: Date
}

/** What one file of rows holds. @throws CollectError with the name of the file */
export async function readRows({
  bytes,
  name,
  content,
  mapping,
  now,
}: RowFile): Promise<Extract<CollectResult, { outcome: 'ok' }>> {
  const tables = await readTables(bytes, name).catch((error: unknown) => {
    throw error instanceof CollectError
      ? new CollectError(error.outcome, said('of-file', { path: name, reason: error.message }))
      : error
  })
  if (content === 'complaints') {
    return { outcome: 'ok', complaints: tables.flatMap((table) => [...complaintsOf(table, mapping)]) }
  }
  const readable = tables.filter((table) => holdsDocuments(documentColumns(table.header, mapping)))
  if (readable.length === 0 && tables.some((table) => table.header.length > 0)) {
    const headers = tables.flatMap((table) => table.header).slice(0, 20)
    throw new CollectError(
      'parse-error',
      said('of-file', { path: name, reason: said('no-title-column', { columns: headers.join(', ') }) }),
    )
  }
  return { outcome: 'ok', captures: documentsFrom(readable) }

  function* documentsFrom(found: typeof tables) {
    for (const table of found) yield* documentsOf(table, mapping, now)
  }
}

export const maxFileBytes = tableLimits.fileBytes
