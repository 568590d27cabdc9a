/**
 * Which of our projects a text is about, and how sure that is, factor by factor.
 *
 * A name starts with what it is worth alone:
 *   distinct 0.9     one project has it, and no town has another (云境花园)
 *   common   0.5     of words that every town uses, also behind a developer's name (阳光花园, 滨江府, 恒大华府)
 *   shared   0.35    several of our projects have it
 *   plain    0.35    short, a word of the catalogue, or a place as well (云境, 滨江)
 * What else the text says adds to it, at most up to 0.99: its city, district or street; its company; the city of the medium;
 * a phase that only it has; for a plain name an estate's word right beside it («云境»二期, 云境小区).
 * And takes from it: another city in the same sentence × 0.5, elsewhere in the text × 0.8; a longer name around every place
 * where it stands (云境花园东苑, 新云境花园) × 0.5; another developer's name before it (万科云境花园) × 0.5; a phase that the
 * other namesake has × 0.5. A plain name that nothing but the city supports, and namesakes that the text cannot tell apart,
 * stay below ACCEPT and wait for a person: the wrong project is the worse error, it raises a warning at the wrong site.
 *
 * Of names inside one another the longest counts. Example: «嘉州壹号院停工», a name of two projects: 0.35 + 0.4 for the city.
 */
import { developers } from './developers.ts'
import type { EstateSpan } from './estate-names.ts'
import { readUnits } from './phases.ts'
import { cityNames, isStreetAhead, placeNames, streetsOf } from './places.ts'
import type { createVocabulary, Reading, SetId, WordId } from './reading.ts'

/** A project as the matcher needs it. `names` are its name, aliases and former promotion names. */
export interface ProjectNames {
  id: number
  names: readonly string[]
  city?: string
  district?: string
  address?: string
  /** Names of its phases, as the master data writes them. */
  phases?: readonly string[]
  /** Names of the companies that build or sell it. */
  companies: readonly string[]
}

export type FactorKind =
  | 'distinct-name'
  | 'common-name'
  | 'shared-name'
  | 'plain-name'
  | 'city'
  | 'district'
  | 'street'
  | 'company'
  | 'publisher'
  | 'phase'
  | 'beside'
  | 'other-city'
  | 'other-city-far'
  | 'longer-name'
  | 'other-developer'
  | 'other-phase'
  | 'unsupported'
  | 'undecided'

/** One step of the computation: what spoke, in which word, and the confidence after it. */
export interface Factor {
  kind: FactorKind
  word: string
  confidence: number
}

export interface ProjectMatch {
  projectId: number
  confidence: number
  factors: readonly Factor[]
  /** As 二期, A区 · 3栋, 5栋2单元: what the text says right behind the name. */
  phases: readonly string[]
  buildings: readonly string[]
  hits: readonly number[]
}

/** From here on a link may raise signals; below it waits in the inbox. */
export const ACCEPT_PROJECT = 0.6
/** What cannot be decided by the text alone stays here at most. */
const UNDECIDED = 0.55
/** Namesakes nearer than this are not told apart. */
const LEAD = 0.15
const MOST = 0.99

type NameKind = 'distinct' | 'common' | 'shared' | 'plain'
const base = { distinct: 0.9, common: 0.5, shared: 0.35, plain: 0.35 }
const worth: Readonly<
  Record<NameKind, Readonly<Record<'place' | 'company' | 'publisher' | 'phase', number>>>
> = {
  distinct: { place: 0.08, company: 0.08, publisher: 0.04, phase: 0.02 },
  common: { place: 0.35, company: 0.4, publisher: 0.2, phase: 0.15 },
  shared: { place: 0.4, company: 0.4, publisher: 0.3, phase: 0.3 },
  plain: { place: 0.2, company: 0.4, publisher: 0.1, phase: 0.1 },
}
/** A district or street beside the city tells namesakes of one city apart. */
const NEARER_PLACE = 0.2
const BESIDE = 0.2
const HALF = 0.5
const FAR_CITY = 0.8

/** Names up to this long are ordinary words too often (阳光, 壹号). */
const SHORT_NAME = 2
const MOST_HITS = 12
/** Places where phase and building are looked for, and how far behind the name. */
const MOST_PLACES = 4
const UNITS_WITHIN = 40

