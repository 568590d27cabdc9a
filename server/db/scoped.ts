import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../access/scope.ts'

/**
 * Condition that a row's project (or, without one, its city company) lies within the reader's scope. Every list and
 * every single row goes through it, so that no address shows another city's rows.
 */
export function projectInScope(
  scope: Scope,
  projectColumn: string,
  cityCompanyColumn?: string,
): RawBuilder<boolean> {
  if (scope.all) return sql<boolean>`true`
  const byProject = sql<boolean>`${sql.ref(projectColumn)} = any(${[...scope.projectIds]}::int[])`
  if (!cityCompanyColumn) return byProject
  return sql<boolean>`(${byProject} or (${sql.ref(projectColumn)} is null and ${sql.ref(cityCompanyColumn)} = any(${[...scope.cityCompanyIds]}::int[])))`
}

/** The same for an array column of project ids (mentions name several). */
export function anyProjectInScope(scope: Scope, projectsColumn: string): RawBuilder<boolean> {
  if (scope.all) return sql<boolean>`true`
  return sql<boolean>`${sql.ref(projectsColumn)} && ${[...scope.projectIds]}::int[]`
}
