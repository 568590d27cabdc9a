/**
 * The draft of the next catalogue: the files of a version with some of them changed. Checked by the loader that reads the
 * shipped files, and by the risks' own examples, whose failures do not keep a draft from being saved but from being used.
 */
import { type WrittenRule, withRules, withWords } from '../../risk-catalog/edit.ts'
import {
  type Catalogue,
  CatalogueError,
  type Problem,
  readCatalogue,
  type SourceFile,
} from '../../risk-catalog/load.ts'
import { createAnalyser } from '../analysis/analyser.ts'
import { runThrough } from '../analysis/train.ts'

export interface FailingExample {
  risk: string
  /** What the example must be, and is not. */
  kind: 'hit' | 'miss'
  text: string
}

export type Checked = { catalogue: Catalogue; failing: FailingExample[] } | { problems: readonly Problem[] }

/** The files of a version with the changed ones in their place. */
export function overlaid(base: readonly SourceFile[], changed: readonly SourceFile[]): SourceFile[] {
  const texts = new Map(changed.map((file) => [file.path, file.text]))
  return base.map(({ path, text }) => ({ path, text: texts.get(path) ?? text }))
}

/** Of the files, those that another version has otherwise or not at all. */
export function differing(files: readonly SourceFile[], other: readonly SourceFile[]): SourceFile[] {
  const texts = new Map(other.map((file) => [file.path, file.text]))
  return files.filter(({ path, text }) => texts.get(path) !== text)
}

export function readDraft(files: readonly SourceFile[]): Catalogue | { problems: readonly Problem[] } {
  try {
    return readCatalogue(files)
  } catch (error) {
    if (error instanceof CatalogueError) return { problems: error.problems }
    throw error
  }
}

/** @param weights of the model that would judge with it: examples must pass with both together */
export function checkDraft(files: readonly SourceFile[], weights: Uint8Array | undefined): Checked {
  const catalogue = readDraft(files)
  return 'problems' in catalogue
    ? catalogue
    : { catalogue, failing: runThrough(failingExamples(catalogue, weights)) }
}

/** With a rest after every example. @param weights of the model that would judge with the catalogue */
export function* failingExamples(
  catalogue: Catalogue,
  weights: Uint8Array | undefined,
): Generator<undefined, FailingExample[]> {
  const { analyse } = createAnalyser({ ...catalogue, ...(weights && { weights }) })
  const failing: FailingExample[] = []
  for (const { code, examples } of catalogue.risks) {
    for (const [kind, texts] of [
      ['hit', examples.hits],
      ['miss', examples.misses],
    ] as const) {
      for (const text of texts) {
        if (analyse({ text }).labels.includes(code) !== (kind === 'hit'))
          failing.push({ risk: code, kind, text })
        yield
      }
    }
  }
  return failing
}

/** What a save says about one file: its whole text, its rules, or the words of one of its groups. */
export type FileChange =
  | { text: string }
  | { rules: readonly WrittenRule[] }
  | { group: string; words: readonly string[] }

/** @throws Error when the file holds nothing of the kind: the routes ask for what they showed. */
export function changedText(before: string, change: FileChange): string {
  if ('text' in change) return change.text
  if ('rules' in change) return withRules(before, change.rules)
  return withWords(before, change.group, change.words)
}

export interface ReleaseNews {
  /** Files that the new release brought otherwise than the one that the edited version grew from. */
  released: string[]
  /** Of those, the ones that people changed too: their text stays, to be looked at. */
  conflicts: string[]
}

/** What a new release changed beside an edited version in force. */
export function releaseNews(
  grewFrom: readonly SourceFile[],
  edited: readonly SourceFile[],
  shipped: readonly SourceFile[],
): ReleaseNews {
  const released = differing(shipped, grewFrom).map((file) => file.path)
  const byPeople = new Set(differing(edited, grewFrom).map((file) => file.path))
  const same = new Set(edited.map(({ path, text }) => `${path}\n${text}`))
  const shippedText = new Map(shipped.map((file) => [file.path, file.text]))
  return {
    released,
    conflicts: released.filter(
      (path) => byPeople.has(path) && !same.has(`${path}\n${shippedText.get(path)}`),
    ),
  }
}
