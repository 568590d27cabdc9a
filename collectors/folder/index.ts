import { createHash } from 'node:crypto'
import { z } from 'zod'
import {
  type Capture,
  CollectError,
  type CollectTools,
  type ComplaintCapture,
  defineCollector,
  type FoundFile,
} from '../collector.ts'
import { forDocuments, mappingField, mappingOption, textsField, textsOption } from '../fields.ts'
import { type Content, maxFileBytes, readRows } from '../spreadsheet/read.ts'
import { type Mapping, parseMapping } from '../spreadsheet/rows.ts'

const readable = /\.(?:xlsx|csv|tsv|txt|jsonl|ndjson)$/i
/** A file touched just now may still be written. */
const settleMs = 2_000
const maxRemembered = 20_000

const Cursor = z.object({
  /** Path → size and time when it was read: an untouched file is not opened again. */
  files: z.record(z.string(), z.string()),
  /** Content that was read, wherever it lies now: a renamed or copied file is not read twice. */
  hashes: z.array(z.string()),
})

/** A drop folder: every new file is read once and left where it is. */
export const folder = defineCollector({
  kind: 'folder',
  label: { zh: '投放文件夹', en: 'Drop folder' },
  hasPublisher: forDocuments,
  fields: [
    {
      name: 'path',
      label: { zh: '文件夹', en: 'Folder' },
      kind: 'path',
      required: true,
      hint: {
        zh: '数据文件夹 inbox 中的文件夹；新放入的 XLSX、CSV、JSONL 各读一次',
        en: 'A folder in the inbox of the data folder; each new XLSX, CSV or JSONL is read once',
      },
      placeholder: 'media',
    },
    textsField,
    mappingField,
  ],
  options: z.object({
    path: z.string().min(1).max(1_000),
    content: textsOption,
    mapping: mappingOption,
  }),
  schedule: '* * * * *',
  async collect({ path, content, mapping }, tools) {
    const found = (await tools.files.list(path)).filter((file) => readable.test(file.path))
    const before = Cursor.safeParse(tools.cursor).data ?? { files: {}, hashes: [] }
    const known = new Set(before.hashes)
    const files: Record<string, string> = {}
    const fresh: FoundFile[] = []
    for (const file of found) {
      if (tools.now.getTime() - Date.parse(file.modifiedAt) < settleMs) continue
      const signature = `${file.bytes} ${file.modifiedAt}`
      if (before.files[file.path] !== signature) {
        const hash = createHash('sha256')
          .update(await tools.files.read(file.path, maxFileBytes))
          .digest('hex')
        if (!known.has(hash)) fresh.push(file)
        known.add(hash)
      }
      files[file.path] = signature
    }
    const cursor = { files, hashes: [...known].slice(-maxRemembered) }
    if (found.length === 0) return { outcome: 'empty', cursor }
    if (fresh.length === 0) return { outcome: 'not-modified', cursor }
    const reading = { fresh, content, mapping: parseMapping(mapping), tools }
    return content === 'documents'
      ? { outcome: 'ok', captures: rowsOf(reading, (read) => read.captures), cursor }
      : { outcome: 'ok', complaints: rowsOf(reading, (read) => read.complaints), cursor }
  },
})

interface Reading {
  fresh: readonly FoundFile[]
  content: Content
  mapping: Mapping
  tools: CollectTools
}

/** One file after the other; a broken one does not keep the others out, but fails the run, so that somebody looks. */
async function* rowsOf<T extends Capture | ComplaintCapture>(
  { fresh, content, mapping, tools }: Reading,
  rows: (read: Awaited<ReturnType<typeof readRows>>) => Iterable<T> | AsyncIterable<T> | undefined,
): AsyncGenerator<T> {
  let broken: CollectError | undefined
  for (const file of fresh) {
    const name = file.path.replace(/^.*[\\/]/, '')
    try {
      const bytes = await tools.files.read(file.path, maxFileBytes)
      yield* rows(await readRows({ bytes, name, content, mapping, now: tools.now })) ?? []
    } catch (error) {
      if (!(error instanceof CollectError)) throw error
      broken ??= error
    }
  }
  if (broken) throw broken
}
