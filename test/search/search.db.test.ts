import { expect, test } from 'vitest'
import { everything } from '../../server/access/scope.ts'
import { createApp } from '../../server/http/app.ts'
import {
  findComplaints,
  findMentions,
  findProjects,
  findRisks,
  findWarnings,
} from '../../server/search/store.ts'
import { twoCities } from '../support/build.ts'
import { testDatabase } from '../support/database.ts'
import { person } from '../support/people.ts'
import { testServices } from '../support/services.ts'

const database = await testDatabase()
const { db } = database
const { own, other } = await twoCities(db, new Date())
const titles = (hits: readonly { title: string }[]) => hits.map((hit) => hit.title)

test('two Chinese characters find every kind of thing', async () => {
  expect(titles(await findWarnings(db, everything, '渗水'))).toHaveLength(2)
  expect(titles(await findComplaints(db, everything, '渗水'))).toHaveLength(2)
  expect(titles(await findMentions(db, everything, '渗水'))).toHaveLength(2)
  expect(titles(await findProjects(db, everything, '花园'))).toHaveLength(2)
  expect(titles(await findRisks(db, 'de3'))).toEqual(['DE3 风险DE3'])
  const [warning] = await findWarnings(db, everything, '渗水')
  expect(warning?.titleEn).toMatch(/: /)
  expect((await findRisks(db, 'de3'))[0]?.titleEn).toMatch(/^DE3 /)
})

test('a project is found by a former name, which is shown; signs of a pattern are plain signs', async () => {
  expect(await findProjects(db, everything, `${own.mark}府`)).toMatchObject([
    { note: `${own.mark}市 · ${own.mark}府` },
  ])
  expect(await findProjects(db, everything, '%%')).toEqual([])
  expect(await findComplaints(db, everything, "'渗\\")).toEqual([])
})

test('each kind is found only by those who may read it, within their city', async () => {
  const app = createApp(testServices(database))
  const agent = await person(db, app, { role: 'desk-agent', cityCompanyId: own.cityCompanyId })
  const kinds = async (q: string) => {
    const body = (await (await agent.get(`/api/search?q=${encodeURIComponent(q)}`)).json()) as {
      hits: { kind: string }[]
    }
    return body.hits.map((hit) => hit.kind)
  }
  expect(await kinds('渗水')).toEqual(['complaint'])
  expect(await kinds(own.mark)).toEqual(['complaint', 'project'])
  expect(await kinds(other.mark)).toEqual([])
})
