import { z } from 'zod'
import { redactText } from '../complaints/masking.ts'
import type { Outcome } from './outcome.ts'
import { plain } from './prompt.ts'
import type { Content, Sentence } from './proposal.ts'
import { limits, type Purpose } from './purpose.ts'

/**
 * What the model said, brought down to what may be proposed:
 *
 *   JSON → strict shape → every sentence tied to ids that were given → proposals
 *
 * A sentence without a cite, with a cite that was not given, with an address or with markup is cut and counted. An answer of
 * which nothing is left is refused. The shape is strict: an unknown key refuses the whole answer, because a model that was
 * talked into another task answers in another shape.
 */
export type Cut = Readonly<Record<string, number>>
export type CutReason =
  | 'no-cite'
  | 'unknown-cite'
  | 'link'
  | 'markup'
  | 'empty'
  | 'quote-not-found'
  | 'unknown-risk'
  | 'red-line'
  | 'already-judged'
  | 'nothing-to-judge'

export type Reading =
  | { outcome: 'ok' | 'nothing'; proposals: readonly Content[]; cut: Cut }
  | { outcome: Extract<Outcome, 'not-json' | 'wrong-shape' | 'uncited'>; detail: string; cut: Cut }

/** What the answer is held against. */
export interface Ground {
  purpose: Purpose
  /** What was sent, by ref. */
  sent: ReadonlyMap<string, string>
  /** Codes of the catalogue. */
  risks: ReadonlySet<string>
  /** What the rules found in the text, for labels. */
  signals: readonly {
    id: number
    riskCode: string
    projectId: number | null
    project: string | null
    isRedLine: boolean
    state: 'proposed' | 'confirmed' | 'rejected'
  }[]
}

// Generous where a limit only costs words: what is too long is cut below, not refused.
const Cites = z.array(z.string().max(40)).max(40)
const Sentences = z.array(z.strictObject({ text: z.string().max(2_000), cites: Cites })).max(60)
const shapes = {
  labels: z.strictObject({
    labels: z
      .array(
        z.strictObject({
          risk: z.string().max(20),
          verdict: z.enum(['shows', 'absent']),
          quote: z.string().max(400),
          reason: z.string().max(1_000),
          cites: Cites,
        }),
      )
      .max(40),
  }),
  summary: z.strictObject({ sentences: Sentences }),
  draft: z.strictObject({ sentences: Sentences }),
  severity: z.strictObject({ step: z.enum(['raise', 'lower', 'keep']), sentences: Sentences }),
} as const

export function readAnswer(content: string, ground: Ground): Reading {
  const parsed = asJson(content)
  if (parsed === undefined) {
    const looksLike = /^\s*</.test(content) ? 'the answer is a page, not JSON' : 'the answer is not JSON'
    return { outcome: 'not-json', detail: looksLike, cut: {} }
  }
  const counted = new Map<string, number>()
  const cut = (reason: CutReason) => void counted.set(reason, (counted.get(reason) ?? 0) + 1)
  const wrong = (error: z.ZodError): Reading => ({
    outcome: 'wrong-shape',
    detail: error.issues[0]
      ? `${error.issues[0].path.join('.') || 'answer'}: ${error.issues[0].code}`
      : 'wrong shape',
    cut: {},
  })
  let proposals: readonly Content[]
  let said: number
  if (ground.purpose === 'labels') {
    const read = shapes.labels.safeParse(parsed)
    if (!read.success) return wrong(read.error)
    said = read.data.labels.length
    proposals = read.data.labels
      .slice(0, limits.labels.sentences)
      .flatMap((label) => labelsFrom(label, ground, cut))
  } else if (ground.purpose === 'severity') {
    const read = shapes.severity.safeParse(parsed)
    if (!read.success) return wrong(read.error)
    const { step } = read.data
    said = step === 'keep' ? 0 : 1
    const sentences = sentencesFrom(read.data.sentences, ground, cut)
    proposals =
      step === 'keep' || sentences.length === 0
        ? []
        : [{ kind: 'severity', step: step === 'raise' ? 1 : -1, sentences: [...sentences] }]
  } else {
    const read = shapes[ground.purpose].safeParse(parsed)
    if (!read.success) return wrong(read.error)
    said = read.data.sentences.length
    const sentences = sentencesFrom(read.data.sentences, ground, cut)
    proposals = sentences.length === 0 ? [] : [{ kind: ground.purpose, sentences: [...sentences] }]
  }
  const cuts = Object.fromEntries(counted)
  if (proposals.length > 0) return { outcome: 'ok', proposals, cut: cuts }
  if (said === 0) return { outcome: 'nothing', proposals: [], cut: cuts }
  // Everything said was already known or judged: rightly nothing. Everything was cut for its cites: refused.
  const isHarmless = [...counted.keys()].every((reason) => harmless.has(reason))
  return isHarmless && counted.size > 0
    ? { outcome: 'nothing', proposals: [], cut: cuts }
    : { outcome: 'uncited', detail: 'nothing in the answer is tied to a text that was given', cut: cuts }
}

