import { type SqlBool, sql } from 'kysely'
import type { Scope } from '../access/scope.ts'
import type { Db, Tx } from '../db/connect.ts'
import { takeLock } from '../db/locks.ts'
import type { Level, Stage } from '../db/schema.ts'
import { projectInScope } from '../db/scoped.ts'
import type { Value } from './cells.ts'
import type { MasterData, Write } from './compare.ts'
import { defaultPublishers } from './default-publishers.ts'
import { departmentKinds, milestoneKinds, stages, type Tier, tiers, wordFor } from './words.ts'

// ── all of it, as the sheets show it ──────────────────────────────────────────────────────────────────────────────

/** Changes of master data queue for this lock, so that two imports at once see each other's rows. */
export async function lockMasterData(tx: Tx): Promise<void> {
  await takeLock(tx, 'masterData')
}

export async function masterData(db: Db, scope: Scope): Promise<MasterData> {
  const inScope = projectInScope(scope, 'project.id')
  const companies = await db
    .selectFrom('cityCompany')
    .select(['code', 'name', 'city'])
    .where(companyInScope(scope, 'cityCompany.id'))
    .orderBy('code')
    .execute()
  const departments = await db
    .selectFrom('department')
    .leftJoin('cityCompany', 'cityCompany.id', 'department.cityCompanyId')
    .select(['cityCompany.name as company', 'department.name', 'department.kind'])
    .where(
      sql<SqlBool>`(department.city_company_id is null or ${companyInScope(scope, 'department.cityCompanyId')})`,
    )
    .orderBy('cityCompany.code')
    .orderBy('department.name')
    .execute()
  const projects = await db
    .selectFrom('project')
    .innerJoin('cityCompany', 'cityCompany.id', 'project.cityCompanyId')
    .leftJoin('projectAlias', 'projectAlias.projectId', 'project.id')
    .select([
      'project.code',
      'project.name',
      'cityCompany.name as company',
      'project.city',
      'district',
      'address',
      'longitude',
      'latitude',
      'stage',
      'households',
      aliasesOf('alias').as('aliases'),
      aliasesOf('promotion-name').as('promotionNames'),
      aliasesOf('learnt').as('learntNames'),
    ])
    .where(inScope)
    .groupBy(['project.id', 'cityCompany.id'])
    .orderBy('project.code')
    .execute()
  const phases = await db
    .selectFrom('projectPhase')
    .innerJoin('project', 'project.id', 'projectPhase.projectId')
    .select([
      'project.code as project',
      'projectPhase.name',
      'buildings',
      'projectPhase.households',
      'deliveryOn',
    ])
    .where(inScope)
    .orderBy('project.code')
    .orderBy('projectPhase.name')
    .execute()
  const milestones = await db
    .selectFrom('milestone')
    .innerJoin('project', 'project.id', 'milestone.projectId')
    .select(['project.code as project', 'phaseName as phase', 'kind', 'plannedOn', 'actualOn', 'note'])
    .where(inScope)
    .orderBy('project.code')
    .orderBy('plannedOn')
    .orderBy('milestone.id')
    .execute()
  const publishers = await db
    .selectFrom('publisher')
    .innerJoin('publisherFamily as family', 'family.id', 'publisher.familyId')
    .select(['publisher.name', 'family.name as family', 'family.tier', 'publisher.hosts'])
    .orderBy('family.name')
    .orderBy('publisher.name')
    .execute()
  return {
    'city-company': new Map(companies.map((row) => [row.code, { ...row }])),
    department: new Map(departments.map((row) => [`${row.company ?? ''}/${row.name}`, { ...row }])),
    project: new Map(projects.map((row) => [row.code, { ...row }])),
    phase: new Map(phases.map((row) => [`${row.project}/${row.name}`, { ...row }])),
    milestone: new Map(
      milestones.map((row) => [`${row.project}/${row.phase ?? ''}/${row.kind}`, { ...row }]),
    ),
    publisher: new Map(publishers.map((row) => [row.name, { ...row }])),
  }
}

const aliasesOf = (kind: 'alias' | 'promotion-name' | 'learnt') =>
  sql<
    string[]
  >`coalesce(array_agg(project_alias.alias order by project_alias.alias) filter (where project_alias.kind = ${kind}), '{}')`

const companyInScope = (scope: Scope, column: string) =>
  scope.all ? sql<SqlBool>`true` : sql<SqlBool>`${sql.ref(column)} = any(${[...scope.cityCompanyIds]}::int[])`

