import { beforeAll, describe, expect, test } from 'vitest'
import { hashPassword } from '../../server/access/password.ts'
import type { Role } from '../../server/access/permissions.ts'
import { createApp } from '../../server/http/app.ts'
import { testDatabase } from '../support/database.ts'
import { testServices } from '../support/services.ts'
import { type Visitor, visitor } from '../support/visitor.ts'
import { link, register, seedLedger, vault } from './ledger.ts'

const database = await testDatabase()
const { db } = database
const now = new Date('2026-05-20T02:00:00Z')
const app = createApp(testServices(database, { vault, now: () => now }))
const places = await seedLedger(db)
const passwordHash = await hashPassword('three calm herons')

async function person(login: string, role: Role, cityCompanyId: number | null = null): Promise<Visitor> {
  const { id } = await db
    .insertInto('appUser')
    .values({ login, name: `用户${login}`, passwordHash })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db.insertInto('roleAssignment').values({ userId: id, role, cityCompanyId, projectId: null }).execute()
  const one = visitor(app)
  await one.signIn(login, 'three calm herons')
  return one
}
let agent: Visitor
let supervisor: Visitor
let department: Visitor
let manager: Visitor
let headquarters: Visitor
let elsewhere: Visitor
let administrator: Visitor
beforeAll(async () => {
  const here = places.here.cityCompanyId
  agent = await person('agent', 'desk-agent', here)
  supervisor = await person('supervisor', 'desk-supervisor', here)
  department = await person('department', 'department', here)
  manager = await person('manager', 'general-manager', here)
  headquarters = await person('headquarters', 'hq-marketing')
  elsewhere = await person('elsewhere', 'desk-supervisor', places.there.cityCompanyId)
  administrator = await person('administrator', 'administrator')
})

const secret = {
  name: '王小明',
  phone: '13812345678',
  unit: '3幢2单元1201室',
  address: '嘉州市文教路90号',
  idNumber: '33010619900101123X',
}
const form = {
  channel: 'phone',
  title: '王小明家外墙渗水',
  content: '我是王小明,电话13812345678,住3幢2单元1201室,外墙渗水多次报修',
  demand: '请回电138 1234 5678',
  projectId: places.here.projectId,
  complainants: [secret],
}
const read = async (answer: Response) => (await answer.json()) as Record<string, never> & { id: number }
const newCase = async (more: object = {}) =>
  (await read(await agent.post('/api/complaints', { ...form, ...more }))).id
const plain = /13812345678|138 1234 5678|王小明|1201|33010619900101123X|文教路90/

describe('S3-P10.19.2: no answer carries personal data in the clear', () => {
  test('list, case, preview, count and export are masked', async () => {
    const id = await newCase()
    await agent.post(`/api/complaints/${id}/actions`, { action: 'triage', note: '已致电13812345678确认' })
    for (const path of ['', `/${id}`, '/count', '/choices', '/export.csv', '?q=%E6%B8%97%E6%B0%B4']) {
      const answer = await agent.get(`/api/complaints${path}`)
      expect(answer.status).toBe(200)
      expect(await answer.text()).not.toMatch(plain)
    }
    const preview = await agent.post('/api/complaints/preview', {
      content: '外墙渗水',
      projectId: places.here.projectId,
      phone: '13812345678',
    })
    const text = await preview.text()
    expect(text).not.toMatch(/13812345678|1201/)
    expect(JSON.parse(text)).toMatchObject({ samePerson: [{ id }] })
  })

  test('a reveal needs the permission and a purpose and leaves an audit entry', async () => {
    const id = await newCase()
    expect((await agent.post(`/api/complaints/${id}/reveal`, {})).status).toBe(422)
    expect((await department.post(`/api/complaints/${id}/reveal`, { purpose: '核实' })).status).toBe(403)
    expect((await administrator.post(`/api/complaints/${id}/reveal`, { purpose: '核实' })).status).toBe(403)
    expect((await elsewhere.post(`/api/complaints/${id}/reveal`, { purpose: '核实' })).status).toBe(404)
    const answer = await agent.post(`/api/complaints/${id}/reveal`, { purpose: '回电核实' })
    expect(await answer.json()).toMatchObject({ complainants: [secret], content: form.content })
    const audited = await db
      .selectFrom('auditEntry')
      .select(['actor', 'detail'])
      .where('action', '=', 'complaint.reveal')
      .where('subjectId', '=', String(id))
      .execute()
    expect(audited).toEqual([{ actor: '用户agent', detail: { purpose: '回电核实' } }])
    const trail = await db.selectFrom('auditEntry').selectAll().execute()
    expect(JSON.stringify(trail)).not.toMatch(plain)
  })
})

