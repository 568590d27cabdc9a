import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  CatalogueError,
  engineGroups,
  loadCatalogue,
  readCatalogue,
  type SourceFile,
} from '../../risk-catalog/load.ts'

const risk = (code: string, rules = '  - { id: leak, all: [[$home], [渗漏]], weight: 0.8 }') => `code: ${code}
phase: ${code.slice(0, 2)}
name: { zh: 施工质量, en: Construction quality }
clause: S1-4.5
departments: [engineering]
severity: 3
description: { zh: 渗漏、开裂, en: leaks and cracks }
indicators:
  - { kind: quality, zh: 抽检不合格, en: failed spot checks }
rules:
${rules}
measures: [一, 二, 三]
playbook:
  - { within: 24 小时, who: 工程部, does: 到场查看 }
  - { within: 3 天, who: 工程部, does: 出具方案 }
  - { within: 7 天, who: 客服, does: 回访业主 }
examples:
  hits: [我家墙面渗漏, 我家渗漏一, 我家渗漏二, 我家渗漏三, 我家渗漏四]
  misses: [天气很好啊, 天气很好一, 天气很好二, 天气很好三, 天气很好四]
`
const lexicon = (extra = '') =>
  `- { name: home, words: [我家, $building] }\n- { name: building, words: [墙面] }\n${extra}${Object.keys(
    engineGroups,
  )
    .map((name) => `- { name: ${name}, words: [${name}] }\n`)
    .join('')}`

const read = (...files: [string, string][]) =>
  readCatalogue(files.map(([path, text]): SourceFile => ({ path, text })))

function problemsOf(run: () => unknown): string[] {
  try {
    run()
  } catch (error) {
    if (error instanceof CatalogueError) {
      return error.problems.map((p) => `${p.file}:${p.line}:${p.column} ${p.message}`)
    }
    throw error
  }
  return []
}

test('a rule gets the words of its groups, and of the groups inside them', () => {
  const { risks, groups } = read(['DE/DE5.yaml', risk('DE5')], ['lexicon/a.yaml', lexicon()])
  expect(risks[0]?.rules[0]?.all).toEqual([['我家', '墙面'], ['渗漏']])
  expect(groups.home).toEqual(['我家', '墙面'])
})

test('the version follows the content, not the order of files, comments or layout', () => {
  const first = read(
    ['DE/DE5.yaml', risk('DE5')],
    ['DE/DE6.yaml', risk('DE6')],
    ['lexicon/a.yaml', lexicon()],
  )
  const turned = read(
    ['lexicon/a.yaml', `# a remark\n${lexicon()}`],
    ['DE/DE6.yaml', risk('DE6')],
    ['DE/DE5.yaml', risk('DE5').split('\n').join('\n\n')],
  )
  const changed = read(['DE/DE5.yaml', risk('DE5').replace('0.8', '0.7')], ['lexicon/a.yaml', lexicon()])
  expect(turned.version).toBe(first.version)
  expect(changed.version).not.toBe(first.version)
  expect(first.version).toMatch(/^[0-9a-f]{12}$/)
})

test('risks come in the order of the phases', () => {
  const { risks } = read(
    ['EX/EX1.yaml', risk('EX1')],
    ['PS/PS2.yaml', risk('PS2')],
    ['lexicon/a.yaml', lexicon()],
  )
  expect(risks.map((r) => r.code)).toEqual(['PS2', 'EX1'])
})

test('all problems come at once, each with file, line, column and cure', () => {
  const broken = risk('DE5').replace('severity: 3', 'severity: 9').replace('[engineering]', '[engeneering]')
  const problems = problemsOf(() =>
    read(
      ['DE/DE5.yaml', broken],
      ['DE/DE6.yaml', risk('DE6').replace('weight: 0.8', 'wieght: 0.8')],
      ['lexicon/a.yaml', lexicon()],
    ),
  )
  expect(problems).toEqual([
    expect.stringMatching(/^DE\/DE5\.yaml:5:15 departments\.0: must be one of design, engineering/),
    expect.stringMatching(/^DE\/DE5\.yaml:6:11 severity: is too big: at most 5/),
    expect.stringMatching(/^DE\/DE6\.yaml:11:5 rules\.0\.weight: is missing: add it \(number\)/),
    expect.stringMatching(
      /^DE\/DE6\.yaml:11:47 rules\.0: unknown key «wieght»: correct its spelling or remove it/,
    ),
  ])
})

test('text that is not YAML is named with its place', () => {
  const problems = problemsOf(() => read(['DE/DE5.yaml', 'code: [DE5'], ['lexicon/a.yaml', lexicon()]))
  expect(problems[0]).toMatch(/^DE\/DE5\.yaml:1:\d+ not YAML: /)
})

test('a code used twice, a file in the wrong folder and a wrong phase are refused', () => {
  const problems = problemsOf(() =>
    read(
      ['DE/DE5.yaml', risk('DE5')],
      ['PO/DE5.yaml', risk('DE5')],
      ['DE/DE7.yaml', risk('DE7').replace('phase: DE', 'phase: SA')],
      ['lexicon/a.yaml', lexicon()],
    ),
  )
  expect(problems).toEqual([
    expect.stringMatching(/^DE\/DE7\.yaml:2:\d+ phase SA does not fit the code DE7: write DE/),
    expect.stringMatching(/^PO\/DE5\.yaml:1:\d+ DE5 stands in the wrong place: move it to DE\/DE5\.yaml/),
    expect.stringMatching(/^PO\/DE5\.yaml:1:\d+ the code DE5 is also in DE\/DE5\.yaml/),
  ])
})

