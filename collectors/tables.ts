// A workbook, CSV or JSONL file → tables of text. Everything a file can do to the reader is limited before it is read:
// unpacked bytes (a zip bomb), entries hidden from the archive's directory, and the area a sheet claims: the reader fills
// every gap with empty cells, so one cell at XFD1048576 alone would cost gigabytes.
import { inflateRawSync } from 'node:zlib'
import { CsvError, parse as parseCsv } from 'csv-parse/sync'
import readXlsxFile from 'read-excel-file/node'
import { CollectError } from './collector.ts'
import { decode } from './decode.ts'
import { said } from './details.ts'

export interface Table {
  /** Name of the sheet; empty for CSV and JSONL. */
  name: string
  header: readonly string[]
  rows: readonly TableRow[]
}

export interface TableRow {
  /** As the editor shows it: 1 is the first line of the sheet. */
  number: number
  cells: readonly string[]
  /** Where it stood, for rows that no sheet numbers. */
  place?: string
}

/** How a report names a row: `Sheet1 row 17`. */
export const placeOf = ({ name }: Table, { number, place }: TableRow) =>
  place ?? `${name ? `${name} ` : ''}row ${number}`

/** A header without what differs from table to table: case, width, units in brackets, spaces and marks. */
export const plainHeader = (header: string) =>
  header
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\(.*?\)/g, '')
    .replace(/[\s_\-*:/]/g, '')

export interface TableLimits {
  fileBytes: number
  unpackedBytes: number
  /** Rows × columns of one sheet. */
  cells: number
}

export const tableLimits: TableLimits = {
  fileBytes: 64 * 2 ** 20,
  unpackedBytes: 256 * 2 ** 20,
  cells: 4_000_000,
}

const XLSX_DAY = /T00:00:00\.000Z$/

/** The tables of a file, told apart by its content and name. @throws CollectError `too-large`, `parse-error` */
export async function readTables(
  bytes: Uint8Array,
  fileName: string,
  limits: TableLimits = tableLimits,
): Promise<Table[]> {
  if (bytes.length > limits.fileBytes) throw tooLarge(said('file-bytes', { bytes: bytes.length }))
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return readWorkbook(bytes, limits)
  if (bytes[0] === 0xd0 && bytes[1] === 0xcf) {
    throw unreadable('this is an old or protected Excel file; save it as .xlsx without a password')
  }
  const { text } = decode(bytes)
  const tables = /\.(jsonl|ndjson)$/i.test(fileName) ? readJsonLines(text) : [readCsv(text)]
  for (const table of tables) checkArea(table.rows.length, table.header.length, limits)
  return tables
}

async function readWorkbook(bytes: Uint8Array, limits: TableLimits): Promise<Table[]> {
  checkArchive(bytes, limits)
  const sheets = await readXlsxFile(Buffer.from(bytes)).catch((error: unknown) => {
    throw unreadable(`the workbook cannot be read: ${error instanceof Error ? error.message : error}`)
  })
  return sheets.map(({ sheet, data }) =>
    withHeader(
      sheet,
      data.map((row, at) => ({ number: at + 1, cells: row.map(cellText) })),
    ),
  )
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  // A cell without a time of day is a calendar day; one with it has no zone, so none is written.
  if (value instanceof Date) {
    return Number.isNaN(value.getTime())
      ? ''
      : value
          .toISOString()
          .replace(XLSX_DAY, '')
          .replace(/\.\d+Z$/, '')
  }
  return String(value).trim()
}

function readCsv(text: string): Table {
  try {
    const records: string[][] = parseCsv(text, {
      delimiter: delimiterOf(text),
      relaxColumnCount: true,
      relaxQuotes: true,
      skipEmptyLines: false,
      trim: true,
      bom: true,
      maxRecordSize: 4 * 2 ** 20,
    })
    return withHeader(
      '',
      records.map((cells, at) => ({ number: at + 1, cells })),
    )
  } catch (error) {
    if (error instanceof CsvError) throw unreadable(`the CSV file cannot be read: ${error.message}`)
    throw error
  }
}

/** Excel writes CSV with the list separator of the machine: the one that stands most often in the first line wins. */
function delimiterOf(text: string): string {
  const first = text.slice(0, 10_000).split(/\r?\n/, 1)[0] ?? ''
  const count = (mark: string) => first.split(mark).length
  return [',', ';', '\t'].reduce((best, mark) => (count(mark) > count(best) ? mark : best))
}

/** Lines with the same keys are one table, so that one file may hold several kinds of rows. */
function readJsonLines(text: string): Table[] {
  const tables = new Map<string, { header: string[]; rows: TableRow[] }>()
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    const entries = jsonEntries(line, at + 1)
    const header = entries.map(([key]) => key)
    const signature = JSON.stringify([...header].sort())
    const table = tables.get(signature) ?? { header, rows: [] }
    tables.set(signature, table)
    const values = new Map(entries)
    table.rows.push({ number: at + 1, cells: table.header.map((key) => jsonText(values.get(key))) })
  }
  return [...tables.values()].map((table) => ({ name: '', ...table }))
}