/** Stores what the comparison found; each write finds what it refers to among those before it. */
export async function writeMasterData(tx: Tx, writes: readonly Write[], now: Date): Promise<void> {
  const companyIds = await idsBy(tx, 'cityCompany', 'name')
  const projectIds = await idsBy(tx, 'project', 'code')
  const idOf = (ids: ReadonlyMap<string, number>, key: Value | undefined) => {
    const id = ids.get(String(key))
    if (id === undefined) throw new Error(`a row refers to «${String(key)}», which is not stored`)
    return id
  }
  for (const { table, values } of writes) {
    switch (table) {
      case 'city-company': {
        const row = { code: text(values.code), name: text(values.name), city: text(values.city) }
        const { id } = await tx
          .insertInto('cityCompany')
          .values(row)
          .onConflict((conflict) => conflict.column('code').doUpdateSet(row))
          .returning('id')
          .executeTakeFirstOrThrow()
        companyIds.set(row.name, id)
        break
      }
      case 'department': {
        const row = {
          cityCompanyId: values.company === null ? null : idOf(companyIds, values.company),
          name: text(values.name),
          kind: wordOrThrow(departmentKinds, values.kind),
        }
        await tx
          .insertInto('department')
          .values(row)
          .onConflict((conflict) =>
            conflict.columns(['cityCompanyId', 'name']).doUpdateSet({ kind: row.kind }),
          )
          .execute()
        break
      }
      case 'project': {
        const row = {
          code: text(values.code),
          name: text(values.name),
          cityCompanyId: idOf(companyIds, values.company),
          city: text(values.city),
          district: textOrNull(values.district),
          address: textOrNull(values.address),
          longitude: numberOrNull(values.longitude),
          latitude: numberOrNull(values.latitude),
          stage: wordOrThrow(stages, values.stage),
          households: numberOrNull(values.households),
          updatedAt: now,
        }
        const { id } = await tx
          .insertInto('project')
          .values(row)
          .onConflict((conflict) => conflict.column('code').doUpdateSet(row))
          .returning('id')
          .executeTakeFirstOrThrow()
        projectIds.set(row.code, id)
        await replaceAliases(tx, id, values)
        break
      }
      case 'phase': {
        const row = {
          projectId: idOf(projectIds, values.project),
          name: text(values.name),
          buildings: textOrNull(values.buildings),
          households: numberOrNull(values.households),
          deliveryOn: textOrNull(values.deliveryOn),
        }
        await tx
          .insertInto('projectPhase')
          .values(row)
          .onConflict((conflict) => conflict.columns(['projectId', 'name']).doUpdateSet(row))
          .execute()
        break
      }
      case 'milestone': {
        await putMilestone(tx, {
          projectId: idOf(projectIds, values.project),
          phaseName: textOrNull(values.phase),
          kind: wordOrThrow(milestoneKinds, values.kind),
          plannedOn: text(values.plannedOn),
          actualOn: textOrNull(values.actualOn),
          note: textOrNull(values.note),
        })
        break
      }
      case 'publisher': {
        await putPublisher(tx, {
          name: text(values.name),
          family: text(values.family),
          tier: wordOrThrow(tiers, values.tier),
          hosts: names(values.hosts),
        })
        break
      }
    }
  }
}

async function idsBy(
  db: Db,
  table: 'cityCompany' | 'project',
  column: 'name' | 'code',
): Promise<Map<string, number>> {
  const rows =
    table === 'cityCompany'
      ? await db.selectFrom('cityCompany').select(['id', column]).execute()
      : await db.selectFrom('project').select(['id', column]).execute()
  return new Map(rows.map((row) => [String(row[column]), row.id]))
}

