/*
 * One row of a file → a case, or every reason why not. What the file does not say is read from the words (class, cues of
 * the grade) or from the places the ledger knows (project, city company); nothing is filled with the clock.
 */
import type { ComplaintCapture } from '../../collectors/collector.ts'
import { parseDate } from '../../collectors/dates.ts'
import { customerKinds, type NewCase, proposed, titleFrom } from './case.ts'
import { channelNamed, classNamed, formOf } from './classify.ts'
import type { ImportField, Mapping } from './import-mapping.ts'
import { maskText } from './masking.ts'
import { personIdentity } from './person-key.ts'
import { shanghaiDay } from './shanghai.ts'

/** What stops a row. `value` is masked, so that a report never carries a telephone. */
export interface RowProblem {
  place: string
  field: ImportField
  code: 'missing' | 'no-date' | 'in-future' | 'before-1990' | 'no-number' | 'too-long' | 'outside-scope'
  value?: string
}

/** How the city company of a case was found. */
export type AssignedBy = 'file' | 'project' | 'city' | 'text' | 'option' | 'only-company' | 'unassigned'

export interface ReadRow {
  place: string
  /** Without the place it belongs to when nothing named one. */
  case: Omit<NewCase, 'cityCompanyId'> & { cityCompanyId: number | null }
  assignedBy: AssignedBy
  /** A project the file names and nobody knows. */
  unknownProject?: string
  /** The same in every file that holds this case: its own number, else who complained of what and when. */
  identity: { externalId: string } | { content: string }
}

export interface Places {
  companies: readonly { id: number; code: string; name: string; city: string }[]
  projects: readonly { id: number; cityCompanyId: number; names: readonly string[] }[]
}

export interface RowReader {
  mapping: Mapping
  places: Places
  /** The project a text speaks of, by the text engine. */
  projectInText: (title: string, content: string) => number | undefined
  /** For rows that name no place of ours. */
  fallbackCompanyId?: number | undefined
  now: Date
}

export type RowRead = { ok: true; row: ReadRow } | { ok: false; problems: readonly RowProblem[] }

