// 24 projects, 100,000 mentions and 100,000 complaints: what scoring and warnings take, then p50 and p95 of the overview and of the first page of
// every list, searches by words among them, asked by 20 clients over HTTP from a server in a process of its own.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { hashOfToken, newToken, SESSION_COOKIE } from '../../server/access/session.ts'
import { settleWords } from '../../server/analysis/job.ts'
import { openDatabase, type Tx } from '../../server/db/connect.ts'
import { startEmbeddedPostgres } from '../../server/db/embedded-postgres.ts'
import { runScoring } from '../../server/scoring/job.ts'
import { runWarnings } from '../../server/warnings/job.ts'

const MENTIONS = Number(process.env.BENCH_MENTIONS ?? 100_000)
const CASES = 100_000
const CLIENTS = 20
const ROUNDS = 25
/** Rounds not counted: a server that just started compiles its code and opens its connections. */
const WARM_UP = 5

const folder = mkdtempSync(join(tmpdir(), 'weiyu-bench-'))
const postgres = await startEmbeddedPostgres(folder, { mayMoveAway: true })
const { db, close } = openDatabase(postgres.url, { connections: 6 })
// Bundled, the bench runs from the root of the project.
const product = spawn(process.execPath, [join(process.cwd(), 'bin', 'weiyu.mjs'), 'start'], {
  env: {
    ...process.env,
    DATABASE_URL: postgres.url,
    WEIYU_DATA: join(folder, 'product'),
    PORT: '0',
    HOST: '127.0.0.1',
  },
  stdio: ['ignore', 'pipe', 'inherit'],
})

try {
  const url = await addressOf(product)
  // At once: the product reads texts as soon as it sees them waiting.
  await db.transaction().execute(seed)
  const now = new Date()
  const jobs = { announce: async () => {} }
  const scored = await timed(() => runScoring(db, jobs, () => now))
  const warned = await timed(() => runWarnings(db, jobs, () => now))
  console.log(
    `scoring ${scored.result.assessed} cells in ${scored.ms.toFixed(0)} ms; warnings ${warned.result.raised} raised in ${warned.ms.toFixed(0)} ms`,
  )
  // The product does so within minutes; until then each search reads what is not in the index yet.
  const settled = await timed(() => settleWords(db))
  console.log(
    `${settled.result.indexed} texts put into the index of words in ${(settled.ms / 1000).toFixed(0)} s`,
  )
  await sql`vacuum analyze`.execute(db)

  const readers = {
    headquarters: [await cookieOf('crisis-leader', null)],
    'six cities': await Promise.all([1, 2, 3, 4, 5, 6].map((city) => cookieOf('general-manager', city))),
  }
  const paths = {
    overview: '/api/overview',
    'one cell': '/api/overview/cell?projectId=1&risk=DE5',
    warnings: '/api/warnings',
    'warnings by project': '/api/warnings?grouped=true',
    mentions: '/api/mentions',
    'mentions with a word': `/api/mentions?q=${encodeURIComponent('渗水')}`,
    'mentions with rare words': `/api/mentions?q=${encodeURIComponent('第77007条')}`,
    'unresolved inbox': '/api/mentions/unresolved',
    complaints: '/api/complaints',
  }
  for (const [reader, cookies] of Object.entries(readers)) {
    for (const [name, path] of Object.entries(paths)) {
      // One project is seen by one of the six only.
      if (reader !== 'headquarters' && name === 'one cell') continue
      await measure(url + path, cookies, `${reader}, ${name}`)
    }
  }
} finally {
  const gone = new Promise((done) => product.once('exit', done))
  product.kill('SIGTERM')
  await gone
  await close()
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
}

async function addressOf(child: typeof product): Promise<string> {
  return new Promise((found, failed) => {
    let said = ''
    child.stdout?.on('data', (chunk) => {
      said += chunk
      const address = /https?:\/\/\S+/.exec(said)
      if (address) found(address[0].replace(/\/$/, ''))
    })
    child.once('exit', (code) => failed(new Error(`the product stopped with ${code} before it listened`)))
  })
}

async function timed<Result>(work: () => Promise<Result>) {
  const from = performance.now()
  const result = await work()
  return { result, ms: performance.now() - from }
}

async function measure(address: string, cookies: readonly string[], name: string) {
  const times: number[] = []
  const client = async (_: unknown, at: number) => {
    const cookie = cookies[at % cookies.length] ?? ''
    for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
      const { ms } = await timed(async () => {
        const response = await fetch(address, { headers: { cookie, 'x-weiyu': '1' } })
        if (!response.ok) throw new Error(`${address} answered ${response.status}`)
        await response.arrayBuffer()
      })
      if (round >= WARM_UP) times.push(ms)
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  times.sort((a, b) => a - b)
  const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0).toFixed(0).padStart(5)
  console.log(name.padEnd(36), `p50 ${at(0.5)} ms  p95 ${at(0.95)} ms  (${CLIENTS} clients)`)
}

/** Somebody signed in, in the whole group or in one city company. */
async function cookieOf(role: string, cityCompanyId: number | null): Promise<string> {
  const token = newToken()
  const now = new Date()
  const { id } = await db
    .insertInto('appUser')
    .values({ login: token.slice(0, 12), name: role, passwordHash: '-' })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db.insertInto('roleAssignment').values({ userId: id, role, cityCompanyId, projectId: null }).execute()
  await db
    .insertInto('session')
    .values({
      tokenHash: hashOfToken(token),
      userId: id,
      createdAt: now,
      lastSeenAt: now,
      expiresAt: new Date(now.getTime() + 86_400_000),
    })
    .execute()
  return `${SESSION_COOKIE}=${token}`
}

