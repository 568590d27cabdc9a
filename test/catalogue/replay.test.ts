import { expect, test } from 'vitest'
import { writeModel } from '../../server/analysis/model.ts'
import { runThrough } from '../../server/analysis/train.ts'
import { changedRisks, createComparer, createTally } from '../../server/catalogue/replay.ts'
import { createVerdictTally } from '../../server/catalogue/verdicts.ts'
import { smallCatalogue } from '../analysis/small-catalogue.ts'

const running = { catalogue: smallCatalogue }
const edited = (change: (rule: (typeof smallCatalogue.risks)[0]['rules'][0]) => object) => ({
  catalogue: {
    ...smallCatalogue,
    risks: smallCatalogue.risks.map((risk) => ({
      ...risk,
      rules: risk.rules.map((rule) => ({ ...rule, ...change(rule) })),
    })),
  },
})
const withoutBath = edited(({ id }) => (id === 'leak' ? { not: ['浴室'] } : {}))

test('only risks whose rules differ are compared; all are when a word that the engine reads for every rule changed', () => {
  expect(changedRisks(running, running)).toEqual([])
  expect(changedRisks(running, withoutBath)).toEqual(['DE5'])
  const otherNoise = {
    catalogue: { ...smallCatalogue, groups: { ...smallCatalogue.groups, noise: ['招聘'] } },
  }
  expect(changedRisks(running, otherNoise)).toEqual(['DE5', 'DE3', 'LA1', 'SA2'])
})

test('gained, lost and unique hits are counted, and a text that both find is neither', () => {
  const read = createComparer(running, withoutBath, ['DE5'])
  const tally = createTally(running.catalogue, withoutBath.catalogue, ['DE5'])
  for (const [id, text] of ['浴室墙面渗漏', '房屋渗漏', '房屋渗漏，地面空鼓', '好天气'].entries())
    tally.add({ kind: 'mention', id, projectIds: [7] }, read({ text }))
  const { risks, examples, cells, texts } = tally.result()
  expect(texts).toBe(4)
  expect(risks).toEqual([
    {
      risk: 'DE5',
      before: 3,
      after: 2,
      gained: 0,
      lost: 1,
      rules: [
        { rule: 'leak', state: 'changed', hits: 2, unique: 1 },
        { rule: 'hollow', state: 'same', hits: 1, unique: 0 },
      ],
    },
  ])
  expect(examples).toMatchObject([{ id: 0, change: 'lost', rules: ['leak'] }])
  expect(cells).toEqual([{ projectId: 7, risk: 'DE5', gained: 0, lost: 1 }])
})

test('where a model judges the whole engines are compared: what only it sees is told as its find', () => {
  const output = { bias: 5, scale: 1, slope: -1, offset: 0 }
  const weights = runThrough(
    writeModel({
      outputs: [
        { ...output, name: 'any' },
        { ...output, name: 'risk:DE5' },
      ],
      weights: new Map(),
    }),
  )
  const candidate = { ...running, weights }
  expect(changedRisks(running, candidate)).toHaveLength(4)
  const { before, after } = createComparer(running, candidate)({ text: '昨天的业主大会' })
  expect(before).toEqual([])
  expect(after).toMatchObject([{ risk: 'DE5', isLabel: true, rules: [{ rule: 'model' }] }])
})

test('a lost confirmed find is told before a rejected one that falls silent', () => {
  const tally = createVerdictTally()
  const judge = (state: 'confirmed' | 'rejected', before: boolean, after: boolean, id: number) =>
    tally.judge({ kind: 'mention', id, risk: 'DE5', state, before, after })
  judge('rejected', true, false, 1)
  judge('rejected', true, true, 2)
  judge('rejected', false, true, 3)
  judge('confirmed', true, true, 4)
  judge('confirmed', true, false, 5)
  judge('confirmed', false, true, 6)
  tally.tone('neutral', 'negative', 'neutral')
  const { confirmed, rejected, changes, tones } = tally.result()
  expect(confirmed).toEqual({ kept: 1, lost: 1, regained: 1, missed: 0 })
  expect(rejected).toEqual({ raised: 1, silenced: 1, newlyRaised: 1, silent: 0 })
  expect(changes.map(({ id, change }) => [id, change])).toEqual([
    [5, 'lost'],
    [3, 'newlyRaised'],
    [6, 'regained'],
    [1, 'silenced'],
  ])
  expect(tones).toEqual({ checked: 1, rightBefore: 0, rightAfter: 1 })
})
