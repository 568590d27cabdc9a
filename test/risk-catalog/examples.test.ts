import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadCatalogue } from '../../risk-catalog/load.ts'
import { createAnalyser } from '../../server/analysis/analyser.ts'

const catalogue = loadCatalogue(fileURLToPath(new URL('../../risk-catalog', import.meta.url)))
const { analyse } = createAnalyser(catalogue)

describe.each(catalogue.risks.map((risk) => ({ risk, name: `${risk.code} ${risk.name.zh}` })))(
  '$name',
  ({ risk }) => {
    test.each(risk.examples.hits)('is seen in: %s', (text) => {
      expect(analyse({ text }).labels).toContain(risk.code)
    })
    test.each(risk.examples.misses)('is not seen in: %s', (text) => {
      expect(analyse({ text }).labels).not.toContain(risk.code)
    })
  },
)
