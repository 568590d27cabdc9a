import { describe, expect, test } from 'vitest'
import type { CollectResult, ReadingCapture } from '../../../collectors/collector.ts'
import { collectorOf } from '../../../collectors/index.ts'
import { numberIn } from '../../../collectors/readings/rows.ts'
import { collectTools } from '../../support/collect-tools.ts'

const readings = collectorOf('readings')!
const file = (text: string, options: object = {}, cursor?: unknown) =>
  readings.collect(
    { path: 'readings.csv', ...options },
    collectTools({
      cursor,
      files: { list: async () => [], read: async () => new TextEncoder().encode(text) },
    }),
  )
const api = (body: string, options: object = {}) =>
  readings.collect(
    { url: 'https://bi.example/rows', ...options },
    collectTools({
      fetch: async (url) => ({
        status: 200,
        url,
        headers: {},
        bytes: new TextEncoder().encode(body),
        notModified: false,
      }),
    }),
  )
async function rows(run: CollectResult): Promise<ReadingCapture[]> {
  if (run.outcome !== 'ok') throw new Error('detail' in run ? run.detail : run.outcome)
  const found: ReadingCapture[] = []
  for await (const one of run.readings ?? []) found.push(one)
  return found
}

describe('tables', () => {
  test('long: a row a number, with plan and unit', async () => {
    const found = await rows(
      await file(
        '项目,指标,日期,实际,计划,单位\n云境花园,工程进度,2026-03-01,62,70,%\n云境花园,成交均价,2026年3月,"18,600",,元/㎡\n',
      ),
    )
    expect(found).toEqual([
      {
        place: 'row 2',
        project: '云境花园',
        metric: 'progress',
        value: 62,
        planned: 70,
        unit: '%',
        at: '2026-02-28T16:00:00.000Z',
      },
      {
        place: 'row 3',
        project: '云境花园',
        metric: 'price',
        value: 18600,
        unit: '元/㎡',
        at: '2026-03-30T16:00:00.000Z',
      },
    ])
  })

  test('wide: a column a number, its unit in the header, its plan beside it; empty cells are no numbers', async () => {
    const found = await rows(
      await file(
        '楼盘名称,统计日期,签约套数(套),计划签约套数,成交均价(元/㎡)\n云境花园,2026-03-01,12,30,18600\n湖畔里,2026-03-01,,,\n',
      ),
    )
    expect(found).toMatchObject([
      { project: '云境花园', metric: 'sales', value: 12, planned: 30, unit: '套' },
      { project: '云境花园', metric: 'price', value: 18600, unit: '元/㎡' },
    ])
  })

  test('a mapping goes before the words, and a file of one project and metric needs no columns for them', async () => {
    const found = await rows(
      await file('Site,Day,Signed,Goal\nP1,2026-03-01,5,9\n', {
        mapping: 'project=Site,at=Day,sales=Signed,sales_planned=Goal',
      }),
    )
    expect(found).toMatchObject([{ project: 'P1', metric: 'sales', value: 5, planned: 9 }])
    expect(
      await rows(
        await file('日期,数值\n2026-03-01,5\n', { project: '云境花园', metric: 'sales', unit: '套' }),
      ),
    ).toMatchObject([{ project: '云境花园', metric: 'sales', value: 5, unit: '套' }])
  })

  test('a row that is none is left out, with its place and what to write; the others are given', async () => {
    const run = await file(
      '项目,指标,日期,数值\n甲,湿度,2026-03-01,5\n甲,销售,2026-03-01,很多\n甲,销售,2026-13-01,3\n,销售,2026-03-01,3\n甲,销售,2026-03-01,8\n',
    )
    expect(await rows(run)).toMatchObject([{ place: 'row 6', value: 8 }])
    expect(run.outcome === 'ok' && run.detail).toBe(
      '4 of 5 rows could not be read: row 2: «湿度» is no metric; there are sales, progress, quality, price, visits, complaints; ' +
        'row 3: «很多» is no number; write 1,234.5 or 80%; ' +
        'row 4: «2026-13-01» is no day; write 2026-03-31, or 2026-03 for the month',
    )
  })

  test('rows of which not one can be read fail the run', async () => {
    await expect(file('项目,日期,签约套数\n甲,2026-03-01,很多\n,2026-03-01,5\n').then(rows)).rejects.toThrow(
      'readings.csv: 2 of 2 rows could not be read: row 2: «很多» is no number; write 1,234.5 or 80%; row 3: it names no project',
    )
  })

  test.each([
    ['月度来访人次', 'visits'],
    ['质量投诉件数', 'complaints'],
    ['外立面形象进度', 'progress'],
    ['备案价', 'price'],
    ['去化率', undefined],
    ['客户评价', undefined],
  ])('a metric called %s is %s', async (name, metric) => {
    const run = await file(`项目,指标,日期,数值\n甲,${name},2026-03-01,5\n甲,销售,2026-03-01,8\n`)
    expect((await rows(run)).map((one) => one.metric)).toEqual(metric ? [metric, 'sales'] : ['sales'])
  })

  test('a table without the columns says which are missing, with the name of the file', async () => {
    await expect(file('甲,乙\n1,2\n').then(rows)).rejects.toThrow(
      'readings.csv: no column for project (项目), at (日期), value (数值) among 甲, 乙; name it under Columns, such as project=…',
    )
  })

  test('the same content again is not read, another mapping is', async () => {
    const run = await file('项目,指标,日期,数值\n甲,销售,2026-03-01,5\n')
    const cursor = run.outcome === 'ok' ? run.cursor : undefined
    expect(await file('项目,指标,日期,数值\n甲,销售,2026-03-01,5\n', {}, cursor)).toEqual({
      outcome: 'not-modified',
    })
    expect(await file('项目,指标,日期,数值\n甲,销售,2026-03-01,5\n', { unit: '套' }, cursor)).toMatchObject({
      outcome: 'ok',
    })
  })
})

