import { type RawBuilder, sql } from 'kysely'
import { z } from 'zod'
import type { Scope } from '../access/scope.ts'
import type { Vault } from '../access/vault.ts'
import type { Db, Tx } from '../db/connect.ts'
import { projectInScope } from '../db/scoped.ts'
import { bigramQuery, containing } from '../lib/bigrams.ts'
import type { GradePolicy } from '../policy/grading.ts'
import { type NewCase, ownFacts } from './case.ts'
import type { Channel, Class } from './classify.ts'
import { awaitingPlan, planDueAt } from './due.ts'
import { type Coverage, Graded, gradeComplaint, type SameCase } from './grading.ts'
import { maskAddress, maskIdNumber, maskName, maskPhone, maskText, maskUnit } from './masking.ts'
import { complaintNumber, serialMonth } from './numbering.ts'
import { type Complainant, personIdentity } from './person-key.ts'
import { shanghaiDay } from './shanghai.ts'
import type { CloseReason, State } from './transitions.ts'

/** The numbers to grade by and the version they come from. */
export interface GradeBy {
  version: number
  policy: GradePolicy
}

/** Who acts; absent when the machine does. */
export interface Actor {
  id: number
  name: string
}

// ── registering ───────────────────────────────────────────────────────────────────────────────────────────────────

export interface Stored {
  id: number
  number: string
  projectId: number | null
}

/**
 * Numbers and stores cases in the order given, with complainants sealed and a first record each. Serials are taken in this
 * transaction: whoever registers in the same city and month waits for its end, so there is neither a gap nor a double.
 */
export async function insertCases(
  tx: Tx,
  vault: Vault,
  cases: readonly NewCase[],
  by: { grade: GradeBy; now: Date; actor?: Actor | undefined; action: 'register' | 'import' },
): Promise<Stored[]> {
  if (cases.length === 0) return []
  const numbers = await takeNumbers(tx, cases)
  const rows = cases.map((one, at) => {
    const graded = gradeComplaint(ownFacts(one, by.now), by.grade.policy)
    return {
      number: numbers[at],
      city_company_id: one.cityCompanyId,
      project_id: one.projectId,
      source_id: one.sourceId,
      external_identity: one.externalIdentity,
      kind: one.kind,
      channel: one.channel,
      form: one.form,
      class: one.class,
      category: one.category,
      title: one.title,
      content: one.content,
      demand: one.demand,
      first_answer: one.firstAnswer,
      received_at: one.receivedAt,
      registered_at: by.now,
      registered_by: by.actor?.id ?? null,
      occurred_on: one.occurredOn,
      phase_name: one.phaseName,
      building: one.building,
      is_handed_over: one.isHandedOver,
      is_fitted_out: one.isFittedOut,
      customer_kind: one.customerKind,
      is_anonymous: one.isAnonymous,
      household_count: one.households,
      person_count: one.persons,
      may_litigate: one.mayLitigate,
      may_reach_media: one.mayReachMedia,
      is_reputation_at_stake: one.isReputationAtStake,
      is_group_litigation: one.isGroupLitigation,
      needs_other_departments: one.needsOtherDepartments,
      repeat_after_handling_count: one.repeatsAfterHandling,
      is_our_fault: one.isOurFault,
      claim_amount: one.claimAmount,
      next_reply_on: one.nextReplyOn,
      state: one.closedAt ? 'closed' : 'registered',
      state_since: one.closedAt ?? by.now,
      grade: graded.grade,
      grade_clause: graded.clause,
      grade_because: graded,
      grade_policy_version: by.grade.version,
      graded_at: by.now,
      closed_at: one.closedAt,
    }
  })
  const stored = await insertJson<{ id: number; number: string; projectId: number | null }>(
    tx,
    'complaint',
    rows,
    'returning id, number, project_id',
  )
  const idOf = new Map(stored.map(({ number, id }) => [number, id]))
  const people = cases.flatMap((one, at) => {
    const complaintId = idOf.get(numbers[at] ?? '')
    return one.complainants.map((person, position) => ({
      complaint_id: complaintId,
      position: position + 1,
      ...sealed(vault, person),
    }))
  })
  if (people.length > 0) await insertJson(tx, 'complainant', people)
  await insertJson(
    tx,
    'complaint_record',
    cases.map((one, at) => ({
      complaint_id: idOf.get(numbers[at] ?? ''),
      at: by.now,
      actor_id: by.actor?.id ?? null,
      action: by.action,
      to_state: one.closedAt ? 'closed' : 'registered',
      detail: {},
      clause: 'S0-9.2a',
    })),
  )
  return numbers.flatMap((number, at) => {
    const id = idOf.get(number)
    return id === undefined ? [] : [{ id, number, projectId: cases[at]?.projectId ?? null }]
  })
}

