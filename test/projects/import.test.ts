import { describe, expect, test } from 'vitest'
import { checkTables, type SheetTable } from '../../server/projects/check.ts'
import { compare, type MasterData } from '../../server/projects/compare.ts'
import { defaultPublishers } from '../../server/projects/default-publishers.ts'
import { csvOf, exportSheet, exportSheets } from '../../server/projects/export-shape.ts'

const sheet = (name: string, header: string[], ...rows: string[][]): SheetTable => ({
  name,
  header,
  rows: rows.map((cells, at) => ({ number: at + 2, cells })),
})

const nothing: MasterData = {
  'city-company': new Map(),
  department: new Map(),
  project: new Map(),
  phase: new Map(),
  milestone: new Map(),
  publisher: new Map(),
}

const companies = sheet('城市公司', ['公司编码', '公司名称', '城市'], ['HZ', '澄岸杭州公司', '杭州'])
const header = ['项目编码', '项目名称', '城市公司', '城市', '阶段', '户数', '经度', '纬度', '别名']
const cells = [
  'HZ-01',
  '澄岸·云汀府',
  '澄岸杭州公司',
  '杭州',
  '在建',
  '1,280户',
  '120.15',
  '30.28',
  '云汀府、汀府花园',
]
const project = sheet('', header, cells)

/** What the store would hold after these sheets. */
function stored(tables: readonly SheetTable[]): MasterData {
  const { writes } = compare(checkTables(tables).rows, nothing)
  const of = (table: string) =>
    new Map(writes.filter((write) => write.table === table).map((write) => [write.key, write.values]))
  return {
    'city-company': of('city-company'),
    department: of('department'),
    project: of('project'),
    phase: of('phase'),
    milestone: of('milestone'),
    publisher: of('publisher'),
  }
}

const outcomes = (tables: readonly SheetTable[], data: MasterData) =>
  compare(checkTables(tables).rows, data).report.map(({ outcome }) => outcome)

describe('reading sheets', () => {
  test('every cell is read as people write it', () => {
    const { rows, mistakes } = checkTables([project])
    expect(mistakes).toEqual([])
    expect(rows[0]).toMatchObject({
      table: 'project',
      row: 2,
      mistakes: [],
      values: { stage: 'DE', households: 1280, longitude: 120.15, aliases: ['云汀府', '汀府花园'] },
    })
  })

  test('a mistake names row, column, value and cure, and does not hide the next', () => {
    const { rows } = checkTables([
      sheet(
        '节点',
        ['项目编码', '节点', '计划日期'],
        ['HZ-01', '交付', '2026-02-30'],
        ['HZ-01', '剪彩', '2026/9/1'],
        ['', '交付', '2026年9月1日'],
      ),
    ])
    expect(rows.map(({ row, mistakes }) => [row, mistakes[0]?.column, mistakes[0]?.value])).toEqual([
      [2, '计划日期', '2026-02-30'],
      [3, '节点', '剪彩'],
      [4, '项目编码', ''],
    ])
    expect(rows[1]?.mistakes[0]?.cure.zh).toContain('合同交付')
    expect(rows[2]?.values.plannedOn).toBe('2026-09-01')
  })

  test.each([
    ['经度', '30.28', '对调'],
    ['经度', '', '两个都填'],
    ['户数', '很多', '整数'],
    ['阶段', '装修', '销售前'],
    ['城市公司', '澄岸苏州公司', '先在「城市公司」表中加上'],
    ['别名', '云', '2 到 60 字'],
    ['项目编码', '', '编码'],
  ])('%s «%s» is refused with a cure', (column, value, cure) => {
    const row = cells.map((cell, at) => (header[at] === column ? value : cell))
    const { report } = compare(checkTables([companies, sheet('', header, row)]).rows, nothing)
    expect(report[1]?.outcome).toBe('error')
    expect(report[1]?.mistakes.map((mistake) => mistake.cure.zh).join()).toContain(cure)
  })

  test('the same key, and the same name in one company, twice in a file are refused', () => {
    const again = checkTables([sheet('', header, cells, cells, ['HZ-02', ...cells.slice(1)])])
    expect(again.rows.map(({ mistakes }) => mistakes[0]?.problem.zh)).toEqual([
      undefined,
      '与第 2 行重复',
      '与第 2 行重复',
    ])
  })

  test('a missing column, an unknown sheet and an unread column are told; a map renames headers', () => {
    const checked = checkTables([
      sheet('项目', ['楼盘名称', '城市公司', '开发商'], ['甲', '乙', '丙']),
      sheet('杂项', ['一', '二'], ['1', '2']),
    ])
    expect(checked.mistakes.map(({ column }) => column)).toEqual(['城市', '阶段', undefined])
    expect(checked.ignored).toEqual([{ sheet: '项目', column: '开发商' }])
    const theirs = sheet('', ['案号', '案名称呼', '区域公司', '市', '期'], ['A', 'B名', 'C', 'D', '在建'])
    const map = { 案号: '项目编码', 案名称呼: '项目名称', 区域公司: '城市公司', 市: '城市', 期: '阶段' }
    expect(checkTables([theirs], map).rows[0]?.values).toMatchObject({ code: 'A', name: 'B名', stage: 'DE' })
  })
})

