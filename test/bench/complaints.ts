// The ledger with 100,000 complaints: p95 of a first page of the list under 20 clients, by the filters people use, and rows a second of an import.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { everything } from '../../server/access/scope.ts'
import { openVault } from '../../server/access/vault.ts'
import { importComplaints, regradeAll } from '../../server/complaints/job.ts'
import { type ListFilter, listComplaints } from '../../server/complaints/store.ts'
import { openDatabase } from '../../server/db/connect.ts'
import { startEmbeddedPostgres } from '../../server/db/embedded-postgres.ts'
import { migrate } from '../../server/db/migrate.ts'
import type { Jobs } from '../../server/jobs/jobs.ts'
import { currentPolicy, ensureDefaultPolicy } from '../../server/policy/store.ts'

const CASES = Number(process.env.BENCH_COMPLAINTS ?? 100_000)
const PROJECTS = 24
const folder = mkdtempSync(join(tmpdir(), 'weiyu-bench-'))
const server = await startEmbeddedPostgres(folder, { mayMoveAway: true })
const { db, close } = openDatabase(server.url, { connections: 20 })
const jobs: Jobs = {
  wake: async () => {},
  collect: async () => {},
  assist: async () => {},
  announce: async () => {},
}
const now = new Date('2026-05-20T02:00:00Z')
const vault = openVault(randomBytes(32))

try {
  await migrate(server.url)
  await db.transaction().execute((tx) => ensureDefaultPolicy(tx, new Date(0)))
  await sql`
    with c as (insert into city_company (code, name, city) select 'C' || g, '公司' || g, '城市' || g from generate_series(1, 6) g returning id)
    insert into project (city_company_id, code, name, city, stage)
    select id, 'P' || id || '-' || g, '楼盘' || id || '之' || g, '城市', 'DE' from c, generate_series(1, ${PROJECTS / 6}) g`.execute(
    db,
  )

  const texts = [
    '外墙渗水多次维修无果',
    '地下车库电梯停运',
    '工地停工交房无期',
    '物业乱收费',
    '样板房与实际户型不一致',
    '房产证迟迟不办',
  ]
  const rows = function* () {
    for (let at = 0; at < CASES; at += 1)
      yield {
        place: `row ${at}`,
        fields: {
          id: String(at),
          title: `${texts[at % texts.length]}，第${at}件`,
          content: `${texts[(at * 7) % texts.length]}，业主多次反映无人处理，请尽快答复。楼栋${at % 30}，编号${at}。`,
          receivedAt: new Date(now.getTime() - ((at * 7919) % (365 * 1440)) * 60_000).toISOString(),
          project: `楼盘${1 + (at % 6)}之${1 + (Math.floor(at / 6) % 4)}`,
          phone: `138${String((at * 31) % 1e8).padStart(8, '0')}`,
          name: '王小明',
        },
      }
  }
  const from = performance.now()
  const { added } = await importComplaints({ db, vault, jobs, now: () => now }, rows())
  const seconds = (performance.now() - from) / 1000
  console.log(`import: ${added} rows, ${(added / seconds).toFixed(0)} rows/s`)

  await sql`
    insert into signal (kind, complaint_id, risk_code, project_id, strength, because, occurred_at, analysis_version, catalog_version)
    select 'complaint', id, (array['DE5','PO1','DE3','EX1','SA4','EX2'])[1 + id % 6], project_id, 0.8, '[]', received_at, '1', 'x' from complaint`.execute(
    db,
  )
  await sql`update complaint set closed_at = received_at + interval '9 days', close_reason = 'satisfied', state = 'archived' where id % 10 > 0`.execute(
    db,
  )
  await sql`analyze`.execute(db)

  const graded = performance.now()
  const { looked, changed } = await regradeAll(db, jobs, now)
  console.log(
    `hourly regrade: ${looked} open cases in ${((performance.now() - graded) / 1000).toFixed(1)} s, ${changed} changed`,
  )

  const { policy } = await currentPolicy(db, now)
  const project = await db
    .selectFrom('project')
    .select(['id', 'cityCompanyId'])
    .orderBy('id')
    .executeTakeFirstOrThrow()
  const filters: Readonly<Record<string, ListFilter>> = {
    'no filter': {},
    'open, grades 1–2': { open: true, grade: [1, 2] },
    'one project': { projectId: project.id },
    'one city company': { cityCompanyId: project.cityCompanyId },
    'one risk': { risk: 'DE5' },
    overdue: { overdue: true },
    'a frequent word': { q: '渗水' },
    'a rare word': { q: '第4711件' },
  }
  const scopes = {
    headquarters: everything,
    'one city': {
      all: false,
      cityCompanyIds: [project.cityCompanyId],
      projectIds: (
        await db
          .selectFrom('project')
          .select('id')
          .where('cityCompanyId', '=', project.cityCompanyId)
          .execute()
      ).map(({ id }) => id),
    },
  }
  for (const [reader, scope] of Object.entries(scopes)) {
    for (const [name, filter] of Object.entries(filters)) {
      const times: number[] = []
      const client = async () => {
        for (let round = 0; round < 10; round += 1) {
          const start = performance.now()
          await listComplaints(db, vault, scope, filter, { limit: 100 }, { policy: policy.grading, now })
          times.push(performance.now() - start)
        }
      }
      await Promise.all(Array.from({ length: 20 }, client))
      times.sort((one, other) => one - other)
      const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0).toFixed(0).padStart(5)
      console.log(
        `list, ${reader}, ${name}`.padEnd(44),
        `median ${at(0.5)} ms, p95 ${at(0.95)} ms (20 clients)`,
      )
    }
  }
} finally {
  await close()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
