// From a mail on a server to the rows it becomes: a document with its attachments, a case in the ledger, nothing twice.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFetcher } from '../../collectors/fetch.ts'
import { mailbox } from '../../collectors/mailbox/index.ts'
import { openVault } from '../../server/access/vault.ts'
import { importComplaints } from '../../server/complaints/job.ts'
import { inTransaction } from '../../server/db/in-transaction.ts'
import { type Collecting, collectSource } from '../../server/ingest/job.ts'
import { sealSecrets } from '../../server/ingest/secrets.ts'
import { insertSource } from '../../server/ingest/store.ts'
import { seedLedger } from '../complaints/ledger.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { startImap } from '../support/imap-server.ts'
import { notedJobs } from '../support/services.ts'
import { noTakers } from '../support/takers.ts'

const database = await testDatabase()
const { db } = database
const vault = openVault(Buffer.alloc(32, 7))
const now = new Date('2026-03-06T00:00:00Z')
const jobs = notedJobs(database)
const collecting: Collecting = {
  db,
  fetcher: createFetcher({ userAgent: 'weiyu-test', allow: ['127.0.0.1'] }),
  jobs,
  files: { list: async () => [], read: async () => new Uint8Array() },
  now: () => now,
  vault,
  takers: {
    ...noTakers,
    complaints: (rows, sourceId) =>
      importComplaints({ db, vault, jobs, now: () => now }, rows, { sourceId, isPartial: true }),
  },
}

let server: Awaited<ReturnType<typeof startImap>>
beforeEach(async () => {
  server = await startImap()
  await emptyTables(db)
  await seedLedger(db)
})
afterEach(() => server.stop())

const source = (content: string) =>
  inTransaction(db, (tx) =>
    insertSource(tx, {
      kind: 'mailbox',
      name: '媒体邮箱',
      publisherId: null,
      options: sealSecrets(
        vault,
        mailbox,
        mailbox.options.parse({
          host: '127.0.0.1',
          port: server.port,
          tls: 'none',
          user: server.user,
          password: server.password,
          content,
        }),
      ),
      schedule: '*/5 * * * *',
      isAggregator: false,
    }),
  )

const letter = `From: 王记者 <wang@paper.example>
Subject: 云境花园停工求证
Message-ID: <ask@paper.example>
Date: Thu, 5 Mar 2026 09:30:00 +0800
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

请问云境花园停工属实吗？回电13812345678
--b
Content-Type: application/pdf; name=letter.pdf
Content-Disposition: attachment; filename=letter.pdf
Content-Transfer-Encoding: base64

QUJD
--b--
`

test('a letter becomes one document with its attachments by name, however often the folder is read', async () => {
  server.put(letter)
  const id = await source('documents')
  expect(await collectSource(collecting, id)).toMatchObject({ outcome: 'ok', seen: 1, added: 1 })
  expect(await collectSource(collecting, id)).toMatchObject({ outcome: 'ok', seen: 0 })
  const inbox = server.folders.get('INBOX')
  if (inbox) inbox.uidValidity = 2
  await Promise.all([collectSource(collecting, id), collectSource(collecting, id)])
  expect(
    await db.selectFrom('document').select(['identity', 'title', 'body', 'author', 'attachments']).execute(),
  ).toEqual([
    {
      identity: `source:${id}:ask@paper.example`,
      title: '云境花园停工求证',
      body: '请问云境花园停工属实吗？回电138****5678',
      author: '王记者',
      attachments: [{ name: 'letter.pdf', contentType: 'application/pdf', bytes: 2 }],
    },
  ])
})

test('a complaint by mail is a case of its project, by mail, with its person kept encrypted', async () => {
  server.put(letter)
  const id = await source('complaints')
  expect(await collectSource(collecting, id)).toMatchObject({
    outcome: 'ok',
    seen: 1,
    added: 1,
    detail: null,
  })
  const [found] = await db
    .selectFrom('complaint')
    .innerJoin('project', 'project.id', 'complaint.projectId')
    .select(['channel', 'title', 'receivedAt', 'project.name', 'externalIdentity'])
    .execute()
  expect(found).toEqual({
    channel: 'email',
    title: '云境花园停工求证',
    receivedAt: new Date('2026-03-05T01:30:00Z'),
    name: '云境花园',
    externalIdentity: `source:${id}:ask@paper.example`,
  })
  const people = JSON.stringify(await db.selectFrom('complainant').selectAll().execute())
  expect(people).not.toContain('wang@paper.example')
  expect(people).not.toContain('13812345678')
})

test('a run that dies in the middle is finished by the next one', async () => {
  for (let n = 0; n < 40; n++) server.put(letter.replace('ask@', `ask-${n}@`))
  const id = await source('documents')
  server.faults.dieAfterBytes = 12_000
  expect(await collectSource(collecting, id)).toMatchObject({ outcome: 'unreachable' })
  server.faults.dieAfterBytes = Number.POSITIVE_INFINITY
  expect(await collectSource(collecting, id)).toMatchObject({ outcome: 'ok', seen: 40 })
  expect(await db.selectFrom('document').select('id').execute()).toHaveLength(40)
})
