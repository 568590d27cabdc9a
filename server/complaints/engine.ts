import type { Risk } from '../../risk-catalog/risk.ts'
import { type Analyser, createAnalyser } from '../analysis/analyser.ts'
import { ACCEPT_PROJECT } from '../analysis/project-match.ts'

interface Input {
  version: string
  content: () => { risks: readonly Risk[]; groups: Readonly<Record<string, readonly string[]>> }
  projects: NonNullable<Parameters<typeof createAnalyser>[0]['projects']>
  companies: readonly string[]
}

/** Builds the text engine once per catalogue and set of names; building takes far longer than reading a text. */
export function keptEngine(): (input: Input) => Analyser {
  let kept: { key: string; engine: Analyser } | undefined
  return ({ version, content, projects, companies }) => {
    const key = JSON.stringify([version, projects, companies])
    if (kept?.key !== key)
      kept = { key, engine: createAnalyser({ ...content(), version, projects, companies }) }
    return kept.engine
  }
}

/** The one project a text speaks of; two or a doubtful one are none. */
export function projectMeant(engine: Analyser, title: string, text: string): number | undefined {
  const sure = engine
    .analyse({ title, text })
    .projects.filter(({ confidence }) => confidence >= ACCEPT_PROJECT)
  return sure.length === 1 ? sure[0]?.projectId : undefined
}
