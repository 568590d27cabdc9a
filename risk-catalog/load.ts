import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { cure, said, type Words } from './problem-words.ts'
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
export interface Problem extends Words {
  file: string
  line: number
  column: number
}

export interface SourceFile {
  /** Relative to the catalogue's folder, with forward slashes: `DE/DE5.yaml`, `lexicon/noise.yaml`. */
  path: string
  text: string
}

/** The groups that the text engine itself reads; all others exist only for the rules that name them. */
export const engineGroups = {
  negation: {
    zh: '否定紧跟其后的事件的词：没有、未发现、不存在',
    en: 'words that negate the event right after them (没有, 未发现, 不存在)',
  },
  'negation-filler': {
    zh: '否定词与事件之间可以出现的词：任何、出现、明显',
    en: 'words that may stand between a negation and its event (任何, 出现, 明显)',
  },
  'not-negation': {
    zh: '含否定字却不表示否定的词：不得不、没有人管',
    en: 'words that hold a negation but do not negate (不得不, 没有人管)',
  },
  denial: {
    zh: '在事件之后把它推翻的词：不属实、系谣言',
    en: 'words after the event that take it back (不属实, 系谣言)',
  },
  noise: {
    zh: '攻略、别的行业、行情：与它们并列的不算风险',
    en: 'how-to, other industries, market talk: a risk found beside them is none',
  },
  trade: {
    zh: '表明文字与住房有关的词：楼盘、业主、交房',
    en: 'words that show that a text is about housing at all (楼盘, 业主, 交房)',
  },
  negative: { zh: '坏消息与抱怨', en: 'bad news and complaint' },
  positive: { zh: '好消息与称赞', en: 'good news and praise' },
  developer: {
    zh: '指责对象：开发商及其销售代理、施工单位',
    en: 'who is blamed: the developer, its sales agents and builders',
  },
  'property-management': { zh: '指责对象：物业', en: 'who is blamed: the property manager' },
  government: { zh: '指责对象：政府部门', en: 'who is blamed: authorities' },
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
      const why = error instanceof Error ? error.message : String(error)
      problems.push({ file: join(folder, part), line: 1, column: 1, ...said.unreadableFolder(why) })
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
      if (twin) group.report(['name'], said.twinGroup(group.value.name, twin.file))
      else groups.set(group.value.name, group)
    }
  }

  checkNames(risks)
  const resolved = resolveGroups(groups)
  const complete = risks.map((risk) => ({ ...risk.value, rules: resolveRules(risk, resolved) }))
  if (risks.length === 0 && problems.length === 0) {
    problems.push({ file: phases[0], line: 1, column: 1, ...said.noRisk })
  }
  for (const name of Object.keys(engineGroups) as EngineGroup[]) {
    if (groups.has(name) || problems.length > 0) continue
    const { zh, en } = engineGroups[name]
    problems.push({ file: 'lexicon', line: 1, column: 1, ...said.missingGroup(name, zh, en) })
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
  report(path: readonly PropertyKey[], words: Words): void
}

interface Parsed {
  file: string
  value: unknown
  report(path: readonly PropertyKey[], words: Words): void
}

/** Values of texts read before: an editor saves one file of forty, and parsing all anew takes a thousand times longer. */
const valuesOf = new Map<string, unknown>()
const VALUES_KEPT = 200

function parse(file: SourceFile, problems: Problem[]): Parsed | undefined {
  const place = (offset: number, words: Words, lines: LineCounter) => {
    const { line, col } = lines.linePos(offset)
    problems.push({ file: file.path, line: Math.max(line, 1), column: Math.max(col, 1), ...words })
  }
  const report: Parsed['report'] = (path, words) => {
    const lines = new LineCounter()
    place(offsetOf(documentOf(file.text, lines)?.contents, path), words, lines)
  }
  const known = valuesOf.get(file.text)
  if (known !== undefined) return { file: file.path, value: known, report }

  const lines = new LineCounter()
  const document = documentOf(file.text, lines)
  if (document && document.errors.length > 0) {
    for (const error of document.errors) place(error.pos[0], said.notYaml(error), lines)
    return undefined
  }
  const content = document && contentOf(document)
  if (!content) {
    problems.push({ file: file.path, line: 1, column: 1, ...said.tooDeep })
    return undefined
  }
  valuesOf.set(file.text, content.value)
  for (const text of [...valuesOf.keys()].slice(0, -VALUES_KEPT)) valuesOf.delete(text)
  return { file: file.path, value: content.value, report }
}

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
  const report: Placed<T>['report'] = (path, words) => parsed.report([...at, ...path], words)
  if (result.success) return { value: result.data, file: parsed.file, report }
  const before = problems.length
  for (const issue of result.error.issues) {
    const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path
    report(path, cure(issue))
  }
  if (problems.length === before) report([], said.notThisFile)
  return undefined
}

function checkNames(risks: readonly Placed<Risk>[]) {
  const codes = new Map<string, string>()
  for (const { value: risk, file, report } of risks) {
    const [folder, name] = file.split('/')
    if (risk.code.slice(0, 2) !== risk.phase) {
      report(['phase'], said.wrongPhase(risk.phase, risk.code))
    }
    if (folder !== risk.code.slice(0, 2) || name?.replace(/\.ya?ml$/, '') !== risk.code) {
      report(['code'], said.wrongPlace(risk.code))
    }
    const twin = codes.get(risk.code)
    if (twin) report(['code'], said.twinCode(risk.code, twin))
    codes.set(risk.code, file)
    const ids = new Set<string>()
    for (const [at, rule] of risk.rules.entries()) {
      if (ids.has(rule.id)) report(['rules', at, 'id'], said.twinRule(rule.id))
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
        else group.report(['words', at], said.unmatchable(word))
      } else if (!groups.has(inner)) {
        group.report(['words', at], said.unknownGroup(inner, groups.keys()))
      } else if (open.includes(inner)) {
        const circle = [...open.slice(open.indexOf(inner)), inner].map((step) => `$${step}`).join(' → ')
        group.report(['words', at], said.circle(circle))
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
        if (!inner) report(['rules', at, ...path, index], said.unknownGroup(word.slice(1), groups.keys()))
        else if (name === undefined && !isMatchable(word))
          report(['rules', at, ...path, index], said.unmatchable(word))
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