/** One statement and one parameter for any number of rows. */
async function insertJson<Row>(
  tx: Tx,
  table: string,
  rows: readonly Readonly<Record<string, unknown>>[],
  ending = '',
): Promise<Row[]> {
  const columns = sql.join(Object.keys(rows[0] ?? {}).map((column) => sql.ref(column)))
  const inserted = await sql<Row>`
    insert into ${sql.table(table)} (${columns})
    select ${columns} from jsonb_populate_recordset(null::${sql.table(table)}, ${JSON.stringify(rows)}::jsonb) ${sql.raw(ending)}
  `.execute(tx)
  return inserted.rows
}

async function takeNumbers(tx: Tx, cases: readonly NewCase[]): Promise<string[]> {
  const counters = new Map<string, { cityCompanyId: number; month: string; wanted: number; next: number }>()
  const keys = cases.map((one) => {
    const month = serialMonth(one.receivedAt)
    const key = `${month} ${one.cityCompanyId}`
    const counter = counters.get(key) ?? { cityCompanyId: one.cityCompanyId, month, wanted: 0, next: 0 }
    counter.wanted += 1
    counters.set(key, counter)
    return key
  })
  // Always in the same order, so that two registrations never wait for each other.
  for (const [, counter] of [...counters].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const { last } = await tx
      .insertInto('complaintSerial')
      .values({ cityCompanyId: counter.cityCompanyId, month: counter.month, last: counter.wanted })
      .onConflict((conflict) =>
        conflict
          .columns(['cityCompanyId', 'month'])
          .doUpdateSet({ last: sql<number>`complaint_serial.last + excluded.last` }),
      )
      .returning('last')
      .executeTakeFirstOrThrow()
    counter.next = last - counter.wanted + 1
  }
  const companies = await tx
    .selectFrom('cityCompany')
    .select(['id', 'code'])
    .where('id', 'in', [...new Set(cases.map((one) => one.cityCompanyId))])
    .execute()
  const codeOf = new Map(companies.map(({ id, code }) => [id, code]))
  return keys.map((key) => {
    const counter = counters.get(key)
    const code = counter && codeOf.get(counter.cityCompanyId)
    if (!counter || code === undefined) throw new Error('a case names a city company that is not there')
    counter.next += 1
    return complaintNumber(code, counter.month, counter.next - 1)
  })
}

function sealed(vault: Vault, person: Complainant) {
  const seal = (plain: string | undefined) => (plain ? hex(vault.encrypt(plain)) : null)
  const identity = personIdentity(person)
  return {
    name_encrypted: seal(person.name),
    name_masked: person.name ? maskName(person.name) : null,
    phone_encrypted: seal(person.phone),
    phone_masked: person.phone ? maskPhone(person.phone) : null,
    address_encrypted: seal(person.address),
    address_masked: person.address ? maskAddress(person.address) : null,
    unit_encrypted: seal(person.unit),
    unit_masked: person.unit ? maskUnit(person.unit) : null,
    id_number_encrypted: seal(person.idNumber),
    id_number_masked: person.idNumber ? maskIdNumber(person.idNumber) : null,
    person_key: identity ? hex(vault.personKey(identity)) : null,
  }
}

const hex = (bytes: Buffer) => `\\x${bytes.toString('hex')}`

/** The city company of a project the reader may use. */
export async function cityCompanyOf(db: Db, scope: Scope, projectId: number): Promise<number | undefined> {
  const row = await db
    .selectFrom('project')
    .select('cityCompanyId')
    .where('id', '=', projectId)
    .where(projectInScope(scope, 'project.id'))
    .executeTakeFirst()
  return row?.cityCompanyId
}

// ── the list ──────────────────────────────────────────────────────────────────────────────────────────────────────

export interface ListFilter {
  state?: readonly State[] | undefined
  grade?: readonly (1 | 2 | 3 | 4)[] | undefined
  class?: readonly Class[] | undefined
  channel?: readonly Channel[] | undefined
  projectId?: number | undefined
  cityCompanyId?: number | undefined
  risk?: string | undefined
  /** Only cases whose handling goes on, or only ended ones. */
  open?: boolean | undefined
  overdue?: boolean | undefined
  from?: Date | undefined
  to?: Date | undefined
  q?: string | undefined
}

export interface Cursor {
  at: Date
  id: number
}

