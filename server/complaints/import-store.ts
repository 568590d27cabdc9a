import { sql } from 'kysely'
import { z } from 'zod'
import { Risk } from '../../risk-catalog/risk.ts'
import type { Db, Tx } from '../db/connect.ts'
import { takeLock } from '../db/locks.ts'
import type { Places } from './import.ts'

/** Imports of whole batches follow one another, so that two of the same file cannot both miss a row. */
export async function lockImport(tx: Tx): Promise<void> {
  await takeLock(tx, 'complaintImport')
}

/** Which of these are in the ledger, with the text they came with. */
export async function knownIdentities(
  db: Db,
  identities: readonly string[],
): Promise<ReadonlyMap<string, { title: string; content: string }>> {
  const rows = await db
    .selectFrom('complaint')
    .select(['externalIdentity', 'title', 'content'])
    .where('externalIdentity', '=', sql<string>`any(${[...identities]}::text[])`)
    .execute()
  return new Map(
    rows.flatMap(({ externalIdentity, ...row }) =>
      externalIdentity === null ? [] : [[externalIdentity, row]],
    ),
  )
}

export async function knownPlaces(db: Db): Promise<Places> {
  const companies = await db
    .selectFrom('cityCompany')
    .select(['id', 'code', 'name', 'city'])
    .orderBy('id')
    .execute()
  const projects = await db
    .selectFrom('project')
    .select([
      'id',
      'cityCompanyId',
      sql<
        string[]
      >`array[code, name] || array(select alias from project_alias where project_id = project.id)`.as(
        'names',
      ),
    ])
    .orderBy('id')
    .execute()
  return { companies, projects }
}

const Content = z.object({ risks: z.array(Risk), groups: z.record(z.string(), z.array(z.string())) })

/** What the text engine needs to read a case as the analysis will: the catalogue in force and our names. */
export async function engineInput(db: Db) {
  const inForce = await db
    .selectFrom('risk')
    .innerJoin('catalogVersion', 'catalogVersion.version', 'risk.catalogVersion')
    .select(['catalogVersion.version', 'catalogVersion.content'])
    .limit(1)
    .executeTakeFirst()
  if (!inForce) return
  const projects = await db
    .selectFrom('project')
    .innerJoin('cityCompany', 'cityCompany.id', 'project.cityCompanyId')
    .select([
      'project.id',
      'project.city',
      'project.district',
      'project.address',
      'cityCompany.name as company',
      sql<string[]>`array[project.name] || array(
        select alias from project_alias where project_id = project.id order by alias
      )`.as('names'),
      sql<string[]>`array(select name from project_phase where project_id = project.id order by name)`.as(
        'phases',
      ),
    ])
    .orderBy('project.id')
    .execute()
  const companies = await db.selectFrom('cityCompany').select('name').orderBy('name').execute()
  return {
    version: inForce.version,
    content: () => Content.parse(inForce.content),
    projects: projects.map(({ id, names, city, district, address, phases, company }) => ({
      id,
      names,
      city,
      ...(district === null ? {} : { district }),
      ...(address === null ? {} : { address }),
      phases,
      companies: [company],
    })),
    companies: companies.map(({ name }) => name),
  }
}
