import { mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import writeXlsxFile from 'write-excel-file/node'
import type { AnyCollector } from '../../collectors/collector.ts'
import { createFiles } from '../../collectors/files.ts'
import { folder } from '../../collectors/folder/index.ts'
import { spreadsheet } from '../../collectors/spreadsheet/index.ts'
import { documentColumns } from '../../collectors/spreadsheet/rows.ts'
import { collectTools } from '../support/collect-tools.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'weiyu-files-'))
})
afterEach(() => rm(root, { recursive: true }))

const now = new Date('2026-03-06T00:00:00Z')
const settled = new Date('2026-03-05T23:00:00Z')
const put = async (name: string, content: string | Uint8Array) => {
  await writeFile(join(root, name), content)
  await utimes(join(root, name), settled, settled)
}

/** Runs a collector and reads its streams to the end, as the job does. */
async function run(collector: AnyCollector, options: object, cursor?: unknown) {
  const tools = collectTools({ cursor, now, files: createFiles([root]) })
  const result = await collector.collect(options, tools)
  const captures: unknown[] = []
  const complaints: unknown[] = []
  const detail = 'detail' in result ? result.detail : undefined
  const position = 'cursor' in result ? result.cursor : undefined
  if (result.outcome !== 'ok')
    return { outcome: result.outcome, detail, cursor: position, captures, complaints }
  const broken = await (async () => {
    for await (const capture of result.captures ?? []) captures.push(capture)
    for await (const complaint of result.complaints ?? []) complaints.push(complaint)
  })().catch((error: unknown) => error)
  return { outcome: result.outcome, detail, cursor: position, captures, complaints, broken }
}

// «标题,正文» and one row in GBK, as Excel for China writes CSV.
const gbkCsv = Buffer.from('b1eacce22cd5fdcec40d0ad4c6bafecde5c9f8cbae2cc7bdc3e6c9f8cbae0d0a', 'hex')

test('a workbook gives documents with their time in China, publisher, counters and row as found', async () => {
  const file = await writeXlsxFile([
    [{ value: '新闻标题' }, { value: '发布时间' }, { value: '媒体' }, { value: '链接' }, { value: '评论数' }],
    [
      { value: '云湖湾渗水' },
      { value: new Date('2026-03-05T14:05:00Z'), type: Date, format: 'yyyy-mm-dd hh:mm' },
      { value: '云湖晚报' },
      { value: 'https://news.example/1' },
      { value: 12 },
    ],
  ]).toBuffer()
  await put('新闻.xlsx', file)
  const { captures } = await run(spreadsheet, { path: '新闻.xlsx', content: 'documents' })
  expect(captures).toMatchObject([
    {
      title: '云湖湾渗水',
      body: '',
      publishedAt: '2026-03-05T06:05:00.000Z',
      publisherName: '云湖晚报',
      url: 'https://news.example/1',
      counters: { comments: 12 },
      raw: { 媒体: '云湖晚报' },
    },
  ])
})

test('CSV in GBK, with semicolons or tabs, and JSON Lines', async () => {
  await put('a.csv', gbkCsv)
  await put('b.csv', '标题;时间\n停工;2026年3月5日 14:05\n')
  await put('c.tsv', '标题\t来源\n停工\t论坛\n')
  await put('d.jsonl', '{"id":"7","title":"停工","date":null}\n{"id":"8","text":"只有正文"}\n')
  const read = async (path: string) => (await run(spreadsheet, { path, content: 'documents' })).captures
  expect(await read('a.csv')).toMatchObject([{ title: '云湖湾渗水', body: '墙面渗水' }])
  expect(await read('b.csv')).toMatchObject([{ title: '停工', publishedAt: '2026-03-05T06:05:00.000Z' }])
  expect(await read('c.tsv')).toMatchObject([{ title: '停工', publisherName: '论坛' }])
  expect(await read('d.jsonl')).toMatchObject([
    { externalId: '7', title: '停工' },
    { externalId: '8', title: '只有正文' },
  ])
})

