// The tables of master data as a spreadsheet shows them. Import, comparison and export all read this one list, so that
// what is exported can be imported again and changes nothing.
import {
  type Cell,
  countCell,
  dayCell,
  degreeCell,
  hostsCell,
  namesCell,
  textCell,
  wordCell,
} from './cells.ts'
import { departmentKinds, milestoneKinds, stages, tiers, wordFor } from './words.ts'

export const tableNames = [
  'city-company',
  'department',
  'project',
  'phase',
  'milestone',
  'publisher',
] as const
export type TableName = (typeof tableNames)[number]

export interface Column {
  key: string
  zh: string
  en: string
  /** Other headers people use. */
  also?: readonly string[]
  required?: boolean
  read: (cell: string) => Cell
  /** The words of a closed list, for writing them back in the reader's language. */
  words?: readonly { value: string; zh: string; en: string }[]
}

export interface TableShape {
  name: TableName
  zh: string
  en: string
  columns: readonly Column[]
  /** The columns that tell this table from the others. */
  recognisedBy: readonly string[]
}

const projectRef: Column = {
  key: 'project',
  zh: '项目编码',
  en: 'project code',
  also: ['项目', '项目代码', 'project'],
  required: true,
  read: textCell(60),
}

const company = (required: boolean): Column => ({
  key: 'company',
  zh: '城市公司',
  en: 'city company',
  also: ['所属公司', '公司', 'company'],
  required,
  read: textCell(60),
})