interface Page {
  after?: Cursor | undefined
  limit: number
}
interface Grading {
  policy: GradePolicy
  now: Date
}

/** Newest first, what a list draws and no more; `next` is the cursor of the page after. */
export async function listComplaints(
  db: Db,
  vault: Vault,
  scope: Scope,
  filter: ListFilter,
  page: Page,
  grading: Grading,
) {
  const found = await (await pageOf(db, scope, filter, page, grading)).execute()
  const today = shanghaiDay(grading.now)
  // Named one by one: spreading the rest of a row costs more than everything else done with it.
  const rows = found.slice(0, page.limit).map((row) => {
    const due = planDueAt(row, grading.policy)
    return {
      id: row.id,
      number: row.number,
      title: maskedTitle(vault, row),
      class: row.class,
      state: row.state,
      grade: row.grade,
      receivedAt: row.receivedAt,
      closedAt: row.closedAt,
      projectName: row.projectName,
      riskCodes: row.riskCodes,
      planDueAt: due,
      isOverdue:
        row.closedAt === null &&
        ((due !== null && due < grading.now) || (row.nextReplyOn !== null && row.nextReplyOn < today)),
    }
  })
  return { rows, next: nextOf(found, page.limit) }
}

/** The same cases with everything a spreadsheet gets. */
export async function exportComplaints(
  db: Db,
  vault: Vault,
  scope: Scope,
  filter: ListFilter,
  page: Page,
  grading: Grading,
) {
  const found = await (await pageOf(db, scope, filter, page, grading))
    .select([
      'complaint.channel',
      'complaint.gradeClause',
      'complaint.closeReason',
      'complaint.householdCount',
      'complaint.personCount',
      'complaint.building',
      'cityCompany.name as cityCompanyName',
      'complainant.nameMasked',
      'complainant.phoneMasked',
    ])
    .execute()
  const rows = found.slice(0, page.limit).map((row) => ({ ...row, title: maskedTitle(vault, row) }))
  return { rows, next: nextOf(found, page.limit) }
}

const maskedTitle = (vault: Vault, row: { title: string; nameEncrypted: Buffer | null }) =>
  maskText(row.title, row.nameEncrypted ? [vault.decrypt(row.nameEncrypted)] : [])

function nextOf(found: readonly { receivedAt: Date; id: number }[], limit: number): Cursor | null {
  const last = found[limit - 1]
  return found.length > limit && last ? { at: last.receivedAt, id: last.id } : null
}

async function pageOf(
  db: Db,
  scope: Scope,
  filter: ListFilter,
  { after, limit }: Page,
  { policy, now }: Grading,
) {
  // The page first, then what is shown beside it: otherwise names and risks are looked up for rows nobody sees.
  // The planner drops the columns that are not asked for outside.
  let page = db
    .selectFrom('complaint')
    .selectAll('complaint')
    .where(projectInScope(scope, 'complaint.projectId', 'complaint.cityCompanyId'))
    .orderBy('complaint.receivedAt', 'desc')
    .orderBy('complaint.id', 'desc')
    .limit(limit + 1)
  const [isFrequent, isRareRisk] = await Promise.all([
    isFrequentPhrase(db, filter.q),
    isRareInScope(db, scope, filter.risk),
  ])
  for (const condition of conditionsOf(filter, policy, now, isFrequent)) page = page.where(condition)
  // Few cases show the risk: they are looked up and ordered, since a walk from the newest could end at the oldest of all.
  if (isRareRisk)
    page = page.where(sql<boolean>`complaint.id = any(array(${casesOfRisk(scope, filter.risk)}))`)
  if (after)
    page = page.where(
      sql<boolean>`(complaint.received_at, complaint.id) < (${after.at}::timestamptz, ${after.id}::bigint)`,
    )
  return db
    .selectFrom(page.as('complaint'))
    .innerJoin('cityCompany', 'cityCompany.id', 'complaint.cityCompanyId')
    .leftJoin('project', 'project.id', 'complaint.projectId')
    .leftJoin('complainant', (join) =>
      join.onRef('complainant.complaintId', '=', 'complaint.id').on('complainant.position', '=', 1),
    )
    .select([
      'complaint.id',
      'complaint.number',
      'complaint.kind',
      'complaint.title',
      'complaint.class',
      'complaint.state',
      'complaint.grade',
      'complaint.receivedAt',
      'complaint.closedAt',
      'complaint.nextReplyOn',
      'project.name as projectName',
      'complainant.nameEncrypted',
      sql<string[]>`array(
        select s.risk_code from signal s where s.complaint_id = complaint.id and s.state <> 'rejected'
        group by s.risk_code order by max(s.strength) desc, s.risk_code
      )`.as('riskCodes'),
    ])
    .orderBy('complaint.receivedAt', 'desc')
    .orderBy('complaint.id', 'desc')
}

