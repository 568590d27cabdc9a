import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { phases, Risk, WordGroup } from './risk.ts'

/** The whole catalogue, checked: every `$group` is replaced by its words. */
export interface Catalogue {
  /** In the order of the phases, then of the codes. */
  risks: readonly Risk[]
  groups: Readonly<Record<string, readonly string[]>>
  /** Twelve hex digits of the content: comments, formatting and file order do not change it. */
  version: string
  /** Weights of the linear model that was trained with this catalogue; none when the folder holds none. */
  weights?: Uint8Array
}

/** One thing to mend: where it stands, what is wrong, and what to do about it. Lines and columns start at 1. */
export interface Problem {
  file: string
  line: number
  column: number
  message: string
}

export interface SourceFile {
  /** Relative to the catalogue's folder, with forward slashes: `DE/DE5.yaml`, `lexicon/noise.yaml`. */
  path: string
  text: string
}

/** The groups that the text engine itself reads; all others exist only for the rules that name them. */
export const engineGroups = {
  negation: 'words that negate the event right after them (没有, 未发现, 不存在)',
  'negation-filler': 'words that may stand between a negation and its event (任何, 出现, 明显)',
  'not-negation': 'words that hold a negation but do not negate (不得不, 没有人管)',
  denial: 'words after the event that take it back (不属实, 系谣言)',
  noise: 'how-to, other industries, market talk: a risk found beside them is none',
  trade: 'words that show that a text is about housing at all (楼盘, 业主, 交房)',
  negative: 'bad news and complaint',
  positive: 'good news and praise',
  developer: 'who is blamed: the developer, its sales agents and builders',
  'property-management': 'who is blamed: the property manager',
  government: 'who is blamed: authorities',
} as const
export type EngineGroup = keyof typeof engineGroups

export class CatalogueError extends Error {
  readonly problems: readonly Problem[]
  constructor(problems: readonly Problem[]) {
    super(problems.map((p) => `${p.file}:${p.line}:${p.column} ${p.message}`).join('\n'))
    this.name = 'CatalogueError'
    this.problems = problems
  }
}

/** Reads `<folder>/<phase>/*.yaml`, `<folder>/lexicon/*.yaml` and `<folder>/model/weights.bin`. Throws one `CatalogueError` with all problems. */
export function loadCatalogue(folder: string): Catalogue {
  const weights = readWeights(folder)
  return { ...readCatalogue(readCatalogueFiles(folder)), ...(weights && { weights }) }
}

/** The shipped weights of the linear model; undefined: there are none, and the rules speak alone. */
export function readWeights(folder: string): Uint8Array | undefined {
  const path = join(folder, 'model', 'weights.bin')
  return existsSync(path) ? readFileSync(path) : undefined
}

/** The files of a catalogue as they are written, in the order of their paths within each part. */
export function readCatalogueFiles(folder: string): SourceFile[] {
  const files: SourceFile[] = []
  const problems: Problem[] = []
  for (const part of [...phases, 'lexicon']) {
    try {
      for (const name of readdirSync(join(folder, part)).sort()) {
        if (!/\.ya?ml$/.test(name)) continue
        files.push({ path: `${part}/${name}`, text: readFileSync(join(folder, part, name), 'utf8') })
      }
    } catch (error) {
      const message = `cannot be read (${error instanceof Error ? error.message : error}): give the folder of the risk catalogue`
      problems.push({ file: join(folder, part), line: 1, column: 1, message })
    }
  }
  if (problems.length > 0) throw new CatalogueError(problems)
  return files
}

/** The same from texts in memory: what an editor of the catalogue checks before it saves. */
export function readCatalogue(files: readonly SourceFile[]): Catalogue {
  const problems: Problem[] = []
  const risks: Placed<Risk>[] = []
  const groups = new Map<string, Placed<WordGroup>>()

  for (const file of files) {
    const parsed = parse(file, problems)
    if (!parsed) continue
    if (!file.path.startsWith('lexicon/')) {
      const risk = checked(Risk, parsed, [], problems)
      if (risk) risks.push(risk)
      continue
    }
    const several = Array.isArray(parsed.value)
    const entries = Array.isArray(parsed.value) ? parsed.value : [parsed.value]
    for (const index of entries.keys()) {
      const group = checked(WordGroup, parsed, several ? [index] : [], problems)
      if (!group) continue
      const twin = groups.get(group.value.name)
      if (twin)
        group.report(['name'], `the group «${group.value.name}» is also in ${twin.file}: rename or merge one`)
      else groups.set(group.value.name, group)
    }
  }

  checkNames(risks)
  const resolved = resolveGroups(groups)
  const complete = risks.map((risk) => ({ ...risk.value, rules: resolveRules(risk, resolved) }))
  if (risks.length === 0 && problems.length === 0) {
    problems.push({
      file: phases[0],
      line: 1,
      column: 1,
      message: 'no risk found: put one file per risk here',
    })
  }
  for (const name of Object.keys(engineGroups) as EngineGroup[]) {
    if (groups.has(name) || problems.length > 0) continue
    const message = `the group «${name}» is missing (${engineGroups[name]}): add it to a file here`
    problems.push({ file: 'lexicon', line: 1, column: 1, message })
  }
  if (problems.length > 0) throw new CatalogueError(problems.sort(byPlace))

  complete.sort((a, b) => phases.indexOf(a.phase) - phases.indexOf(b.phase) || (a.code < b.code ? -1 : 1))
  const names = [...resolved.keys()].sort()
  const words = Object.fromEntries(names.map((name) => [name, resolved.get(name) ?? []]))
  return { risks: complete, groups: words, version: contentHash([complete, words]) }
}

