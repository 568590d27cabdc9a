import { beforeEach, describe, expect, test } from 'vitest'
import { createApp } from '../../server/http/app.ts'
import { runScoring } from '../../server/scoring/job.ts'
import { runWarnings } from '../../server/warnings/job.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { addComplaint, addMention, type Ground, seedGround } from '../support/evidence.ts'
import { testServices } from '../support/services.ts'
import { signedInAs } from '../support/signed-in.ts'

const database = await testDatabase()
const { db } = database
const now = new Date('2026-03-10T08:00:00Z')
const services = testServices(database, { now: () => now })
const app = createApp(services)
const as = (role: Parameters<typeof signedInAs>[2], cityCompanyId?: number) =>
  signedInAs(app, db, role, { now, ...(cityCompanyId !== undefined && { cityCompanyId }) })

let ground: Ground
const projectOf = (city: number) => ground.cities[city]!.projectIds[0]!
const warningOf = async (city: number) =>
  db
    .selectFrom('warning')
    .select(['id', 'level'])
    .where('projectId', '=', projectOf(city))
    .orderBy('level')
    .orderBy('id')
    .executeTakeFirstOrThrow()

beforeEach(async () => {
  await emptyTables(db)
  ground = await seedGround(db, { cities: 2, projectsPerCity: 2 })
  for (const city of [0, 1]) {
    await addComplaint(db, ground, { projectId: projectOf(city), riskCode: 'DE5' }, { at: now, grade: 1 })
    await addMention(
      db,
      ground,
      { projectId: projectOf(city), riskCode: 'DE5' },
      { at: now, title: '外墙渗水无人处理' },
    )
    for (const n of [1, 2, 3]) {
      await addComplaint(
        db,
        ground,
        { projectId: projectOf(city), riskCode: 'PO2' },
        { at: new Date(now.getTime() - n) },
      )
    }
  }
  await runScoring(db, services.jobs, () => now)
  await runWarnings(db, services.jobs, () => now)
})

describe('the list', () => {
  const list = async (query: string) =>
    (await (await as('crisis-leader')).get(`/api/warnings?${query}`)).json()

  test('is gravest first, and its pages join without gap or repetition', async () => {
    const whole = await list('limit=50')
    expect(whole.rows.map((row: { level: string }) => row.level)).toEqual(['II', 'II', 'IV', 'IV'])
    const ids: number[] = []
    let after = ''
    for (;;) {
      const page = await list(`limit=1${after && `&after=${encodeURIComponent(after)}`}`)
      ids.push(...page.rows.map((row: { id: number }) => row.id))
      if (!page.next) break
      after = page.next
    }
    expect(ids).toEqual(whole.rows.map((row: { id: number }) => row.id))
  })

  test.each([
    ['level=II', 2],
    ['level=I,IV', 2],
    ['phase=PO', 2],
    ['risk=DE5', 2],
    ['state=closed', 0],
    ['state=candidate', 4],
    ['acknowledged=yes', 0],
    ['acknowledged=no', 4],
    [`q=${encodeURIComponent('项目1-1')}`, 2],
    ['q=%25', 0],
  ])('narrowed by %s gives %i', async (query, count) => {
    expect((await list(query)).rows).toHaveLength(count)
  })

  test('grouped by project names each project once, with its gravest level and how many', async () => {
    expect((await list('grouped=true')).groups).toMatchObject([
      { project: '项目1-1', level: 'II', count: 2 },
      { project: '项目2-1', level: 'II', count: 2 },
    ])
  })

  test.each(['level=V', 'limit=0', 'limit=201', 'after=nonsense', 'projectId=-1'])(
    'refuses %s',
    async (query) => {
      expect((await (await as('crisis-leader')).get(`/api/warnings?${query}`)).status).toBe(422)
    },
  )
})

test('the detail says why this level, with the evidence of both sides, the catalogue and what the reader may do', async () => {
  const { id } = await warningOf(0)
  const detail = await (await (await as('crisis-leader')).get(`/api/warnings/${id}`)).json()
  expect(detail).toMatchObject({
    warning: { level: 'II', project: '项目1-1', riskCode: 'DE5', riskZh: '风险DE5' },
    assessment: {
      hardRules: [{ rule: 'grade-one', clause: 'S0-3.1a' }],
      policyVersion: ground.policyVersion,
    },
    exposure: { mentionCount: 1, complaintCount: 1 },
    catalogue: { measures: ['逐户检查', '按月通报', '预留整改期'], playbook: [{ who: '工程部' }] },
    history: [{ action: 'raise', toLevel: 'II' }],
    acknowledgements: [],
    actions: ['watch', 'verify', 'discard', 'lift'],
    mayAcknowledge: true,
  })
  expect(detail.assessment.factors).toHaveLength(15)
  expect(detail.evidence.map((item: { kind: string; words: string[] }) => [item.kind, item.words])).toEqual(
    expect.arrayContaining([
      ['mention', ['渗水']],
      ['complaint', ['渗水']],
    ]),
  )
})

