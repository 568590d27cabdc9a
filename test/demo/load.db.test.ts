import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadCatalogue } from '../../risk-catalog/load.ts'
import { openVault } from '../../server/access/vault.ts'
import { createEngines } from '../../server/analysis/engine.ts'
import { installCatalogue } from '../../server/catalogue/catalog-store.ts'
import { inTransaction } from '../../server/db/in-transaction.ts'
import { demoReadings } from '../../server/demo/indicators.ts'
import { type DemoLoaded, loadDemo, replaySteps } from '../../server/demo/load.ts'
import { quietProjects } from '../../server/demo/stories.ts'
import { ensureDefaultPolicy } from '../../server/policy/store.ts'
import { testDatabase } from '../support/database.ts'

const database = await testDatabase()
const { db } = database
const end = new Date('2026-11-22T04:00:00Z')
const catalogue = loadCatalogue(join(import.meta.dirname, '../../risk-catalog'))
const product = {
  database,
  shipped: { catalogue, files: [] },
  engines: createEngines(),
  vault: openVault(randomBytes(32)),
} as unknown as Parameters<typeof loadDemo>[0]
const heard: number[] = []
let loaded: DemoLoaded

beforeAll(async () => {
  await installCatalogue(db, catalogue)
  await inTransaction(db, (tx) => ensureDefaultPolicy(tx, end))
  loaded = await loadDemo(product, { end, onProgress: (done, total) => void heard.push(done / total) })
}, 240_000)