/** A checked value that still knows where each of its parts stands in its file. */
interface Placed<T> {
  value: T
  file: string
  report(path: readonly PropertyKey[], message: string): void
}

interface Parsed {
  file: string
  value: unknown
  report(path: readonly PropertyKey[], message: string): void
}

/** Values of texts read before: an editor saves one file of forty, and parsing all anew takes a thousand times longer. */
const valuesOf = new Map<string, unknown>()
const VALUES_KEPT = 200

function parse(file: SourceFile, problems: Problem[]): Parsed | undefined {
  const place = (offset: number, message: string, lines: LineCounter) => {
    const { line, col } = lines.linePos(offset)
    problems.push({ file: file.path, line: Math.max(line, 1), column: Math.max(col, 1), message })
  }
  const report: Parsed['report'] = (path, message) => {
    const lines = new LineCounter()
    place(offsetOf(documentOf(file.text, lines)?.contents, path), message, lines)
  }
  const known = valuesOf.get(file.text)
  if (known !== undefined) return { file: file.path, value: known, report }

  const lines = new LineCounter()
  const document = documentOf(file.text, lines)
  if (document && document.errors.length > 0) {
    for (const error of document.errors) place(error.pos[0], `not YAML: ${error.message}`, lines)
    return undefined
  }
  const content = document && contentOf(document)
  if (!content) {
    problems.push({ file: file.path, line: 1, column: 1, message: unreadable })
    return undefined
  }
  valuesOf.set(file.text, content.value)
  for (const text of [...valuesOf.keys()].slice(0, -VALUES_KEPT)) valuesOf.delete(text)
  return { file: file.path, value: content.value, report }
}

const unreadable = 'is nested too deep or repeats itself by aliases (*name): write it out plainly'

/** A text that a browser sent may be made to exhaust the parser; that is a problem of the text, not of ours. */
function documentOf(text: string, lines: LineCounter) {
  try {
    return parseDocument(text, { lineCounter: lines, prettyErrors: false })
  } catch {
    return undefined
  }
}

function contentOf(document: ReturnType<typeof parseDocument>): { value: unknown } | undefined {
  try {
    return { value: document.toJS({ maxAliasCount: 100 }) }
  } catch {
    return undefined
  }
}

/** The place of the deepest part of `path` that exists; of a missing key that is the object it is missing from. */
function offsetOf(root: unknown, path: readonly PropertyKey[]): number {
  let node = root
  let offset = 0
  const remember = (part: unknown) => {
    if (isScalar(part) || isMap(part) || isSeq(part)) offset = part.range?.[0] ?? offset
  }
  remember(node)
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === step)
      if (!pair) return offset
      remember(pair.key)
      node = pair.value
      if (isScalar(node)) remember(node)
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step]
      remember(node)
    } else return offset
  }
  return offset
}

function checked<T>(
  shape: z.ZodType<T>,
  parsed: Parsed,
  at: readonly PropertyKey[],
  problems: Problem[],
): Placed<T> | undefined {
  let value = parsed.value
  for (const step of at) value = Array.isArray(value) ? value[Number(step)] : undefined
  const result = shape.safeParse(value, { reportInput: true })
  const report: Placed<T>['report'] = (path, message) => parsed.report([...at, ...path], message)
  if (result.success) return { value: result.data, file: parsed.file, report }
  const before = problems.length
  for (const issue of result.error.issues) {
    const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path
    report(path, `${issue.path.length > 0 ? `${issue.path.map(String).join('.')}: ` : ''}${cure(issue)}`)
  }
  if (problems.length === before) report([], 'is not what this file must hold')
  return undefined
}

