/** What a reader may see: everything (headquarters), or the projects of some city companies. */
export interface Scope {
  all: boolean
  /** City companies seen whole. */
  cityCompanyIds: readonly number[]
  /** Every project seen, those of the city companies included. */
  projectIds: readonly number[]
}

export const everything: Scope = { all: true, cityCompanyIds: [], projectIds: [] }

/** Whether a row of this project (or, without one, of this city company) may be shown. A row of neither is for headquarters. */
export function isInScope(
  scope: Scope,
  row: { projectId?: number | null; cityCompanyId?: number | null },
): boolean {
  if (scope.all) return true
  if (row.projectId != null) return scope.projectIds.includes(row.projectId)
  return row.cityCompanyId != null && scope.cityCompanyIds.includes(row.cityCompanyId)
}