test('a rule id used twice in one risk is refused', () => {
  const rules = '  - { id: leak, all: [[渗漏]], weight: 0.8 }\n  - { id: leak, all: [[漏水]], weight: 0.5 }'
  expect(problemsOf(() => read(['DE/DE5.yaml', risk('DE5', rules)], ['lexicon/a.yaml', lexicon()]))).toEqual([
    'DE/DE5.yaml:12:11 the rule id «leak» is used twice: rename one',
  ])
})

test('an unknown group is named with the ones that exist', () => {
  const rules = '  - { id: leak, all: [[$homes]], weight: 0.8, not: [$none] }'
  const problems = problemsOf(() => read(['DE/DE5.yaml', risk('DE5', rules)], ['lexicon/a.yaml', lexicon()]))
  expect(problems).toEqual([
    expect.stringMatching(
      /^DE\/DE5\.yaml:11:\d+ unknown group «\$homes»: add it to the lexicon or use one of building/,
    ),
    expect.stringMatching(/^DE\/DE5\.yaml:11:\d+ unknown group «\$none»/),
  ])
})

test('groups that go in a circle are refused with the whole circle', () => {
  const circle = '- { name: a, words: [$b, 一] }\n- { name: b, words: [$c] }\n- { name: c, words: [$a] }\n'
  const problems = problemsOf(() => read(['DE/DE5.yaml', risk('DE5')], ['lexicon/a.yaml', lexicon(circle)]))
  expect(problems).toEqual([
    expect.stringMatching(
      /^lexicon\/a\.yaml:5:\d+ the groups go in a circle \(\$a → \$b → \$c → \$a\): take one out/,
    ),
  ])
})

test('a word without any letter or digit is refused, in rules and in groups', () => {
  const rules = '  - { id: leak, all: [["！"]], weight: 0.8 }'
  const problems = problemsOf(() =>
    read(
      ['DE/DE5.yaml', risk('DE5', rules)],
      ['lexicon/a.yaml', lexicon('- { name: x, words: [一, "——"] }\n')],
    ),
  )
  expect(problems).toEqual([
    expect.stringMatching(/^DE\/DE5\.yaml:11:\d+ «！» holds no letter or digit/),
    expect.stringMatching(/^lexicon\/a\.yaml:3:\d+ «——» holds no letter or digit/),
  ])
})

test('a group defined in two files and a missing engine group are refused', () => {
  const twice = problemsOf(() =>
    read(
      ['DE/DE5.yaml', risk('DE5')],
      ['lexicon/a.yaml', lexicon()],
      ['lexicon/b.yaml', 'name: home\nwords: [宅]'],
    ),
  )
  expect(twice).toEqual([
    expect.stringMatching(/^lexicon\/b\.yaml:1:7 the group «home» is also in lexicon\/a\.yaml/),
  ])
  const missing = problemsOf(() =>
    read(
      ['DE/DE5.yaml', risk('DE5')],
      ['lexicon/a.yaml', '- { name: home, words: [家] }\n- { name: noise, words: [股票] }'],
    ),
  )
  expect(missing).toContainEqual(expect.stringMatching(/^lexicon:1:1 the group «negation» is missing/))
})

test('an empty folder is refused: nothing to watch for is never silently fine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'catalogue-'))
  try {
    expect(problemsOf(() => loadCatalogue(folder))[0]).toMatch(
      /cannot be read .*: give the folder of the risk catalogue/,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
  expect(problemsOf(() => read(['lexicon/a.yaml', lexicon()]))).toEqual([
    'PS:1:1 no risk found: put one file per risk here',
  ])
})

test('every problem is also said in Chinese, with the same place, names and cure', () => {
  const broken = risk('DE5', '  - { id: leak, all: [[$homes, ！]], weight: 2, wieght: 1 }')
    .replace('severity: 3', 'severity: "3"')
    .replace('[engineering]', '[]')
  const wrong: [string, string][][] = [
    [
      ['DE/DE5.yaml', broken],
      ['lexicon/a.yaml', lexicon()],
    ],
    [
      ['DE/DE5.yaml', risk('DE5', '  - { id: leak, all: [[$homes, ！]], weight: 0.5 }')],
      ['PO/DE5.yaml', risk('DE5').replace('phase: DE', 'phase: SA')],
      ['lexicon/a.yaml', lexicon('- { name: a, words: [$b] }\n- { name: b, words: [$a] }\n')],
      ['lexicon/b.yaml', '- { name: home, words: [家] }'],
    ],
    [['DE/DE5.yaml', 'code: DE5\ncode: DE6\n\tname: [']],
    [['DE/DE5.yaml', risk('DE5', '  - { id: leak, all: [[渗漏]], weight: 0.8 }')]],
  ]
  const problems = wrong.flatMap((files) => {
    try {
      read(...files)
    } catch (error) {
      if (error instanceof CatalogueError) return error.problems
    }
    return []
  })
  expect(problems.length).toBeGreaterThanOrEqual(15)
  for (const { zh, message } of problems) {
    expect(zh).toMatch(/\p{Script=Han}/u)
    // Nothing of the checker's or the parser's English is left over.
    expect([message, zh.match(/[a-z]+ [a-z]+ [a-z]+/i)]).toEqual([message, null])
    for (const name of message.match(/(?<=«)[^»]+/g) ?? []) expect(zh).toContain(name)
  }
})
