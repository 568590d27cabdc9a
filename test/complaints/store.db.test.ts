import { sql } from 'kysely'
import { beforeEach, describe, expect, test } from 'vitest'
import { everything } from '../../server/access/scope.ts'
import { regradeAll, regradeDue } from '../../server/complaints/job.ts'
import { listComplaints } from '../../server/complaints/store.ts'
import { defaultGrading } from '../../server/policy/grading.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { notedJobs } from '../support/services.ts'
import { link, register, seedLedger, vault } from './ledger.ts'

const database = await testDatabase()
const { db } = database
const now = new Date('2026-05-20T02:00:00Z')
const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000)
let places: Awaited<ReturnType<typeof seedLedger>>
beforeEach(async () => {
  await emptyTables(db)
  places = await seedLedger(db)
})

const gradeOf = async (id: number) =>
  db
    .selectFrom('complaint')
    .select(['grade', 'gradeClause', 'gradeBecause'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
const from = (day: number, phone: string) =>
  register(db, places.here, { receivedAt: inDays(day).toISOString(), complainants: [{ phone }] }, inDays(day))

describe('S3-P6.1.3: numbers', () => {
  test('twenty registrations at once get twenty numbers without gap or double', async () => {
    const stored = await Promise.all(Array.from({ length: 20 }, () => register(db, places.here)))
    expect(stored.map(({ number }) => number).sort()).toEqual(
      Array.from({ length: 20 }, (_, at) => `JZ-202605-${String(at + 1).padStart(4, '0')}`),
    )
  })
  test('a registration that fails gives its number back, and every month and city counts for itself', async () => {
    await expect(register(db, { ...places.here, projectId: 999_999 })).rejects.toThrow()
    expect((await register(db, places.here)).number).toBe('JZ-202605-0001')
    expect((await register(db, places.there)).number).toBe('LH-202605-0001')
    expect((await register(db, places.here, { receivedAt: '2026-04-30T16:30:00Z' })).number).toBe(
      'JZ-202605-0002',
    )
    expect((await register(db, places.here, { receivedAt: '2026-04-30T15:30:00Z' })).number).toBe(
      'JZ-202604-0001',
    )
  })
})

describe('S3-P10.19.2: personal data', () => {
  test('lies encrypted in the table, masked beside it', async () => {
    const { id } = await register(db, places.here, {
      complainants: [{ name: '王小明', phone: '13812345678', unit: '3幢2单元1201室' }],
    })
    const row = await db
      .selectFrom('complainant')
      .selectAll()
      .where('complaintId', '=', id)
      .executeTakeFirstOrThrow()
    expect(row).toMatchObject({
      nameMasked: '王**',
      phoneMasked: '138****5678',
      unitMasked: '3幢*单元****室',
    })
    expect(vault.decrypt(row.phoneEncrypted!)).toBe('13812345678')
    const dump = await sql<{ row: string }>`select complainant::text as row from complainant`.execute(db)
    expect(JSON.stringify(dump.rows)).not.toMatch(/13812345678|王小明/)
  })
  test('the same person has the same key in two cases, however the phone is written', async () => {
    await register(db, places.here, { complainants: [{ phone: '138-1234-5678' }] })
    await register(db, places.there, { complainants: [{ name: '王', phone: '+86 13812345678' }] })
    const keys = await db.selectFrom('complainant').select('personKey').distinct().execute()
    expect(keys).toHaveLength(1)
  })
  test('S3-P10.6.1b: an anonymous case keeps nobody', async () => {
    await register(db, places.here, { isAnonymous: true, complainants: [{ phone: '13812345678' }] })
    expect(await db.selectFrom('complainant').selectAll().execute()).toEqual([])
  })
})

describe('grades follow the facts', () => {
  test('S0-3.2b: the third complainant raises all three, with record, audit entry and a mark for scoring', async () => {
    const jobs = notedJobs(database)
    const ids: number[] = []
    for (const [day, phone] of [
      [0, '13800000001'],
      [3, '13800000002'],
      [9, '13800000003'],
    ] as const) {
      const { id } = await from(day, phone)
      await link(db, id, places.here.projectId)
      ids.push(id)
      const { changed } = await regradeDue(db, jobs, inDays(day))
      expect(changed).toBe(day === 9 ? 3 : 0)
    }
    for (const id of ids) expect(await gradeOf(id)).toMatchObject({ grade: 2, gradeClause: 'S0-3.2b' })
    const records = await db
      .selectFrom('complaintRecord')
      .select(['action', 'clause', 'detail'])
      .where('action', '=', 'regrade')
      .execute()
    expect(records).toHaveLength(3)
    expect(records[0]).toMatchObject({ clause: 'S0-3.2b', detail: { from: 4, to: 2 } })
    const audited = await db
      .selectFrom('auditEntry')
      .select('subjectId')
      .where('action', '=', 'complaint.regrade')
      .where('subjectId', 'in', ids.map(String))
      .execute()
    expect(audited).toHaveLength(3)
    expect(await regradeDue(db, jobs, inDays(9))).toMatchObject({ changed: 0 })
  })

  test('S0-3.2b: the same caller again, a rejected link and a hint make no third', async () => {
    const jobs = notedJobs(database)
    const { id: first } = await from(0, '13800000001')
    const { id: second } = await from(1, '13800000002')
    const { id: again } = await from(2, '13800000001')
    const { id: rejected } = await from(3, '13800000003')
    const { id: hint } = await from(4, '13800000004')
    for (const id of [first, second, again]) await link(db, id, places.here.projectId)
    await link(db, rejected, places.here.projectId, 'DE5', { state: 'rejected' })
    await link(db, hint, places.here.projectId, 'DE5', { strength: 0.3 })
    await regradeDue(db, jobs, inDays(4))
    expect(await gradeOf(first)).toMatchObject({ grade: 4 })
  })

  test('S0-3.1a: a negative mention in a provincial paper on the same project and risk', async () => {
    const { id } = await from(0, '13800000001')
    await link(db, id, places.here.projectId)
    await mention(places.here.projectId, 'provincial')
    await regradeDue(db, notedJobs(database), now)
    expect(await gradeOf(id)).toMatchObject({
      grade: 1,
      gradeClause: 'S0-3.1a',
      gradeBecause: {
        because: { rule: 'coverage', riskCode: 'DE5', mentions: 1, families: 1, tiers: ['provincial'] },
      },
    })
  })

  test('S0-3.2a: a forum post is exposure; another project’s is not', async () => {
    const { id } = await from(0, '13800000001')
    await link(db, id, places.here.projectId)
    await mention(places.there.projectId, 'forum')
    await regradeDue(db, notedJobs(database), now)
    expect(await gradeOf(id)).toMatchObject({ grade: 4 })
    await mention(places.here.projectId, 'forum')
    await regradeDue(db, notedJobs(database), now)
    expect(await gradeOf(id)).toMatchObject({ grade: 2, gradeClause: 'S0-3.2a' })
  })

  test('S0-3.2d: a month passes without a solution, by our fault', async () => {
    const jobs = notedJobs(database)
    const { id } = await register(db, places.here)
    await db.updateTable('complaint').set({ validity: 'valid' }).where('id', '=', id).execute()
    expect(await regradeAll(db, jobs, inDays(30))).toEqual({ looked: 1, changed: 0 })
    expect(await regradeAll(db, jobs, inDays(31))).toEqual({ looked: 1, changed: 1 })
    expect(await gradeOf(id)).toMatchObject({ grade: 2, gradeClause: 'S0-3.2d' })
    expect(jobs.woken).toContain('scoring')
  })

  test('a closed case keeps its grade', async () => {
    const { id } = await register(db, places.here, { kind: 'complaint' })
    await db.updateTable('complaint').set({ validity: 'valid', closedAt: now }).where('id', '=', id).execute()
    expect(await regradeAll(db, notedJobs(database), inDays(40))).toEqual({ looked: 0, changed: 0 })
  })

  test('S3-P7.2.3: an overridden grade stays, the computed one is kept beside it', async () => {
    const { id } = await register(db, places.here)
    await sql`insert into app_user (login, name, password_hash) values ('a', 'a', 'x')`.execute(db)
    await db
      .updateTable('complaint')
      .set({ grade: 1, gradeClause: 'S3-P7.2.3', gradeOverriddenBy: 1, validity: 'valid' })
      .where('id', '=', id)
      .execute()
    expect(await regradeAll(db, notedJobs(database), inDays(31))).toMatchObject({ changed: 0 })
    expect(await gradeOf(id)).toMatchObject({
      grade: 1,
      gradeClause: 'S3-P7.2.3',
      gradeBecause: { grade: 2, clause: 'S0-3.2d' },
    })
  })

  test('thirty complainants within a month are raised together', async () => {
    for (let at = 0; at < 30; at += 1) {
      const { id } = await from(at, `1380000${String(at).padStart(4, '0')}`)
      await link(db, id, places.here.projectId)
    }
    expect(await regradeAll(db, notedJobs(database), inDays(30))).toEqual({ looked: 30, changed: 30 })
  })
})

describe('the list', () => {
  const list = (filter: Parameters<typeof listComplaints>[3], scope = everything, limit = 100) =>
    listComplaints(db, vault, scope, filter, { limit }, { policy: defaultGrading, now: inDays(1) })

  test('pages by cursor give every row once, newest first', async () => {
    for (let at = 0; at < 7; at += 1)
      await register(db, places.here, { receivedAt: inDays(-(at % 3)).toISOString() })
    const seen: number[] = []
    let cursor: { at: Date; id: number } | null = null
    do {
      const page: Awaited<ReturnType<typeof list>> = await listComplaints(
        db,
        vault,
        everything,
        {},
        { limit: 3, after: cursor ?? undefined },
        { policy: defaultGrading, now },
      )
      seen.push(...page.rows.map(({ id }) => id))
      cursor = page.next
    } while (cursor)
    expect(new Set(seen).size).toBe(7)
  })

  test('every filter finds its rows and no others', async () => {
    const leak = await register(db, places.here, {
      title: '客厅外墙渗水',
      content: '请尽快维修',
      mayLitigate: true,
    })
    const fee = await register(db, places.there, {
      channel: 'visit',
      class: 'property-service',
      title: '物业费上涨',
      content: '100%不同意_涨价',
      receivedAt: inDays(-10).toISOString(),
    })
    await link(db, leak.id, places.here.projectId)
    const found = async (filter: Parameters<typeof list>[0]) => (await list(filter)).rows.map(({ id }) => id)
    expect(await found({ state: ['triage'] })).toEqual([])
    expect(await found({ state: ['registered'] })).toEqual([leak.id, fee.id])
    expect(await found({ grade: [2] })).toEqual([leak.id])
    expect(await found({ class: ['property-service'] })).toEqual([fee.id])
    expect(await found({ channel: ['visit'] })).toEqual([fee.id])
    expect(await found({ projectId: places.here.projectId })).toEqual([leak.id])
    expect(await found({ cityCompanyId: places.there.cityCompanyId })).toEqual([fee.id])
    expect(await found({ risk: 'DE5' })).toEqual([leak.id])
    expect(await found({ open: false })).toEqual([])
    expect(await found({ from: inDays(-1) })).toEqual([leak.id])
    expect(await found({ to: inDays(-1) })).toEqual([fee.id])
    expect(await found({ q: '外墙渗水' })).toEqual([leak.id])
    expect(await found({ q: '渗水 维修' })).toEqual([leak.id])
    expect(await found({ q: '墙外' })).toEqual([])
    expect(await found({ q: '100%' })).toEqual([fee.id])
    expect(await found({ q: '意_涨' })).toEqual([fee.id])
    expect(await found({ q: "'" })).toEqual([])
    expect(await found({ q: leak.number.toLowerCase() })).toEqual([leak.id])
    expect(await found({ q: '渗' })).toEqual([leak.id])
  })

  test('a word of thousands of cases finds the newest of them, and only those', async () => {
    await sql`insert into complaint (number, city_company_id, channel, class, title, content, received_at, grade, grade_clause, grade_because, grade_policy_version)
      select 'N' || g, ${places.here.cityCompanyId}, 'phone', 'other', case when g % 2 = 0 then '外墙渗水' else '电梯停运' end, 'AB' || g,
        ${now}::timestamptz - make_interval(mins => g), 4, 'S0-3.4', '{}', 1 from generate_series(1, 4200) g`.execute(
      db,
    )
    const { rows } = await list({ q: '渗水 ab' }, everything, 3)
    expect(rows.map(({ number }) => number)).toEqual(['N2', 'N4', 'N6'])
  })

  test('a risk finds the cases that show it and are not rejected, of the reader’s city only, few or thousands', async () => {
    const scope = {
      all: false,
      cityCompanyIds: [places.here.cityCompanyId],
      projectIds: [places.here.projectId],
    }
    const mine = await register(db, places.here)
    const rejected = await register(db, places.here)
    const others = await register(db, places.there)
    await link(db, mine.id, places.here.projectId)
    await link(db, rejected.id, places.here.projectId)
    await link(db, others.id, places.there.projectId)
    await sql`update signal set state = 'rejected' where complaint_id = ${rejected.id}`.execute(db)
    const found = async (within: typeof scope) =>
      (await list({ risk: 'DE5' }, within, 2)).rows.map(({ id }) => id)
    expect(await found(scope)).toEqual([mine.id])
    expect(await found(everything as typeof scope)).toEqual([others.id, mine.id])
    await sql`
      with old as (
        insert into complaint (number, city_company_id, project_id, channel, class, title, content, received_at, grade, grade_clause, grade_because, grade_policy_version)
        select 'R' || g, ${places.here.cityCompanyId}, ${places.here.projectId}, 'phone', 'other', 'x', 'x', ${now}::timestamptz - make_interval(days => 9, mins => g), 4, 'S0-3.4', '{}', 1
        from generate_series(1, 2100) g returning id, received_at)
      insert into signal (kind, complaint_id, risk_code, project_id, strength, because, occurred_at, analysis_version, catalog_version)
      select 'complaint', id, 'DE5', ${places.here.projectId}, 0.8, '[]', received_at, '1', 'x' from old`.execute(
      db,
    )
    expect((await list({ risk: 'DE5' }, scope, 3)).rows.map(({ number }) => number)).toEqual([
      mine.number,
      'R1',
      'R2',
    ])
  })

  test('S0-10.3: overdue when no plan reached its approver in 24 hours (grades 1–2) or 12 (3–4)', async () => {
    const serious = await register(db, places.here, {
      mayLitigate: true,
      receivedAt: inDays(0.5).toISOString(),
    })
    const usual = await register(db, places.here, { receivedAt: inDays(0.45).toISOString() })
    const enquiry = await register(db, places.here, { kind: 'enquiry', receivedAt: inDays(-5).toISOString() })
    const { rows } = await list({ overdue: true })
    expect(rows.map(({ id, isOverdue }) => [id, isOverdue])).toEqual([[usual.id, true]])
    expect((await list({})).rows.map(({ id, isOverdue }) => [id, isOverdue])).toEqual([
      [serious.id, false],
      [usual.id, true],
      [enquiry.id, false],
    ])
  })

  test('shows the rows of the reader’s own city only', async () => {
    const { id } = await register(db, places.here)
    await register(db, places.there)
    const scope = {
      all: false,
      cityCompanyIds: [places.here.cityCompanyId],
      projectIds: [places.here.projectId],
    }
    expect((await list({}, scope)).rows.map((row) => row.id)).toEqual([id])
  })
})

async function mention(projectId: number, tier: 'provincial' | 'forum') {
  await sql`
    with f as (insert into publisher_family (name, tier) values (gen_random_uuid()::text, ${tier}) returning id),
      s as (insert into source (kind, name, options, schedule) values ('rss', gen_random_uuid()::text, '{}', '0 * * * *') returning id),
      d as (insert into document (identity, source_id, title, body, dating, collected_at, content_hash)
        select gen_random_uuid()::text, id, 't', 'b', 'dated', ${now}::timestamptz, '\\x00' from s returning id, source_id),
      m as (insert into mention (id, occurred_at, source_id, family_id, tier, title, excerpt, polarity, sentiment, analysis_version, catalog_version)
        select d.id, ${now}::timestamptz, d.source_id, f.id, ${tier}, 't', 'b', 'negative', 0.1, '1', 'x' from d, f returning id)
    insert into signal (kind, mention_id, risk_code, project_id, strength, because, occurred_at, analysis_version, catalog_version)
    select 'mention', id, 'DE5', ${projectId}, 0.9, '[]', ${now}::timestamptz, '1', 'x' from m`.execute(db)
  await db
    .insertInto('scoringDue')
    .values({ projectId, riskCode: 'DE5' })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}
