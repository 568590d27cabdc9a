/**
 * Which of our projects a text is about. A full name is evidence by itself; a short or shared one needs its city or its
 * company beside it. Of names inside one another the longest counts (云境花园二期 is not 云境花园 of another city).
 *
 *   confidence = 0.9 for a distinct name, 0.35 for an ambiguous one
 *              + city or district named: 0.08 / 0.4    + company named: 0.08 / 0.4    (at most 0.99)
 *              another city of ours named and not this one: × 0.5
 *
 * Below ACCEPT a candidate waits for a person. The wrong project is the worse error: it raises a warning at the wrong site.
 */
import type { createVocabulary, Reading, SetId } from './reading.ts'

/** A project as the matcher needs it. `names` are its name, aliases and former promotion names. */
export interface ProjectNames {
  id: number
  names: readonly string[]
  city?: string
  district?: string
  /** Names of the companies that build or sell it. */
  companies: readonly string[]
}

export interface ProjectMatch {
  projectId: number
  confidence: number
  hits: readonly number[]
}

/** From here on a link may raise signals; below it waits in the inbox. */
export const ACCEPT_PROJECT = 0.6

const DISTINCT = 0.9
const AMBIGUOUS = 0.35
const DISTINCT_CONTEXT = 0.08
const AMBIGUOUS_CONTEXT = 0.4
const OTHER_CITY = 0.5
const MOST = 0.99
/** Names up to this long are ordinary words too often (阳光, 壹号). */
const SHORT_NAME = 2

interface CompiledName {
  set: SetId
  project: number
  isAmbiguous: boolean
}

export interface CompiledProjects {
  names: ReadonlyMap<SetId, readonly CompiledName[]>
  /** Any company of the group. */
  companies: SetId
  ofProject: ReadonlyMap<number, { places: SetId; companies: SetId }>
  cities: SetId
}

/** 嘉州市 is also written 嘉州. */
const placeNames = (place: string | undefined) =>
  place ? [place, ...(/^.{2,}[市区县]$/.test(place) ? [place.slice(0, -1)] : [])] : []

/** `ordinary` tells whether a name is also a plain word of the catalogue. */
export function compileProjects(
  projects: readonly ProjectNames[],
  companies: readonly string[],
  ordinary: ReadonlySet<string>,
  vocabulary: ReturnType<typeof createVocabulary>,
): CompiledProjects {
  const owners = new Map<SetId, Set<number>>()
  const written = new Map<SetId, string>()
  for (const project of projects) {
    for (const name of project.names) {
      const set = vocabulary.set([name])
      if (vocabulary.sizeOf(set) === 0) continue
      owners.set(set, (owners.get(set) ?? new Set()).add(project.id))
      written.set(set, name)
    }
  }
  const names = new Map<SetId, CompiledName[]>()
  for (const [set, of] of owners) {
    const name = written.get(set) ?? ''
    const isAmbiguous = of.size > 1 || [...name].length <= SHORT_NAME || ordinary.has(name)
    names.set(
      set,
      [...of].map((project) => ({ set, project, isAmbiguous })),
    )
  }
  return {
    names,
    companies: vocabulary.set([...companies, ...projects.flatMap((project) => project.companies)]),
    cities: vocabulary.set(projects.flatMap((project) => placeNames(project.city))),
    ofProject: new Map(
      projects.map((project) => [
        project.id,
        {
          places: vocabulary.set([...placeNames(project.city), ...placeNames(project.district)]),
          companies: vocabulary.set(project.companies),
        },
      ]),
    ),
  }
}

export function matchProjects(compiled: CompiledProjects, reading: Reading): ProjectMatch[] {
  const { start, end } = reading
  const named: { hit: number; names: readonly CompiledName[] }[] = []
  for (const set of reading.touched) {
    const names = compiled.names.get(set)
    if (names) for (const hit of reading.hitsOf(set)) named.push({ hit, names })
  }
  if (named.length === 0) return []
  named.sort((a, b) => (start[a.hit] ?? 0) - (start[b.hit] ?? 0) || (end[b.hit] ?? 0) - (end[a.hit] ?? 0))
  const byProject = new Map<number, { base: number; isAmbiguous: boolean; hits: number[] }>()
  let reached = -1
  for (const { hit, names } of named) {
    if ((end[hit] ?? 0) <= reached) continue
    reached = end[hit] ?? 0
    for (const { project, isAmbiguous } of names) {
      const sum = byProject.get(project) ?? { base: 0, isAmbiguous, hits: [] }
      sum.isAmbiguous &&= isAmbiguous
      sum.hits.push(hit)
      byProject.set(project, sum)
    }
  }
  const namesACity = reading.hitsOf(compiled.cities).length > 0
  return [...byProject]
    .map(([projectId, { isAmbiguous, hits }]) => {
      const own = compiled.ofProject.get(projectId)
      const inPlace = own !== undefined && reading.hitsOf(own.places).length > 0
      const byCompany = own !== undefined && reading.hitsOf(own.companies).length > 0
      const context = (+inPlace + +byCompany) * (isAmbiguous ? AMBIGUOUS_CONTEXT : DISTINCT_CONTEXT)
      const sure = Math.min(MOST, (isAmbiguous ? AMBIGUOUS : DISTINCT) + context)
      const confidence = Math.round((namesACity && !inPlace ? sure * OTHER_CITY : sure) * 100) / 100
      return { projectId, confidence, hits: hits.slice(0, 12) }
    })
    .sort((a, b) => b.confidence - a.confidence || a.projectId - b.projectId)
}