describe('who sees and does what', () => {
  test('another city’s case is not found by any address', async () => {
    const id = await newCase()
    expect((await elsewhere.get(`/api/complaints/${id}`)).status).toBe(404)
    expect(await (await elsewhere.get('/api/complaints')).json()).toMatchObject({ rows: [] })
    expect(
      await (await elsewhere.get(`/api/complaints?projectId=${places.here.projectId}`)).json(),
    ).toMatchObject({ rows: [] })
    expect(await (await elsewhere.get('/api/complaints/export.csv')).text()).not.toContain('渗水')
    expect((await elsewhere.post(`/api/complaints/${id}/actions`, { action: 'triage' })).status).toBe(404)
    expect(
      (await elsewhere.post(`/api/complaints/${id}/grade`, { kind: 'set', grade: 1, reason: 'x' })).status,
    ).toBe(404)
    expect((await elsewhere.post('/api/complaints', form)).status).toBe(422)
    expect(
      (
        await elsewhere.post('/api/complaints', {
          ...form,
          projectId: undefined,
          cityCompanyId: places.here.cityCompanyId,
        })
      ).status,
    ).toBe(422)
  })

  test('a registration without words or place is refused with the field', async () => {
    expect(await (await agent.post('/api/complaints', { ...form, content: ' ' })).json()).toMatchObject({
      error: 'invalid',
      field: 'content',
    })
    expect(
      await (await agent.post('/api/complaints', { channel: 'phone', content: 'x' })).json(),
    ).toMatchObject({ field: 'projectId' })
    expect(
      await (await agent.post('/api/complaints', { ...form, receivedAt: '2026-05-21T02:00:00Z' })).json(),
    ).toMatchObject({ error: 'in-future' })
  })
})

describe('S0 articles 9 and 10: the path of a case', () => {
  test('from registration to the archive, each step by who may take it', async () => {
    const id = await newCase({ complainants: [] })
    const take = async (who: Visitor, body: object) => {
      const answer = await who.post(`/api/complaints/${id}/actions`, body)
      return {
        status: answer.status,
        ...((await answer.json()) as { state?: string; error?: string; guard?: string }),
      }
    }
    expect(await take(department, { action: 'triage' })).toMatchObject({
      status: 403,
      error: 'not-your-role',
    })
    expect(await take(agent, { action: 'archive' })).toMatchObject({ status: 409, error: 'no-such-step' })
    expect(await take(agent, { action: 'triage' })).toMatchObject({ state: 'triage' })
    expect(await take(agent, { action: 'assign', validity: 'valid' })).toMatchObject({
      status: 422,
      guard: 'valid-with-department',
    })
    expect(
      await take(agent, {
        action: 'assign',
        validity: 'valid',
        responsibleDepartmentId: places.there.departmentId,
      }),
    ).toMatchObject({ status: 422, error: 'invalid' })
    for (const [who, body, state] of [
      [
        agent,
        { action: 'assign', validity: 'valid', responsibleDepartmentId: places.here.departmentId },
        'assigned',
      ],
      [department, { action: 'accept' }, 'analysing'],
      [department, { action: 'give-opinion', note: '外墙防水失效' }, 'plan-draft'],
      [agent, { action: 'submit-plan', note: '重做防水' }, 'in-approval'],
      [manager, { action: 'approve-plan', note: '同意' }, 'plan-approved'],
      [agent, { action: 'consult' }, 'customer-consult'],
      [agent, { action: 'agree' }, 'implementing'],
      [department, { action: 'complete', note: '已完工' }, 'implemented'],
      [agent, { action: 'open-callback' }, 'callback-due'],
      [agent, { action: 'confirm-satisfied', note: '满意' }, 'satisfied'],
      [agent, { action: 'review-archive' }, 'archive-review'],
      [department, { action: 'archive' }, 'archived'],
    ] as const)
      expect(await take(who, body)).toEqual({ status: 200, state })
    const found = await read(await agent.get(`/api/complaints/${id}`))
    expect(found).toMatchObject({ closeReason: 'satisfied', closedAt: now.toISOString(), steps: [] })
    expect(
      await db.selectFrom('complaintRecord').select('action').where('complaintId', '=', id).execute(),
    ).toHaveLength(14)
  })

  test('S0-10.3a: the city general manager does not approve a plan of grade 2', async () => {
    const id = await newCase({ mayLitigate: true })
    await db.updateTable('complaint').set({ state: 'in-approval' }).where('id', '=', id).execute()
    expect(
      (await manager.post(`/api/complaints/${id}/actions`, { action: 'approve-plan', note: '同意' })).status,
    ).toBe(403)
    expect(
      (await headquarters.post(`/api/complaints/${id}/actions`, { action: 'approve-plan', note: '同意' }))
        .status,
    ).toBe(200)
  })
})

