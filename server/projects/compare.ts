// Checked rows against what is stored → what each row would do, and the rows to write. Plain, so that a dry run and the
// real import are the same computation.
import type { Bilingual, Value } from './cells.ts'
import { type CheckedRow, type Mistake, naturalKey } from './check.ts'
import { type Column, shapeOf, type TableName, tableNames } from './columns.ts'

type Values = Readonly<Record<string, Value>>

/** Everything stored, in the shape of the sheets: natural key → values. */
export type MasterData = Readonly<Record<TableName, ReadonlyMap<string, Values>>>

type Known = Record<TableName, Map<string, Values>>

export interface RowReport {
  table: TableName
  sheet: string
  row: number
  key: string
  outcome: 'added' | 'changed' | 'unchanged' | 'error'
  changes: readonly { column: Bilingual; from: Bilingual; to: Bilingual }[]
  mistakes: readonly Mistake[]
}

export interface Write {
  table: TableName
  key: string
  /** The whole row as it will stand. */
  values: Values
  before: Values | null
}

export interface Comparison {
  report: readonly RowReport[]
  /** In an order in which each finds what it refers to. */
  writes: readonly Write[]
}

export function compare(rows: readonly CheckedRow[], stored: MasterData): Comparison {
  // What rows refer to may stand in the file itself: a copy of the stored rows grows as rows are accepted.
  const known: Known = {
    'city-company': new Map(stored['city-company']),
    department: new Map(stored.department),
    project: new Map(stored.project),
    phase: new Map(stored.phase),
    milestone: new Map(stored.milestone),
    publisher: new Map(stored.publisher),
  }
  // A family changes its tier when every member in the file says so.
  for (const { table, mistakes, values } of rows) {
    const before = table === 'publisher' ? known.publisher.get(String(values.name)) : undefined
    if (before && mistakes.length === 0) {
      known.publisher.set(String(values.name), { ...before, tierInFile: values.tier ?? null })
    }
  }
  const reports = new Map<CheckedRow, RowReport>()
  const writes: Write[] = []
  for (const table of tableNames) {
    for (const row of rows.filter((each) => each.table === table)) {
      const { report, write } = compareRow(row, known)
      reports.set(row, report)
      if (write) {
        writes.push(write)
        known[table].set(write.key, write.values)
      }
    }
  }
  return { report: rows.flatMap((row) => reports.get(row) ?? []), writes }
}

function compareRow(row: CheckedRow, known: Known): { report: RowReport; write?: Write } {
  const about = { table: row.table, sheet: row.sheet, row: row.row }
  const fail = (mistakes: readonly Mistake[]) => ({
    report: {
      ...about,
      key: naturalKey(row.table, row.values) ?? '',
      outcome: 'error' as const,
      changes: [],
      mistakes,
    },
  })
  if (row.mistakes.length > 0) return fail(row.mistakes)
  const resolved = resolve(row, known)
  if ('mistake' in resolved) return fail([resolved.mistake])
  const { values, key } = resolved
  const before = known[row.table].get(key) ?? null
  const after = before ? { ...before, ...values } : withBlanks(row.table, values)
  const changes = shapeOf(row.table)
    .columns.filter((column) => before && !same(before[column.key], after[column.key]))
    .map((column) => ({
      column: { zh: column.zh, en: column.en },
      from: shown(column, before?.[column.key]),
      to: shown(column, after[column.key]),
    }))
  const outcome = !before ? 'added' : changes.length > 0 ? 'changed' : 'unchanged'
  return {
    report: { ...about, key, outcome, changes, mistakes: [] },
    ...(outcome === 'unchanged' ? {} : { write: { table: row.table, key, values: after, before } }),
  }
}

type Resolved = { key: string; values: Values } | { mistake: Mistake }

