import type { Db } from '../db/connect.ts'

/** A project by the names that texts may call it, and by what tells it from its namesakes. */
export interface NamedProject {
  id: number
  /** As the master data calls it, then its aliases. */
  names: readonly string[]
  city: string
  district?: string
  address?: string
  phases: readonly string[]
  /** Names of the companies that build or sell it. */
  companies: readonly string[]
}

export interface OurNames {
  projects: readonly NamedProject[]
  /** Of the city companies and of the group itself. */
  companies: readonly string[]
  cityCompanyOf: ReadonlyMap<number, number>
}

/** Names by which texts are recognised as ours, whoever reads them: the analysis, or a person who tries a text. */
export async function namesOfOurs(db: Db, group: { name: string } | null): Promise<OurNames> {
  const rows = await db
    .selectFrom('project')
    .innerJoin('cityCompany', 'cityCompany.id', 'project.cityCompanyId')
    .select(['project.id', 'project.name', 'project.city', 'project.district', 'project.address'])
    .select(['project.cityCompanyId', 'cityCompany.name as company'])
    .orderBy('project.id')
    .execute()
  const aliases = await db
    .selectFrom('projectAlias')
    .select(['projectId', 'alias as name'])
    .orderBy('alias')
    .execute()
  const phases = await db
    .selectFrom('projectPhase')
    .select(['projectId', 'name'])
    .orderBy('projectId')
    .orderBy('name')
    .execute()
  const companies = await db.selectFrom('cityCompany').select('name').orderBy('name').execute()
  const aliasesOf = byProject(aliases)
  const phasesOf = byProject(phases)
  return {
    projects: rows.map(({ id, name, city, district, address, company }) => ({
      id,
      names: [name, ...(aliasesOf.get(id) ?? [])],
      city,
      ...(district && { district }),
      ...(address && { address }),
      phases: phasesOf.get(id) ?? [],
      companies: [company],
    })),
    companies: [...companies.map(({ name }) => name), ...(group ? [group.name] : [])],
    cityCompanyOf: new Map(rows.map(({ id, cityCompanyId }) => [id, cityCompanyId])),
  }
}

function byProject(rows: readonly { projectId: number; name: string }[]): ReadonlyMap<number, string[]> {
  const of = new Map<number, string[]>()
  for (const { projectId, name } of rows) {
    const names = of.get(projectId)
    if (names) names.push(name)
    else of.set(projectId, [name])
  }
  return of
}
