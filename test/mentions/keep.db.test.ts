import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { inTransaction } from '../../server/db/in-transaction.ts'
import { createApp } from '../../server/http/app.ts'
import { ensureDefaultPolicy } from '../../server/policy/store.ts'
import { type City, twoCities } from '../support/build.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { articlePage, loopbackSite } from '../support/loopback-site.ts'
import { notedJobs, testServices } from '../support/services.ts'
import { signedInAs } from '../support/signed-in.ts'

const database = await testDatabase()
const { db } = database
const now = new Date('2026-03-05T06:30:00Z')
const jobs = notedJobs(database)
let site: Awaited<ReturnType<typeof loopbackSite>>
let app: ReturnType<typeof createApp>
let own: City
let other: City
beforeAll(async () => {
  site = await loopbackSite()
  const outside = {
    fetcher: site.fetcher,
    files: { list: async () => [], read: async () => new Uint8Array() },
  }
  app = createApp(testServices(database, { now: () => now, jobs, outside }))
})
afterAll(() => site.close())
beforeEach(async () => {
  await emptyTables(db)
  jobs.woken.length = 0
  await inTransaction(db, (tx) => ensureDefaultPolicy(tx, now))
  ;({ own, other } = await twoCities(db, now))
  site.pages.clear()
  site.pages.set(
    '/post',
    articlePage(
      '云湖湾业主集体反映外墙渗水',
      '多位业主在论坛发帖称外墙渗水三个月无人处理，准备一起去售楼处讨说法。',
    ),
  )
})

const keep = async (
  body: object,
  role: 'public-relations' | 'desk-agent' | 'executive' = 'public-relations',
  city?: City,
) => {
  const person = await signedInAs(app, db, role, {
    now,
    ...(city ? { cityCompanyId: city.cityCompanyId } : {}),
  })
  return person.post('/api/mentions/keep', body)
}
const kept = () =>
  db
    .selectFrom('document')
    .innerJoin('source', 'source.id', 'sourceId')
    .select(['document.id', 'title', 'body', 'dating', 'isLearning', 'raw', 'kind'])
    .where('kind', '=', 'manual')
    .execute()

test('a link is fetched at once and kept with who kept it and why; nothing is learnt of it and its source is never polled', async () => {
  const answer = await keep({ url: `${site.origin}/post?utm_source=chat`, note: '业主群转来' })
  expect(answer.status).toBe(200)
  expect(await answer.json()).toMatchObject({
    state: 'kept',
    title: '云湖湾业主集体反映外墙渗水',
    source: null,
    mentionId: null,
  })
  expect(await kept()).toMatchObject([
    { dating: 'dated', isLearning: false, raw: { note: '业主群转来', keptBy: 'public-relations' } },
  ])
  expect(jobs.woken).toContain('analysis')
  const source = await db
    .selectFrom('source')
    .select(['state', 'kind'])
    .where('kind', '=', 'manual')
    .execute()
  expect(source).toEqual([{ state: 'paused', kind: 'manual' }])
  const entry = await db
    .selectFrom('auditEntry')
    .select(['action', 'detail'])
    .where('action', '=', 'mention.keep')
    .executeTakeFirst()
  expect(entry).toMatchObject({ detail: { note: '业主群转来', isKnown: false } })
  expect(JSON.stringify(entry)).not.toContain('utm_source')
})

test('the same link again is known and adds nothing, also when two people keep it at once', async () => {
  await Promise.all([keep({ url: `${site.origin}/post` }), keep({ url: `${site.origin}/post` })])
  expect(await (await keep({ url: `${site.origin}/post#comments` })).json()).toMatchObject({ state: 'known' })
  expect(await kept()).toHaveLength(1)
})

test('with a project it becomes a mention of that project, whatever the analysis will find', async () => {
  const { mentionId } = (await (
    await keep({ url: `${site.origin}/post`, projectId: own.projectId })
  ).json()) as { mentionId: number | null }
  const [document] = await kept()
  expect(mentionId === null || mentionId === document?.id).toBe(true)
  const links = await db
    .selectFrom('mentionProject')
    .select(['projectId', 'state'])
    .where('mentionId', '=', document?.id ?? 0)
    .execute()
  expect(links).toEqual([{ projectId: own.projectId, state: 'confirmed' }])
})

test('a project of another city is refused before anything is fetched', async () => {
  const answer = await keep(
    { url: `${site.origin}/post`, projectId: other.projectId },
    'public-relations',
    own,
  )
  expect(answer.status).toBe(422)
  expect(await kept()).toEqual([])
})

test('a captcha, a lost page and a private address are said as they are; what was seen is then kept by hand', async () => {
  site.pages.set('/wall', '<title>安全验证</title><p>请完成验证</p>')
  expect(await (await keep({ url: `${site.origin}/wall` })).json()).toMatchObject({
    state: 'failed',
    outcome: 'blocked',
  })
  expect(await (await keep({ url: `${site.origin}/gone` })).json()).toMatchObject({
    state: 'failed',
    outcome: 'unreachable',
  })
  expect(await (await keep({ url: 'http://169.254.169.254/latest' })).json()).toMatchObject({
    state: 'failed',
    outcome: 'refused',
  })
  expect(await kept()).toEqual([])
  const answer = await keep({
    url: `${site.origin}/wall`,
    title: '云湖湾业主发帖',
    text: '帖子已看不到，内容为外墙渗水。',
    publishedAt: '2026-03-05T09:00:00+08:00',
  })
  expect(await answer.json()).toMatchObject({ state: 'kept', title: '云湖湾业主发帖' })
  expect(await kept()).toMatchObject([{ dating: 'dated', raw: { pasted: true } }])
})

test('half a text, other schemes and people without the permission are refused', async () => {
  expect((await keep({ url: `${site.origin}/post`, title: '只有标题' })).status).toBe(422)
  expect((await keep({ url: 'file:///etc/passwd' })).status).toBe(422)
  expect((await keep({ url: `${site.origin}/post` }, 'desk-agent')).status).toBe(403)
  expect((await keep({ url: `${site.origin}/post` }, 'executive')).status).toBe(403)
})