/** How many rows the filter finds, by state and by grade; stops counting where nobody reads on. */
export async function countComplaints(
  db: Db,
  scope: Scope,
  filter: ListFilter,
  { policy, now }: { policy: GradePolicy; now: Date },
) {
  let query = db
    .selectFrom('complaint')
    .select(['complaint.grade', sql<boolean>`complaint.closed_at is null`.as('isOpen')])
    .where(projectInScope(scope, 'complaint.projectId', 'complaint.cityCompanyId'))
  for (const condition of conditionsOf(filter, policy, now)) query = query.where(condition)
  return db
    .selectFrom(query.limit(COUNT_AT_MOST).as('found'))
    .select((eb) => [
      eb.fn.countAll<number>().as('total'),
      sql<number>`count(*) filter (where is_open)`.as('open'),
      sql<number>`count(*) filter (where grade <= 2)`.as('serious'),
    ])
    .executeTakeFirstOrThrow()
}
const COUNT_AT_MOST = 10_000

/** From so many finds on, walking the rows from the newest meets a page sooner than checking every find. */
const FREQUENT = 2_000

async function isFrequentPhrase(db: Db, phrase: string | undefined): Promise<boolean> {
  const pairs = phrase && bigramQuery(phrase)
  if (!pairs) return false
  const found = await sql<{ count: number }>`
    select count(*) as count from (
      select from complaint where bigrams(title || chr(10) || content) @@ ${pairs}::tsquery limit ${FREQUENT}
    ) finds`.execute(db)
  return (found.rows[0]?.count ?? 0) >= FREQUENT
}

/** The reader's cases that show a risk, from the index alone. Signals carry the project of the case that was read. */
const casesOfRisk = (scope: Scope, risk: string | undefined) => sql`
  select complaint_id from signal where risk_code = ${risk} and complaint_id is not null and state <> 'rejected'
    and (project_id is null or ${projectInScope(scope, 'project_id')})`

async function isRareInScope(db: Db, scope: Scope, risk: string | undefined): Promise<boolean> {
  if (risk === undefined) return false
  const found = await sql<{ count: number }>`
    select count(*) as count from (${casesOfRisk(scope, risk)} limit ${FREQUENT}) cases`.execute(db)
  return (found.rows[0]?.count ?? 0) < FREQUENT
}

function conditionsOf(
  filter: ListFilter,
  policy: GradePolicy,
  now: Date,
  isFrequent = false,
): RawBuilder<boolean>[] {
  const conditions: RawBuilder<boolean>[] = []
  const add = (condition: RawBuilder<unknown>) => conditions.push(sql<boolean>`(${condition})`)
  const oneOf = (column: string, values: readonly (string | number)[] | undefined, type: string) => {
    if (values?.length) add(sql`${sql.ref(column)} = any(${[...values]}::${sql.raw(type)}[])`)
  }
  oneOf('complaint.state', filter.state, 'text')
  oneOf('complaint.grade', filter.grade, 'int')
  oneOf('complaint.class', filter.class, 'text')
  oneOf('complaint.channel', filter.channel, 'text')
  if (filter.projectId !== undefined) add(sql`complaint.project_id = ${filter.projectId}`)
  if (filter.cityCompanyId !== undefined) add(sql`complaint.city_company_id = ${filter.cityCompanyId}`)
  if (filter.open !== undefined)
    add(filter.open ? sql`complaint.closed_at is null` : sql`complaint.closed_at is not null`)
  if (filter.from) add(sql`complaint.received_at >= ${filter.from}`)
  if (filter.to) add(sql`complaint.received_at < ${filter.to}`)
  if (filter.risk !== undefined)
    add(sql`exists (
      select from signal s where s.complaint_id = complaint.id and s.risk_code = ${filter.risk} and s.state <> 'rejected'
    )`)
  if (filter.overdue) {
    const hours = sql.join(policy.planHours.map((one) => sql`${one}::float8`))
    add(sql`complaint.closed_at is null and (
      complaint.kind = 'complaint' and complaint.state = any(${[...awaitingPlan]}::text[])
        and complaint.received_at + make_interval(secs => 3600 * (array[${hours}])[complaint.grade]) < ${now}
      or complaint.next_reply_on < ${shanghaiDay(now)}::date)`)
  }
  const phrase = filter.q?.trim()
  if (phrase) {
    const text = sql`complaint.title || chr(10) || complaint.content`
    const pairs = bigramQuery(phrase)
    const words = phrase
      .split(/\s+/)
      // For a comparison the planner expects many rows and walks from the newest; for a pattern it expects next to none.
      .map((word) =>
        isFrequent
          ? sql`strpos(lower(${text}), ${word.toLowerCase()}) > 0`
          : sql`(${text}) ilike ${containing(word)}`,
      )
    const inText = sql`${sql.join(words, sql` and `)}`
    add(
      /^[A-Z0-9]{1,12}-\d/i.test(phrase)
        ? sql`complaint.number ilike ${`${containing(phrase).slice(1)}`}`
        : pairs && !isFrequent
          ? sql`bigrams(${text}) @@ ${pairs}::tsquery and ${inText}`
          : inText,
    )
  }
  return conditions
}

