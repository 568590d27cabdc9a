// npm run train: trains the linear model that ships with the catalogue and writes risk-catalog/model/weights.bin.
// Equal texts and rules give equal bytes. Needs the public texts beside the project.
import { mkdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { loadCatalogue } from '../../risk-catalog/load.ts'
import { createAnalyser } from '../../server/analysis/analyser.ts'
import { planFor, trainModel } from '../../server/analysis/train.ts'
import {
  background,
  examplesOf,
  givenLabels,
  ownLabels,
  provenExamples,
  publicTexts,
  reviewExamples,
  reviews,
} from './support-labelled.ts'

const { weights: _shipped, ...catalogue } = loadCatalogue(resolve('risk-catalog'))
const analyser = createAnalyser(catalogue)
const folder = publicTexts()
if (!folder) {
  console.log('no public texts beside the project: nothing to train on')
  process.exit(1)
}
const texts = [
  ...givenLabels(folder),
  ...ownLabels(folder),
  ...background(folder).filter((_, at) => at % 3 === 0),
]
const examples = [
  ...examplesOf(analyser, catalogue, texts),
  ...provenExamples(analyser, catalogue),
  ...reviewExamples(analyser, reviews(folder)),
]
const from = performance.now()
const bytes = trainModel(examples, planFor(catalogue.risks.map(({ code }) => code)))
mkdirSync(resolve('risk-catalog/model'), { recursive: true })
writeFileSync(resolve('risk-catalog/model/weights.bin'), bytes)
console.log(
  `${examples.length} texts, ${((performance.now() - from) / 1000).toFixed(0)} s, ${(bytes.length / 1024).toFixed(0)} kB`,
)