/** What is wrong and what to write instead, in words of the file and not of the checker. */
function cure(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `unknown key ${issue.keys.map((key) => `«${key}»`).join(', ')}: correct its spelling or remove it`
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`
    case 'invalid_type':
      return issue.input === undefined
        ? `is missing: add it (${issue.expected})`
        : `must be ${issue.expected}: change the value`
    case 'too_small':
      return issue.origin === 'array'
        ? `has too few entries: write at least ${issue.minimum}`
        : `is too ${issue.origin === 'string' ? 'short' : 'small'}: at least ${issue.minimum}`
    case 'too_big':
      return `is too ${issue.origin === 'array' ? 'long' : 'big'}: at most ${issue.maximum}`
    case 'invalid_format':
      return `has the wrong form: write it like ${'pattern' in issue ? issue.pattern : issue.format}`
    default:
      return issue.message
  }
}

function checkNames(risks: readonly Placed<Risk>[]) {
  const codes = new Map<string, string>()
  for (const { value: risk, file, report } of risks) {
    const [folder, name] = file.split('/')
    if (risk.code.slice(0, 2) !== risk.phase) {
      report(
        ['phase'],
        `phase ${risk.phase} does not fit the code ${risk.code}: write ${risk.code.slice(0, 2)}`,
      )
    }
    if (folder !== risk.code.slice(0, 2) || name?.replace(/\.ya?ml$/, '') !== risk.code) {
      report(
        ['code'],
        `${risk.code} stands in the wrong place: move it to ${risk.code.slice(0, 2)}/${risk.code}.yaml`,
      )
    }
    const twin = codes.get(risk.code)
    if (twin) report(['code'], `the code ${risk.code} is also in ${twin}: every risk has its own`)
    codes.set(risk.code, file)
    const ids = new Set<string>()
    for (const [at, rule] of risk.rules.entries()) {
      if (ids.has(rule.id)) report(['rules', at, 'id'], `the rule id «${rule.id}» is used twice: rename one`)
      ids.add(rule.id)
    }
  }
}

/** A word is matched without symbols, so one without any letter or digit would match everywhere. */
function isMatchable(word: string): boolean {
  return /[\p{L}\p{N}]/u.test(word)
}

type Resolved = Map<string, readonly string[]>

function resolveGroups(groups: ReadonlyMap<string, Placed<WordGroup>>): Resolved {
  const resolved: Resolved = new Map()
  const open: string[] = []
  const visit = (name: string): readonly string[] => {
    const known = resolved.get(name)
    const group = groups.get(name)
    if (known || !group) return known ?? []
    open.push(name)
    const words = new Set<string>()
    for (const [at, word] of group.value.words.entries()) {
      const inner = groupName(word)
      if (inner === undefined) {
        if (isMatchable(word)) words.add(word)
        else group.report(['words', at], unmatchable(word))
      } else if (!groups.has(inner)) {
        group.report(['words', at], unknownGroup(inner, groups.keys()))
      } else if (open.includes(inner)) {
        const circle = [...open.slice(open.indexOf(inner)), inner].map((step) => `$${step}`).join(' → ')
        group.report(['words', at], `the groups go in a circle (${circle}): take one out`)
      } else for (const innerWord of visit(inner)) words.add(innerWord)
    }
    open.pop()
    resolved.set(name, [...words])
    return [...words]
  }
  for (const name of groups.keys()) visit(name)
  return resolved
}

function resolveRules({ value: risk, report }: Placed<Risk>, groups: Resolved): Risk['rules'] {
  return risk.rules.map((rule, at) => {
    const resolve = (words: readonly string[], path: readonly PropertyKey[]) => {
      const all = new Set<string>()
      for (const [index, word] of words.entries()) {
        const name = groupName(word)
        const inner = name === undefined ? [word] : groups.get(name)
        if (!inner) report(['rules', at, ...path, index], unknownGroup(word.slice(1), groups.keys()))
        else if (name === undefined && !isMatchable(word))
          report(['rules', at, ...path, index], unmatchable(word))
        else for (const innerWord of inner) all.add(innerWord)
      }
      return [...all]
    }
    return {
      ...rule,
      all: rule.all.map((words, index) => resolve(words, ['all', index])),
      ...(rule.not && { not: resolve(rule.not, ['not']) }),
    }
  })
}

function groupName(word: string): string | undefined {
  return word.startsWith('$') ? word.slice(1) : undefined
}

const unmatchable = (word: string) =>
  `«${word}» holds no letter or digit, so it can never match: remove or replace it`

function unknownGroup(name: string, known: Iterable<string>): string {
  return `unknown group «$${name}»: add it to the lexicon or use one of ${[...known].sort().join(', ')}`
}

function byPlace(a: Problem, b: Problem): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column
}

/** JSON with sorted keys, so that the order in which a file writes them does not count. */
function contentHash(content: unknown): string {
  const sorted = JSON.stringify(content, (_key, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
  return createHash('sha256').update(sorted).digest('hex').slice(0, 12)
}
