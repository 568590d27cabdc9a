import { type Permission, permissionsOf, type Role } from './permissions.ts'

/** What a reader may see: everything (headquarters), or the projects of some city companies. */
export interface Scope {
  all: boolean
  /** City companies seen whole. */
  cityCompanyIds: readonly number[]
  /** Every project seen, those of the city companies included. */
  projectIds: readonly number[]
}

export const everything: Scope = { all: true, cityCompanyIds: [], projectIds: [] }

/** A role and where it holds: the whole group (neither id), one city company, or one project. */
export interface Grant {
  role: Role
  cityCompanyId: number | null
  projectId: number | null
  /** The projects of that city company, or the one project; empty for the whole group. */
  projectIds: readonly number[]
}

/** Everything the grants reach together. */
export function scopeOf(grants: readonly Grant[]): Scope {
  if (grants.some((grant) => grant.cityCompanyId === null && grant.projectId === null)) return everything
  const whole = grants.filter((grant) => grant.projectId === null).map((grant) => grant.cityCompanyId)
  return {
    all: false,
    cityCompanyIds: [...new Set(whole)].filter((id) => id !== null),
    projectIds: [...new Set(grants.flatMap((grant) => grant.projectIds))],
  }
}

/** Only the roles that hold the permission open rows to it: an auditor of the group who is also an agent of one city reads that city's complaints, not everybody's. */
export function scopeFor(grants: readonly Grant[], permission: Permission): Scope {
  return scopeOf(grants.filter((grant) => permissionsOf([grant.role]).includes(permission)))
}

/** Whether a row of this project (or, without one, of this city company) may be shown. A row of neither is for headquarters. */
export function isInScope(
  scope: Scope,
  row: { projectId?: number | null; cityCompanyId?: number | null },
): boolean {
  if (scope.all) return true
  if (row.projectId != null) return scope.projectIds.includes(row.projectId)
  return row.cityCompanyId != null && scope.cityCompanyIds.includes(row.cityCompanyId)
}

/** What the grants let their holder do with one project: a leader of one city is a member, or nobody, in another. */
export function permissionsOn(grants: readonly Grant[], projectId: number): readonly Permission[] {
  const holding = grants.filter(
    (grant) =>
      (grant.cityCompanyId === null && grant.projectId === null) || grant.projectIds.includes(projectId),
  )
  return permissionsOf(holding.map((grant) => grant.role))
}
