import { zValidator } from '@hono/zod-validator'
import { type Context, Hono } from 'hono'
import writeXlsxFile from 'write-excel-file/node'
import { z } from 'zod'
import { CollectError } from '../../collectors/collector.ts'
import { readTables } from '../../collectors/tables.ts'
import { permit } from '../access/guard.ts'
import { recordAudit } from '../audit/store.ts'
import { inTransaction } from '../db/in-transaction.ts'
import type { Env } from '../http/context.ts'
import { IdParam, refuseInvalid } from '../http/validate.ts'
import { Refusal } from '../lib/refusal.ts'
import { checkTables } from './check.ts'
import { tableNames } from './columns.ts'
import { csvOf, exportSheet, exportSheets } from './export-shape.ts'
import { importMasterData } from './import-store.ts'
import * as store from './store.ts'
import { departmentKinds, milestoneKinds, stages, tiers } from './words.ts'

const Day = z.iso.date()
const Stage = z.enum(values(stages))
const blank = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .transform((text) => (text === '' ? null : text))
    .nullable()

const ProjectPage = z.object({
  q: z.string().trim().max(60).optional(),
  cityCompanyId: z.coerce.number().int().positive().optional(),
  stage: Stage.optional(),
  after: z.string().max(60).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(100),
})

const ProjectChange = z.strictObject({
  name: z.string().trim().min(1).max(60).optional(),
  city: z.string().trim().min(1).max(20).optional(),
  district: blank(30).optional(),
  address: blank(120).optional(),
  longitude: z.number().min(73).max(136).nullable().optional(),
  latitude: z.number().min(3).max(54).nullable().optional(),
  stage: Stage.optional(),
  households: z.int().min(0).max(100_000).nullable().optional(),
})

const NewProject = z.strictObject({
  cityCompanyId: z.int().positive(),
  code: z.string().trim().min(1).max(30),
  name: z.string().trim().min(2).max(60),
  city: z.string().trim().min(1).max(20),
  district: blank(30).default(null),
  stage: Stage,
})

const Alias = z.strictObject({
  alias: z.string().trim().min(2).max(60),
  kind: z.enum(['alias', 'promotion-name', 'learnt']).default('alias'),
})
const AliasQuery = z.object({ alias: z.string().min(1).max(60) })

const Milestone = z.strictObject({
  phaseName: z.string().trim().min(1).max(30).nullable().default(null),
  kind: z.enum(values(milestoneKinds)),
  plannedOn: Day,
  actualOn: Day.nullable().default(null),
  note: blank(200).default(null),
})
const MilestoneParam = IdParam.extend({ milestoneId: z.coerce.number().int().positive() })

const Phase = z.strictObject({
  name: z.string().trim().min(1).max(30),
  buildings: blank(200).default(null),
  households: z.int().min(0).max(100_000).nullable().default(null),
  deliveryOn: Day.nullable().default(null),
})

const CityCompany = z.strictObject({
  code: z.string().trim().min(1).max(30),
  name: z.string().trim().min(2).max(60),
  city: z.string().trim().min(1).max(20),
})

const Department = z.strictObject({
  cityCompanyId: z.int().positive().nullable(),
  kind: z.enum(values(departmentKinds)),
  name: z.string().trim().min(1).max(40),
})

const Publisher = z.strictObject({
  name: z.string().trim().min(1).max(60),
  family: z.string().trim().min(1).max(60),
  tier: z.enum(values(tiers)),
  hosts: z.array(z.string().regex(/^([a-z0-9-]+\.)+[a-z0-9-]{2,}$/)).max(50),
})
const FamilyTier = z.strictObject({ tier: z.enum(values(tiers)) })

const ExportQuery = z.object({
  language: z.enum(['zh', 'en']).default('zh'),
  table: z.enum(tableNames).default('project'),
})

const flag = z.enum(['true', 'false']).default('false')
const ImportForm = z.object({
  file: z.instanceof(File),
  dryRun: flag,
  partial: flag,
  /** JSON: header of the file → our header. */
  map: z.string().max(10_000).default('{}'),
})
const HeaderMap = z.record(z.string(), z.string())