/** Finds what the row refers to, by code or by name, and the key under which it is stored. */
function resolve(row: CheckedRow, known: Known): Resolved {
  const values: Record<string, Value> = { ...row.values }
  if (row.table === 'project' || row.table === 'department') {
    const asked = values.company ?? null
    if (asked !== null) {
      const found = [...known['city-company'].values()].find(
        (company) => company.name === asked || company.code === asked,
      )
      if (!found) return { mistake: noCompany(String(asked)) }
      values.company = found.name ?? null
    }
  }
  if (row.table === 'city-company') {
    const taken = [...known['city-company'].values()].find(
      (company) => company.name === values.name && company.code !== values.code,
    )
    if (taken) return { mistake: nameTaken(String(values.name), String(taken.code)) }
  }
  if (row.table === 'project') {
    const namesake = [...known.project.values()].find(
      (project) => project.company === values.company && project.name === values.name,
    )
    values.code ??= namesake?.code ?? null
    if (values.code === null) return { mistake: noCode }
    if (namesake && namesake.code !== values.code) {
      return { mistake: nameTaken(String(values.name), String(namesake.code)) }
    }
  }
  if (row.table === 'phase' || row.table === 'milestone') {
    const asked = String(values.project)
    const byName = [...known.project.values()].filter((project) => project.name === asked)
    const code = known.project.has(asked) ? asked : byName.length === 1 ? byName[0]?.code : undefined
    if (code === undefined || code === null) return { mistake: noProject(asked, byName.length) }
    values.project = code
    if (row.table === 'milestone' && (values.phase ?? null) !== null) {
      if (!known.phase.has(`${code}/${values.phase}`))
        return { mistake: noPhase(String(values.phase), String(code)) }
    }
  }
  if (row.table === 'publisher') {
    // A medium without a family is its own: it corroborates alone.
    const before = known.publisher.get(String(values.name))
    values.family = values.family ?? before?.family ?? values.name ?? null
    const sibling = [...known.publisher.values()].find(
      (each) =>
        each.family === values.family &&
        (each.tierInFile ?? each.tier) !== values.tier &&
        each.name !== values.name,
    )
    if (sibling) return { mistake: otherTier(String(values.family), String(sibling.name)) }
  }
  return { key: naturalKey(row.table, values) ?? '', values }
}

function withBlanks(table: TableName, values: Values): Values {
  const lists = new Set(['aliases', 'promotionNames', 'learntNames', 'hosts'])
  return Object.fromEntries(
    shapeOf(table).columns.map(({ key }) => [key, values[key] ?? (lists.has(key) ? [] : null)]),
  )
}

function same(a: Value | undefined, b: Value | undefined): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return JSON.stringify([...a].sort()) === JSON.stringify([...b].sort())
  return (a ?? null) === (b ?? null)
}

/** As a reader of either language knows it; '' for nothing. */
function shown({ words }: Column, value: Value | undefined): Bilingual {
  const word = words?.find((each) => each.value === value)
  const text = Array.isArray(value) ? value.join('、') : String(value ?? '')
  return word ? { zh: word.zh, en: word.en } : { zh: text, en: text }
}

const noCompany = (name: string): Mistake => ({
  column: '城市公司',
  value: name,
  problem: { zh: `没有城市公司「${name}」`, en: `there is no city company “${name}”` },
  // Not added by itself: a typing error would make a second company, whose people then see nothing.
  cure: {
    zh: '核对名称，或先在「城市公司」表中加上它',
    en: 'check the name, or add it in the sheet of city companies',
  },
})

const noCode: Mistake = {
  column: '项目编码',
  value: '',
  problem: { zh: '新项目没有编码', en: 'a new project has no code' },
  cure: { zh: '为它取一个不再改变的编码', en: 'give it a code that will not change' },
}

const nameTaken = (name: string, code: string): Mistake => ({
  value: name,
  problem: { zh: `名称「${name}」已属于编码 ${code}`, en: `the name “${name}” belongs to the code ${code}` },
  cure: { zh: `改用编码 ${code}，或换一个名称`, en: `use the code ${code}, or another name` },
})

const noProject = (asked: string, namesakes: number): Mistake => ({
  column: '项目编码',
  value: asked,
  problem:
    namesakes > 1
      ? { zh: `有 ${namesakes} 个项目都叫「${asked}」`, en: `${namesakes} projects are called “${asked}”` }
      : { zh: `没有项目「${asked}」`, en: `there is no project “${asked}”` },
  cure: { zh: '填写「项目」表中的项目编码', en: 'write the project code of the sheet of projects' },
})

const noPhase = (phase: string, code: string): Mistake => ({
  column: '分期',
  value: phase,
  problem: { zh: `项目 ${code} 没有分期「${phase}」`, en: `project ${code} has no phase “${phase}”` },
  cure: { zh: '先在「分期」表中加上它，或留空', en: 'add it in the sheet of phases, or leave it empty' },
})

const otherTier = (family: string, sibling: string): Mistake => ({
  column: '媒体级别',
  value: family,
  problem: {
    zh: `家族「${family}」的级别与「${sibling}」不同`,
    en: `the family “${family}” has another tier at “${sibling}”`,
  },
  cure: { zh: '同一家族只有一个级别，请统一', en: 'a family has one tier: make them agree' },
})