async function replaceAliases(
  tx: Tx,
  projectId: number,
  values: Readonly<Record<string, Value>>,
): Promise<void> {
  await tx.deleteFrom('projectAlias').where('projectId', '=', projectId).execute()
  const rows = [
    ...names(values.promotionNames).map((alias) => ({ projectId, alias, kind: 'promotion-name' as const })),
    ...names(values.aliases).map((alias) => ({ projectId, alias, kind: 'alias' as const })),
    ...names(values.learntNames).map((alias) => ({ projectId, alias, kind: 'learnt' as const })),
  ]
  if (rows.length === 0) return
  await tx
    .insertInto('projectAlias')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

const names = (value: Value | undefined): string[] =>
  typeof value === 'object' && value !== null ? [...value] : []
const numberOrNull = (value: Value | undefined) => (typeof value === 'number' ? value : null)
const textOrNull = (value: Value | undefined) => (typeof value === 'string' ? value : null)

function text(value: Value | undefined): string {
  if (typeof value === 'string') return value
  throw new Error('a checked row lacks a required value')
}

function wordOrThrow<Word extends string>(
  list: readonly { value: Word; zh: string; en: string }[],
  value: Value | undefined,
): Word {
  const word = wordFor(list, text(value))
  if (word === undefined) throw new Error('a checked row holds an unknown word')
  return word
}

// ── projects ──────────────────────────────────────────────────────────────────────────────────────────────────────

export interface ProjectFilter {
  q?: string | undefined
  cityCompanyId?: number | undefined
  stage?: Stage | undefined
  after?: string | undefined
  limit: number
}

export async function listProjects(db: Db, scope: Scope, filter: ProjectFilter) {
  const { q, cityCompanyId, stage, after, limit } = filter
  let query = db
    .selectFrom('project')
    .innerJoin('cityCompany', 'cityCompany.id', 'project.cityCompanyId')
    .select([
      'project.id',
      'project.code',
      'project.name',
      'project.city',
      'project.district',
      'project.stage',
      'project.households',
      'project.cityCompanyId',
      'cityCompany.name as cityCompany',
    ])
    .select(({ selectFrom }) => [
      selectFrom('exposure')
        .whereRef('exposure.projectId', '=', 'project.id')
        .where('exposure.level', 'is not', null)
        .select(sql<string | null>`string_agg(exposure.level, ',')`.as('levels'))
        .as('levels'),
      selectFrom('milestone')
        .whereRef('milestone.projectId', '=', 'project.id')
        .where('milestone.actualOn', 'is', null)
        .select(sql<string | null>`min(milestone.planned_on)::text`.as('on'))
        .as('nextMilestoneOn'),
      selectFrom('complaint')
        .whereRef('complaint.projectId', '=', 'project.id')
        .where('complaint.closedAt', 'is', null)
        .select(({ fn }) => fn.countAll<number>().as('open'))
        .as('openComplaints'),
    ])
    .where(projectInScope(scope, 'project.id'))
    .orderBy('project.code')
    .limit(limit + 1)
  if (cityCompanyId !== undefined) query = query.where('project.cityCompanyId', '=', cityCompanyId)
  if (stage) query = query.where('project.stage', '=', stage)
  if (after) query = query.where('project.code', '>', after)
  if (q) {
    const like = `%${q.replaceAll(/[\\%_]/g, '\\$&')}%`
    query = query.where(({ or, eb, exists, selectFrom }) =>
      or([
        eb('project.name', 'ilike', like),
        eb('project.code', 'ilike', like),
        eb('project.city', 'ilike', like),
        exists(
          selectFrom('projectAlias')
            .select('projectAlias.alias')
            .whereRef('projectAlias.projectId', '=', 'project.id')
            .where('projectAlias.alias', 'ilike', like),
        ),
      ]),
    )
  }
  const found = await query.execute()
  const rows = found.slice(0, limit).map(({ levels, ...row }) => ({ ...row, levels: countLevels(levels) }))
  return { rows, next: found.length > limit ? (rows.at(-1)?.code ?? null) : null }
}

function countLevels(joined: string | null): Record<Level, number> {
  const all = joined?.split(',') ?? []
  const count = (level: Level) => all.filter((each) => each === level).length
  return { I: count('I'), II: count('II'), III: count('III'), IV: count('IV') }
}

export function findProject(db: Db, scope: Scope, id: number) {
  return db
    .selectFrom('project')
    .innerJoin('cityCompany', 'cityCompany.id', 'project.cityCompanyId')
    .select([
      'project.id',
      'project.code',
      'project.name',
      'project.city',
      'district',
      'address',
      'longitude',
      'latitude',
      'stage',
      'households',
      'updatedAt',
      'project.cityCompanyId',
      'cityCompany.name as cityCompany',
    ])
    .where('project.id', '=', id)
    .where(projectInScope(scope, 'project.id'))
    .executeTakeFirst()
}

export async function projectDetail(db: Db, scope: Scope, id: number) {
  const project = await findProject(db, scope, id)
  if (!project) return undefined
  const [aliases, phases, milestones, exposures] = await Promise.all([
    db
      .selectFrom('projectAlias')
      .select(['alias', 'kind'])
      .where('projectId', '=', id)
      .orderBy('kind')
      .orderBy('alias')
      .execute(),
    db
      .selectFrom('projectPhase')
      .select(['name', 'buildings', 'households', 'deliveryOn'])
      .where('projectId', '=', id)
      .orderBy('name')
      .execute(),
    db
      .selectFrom('milestone')
      .select(['id', 'phaseName', 'kind', 'plannedOn', 'actualOn', 'note'])
      .where('projectId', '=', id)
      .orderBy('plannedOn')
      .orderBy('id')
      .execute(),
    db
      .selectFrom('exposure')
      .leftJoin('risk', 'risk.code', 'exposure.riskCode')
      .select([
        'exposure.riskCode',
        'risk.nameZh',
        'risk.nameEn',
        'exposure.level',
        'exposure.mentionCount',
        'exposure.openComplaintCount',
        'exposure.lastEvidenceAt',
      ])
      .where('exposure.projectId', '=', id)
      .where('exposure.level', 'is not', null)
      .orderBy('exposure.level')
      .orderBy('exposure.lastEvidenceAt', 'desc')
      .execute(),
  ])
  return { ...project, aliases, phases, milestones, exposures }
}

export interface ProjectPatch {
  name?: string | undefined
  city?: string | undefined
  district?: string | null | undefined
  address?: string | null | undefined
  longitude?: number | null | undefined
  latitude?: number | null | undefined
  stage?: Stage | undefined
  households?: number | null | undefined
}

export interface NewProject {
  cityCompanyId: number
  code: string
  name: string
  city: string
  district: string | null
  stage: Stage
}

/** A project of its own; undefined when its code is taken. */
export async function insertProject(tx: Tx, row: NewProject): Promise<number | undefined> {
  const added = await tx
    .insertInto('project')
    .values(row)
    .onConflict((conflict) => conflict.column('code').doNothing())
    .returning('id')
    .executeTakeFirst()
  return added?.id
}

export async function updateProject(tx: Tx, id: number, patch: ProjectPatch, now: Date): Promise<void> {
  await tx
    .updateTable('project')
    .set({ ...patch, updatedAt: now })
    .where('id', '=', id)
    .execute()
}

/** True when another project of the same city company bears the name. */
export async function isNameTaken(db: Db, project: { id: number; cityCompanyId: number }, name: string) {
  const other = await db
    .selectFrom('project')
    .select('id')
    .where('cityCompanyId', '=', project.cityCompanyId)
    .where('name', '=', name)
    .where('id', '!=', project.id)
    .executeTakeFirst()
  return other !== undefined
}

/** False when the project has that alias already. */
export async function addAlias(
  tx: Tx,
  row: { projectId: number; alias: string; kind: 'alias' | 'promotion-name' | 'learnt' },
): Promise<boolean> {
  const added = await tx
    .insertInto('projectAlias')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (added.numInsertedOrUpdatedRows ?? 0n) > 0n
}

export async function removeAlias(tx: Tx, projectId: number, alias: string): Promise<boolean> {
  const removed = await tx
    .deleteFrom('projectAlias')
    .where('projectId', '=', projectId)
    .where('alias', '=', alias)
    .executeTakeFirst()
  return removed.numDeletedRows > 0n
}

export interface MilestoneRow {
  projectId: number
  phaseName: string | null
  kind: string
  plannedOn: string
  actualOn: string | null
  note: string | null
}

export async function putMilestone(tx: Tx, row: MilestoneRow): Promise<void> {
  await tx
    .insertInto('milestone')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['projectId', 'phaseName', 'kind'])
        .doUpdateSet({ plannedOn: row.plannedOn, actualOn: row.actualOn, note: row.note }),
    )
    .execute()
}