export const projectRoutes = new Hono<Env>()
  .get('/', permit('project.read'), zValidator('query', ProjectPage, refuseInvalid), async (c) =>
    c.json(await store.listProjects(c.get('services').db, c.get('user').scope, c.req.valid('query'))),
  )

  .post('/', permit('project.manage'), zValidator('json', NewProject, refuseInvalid), async (c) => {
    const { db, now, jobs } = c.get('services')
    const { scope } = c.get('user')
    const row = c.req.valid('json')
    const { id, isRereading } = await inTransaction(db, async (tx) => {
      await store.lockMasterData(tx)
      const companies = await store.listCityCompanies(tx, scope)
      if (!companies.some((company) => company.id === row.cityCompanyId))
        throw new Refusal(422, 'unknown-city-company', { field: 'cityCompanyId' })
      if (await store.isNameTaken(tx, { id: 0, cityCompanyId: row.cityCompanyId }, row.name))
        throw new Refusal(409, 'project-name-taken', { field: 'name' })
      const added = await store.insertProject(tx, row)
      if (added === undefined) throw new Refusal(409, 'code-taken', { field: 'code' })
      await recordAudit(tx, {
        actor: c.get('user'),
        action: 'project.add',
        subject: { kind: 'project', id: added },
        cityCompanyId: row.cityCompanyId,
        detail: { ...row },
      })
      return { id: added, isRereading: await store.noteNames(tx, [row.name], now()) }
    })
    if (isRereading) await jobs.wake('analysis')
    await jobs.announce({ topic: 'exposure', projectIds: [id] })
    return c.json({ id, isRereading }, 201)
  })

  .get('/export.xlsx', permit('project.read'), zValidator('query', ExportQuery, refuseInvalid), async (c) => {
    const data = await store.masterData(c.get('services').db, c.get('user').scope)
    const sheets = exportSheets(data, c.req.valid('query').language)
    const file = await writeXlsxFile(
      sheets.map(({ name, header, rows }) => ({
        sheet: name,
        data: [
          header.map((value) => ({ value, fontWeight: 'bold' as const })),
          ...rows.map((row) => [...row]),
        ],
        stickyRowsCount: 1,
        columns: header.map(() => ({ width: 18 })),
      })),
    ).toBuffer()
    return download(
      c,
      new Uint8Array(file),
      'projects.xlsx',
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    )
  })

  .get('/export.csv', permit('project.read'), zValidator('query', ExportQuery, refuseInvalid), async (c) => {
    const { language, table } = c.req.valid('query')
    const data = await store.masterData(c.get('services').db, c.get('user').scope)
    const csv = csvOf(exportSheet(data, table, language))
    return download(c, new TextEncoder().encode(csv), `${table}.csv`, 'text/csv; charset=utf-8')
  })

  .post('/import', permit('project.manage'), zValidator('form', ImportForm, refuseInvalid), async (c) => {
    const { db, now, jobs } = c.get('services')
    const form = c.req.valid('form')
    headquartersOnly(c)
    const checked = checkTables(await tablesOf(form.file), headerMap(form.map))
    const options = { now: now(), dryRun: form.dryRun === 'true', partial: form.partial === 'true' }
    const report = await inTransaction(db, async (tx) => {
      const done = await importMasterData(tx, checked, options)
      if (done.written) {
        await recordAudit(tx, {
          actor: c.get('user'),
          action: 'project.import',
          subject: { kind: 'master-data' },
          detail: {
            file: form.file.name,
            counts: done.counts,
            rows: done.rows
              .filter((row) => row.outcome === 'added' || row.outcome === 'changed')
              .slice(0, 200)
              .map((row) => `${row.outcome} ${row.table} ${row.key}`),
          },
        })
      }
      return done
    })
    if (report.isRereading) await jobs.wake('analysis')
    if (report.written) await jobs.announce({ topic: 'exposure' })
    return c.json(report)
  })

  .get('/city-companies', permit('project.read'), async (c) =>
    c.json({ rows: await store.listCityCompanies(c.get('services').db, c.get('user').scope) }),
  )
  .put(
    '/city-companies',
    permit('project.manage'),
    zValidator('json', CityCompany, refuseInvalid),
    async (c) => {
      headquartersOnly(c)
      const row = c.req.valid('json')
      const id = await inTransaction(c.get('services').db, async (tx) => {
        await store.lockMasterData(tx)
        const namesake = await store.cityCompanyNamed(tx, row.name)
        if (namesake && namesake.code !== row.code)
          throw new Refusal(409, 'name-taken', { field: 'name', code: namesake.code })
        const stored = await store.putCityCompany(tx, row)
        await recordAudit(tx, {
          actor: c.get('user'),
          action: 'city-company.change',
          subject: { kind: 'city-company', id: stored },
          cityCompanyId: stored,
          detail: row,
        })
        return stored
      })
      return c.json({ id })
    },
  )

  .get('/departments', permit('project.read'), async (c) =>
    c.json({ rows: await store.listDepartments(c.get('services').db, c.get('user').scope) }),
  )
  .put('/departments', permit('project.manage'), zValidator('json', Department, refuseInvalid), async (c) => {
    const row = c.req.valid('json')
    const { scope } = c.get('user')
    if (!scope.all && (row.cityCompanyId === null || !scope.cityCompanyIds.includes(row.cityCompanyId)))
      throw new Refusal(404, 'not-found')
    const companies = await store.listCityCompanies(c.get('services').db, scope)
    if (row.cityCompanyId !== null && !companies.some(({ id }) => id === row.cityCompanyId))
      throw new Refusal(422, 'unknown-place', { field: 'cityCompanyId' })
    const id = await inTransaction(c.get('services').db, async (tx) => {
      const stored = await store.putDepartment(tx, row)
      await recordAudit(tx, {
        actor: c.get('user'),
        action: 'department.change',
        subject: { kind: 'department', id: stored },
        cityCompanyId: row.cityCompanyId,
        detail: row,
      })
      return stored
    })
    return c.json({ id })
  })

  .get('/publishers', permit('project.read'), async (c) =>
    c.json({ rows: await store.listPublishers(c.get('services').db) }),
  )
  .put('/publishers', permit('project.manage'), zValidator('json', Publisher, refuseInvalid), async (c) => {
    headquartersOnly(c)
    const row = c.req.valid('json')
    const id = await inTransaction(c.get('services').db, async (tx) => {
      const stored = await store.putPublisher(tx, row)
      await recordAudit(tx, {
        actor: c.get('user'),
        action: 'publisher.change',
        subject: { kind: 'publisher', id: stored },
        detail: row,
      })
      return stored
    })
    return c.json({ id })
  })
  .patch(
    '/publisher-families/:id',
    permit('project.manage'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', FamilyTier, refuseInvalid),
    async (c) => {
      headquartersOnly(c)
      const { id } = c.req.valid('param')
      const { tier } = c.req.valid('json')
      await inTransaction(c.get('services').db, async (tx) => {
        const name = await store.setFamilyTier(tx, id, tier)
        if (name === undefined) throw new Refusal(404, 'not-found')
        await recordAudit(tx, {
          actor: c.get('user'),
          action: 'publisher-family.change',
          subject: { kind: 'publisher-family', id },
          detail: { name, tier },
        })
      })
      return c.body(null, 204)
    },
  )

  .get('/:id', permit('project.read'), zValidator('param', IdParam, refuseInvalid), async (c) => {
    const detail = await store.projectDetail(
      c.get('services').db,
      c.get('user').scope,
      c.req.valid('param').id,
    )
    if (!detail) throw new Refusal(404, 'not-found')
    return c.json(detail)
  })

  .patch(
    '/:id',
    permit('project.manage'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', ProjectChange, refuseInvalid),
    async (c) => {
      const { db, now, jobs } = c.get('services')
      const { id } = c.req.valid('param')
      const change = c.req.valid('json')
      const isRereading = await inTransaction(db, async (tx) => {
        await store.lockMasterData(tx)
        const before = await store.findProject(tx, c.get('user').scope, id)
        if (!before) throw new Refusal(404, 'not-found')
        if (change.name !== undefined && (await store.isNameTaken(tx, before, change.name)))
          throw new Refusal(409, 'name-taken', { field: 'name' })
        await store.updateProject(tx, id, change, now())
        const isRenamed = change.name !== undefined && change.name !== before.name
        const isNoted = isRenamed && (await store.noteNames(tx, [before.name, change.name ?? ''], now()))
        await recordAudit(tx, {
          actor: c.get('user'),
          action: 'project.change',
          subject: { kind: 'project', id },
          cityCompanyId: before.cityCompanyId,
          detail: change,
        })
        return isNoted
      })
      if (isRereading) await jobs.wake('analysis')
      await jobs.announce({ topic: 'exposure', projectIds: [id] })
      return c.json({ isRereading })
    },
  )

  .post(
    '/:id/aliases',
    permit('project.manage'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', Alias, refuseInvalid),
    async (c) => {
      const { id } = c.req.valid('param')
      const row = { projectId: id, ...c.req.valid('json') }
      const isRereading = await changeAlias(c, id, 'project.alias-add', row.alias, async (tx) => {
        if (!(await store.addAlias(tx, row))) throw new Refusal(409, 'alias-known', { field: 'alias' })
      })
      return c.json({ isRereading }, 201)
    },
  )
  .delete(
    '/:id/aliases',
    permit('project.manage'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('query', AliasQuery, refuseInvalid),
    async (c) => {
      const { id } = c.req.valid('param')
      const { alias } = c.req.valid('query')
      const isRereading = await changeAlias(c, id, 'project.alias-remove', alias, async (tx) => {
        if (!(await store.removeAlias(tx, id, alias))) throw new Refusal(404, 'not-found')
      })
      return c.json({ isRereading })
    },
  )

  .put(
    '/:id/milestones',
    permit('project.manage'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', Milestone, refuseInvalid),
    async (c) => {
      const { id } = c.req.valid('param')
      const row = c.req.valid('json')
      await changeProject(c, id, 'project.milestone', row, (tx) =>
        store.putMilestone(tx, { projectId: id, ...row }),
      )
      return c.body(null, 204)
    },
  )
  .delete(
    '/:id/milestones/:milestoneId',
    permit('project.manage'),
    zValidator('param', MilestoneParam, refuseInvalid),
    async (c) => {
      const { id, milestoneId } = c.req.valid('param')
      await changeProject(c, id, 'project.milestone-remove', { milestoneId }, async (tx) => {
        if (!(await store.removeMilestone(tx, id, milestoneId))) throw new Refusal(404, 'not-found')
      })
      return c.body(null, 204)
    },
  )
  .put(
    '/:id/phases',
    permit('project.manage'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', Phase, refuseInvalid),
    async (c) => {
      const { id } = c.req.valid('param')
      const row = c.req.valid('json')
      await changeProject(c, id, 'project.phase', row, (tx) => store.putPhase(tx, { projectId: id, ...row }))
      return c.body(null, 204)
    },
  )

type Change = Parameters<typeof inTransaction<void>>[1]

/** A change of one project the user may see, with its audit entry. */
async function changeProject(
  c: Context<Env>,
  id: number,
  action: string,
  detail: Readonly<Record<string, unknown>>,
  change: Change,
): Promise<void> {
  const { db, jobs } = c.get('services')
  await inTransaction(db, async (tx) => {
    const project = await store.findProject(tx, c.get('user').scope, id)
    if (!project) throw new Refusal(404, 'not-found')
    await change(tx)
    await recordAudit(tx, {
      actor: c.get('user'),
      action,
      subject: { kind: 'project', id },
      cityCompanyId: project.cityCompanyId,
      detail,
    })
  })
  await jobs.announce({ topic: 'exposure', projectIds: [id] })
}

/** Texts that name the alias are read again with the new meaning. */
async function changeAlias(
  c: Context<Env>,
  id: number,
  action: string,
  alias: string,
  change: Change,
): Promise<boolean> {
  let isRereading = false
  await changeProject(c, id, action, { alias }, async (tx) => {
    await change(tx)
    isRereading = await store.noteNames(tx, [alias], c.get('services').now())
  })
  if (isRereading) await c.get('services').jobs.wake('analysis')
  return isRereading
}

/** What concerns the whole group is not changed from one city. */
function headquartersOnly(c: Context<Env>): void {
  if (!c.get('user').scope.all) throw new Refusal(403, 'headquarters-only')
}

async function tablesOf(file: File) {
  try {
    return await readTables(new Uint8Array(await file.arrayBuffer()), file.name)
  } catch (error) {
    if (!(error instanceof CollectError)) throw error
    const isTooLarge = error.outcome === 'too-large'
    throw new Refusal(isTooLarge ? 413 : 422, isTooLarge ? 'too-large' : 'unreadable-file', {
      field: 'file',
      message: error.message,
    })
  }
}

function headerMap(json: string) {
  try {
    return HeaderMap.parse(JSON.parse(json))
  } catch {
    throw new Refusal(422, 'invalid', { field: 'map' })
  }
}

function download(c: Context<Env>, bytes: Uint8Array<ArrayBuffer>, name: string, type: string) {
  return c.body(bytes, 200, { 'content-type': type, 'content-disposition': `attachment; filename="${name}"` })
}

function values<Word extends string>(list: readonly { value: Word }[]): [Word, ...Word[]] {
  const [first, ...others] = list.map(({ value }) => value)
  if (first === undefined) throw new Error('an empty list of words')
  return [first, ...others]
}
