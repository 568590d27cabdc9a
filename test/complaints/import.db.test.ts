import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { ComplaintCapture } from '../../collectors/collector.ts'
import { runImportComplaints } from '../../server/cli/import-complaints.ts'
import { type ImportReport, type ImportServices, importComplaints } from '../../server/complaints/job.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { notedJobs } from '../support/services.ts'
import { seedLedger, vault } from './ledger.ts'

const database = await testDatabase()
const { db } = database
const services: ImportServices & { jobs: ReturnType<typeof notedJobs> } = {
  db,
  vault,
  jobs: notedJobs(database),
  now: () => new Date('2026-05-20T02:00:00Z'),
}
let places: Awaited<ReturnType<typeof seedLedger>>
beforeEach(async () => {
  await emptyTables(db)
  places = await seedLedger(db)
  services.jobs.woken.length = 0
})

const rows = (count: number, more: Record<string, string> = {}): ComplaintCapture[] =>
  Array.from({ length: count }, (_, at) => ({
    place: `row ${at + 2}`,
    fields: {
      工单编号: `T-${at}`,
      标题: `第${at}件 外墙渗水`,
      内容: `客厅渗水第${at}次`,
      受理时间: '2026-05-18 09:30',
      投诉人: '王小明',
      联系电话: `138${String(at).padStart(8, '0')}`,
      项目: '云境花园',
      ...more,
    },
  }))
const ledger = () =>
  db
    .selectFrom('complaint')
    .select([
      'number',
      'title',
      'cityCompanyId',
      'projectId',
      'receivedAt',
      'externalIdentity',
      'class',
      'state',
      'grade',
    ])
    .orderBy('id')
    .execute()

describe('importing complaints', () => {
  test('a second import adds nothing', async () => {
    expect(await importComplaints(services, rows(5))).toMatchObject({
      rows: 5,
      added: 5,
      unchanged: 0,
      refused: 0,
    })
    const before = await ledger()
    expect(services.jobs.woken).toEqual(['analysis'])
    expect(await importComplaints(services, rows(5))).toMatchObject({ rows: 5, added: 0, unchanged: 5 })
    expect(await ledger()).toEqual(before)
    expect(before.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5].map((n) => `JZ-202605-000${n}`))
  })

  test('killed between two batches and started again: the same rows and numbers as without', async () => {
    const whole = rows(2_300)
    await importComplaints(services, whole)
    const undisturbed = await ledger()
    await emptyTables(db)
    await seedLedger(db)
    const killed = new Error('killed')
    const dying = importComplaints(services, whole, {
      progress: (done) => {
        if (done === 1_000) throw killed
      },
    })
    await expect(dying).rejects.toThrow(killed)
    expect(await ledger()).toHaveLength(1_000)
    expect(await importComplaints(services, whole)).toMatchObject({ added: 1_300, unchanged: 1_000 })
    expect(await ledger()).toEqual(undisturbed)
  })

  test('two imports of the same file at once store it once', async () => {
    const [one, other] = await Promise.all([
      importComplaints(services, rows(50)),
      importComplaints(services, rows(50)),
    ])
    expect(one.added + other.added).toBe(50)
    expect(await ledger()).toHaveLength(50)
  })

  test('a row without a number of its own is known by its text, time and complainant', async () => {
    const unnumbered = rows(3).map(({ place, fields: { 工单编号: _id, ...fields } }) => ({ place, fields }))
    expect(await importComplaints(services, [...unnumbered, ...unnumbered])).toMatchObject({
      added: 3,
      unchanged: 3,
    })
    expect(await importComplaints(services, unnumbered)).toMatchObject({ added: 0, unchanged: 3 })
  })

  test('a known number with another text is told and left alone', async () => {
    await importComplaints(services, rows(2))
    expect(await importComplaints(services, rows(2, { 内容: '另一件事' }))).toMatchObject({
      added: 0,
      differing: ['row 2', 'row 3'],
    })
  })

  test('numbers of two sources do not meet', async () => {
    const [source] = await db
      .insertInto('source')
      .values({ kind: 'spreadsheet', name: '热线台账', options: '{}', schedule: '0 * * * *' })
      .returning('id')
      .execute()
    await importComplaints(services, rows(2))
    expect(await importComplaints(services, rows(2), { sourceId: source!.id })).toMatchObject({ added: 2 })
  })

  test('one wrong row keeps all out; with «partial» the good ones go in', async () => {
    const file = [
      ...rows(2),
      { place: 'row 9', fields: { 标题: '没有时间', 受理时间: '昨天下午 13812345678' } },
    ]
    const report = await importComplaints(services, file)
    expect(report).toMatchObject({ rows: 3, added: 0, refused: 1 })
    expect(report.problems).toEqual([
      { place: 'row 9', field: 'receivedAt', code: 'no-date', value: '昨天下午 138****5678' },
    ])
    expect(await ledger()).toEqual([])
    expect(await importComplaints(services, file, { isPartial: true })).toMatchObject({
      added: 2,
      refused: 1,
    })
    expect(await ledger()).toHaveLength(2)
  })

  test('a dry run reports everything and stores nothing', async () => {
    await importComplaints(services, rows(1))
    expect(await importComplaints(services, rows(3), { isDryRun: true })).toMatchObject({
      added: 2,
      unchanged: 1,
      isDryRun: true,
    })
    expect(await ledger()).toHaveLength(1)
  })

  test('the city company comes from the project, the file, the text, the city, the option', async () => {
    const one = (fields: Record<string, string>) => ({
      place: 'row',
      fields: { 受理时间: '2026-05-18', 标题: JSON.stringify(fields), ...fields },
    })
    const file = [
      one({ 项目: '观澜里' }),
      one({ 城市公司: '嘉州公司' }),
      one({ 内容: '观澜里小区外墙渗水' }),
      one({ 城市: '嘉州' }),
      one({ 内容: '不知哪里' }),
    ]
    const report = await importComplaints(services, file, { cityCompanyId: places.there.cityCompanyId })
    expect(report.assigned).toMatchObject({ project: 1, file: 1, text: 1, city: 1, option: 1 })
    expect((await ledger()).map(({ cityCompanyId }) => cityCompanyId)).toEqual([
      places.there.cityCompanyId,
      places.here.cityCompanyId,
      places.there.cityCompanyId,
      places.here.cityCompanyId,
      places.there.cityCompanyId,
    ])
  })

  test('what belongs nowhere waits in 未分配, and the report says so', async () => {
    const report = await importComplaints(services, rows(2, { 项目: '无名苑' }))
    expect(report).toMatchObject({
      added: 2,
      assigned: { unassigned: 2 },
      unknownProjects: [{ name: '无名苑', rows: 2 }],
    })
    expect((await ledger()).map(({ number }) => number)).toEqual(['WFP-202605-0001', 'WFP-202605-0002'])
  })

  test('a person imports only into cities they may register for', async () => {
    const scope = {
      all: false,
      cityCompanyIds: [places.there.cityCompanyId],
      projectIds: [places.there.projectId],
    }
    const report = await importComplaints(services, rows(1), { scope, isPartial: true })
    expect(report).toMatchObject({ added: 0, problems: [{ code: 'outside-scope' }] })
  })

  test('the words of a row give class and grade where no column does', async () => {
    await importComplaints(services, rows(1, { 内容: '外墙渗水,我们35户业主将向法院起诉' }))
    expect(await ledger()).toMatchObject([{ class: 'engineering', grade: 1 }])
  })

  test('a row that is closed in the file comes in closed', async () => {
    await importComplaints(services, rows(1, { 办结时间: '2026-05-19 10:00' }))
    expect(await ledger()).toMatchObject([{ state: 'closed' }])
  })
})

