import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadCatalogue } from '../../risk-catalog/load.ts'
import { createAnalyser } from '../../server/analysis/analyser.ts'
import { inventedTexts } from './invented-texts.ts'

// The rules alone: the model has learnt from these very texts.
const { weights: _weights, ...rules } = loadCatalogue(
  fileURLToPath(new URL('../../risk-catalog', import.meta.url)),
)
const { analyse } = createAnalyser(rules)

describe.each(rules.risks.map(({ code, name }) => ({ code, name: `${code} ${name.zh}` })))(
  '$name',
  ({ code }) => {
    const { hits, misses } = inventedTexts(code)
    const isSeenIn = (text: string) => analyse({ text }).labels.includes(code)

    test('is seen in the texts that carry it', () => {
      expect(hits.filter((text) => !isSeenIn(text))).toEqual([])
    })
    test('is not seen in the texts that look like it', () => {
      expect(misses.filter(isSeenIn)).toEqual([])
    })
  },
)
