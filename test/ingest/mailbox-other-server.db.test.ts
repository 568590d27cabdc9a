// The mailbox against an IMAP server that others wrote (hoodiecrow-imap, for tests of IMAP clients), so that what we believe
// about the protocol is not only what our own test server believes.
import type { AddressInfo, Server } from 'node:net'
// @ts-expect-error: it has no types
import untyped from 'hoodiecrow-imap'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFetcher } from '../../collectors/fetch.ts'
import { mailbox } from '../../collectors/mailbox/index.ts'
import { openVault } from '../../server/access/vault.ts'
import { inTransaction } from '../../server/db/in-transaction.ts'
import { type Collecting, collectSource } from '../../server/ingest/job.ts'
import { sealSecrets } from '../../server/ingest/secrets.ts'
import { insertSource, updateSource } from '../../server/ingest/store.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { seedGround } from '../support/evidence.ts'
import { notedJobs } from '../support/services.ts'
import { noTakers } from '../support/takers.ts'

interface OtherServer {
  server: Server
  listen(port: number, host: string, done: () => void): void
  close(done: () => void): void
  appendMessage(folder: string, flags: readonly string[], date: string, raw: string): void
  getMailbox(folder: string): { messages: readonly { flags: readonly string[] }[] }
}
const hoodiecrow: (options: object) => OtherServer = untyped

const { db, ...database } = await testDatabase()
const vault = openVault(Buffer.alloc(32, 7))
const now = new Date('2026-03-06T00:00:00Z')
const collecting: Collecting = {
  db,
  fetcher: createFetcher({ userAgent: 'weiyu-test', allow: ['127.0.0.1'] }),
  jobs: notedJobs({ db, ...database }),
  files: { list: async () => [], read: async () => new Uint8Array() },
  now: () => now,
  vault,
  takers: noTakers,
}

let other: OtherServer
beforeEach(async () => {
  await emptyTables(db)
  await seedGround(db)
  other = hoodiecrow({
    plugins: ['ID', 'SASL-IR', 'AUTH-PLAIN', 'NAMESPACE', 'UNSELECT', 'SPECIAL-USE'],
    users: { press: { password: 'three calm herons' } },
    storage: { INBOX: {}, '': { separator: '/', folders: { 存档: {} } } },
  })
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
})
afterEach(() => new Promise<void>((done) => other.close(done)))

/** Bytes as that server keeps them: one sign each. */
const put = (text: string) =>
  other.appendMessage(
    'INBOX',
    [],
    '05-Mar-2026 09:30:00 +0800',
    Buffer.from(text.replaceAll('\n', '\r\n')).toString('latin1'),
  )
const letter = (n: number) => `From: =?utf-8?B?546L6K6w6ICF?= <wang@paper.example>
Subject: =?utf-8?B?5LqR5aKD6Iqx5Zut5YGc5bel5rGC6K+B?= ${n}
Message-ID: <ask-${n}@paper.example>
Date: Thu, 5 Mar 2026 09:30:00 +0800
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

请问云境花园停工属实吗？
--b
Content-Type: application/pdf; name=letter.pdf
Content-Disposition: attachment; filename=letter.pdf
Content-Transfer-Encoding: base64

QUJDREVG
--b--
`

const settings = (password: string, folder = 'INBOX') => {
  const { port } = other.server.address() as AddressInfo
  const options = {
    host: '127.0.0.1',
    port,
    tls: 'none',
    user: 'press',
    password,
    folder,
    content: 'documents',
  }
  return {
    name: '媒体邮箱',
    publisherId: null,
    options: sealSecrets(vault, mailbox, mailbox.options.parse(options)),
    schedule: '*/5 * * * *',
    isAggregator: false,
  }
}
const source = (password: string, folder?: string) =>
  inTransaction(db, (tx) => insertSource(tx, { kind: 'mailbox', ...settings(password, folder) }))
const titles = async () =>
  (await db.selectFrom('document').select('title').orderBy('id').execute()).map(({ title }) => title)

test('signs in, reads each mail once, goes on behind the last one and leaves the folder as it was', async () => {
  // One by one: of several mails asked for in one command that server gives the first `<0.65536>` and cuts the others to nothing.
  put(letter(1))
  const id = await source('three calm herons')
  expect(await collectSource(collecting, id)).toMatchObject({ outcome: 'ok', seen: 1, added: 1 })
  put(letter(2))
  expect(await collectSource(collecting, id)).toMatchObject({ outcome: 'ok', seen: 1, added: 1 })
  expect(
    await db
      .selectFrom('document')
      .select(['title', 'body', 'author', 'attachments'])
      .orderBy('id')
      .execute(),
  ).toEqual(
    [1, 2].map((n) => ({
      title: `云境花园停工求证 ${n}`,
      body: '请问云境花园停工属实吗？',
      author: '王记者',
      attachments: [{ name: 'letter.pdf', contentType: 'application/pdf', bytes: expect.any(Number) }],
    })),
  )
  expect(await collectSource(collecting, id)).toMatchObject({ outcome: 'ok', seen: 0 })
  put(letter(3))
  expect(await collectSource(collecting, id)).toMatchObject({ outcome: 'ok', seen: 1, added: 1 })
  expect(await titles()).toEqual([1, 2, 3].map((n) => `云境花园停工求证 ${n}`))
  expect(other.getMailbox('INBOX').messages.flatMap(({ flags }) => flags)).not.toContain('\\Seen')
})

test('a wrong password is told as one, and the right one reads what waited', async () => {
  put(letter(1))
  const id = await source('guessed')
  const refused = await collectSource(collecting, id)
  expect(refused).toMatchObject({ outcome: 'blocked', seen: 0 })
  expect(refused.detail).toContain('refuses the user press')
  await inTransaction(db, (tx) => updateSource(tx, id, settings('three calm herons')))
  expect(await collectSource(collecting, id)).toMatchObject({ outcome: 'ok', added: 1 })
})

test('a folder that is not there is told with those that are', async () => {
  const missing = await collectSource(collecting, await source('three calm herons', 'Letters'))
  expect(missing.outcome).toBe('unreachable')
  expect(missing.detail).toMatch(/no folder Letters.*INBOX/)
})