describe('acts', () => {
  test('S2-3.3.1c: an acknowledgement is personal, counted once, and leaves the state alone', async () => {
    const { id } = await warningOf(0)
    const [one, other] = [await as('crisis-member'), await as('public-relations')]
    for (const _ of [1, 2])
      expect((await one.post(`/api/warnings/${id}/acknowledge`, { note: '已知悉' })).status).toBe(200)
    const mine = await (await one.get(`/api/warnings/${id}`)).json()
    const theirs = await (await other.get(`/api/warnings/${id}`)).json()
    expect(mine).toMatchObject({
      mayAcknowledge: false,
      warning: { state: 'candidate', isAcknowledgedByMe: true, acknowledgementCount: 1 },
    })
    expect(theirs).toMatchObject({
      mayAcknowledge: true,
      warning: { isAcknowledgedByMe: false, acknowledgementCount: 1 },
    })
    expect(mine.history.filter((record: { action: string }) => record.action === 'acknowledge')).toHaveLength(
      1,
    )
  })

  test('S2-2.3.2: verify and assess are steps with a reason, a record and an audit entry', async () => {
    const { id } = await warningOf(0)
    const member = await as('crisis-member')
    expect((await member.post(`/api/warnings/${id}/verify`, { reason: '' })).status).toBe(422)
    expect(await (await member.post(`/api/warnings/${id}/verify`, { reason: '现场核实' })).json()).toEqual({
      state: 'verifying',
    })
    expect((await member.post(`/api/warnings/${id}/verify`, { reason: '再来一次' })).status).toBe(409)
    expect((await member.post(`/api/warnings/${id}/assess`, { reason: '属实' })).status).toBe(200)
    const { history } = await (await member.get(`/api/warnings/${id}`)).json()
    expect(history).toMatchObject([
      { action: 'raise' },
      {
        action: 'verify',
        fromState: 'candidate',
        toState: 'verifying',
        reason: '现场核实',
        actor: 'crisis-member',
      },
      { action: 'assess', fromState: 'verifying', toState: 'assessed' },
    ])
    const entry = await db
      .selectFrom('auditEntry')
      .selectAll()
      .where('action', '=', 'warning.verify')
      .orderBy('id', 'desc')
      .executeTakeFirst()
    expect(entry).toMatchObject({ actorId: member.userId, subjectId: String(id), clause: 'S2-2.3.2' })
  })

  test('S2-3.2.3: a member cannot lift level II, the leader can, and then it is closed', async () => {
    const { id } = await warningOf(0)
    const [member, leader] = [await as('crisis-member'), await as('crisis-leader')]
    expect((await member.post(`/api/warnings/${id}/lift`, { reason: '已平稳' })).status).toBe(403)
    expect((await leader.post(`/api/warnings/${id}/lift`, { reason: '已平稳' })).status).toBe(200)
    expect((await leader.post(`/api/warnings/${id}/acknowledge`, {})).status).toBe(409)
    expect(await (await leader.get(`/api/warnings/${id}`)).json()).toMatchObject({
      warning: { state: 'lifted', closeReason: '已平稳' },
      actions: [],
      mayAcknowledge: false,
    })
  })

  test.each([
    ['public-relations', 'verify'],
    ['executive', 'discard'],
    ['desk-supervisor', 'acknowledge'],
    ['department', 'lift'],
  ] as const)('%s may not %s', async (role, action) => {
    const { id } = await warningOf(0)
    expect((await (await as(role)).post(`/api/warnings/${id}/${action}`, { reason: '试一试' })).status).toBe(
      403,
    )
  })
})

describe("another city's warnings", () => {
  test('are in no list and no group', async () => {
    const manager = await as('general-manager', ground.cities[0]!.id)
    const answer = await (await manager.get('/api/warnings')).json()
    expect(new Set(answer.rows.map((row: { projectId: number }) => row.projectId))).toEqual(
      new Set([projectOf(0)]),
    )
    expect(answer.rows).toHaveLength(2)
    expect((await (await manager.get('/api/warnings?grouped=true')).json()).groups).toHaveLength(1)
    expect((await (await manager.get(`/api/warnings?projectId=${projectOf(1)}`)).json()).rows).toEqual([])
  })

  test('are found by no address and touched by no act', async () => {
    const { id } = await warningOf(1)
    const leader = await as('crisis-leader', ground.cities[0]!.id)
    expect((await leader.get(`/api/warnings/${id}`)).status).toBe(404)
    for (const action of ['acknowledge', 'watch', 'verify', 'assess', 'discard', 'lift']) {
      expect((await leader.post(`/api/warnings/${id}/${action}`, { reason: '越权' })).status).toBe(404)
    }
  })
})

test('S2-3.2.3: the leader of one city company lifts level II there, and in another only where a member may', async () => {
  const [here, there] = [await warningOf(0), await warningOf(1)]
  const person = await as('crisis-leader', ground.cities[0]!.id)
  await db
    .insertInto('roleAssignment')
    .values({
      userId: person.userId,
      role: 'crisis-member',
      cityCompanyId: ground.cities[1]!.id,
      projectId: null,
    })
    .execute()
  expect((await person.post(`/api/warnings/${there.id}/lift`, { reason: '已平稳' })).status).toBe(403)
  expect((await (await person.get(`/api/warnings/${there.id}`)).json()).actions).not.toContain('lift')
  expect((await person.post(`/api/warnings/${here.id}/lift`, { reason: '已平稳' })).status).toBe(200)
})
