/** The engines that a tried text is put to, built once per catalogue and set of names: building takes far longer than reading. */
import type { Catalogue } from '../../risk-catalog/load.ts'
import { type Analyser, createAnalyser } from '../analysis/analyser.ts'
import { createExplainer, type Explanation, type Text } from '../analysis/explain.ts'
import type { ProjectNames } from '../analysis/project-match.ts'

export interface TryEngine {
  analyser: Analyser
  explain: (document: Text) => Explanation
}

interface Input {
  catalogue: () => Promise<Catalogue>
  version: string
  /** Retrained; null: the shipped one. */
  model: string | null
  weights?: Uint8Array | undefined
  projects: readonly ProjectNames[]
  companies: readonly string[]
}

/** What is in force and the draft; a third pushes the oldest out. */
const KEPT = 2

export function keptEngines(): (input: Input) => Promise<TryEngine> {
  const kept = new Map<string, TryEngine>()
  return async ({ catalogue, version, model, weights, projects, companies }) => {
    const key = JSON.stringify([version, model, projects, companies])
    const known = kept.get(key)
    if (known) return known
    const read = await catalogue()
    const engine = {
      analyser: createAnalyser({ ...read, projects, companies, ...(weights && { weights }) }),
      explain: createExplainer(read),
    }
    kept.set(key, engine)
    for (const old of [...kept.keys()].slice(0, -KEPT)) kept.delete(old)
    return engine
  }
}
