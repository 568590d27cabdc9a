/** What may be asked of the model, about what, and how long the answer may be. Nothing else is ever asked. */
export const purposes = ['labels', 'summary', 'draft', 'severity'] as const
export type Purpose = (typeof purposes)[number]
export const draftKinds = ['statement', 'reply', 'briefing'] as const
export type DraftKind = (typeof draftKinds)[number]

export interface Limits {
  answerTokens: number
  sentences: number
  /** Characters of one sentence. */
  sentenceLength: number
}

export const limits: Readonly<Record<Purpose, Limits>> = {
  labels: { answerTokens: 900, sentences: 8, sentenceLength: 200 },
  // One line: two sentences at the most.
  summary: { answerTokens: 400, sentences: 2, sentenceLength: 120 },
  draft: { answerTokens: 2000, sentences: 20, sentenceLength: 300 },
  severity: { answerTokens: 600, sentences: 4, sentenceLength: 200 },
}

/** Texts given at the most, and characters of one and of all. */
export const MOST_ITEMS = 20
export const ITEM_LENGTH = 1_500
export const GIVEN_LENGTH = 12_000