/**
 * 90 days: two texts in five name a project, a third of those shows one of its six risks; one in twenty-five shows a risk and
 * waits for a project, half of these with a candidate; cases spread over all projects.
 */
async function seed(db: Tx) {
  await sql`
    with c as (insert into city_company (code, name, city) select 'C' || g, '公司' || g, '城市' || g from generate_series(1, 6) g returning id)
    insert into project (city_company_id, code, name, city, stage, households)
    select id, 'P' || id || '-' || g, '楼盘' || id || '之' || g, '城市', 'DE', 1200 from c, generate_series(1, 4) g
  `.execute(db)
  await sql`insert into publisher_family (name, tier) select '媒体' || g, (array['central','provincial','portal','local','self-media','forum'])[1 + g % 6] from generate_series(1, 40) g`.execute(
    db,
  )
  await sql`insert into source (kind, name, options, schedule, state) select 'rss', '信源' || g, '{}', '0 0 1 1 *', 'paused' from generate_series(1, 121) g`.execute(
    db,
  )
  await sql`
    insert into document (identity, source_id, title, body, dating, published_at, collected_at, content_hash, url)
    select 'bench:' || g, 1 + g % 121, '业主反映外墙渗水，第' || g || '条', '多位业主反映楼栋外墙渗水，物业尚未答复。', 'dated', at, at, int8send(g), 'https://example.org/' || g
    from generate_series(1, ${MENTIONS}::bigint) g, lateral (select now() - (g * 7919 % 129600) * interval '1 minute' as at) t
  `.execute(db)
  await sql`
    insert into mention (id, occurred_at, published_at, source_id, family_id, tier, title, excerpt, polarity, sentiment, risk_codes, project_ids, city_company_ids, story_id, analysis_version, catalog_version)
    select d.id, d.published_at, d.published_at, d.source_id, f.id, f.tier, d.title, d.body, case when d.id % 4 = 0 then 'negative' else 'neutral' end, 0.4,
      case when d.id % 15 = 0 then array['DE5'] else '{}' end, case when p.id is null then '{}' else array[p.id] end, case when p.id is null then '{}' else array[p.city_company_id] end, null, 'bench', 'bench'
    from document d join publisher_family f on f.id = 1 + d.id % 40
    left join project p on d.id % 5 < 2 and p.id = 1 + (d.id / 5) % 24
  `.execute(db)
  await sql`
    insert into mention_project (mention_id, project_id, confidence, terms, occurred_at)
    select id, project_ids[1], 0.9, '[]', occurred_at from mention where project_ids <> '{}'
  `.execute(db)
  await sql`
    insert into signal (kind, mention_id, risk_code, project_id, strength, because, occurred_at, analysis_version, catalog_version)
    select 'mention', m.id, r.code, m.project_ids[1], 0.7, '[]', m.occurred_at, 'bench', 'bench'
    from mention m join lateral (select code from risk order by position offset (m.project_ids[1] * 5 + (m.id / 360) % 6) % 28 limit 1) r on true
    where m.project_ids <> '{}' and m.id % 3 = 0
  `.execute(db)
  await sql`
    insert into mention_project (mention_id, project_id, confidence, terms, state, occurred_at)
    select id, 1 + id % 24, 0.5, '[]', 'proposed', occurred_at from mention where project_ids = '{}' and risk_codes <> '{}' and id % 2 = 0
  `.execute(db)
  await sql`
    insert into signal (kind, mention_id, risk_code, strength, because, occurred_at, analysis_version, catalog_version)
    select 'mention', id, 'DE5', 0.7, '[]', occurred_at, 'bench', 'bench' from mention where project_ids = '{}' and risk_codes <> '{}'
  `.execute(db)
  await sql`
    insert into complaint (number, city_company_id, project_id, channel, class, title, content, received_at, grade, grade_clause, grade_because, grade_policy_version, closed_at, state)
    select 'B-' || g, p.city_company_id, p.id, 'phone', 'engineering', '墙面渗水，第' || g || '件', '卧室外墙渗水，请尽快维修。', at,
      case when g % 400 = 0 then 1 else 4 end, 'S0-3.4', '{}', 1, case when g % 10 > 0 then least(now(), at + interval '9 days') end, case when g % 10 > 0 then 'closed' else 'analysing' end
    from generate_series(1, ${CASES}::bigint) g join project p on p.id = 1 + g % 24, lateral (select now() - (g * 7919 % 129600) * interval '1 minute' as at) t
  `.execute(db)
  await sql`
    insert into signal (kind, complaint_id, risk_code, project_id, strength, because, occurred_at, analysis_version, catalog_version)
    select 'complaint', c.id, r.code, c.project_id, 0.8, '[]', c.received_at, 'bench', 'bench'
    from complaint c join lateral (select code from risk order by position offset (c.project_id * 5 + (c.id / 24) % 6) % 28 limit 1) r on true
  `.execute(db)
  await sql`update document_analysis set analysed_version = 'bench'`.execute(db)
  await sql`update complaint_analysis set analysed_version = 'bench'`.execute(db)
  await sql`insert into scoring_due (project_id, risk_code) select distinct project_id, risk_code from signal on conflict do nothing`.execute(
    db,
  )
  await sql`analyze`.execute(db)
}
