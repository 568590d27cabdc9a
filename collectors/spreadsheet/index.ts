import { createHash } from 'node:crypto'
import { z } from 'zod'
import { defineCollector } from '../collector.ts'
import { forDocuments, mappingField, mappingOption, textsField, textsOption } from '../fields.ts'
import { maxFileBytes, readRows } from './read.ts'
import { parseMapping } from './rows.ts'

/** A file that somebody else keeps writing: read again when its content changed. */
export const spreadsheet = defineCollector({
  kind: 'spreadsheet',
  label: { zh: '表格文件', en: 'Spreadsheet' },
  hasPublisher: forDocuments,
  fields: [
    {
      name: 'path',
      label: { zh: '文件', en: 'File' },
      kind: 'path',
      required: true,
      hint: {
        zh: 'XLSX、CSV 或 JSONL，放在数据文件夹的 inbox 中',
        en: 'XLSX, CSV or JSONL in the inbox of the data folder',
      },
      placeholder: 'ledger.xlsx',
    },
    textsField,
    mappingField,
  ],
  options: z.object({
    path: z.string().min(1).max(1_000),
    content: textsOption,
    mapping: mappingOption,
  }),
  schedule: '*/30 * * * *',
  async collect({ path, content, mapping }, tools) {
    const bytes = await tools.files.read(path, maxFileBytes)
    const cursor = createHash('sha256').update(bytes).update(mapping).digest('hex')
    if (cursor === tools.cursor) return { outcome: 'not-modified' }
    const name = path.replace(/^.*[\\/]/, '')
    return {
      ...(await readRows({ bytes, name, content, mapping: parseMapping(mapping), now: tools.now })),
      cursor,
    }
  },
})