/** First words of names that many towns have; with a plain suffix they make no distinct name. */
const everyTown =
  /^(?:阳光|滨江|滨河|滨湖|湖滨|锦绣|世纪|时代|城市|幸福|和谐|金色|东方|国际|中央|中心|江南|翡翠|香榭|帝景|凤凰|金桂|丹桂|桂花|紫荆|玫瑰|牡丹|翠湖|金湖|东湖|西湖|南湖|北湖|东城|西城|南城|北城|新城|江景|江山|山水|世茂|万达|金地|康乐|人民|朝阳|光明|和平|友谊|文化|学府|书香|御景|华府|豪庭|花园|水岸|蓝湾|龙湖|明珠|碧水|绿洲|绿地|春天|家和|福星|银河|天鹅|公园|壹号|一号|尚品|名门|未来|梧桐|枫林|香樟|梅园|桃园|怡景|怡园|金茂|领秀)(?:花园|家园|新城|小区|公寓|广场|大厦|新村|名城|华府|华庭|豪庭|雅苑|名苑|嘉园|佳园|城|府|苑|园|湾|里|庭)?$/
/** Right behind or before a name these say that it is an estate. */
const besides =
  `小区 楼盘 项目 业主 售楼 开发商 物业 住户 购房者 交房 交付 收房 房子 新房 花园 公寓 别墅 二期 一期 三期 四期 期 样板 工地 车位 车库 地下车库 商铺 园区`.split(
    ' ',
  )
const quotes = /[「『“"‘《〈【]$/

const byDeveloper = new RegExp(`^(?:${developers.join('|')})(?=.)`)

/** Developers build the same line (华府, 名都) in every town. */
function isOfEveryTown(name: string): boolean {
  const line = name.replace(byDeveloper, '')
  return everyTown.test(line) || (line !== name && [...line].length <= SHORT_NAME)
}

interface CompiledName {
  kind: NameKind
  /** Places in `projects`. */
  owners: readonly number[]
}

interface CompiledProject {
  id: number
  city: readonly WordId[]
  district: readonly WordId[]
  streets: readonly WordId[]
  companies: readonly WordId[]
  /** Of the city, without 市: looked for in the name of the medium. */
  cityName: string
  phases: ReadonlySet<string>
}

export interface CompiledProjects {
  names: SetId
  byWord: ReadonlyMap<WordId, CompiledName>
  projects: readonly CompiledProject[]
  /** Any company of the group. */
  companies: SetId
  places: SetId
  cities: ReadonlySet<WordId>
  /** Cities and districts of our projects. */
  ourPlaces: SetId
  besides: SetId
  rivals: SetId
}

const PHASE_AT_END = /(?:第?[一二三四五六七八九十\d]{1,3}期|[a-z]区)$/i

/** `ordinary` tells whether a name is also a plain word of the catalogue. */
export function compileProjects(
  projects: readonly ProjectNames[],
  companies: readonly string[],
  ordinary: ReadonlySet<string>,
  vocabulary: ReturnType<typeof createVocabulary>,
): CompiledProjects {
  const idsOf = (words: readonly string[]) => words.flatMap((word) => vocabulary.word(word) ?? [])
  const placeWords = new Set<string>()
  const cityWords = new Set<string>(cityNames)
  const once = remembered((place: string | undefined) => {
    const names = placeNames(place)
    for (const name of names) placeWords.add(name)
    return idsOf(names)
  })
  const companyIds = remembered((name: string | undefined) => idsOf(name === undefined ? [] : [name]))
  const compiled = projects.map((project): CompiledProject => {
    for (const name of placeNames(project.city)) cityWords.add(name)
    const streets = project.address ? streetsOf(project.address, project.city, project.district) : []
    for (const street of streets) placeWords.add(street)
    return {
      id: project.id,
      city: once(project.city),
      district: once(project.district),
      streets: idsOf(streets),
      companies: project.companies.flatMap((name) => companyIds(name)),
      cityName: (project.city ?? '').replace(/市$/, ''),
      phases: new Set((project.phases ?? []).flatMap((phase) => readUnits(phase).phases)),
    }
  })

  const owners = new Map<WordId, Set<number>>()
  const written = new Map<WordId, string>()
  for (const [at, project] of projects.entries()) {
    for (const name of project.names) {
      const word = vocabulary.word(name)
      if (word === undefined) continue
      const of = owners.get(word)
      if (of) of.add(at)
      else owners.set(word, new Set([at]))
      written.set(word, name)
    }
  }
  for (const [word, name] of written) {
    // 云境花园二期 of one project is as well the second phase of a project 云境花园 that has one.
    const stem = name.replace(PHASE_AT_END, '')
    if (stem === name || [...stem].length <= SHORT_NAME) continue
    const shorter = vocabulary.known(stem)
    const [phase] = readUnits(name.slice(stem.length)).phases
    if (shorter === undefined || phase === undefined) continue
    for (const at of owners.get(shorter) ?? []) if (compiled[at]?.phases.has(phase)) owners.get(word)?.add(at)
  }
  const kindOf = (name: string, of: ReadonlySet<number>): NameKind => {
    if ([...name].length <= SHORT_NAME || ordinary.has(name) || placeWords.has(name) || cityWords.has(name))
      return 'plain'
    if (of.size > 1) return 'shared'
    return isOfEveryTown(name) ? 'common' : 'distinct'
  }
  const allCompanies = [...new Set([...companies, ...projects.flatMap((project) => project.companies)])]
  const ours = [...allCompanies, ...written.values()].join('\n')
  return {
    names: vocabulary.setOf([...owners.keys()]),
    byWord: new Map(
      [...owners].map(([word, of]) => [word, { kind: kindOf(written.get(word) ?? '', of), owners: [...of] }]),
    ),
    projects: compiled,
    companies: vocabulary.set(allCompanies),
    places: vocabulary.set([...cityWords, ...placeWords]),
    cities: new Set(idsOf([...cityWords])),
    ourPlaces: vocabulary.setOf(compiled.flatMap(({ city, district }) => [...city, ...district])),
    besides: vocabulary.set(besides),
    rivals: vocabulary.set(developers.filter((name) => !ours.includes(name))),
  }
}

/** Cities and districts, for those who cut names behind them. */
export const knownPlaces = (projects: readonly ProjectNames[]): string[] => [
  ...new Set([
    ...cityNames,
    ...projects.flatMap(({ city, district }) => [...placeNames(city), ...placeNames(district)]),
  ]),
]

function remembered<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const kept = new Map<Key, Value>()
  return (key) => {
    const known = kept.get(key)
    if (known !== undefined) return known
    const made = make(key)
    kept.set(key, made)
    return made
  }
}

