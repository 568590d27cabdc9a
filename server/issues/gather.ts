/**
 * Hot issues of one place: texts outside and cases of the ledger about one matter, told as one. A story counts as one
 * message with as many voices as it has families, so that reposts do not make an issue; a case counts its households, up to
 * HOUSEHOLDS. What analysis/topics.ts finds in these messages are the issues.
 *
 *   heat now = heat × 0.5 ^ (days since the last member ÷ FADE_DAYS)
 *
 * Example: heat 0.70 with a last text 15 days ago: 0.70 × 0.71 = 0.495.
 */
import { centralTitle, findTopics, type Message } from '../analysis/topics.ts'

const DAY_MS = 86_400_000
export const WINDOW_DAYS = 90
const FADE_DAYS = 30
/** A case of a whole building is one case: it is not louder than twenty neighbours. */
const HOUSEHOLDS = 20
/** Fewer voices are a message, not an issue, unless so many people react to it. */
const LEAST_VOICES = 2
const LEAST_REACTIONS = 100
const MOST_ISSUES = 50
/** A risk stands for an issue when this share of its members shows it. */
const RISK_SHARE = 0.25

export interface StoryPiece {
  /** Members within the window, the earliest first. */
  mentionIds: readonly number[]
  title: string
  body: string
  families: readonly string[]
  riskCodes: readonly string[]
  times: readonly Date[]
  /** Likes, comments and shares of its texts, as last seen. */
  reactions: number
}

export interface CasePiece {
  id: number
  title: string
  body: string
  households: number
  riskCodes: readonly string[]
  at: Date
}

export interface Place {
  name: string
  /** Its other names. */
  aliases: readonly string[]
  stories: readonly StoryPiece[]
  cases: readonly CasePiece[]
}

export interface Issue {
  title: string
  who: string | null
  place: string
  what: readonly string[]
  riskCodes: readonly string[]
  firstAt: Date
  lastAt: Date
  heat: number
  mentionIds: readonly number[]
  complaintIds: readonly number[]
  familyCount: number
  householdCount: number
  reactionCount: number
  /** Members per Shanghai day of the window, the last one that of `now`. */
  trend: readonly number[]
}

/** The issues of a place, hottest first. */
export function gatherIssues({ name, aliases, stories, cases }: Place, now: Date): Issue[] {
  const pieces = new Map<string, { story: StoryPiece } | { one: CasePiece }>()
  const messages: Message[] = []
  for (const story of stories) {
    const id = `s${story.mentionIds[0]}`
    pieces.set(id, { story })
    const at = story.times[0]?.getTime() ?? null
    const voices = story.families.length
    messages.push({
      id,
      title: story.title,
      body: story.body,
      at,
      reactions: story.reactions,
      voices,
      risks: story.riskCodes,
    })
  }
  for (const one of cases) {
    const id = `c${one.id}`
    pieces.set(id, { one })
    const voices = Math.min(HOUSEHOLDS, Math.max(1, one.households))
    const at = one.at.getTime()
    messages.push({ id, title: one.title, body: one.body, at, reactions: 0, voices, risks: one.riskCodes })
  }
  const issues = findTopics(messages, [name, ...aliases]).flatMap((topic) => {
    const found = topic.messages.flatMap(({ id }) => pieces.get(String(id)) ?? [])
    const ofMedia = found.flatMap((piece) => ('story' in piece ? [piece.story] : []))
    const ofLedger = found.flatMap((piece) => ('one' in piece ? [piece.one] : []))
    const families = new Set(ofMedia.flatMap((story) => story.families))
    const reactionCount = ofMedia.reduce((sum, { reactions }) => sum + reactions, 0)
    if (families.size + ofLedger.length < LEAST_VOICES && reactionCount < LEAST_REACTIONS) return []
    const times = [...ofMedia.flatMap(({ times }) => times), ...ofLedger.map(({ at }) => at)].sort(
      (a, b) => a.getTime() - b.getTime(),
    )
    const [firstAt, lastAt] = [times[0] ?? now, times.at(-1) ?? now]
    const days = Math.max(0, (now.getTime() - lastAt.getTime()) / DAY_MS)
    const issue: Issue = {
      // Words of a case stay in the ledger.
      title: ofMedia.length > 0 ? centralTitle(ofMedia) : `${name}：${topic.what.join('、') || '多起投诉'}`,
      who: topic.who,
      place: name,
      what: topic.what,
      riskCodes: commonRisks(found.map((piece) => ('story' in piece ? piece.story : piece.one).riskCodes)),
      firstAt,
      lastAt,
      heat: Math.round(topic.heat * 0.5 ** (days / FADE_DAYS) * 10_000) / 10_000,
      mentionIds: ofMedia.flatMap(({ mentionIds }) => mentionIds),
      complaintIds: ofLedger.map(({ id }) => id),
      familyCount: families.size,
      householdCount: ofLedger.reduce((sum, { households }) => sum + households, 0),
      reactionCount,
      trend: trendOf(times, now),
    }
    return [issue]
  })
  return issues.sort((a, b) => b.heat - a.heat).slice(0, MOST_ISSUES)
}

function commonRisks(lists: readonly (readonly string[])[]): string[] {
  const counts = new Map<string, number>()
  for (const list of lists) for (const code of new Set(list)) counts.set(code, (counts.get(code) ?? 0) + 1)
  return [...counts]
    .filter(([, count]) => count >= RISK_SHARE * lists.length)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([code]) => code)
}

const shanghaiDay = (at: Date) => Math.floor((at.getTime() + 8 * 3_600_000) / DAY_MS)

function trendOf(times: readonly Date[], now: Date): number[] {
  const trend = new Array<number>(WINDOW_DAYS).fill(0)
  for (const time of times) {
    const at = WINDOW_DAYS - 1 - (shanghaiDay(now) - shanghaiDay(time))
    if (at >= 0 && at < WINDOW_DAYS) trend[at] = (trend[at] ?? 0) + 1
  }
  return trend
}

export interface Earlier {
  id: number
  /** `m1`, `c2` */
  members: readonly string[]
}

const membersOf = (issue: Pick<Issue, 'mentionIds' | 'complaintIds'>): string[] => [
  ...issue.mentionIds.map((id) => `m${id}`),
  ...issue.complaintIds.map((id) => `c${id}`),
]

/**
 * Which earlier issue each is: the one with most members in common, when that is at least half of the smaller side. The
 * hottest choose first, so that a split leaves the id with the greater part; undefined: a new issue.
 */
export function sameAsBefore(issues: readonly Issue[], earlier: readonly Earlier[]): (number | undefined)[] {
  const holders = new Map<string, Earlier[]>()
  for (const one of earlier) {
    for (const member of one.members) holders.set(member, [...(holders.get(member) ?? []), one])
  }
  const taken = new Set<number>()
  return issues.map((issue) => {
    const members = membersOf(issue)
    const shared = new Map<Earlier, number>()
    for (const member of members)
      for (const one of holders.get(member) ?? []) shared.set(one, (shared.get(one) ?? 0) + 1)
    const [best] = [...shared]
      .filter(
        ([one, count]) => !taken.has(one.id) && count * 2 >= Math.min(members.length, one.members.length),
      )
      .sort((a, b) => b[1] - a[1] || a[0].id - b[0].id)
    if (!best) return undefined
    taken.add(best[0].id)
    return best[0].id
  })
}