// ── one case ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** The row for deciding and acting, locked until the transaction ends. */
export async function caseForUpdate(tx: Tx, scope: Scope, id: number) {
  return tx
    .selectFrom('complaint')
    .select([
      'id',
      'number',
      'state',
      'grade',
      'gradeClause',
      'gradeBecause',
      'gradeOverriddenBy',
      'projectId',
      'cityCompanyId',
      'validity',
      'validityBasis',
      'responsibleDepartmentId',
      'receivedAt',
      'closedAt',
    ])
    .where('id', '=', id)
    .where(projectInScope(scope, 'complaint.projectId', 'complaint.cityCompanyId'))
    .forUpdate()
    .executeTakeFirst()
}

export async function readComplaint(db: Db, vault: Vault, scope: Scope, id: number, policy: GradePolicy) {
  const row = await db
    .selectFrom('complaint')
    .innerJoin('cityCompany', 'cityCompany.id', 'complaint.cityCompanyId')
    .select([
      'complaint.id',
      'complaint.number',
      'complaint.kind',
      'complaint.channel',
      'complaint.form',
      'complaint.class',
      'complaint.category',
      'complaint.title',
      'complaint.content',
      'complaint.demand',
      'complaint.firstAnswer',
      'complaint.receivedAt',
      'complaint.registeredAt',
      'complaint.occurredOn',
      'complaint.cityCompanyId',
      'complaint.projectId',
      'complaint.phaseName',
      'complaint.building',
      'complaint.isHandedOver',
      'complaint.isFittedOut',
      'complaint.customerKind',
      'complaint.isAnonymous',
      'complaint.householdCount',
      'complaint.personCount',
      'complaint.mayLitigate',
      'complaint.mayReachMedia',
      'complaint.isReputationAtStake',
      'complaint.isGroupLitigation',
      'complaint.needsOtherDepartments',
      'complaint.repeatAfterHandlingCount',
      'complaint.isOurFault',
      'complaint.claimAmount',
      'complaint.nextReplyOn',
      'complaint.validity',
      'complaint.validityBasis',
      'complaint.responsibleDepartmentId',
      'complaint.state',
      'complaint.stateSince',
      'complaint.grade',
      'complaint.gradeClause',
      'complaint.gradeBecause',
      'complaint.gradePolicyVersion',
      'complaint.gradedAt',
      'complaint.gradeOverrideReason',
      'complaint.closedAt',
      'complaint.closeReason',
      (row) =>
        row
          .selectFrom('complaintAnalysis')
          .select('analysedAt')
          .whereRef('complaintId', '=', 'complaint.id')
          .as('analysedAt'),
      'cityCompany.name as cityCompanyName',
      nameOf('project', 'complaint.project_id').as('projectName'),
      nameOf('department', 'complaint.responsible_department_id').as('responsibleDepartmentName'),
      nameOf('source', 'complaint.source_id').as('sourceName'),
      nameOf('app_user', 'complaint.registered_by').as('registeredByName'),
      nameOf('app_user', 'complaint.grade_overridden_by').as('gradeOverriddenByName'),
    ])
    .where('complaint.id', '=', id)
    .where(projectInScope(scope, 'complaint.projectId', 'complaint.cityCompanyId'))
    .executeTakeFirst()
  if (!row) return
  const people = await db
    .selectFrom('complainant')
    .select([
      'position',
      'nameEncrypted',
      'nameMasked',
      'phoneMasked',
      'addressMasked',
      'unitMasked',
      'idNumberMasked',
    ])
    .where('complaintId', '=', id)
    .orderBy('position')
    .execute()
  const names = people.flatMap(({ nameEncrypted }) => (nameEncrypted ? [vault.decrypt(nameEncrypted)] : []))
  const masked = (text: string | null) => (text === null ? null : maskText(text, names))
  const { gradeBecause, ...shown } = row
  const records = await db
    .selectFrom('complaintRecord')
    .select([
      'complaintRecord.id',
      'complaintRecord.at',
      'complaintRecord.action',
      'complaintRecord.fromState',
      'complaintRecord.toState',
      'complaintRecord.note',
      'complaintRecord.detail',
      'complaintRecord.clause',
      nameOf('app_user', 'complaint_record.actor_id').as('actor'),
    ])
    .where('complaintId', '=', id)
    .orderBy('complaintRecord.id')
    .execute()
  const signals = await db
    .selectFrom('signal')
    .leftJoin('risk', 'risk.code', 'signal.riskCode')
    .leftJoin('exposure', (join) =>
      join
        .onRef('exposure.projectId', '=', 'signal.projectId')
        .onRef('exposure.riskCode', '=', 'signal.riskCode'),
    )
    .select([
      'signal.id',
      'signal.riskCode',
      'risk.nameZh',
      'risk.nameEn',
      'signal.projectId',
      'signal.strength',
      'signal.isRedLine',
      'signal.because',
      'signal.state',
      nameOf('app_user', 'signal.verdict_by').as('verdictByName'),
      'signal.verdictAt',
      'signal.verdictReason',
      'exposure.level',
      'exposure.mentionCount',
      'exposure.complaintCount',
    ])
    .where('signal.complaintId', '=', id)
    .orderBy('signal.strength', 'desc')
    .orderBy('signal.id')
    .execute()
  return {
    ...shown,
    title: maskText(row.title, names),
    content: maskText(row.content, names),
    demand: masked(row.demand),
    firstAnswer: masked(row.firstAnswer),
    validityBasis: masked(row.validityBasis),
    gradeComputed: Graded.safeParse(gradeBecause).data ?? null,
    planDueAt: planDueAt(row, policy),
    complainants: people.map(({ nameEncrypted: _sealed, ...person }) => person),
    records: records.map((record) => ({ ...record, note: masked(record.note) })),
    signals: signals.map(({ because, ...signal }) => ({ ...signal, terms: termsOf(because) })),
  }
}