export interface MatchContext {
  /** The text as it was written. */
  original: string
  /** Estate names in it, whoever's. */
  estates: readonly EstateSpan[]
  /** Name of the medium or source: a city in it speaks for the projects there. */
  publisher?: string | undefined
}

interface Place {
  hit: number
  name: CompiledName
  /** A longer name or another developer stands around it. */
  doubt: 'longer-name' | 'other-developer' | undefined
  isBeside: boolean
}

export function matchProjects(
  compiled: CompiledProjects,
  reading: Reading,
  context: MatchContext,
): ProjectMatch[] {
  const places = placesOf(compiled, reading, context)
  if (places.length === 0) return []
  const around = surroundings(compiled, reading, places, context)
  const byProject = new Map<number, Place[]>()
  for (const place of places) {
    for (const owner of place.name.owners) {
      const of = byProject.get(owner)
      if (of) of.push(place)
      else byProject.set(owner, [place])
    }
  }
  const matches: (ProjectMatch & { factors: Factor[]; owner: number; shares: boolean })[] = []
  for (const [owner, own] of byProject) {
    const project = compiled.projects[owner]
    if (project) matches.push(assess(project, owner, own, byProject, compiled, reading, around, context))
  }
  decide(matches)
  return matches
    .map(({ owner: _, shares: __, ...match }) => match)
    .sort((a, b) => b.confidence - a.confidence || a.projectId - b.projectId)
}

