/**
 * Are two mentions about one thing? Structure first (same project and risk, within WINDOW_MS), text only inside that
 * key: on Chinese headlines similarity alone scored the same event 0.14–0.43 and different ones 0.63–0.66.
 *
 *   the same text                                     → yes
 *   projects known and none in common                 → no
 *   different phase, building, date, estate or firm   → no (a text repeated with another place is another event)
 *   near-equal text: NEAR_BITS of 64 with a project
 *   in common, STRANGE_BITS where one has none        → yes
 *   the same long title                               → yes
 *   same project and a risk in common, titles sharing
 *   a third of the shorter one's letter pairs         → yes
 *
 * The answer is a likeness, so that a text between two stories joins the nearer one.
 */
import { simhashDistance } from './fingerprint.ts'
import { normalised } from './normalise.ts'
import { differingKind, isElsewhere, type Places, placesOf } from './topic-places.ts'

export const WINDOW_MS = 72 * 3_600_000

/** Bits of 64 that may differ in a repost with small changes. */
const NEAR_BITS = 9
/** Without a project in common the text alone speaks, so it must say nearly the same (and is searched so). */
export const STRANGE_BITS = 5
const SHARED_PAIRS = 1 / 3
/** Shorter titles (今日要闻, 业主投诉) stand over many events. */
export const TITLE_LETTERS = 12

export interface StoryMember {
  title: string
  hash: string
  simhash: string
  projectIds: readonly number[]
  riskCodes: readonly string[]
  occurredAt: Date
}

/** A member whose title is read when it is first asked for, and then once: most candidates are told apart before. */
export interface ReadMember extends StoryMember {
  letters: string
  plainTitle(): string
  pairs(): ReadonlySet<string>
  places(): Places
  vetoes(): readonly (readonly string[])[]
}

const vetoes = [
  /[一二三四五六七八九十\d]+期/g,
  /[a-z\d一二三四五六七八九十]+(?:号楼|栋|幢|座)/g,
  /\d+月\d+日/g,
]

export function readMember(member: StoryMember): ReadMember {
  const plainTitle = once(() => normalised(member.title))
  return {
    ...member,
    letters: lettersOf(member.title),
    plainTitle,
    pairs: once(() => pairsOf(plainTitle())),
    places: once(() => placesOf(plainTitle(), '')),
    vetoes: once(() => vetoes.map((pattern) => plainTitle().match(pattern) ?? [])),
  }
}

function once<Value>(work: () => Value): () => Value {
  let value: { known: Value } | undefined
  return () => {
    value ??= { known: work() }
    return value.known
  }
}

/** As `title_letters` in the database. */
export const lettersOf = (title: string): string =>
  title.replace(/[^\u4e00-\u9fffA-Za-z0-9]/g, '').toLowerCase()

/** 0: not one story; else the higher the more alike: 3 the same text, 2–3 near-equal, 2 the same title, 1–2 by structure. */
export function storyLikeness(a: ReadMember, b: ReadMember): number {
  if (Math.abs(a.occurredAt.getTime() - b.occurredAt.getTime()) > WINDOW_MS) return 0
  if (a.hash === b.hash) return 3
  const isShared = a.projectIds.some((id) => b.projectIds.includes(id))
  if (!isShared && a.projectIds.length > 0 && b.projectIds.length > 0) return 0
  const likeness = likenessOfWords(a, b, isShared)
  return likeness > 0 && isVetoed(a, b) ? 0 : likeness
}

function likenessOfWords(a: ReadMember, b: ReadMember, isShared: boolean): number {
  const distance = simhashDistance(a.simhash, b.simhash)
  if (distance <= (isShared ? NEAR_BITS : STRANGE_BITS)) return 3 - distance / 64
  if (a.letters.length >= TITLE_LETTERS && a.letters === b.letters) return 2
  if (!isShared || !a.riskCodes.some((code) => b.riskCodes.includes(code))) return 0
  const pairs = sharedPairs(a.pairs(), b.pairs())
  return pairs >= SHARED_PAIRS ? 1 + pairs / 2 : 0
}

/** Both name a phase, a building, a date or a place, and none of them in common. */
function isVetoed(a: ReadMember, b: ReadMember): boolean {
  const kind = differingKind(a.places(), b.places())
  if (kind === 'estate' || kind === 'institution' || isElsewhere(a.places(), b.places())) return true
  return a.vetoes().some((names, at) => {
    const others = b.vetoes()[at] ?? []
    return names.length > 0 && others.length > 0 && !names.some((name) => others.includes(name))
  })
}

/** The part of the smaller one that is in both, 0–1. */
export function sharedPairs(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const least = Math.min(a.size, b.size)
  if (least === 0) return 0
  let shared = 0
  for (const pair of a) if (b.has(pair)) shared++
  return shared / least
}

/** Every two neighbouring letters. */
export function pairsOf(text: string): Set<string> {
  const all = new Set<string>()
  for (let i = 0; i + 1 < text.length; i++) all.add(text.slice(i, i + 2))
  return all
}
