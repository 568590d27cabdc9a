/**
 * The inbox by what one decision settles: texts that call the same project by the same name, else the same unknown estate,
 * else one story; what is alone stands alone. Groups with a candidate come first, then the larger, then the newer.
 */
import { foldNames, type NameCount } from '../../analysis/estate-names.ts'
import type { Factor } from '../../analysis/project-match.ts'

export interface Candidate {
  projectId: number
  name: string
  city: string
  confidence: number
  /** As the text writes it. */
  written: string
  factors: readonly Factor[]
}

export interface WaitingText {
  id: number
  occurredAt: Date
  title: string
  excerpt: string
  polarity: 'negative' | 'neutral' | 'positive'
  publisher: string
  /** Publisher family, or the source where there is none. */
  family: string
  riskCodes: readonly string[]
  namesUs: boolean
  storyId: number | null
  candidates: readonly Candidate[]
  phases: readonly string[]
  buildings: readonly string[]
  /** Estates that it names and that belong to no project. */
  estates: readonly string[]
}

export interface WaitingGroup {
  key: string
  kind: 'candidate' | 'estate' | 'story' | 'single'
  /** The name that the texts share; '' where they share none. */
  name: string
  /** Each project once, at its surest. */
  candidates: readonly Candidate[]
  families: number
  namesUs: boolean
  riskCodes: readonly string[]
  /** Newest first. */
  texts: readonly WaitingText[]
}

const MOST_CANDIDATES = 5

type Head = Pick<WaitingGroup, 'key' | 'kind' | 'name'>

function keyOf(text: WaitingText): Head {
  const [best] = text.candidates
  // A name cut from inside a longer estate's is that estate's affair, not the project's.
  const [estate] = best ? text.estates.filter((name) => name.includes(best.written)) : text.estates
  if (estate !== undefined) return estateHead(estate)
  if (best) {
    const projects = text.candidates.filter(({ written }) => written === best.written)
    const ids = projects.map(({ projectId }) => projectId).sort((a, b) => a - b)
    return { key: `candidate ${ids.join(' ')} ${best.written}`, kind: 'candidate', name: best.written }
  }
  if (text.storyId !== null) return { key: `story ${text.storyId}`, kind: 'story', name: '' }
  return { key: `single ${text.id}`, kind: 'single', name: '' }
}

/** How many texts call an unknown estate by each name. */
function namesIn(heads: readonly Head[]): NameCount[] {
  const counts = new Map<string, number>()
  for (const { kind, name } of heads) if (kind === 'estate') counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].map(([name, texts]) => ({ name, texts }))
}

/** The same estate with a developer or a street before its name, as in the list of new names. */
function foldedTo(standsFor: ReadonlyMap<string, string>, head: Head): Head {
  const name = head.kind === 'estate' ? (standsFor.get(head.name) ?? head.name) : head.name
  return name === head.name ? head : estateHead(name)
}

const estateHead = (name: string): Head => ({ key: `estate ${name}`, kind: 'estate', name })

/** @param texts newest first, as they come from the store */
export function groupWaiting(texts: readonly WaitingText[]): WaitingGroup[] {
  const heads = texts.map(keyOf)
  const standsFor = foldNames(namesIn(heads))
  const groups = new Map<string, { head: Head; texts: WaitingText[] }>()
  for (const [at, text] of texts.entries()) {
    const head = foldedTo(standsFor, heads[at] ?? keyOf(text))
    const known = groups.get(head.key)
    if (known) known.texts.push(text)
    else groups.set(head.key, { head, texts: [text] })
  }
  const rank = (group: WaitingGroup) => (group.candidates.length > 0 ? 0 : group.namesUs ? 1 : 2)
  return [...groups.values()]
    .map(
      ({ head, texts: own }): WaitingGroup => ({
        ...head,
        // A story of one is no story.
        kind: head.kind === 'story' && own.length === 1 ? 'single' : head.kind,
        candidates: surest(own),
        families: new Set(own.map(({ family }) => family)).size,
        namesUs: own.some(({ namesUs }) => namesUs),
        riskCodes: [...new Set(own.flatMap(({ riskCodes }) => riskCodes))].sort(),
        texts: own,
      }),
    )
    .sort(
      (a, b) =>
        rank(a) - rank(b) ||
        b.texts.length - a.texts.length ||
        (b.texts[0]?.occurredAt.getTime() ?? 0) - (a.texts[0]?.occurredAt.getTime() ?? 0),
    )
}

function surest(texts: readonly WaitingText[]): Candidate[] {
  const best = new Map<number, Candidate>()
  for (const candidate of texts.flatMap(({ candidates }) => candidates)) {
    const known = best.get(candidate.projectId)
    if (!known || known.confidence < candidate.confidence) best.set(candidate.projectId, candidate)
  }
  return [...best.values()]
    .sort((a, b) => b.confidence - a.confidence || a.projectId - b.projectId)
    .slice(0, MOST_CANDIDATES)
}

/**
 * Projects that an unknown name may be another name of: they share a piece of at least two characters that is no mere suffix.
 * Longest shared piece first.
 */
export function likelyProjects<Project extends { names: readonly string[] }>(
  name: string,
  projects: readonly Project[],
  most: number,
): Project[] {
  return projects
    .map((project) => ({
      project,
      shared: Math.max(0, ...project.names.map((one) => sharedPiece(name, one))),
    }))
    .filter(({ shared }) => shared >= 2)
    .sort((a, b) => b.shared - a.shared)
    .slice(0, most)
    .map(({ project }) => project)
}

const SUFFIX =
  /(?:花园|家园|小区|公馆|公寓|广场|华府|华庭|雅苑|名苑|嘉园|佳园|豪庭|国际|中心|新城|名城|[苑府城园轩阁庭邸郡湾])$/

function sharedPiece(a: string, b: string): number {
  const [one, other] = [a.replace(SUFFIX, ''), b.replace(SUFFIX, '')]
  for (let length = Math.min(one.length, other.length); length >= 2; length--) {
    for (let at = 0; at + length <= one.length; at++)
      if (other.includes(one.slice(at, at + length))) return length
  }
  return 0
}