describe('interfaces', () => {
  test('a list anywhere in the JSON, deeper values by their path', async () => {
    const body = JSON.stringify({
      code: 0,
      data: { rows: [{ site: { name: '云境花园' }, day: '2026-03-01', actual: 62, target: 70 }] },
    })
    const options = { metric: 'progress', mapping: 'project=site.name,at=day,value=actual,planned=target' }
    const expected = [{ project: '云境花园', metric: 'progress', value: 62, planned: 70 }]
    expect(await rows(await api(body, options))).toMatchObject(expected)
    expect(await rows(await api(body, { ...options, items: 'data.rows' }))).toMatchObject(expected)
    expect(await api(body, { ...options, items: 'data.none' })).toMatchObject({
      outcome: 'parse-error',
      detail: 'rows: no list at «data.none» in the answer',
    })
  })

  test('a page is blocked, broken JSON is told', async () => {
    expect(await api('<!doctype html><html></html>')).toMatchObject({ outcome: 'blocked' })
    expect(await api('{"rows":')).toMatchObject({ outcome: 'parse-error' })
  })

  test('a source names a file or an address, not both and not neither', () => {
    expect(readings.options.safeParse({}).success).toBe(false)
    expect(readings.options.safeParse({ path: 'a.csv', url: 'https://x.example/' }).success).toBe(false)
  })
})

test.each([
  ['12,480.5', 12480.5],
  ['86%', 86],
  ['1.2万', 12_000],
  ['1.2万元', 1.2],
  ['３５', 35],
  ['1 234', 1234],
  ['.5', 0.5],
  ['-4', -4],
  ['3-5', undefined],
  ['12.3.4', undefined],
  ['约20', undefined],
  ['', undefined],
])('%s is %s', (written, number) => {
  expect(numberIn(written)).toBe(number)
})