describe('grade and risks by people', () => {
  test('S3-P7.2.3: a supervisor sets the grade with a reason and gives it back to the rules', async () => {
    const id = await newCase()
    expect(
      (await agent.post(`/api/complaints/${id}/grade`, { kind: 'set', grade: 1, reason: '涉诚信' })).status,
    ).toBe(403)
    expect((await supervisor.post(`/api/complaints/${id}/grade`, { kind: 'set', grade: 1 })).status).toBe(422)
    expect(
      (await supervisor.post(`/api/complaints/${id}/grade`, { kind: 'set', grade: 1, reason: '涉诚信' }))
        .status,
    ).toBe(200)
    expect(await read(await agent.get(`/api/complaints/${id}`))).toMatchObject({
      grade: 1,
      gradeClause: 'S3-P7.2.3',
      gradeOverrideReason: '涉诚信',
      gradeOverriddenByName: '用户supervisor',
      gradeComputed: { grade: 4, clause: 'S0-3.4' },
    })
    await supervisor.post(`/api/complaints/${id}/grade`, { kind: 'drop', reason: '已澄清' })
    expect(await read(await agent.get(`/api/complaints/${id}`))).toMatchObject({
      grade: 4,
      gradeClause: 'S0-3.4',
      gradeOverrideReason: null,
    })
  })

  test('a rejected link of a case lowers the grade it carried and marks the cell for scoring', async () => {
    const ids: number[] = []
    for (const phone of ['13900000001', '13900000002', '13900000003']) {
      const { id } = await register(db, places.here, { complainants: [{ phone }] }, now)
      ids.push(id)
      await link(db, id, places.here.projectId, 'DE3')
    }
    const [first = 0] = ids
    const signalOf = async (id: number) =>
      (await db.selectFrom('signal').select('id').where('complaintId', '=', id).executeTakeFirstOrThrow()).id
    await agent.post(`/api/complaints/${first}/signals/${await signalOf(first)}/verdict`, {
      verdict: 'confirmed',
    })
    expect(await read(await agent.get(`/api/complaints/${first}`))).toMatchObject({
      grade: 2,
      gradeClause: 'S0-3.2b',
    })
    await db.deleteFrom('scoringDue').execute()
    const answer = await agent.post(`/api/complaints/${first}/signals/${await signalOf(first)}/verdict`, {
      verdict: 'rejected',
      reason: '与停工无关',
    })
    expect(answer.status).toBe(200)
    expect(await read(await agent.get(`/api/complaints/${first}`))).toMatchObject({
      grade: 4,
      signals: [{ state: 'rejected', verdictReason: '与停工无关', verdictByName: '用户agent' }],
    })
    expect(await db.selectFrom('scoringDue').select(['projectId', 'riskCode']).execute()).toEqual([
      { projectId: places.here.projectId, riskCode: 'DE3' },
    ])
    expect(
      (
        await agent.post(`/api/complaints/${ids[1]}/signals/${await signalOf(first)}/verdict`, {
          verdict: 'confirmed',
        })
      ).status,
    ).toBe(404)
  })
})

describe('while somebody types', () => {
  test('the preview names project, class, risks, same cases and the grade to come', async () => {
    const { id } = await register(db, places.here, { content: '外墙渗水' }, now)
    await link(db, id, places.here.projectId)
    const answer = await agent.post('/api/complaints/preview', {
      content: '云境花园外墙开裂,再不修我准备起诉',
    })
    expect(await answer.json()).toMatchObject({
      projects: [{ id: places.here.projectId }],
      class: 'engineering',
      risks: [{ riskCode: 'DE5' }],
      grade: { grade: 2, clause: 'S0-3.2a' },
    })
  })
})

describe('import over the web', () => {
  const upload = (who: Visitor, csv: string, more: Record<string, string> = {}) => {
    const body = new FormData()
    body.set('file', new File([csv], 'ledger.csv', { type: 'text/csv' }))
    for (const [name, value] of Object.entries(more)) body.set(name, value)
    return app.request('/api/complaints/import', {
      method: 'POST',
      headers: { 'x-weiyu': '1', cookie: who.cookie ?? '' },
      body,
    })
  }
  test('a supervisor brings in a file for the own city; an agent may not', async () => {
    const csv =
      '编号,内容,受理时间,项目,电话\nW-1,渗水,2026-05-18,云境花园,13812345678\nW-2,渗水,2026-05-18,观澜里,\n'
    expect((await upload(agent, csv)).status).toBe(403)
    expect(await (await upload(supervisor, csv)).json()).toMatchObject({
      added: 0,
      refused: 1,
      problems: [{ place: 'row 3', field: 'project', code: 'outside-scope' }],
    })
    expect(await (await upload(supervisor, csv, { partial: 'true', dryRun: 'true' })).json()).toMatchObject({
      added: 1,
      isDryRun: true,
    })
    expect(await (await upload(supervisor, csv, { partial: 'true' })).json()).toMatchObject({
      added: 1,
      refused: 1,
    })
    expect(await (await upload(supervisor, csv, { partial: 'true' })).json()).toMatchObject({
      added: 0,
      unchanged: 1,
    })
  })
  test('an unreadable file and a wrong mapping are named', async () => {
    expect(await (await upload(supervisor, 'PK\u0003\u0004rubbish')).json()).toMatchObject({
      error: 'unreadable-file',
    })
    expect(await (await upload(supervisor, '内容\nx\n', { mapping: 'nothing=内容' })).json()).toMatchObject({
      field: 'mapping',
    })
  })
})