export async function removeMilestone(tx: Tx, projectId: number, id: number): Promise<boolean> {
  const removed = await tx
    .deleteFrom('milestone')
    .where('projectId', '=', projectId)
    .where('id', '=', id)
    .executeTakeFirst()
  return removed.numDeletedRows > 0n
}

export interface PhaseRow {
  projectId: number
  name: string
  buildings: string | null
  households: number | null
  deliveryOn: string | null
}

export async function putPhase(tx: Tx, row: PhaseRow): Promise<void> {
  await tx
    .insertInto('projectPhase')
    .values(row)
    .onConflict((conflict) => conflict.columns(['projectId', 'name']).doUpdateSet(row))
    .execute()
}

/** A name older than this in the stream is history: reading it again would change no warning. */
const REREAD_DAYS = 90

/**
 * Notes names that a project gained or lost: the analysis, which the caller wakes, finds the recent texts that bear them
 * and reads those again. Gives whether there was any; a name of one letter stands in every other text and is passed over.
 */
export async function noteNames(tx: Tx, names: readonly string[], now: Date): Promise<boolean> {
  const noted = [...new Set(names.map((name) => name.trim()))].filter((name) => [...name].length >= 2).sort()
  if (noted.length === 0) return false
  const since = new Date(now.getTime() - REREAD_DAYS * 86_400_000)
  await sql`
    insert into name_due (name, since) select name, ${since} from unnest(${noted}::text[]) name order by name
    on conflict (name) do update set since = excluded.since, noted_at = excluded.noted_at`.execute(tx)
  return true
}