const harmless: ReadonlySet<string> = new Set<CutReason>([
  'already-judged',
  'nothing-to-judge',
  'red-line',
  'empty',
])

/** JSON and nothing else, but for the fence that many models cannot leave out. */
function asJson(content: string): unknown {
  const inside = /^\s*```(?:json)?\s*\n([\s\S]*?)\n?\s*```\s*$/i.exec(content)?.[1] ?? content
  try {
    return JSON.parse(inside)
  } catch {
    return undefined
  }
}

/** Why a text may not stand, or undefined. */
function faultOf(text: string, cites: readonly string[], ground: Ground): CutReason | undefined {
  if (text === '') return 'empty'
  if (cites.length === 0) return 'no-cite'
  if (cites.some((cite) => !ground.sent.has(cite))) return 'unknown-cite'
  if (/https?:|www\.|[\w-]+\.(?:com|cn|net|org|top|xyz|cc|io|vip)\b/i.test(text)) return 'link'
  if (/<\/?[a-z][^>]*>|\]\(|javascript:/i.test(text)) return 'markup'
  return undefined
}

/** What a person will read: one line, without hidden characters, and without a number that should not have come back. */
const readable = (text: string, most: number) => {
  const line = redactText(plain(text)).replace(/\s+/g, ' ').trim()
  return line.length > most ? `${line.slice(0, most - 1)}…` : line
}

function sentencesFrom(
  said: readonly { text: string; cites: readonly string[] }[],
  ground: Ground,
  cut: (reason: CutReason) => void,
): readonly Sentence[] {
  const { sentences, sentenceLength } = limits[ground.purpose]
  const kept: Sentence[] = []
  for (const one of said.slice(0, sentences)) {
    const text = readable(one.text, sentenceLength)
    const fault = faultOf(text, one.cites, ground)
    if (fault) cut(fault)
    else kept.push({ text, cites: [...new Set(one.cites)], unseen: unseenNumbers(text, one.cites, ground) })
  }
  return kept
}

/** Numbers of a sentence that stand in none of the texts it cites: for the reader to check, as a model may count rightly. */
function unseenNumbers(text: string, cites: readonly string[], ground: Ground): string[] {
  const source = cites
    .map((cite) => ground.sent.get(cite) ?? '')
    .join('\n')
    .normalize('NFKC')
  const numbers = text.normalize('NFKC').match(/\d+(?:\.\d+)?/g) ?? []
  return [...new Set(numbers)].filter((number) => !source.includes(number)).slice(0, 5)
}

interface SaidLabel {
  risk: string
  verdict: 'shows' | 'absent'
  quote: string
  reason: string
  cites: readonly string[]
}

/**
 * A label about something the rules found is a verdict to accept, one for each project the signal names. A label about
 * something they did not find is a miss: it goes to those who keep the rules and never becomes a signal.
 */
function labelsFrom(label: SaidLabel, ground: Ground, cut: (reason: CutReason) => void): readonly Content[] {
  const reason = readable(label.reason, limits.labels.sentenceLength)
  const quote = readable(label.quote, 60)
  const fault = faultOf(reason, label.cites, ground) ?? faultOf(quote, label.cites, ground)
  const refuse = (why: CutReason) => {
    cut(why)
    return []
  }
  if (fault) return refuse(fault)
  if (!ground.risks.has(label.risk)) return refuse('unknown-risk')
  const cites = [...new Set(label.cites)]
  if (!cites.some((cite) => holds(ground.sent.get(cite) ?? '', quote))) return refuse('quote-not-found')
  const found = ground.signals.filter((signal) => signal.riskCode === label.risk)
  const told = { riskCode: label.risk, quote, reason, cites }
  if (found.length === 0) {
    return label.verdict === 'shows' ? [{ kind: 'miss', ...told }] : refuse('nothing-to-judge')
  }
  const open = found.filter((signal) => signal.state === 'proposed')
  if (open.length === 0) return refuse('already-judged')
  if (label.verdict === 'shows') {
    return open.map(({ id, projectId, project }) => ({
      kind: 'label' as const,
      ...told,
      verdict: 'confirmed' as const,
      signalId: id,
      projectId,
      project,
    }))
  }
  // A red line is judged by people unprompted: an answer that talks it down is not even shown.
  const judged = open.filter((signal) => !signal.isRedLine)
  if (judged.length < open.length) cut('red-line')
  return judged.map(({ id, projectId, project }) => ({
    kind: 'label' as const,
    ...told,
    verdict: 'rejected' as const,
    signalId: id,
    projectId,
    project,
  }))
}

const bare = (text: string) => text.normalize('NFKC').replace(/\s+/g, '').replace(/…$/, '')
const holds = (text: string, quote: string) => bare(quote) !== '' && bare(text).includes(bare(quote))
