// Rows of a table → captures. Columns are guessed from the words people put above them; a kept mapping goes first.
import type { Capture, ComplaintCapture } from '../collector.ts'
import { parseDate } from '../dates.ts'
import { placeOf, plainHeader as plain, type Table } from '../tables.ts'

const words = {
  externalId: ['id', '编号', 'guid', '文章编号', '信息编号'],
  title: ['标题', '题目', '主题', '新闻标题', '文章标题', 'title', 'headline', 'subject'],
  body: [
    '正文',
    '内容',
    '全文',
    '文章内容',
    '详情',
    '摘要',
    'body',
    'content',
    'text',
    'description',
    'summary',
  ],
  publishedAt: [
    '发布时间',
    '发布日期',
    '发表时间',
    '时间',
    '日期',
    'publishedat',
    'published',
    'pubdate',
    'time',
    'date',
    'createdat',
  ],
  url: ['链接', '原文链接', '网址', '文章链接', 'url', 'link', 'href'],
  author: ['作者', '记者', '发布人', '用户名', 'author'],
  publisherName: ['媒体', '媒体名称', '来源', '平台', '网站', '站点', 'publisher', 'media', 'source', 'site'],
  rank: ['排名', '热榜排名', 'rank'],
  likes: ['点赞', '点赞数', 'likes'],
  comments: ['评论', '评论数', 'comments'],
  shares: ['转发', '转发数', '分享数', 'shares', 'reposts'],
  views: ['阅读', '阅读数', '浏览量', '播放量', 'views', 'reads'],
} as const satisfies Record<string, readonly string[]>

export type DocumentField = keyof typeof words
const documentFields = Object.keys(words) as readonly DocumentField[]
const counters = ['rank', 'likes', 'comments', 'shares', 'views'] as const

/** Field → header of its column. */
export type Mapping = Readonly<Record<string, string>>

/** `title=主题,body=详情` as the form and the command line write it. */
export function parseMapping(text: string): Mapping {
  const pairs = text.split(/[,，\n]/).map((part) => part.split('='))
  return Object.fromEntries(
    pairs.flatMap(([field, ...header]) =>
      header.length > 0 ? [[field?.trim() ?? '', header.join('=').trim()]] : [],
    ),
  )
}

/** Column number of each field. Of two columns that fit, the one whose word stands first in the list is taken. */
export function documentColumns(
  header: readonly string[],
  chosen: Mapping = {},
): Partial<Record<DocumentField, number>> {
  const found: Partial<Record<DocumentField, number>> = {}
  const named = header.map(plain)
  for (const field of documentFields) {
    const wanted = chosen[field]
    const names: readonly string[] = wanted === undefined ? [plain(field), ...words[field]] : [plain(wanted)]
    const column = names.map((name) => named.indexOf(name)).find((at) => at >= 0)
    if (column !== undefined) found[field] = column
  }
  return found
}

/** True when the table holds texts: a title or a body. */
export const holdsDocuments = (columns: Partial<Record<DocumentField, number>>) =>
  columns.title !== undefined || columns.body !== undefined

export function* documentsOf(table: Table, mapping: Mapping, now: Date): Generator<Capture> {
  const columns = documentColumns(table.header, mapping)
  for (const { cells } of table.rows) {
    const cell = (field: DocumentField) => {
      const column = columns[field]
      return column === undefined ? undefined : cells[column]?.trim() || undefined
    }
    const body = cell('body') ?? ''
    const title = cell('title') ?? body.split('\n')[0]?.slice(0, 60) ?? ''
    if (title === '') continue
    const capture: Capture = { title, body: cell('title') === undefined || body !== title ? body : '' }
    for (const field of ['externalId', 'url', 'author', 'publisherName'] as const) {
      const value = cell(field)
      if (value !== undefined) capture[field] = value
    }
    const publishedAt = parseDate(cell('publishedAt'), { now })
    if (publishedAt !== undefined) capture.publishedAt = publishedAt
    const counted = counters.flatMap((name) => {
      const number = Number(cell(name)?.replace(/,/g, '') ?? Number.NaN)
      return Number.isFinite(number) ? [[name, number] as const] : []
    })
    if (counted.length > 0) capture.counters = Object.fromEntries(counted)
    capture.raw = rowOf(table.header, cells)
    yield capture
  }
}

/** Complaints keep their headers, because the ledger knows its own words; a kept mapping renames columns to its fields. */
export function* complaintsOf(table: Table, mapping: Mapping): Generator<ComplaintCapture> {
  const fieldOf = new Map(Object.entries(mapping).map(([field, header]) => [header, field]))
  for (const found of table.rows) {
    const row = rowOf(table.header, found.cells)
    const fields = Object.fromEntries(
      Object.entries(row).map(([header, value]) => [fieldOf.get(header) ?? header, value]),
    )
    yield { place: placeOf(table, found), fields, raw: row }
  }
}

const rowOf = (header: readonly string[], cells: readonly string[]): Record<string, string> =>
  Object.fromEntries(header.flatMap((name, at) => (name && cells[at] ? [[name, cells[at]] as const] : [])))