export const shapes: readonly TableShape[] = [
  {
    name: 'city-company',
    zh: '城市公司',
    en: 'City companies',
    recognisedBy: ['code', 'name', 'city'],
    columns: [
      {
        key: 'code',
        zh: '公司编码',
        en: 'company code',
        also: ['公司代码'],
        required: true,
        read: textCell(30),
      },
      { key: 'name', zh: '公司名称', en: 'company name', also: [], required: true, read: textCell(60) },
      { key: 'city', zh: '所在城市', en: 'city', also: ['城市'], required: true, read: textCell(20) },
    ],
  },
  {
    name: 'department',
    zh: '部门',
    en: 'Departments',
    recognisedBy: ['name', 'kind'],
    columns: [
      company(false),
      {
        key: 'name',
        zh: '部门名称',
        en: 'department name',
        also: ['部门'],
        required: true,
        read: textCell(40),
      },
      {
        key: 'kind',
        zh: '部门类别',
        en: 'department kind',
        also: ['职能'],
        required: true,
        read: wordCell(departmentKinds, (text) => wordFor(departmentKinds, text)),
        words: departmentKinds,
      },
    ],
  },
  {
    name: 'project',
    zh: '项目',
    en: 'Projects',
    recognisedBy: ['name', 'company'],
    columns: [
      { ...projectRef, key: 'code', also: ['项目代码', '编码', 'code'], required: false },
      {
        key: 'name',
        zh: '项目名称',
        en: 'project name',
        also: ['楼盘名称', '楼盘', '案名', 'name'],
        required: true,
        read: textCell(60),
      },
      company(true),
      { key: 'city', zh: '城市', en: 'city', also: ['所在城市'], required: true, read: textCell(20) },
      { key: 'district', zh: '区县', en: 'district', also: ['区域', '行政区'], read: textCell(30) },
      { key: 'address', zh: '地址', en: 'address', also: ['项目地址'], read: textCell(120) },
      {
        key: 'longitude',
        zh: '经度',
        en: 'longitude',
        also: ['lng', 'lon'],
        read: degreeCell(73, 136, 3, 54),
      },
      { key: 'latitude', zh: '纬度', en: 'latitude', also: ['lat'], read: degreeCell(3, 54, 73, 136) },
      {
        key: 'stage',
        zh: '阶段',
        en: 'stage',
        also: ['项目阶段', '所处阶段'],
        required: true,
        read: wordCell(stages, (text) => wordFor(stages, text)),
        words: stages,
      },
      { key: 'households', zh: '户数', en: 'households', also: ['总户数'], read: countCell(100_000) },
      { key: 'aliases', zh: '别名', en: 'aliases', also: ['俗称', '简称'], read: namesCell(2) },
      {
        key: 'promotionNames',
        zh: '曾用推广名',
        en: 'promotion names',
        also: ['推广名', '曾用名'],
        read: namesCell(2),
      },
      { key: 'learntNames', zh: '学得的别名', en: 'learnt names', read: namesCell(2) },
    ],
  },
  {
    name: 'phase',
    zh: '分期',
    en: 'Phases',
    recognisedBy: ['project', 'name'],
    columns: [
      projectRef,
      {
        key: 'name',
        zh: '分期',
        en: 'phase',
        also: ['分期名称', '期数'],
        required: true,
        read: textCell(30),
      },
      { key: 'buildings', zh: '楼栋', en: 'buildings', also: ['楼号'], read: textCell(200) },
      { key: 'households', zh: '户数', en: 'households', read: countCell(100_000) },
      {
        key: 'deliveryOn',
        zh: '合同交付日',
        en: 'delivery day',
        also: ['交付日期', '交房日期'],
        read: dayCell,
      },
    ],
  },
  {
    name: 'milestone',
    zh: '节点',
    en: 'Milestones',
    recognisedBy: ['project', 'kind', 'plannedOn'],
    columns: [
      projectRef,
      { key: 'phase', zh: '分期', en: 'phase', also: ['分期名称', '期数'], read: textCell(30) },
      {
        key: 'kind',
        zh: '节点',
        en: 'milestone',
        also: ['节点名称', '里程碑'],
        required: true,
        read: wordCell(milestoneKinds, (text) => wordFor(milestoneKinds, text)),
        words: milestoneKinds,
      },
      { key: 'plannedOn', zh: '计划日期', en: 'planned day', also: ['计划'], required: true, read: dayCell },
      { key: 'actualOn', zh: '实际日期', en: 'actual day', also: ['实际', '完成日期'], read: dayCell },
      { key: 'note', zh: '备注', en: 'note', also: ['说明'], read: textCell(200) },
    ],
  },
  {
    name: 'publisher',
    zh: '发布者',
    en: 'Publishers',
    recognisedBy: ['name', 'tier'],
    columns: [
      {
        key: 'name',
        zh: '媒体名称',
        en: 'publisher',
        also: ['发布者', '媒体'],
        required: true,
        read: textCell(60),
      },
      { key: 'family', zh: '媒体家族', en: 'family', also: ['集团', '家族'], read: textCell(60) },
      {
        key: 'tier',
        zh: '媒体级别',
        en: 'media tier',
        also: ['级别', 'tier'],
        required: true,
        read: wordCell(tiers, (text) => wordFor(tiers, text)),
        words: tiers,
      },
      { key: 'hosts', zh: '域名', en: 'hosts', also: ['网站', '网址'], read: hostsCell },
    ],
  },
]

export function shapeOf(name: TableName): TableShape {
  const shape = shapes.find((each) => each.name === name)
  if (!shape) throw new Error(`no table ${name}`)
  return shape
}

/** Headers are compared without spaces, stars, brackets with units, case and width. */
const plainHeader = (text: string) =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\(.*?\)/g, '')
    .replace(/[\s*:_-]+/g, '')

export function columnFor(shape: TableShape, header: string): Column | undefined {
  const wanted = plainHeader(header)
  return shape.columns.find((column) =>
    [column.zh, column.en, column.key, ...(column.also ?? [])].some((way) => plainHeader(way) === wanted),
  )
}

/** Which table a header belongs to: the sheet's own name first, then the shape of which it fits the most columns. */
export function recognise(sheet: string, header: readonly string[]): TableShape | undefined {
  const fits = (shape: TableShape) => {
    const found = new Set(header.map((text) => columnFor(shape, text)?.key).filter(Boolean))
    return shape.recognisedBy.every((key) => found.has(key)) ? found.size : 0
  }
  const named = shapes.find((shape) => [shape.zh, shape.en, shape.name].includes(sheet.trim()))
  if (named && fits(named) > 0) return named
  return [...shapes].sort((a, b) => fits(b) - fits(a)).find((shape) => fits(shape) > 0)
}