describe('comparing with what is stored', () => {
  const full = [
    companies,
    project,
    sheet('分期', ['项目编码', '分期', '合同交付日'], ['HZ-01', '一期', '2026-12-31']),
    sheet('节点', ['项目', '分期', '节点', '计划日期'], ['澄岸·云汀府', '一期', '交房', '2026-12-31']),
    sheet(
      '部门',
      ['城市公司', '部门名称', '部门类别'],
      ['HZ', '客户关系部', '客服'],
      ['', '集团法务', '法务'],
    ),
    sheet(
      '发布者',
      ['媒体名称', '媒体家族', '媒体级别', '域名'],
      ['岸线网', '', '地方媒体', 'news.anxian.example'],
    ),
  ]

  test('a new file adds every row, in whatever order its sheets stand', () => {
    expect(outcomes([...full].reverse(), nothing)).toEqual(Array(7).fill('added'))
  })

  test('what is exported and imported again changes nothing, in both languages', () => {
    const data = stored(full)
    for (const language of ['zh', 'en'] as const) {
      const sheets = exportSheets(data, language).map(({ name, header: columns, rows }) =>
        sheet(name, [...columns], ...rows.map((row) => row.map((cell) => String(cell ?? '')))),
      )
      expect(outcomes(sheets, data)).toEqual(Array(7).fill('unchanged'))
    }
  })

  test('a column left out changes nothing, an empty cell clears, a change is told with both values', () => {
    const part = sheet(
      '',
      ['项目编码', '项目名称', '城市公司', '城市', '阶段', '别名'],
      ['HZ-01', '澄岸·云汀府', 'HZ', '杭州', '交付后', ''],
    )
    const { report, writes } = compare(checkTables([part]).rows, stored(full))
    expect(report[0]?.changes.map(({ column, from, to }) => [column.zh, from.zh, to.zh])).toEqual([
      ['阶段', '交付前', '交付后'],
      ['别名', '云汀府、汀府花园', ''],
    ])
    expect(writes[0]?.values).toMatchObject({ households: 1280, stage: 'PO', aliases: [] })
  })

  test('a family changes its tier when all its members say so, and not by one of them', () => {
    const columns = ['媒体名称', '媒体家族', '媒体级别']
    const members = (tier: string) => [
      ['甲报', '甲社', tier],
      ['甲网', '甲社', tier],
    ]
    const data = stored([sheet('', columns, ...members('省级媒体'))])
    expect(outcomes([sheet('', columns, ...members('中央媒体'))], data)).toEqual(['changed', 'changed'])
    expect(outcomes([sheet('', columns, ['甲报', '甲社', '中央媒体'])], data)).toEqual(['error'])
  })

  test('CSV carries no cell that a spreadsheet would run', () => {
    const data = stored([companies, sheet('', header, ['HZ-01', '=云,汀"府', ...cells.slice(2)])])
    const csv = csvOf(exportSheet(data, 'project', 'zh'))
    expect(csv.startsWith('\ufeff项目编码,')).toBe(true)
    expect(csv).toContain(`"'=云,汀""府"`)
    expect(
      checkTables([sheet('', header, ['HZ-01', `'=云,汀"府`, ...cells.slice(2)])]).rows[0]?.values.name,
    ).toBe('=云,汀"府')
  })

  test('the shipped publishers have one name each and one tier a family', () => {
    const names = defaultPublishers.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    const tiers = new Map(defaultPublishers.map(({ family, tier }) => [family, tier]))
    expect(defaultPublishers.filter(({ family, tier }) => tiers.get(family) !== tier)).toEqual([])
  })
})
