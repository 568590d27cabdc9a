import { expect, test } from 'vitest'
import { common, language, levelHue, levels, sections, words } from '../../web/labels.ts'

// Loading every section registers it.
const modules = import.meta.glob('../../web/{parts,shell,pages,charts}/**/*words.ts', { eager: true })

type Phrases = { readonly [key: string]: unknown }

function* phrases(section: Phrases, path = ''): Generator<[string, unknown]> {
  for (const [key, phrase] of Object.entries(section)) {
    if (typeof phrase === 'object' && phrase !== null) yield* phrases(phrase as Phrases, `${path}${key}.`)
    else yield [`${path}${key}`, phrase]
  }
}

/** A phrase with arguments, said with stand-ins. */
const said = (phrase: unknown, standIn = '7') =>
  typeof phrase === 'function'
    ? String(phrase(...Array.from({ length: phrase.length }, () => standIn)))
    : String(phrase)

test('every section says the same things in both languages', () => {
  expect(Object.keys(modules).length).toBeGreaterThan(3)
  expect(sections.length).toBeGreaterThan(10)
  for (const { zh, en } of sections) {
    const chinese = [...phrases(zh)].map(([path, phrase]) => `${path}/${typeof phrase}`)
    const english = [...phrases(en)].map(([path, phrase]) => `${path}/${typeof phrase}`)
    expect(english.sort()).toEqual(chinese.sort())
  }
})

/** What the switch itself shows is in the other language on purpose. */
const crossed = ['otherLanguage']

test('English phrases hold no Chinese, and no phrase is a leftover', () => {
  for (const { zh, en } of sections) {
    for (const [path, phrase] of phrases(en)) {
      if (crossed.includes(path)) continue
      // What is stored under a Chinese name is quoted by that name.
      expect(said(phrase).replace(/«.*?»/gu, ''), path).not.toMatch(/\p{Script=Han}/u)
    }
    for (const section of [zh, en]) {
      for (const [path, phrase] of phrases(section))
        expect(said(phrase), path).not.toMatch(/TODO|undefined|\[object/)
    }
  }
})

test('one of a thing is said in the singular', () => {
  for (const { en } of sections) {
    for (const [path, phrase] of phrases(en))
      expect(said(phrase, '1'), path).not.toMatch(/(?<![\w.,/])1 (?!in )(?:[a-z-]+ )?[a-z]{3,}s\b/)
  }
})

test('a phrase follows the language switch', () => {
  const t = words(
    { found: (n: number) => `共 ${n} 条`, deep: { one: '一' } },
    { found: (n) => `${n} in all`, deep: { one: 'one' } },
  )
  language.value = 'zh-CN'
  expect([t.found(3), t.deep.one, common.save]).toEqual(['共 3 条', '一', '保存'])
  language.value = 'en'
  expect([t.found(3), t.deep.one, common.save]).toEqual(['3 in all', 'one', 'Save'])
  language.value = 'zh-CN'
})

test('every level has its hue', () => {
  expect(levels.map((level) => levelHue[level])).toEqual(['红', '橙', '黄', '蓝'])
})
