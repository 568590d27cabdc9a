import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadCatalogue } from '../../risk-catalog/load.ts'
import { createAnalyser } from '../../server/analysis/analyser.ts'
import { generateHistory } from '../../server/demo/generate.ts'
import { demoProjects, demoPublishers, groupTables } from '../../server/demo/group.ts'
import { kits } from '../../server/demo/kits.ts'
import { fill } from '../../server/demo/random.ts'
import { quietProjects, stories } from '../../server/demo/stories.ts'
import { checkTables } from '../../server/projects/check.ts'
import { compare } from '../../server/projects/compare.ts'

const end = new Date('2026-11-22T04:00:00Z')
const history = generateHistory('weiyu', end)
const { items, complaints } = history
const { risks, groups, version } = loadCatalogue(join(import.meta.dirname, '../../risk-catalog'))
const analyser = createAnalyser({
  risks,
  groups,
  version,
  projects: demoProjects.map(({ name, alias, city, district, company, promotionName }, id) => ({
    id,
    names: [name, alias, promotionName],
    city,
    district,
    companies: [company, '澄岸集团'],
  })),
  companies: ['澄岸集团'],
})

describe('the invented history', () => {
  test('the same seed and end give the same texts; another seed gives others', () => {
    expect(generateHistory('weiyu', end)).toEqual(history)
    expect(generateHistory('other', end).items[0]?.title).not.toBe(items[0]?.title)
  })

  test('it is as large as promised, within 90 days before its end', () => {
    expect(items.length).toBeGreaterThan(2500)
    expect(items.length).toBeLessThan(4000)
    expect(complaints.length).toBeGreaterThan(600)
    expect(complaints.length).toBeLessThan(900)
    const from = end.getTime() - 92 * 86_400_000
    const times = [
      ...items.map(({ publishedAt }) => publishedAt),
      ...complaints.map(({ receivedAt }) => receivedAt),
    ]
    expect(times.filter((time) => time.getTime() < from || time > end)).toEqual([])
    expect(
      complaints.filter(({ receivedAt, closedAt }) => closedAt && (closedAt < receivedAt || closedAt > end)),
    ).toEqual([])
  })

  test('texts are whole, various and leave no slot open', () => {
    const texts = [
      ...items.map(({ title, body }) => `${title} ${body}`),
      ...complaints.map(({ title, content }) => `${title} ${content}`),
    ]
    expect(texts.filter((text) => /[{}]|undefined/.test(text) || text.trim().length < 8)).toEqual([])
    expect(new Set(items.map(({ title }) => title)).size / items.length).toBeGreaterThan(0.9)
    expect(new Set(items.map(({ body }) => body)).size / items.length).toBeGreaterThan(0.9)
    expect(new Set(items.map(({ url }) => url)).size).toBe(items.length)
  })

  test('no telephone, host or medium can be anybody’s', () => {
    expect(complaints.filter(({ phone }) => !/^1[3-9]\d0000\d{4}$/.test(phone))).toEqual([])
    expect(demoPublishers.filter(({ host }) => !host.endsWith('.example'))).toEqual([])
  })

  test('the group passes the same check as anybody’s workbook', () => {
    const checked = checkTables(groupTables(end))
    const { report } = compare(checked.rows, {
      'city-company': new Map(),
      department: new Map(),
      project: new Map(),
      phase: new Map(),
      milestone: new Map(),
      publisher: new Map(),
    })
    expect([checked.mistakes, checked.ignored, report.filter(({ outcome }) => outcome !== 'added')]).toEqual([
      [],
      [],
      [],
    ])
    expect(demoProjects).toHaveLength(24)
    expect(new Set(demoProjects.map(({ stage }) => stage)).size).toBe(5)
  })

  test('stories and kits fit together', () => {
    const codes = new Set(demoProjects.map(({ code }) => code))
    expect(stories.filter(({ project, risk }) => !codes.has(project) || !kits[risk])).toEqual([])
    expect(stories.filter(({ project }) => quietProjects.includes(project))).toEqual([])
  })
})

describe('read by the engine', () => {
  const slots = {
    p: '澄岸·云汀府',
    c: '杭州',
    d: '余杭区',
    b: '3栋',
    u: '3栋1单元1201',
    m: '四',
    t: '三',
    w: '周三',
    n: '12',
  }
  const write = (template: string) =>
    fill(template, Object.fromEntries(Object.entries(slots).map(([key, value]) => [key, () => value])))

  test.each(Object.entries(kits))('%s: headlines with a fact, and cases, show their risk', (risk, kit) => {
    const documents = [...kit.heads, ...kit.cases].flatMap((title) =>
      kit.facts.map((text) => ({ title: write(title), text: write(text) })),
    )
    const missed = documents.filter((document) => !analyser.analyse(document).labels.includes(risk))
    expect(missed.slice(0, missed.length > documents.length / 20 ? 5 : 0)).toEqual([])
  })

  test('noise shows no risk of a project', () => {
    const storyTitles = new Set<string>()
    const wrong = items.filter(({ title, body }) => {
      const read = analyser.analyse({ title, text: body })
      const isStory = stories.some(({ project, risk }) => {
        const id = demoProjects.findIndex(({ code }) => code === project)
        return read.labels.includes(risk) && read.projects.some(({ projectId }) => projectId === id)
      })
      if (isStory) storyTitles.add(title)
      return !isStory && read.labels.length > 0 && read.projects.some(({ confidence }) => confidence >= 0.6)
    })
    expect(wrong.map(({ title, body }) => `${title} | ${body}`)).toEqual([])
    expect(storyTitles.size).toBeGreaterThan(150)
  })
})
