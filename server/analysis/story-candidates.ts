/**
 * Into which story may a person want to merge one? What the analysis joins by itself (story.ts) is joined already, so this
 * offers what is merely near: the same project or risk, a time not far away, a title that sounds alike. People decide.
 */
import { lettersOf, pairsOf, sharedPairs } from './story.ts'

/** A story as far as its reader sees it. */
export interface StoryFacts {
  id: number
  title: string
  firstAt: Date
  lastAt: Date
  projectIds: readonly number[]
  riskCodes: readonly string[]
}

/** A text of another story. */
export interface NearText {
  storyId: number
  title: string
  occurredAt: Date
  projectIds: readonly number[]
  riskCodes: readonly string[]
}

/** Titles that share this part of the shorter one's letter pairs sound alike. */
const ALIKE = 1 / 3
const WEIGHTS = { title: 2, project: 1, risk: 0.5, time: 1 }
/** After so many days the nearness in time counts half. */
const HALF_DAYS = 7

/**
 * Ids of the stories to which the texts belong, the likeliest first, each placed by its likeliest text.
 * @param isAsked the person searched for these texts, so they need nothing in common with the story
 */
export function likeliestStories(
  story: StoryFacts,
  texts: readonly NearText[],
  { most, isAsked }: { most: number; isAsked: boolean },
): readonly number[] {
  // Thousands of titles are compared while a person types, so they are not normalised further than to their letters.
  const own = pairsOf(lettersOf(story.title))
  const best = new Map<number, number>()
  for (const text of texts) {
    const title = sharedPairs(own, pairsOf(lettersOf(text.title)))
    const isProject = text.projectIds.some((id) => story.projectIds.includes(id))
    const isRisk = text.riskCodes.some((code) => story.riskCodes.includes(code))
    if (!isAsked && title < ALIKE && !isProject && !isRisk) continue
    const likeness =
      WEIGHTS.title * title +
      WEIGHTS.project * Number(isProject) +
      WEIGHTS.risk * Number(isRisk) +
      WEIGHTS.time / (1 + daysApart(story, text.occurredAt) / HALF_DAYS)
    best.set(text.storyId, Math.max(best.get(text.storyId) ?? 0, likeness))
  }
  return [...best]
    .sort(([a, likeA], [b, likeB]) => likeB - likeA || b - a)
    .slice(0, most)
    .map(([id]) => id)
}

/** 0 while the story is told. */
function daysApart({ firstAt, lastAt }: StoryFacts, at: Date): number {
  const ms = Math.max(firstAt.getTime() - at.getTime(), at.getTime() - lastAt.getTime(), 0)
  return ms / 86_400_000
}

/** What a pasted number (128, #128) or link (to a story, to one text of it, to its list of texts) names; else undefined. */
export function pasted(text: string): { kind: 'story' | 'mention'; id: number; isLink: boolean } | undefined {
  const number = /^#?(\d{1,15})$/.exec(text)
  if (number) return { kind: 'story', id: Number(number[1]), isLink: false }
  const link = /(?:^|\/)(?:stories\/|(mentions)\/|mentions\?(?:[^#]*&)?story=)(\d{1,15})(?![\d\w])/.exec(text)
  if (!link) return undefined
  return { kind: link[1] ? 'mention' : 'story', id: Number(link[2]), isLink: true }
}