// ── city companies, departments, publishers ───────────────────────────────────────────────────────────────────────

export function listCityCompanies(db: Db, scope: Scope) {
  return db
    .selectFrom('cityCompany')
    .select(['id', 'code', 'name', 'city'])
    .select(({ selectFrom }) =>
      selectFrom('project')
        .whereRef('project.cityCompanyId', '=', 'cityCompany.id')
        .where(projectInScope(scope, 'project.id'))
        .select(({ fn }) => fn.countAll<number>().as('projects'))
        .as('projects'),
    )
    .where(companyInScope(scope, 'cityCompany.id'))
    .orderBy('code')
    .execute()
}

export function listDepartments(db: Db, scope: Scope) {
  return db
    .selectFrom('department')
    .select(['id', 'cityCompanyId', 'kind', 'name'])
    .where(sql<SqlBool>`(city_company_id is null or ${companyInScope(scope, 'department.cityCompanyId')})`)
    .orderBy(sql`city_company_id nulls first`)
    .orderBy('name')
    .execute()
}

export async function putDepartment(
  tx: Tx,
  row: { cityCompanyId: number | null; kind: string; name: string },
): Promise<number> {
  const { id } = await tx
    .insertInto('department')
    .values(row)
    .onConflict((conflict) => conflict.columns(['cityCompanyId', 'name']).doUpdateSet({ kind: row.kind }))
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export async function putCityCompany(
  tx: Tx,
  row: { code: string; name: string; city: string },
): Promise<number> {
  const { id } = await tx
    .insertInto('cityCompany')
    .values(row)
    .onConflict((conflict) => conflict.column('code').doUpdateSet(row))
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export async function cityCompanyNamed(db: Db, name: string) {
  return db.selectFrom('cityCompany').select(['id', 'code']).where('name', '=', name).executeTakeFirst()
}

export function listPublishers(db: Db) {
  return db
    .selectFrom('publisher')
    .innerJoin('publisherFamily as family', 'family.id', 'publisher.familyId')
    .select([
      'publisher.id',
      'publisher.name',
      'publisher.hosts',
      'family.id as familyId',
      'family.name as family',
      'family.tier',
    ])
    .orderBy('family.tier')
    .orderBy('family.name')
    .orderBy('publisher.name')
    .execute()
}

export async function putPublisher(
  tx: Tx,
  row: { name: string; family: string; tier: Tier; hosts: readonly string[] },
): Promise<number> {
  const family = await tx
    .insertInto('publisherFamily')
    .values({ name: row.family, tier: row.tier })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ tier: row.tier }))
    .returning('id')
    .executeTakeFirstOrThrow()
  const { id } = await tx
    .insertInto('publisher')
    .values({ name: row.name, familyId: family.id, hosts: [...row.hosts] })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet({ familyId: family.id, hosts: [...row.hosts] }),
    )
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export async function setFamilyTier(tx: Tx, familyId: number, tier: Tier): Promise<string | undefined> {
  const changed = await tx
    .updateTable('publisherFamily')
    .set({ tier })
    .where('id', '=', familyId)
    .returning('name')
    .executeTakeFirst()
  return changed?.name
}

/** At first start: the shipped list, unless there are publishers already. Two processes at once load it once. */
export async function ensureDefaultPublishers(tx: Tx): Promise<void> {
  await lockMasterData(tx)
  if ((await tx.selectFrom('publisher').select('id').limit(1).executeTakeFirst()) !== undefined) return
  for (const publisher of defaultPublishers) await putPublisher(tx, publisher)
}