/** The longest names, in text order. */
function placesOf(
  compiled: CompiledProjects,
  reading: Reading,
  { original, estates }: MatchContext,
): Place[] {
  const { start, end, word, text } = reading
  const hits = reading.hitsOf(compiled.names)
  if (hits.length === 0) return []
  const sorted = hits.toSorted((a, b) => (start[a] ?? 0) - (start[b] ?? 0) || (end[b] ?? 0) - (end[a] ?? 0))
  const besides = reading.hitsOf(compiled.besides)
  const besideStarts = new Set(besides.map((hit) => start[hit]))
  const rivalEnds = new Set(reading.hitsOf(compiled.rivals).map((hit) => end[hit]))
  const places: Place[] = []
  let reached = -1
  for (const hit of sorted) {
    const [from, to] = [start[hit] ?? 0, end[hit] ?? 0]
    const name = compiled.byWord.get(word[hit] ?? -1)
    if (to <= reached || !name) continue
    reached = to
    const before = String.fromCharCode(...text.units.subarray(Math.max(0, from - 2), from))
    const isLonger =
      /[新老小大](?<![最较更很多变扩强太重放加])$/.test(before) && !/(?:比|越|变|最)[新老小大]$/.test(before)
        ? true
        : estates.some((span) => span.start <= from && span.core > to)
    const written = original.slice(Math.max(0, (text.at[from] ?? 0) - 2), text.at[from] ?? 0).trimEnd()
    places.push({
      hit,
      name,
      doubt: isLonger ? 'longer-name' : rivalEnds.has(from) ? 'other-developer' : undefined,
      isBeside:
        besideStarts.has(to) ||
        quotes.test(written) ||
        readUnits(behind(original, reading, hit, 8)).buildings.length > 0,
    })
    if (places.length === MOST_HITS) break
  }
  return places
}

interface Surroundings {
  /** Words of places and companies that stand outside the names themselves, with one hit each. */
  said: ReadonlyMap<WordId, number>
  cities: readonly number[]
}

function surroundings(
  compiled: CompiledProjects,
  reading: Reading,
  places: readonly Place[],
  { estates }: MatchContext,
): Surroundings {
  const { start, end, word, text } = reading
  const companies = reading.hitsOf(compiled.companies)
  const rangesOf = (hits: readonly number[]) => hits.map((hit) => [start[hit] ?? 0, end[hit] ?? 0] as const)
  const names = rangesOf(places.map(({ hit }) => hit))
  const inCompanies = rangesOf(companies)
  const said = new Map<WordId, number>()
  const cities: number[] = []
  for (const hit of companies) {
    const [from, to] = [start[hit] ?? 0, end[hit] ?? 0]
    if (!names.some(([a, b]) => a <= from && to <= b)) said.set(word[hit] ?? -1, hit)
  }
  for (const hit of reading.hitsOf(compiled.places)) {
    const [from, to] = [start[hit] ?? 0, end[hit] ?? 0]
    if (names.some(([a, b]) => a <= from && to <= b)) continue
    const id = word[hit] ?? -1
    // The city in 嘉州未雨置业 may speak for a project there, but no company's name says where the text plays.
    if (compiled.cities.has(id) && !inCompanies.some(([a, b]) => a <= from && to <= b)) {
      // 上海路, 上海花园 and a city inside a longer name are not the city.
      if (isStreetAhead(text.units, to, text.length)) continue
      if (
        estates.some(
          (span) => span.start <= from && to < span.end && !names.some(([a]) => a >= to && a < span.end),
        )
      )
        continue
      cities.push(hit)
    }
    if (!said.has(id)) said.set(id, hit)
  }
  return { said, cities }
}

/** The written text behind a hit, up to the end of its sentence. */
function behind(original: string, { text, end }: Reading, hit: number, within: number): string {
  const from = (text.at[(end[hit] ?? 1) - 1] ?? 0) + 1
  return /^[^。！？!?;；\n]*/.exec(original.slice(from, from + within))?.[0] ?? ''
}

