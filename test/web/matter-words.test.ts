import { expect, test } from 'vitest'
import { SUBJECT_NAMES } from '../../server/analysis/matters.ts'
import { language } from '../../web/labels.ts'
import { matterEnglish, matterName } from '../../web/pages/issues/matter-words.ts'

test('every matter of an issue has its English, and no English is a leftover', () => {
  expect(Object.keys(matterEnglish).toSorted()).toEqual(SUBJECT_NAMES.toSorted())
})

test('a matter is named in the language of the reader', () => {
  expect(matterName('电梯')).toBe('电梯')
  language.value = 'en'
  expect(matterName('电梯')).toBe('lifts')
  language.value = 'zh-CN'
})
