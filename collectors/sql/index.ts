import { z } from 'zod'
import { type Capture, CollectError, defineCollector } from '../collector.ts'
import { hostField, openWays } from '../connection.ts'
import { said } from '../details.ts'
import { contentField, contentOption, forDocuments, mappingField, mappingOption } from '../fields.ts'
import { readingsIn } from '../readings/rows.ts'
import {
  complaintsOf,
  documentColumns,
  documentsOf,
  holdsDocuments,
  parseMapping,
} from '../spreadsheet/rows.ts'
import type { Table } from '../tables.ts'
import { type Position, tablesOf } from './read.ts'

const name = (label: string) => z.string().trim().min(1, `${label} is missing`).max(200)

/** Rows of a system of the house (CRM, hotline, sales) that keeps them in PostgreSQL; nothing is written there. */
export const sql = defineCollector({
  kind: 'sql',
  label: { zh: '业务数据库（PostgreSQL）', en: 'Database (PostgreSQL)' },
  hasPublisher: forDocuments,
  fields: [
    hostField,
    { name: 'port', label: { zh: '端口', en: 'Port' }, kind: 'number', placeholder: '5432' },
    {
      name: 'tls',
      label: { zh: '加密', en: 'Encryption' },
      kind: 'select',
      required: true,
      choices: [
        { value: 'checked', label: { zh: 'TLS，核对证书', en: 'TLS, certificate checked' } },
        ...openWays,
      ],
    },
    { name: 'database', label: { zh: '数据库', en: 'Database' }, kind: 'text', required: true },
    {
      name: 'user',
      label: { zh: '账号', en: 'User' },
      kind: 'text',
      required: true,
      hint: {
        zh: '请用只能读这些表的账号；读取本身也强制只读',
        en: 'One that may only read these tables; the session is read-only in any case',
      },
    },
    {
      name: 'password',
      label: { zh: '密码', en: 'Password' },
      kind: 'secret',
      required: true,
      sentTo: ['host', 'port', 'tls', 'user'],
    },
    {
      name: 'query',
      label: { zh: '表或查询', en: 'Table or query' },
      kind: 'lines',
      required: true,
      hint: {
        zh: '表名（crm.complaint）或一条 SELECT；列名即表头',
        en: 'A table (crm.complaint) or one SELECT; its columns are the headers',
      },
      placeholder: 'crm.complaint',
    },
    {
      name: 'idColumn',
      label: { zh: '主键列', en: 'Id column' },
      kind: 'text',
      required: true,
      hint: { zh: '每行唯一且不变', en: 'Unique and unchanging in every row' },
      placeholder: 'id',
    },
    {
      name: 'cursorColumn',
      label: { zh: '进度列', en: 'Progress column' },
      kind: 'text',
      required: true,
      hint: {
        zh: '随新增（和修改）变大的时间或数字列，最好有索引；下次从上次的值继续',
        en: 'A time or number that grows with new (and changed) rows, best with an index; the next run goes on from it',
      },
      placeholder: 'updated_at',
    },
    contentField,
    mappingField,
  ],
  options: z.object({
    host: name('the server'),
    port: z.int().min(1).max(65_535).default(5432),
    tls: z.enum(['checked', 'unchecked', 'none']),
    database: name('the database'),
    user: name('the user'),
    password: z.string().min(1).max(1_000),
    query: z.string().trim().min(1).max(10_000),
    idColumn: name('the id column'),
    cursorColumn: name('the progress column'),
    content: contentOption,
    mapping: mappingOption,
  }),
  schedule: '*/10 * * * *',
  async collect(options, tools) {
    // Moved on while rows are read; the run keeps it once all of them are stored.
    const cursor: Position = {}
    const tables = tablesOf(options, tools, cursor)
    const mapping = { externalId: options.idColumn, ...parseMapping(options.mapping) }
    switch (options.content) {
      case 'documents':
        return { outcome: 'ok', captures: each(tables, documents), cursor }
      case 'complaints':
        return { outcome: 'ok', complaints: each(tables, (table) => complaintsOf(table, mapping)), cursor }
      case 'readings': {
        const { readings, leftOut } = readingsIn(tables, { mapping })
        return {
          outcome: 'ok',
          readings,
          cursor,
          get detail() {
            return leftOut()
          },
        }
      }
    }

    function documents(table: Table): Iterable<Capture> {
      if (!holdsDocuments(documentColumns(table.header, mapping)))
        throw new CollectError(
          'parse-error',
          said('no-title-column-named', { columns: table.header.slice(0, 20).join(', ') }),
        )
      return documentsOf(table, mapping, tools.now)
    }
  },
})

async function* each<T>(
  tables: AsyncIterable<Table>,
  rows: (table: Table) => Iterable<T>,
): AsyncGenerator<T> {
  for await (const table of tables) yield* rows(table)
}
