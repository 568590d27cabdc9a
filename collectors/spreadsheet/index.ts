import { createHash } from 'node:crypto'
import { z } from 'zod'
import { defineCollector, failed } from '../collector.ts'
import type { Field } from '../fields.ts'
import { maxFileBytes, readRows } from './read.ts'
import { parseMapping } from './rows.ts'

export const contentField: Field = {
  name: 'content',
  label: { zh: '内容', en: 'Content' },
  kind: 'select',
  required: true,
  choices: [
    { value: 'documents', label: { zh: '舆情原文', en: 'Documents' } },
    { value: 'complaints', label: { zh: '投诉', en: 'Complaints' } },
  ],
}
export const mappingField: Field = {
  name: 'mapping',
  label: { zh: '列对应', en: 'Columns' },
  kind: 'mapping',
  hint: {
    zh: '不填则按表头自动识别；格式：title=主题,body=详情',
    en: 'Guessed from the headers when empty; title=Subject,body=Details',
  },
}
export const rowOptions = {
  content: z.enum(['documents', 'complaints']),
  mapping: z.string().max(4_000).default(''),
}

/** A file that somebody else keeps writing: read again when its content changed. */
export const spreadsheet = defineCollector({
  kind: 'spreadsheet',
  label: { zh: '表格文件', en: 'Spreadsheet' },
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
    contentField,
    mappingField,
  ],
  options: z.object({ path: z.string().min(1).max(1_000), ...rowOptions }),
  schedule: '*/30 * * * *',
  async collect({ path, content, mapping }, tools) {
    try {
      const bytes = await tools.files.read(path, maxFileBytes)
      const cursor = createHash('sha256').update(bytes).update(mapping).digest('hex')
      if (cursor === tools.cursor) return { outcome: 'not-modified' }
      const name = path.replace(/^.*[\\/]/, '')
      return {
        ...(await readRows({ bytes, name, content, mapping: parseMapping(mapping), now: tools.now })),
        cursor,
      }
    } catch (error) {
      return failed(error)
    }
  },
})