test('columns are guessed by the words people use, and a kept mapping goes first', () => {
  expect(documentColumns(['序号', '发布时间', '正文', '标题（必填）'])).toEqual({
    publishedAt: 1,
    body: 2,
    title: 3,
  })
  expect(documentColumns(['标题', '副题'], { title: '副题' })).toEqual({ title: 1 })
})

test('complaints keep their headers and their place; a mapping renames columns', async () => {
  await put('台账.csv', '投诉主题,联系电话,所属楼盘\n渗水,13900000000,云湖湾\n')
  const { complaints } = await run(spreadsheet, {
    path: '台账.csv',
    content: 'complaints',
    mapping: 'project=所属楼盘',
  })
  expect(complaints).toMatchObject([
    { place: 'row 2', fields: { 投诉主题: '渗水', 联系电话: '13900000000', project: '云湖湾' } },
  ])
})

test('an unchanged file is not read again; without a text column it says which columns there are', async () => {
  await put('a.csv', '标题\n停工\n')
  const options = { path: 'a.csv', content: 'documents' }
  const first = await run(spreadsheet, options)
  expect((await run(spreadsheet, options, first.cursor)).outcome).toBe('not-modified')
  await put('b.csv', '甲,乙\n1,2\n')
  expect(await run(spreadsheet, { ...options, path: 'b.csv' })).toMatchObject({
    outcome: 'parse-error',
    detail: expect.stringContaining('甲, 乙'),
  })
  expect(await run(spreadsheet, { ...options, path: 'none.csv' })).toMatchObject({ outcome: 'unreachable' })
})

test('no path and no link leads out of the opened folders', async () => {
  await symlink('/etc/hostname', join(root, 'link.csv'))
  for (const path of ['/etc/hostname', '../../../etc/hostname', 'link.csv']) {
    expect(await run(spreadsheet, { path, content: 'documents' })).toMatchObject({
      outcome: expect.stringMatching(/refused|unreachable/),
    })
  }
  expect(await run(spreadsheet, { path: 'link.csv', content: 'documents' })).toMatchObject({
    outcome: 'refused',
  })
})

test('a drop folder reads each content once: new, renamed and copied files, half-written ones later', async () => {
  await mkdir(join(root, 'in'))
  const options = { path: 'in', content: 'documents' }
  expect((await run(folder, options)).outcome).toBe('empty')
  await put('in/a.csv', '标题\n停工\n')
  await put('in/notes.docx', 'no table')
  const first = await run(folder, options)
  expect(first.captures).toMatchObject([{ title: '停工' }])
  expect((await run(folder, options, first.cursor)).outcome).toBe('not-modified')
  await rename(join(root, 'in/a.csv'), join(root, 'in/b.csv'))
  await put('in/copy.csv', '标题\n停工\n')
  const second = await run(folder, options, first.cursor)
  expect(second.outcome).toBe('not-modified')
  await put('in/c.csv', '标题\n复工\n')
  await writeFile(join(root, 'in/busy.csv'), '标题\n未写完\n')
  await utimes(join(root, 'in/busy.csv'), now, now)
  const third = await run(folder, options, second.cursor)
  expect(third.captures).toMatchObject([{ title: '复工' }])
  await put('in/busy.csv', '标题\n写完了\n')
  expect((await run(folder, options, third.cursor)).captures).toMatchObject([{ title: '写完了' }])
})

test('a broken file does not keep the others out, but fails the run', async () => {
  await mkdir(join(root, 'in'))
  await put('in/a.jsonl', 'no json')
  await put('in/b.csv', '标题\n停工\n')
  const result = await run(folder, { path: 'in', content: 'documents' })
  expect(result.captures).toMatchObject([{ title: '停工' }])
  expect(result).toMatchObject({
    broken: { outcome: 'parse-error', message: expect.stringContaining('a.jsonl') },
  })
})
