import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { loadCatalogue } from '../../risk-catalog/load.ts'
import { createAnalyser } from '../../server/analysis/analyser.ts'

const catalogue = loadCatalogue(fileURLToPath(new URL('../../risk-catalog', import.meta.url)))
const { analyse } = createAnalyser(catalogue)

test('S0-14.0 the catalogue holds the 26 risks of the policy in its order, and the two extensions', () => {
  const named = { PS: 'abcd', LA: 'abc', SA: 'abcd', DE: 'abcdefghi', PO: 'abcdef' }
  const policy = Object.entries(named).flatMap(([phase, letters], at) =>
    [...letters].map((letter, i) => `${phase}${i + 1} S0-14.${at + 1}${letter}`),
  )
  expect(catalogue.risks.map((risk) => `${risk.code} ${risk.clause}`)).toEqual([
    ...policy,
    'EX1 extension',
    'EX2 extension',
  ])
})

test.each([
  ['LA2', '数十名业主在售楼处拉横幅维权'],
  ['SA2', '新房降价，上百名业主围堵售楼处'],
  ['DE3', '映月台全体业主告知书：若不复工将集体停贷'],
  ['DE3', '烂尾楼业主拉横幅要求复工'],
  ['DE4', '在建楼盘脚手架坍塌，致两人受伤'],
  ['DE5', '小区一栋楼房整体倾斜'],
  ['DE9', '上百户业主在交付现场拉横幅，集体拒绝收房'],
  ['PO1', '电梯冲顶致一名住户身亡'],
])('one item is enough for a warning (%s): %s', (code, text) => {
  expect(analyse({ text }).signals).toContainEqual(expect.objectContaining({ risk: code, redLine: true }))
})

test.each([
  '梧桐湾外墙渗水，维修师傅周三上门',
  '请问云岸里何时交房？',
  '电视剧里业主在售楼处拉横幅的片段火了',
  '暑假作业烂尾楼赶工名场面',
  '小区停车费涨价，业主不满',
])('crosses no red line: %s', (text) => {
  expect(analyse({ text }).signals.filter((signal) => signal.redLine)).toEqual([])
})

test('no example text stands in two places', () => {
  const texts = catalogue.risks.flatMap((risk) => [...risk.examples.hits, ...risk.examples.misses])
  expect(texts.filter((text, at) => texts.indexOf(text) !== at)).toEqual([])
})
