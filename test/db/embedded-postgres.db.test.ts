import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, expect, test, vi } from 'vitest'
import { checkDatabase } from '../../server/db/connect.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../server/db/embedded-postgres.ts'
import { migrate, migrations } from '../../server/db/migrate.ts'

const folders: string[] = []
const running: EmbeddedPostgres[] = []

afterEach(async () => {
  for (const postgres of running.splice(0)) await postgres.stop()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'weiyu-embedded-'))
  chmodSync(folder, 0o755)
  folders.push(folder)
  return folder
}

async function start(folder: string): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres(folder)
  running.push(postgres)
  return postgres
}

async function ask<Row extends pg.QueryResultRow>(url: string, statement: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  // The server may be killed while the client is still open.
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<Row>(statement)).rows
  } finally {
    await client.end()
  }
}

const serverPid = (folder: string) =>
  Number(readFileSync(join(folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0])
const isGone = (pid: number) =>
  !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')

test('a second process joins the running server, and only the last one out stops it', async () => {
  const folder = dataFolder()
  const first = await start(folder)
  await ask(first.url, 'create table kept (n int)')
  const second = await startEmbeddedPostgres(folder)
  expect(second.isAdopted).toBe(true)
  expect(second.url).toBe(first.url)
  const client = new pg.Client({ connectionString: first.url })
  await client.connect()
  await second.stop()
  expect((await client.query('select count(*)::int as n from kept')).rows).toEqual([{ n: 0 }])
  await client.end()
  const pid = serverPid(folder)
  await vi.waitFor(async () => {
    await first.stop()
    expect(existsSync(join(folder, 'postgres', 'postmaster.pid'))).toBe(false)
  }, 10_000)
  // The file goes a moment before the process does.
  await vi.waitFor(() => expect(isGone(pid)).toBe(true), 10_000)
})

test('after a kill -9 of the server its postmaster.pid does not block the next start, and what was committed is there', async () => {
  const folder = dataFolder()
  const first = await start(folder)
  await ask(first.url, 'create table kept as select 42 as n')
  const pid = serverPid(folder)
  process.kill(pid, 'SIGKILL')
  await vi.waitFor(() => expect(isGone(pid)).toBe(true), 10_000)
  const second = await start(folder)
  expect(second.isAdopted).toBe(false)
  expect(await ask(second.url, 'select n from kept')).toEqual([{ n: 42 }])
})

test('a postmaster.pid that names another program is removed', async () => {
  const folder = dataFolder()
  await (await start(folder)).stop()
  writeFileSync(join(folder, 'postgres', 'postmaster.pid'), `${process.pid}\n${folder}\n0\n5432\n`)
  expect(await ask((await start(folder)).url, 'select 1 as n')).toEqual([{ n: 1 }])
})

test('two processes that start at the same time share one server', async () => {
  const folder = dataFolder()
  const [one, two] = await Promise.all([start(folder), start(folder)])
  expect(one.url).toBe(two.url)
})

test('a first start that was killed half-way begins anew', async () => {
  const folder = dataFolder()
  mkdirSync(join(folder, 'postgres', 'new'), { recursive: true })
  writeFileSync(join(folder, 'postgres.lock'), '4194999')
  expect(await ask((await start(folder)).url, 'select 1 as n')).toEqual([{ n: 1 }])
})

test('a data folder that is a file, a lost password and a damaged cluster each give one line with the cure', async () => {
  const file = join(dataFolder(), 'data')
  writeFileSync(file, '')
  await expect(startEmbeddedPostgres(file)).rejects.toThrow(
    /cannot be written \(EEXIST|ENOTDIR\).*WEIYU_DATA/,
  )

  const lost = dataFolder()
  await (await start(lost)).stop()
  rmSync(join(lost, 'postgres.secret'))
  await expect(startEmbeddedPostgres(lost)).rejects.toThrow(/password file .* is not.*Put the file back/)

  const damaged = dataFolder()
  await (await start(damaged)).stop()
  writeFileSync(join(damaged, 'postgres', 'PG_VERSION'), '9.6\n')
  await expect(startEmbeddedPostgres(damaged)).rejects.toThrow(/stopped at once: .*FATAL.*postgres\.log/)
})

test('a wrong address gives one line without the password', async () => {
  const answer = checkDatabase('postgres://somebody:very-secret@127.0.0.1:1/weiyu').catch(
    (error: Error) => error.message,
  )
  expect(await answer).toMatch(/127\.0\.0\.1:1\/weiyu cannot be used: .*ECONNREFUSED.*DATABASE_URL/)
  expect(await answer).not.toContain('very-secret')
})

test('a schema written by a newer version is refused and left alone', async () => {
  const { url } = await start(dataFolder())
  expect(await migrate(url)).toEqual(migrations.map((migration) => migration.name))
  expect(await migrate(url)).toEqual([])
  await ask(url, `insert into migration (name) values ('2999-01-01-from-the-future')`)
  await expect(migrate(url)).rejects.toThrow(/newer Weiyu.*2999-01-01-from-the-future/)
})

test.runIf(process.getuid?.() === 0)(
  'for root the cluster belongs to an account without rights, and the next start runs as its owner',
  async () => {
    const folder = dataFolder()
    await (await start(folder)).stop()
    const owner = Number(execFileSync('stat', ['-c', '%u', join(folder, 'postgres')]))
    expect(owner).not.toBe(0)
    // A folder that an ordinary user made: root runs it as that user.
    execFileSync('chown', ['-R', '54321', join(folder, 'postgres')])
    expect(await ask((await start(folder)).url, 'select 1 as n')).toEqual([{ n: 1 }])
  },
)