describe('weiyu import complaints', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weiyu-import-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const run = async (args: string[], stdin = '') => {
    const out: string[] = []
    const errors: string[] = []
    const into = (list: string[]) =>
      new Writable({
        write(chunk, _encoding, done) {
          list.push(String(chunk))
          done()
        },
      })
    const io = { stdin: Readable.from([Buffer.from(stdin)]), stdout: into(out), stderr: into(errors) }
    const status = await runImportComplaints(args, io, services)
    return {
      status,
      report: out[0] ? (JSON.parse(out[0]) as ImportReport) : undefined,
      errors: errors.join(''),
    }
  }

  test('reads CSV and JSON Lines, from a file or standard input', async () => {
    const csv = join(folder, 'ledger.csv')
    writeFileSync(csv, '编号,主题,详情,受理时间\n1,渗水,"墙, 角",2026/5/18 9:05\n')
    expect(await run([csv])).toMatchObject({ status: 0, report: { added: 1, mapping: { content: '详情' } } })
    const line = JSON.stringify({
      id: 'x',
      title: '漏水',
      body: '很久了',
      time: '2026-05-18 09:00:00',
      likes: 3,
    })
    expect(await run(['-'], `${line}\n`)).toMatchObject({
      status: 0,
      report: { added: 1, unusedColumns: ['likes'] },
    })
    expect(await run(['-'], `${line}\n`)).toMatchObject({ status: 0, report: { added: 0, unchanged: 1 } })
  })

  test('columns and city company can be told', async () => {
    const csv = join(folder, 'odd.csv')
    writeFileSync(csv, '甲,乙\n渗水很久,2026-05-18\n')
    expect(await run([csv, '--map', 'content=甲,receivedAt=乙', '--city-company', 'LH'])).toMatchObject({
      status: 0,
      report: { added: 1, assigned: { option: 1 } },
    })
  })

  test('a wrong call, a missing file and refused rows have their own exit status', async () => {
    expect(await run([])).toMatchObject({ status: 2 })
    expect(await run(['x', '--map', 'nothing=甲'])).toMatchObject({ status: 2 })
    expect(await run(['x', '--city-company', '无'])).toMatchObject({ status: 2 })
    expect(await run([join(folder, 'absent.csv')])).toMatchObject({ status: 1 })
    const csv = join(folder, 'timeless.csv')
    writeFileSync(csv, '内容\n渗水\n')
    expect(await run([csv])).toMatchObject({ status: 1, report: { refused: 1, added: 0 } })
  })
})