function assess(
  project: CompiledProject,
  owner: number,
  own: readonly Place[],
  byProject: ReadonlyMap<number, readonly Place[]>,
  compiled: CompiledProjects,
  reading: Reading,
  { said, cities }: Surroundings,
  { original, publisher }: MatchContext,
) {
  const { start, end, sentence, text, word } = reading
  const clean = own.filter(({ doubt }) => doubt === undefined)
  const counted = clean.length > 0 ? clean : own
  const rank = { distinct: 0, common: 1, shared: 2, plain: 3 }
  const best = counted.reduce((a, b) => (rank[b.name.kind] < rank[a.name.kind] ? b : a))
  const { kind } = best.name
  const writtenOf = (hit: number) =>
    original.slice(text.at[start[hit] ?? 0] ?? 0, (text.at[(end[hit] ?? 1) - 1] ?? 0) + 1)

  let confidence: number = base[kind]
  const factors: Factor[] = []
  const step = (of: FactorKind, spoken: string, to: number) => {
    confidence = Math.round(Math.min(MOST, to) * 100) / 100
    factors.push({ kind: of, word: spoken, confidence })
  }
  step(`${kind}-name`, writtenOf(best.hit), confidence)

  const first = (ids: readonly WordId[]) => {
    for (const id of ids) {
      const hit = said.get(id)
      if (hit !== undefined) return hit
    }
    return undefined
  }
  const [city, district, street, company] = [
    project.city,
    project.district,
    project.streets,
    project.companies,
  ].map(first)
  const gain = worth[kind]
  const nearer = kind === 'distinct' ? 0 : NEARER_PLACE
  if (city !== undefined) step('city', writtenOf(city), confidence + gain.place)
  if (district !== undefined)
    step('district', writtenOf(district), confidence + (city === undefined ? gain.place : nearer))
  if (street !== undefined)
    step(
      'street',
      writtenOf(street),
      confidence + (city === undefined && district === undefined ? gain.place : nearer),
    )
  if (company !== undefined) step('company', writtenOf(company), confidence + gain.company)
  const isLocal = project.cityName.length >= 2 && (publisher?.includes(project.cityName) ?? false)
  if (isLocal && city === undefined) step('publisher', project.cityName, confidence + gain.publisher)

  const phases = new Set<string>()
  const buildings = new Set<string>()
  for (const { hit } of counted.slice(0, MOST_PLACES)) {
    const named = PHASE_AT_END.exec(writtenOf(hit))?.[0] ?? ''
    const units = readUnits(named + behind(original, reading, hit, UNITS_WITHIN))
    for (const phase of units.phases) phases.add(phase)
    for (const building of units.buildings) buildings.add(building)
  }
  const phase = [...phases].find((one) => project.phases.has(one))
  const rivals = [...byProject].filter(
    ([other, of]) => other !== owner && of.some(({ hit }) => hit === best.hit),
  )
  if (phase !== undefined) step('phase', phase, confidence + gain.phase)
  if (kind === 'plain' && counted.some(({ isBeside }) => isBeside)) step('beside', '', confidence + BESIDE)

  if (city === undefined && !(isLocal && cities.length === 0)) {
    const sentences = new Set(counted.map(({ hit }) => sentence[hit]))
    const others = cities.filter((hit) => !project.city.includes(word[hit] ?? -1))
    const near = others.find((hit) => sentences.has(sentence[hit]))
    const [far] = others
    if (near !== undefined) step('other-city', writtenOf(near), confidence * HALF)
    else if (far !== undefined) step('other-city-far', writtenOf(far), confidence * FAR_CITY)
  }
  const doubt = clean.length === 0 ? own[0]?.doubt : undefined
  if (doubt !== undefined) step(doubt, writtenOf(best.hit), confidence * HALF)
  const [otherPhase] = phases
  if (phase === undefined && otherPhase !== undefined) {
    const isOfNamesake = rivals.some(([other]) =>
      [...phases].some((one) => compiled.projects[other]?.phases.has(one)),
    )
    if (isOfNamesake) step('other-phase', otherPhase, confidence * HALF)
  }
  const isSupported =
    company !== undefined || district !== undefined || street !== undefined || phase !== undefined
  if (
    kind === 'plain' &&
    !isSupported &&
    !factors.some((one) => one.kind === 'beside') &&
    confidence > UNDECIDED
  )
    step('unsupported', '', UNDECIDED)
  return {
    projectId: project.id,
    confidence,
    factors,
    phases: [...phases],
    buildings: [...buildings],
    hits: own.map(({ hit }) => hit).slice(0, MOST_HITS),
    owner,
    shares: rivals.length > 0,
  }
}

/** Of namesakes only one that leads all others is accepted. */
function decide(
  matches: { confidence: number; factors: Factor[]; shares: boolean; hits: readonly number[] }[],
): void {
  const doubtful = matches.filter(
    (one) =>
      one.shares &&
      one.confidence >= ACCEPT_PROJECT &&
      matches.some(
        (other) =>
          other !== one &&
          other.confidence > one.confidence - LEAD &&
          other.hits.some((hit) => one.hits.includes(hit)),
      ),
  )
  for (const one of doubtful) {
    one.confidence = UNDECIDED
    one.factors.push({ kind: 'undecided', word: '', confidence: UNDECIDED })
  }
}
