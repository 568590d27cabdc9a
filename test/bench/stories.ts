// Same story and hot issues: what one new text costs with a million stored mentions, whole batches of the analysis step, the
// gathering of one project's issues; then, on the messages beside the project, the time of `topics` and its B-cubed
// figures on issues marked by reading (hot-issues.gold.jsonl: ids alone), in halves: constants were chosen on the first.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { sql } from 'kysely'
import { z } from 'zod'
import { loadCatalogue } from '../../risk-catalog/load.ts'
import { createEngines } from '../../server/analysis/engine.ts'
import { createAnalysisStep } from '../../server/analysis/job.ts'
import { type CandidateLimits, storyCandidates } from '../../server/analysis/store.ts'
import { STRANGE_BITS, TITLE_LETTERS, WINDOW_MS } from '../../server/analysis/story.ts'
import { findTopics } from '../../server/analysis/topics.ts'
import { openDatabase } from '../../server/db/connect.ts'
import { startEmbeddedPostgres } from '../../server/db/embedded-postgres.ts'
import { migrate } from '../../server/db/migrate.ts'

const MENTIONS = Number(process.env.BENCH_MENTIONS ?? 1_000_000)
const PROJECTS = 500
const ROUNDS = 300

await joining()
topics()

function percentiles(times: number[]): string {
  times.sort((a, b) => a - b)
  const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0).toFixed(1).padStart(7)
  return `p50 ${at(0.5)} ms  p95 ${at(0.95)} ms`
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}

async function joining() {
  const folder = mkdtempSync(join(tmpdir(), 'weiyu-bench-'))
  const postgres = await startEmbeddedPostgres(folder, { mayMoveAway: true })
  const { db, close } = openDatabase(postgres.url, { connections: 4 })
  try {
    await migrate(postgres.url)
    const now = new Date('2026-06-01T04:00:00Z')
    const seeded = await timed(() => seed(now))
    console.log(`${MENTIONS} mentions of 90 days seeded in ${(seeded / 1000).toFixed(0)} s`)

    const limits: CandidateLimits = {
      windowMs: WINDOW_MS,
      nearBits: STRANGE_BITS,
      titleLetters: TITLE_LETTERS,
      perText: 5,
      perProject: 200,
    }
    const text = (serial: number, projectIds: readonly number[]) => {
      // Three bits beside a stored text: a repost with a few words changed.
      const stored = hashOf(1 + ((serial * 7919) % MENTIONS))
      return {
        title: `业主反映楼道渗水已有半年无人处理第${serial}次记录`,
        hash: serial.toString(16).padStart(32, 'f'),
        simhash: (stored ^ 0x0000_1000_0010_0001n).toString(16).padStart(16, '0'),
        occurredAt: instantOf(1 + ((serial * 7919) % MENTIONS), now),
        projectIds,
      }
    }
    for (const [name, projectIds] of [
      ['candidates of a text without a project', []],
      ['candidates of a text of one project', [7]],
    ] as const) {
      const times: number[] = []
      let found = 0
      await db.transaction().execute(async (tx) => {
        for (let round = 0; round < ROUNDS; round += 1) {
          times.push(
            await timed(async () => {
              const near = await storyCandidates(tx, [text(round, projectIds)], limits)
              if (near.some(({ id }) => id === 1 + ((round * 7919) % MENTIONS))) found += 1
            }),
          )
        }
      })
      console.log(name.padEnd(46), percentiles(times), ` found ${found} of ${ROUNDS}`)
    }
    const batch = Array.from({ length: 500 }, (_, at) => text(at, []))
    const ofBatch: number[] = []
    await db.transaction().execute(async (tx) => {
      for (let round = 0; round < 5; round += 1)
        ofBatch.push(await timed(() => storyCandidates(tx, batch, limits)))
    })
    console.log('candidates of a batch of 500'.padEnd(46), percentiles(ofBatch))

    const step = createAnalysisStep({
      db,
      catalogue: loadCatalogue(resolve('risk-catalog')),
      engines: createEngines(),
      jobs: { announce: async () => {} },
      now: () => now,
    })
    await step()
    const times: number[] = []
    for (let round = 0; round < 60; round += 1) {
      await publish([`云栖${round % PROJECTS}号院业主称地下车库渗水严重无人维修`], now)
      times.push(await timed(step))
    }
    console.log('one new text through the whole analysis step'.padEnd(46), percentiles(times))
    await publish(
      Array.from({ length: 5_000 }, (_, at) => `云栖${at % PROJECTS}号院业主反映${at}号电梯故障困人无人处理`),
      now,
    )
    const many = await timed(step)
    console.log('5,000 new texts'.padEnd(46), `${(5_000 / (many / 1000)).toFixed(0)} texts/s`)
  } finally {
    await close()
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }

  async function publish(titles: readonly string[], at: Date) {
    await sql`
      insert into document (identity, source_id, title, body, published_at, dating, collected_at, content_hash)
      select gen_random_uuid()::text, 1, title, title || '。业主多次投诉，物业和开发商均未处理。', ${at}, 'dated', ${at}, '\\x00'
      from unnest(${[...titles]}::text[]) title`.execute(db)
  }

  /** Two texts in five name a project; no two texts are alike. */
  async function seed(now: Date) {
    await db.transaction().execute(async (tx) => {
      // Neither foreign keys nor counters: rows for the indexes under test.
      await sql`set local session_replication_role = replica`.execute(tx)
      await sql`insert into city_company (code, name, city) values ('C1', '城市公司', '嘉州')`.execute(tx)
      await sql`
        insert into project (city_company_id, code, name, city, stage)
        select 1, 'P' || g, '云栖' || g || '号院', '嘉州', 'DE' from generate_series(0, ${PROJECTS - 1}) g`.execute(
        tx,
      )
      await sql`insert into source (kind, name, options, schedule) values ('rss', '晚报', '{}', '0 * * * *')`.execute(
        tx,
      )
      await sql`
        insert into document (identity, source_id, title, body, published_at, dating, collected_at, content_hash)
        select g::text, 1, '第' || g || '条消息', '', ${now}, 'dated', ${now}, '\\x00' from generate_series(1, ${MENTIONS}) g`.execute(
        tx,
      )
      await sql`
        insert into mention (id, occurred_at, source_id, title, excerpt, polarity, sentiment, risk_codes, project_ids, simhash, text_hash,
          analysis_version, catalog_version)
        select g, ${now}::timestamptz - make_interval(secs => (g * 7919 % ${MENTIONS})::float8 * 90 * 86400 / ${MENTIONS}), 1,
          '本地新闻之' || md5(g::text) || '号住宅报道', '', 'negative', 0.2, '{DE5}',
          case when g % 5 < 2 then array[(1 + g % ${PROJECTS})::int] else '{}' end,
          (g * 6364136223846793005 % 9223372036854775783)::bigint, decode(md5(g::text), 'hex'), 'bench', 'bench'
        from (select g::numeric from generate_series(1, ${MENTIONS}) g) rows (g)`.execute(tx)
      await sql`
        insert into mention_project (mention_id, project_id, confidence, terms, occurred_at)
        select id, project_ids[1], 1, '[]', occurred_at from mention where project_ids <> '{}'`.execute(tx)
    })
    await sql`vacuum analyze`.execute(db)
  }
}

