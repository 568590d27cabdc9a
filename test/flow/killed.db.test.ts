import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startEmbeddedPostgres } from '../../server/db/embedded-postgres.ts'
import { root, runWeiyu } from '../support/running-product.ts'

const folder = mkdtempSync(join(tmpdir(), 'weiyu-killed-'))
chmodSync(folder, 0o755)
const documents = join(folder, 'texts.jsonl')
const complaints = join(folder, 'cases.jsonl')

const places = ['云汀府', '澜桥苑', '栖禾里', '松屿台']
const matters = [
  '交付后外墙渗水，房间发霉，报修三次没人管',
  '原定六月交房，工地停工两个月，何时复工',
  '物业费涨价没有公示，电梯经常困人',
  '今天小区花开了，景色很好',
]

beforeAll(async () => {
  const rows = Array.from({ length: 3_000 }, (_, n) => ({
    id: `t${n}`,
    title: `${places[n % 4]}业主反映第${n}号问题`,
    body: `${matters[(n * 7) % 4]}。编号${n}。`,
    time: `2026-0${1 + (n % 9)}-1${n % 9} 08:00:00`,
  }))
  const lines = rows.map((row) => JSON.stringify(row)).join('\n')
  writeFileSync(documents, lines)
  writeFileSync(complaints, lines)
  // The first command of a fresh checkout builds; that must not count as time to kill in.
  await runWeiyu(['version'])
}, 60_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const dataFolder = (name: string) => {
  const path = join(folder, name)
  mkdirSync(path)
  return path
}

/** Everything a person could see of the import, without numbers that only say how often it was tried. */
async function rowsOf(data: string) {
  const postgres = await startEmbeddedPostgres(data)
  const client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  try {
    const ask = async (statement: string) => (await client.query(statement)).rows
    return {
      documents: await ask(
        'select title, body, published_at, dating, version, analysed_version from document join document_analysis on document_id = id order by title',
      ),
      mentions: await ask('select title, polarity, risk_codes, excerpt from mention order by title'),
      complaints: await ask(
        'select number, title, content, received_at, grade, analysed_version from complaint join complaint_analysis on complaint_id = id order by number',
      ),
      complainants: await ask('select count(*) from complainant'),
      signals: await ask(`
        select s.kind, coalesce(m.title, c.title) as title, s.risk_code, s.strength, s.because
        from signal s left join mention m on m.id = s.mention_id left join complaint c on c.id = s.complaint_id
        order by 1, 2, 3`),
      stories: await ask(`
        select array_agg(title order by title) as titles from mention where story_id is not null group by story_id order by 1`),
      waiting: await ask('select count(*) from scoring_due'),
    }
  } finally {
    await client.end()
    await postgres.stop()
  }
}

const imports = (data: string) => [
  () => runWeiyu(['import', 'documents', documents], { env: { WEIYU_DATA: data } }),
  () => runWeiyu(['import', 'complaints', complaints], { env: { WEIYU_DATA: data } }),
]

/** kill -9 of the command and of its database, after a while. */
async function killed(args: readonly string[], data: string, afterMs: number): Promise<void> {
  const child: ChildProcess = spawn(process.execPath, [join(root, 'bin', 'weiyu.mjs'), ...args], {
    cwd: root,
    env: { ...process.env, WEIYU_DATA: data, DATABASE_URL: '' },
    stdio: 'ignore',
  })
  const gone = new Promise((done) => child.once('exit', done))
  await Promise.race([sleep(afterMs), gone])
  child.kill('SIGKILL')
  await gone
  try {
    process.kill(
      Number(readFileSync(join(data, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]),
      'SIGKILL',
    )
  } catch {
    // It had ended or not begun: as good a moment as any.
  }
}

test('an import killed at any moment and started again leaves the same rows as one that was left alone', async () => {
  const calm = dataFolder('calm')
  for (const run of imports(calm)) expect((await run()).status).toBe(0)

  const hunted = dataFolder('hunted')
  for (const afterMs of [900, 1_500, 2_200]) {
    await killed(['import', 'documents', documents], hunted, afterMs)
    await killed(['import', 'complaints', complaints], hunted, afterMs)
  }
  for (const run of imports(hunted)) expect(await run()).toMatchObject({ status: 0 })

  const expected = await rowsOf(calm)
  expect(expected.documents).toHaveLength(3_000)
  expect(expected.complaints).toHaveLength(3_000)
  expect(expected.signals.length).toBeGreaterThan(1_000)
  expect(await rowsOf(hunted)).toEqual(expected)

  // And a second import of everything adds nothing.
  for (const run of imports(hunted)) {
    const report = JSON.parse((await run()).stdout.trim().split('\n').at(-1) ?? '{}')
    expect(report.added ?? 0).toBe(0)
  }
  expect(await rowsOf(hunted)).toEqual(expected)
}, 180_000)
