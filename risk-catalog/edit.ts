/**
 * Changes one part of a catalogue's file and leaves every other character of it as it was, comments and layout included:
 * what a form in the browser saves reads like what a person would have written.
 */
import { isMap, isSeq, parseDocument } from 'yaml'
import { Risk, type Rule, WordGroup } from './risk.ts'

/** A rule as its file writes it: groups are still named (`$home`). */
export type WrittenRule = Rule

/** The rules of a risk's file, groups not replaced; undefined when the file is no valid risk. */
export function rulesIn(text: string): readonly WrittenRule[] | undefined {
  const parsed = Risk.safeParse(contentOf(text))
  return parsed.success ? parsed.data.rules : undefined
}

/** The word groups of a lexicon's file as written; undefined when it is none. */
export function groupsIn(text: string): readonly WordGroup[] | undefined {
  const value = contentOf(text)
  const parsed = (Array.isArray(value) ? value : [value]).map((entry) => WordGroup.safeParse(entry))
  const groups = parsed.flatMap((entry) => (entry.success ? [entry.data] : []))
  return groups.length === parsed.length ? groups : undefined
}

/** The file with these rules in this order. A rule that did not change keeps its own text. */
export function withRules(text: string, rules: readonly WrittenRule[]): string {
  const before = rulesIn(text)
  const root = parseDocument(text).contents
  const list = isMap(root) ? root.get('rules', true) : undefined
  if (!before || !isSeq(list)) throw new Error('the file holds no rules to change')
  const places = list.items.map((item) => placeOf(item))
  const kept = new Map(before.map((rule, at) => [JSON.stringify(ordered(rule)), places[at]]))
  const first = places[0]
  const last = places.at(-1)
  if (!first || !last) throw new Error('the file holds no rules to change')
  const lineStart = text.lastIndexOf('\n', first.from) + 1
  // A flow list ([{…}, {…}]) has no line of its own per rule: it is written anew as a whole.
  const isBlock = !list.flow && /^\s*-\s*$/.test(text.slice(lineStart, first.from))
  const indent = isBlock ? text.slice(lineStart, first.from).replace(/-.*$/, '') : '  '
  const written = rules
    .map((rule) => {
      const same = isBlock ? kept.get(JSON.stringify(ordered(rule))) : undefined
      return same ? `${indent}- ${text.slice(same.from, same.to).trimEnd()}\n` : ruleText(rule, indent)
    })
    .join('')
  if (isBlock) return text.slice(0, lineStart) + written + text.slice(endOfLine(text, last.to))
  const [from = 0, to = 0] = list.range ?? []
  return `${text.slice(0, from)}\n${written.trimEnd()}${text.slice(to)}`
}

/** The file with other words in one of its groups. */
export function withWords(text: string, group: string, words: readonly string[]): string {
  const root = parseDocument(text).contents
  const entries: readonly unknown[] = isSeq(root) ? root.items : [root]
  const [list] = entries.flatMap((item) =>
    isMap(item) && item.get('name') === group ? [item.get('words', true)] : [],
  )
  if (!isSeq(list) || !list.range) throw new Error(`the file holds no group «${group}»`)
  const [from, to] = list.range
  if (list.flow) return `${text.slice(0, from)}${flowText(words)}${text.slice(to)}`
  // A list with one word a line.
  const lineStart = text.lastIndexOf('\n', from) + 1
  const indent = text.slice(lineStart, from).replace(/-.*$/, '')
  const lines = words.map((word) => `${indent}- ${wordText(word)}\n`).join('')
  return text.slice(0, lineStart) + lines + text.slice(endOfLine(text, to))
}

function contentOf(text: string): unknown {
  try {
    return parseDocument(text).toJS({ maxAliasCount: 100 })
  } catch {
    return undefined
  }
}

function placeOf(item: unknown): { from: number; to: number } {
  if (isMap(item) && item.range) return { from: item.range[0], to: item.range[1] }
  throw new Error('a rule is not a list of keys')
}

/** Where the line of the last character before `at` ends, its break included. */
function endOfLine(text: string, at: number): number {
  if (text[at - 1] === '\n') return at
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end + 1
}

/** Keys in one order, so that equal rules have equal text. */
function ordered({ id, all, not, within, scope, weight, negatable, redLine }: WrittenRule) {
  return { id, all, not: not ?? [], within, scope, weight, negatable, redLine }
}

/** As the shipped files write a rule: what is the default stays unsaid. */
function ruleText(rule: WrittenRule, indent: string): string {
  const { id, all, not, within, scope, weight, negatable, redLine } = rule
  const lines = [
    `- id: ${wordText(id)}`,
    '  all:',
    ...all.map((words) => `    - ${flowText(words)}`),
    ...(not && not.length > 0 ? [`  not: ${flowText(not)}`] : []),
    `  within: ${within}`,
    ...(scope === 'sentence' ? [] : [`  scope: ${scope}`]),
    `  weight: ${weight}`,
    ...(negatable ? [] : ['  negatable: false']),
    ...(redLine ? ['  redLine: true'] : []),
  ]
  return `${lines.map((line) => indent + line).join('\n')}\n`
}

const flowText = (words: readonly string[]) => `[${words.map(wordText).join(', ')}]`

/** Plain where YAML reads it back as the same text, else in quotes. */
function wordText(word: string): string {
  const isPlain =
    /^[$\p{L}\p{N}][\p{L}\p{N}$·-]*$/u.test(word) &&
    Number.isNaN(Number(word)) &&
    !/^(true|false|null|yes|no|on|off)$/i.test(word)
  return isPlain ? word : JSON.stringify(word)
}