const Evidence = z.array(
  z.object({
    terms: z.array(z.object({ text: z.string(), start: z.number(), end: z.number(), field: z.string() })),
  }),
)
/** The matched words of a link, with their place in title or text. */
const termsOf = (because: unknown) => Evidence.safeParse(because).data?.flatMap(({ terms }) => terms) ?? []

const nameOf = (table: string, id: string) =>
  sql<string | null>`(select named.name from ${sql.table(table)} named where named.id = ${sql.ref(id)})`

/** Personal data in the clear: only behind a purpose and an audit entry. */
export async function revealComplainants(db: Db, vault: Vault, id: number) {
  const rows = await db
    .selectFrom('complainant')
    .select([
      'position',
      'nameEncrypted',
      'phoneEncrypted',
      'addressEncrypted',
      'unitEncrypted',
      'idNumberEncrypted',
    ])
    .where('complaintId', '=', id)
    .orderBy('position')
    .execute()
  const plain = (bytes: Buffer | null) => (bytes ? vault.decrypt(bytes) : null)
  const { title, content, demand } = await db
    .selectFrom('complaint')
    .select(['title', 'content', 'demand'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return {
    title,
    content,
    demand,
    complainants: rows.map((row) => ({
      position: row.position,
      name: plain(row.nameEncrypted),
      phone: plain(row.phoneEncrypted),
      address: plain(row.addressEncrypted),
      unit: plain(row.unitEncrypted),
      idNumber: plain(row.idNumberEncrypted),
    })),
  }
}

/** Moves a case along a transition that `step` allowed, with what was decided on the way, and writes its record. */
export async function moveCase(
  tx: Tx,
  id: number,
  move: {
    from: State
    to: State
    action: string
    clause: string
    closes?: CloseReason | undefined
    note?: string | undefined
    actor: Actor
    now: Date
    decided: {
      validity?: 'valid' | 'coordination' | 'invalid' | undefined
      validityBasis?: string | undefined
      responsibleDepartmentId?: number | undefined
      isOurFault?: boolean | undefined
      nextReplyOn?: string | undefined
    }
  },
): Promise<void> {
  await tx
    .updateTable('complaint')
    .set({
      ...move.decided,
      ...(move.from === move.to ? {} : { state: move.to, stateSince: move.now }),
      ...(move.closes ? { closedAt: move.now, closeReason: move.closes } : {}),
    })
    .where('id', '=', id)
    .execute()
  await writeRecord(tx, id, {
    action: move.action,
    actor: move.actor,
    now: move.now,
    fromState: move.from,
    toState: move.to,
    note: move.note,
    clause: move.clause,
    detail: move.decided,
  })
}

export async function overrideGrade(
  tx: Tx,
  id: number,
  given: { from: number; grade: 1 | 2 | 3 | 4; reason: string; actor: Actor; now: Date },
): Promise<void> {
  await tx
    .updateTable('complaint')
    .set({
      grade: given.grade,
      gradeClause: 'S3-P7.2.3',
      gradedAt: given.now,
      gradeOverriddenBy: given.actor.id,
      gradeOverrideReason: given.reason,
    })
    .where('id', '=', id)
    .execute()
  await writeRecord(tx, id, {
    action: 'override-grade',
    actor: given.actor,
    now: given.now,
    note: given.reason,
    clause: 'S3-P7.2.3',
    detail: { from: given.from, to: given.grade },
  })
}

/** Gives the grade back to the rules; the next regrade sets it. */
export async function dropOverride(
  tx: Tx,
  id: number,
  given: { reason: string; actor: Actor; now: Date },
): Promise<void> {
  await tx
    .updateTable('complaint')
    .set({ gradeOverriddenBy: null, gradeOverrideReason: null })
    .where('id', '=', id)
    .execute()
  await writeRecord(tx, id, {
    action: 'drop-override',
    actor: given.actor,
    now: given.now,
    note: given.reason,
    clause: 'S0-3.0',
    detail: {},
  })
}

export async function judgeSignal(
  tx: Tx,
  complaintId: number,
  signalId: number,
  given: { verdict: 'confirmed' | 'rejected'; reason?: string | undefined; actor: Actor; now: Date },
): Promise<{ riskCode: string; projectId: number | null } | undefined> {
  const judged = await tx
    .updateTable('signal')
    .set({
      state: given.verdict,
      verdictBy: given.actor.id,
      verdictAt: given.now,
      verdictReason: given.reason ?? null,
    })
    .where('id', '=', signalId)
    .where('complaintId', '=', complaintId)
    .returning(['riskCode', 'projectId'])
    .executeTakeFirst()
  if (!judged) return
  await writeRecord(tx, complaintId, {
    action: given.verdict === 'confirmed' ? 'confirm-risk' : 'reject-risk',
    actor: given.actor,
    now: given.now,
    note: given.reason,
    clause: 'S0-14.0',
    detail: { riskCode: judged.riskCode },
  })
  return judged
}

/** Cells to be scored again because what is known about this case changed. */
export async function markForScoring(tx: Tx, complaintIds: readonly number[]): Promise<number> {
  const marked = await sql`
    insert into scoring_due as due (project_id, risk_code)
    select distinct project_id, risk_code from signal
    where complaint_id = any(${[...complaintIds]}::bigint[]) and project_id is not null
    order by project_id, risk_code
    on conflict (project_id, risk_code) do update set since = due.since
  `.execute(tx)
  return Number(marked.numAffectedRows ?? 0)
}

interface RecordGiven {
  action: string
  actor?: Actor | undefined
  now: Date
  fromState?: State
  toState?: State
  note?: string | undefined
  clause: string
  detail: Readonly<Record<string, unknown>>
}

export async function writeRecord(tx: Tx, complaintId: number, given: RecordGiven): Promise<void> {
  await tx
    .insertInto('complaintRecord')
    .values({
      complaintId,
      at: given.now,
      actorId: given.actor?.id ?? null,
      action: given.action,
      fromState: given.fromState ?? null,
      toState: given.toState ?? null,
      note: given.note?.trim() || null,
      detail: JSON.stringify(given.detail),
      clause: given.clause,
    })
    .execute()
}

/** What the forms choose from, within the reader's scope. */
export async function choices(db: Db, scope: Scope) {
  const projects = await db
    .selectFrom('project')
    .select(['id', 'name', 'cityCompanyId', 'city', 'stage'])
    .where(projectInScope(scope, 'project.id'))
    .orderBy('name')
    .execute()
  const companies = await db
    .selectFrom('cityCompany')
    .select(['id', 'name', 'code'])
    .where(
      scope.all
        ? sql<boolean>`true`
        : sql<boolean>`id = any(${[...scope.cityCompanyIds, ...projects.map((one) => one.cityCompanyId)]}::int[])`,
    )
    .orderBy('name')
    .execute()
  const departments = await db
    .selectFrom('department')
    .select(['id', 'name', 'kind', 'cityCompanyId'])
    .orderBy('name')
    .execute()
  const seen = new Set(companies.map(({ id }) => id))
  return {
    projects,
    cityCompanies: companies,
    departments: departments.filter(({ cityCompanyId }) => cityCompanyId === null || seen.has(cityCompanyId)),
  }
}

/** The company itself when the reader sees it whole. */
export function companyInScope(scope: Scope, id: number | undefined): number | undefined {
  return id !== undefined && (scope.all || scope.cityCompanyIds.includes(id)) ? id : undefined
}

export async function isDepartmentOf(db: Db, id: number, cityCompanyId: number): Promise<boolean> {
  const found = await db
    .selectFrom('department')
    .select('id')
    .where('id', '=', id)
    .where((eb) => eb.or([eb('cityCompanyId', 'is', null), eb('cityCompanyId', '=', cityCompanyId)]))
    .executeTakeFirst()
  return found !== undefined
}

// ── while somebody types ──────────────────────────────────────────────────────────────────────────────────────────

/** In the order given. */
export async function projectsById(db: Db, scope: Scope, ids: readonly number[]) {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('project')
    .select(['id', 'name', 'cityCompanyId', 'city'])
    .where('id', 'in', [...ids])
    .where(projectInScope(scope, 'project.id'))
    .execute()
  return rows.sort((one, other) => ids.indexOf(one.id) - ids.indexOf(other.id))
}

/** What the ledger and the media know of this project's risks: open cases like this one, and the facts of its grade. */
export async function aroundDraft(
  db: Db,
  scope: Scope,
  {
    projectId,
    risks,
    now,
    policy,
  }: { projectId: number; risks: readonly string[]; now: Date; policy: GradePolicy },
) {
  const codes = [...risks]
  const days = policy.sameComplaint.rollingDays
  const same = await sql<{
    id: number
    number: string
    title: string
    state: string
    grade: number
    receivedAt: Date
    riskCodes: string[]
  }>`
    select c.id, c.number, c.title, c.state, c.grade, c.received_at, array_agg(distinct s.risk_code) as risk_codes
    from signal s join complaint c on c.id = s.complaint_id
    where s.project_id = ${projectId} and s.risk_code = any(${codes}::text[]) and s.state <> 'rejected'
      and c.received_at > ${now}::timestamptz - make_interval(days => ${days})
      and ${projectInScope(scope, 'c.project_id', 'c.city_company_id')}
    group by c.id order by c.received_at desc limit 20
  `.execute(db)
  const sameCases = await sql<SameCase>`
    select s.risk_code, c.received_at as at, encode(p.person_key, 'hex') as person
    from signal s join complaint c on c.id = s.complaint_id and c.kind = 'complaint' and c.validity is distinct from 'invalid'
    left join complainant p on p.complaint_id = c.id
    where s.project_id = ${projectId} and s.risk_code = any(${codes}::text[]) and s.state <> 'rejected'
      and c.received_at > ${now}::timestamptz - make_interval(days => ${days})
  `.execute(db)
  const coverage = await sql<Coverage>`
    select s.risk_code, count(*) as mentions, count(distinct coalesce(m.family_id, -m.source_id)) as families,
      array_remove(array_agg(distinct m.tier), null) as tiers
    from signal s join mention m on m.id = s.mention_id and m.polarity = 'negative'
    where s.project_id = ${projectId} and s.risk_code = any(${codes}::text[]) and s.state <> 'rejected'
      and not s.is_learning and s.occurred_at > ${now}::timestamptz - make_interval(days => ${policy.coverageDays})
    group by s.risk_code
  `.execute(db)
  return {
    same: same.rows.map((row) => ({ ...row, title: maskText(row.title) })),
    sameCases: sameCases.rows,
    coverage: coverage.rows,
  }
}

/** Earlier cases of the same person, newest first. */
export async function casesOfPerson(db: Db, scope: Scope, personKey: Buffer) {
  const rows = await db
    .selectFrom('complainant')
    .innerJoin('complaint', 'complaint.id', 'complainant.complaintId')
    .select([
      'complaint.id',
      'complaint.number',
      'complaint.title',
      'complaint.state',
      'complaint.grade',
      'complaint.receivedAt',
    ])
    .where('complainant.personKey', '=', personKey)
    .where(projectInScope(scope, 'complaint.projectId', 'complaint.cityCompanyId'))
    .orderBy('complaint.receivedAt', 'desc')
    .limit(10)
    .execute()
  return rows.map((row) => ({ ...row, title: maskText(row.title) }))
}