/** The simhash that `seed` gives the mention of this id, and its instant. */
function hashOf(id: number): bigint {
  return (BigInt(id) * 6_364_136_223_846_793_005n) % 9_223_372_036_854_775_783n
}
function instantOf(id: number, now: Date): Date {
  return new Date(now.getTime() - ((id * 7919) % MENTIONS) * ((90 * 86_400_000) / MENTIONS))
}

function topics() {
  const data = resolve('../shared/data/civic-hot.jsonl')
  if (!existsSync(data)) {
    console.log(`topics: ${data} is not there, so there is nothing to measure on`)
    return
  }
  const Letter = z.object({
    id: z.string(),
    title: z.string(),
    body: z.string(),
    time: z.string(),
    likes: z.number(),
  })
  const Issue = z.object({
    rank: z.number(),
    message_ids: z.array(z.string()),
    borderline_ids: z.array(z.string()).default([]),
  })
  const rowsOf = (file: string) =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
  const messages = rowsOf(data)
    .map((row) => Letter.parse(row))
    .map(({ time, likes, ...rest }) => ({
      ...rest,
      reactions: likes,
      at: Date.parse(`${time.replace(' ', 'T')}+08:00`),
    }))
  const gold = rowsOf(join('test', 'bench', 'hot-issues.gold.jsonl')).map((row) => Issue.parse(row))
  const from = performance.now()
  const found = findTopics(messages).map((topic) => topic.messages.map((message) => String(message.id)))
  console.log(
    `topics of ${messages.length} messages`.padEnd(46),
    `${(performance.now() - from).toFixed(0)} ms`,
  )
  for (const [name, issues] of [
    ['all issues', gold],
    ['first half (tuned on)', gold.filter(({ rank }) => rank % 2 === 1)],
    ['second half (held out)', gold.filter(({ rank }) => rank % 2 === 0)],
  ] as const) {
    const { precision, strict, recall } = bCubed(
      found,
      issues.map((issue) => issue.message_ids),
      new Set(issues.flatMap((issue) => issue.borderline_ids)),
    )
    const f1 = (p: number) => ((2 * p * recall) / (p + recall)).toFixed(3)
    console.log(
      `${name}, ${issues.length} issues`.padEnd(46),
      `B-cubed P ${precision.toFixed(3)} R ${recall.toFixed(3)} F1 ${f1(precision)} (every member counted: P ${strict.toFixed(3)} F1 ${f1(strict)})`,
    )
  }
}

/** Over the messages of the gold issues; strict counts strangers in a cluster too, but for borderline ones. */
function bCubed(
  clusters: readonly (readonly string[])[],
  issues: readonly (readonly string[])[],
  borderline: ReadonlySet<string>,
) {
  const issueOf = new Map(issues.flatMap((ids, at) => ids.map((id) => [id, at] as const)))
  const clusterOf = new Map(clusters.flatMap((ids) => ids.map((id) => [id, ids] as const)))
  const sum = { precision: 0, strict: 0, recall: 0 }
  for (const [id, issue] of issueOf) {
    const cluster = clusterOf.get(id) ?? [id]
    const same = cluster.filter((other) => issueOf.get(other) === issue).length
    sum.precision += same / cluster.filter((other) => issueOf.has(other)).length
    sum.strict += same / cluster.filter((other) => issueOf.has(other) || !borderline.has(other)).length
    sum.recall += same / (issues[issue]?.length ?? 1)
  }
  const n = issueOf.size
  return { precision: sum.precision / n, strict: sum.strict / n, recall: sum.recall / n }
}