describe('the demo, through the real collectors and the real pipeline', () => {
  test('everything written arrives, and every step is told', async () => {
    expect(loaded).toMatchObject({ projects: 24, steps: replaySteps(end).length })
    expect(loaded.documents).toBeGreaterThan(2_500)
    expect(loaded.complaints).toBeGreaterThan(600)
    expect(loaded).toMatchObject({ readings: demoReadings('weiyu', end).length, alerts: 4, dueDates: 5 })
    expect(heard.at(-1)).toBe(1)
    const waiting = await db
      .selectFrom('documentAnalysis')
      .select('documentId')
      .where('analysedVersion', 'is', null)
      .execute()
    expect(waiting).toHaveLength(0)
  })

  test('nothing was too old, undated or learning, and no run failed', async () => {
    const odd = await db
      .selectFrom('document')
      .select('id')
      .where((eb) => eb.or([eb('dating', '!=', 'dated'), eb('isLearning', '=', true)]))
      .execute()
    expect(odd).toHaveLength(0)
    const runs = await db
      .selectFrom('collectionRun')
      .select('outcome')
      .where('outcome', 'not in', ['ok', 'not-modified', 'empty'])
      .execute()
    expect(runs).toHaveLength(0)
  })

  test('one level I, a few II, more III and IV, most cells empty', async () => {
    const cells = await db.selectFrom('exposure').select('level').where('level', 'is not', null).execute()
    const count = (level: string) => cells.filter((cell) => cell.level === level).length
    const picture = `I ${count('I')}, II ${count('II')}, III ${count('III')}, IV ${count('IV')}`
    expect(count('I'), picture).toBe(1)
    expect(count('II'), picture).toBeGreaterThanOrEqual(2)
    expect(count('II'), picture).toBeLessThanOrEqual(6)
    expect(count('III'), picture).toBeGreaterThan(count('II'))
    expect(count('III') + count('IV'), picture).toBeGreaterThan(3 * count('II'))
    expect(cells.length, picture).toBeLessThan((24 * 28) / 8)
  })

  test('open warnings show the same picture, raised when the replay stood at their day', async () => {
    const open = await db
      .selectFrom('warning')
      .select(['level', 'raisedAt', 'firstEvidenceAt'])
      .where('closedAt', 'is', null)
      .execute()
    const count = (level: string) => open.filter((warning) => warning.level === level).length
    const picture = `I ${count('I')}, II ${count('II')}, III ${count('III')}, IV ${count('IV')}`
    expect(count('I'), picture).toBe(1)
    expect(count('II'), picture).toBeGreaterThanOrEqual(2)
    expect(count('II'), picture).toBeLessThanOrEqual(6)
    expect(count('III') + count('IV'), picture).toBeGreaterThan(2 * count('II'))
    const days = new Set(open.map(({ raisedAt }) => raisedAt.toISOString().slice(0, 10)))
    expect(days.size, [...days].join()).toBeGreaterThan(5)
    expect(
      open.filter(({ raisedAt, firstEvidenceAt }) => firstEvidenceAt && firstEvidenceAt > raisedAt),
    ).toEqual([])
  })

  test('estates of which only noise was written have no level', async () => {
    const wrong = await db
      .selectFrom('exposure')
      .innerJoin('project', 'project.id', 'exposure.projectId')
      .select(['code', 'riskCode'])
      .where('code', 'in', [...quietProjects])
      .where('level', 'is not', null)
      .execute()
    expect(wrong).toEqual([])
    const warned = await db
      .selectFrom('warning')
      .innerJoin('project', 'project.id', 'warning.projectId')
      .select('code')
      .where('code', 'in', [...quietProjects])
      .execute()
    expect(warned).toEqual([])
  })

  test('what names no estate of ours waits for a person: a purchase, a namesake, a nickname, the group alone', async () => {
    const texts = await db
      .selectFrom('mention')
      .leftJoin('mentionProject', 'mentionProject.mentionId', 'mention.id')
      .select(['mention.title', 'mention.namesUs', 'confidence'])
      .where('riskCodes', '<>', sql<string[]>`'{}'`)
      .where('projectIds', '=', sql<number[]>`'{}'`)
      .execute()
    const of = (word: string) => texts.filter(({ title }) => title.includes(word))
    expect(of('听荷雅苑').length, '听荷雅苑').toBeGreaterThan(3)
    expect(of('厦门').filter(({ confidence }) => confidence !== null).length, '厦门').toBeGreaterThan(1)
    expect(of('鹤渚').length, '鹤渚').toBeGreaterThan(1)
    expect(of('澄岸集团').filter(({ namesUs }) => namesUs).length, '澄岸集团').toBeGreaterThan(0)
    const proposed = await db
      .selectFrom('estateName')
      .select(['name', 'texts', 'families'])
      .orderBy('texts', 'desc')
      .limit(3)
      .execute()
    expect(proposed.map(({ name }) => name)).toContain('听荷雅苑')
  })

  test('the stalled site: the ledger knew days before the media', async () => {
    const cell = await db
      .selectFrom('exposure')
      .innerJoin('project', 'project.id', 'exposure.projectId')
      .select(['level', 'firstMentionAt', 'firstComplaintAt'])
      .where('code', '=', 'WH-01')
      .where('riskCode', '=', 'DE3')
      .executeTakeFirstOrThrow()
    expect(cell.level).toBe('I')
    const lead = (cell.firstMentionAt?.getTime() ?? 0) - (cell.firstComplaintAt?.getTime() ?? 0)
    expect(lead / 86_400_000).toBeGreaterThan(2)
  })

  test('weather, numbers and days stand on their pages, each where its story is', async () => {
    const inForce = await db
      .selectFrom('signal')
      .innerJoin('project', 'project.id', 'signal.projectId')
      .select(['signal.kind', 'project.code', 'signal.riskCode'])
      .where('endedAt', 'is', null)
      .where('signal.kind', 'in', ['alert', 'reading', 'milestone'])
      .execute()
    const of = (kind: string) =>
      inForce.filter((signal) => signal.kind === kind).map(({ code, riskCode }) => `${code} ${riskCode}`)
    expect(of('alert')).toEqual(expect.arrayContaining(['SZ-01 PO2', 'SZ-01 DE5', 'ZZ-01 DE4', 'ZZ-02 PO1']))
    expect(of('reading').toSorted()).toEqual([
      'CD-03 SA3',
      'CS-02 DE3',
      'CS-02 DE9',
      'HZ-01 DE5',
      'HZ-02 SA2',
      'WH-01 DE3',
      'WH-01 DE9',
      'WH-02 SA2',
    ])
    expect(of('milestone')).toEqual(expect.arrayContaining(['ZZ-01 DE9', 'HZ-01 DE5']))
    const issuers = await db.selectFrom('alert').select(['issuer', 'headline']).execute()
    for (const { issuer, headline } of issuers) expect(`${issuer} ${headline}`).toMatch(/（演示）.*（演示）/)
  })

  test('comments on forums and blogs grow while their feeds show them, and heat the issues that they speak of', async () => {
    const seen = await sql<{ first: number; last: number; looks: number }>`
      select (array_agg(comments order by seen_at))[1] as first, (array_agg(comments order by seen_at desc))[1] as last,
        count(*) as looks
      from (select document_id, seen_at, (counters ->> 'comments')::int as comments from document_observation) looked
      group by document_id`.execute(db)
    expect(seen.rows.length).toBeGreaterThan(100)
    const again = seen.rows.filter(({ looks }) => looks > 1)
    expect(again.length).toBeGreaterThan(50)
    expect(again.filter(({ first, last }) => last <= first)).toEqual([])
    const hottest = await db
      .selectFrom('issue')
      .innerJoin('project', 'project.id', 'issue.projectId')
      .select(['project.code', 'issue.reactionCount'])
      .orderBy('issue.reactionCount', 'desc')
      .limit(1)
      .executeTakeFirst()
    expect(hottest?.code).toBe('WH-01')
    expect(hottest?.reactionCount).toBeGreaterThan(300)
  })

  test('a second load is refused: it would mix with what is there', async () => {
    await expect(loadDemo(product, { end })).rejects.toMatchObject({ status: 409, code: 'not-empty' })
  })
})