function jsonEntries(line: string, number: number): [string, unknown][] {
  try {
    const value: unknown = JSON.parse(line)
    if (value && typeof value === 'object' && !Array.isArray(value)) return Object.entries(value)
  } catch {
    // Told below, with the line.
  }
  throw unreadable(`line ${number} is not one JSON object`)
}

function jsonText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.map(jsonText).join('、')
  return typeof value === 'object' ? JSON.stringify(value) : String(value).trim()
}

/** The first row with any text is the header; rows without text are left out but keep their numbers. */
function withHeader(name: string, all: readonly TableRow[]): Table {
  const filled = all.filter((row) => row.cells.some((cell) => cell !== ''))
  return { name, header: filled[0]?.cells ?? [], rows: filled.slice(1) }
}

const END = 0x06054b50
const ENTRY = 0x02014b50
const LOCAL = 0x04034b50

/** Unpacks every entry under the limit and looks at the area each sheet claims, before the real reader may see it. */
function checkArchive(bytes: Uint8Array, limits: TableLimits): void {
  const archive = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let left = limits.unpackedBytes
  for (const entry of archiveEntries(archive)) {
    if (entry.method !== 0 && entry.method !== 8) throw unreadable('the workbook is packed in an unknown way')
    const packed = archive.subarray(entry.start, entry.end)
    const unpacked = entry.method === 0 ? packed : inflate(packed, left)
    left -= unpacked.length
    if (left < 0) throw tooLarge('the workbook unpacks to more than the limit')
    if (/worksheets\/.*\.xml$/.test(entry.name)) checkSheet(unpacked.toString('latin1'), limits)
  }
}

function inflate(packed: Buffer, limit: number): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, limit) })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw tooLarge('the workbook unpacks to more than the limit')
    }
    throw unreadable('the workbook is damaged')
  }
}

interface ArchiveEntry {
  name: string
  method: number
  start: number
  end: number
}

/** What the archive's directory lists; entries must lie end to end, so that a streaming reader meets no other. */
function archiveEntries(archive: Buffer): ArchiveEntry[] {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end < 0 || end + 22 > archive.length || archive.readUInt32LE(end) !== END)
    throw unreadable('the workbook is cut off')
  const count = archive.readUInt16LE(end + 10)
  const directory = archive.readUInt32LE(end + 16)
  const listed: { name: string; method: number; packed: number; local: number }[] = []
  for (let at = directory, n = 0; n < count; n++) {
    if (at + 46 > archive.length || archive.readUInt32LE(at) !== ENTRY)
      throw unreadable('the workbook is damaged')
    const nameLength = archive.readUInt16LE(at + 28)
    listed.push({
      name: archive.toString('utf8', at + 46, at + 46 + nameLength),
      method: archive.readUInt16LE(at + 10),
      packed: archive.readUInt32LE(at + 20),
      local: archive.readUInt32LE(at + 42),
    })
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32)
  }
  listed.sort((a, b) => a.local - b.local)
  let expected = 0
  const entries = listed.map(({ name, method, packed, local }) => {
    // 24 bytes may follow an entry (its sizes, when the writer streamed); a hidden entry needs 30.
    if (local < expected || local > expected + 24 || local + 30 > archive.length)
      throw unreadable('the workbook is damaged')
    if (archive.readUInt32LE(local) !== LOCAL) throw unreadable('the workbook is damaged')
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28)
    expected = start + packed
    if (expected > archive.length) throw unreadable('the workbook is damaged')
    return { name, method, start, end: expected }
  })
  if (directory < expected || directory > expected + 24) throw unreadable('the workbook is damaged')
  return entries
}

function checkSheet(xml: string, limits: TableLimits): void {
  let rows = 0
  let columns = 0
  let count = 0
  for (const match of xml.matchAll(/<(?:\w+:)?(row|c)\b(?:[^>]*?\br="([A-Z]*)(\d+)")?/g)) {
    if (match[1] === 'row') count += 1
    rows = Math.max(rows, Number(match[3] ?? 0))
    columns = Math.max(columns, columnNumber(match[2] ?? ''))
  }
  checkArea(Math.max(rows, count), columns, limits)
}

const columnNumber = (letters: string) =>
  [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0)

function checkArea(rows: number, columns: number, limits: TableLimits): void {
  if (rows * Math.max(1, columns) > limits.cells)
    throw tooLarge(`a sheet reaches over ${rows} rows × ${columns} columns`)
}

const tooLarge = (detail: string) => new CollectError('too-large', detail)
const unreadable = (detail: string) => new CollectError('parse-error', detail)
