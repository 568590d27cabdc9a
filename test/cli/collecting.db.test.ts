import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openOutside } from '../../collectors/outside.ts'
import { openVault } from '../../server/access/vault.ts'
import { runCollect } from '../../server/cli/collect.ts'
import { runImportDocuments } from '../../server/cli/import-documents.ts'
import { inTransaction } from '../../server/db/in-transaction.ts'
import type { Collecting } from '../../server/ingest/job.ts'
import { insertSource } from '../../server/ingest/store.ts'
import { ensureDefaultPolicy } from '../../server/policy/store.ts'
import { testDatabase } from '../support/database.ts'
import { notedJobs } from '../support/services.ts'
import { noTakers } from '../support/takers.ts'

const database = await testDatabase()
const { db } = database
const now = new Date('2026-03-05T06:30:00Z')
const outside = openOutside({ version: 'test', allow: [], folders: [] })
const collecting: Collecting = {
  db,
  ...outside,
  jobs: notedJobs(database),
  now: () => now,
  vault: openVault(Buffer.alloc(32, 7)),
  takers: noTakers,
}
let folder = ''
beforeAll(async () => {
  await inTransaction(db, (tx) => ensureDefaultPolicy(tx, now))
  folder = await mkdtemp(join(tmpdir(), 'weiyu-cli-'))
  await writeFile(
    join(folder, 'news.jsonl'),
    '{"id":"1","headline":"停工","date":"2026-03-05"}\n{"id":"2","headline":"复工"}\n',
  )
})
afterAll(async () => {
  await outside.fetcher.close()
  await rm(folder, { recursive: true })
})

async function run(command: typeof runCollect, args: string[], stdin = '') {
  const io = {
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
  }
  const status = await command(args, io, collecting)
  io.stdout.end()
  io.stderr.end()
  const lines = (await text(io.stdout)).split('\n').filter(Boolean)
  return { status, rows: lines.map((line): unknown => JSON.parse(line)), errors: await text(io.stderr) }
}

test('a file is imported once; standard input and a column mapping work too', async () => {
  const file = join(folder, 'news.jsonl')
  expect(await run(runImportDocuments, [file])).toMatchObject({
    status: 0,
    rows: [{ outcome: 'ok', seen: 2, added: 2, undated: 1 }],
  })
  expect(await run(runImportDocuments, [file])).toMatchObject({
    status: 0,
    rows: [{ outcome: 'not-modified', added: 0 }],
  })
  const piped = await run(runImportDocuments, ['-', '--map', 'title=甲'], '{"甲":"渗水"}\n')
  expect(piped).toMatchObject({ status: 0, rows: [{ added: 1 }] })
  const titles = await db.selectFrom('document').select('title').orderBy('title').execute()
  expect(titles.map(({ title }) => title).sort()).toEqual(['停工', '复工', '渗水'].sort())
})

test('what cannot be imported is one line and status 1, a wrong call names the usage', async () => {
  expect(await run(runImportDocuments, [join(folder, 'none.csv')])).toMatchObject({
    status: 1,
    errors: expect.stringContaining('not there'),
  })
  expect(await run(runImportDocuments, ['-'], 'no json')).toMatchObject({
    status: 1,
    errors: expect.stringContaining('line 1'),
  })
  expect(await run(runImportDocuments, [])).toMatchObject({
    status: 2,
    errors: expect.stringContaining('usage'),
  })
})

test('collect reads named sources or all active ones and fails when one fails', async () => {
  const options = { url: 'http://127.0.0.1:9/feed' }
  const source = {
    kind: 'rss',
    name: '内网',
    publisherId: null,
    options,
    schedule: '0 * * * *',
    isAggregator: false,
  }
  const id = await inTransaction(db, (tx) => insertSource(tx, source))
  const refused = { status: 1, rows: [{ sourceId: id, name: '内网', outcome: 'refused' }] }
  expect(await run(runCollect, [String(id)])).toMatchObject(refused)
  expect(await run(runCollect, ['--all'])).toMatchObject(refused)
  expect(await run(runCollect, ['99999'])).toMatchObject({
    status: 1,
    errors: expect.stringContaining('99999'),
  })
  for (const wrong of [[], ['x'], ['--all', '1']]) expect((await run(runCollect, wrong)).status).toBe(2)
})
