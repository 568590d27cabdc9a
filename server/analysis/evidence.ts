/** From an analysis to the rows it leaves: which project carries which risk, and what a reader sees of the text. */
import type { Analysis, Term } from './analyser.ts'
import { LABEL_SCORE } from './analyser.ts'
import { ACCEPT_PROJECT } from './project-match.ts'

export type Verdict = 'confirmed' | 'rejected'

/** Projects that a text counts for: what a person confirmed, and what the matcher is sure of and nobody rejected. */
export function acceptedProjects(analysis: Analysis, verdicts: ReadonlyMap<number, Verdict>): number[] {
  const ids = new Set<number>()
  for (const { projectId, confidence } of analysis.projects) {
    if (confidence >= ACCEPT_PROJECT && verdicts.get(projectId) !== 'rejected') ids.add(projectId)
  }
  for (const [projectId, verdict] of verdicts) if (verdict === 'confirmed') ids.add(projectId)
  return [...ids].sort((a, b) => a - b)
}

export interface Evidence {
  riskCode: string
  /** null: recognised, but whose it is nobody knows yet. */
  projectId: number | null
  strength: number
  isRedLine: boolean
  because: readonly { rule: string; terms: readonly Term[] }[]
}

/** One piece of evidence per project and risk. */
export function evidenceOf(analysis: Analysis, projectIds: readonly number[]): Evidence[] {
  const projects = projectIds.length > 0 ? projectIds : [null]
  return analysis.signals
    .filter((signal) => signal.score >= LABEL_SCORE)
    .flatMap((signal) =>
      projects.map((projectId) => ({
        riskCode: signal.risk,
        projectId,
        strength: signal.score,
        isRedLine: signal.redLine,
        because: [{ rule: signal.rule, terms: signal.terms }],
      })),
    )
}

const EXCERPT = 160
const LEAD = 30

/** The part of the body around the first matched word; the beginning when only the title matched. */
export function excerptOf(body: string, analysis: Analysis): string {
  const first = analysis.signals.flatMap((signal) => signal.terms).find((term) => term.field === 'text')
  const from = !first || first.start < EXCERPT - LEAD ? 0 : first.start - LEAD
  const part = body.slice(from, from + EXCERPT).replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '')
  const text = part.replace(/\s+/g, ' ').trim()
  return `${from > 0 ? '…' : ''}${text}${from + EXCERPT < body.length ? '…' : ''}`
}