export function createRowReader({ mapping, places, projectInText, fallbackCompanyId, now }: RowReader) {
  const projectNamed = index(places.projects.map(({ id, names }) => [id, names]))
  const companyNamed = index(places.companies.map(({ id, code, name }) => [id, [code, name]]))
  const companyOfProject = new Map(places.projects.map(({ id, cityCompanyId }) => [id, cityCompanyId]))
  const companyOfCity = (city: string) => {
    const plain = normal(city).replace(/市$/, '')
    const there = places.companies.filter((one) => normal(one.city).replace(/市$/, '') === plain)
    return there.length === 1 ? there[0]?.id : undefined
  }
  const [onlyCompany, ...others] = places.companies

  return function readRow(capture: ComplaintCapture): RowRead {
    const problems: RowProblem[] = []
    const cell = (field: ImportField): string | undefined => {
      const column = mapping[field]
      const value = column === undefined ? undefined : (capture.fields[column] ?? capture.fields[field])
      return value?.replaceAll('\0', '').trim() || undefined
    }
    const refuse = (field: ImportField, code: RowProblem['code'], value?: string) =>
      problems.push({
        place: capture.place,
        field,
        code,
        ...(value === undefined ? {} : { value: maskText(value.slice(0, 60)) }),
      })
    const instant = (field: ImportField, needed: boolean): Date | null => {
      const written = cell(field)
      if (written === undefined) {
        if (needed) refuse(field, 'missing')
        return null
      }
      const parsed = parseDate(written)
      const at = parsed === undefined ? undefined : new Date(parsed)
      if (!at || Number.isNaN(at.getTime())) refuse(field, 'no-date', written)
      else if (at.getTime() > now.getTime() + DAY) refuse(field, 'in-future', written)
      else if (at.getUTCFullYear() < 1990) refuse(field, 'before-1990', written)
      else return at
      return null
    }
    const number = (field: ImportField): number | undefined => {
      const written = cell(field)
      if (written === undefined) return
      const [, digits, unit] = /^[^\d-]*([\d,]+(?:\.\d+)?)\s*(万)?/.exec(written.normalize('NFKC')) ?? []
      const value = Number(digits?.replaceAll(',', '')) * (unit ? 10_000 : 1)
      if (digits === undefined || !Number.isFinite(value) || value > 1e11) refuse(field, 'no-number', written)
      else return value
    }
    const short = (field: ImportField, longest: number): string | null => {
      const written = cell(field) ?? null
      if (written !== null && written.length > longest) refuse(field, 'too-long', written)
      return written
    }
    const yes = (field: ImportField): boolean | undefined => {
      const written = cell(field)
      return written === undefined ? undefined : !/^(否|无|不|没|n|no|false|0|×|-)/i.test(written)
    }

    const written = { title: cell('title'), content: cell('content') }
    if (!written.title && !written.content) refuse('content', 'missing')
    const content = written.content ?? written.title ?? ''
    const title = (written.title ?? titleFrom(content)).slice(0, 200)
    if (content.length > 20_000) refuse('content', 'too-long', content)
    const receivedAt = instant('receivedAt', true)
    const closedAt = instant('closedAt', false)
    const occurred = instant('occurredOn', false)
    const households = number('households')
    const persons = number('persons')
    const claimAmount = number('claimAmount') ?? null
    const repeats = number('repeatsAfterHandling') ?? 0

    const projectWritten = cell('project')
    let projectId = projectWritten === undefined ? undefined : projectNamed(projectWritten)
    const unknownProject =
      projectWritten !== undefined && projectId === undefined ? projectWritten : undefined
    const companyWritten = cell('cityCompany')
    const cityWritten = cell('city')
    let cityCompanyId: number | null = null
    let assignedBy: AssignedBy = 'unassigned'
    const assign = (id: number | undefined, by: AssignedBy) => {
      if (cityCompanyId !== null || id === undefined) return
      cityCompanyId = id
      assignedBy = by
    }
    // A project belongs to one company, whatever the file says beside it.
    assign(projectId === undefined ? undefined : companyOfProject.get(projectId), 'project')
    assign(companyWritten === undefined ? undefined : companyNamed(companyWritten), 'file')
    if (projectId === undefined) {
      const meant = projectInText(title, content)
      const owner = meant === undefined ? undefined : companyOfProject.get(meant)
      if (cityCompanyId === null || owner === cityCompanyId) projectId = meant
      assign(owner, 'text')
    }
    assign(cityWritten === undefined ? undefined : companyOfCity(cityWritten), 'city')
    assign(fallbackCompanyId, 'option')
    assign(others.length === 0 ? onlyCompany?.id : undefined, 'only-company')

    const person = {
      name: short('name', 100) ?? undefined,
      phone: short('phone', 40) ?? undefined,
      address: short('address', 300) ?? undefined,
      unit: short('unit', 100) ?? undefined,
      idNumber: short('idNumber', 30) ?? undefined,
    }
    const words = proposed(title, content)
    const channelWritten = cell('channel')
    const channel = (channelWritten === undefined ? undefined : channelNamed(channelWritten)) ?? 'other'
    const classWritten = cell('class')
    const customerWritten = cell('customerKind')
    const kindWritten = cell('kind')
    const row: ReadRow['case'] = {
      cityCompanyId,
      projectId: projectId ?? null,
      sourceId: null,
      externalIdentity: null,
      kind:
        kindWritten !== undefined && /咨询|enquir|inquir|询问/i.test(kindWritten) ? 'enquiry' : 'complaint',
      channel,
      form: formOf(channel),
      class: (classWritten === undefined ? undefined : classNamed(classWritten)) ?? words.class,
      category: short('category', 100),
      title,
      content,
      demand: short('demand', 2_000),
      firstAnswer: short('firstAnswer', 4_000),
      receivedAt: receivedAt ?? now,
      occurredOn: occurred ? shanghaiDay(occurred) : null,
      phaseName: short('phaseName', 50),
      building: short('building', 50),
      isHandedOver: null,
      isFittedOut: null,
      customerKind: customerWritten === undefined ? null : customerKindNamed(customerWritten),
      isAnonymous: false,
      households: Math.min(households ?? words.households, 1_000_000),
      persons: Math.min(persons ?? 1, 1_000_000),
      mayLitigate: yes('mayLitigate') ?? words.mayLitigate,
      mayReachMedia: yes('mayReachMedia') ?? words.mayReachMedia,
      isReputationAtStake: false,
      isGroupLitigation: yes('isGroupLitigation') ?? words.isGroupLitigation,
      needsOtherDepartments: yes('needsOtherDepartments') ?? false,
      repeatsAfterHandling: repeats,
      isOurFault: yes('isOurFault') ?? null,
      claimAmount,
      nextReplyOn: null,
      closedAt,
      complainants: Object.values(person).some(Boolean) ? [person] : [],
    }
    if (problems.length > 0) return { ok: false, problems }
    const externalId = cell('externalId') ?? capture.externalId
    return {
      ok: true,
      row: {
        place: capture.place,
        case: row,
        assignedBy,
        ...(unknownProject === undefined ? {} : { unknownProject }),
        identity: externalId
          ? { externalId }
          : {
              content: JSON.stringify([
                title,
                content,
                row.receivedAt.toISOString(),
                personIdentity(person) ?? person.name ?? null,
              ]),
            },
      },
    }
  }
}

const DAY = 86_400_000
const normal = (name: string) => name.normalize('NFKC').toLowerCase().replace(/\s+/g, '')

/** Finds the one owner of a name: exactly, else the only one whose name holds it or is held by it. */
function index(entries: readonly (readonly [number, readonly string[]])[]) {
  const names = entries.flatMap(([id, written]) => written.map((name) => [normal(name), id] as const))
  const exact = new Map<string, Set<number>>()
  for (const [name, id] of names) exact.set(name, (exact.get(name) ?? new Set<number>()).add(id))
  return (written: string): number | undefined => {
    const wanted = normal(written)
    const found =
      exact.get(wanted) ??
      new Set(
        names.flatMap(([name, id]) =>
          name.length > 2 && wanted.length > 2 && (name.includes(wanted) || wanted.includes(name)) ? id : [],
        ),
      )
    return found.size === 1 ? [...found][0] : undefined
  }
}

function customerKindNamed(written: string): NewCase['customerKind'] {
  const known = customerKinds.find((kind) => kind === written.toLowerCase())
  if (known) return known
  if (/准业主|意向|潜在|prospect/i.test(written)) return 'prospective-owner'
  if (/业主|owner/i.test(written)) return 'owner'
  if (/租|tenant/i.test(written)) return 'tenant'
  return /员工|staff/i.test(written) ? 'staff' : 'other'
}
