import { expect, onTestFinished, test } from 'vitest'
import type { AnalyserInput } from '../../server/analysis/analyser.ts'
import { createEngines, type EngineAnswer, type EngineAsk } from '../../server/analysis/engine.ts'
import { openThread } from '../../server/lib/thread.ts'
import { builtThread } from '../support/built-thread.ts'
import { smallCatalogue } from './small-catalogue.ts'

const { risks, groups, version } = smallCatalogue
const named = (name: string): AnalyserInput => ({
  risks,
  groups,
  version,
  projects: [{ id: 1, names: [name], city: '嘉州市', phases: [], companies: ['嘉州置业'] }],
})
const texts = [
  { title: '云境花园外墙渗水', text: '业主投诉云境花园外墙渗水，物业不管。', isWanted: false },
  { title: '晚饭吃什么', text: '今天吃面条。', isWanted: false },
  { title: '晚饭吃什么', text: '今天吃面条。', isWanted: true },
]

test('only mentions and what is wanted comes back', async () => {
  const engine = await createEngines().open(named('云境花园'))
  const [mention, nothing, wanted] = await engine.read(texts)
  expect(mention?.projects).toMatchObject([{ projectId: 1 }])
  expect(nothing).toBeUndefined()
  expect(wanted).toMatchObject({ labels: [], projects: [] })
})

test('an engine stays good when another one is opened after it', async () => {
  const engines = createEngines()
  const first = await engines.open(named('云境花园'))
  const second = await engines.open(named('澜悦府'))
  const wanted = texts.map((text) => ({ ...text, isWanted: true }))
  const projectsBy = async (engine: typeof first) => (await engine.read(wanted))[0]?.projects.length
  expect([await projectsBy(first), await projectsBy(second), await projectsBy(first)]).toEqual([1, 0, 1])
})

test('in a thread it reads as it does here, and again after the thread broke', async () => {
  const file = await builtThread('server/analysis/engine-thread.ts')
  const thread = openThread<EngineAsk, EngineAnswer>(file)
  const engines = createEngines(thread)
  onTestFinished(() => engines.close())
  const here = await createEngines().open(named('云境花园'))
  const there = await engines.open(named('云境花园'))
  expect(there).toMatchObject({ version: here.version, catalogVersion: here.catalogVersion })
  expect(await there.read(texts)).toEqual(await here.read(texts))
  // A question that it cannot even look at breaks nothing but itself.
  await expect(thread.ask(null as never)).rejects.toThrow()
  expect(await there.read(texts)).toEqual(await here.read(texts))
})
