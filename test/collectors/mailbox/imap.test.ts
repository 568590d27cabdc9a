// A mailbox source against an IMAP server on loopback: what it brings, that it leaves no trace, and how it fails.
import { afterEach, expect, test } from 'vitest'
import type { Capture, CollectTools, ComplaintCapture } from '../../../collectors/collector.ts'
import { CollectError } from '../../../collectors/collector.ts'
import { mailbox } from '../../../collectors/mailbox/index.ts'
import { collectTools } from '../../support/collect-tools.ts'
import { startImap } from '../../support/imap-server.ts'

type Server = Awaited<ReturnType<typeof startImap>>
const running: Server[] = []
async function server(given: Parameters<typeof startImap>[0] = {}) {
  const one = await startImap(given)
  running.push(one)
  return one
}
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop()
})

const now = new Date('2026-03-06T00:00:00Z')
const optionsFor = (one: Server, given: Readonly<Record<string, unknown>> = {}) => ({
  host: '127.0.0.1',
  port: one.port,
  tls: 'none',
  user: one.user,
  password: one.password,
  content: 'documents',
  ...given,
})
const inside: Partial<CollectTools> = { addressOf: async () => '127.0.0.1', now }

async function read(one: Server, given: Readonly<Record<string, unknown>> = {}, cursor?: unknown) {
  const result = await mailbox.collect(optionsFor(one, given), collectTools({ ...inside, cursor }))
  if (result.outcome !== 'ok') throw new Error(result.outcome)
  const captures: Capture[] = []
  const complaints: ComplaintCapture[] = []
  for await (const capture of result.captures ?? []) captures.push(capture)
  for await (const complaint of result.complaints ?? []) complaints.push(complaint)
  return { captures, complaints, cursor: result.cursor }
}
const failure = (one: Server, given: Readonly<Record<string, unknown>> = {}) =>
  read(one, given).then(
    () => new Error('it did not fail'),
    (error: unknown) => error as CollectError,
  )

const mail = (given: { id?: string; subject?: string; headers?: string; body?: string } = {}) =>
  `From: "Wang Li" <wang.li@paper.example>
To: press@house.example
Subject: ${given.subject ?? 'Question'}
Message-ID: <${given.id ?? 'one@paper.example'}>
Date: Thu, 5 Mar 2026 09:30:00 +0800
${given.headers ?? 'Content-Type: text/plain; charset=utf-8'}

${given.body ?? 'A question about the garage.'}
`

test('new mails become documents with sender, time, masked numbers and the names of what hung on them', async () => {
  const one = await server()
  one.put(`From: =?UTF-8?B?546L6K6w6ICF?= <wang.li@paper.example>
To: press@house.example
Subject: =?gb2312?B?1MbRxLuo1LDNo7mk?=
Message-ID: <ask-1@paper.example>
Date: Thu, 5 Mar 2026 09:30:00 +0800
Content-Type: multipart/mixed; boundary=b1

--b1
Content-Type: multipart/alternative; boundary=b2

--b2
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

${Buffer.from('请问停工属实吗？电话13812345678，邮箱 wang.li@paper.example，卡号 6222021234567890123。').toString('base64')}
--b2
Content-Type: text/html; charset=utf-8

<p>请问停工属实吗？</p><script>alert(1)</script>
--b2--
--b1
Content-Type: application/pdf; name="=?UTF-8?B?6YeH6K6/5Ye9LnBkZg==?="
Content-Disposition: attachment; filename="=?UTF-8?B?6YeH6K6/5Ye9LnBkZg==?="
Content-Transfer-Encoding: base64

${'QUJD'.repeat(100)}
--b1--
`)
  const { captures, cursor } = await read(one)
  expect(captures).toEqual([
    {
      externalId: 'ask-1@paper.example',
      title: '云涯花园停工',
      body: '请问停工属实吗？电话138****5678，邮箱 w******@paper.example，卡号 6222***********0123。',
      author: '王记者',
      publishedAt: '2026-03-05T01:30:00.000Z',
      attachments: [{ name: '采访函.pdf', contentType: 'application/pdf', bytes: expect.any(Number) }],
      raw: { messageId: 'ask-1@paper.example', thread: 'ask-1@paper.example', from: 'w******@paper.example' },
    },
  ])
  expect(cursor).toEqual({ uidValidity: '1', lastUid: 1 })
  // Neither the HTML's script nor the attachment's bytes were asked for more than the structure.
  expect(one.commands.filter((command) => /BODY\.PEEK\[2\]/.test(command))).toEqual([])
})

test('the folder is opened read-only, nothing is marked, and the next run asks for newer mails only', async () => {
  const one = await server()
  one.put(mail({ id: 'a@x.example' }))
  one.put(mail({ id: 'b@x.example' }))
  const first = await read(one)
  expect(first.captures.map(({ externalId }) => externalId)).toEqual(['a@x.example', 'b@x.example'])
  one.put(mail({ id: 'c@x.example' }))
  const second = await read(one, {}, first.cursor)
  expect(second.captures.map(({ externalId }) => externalId)).toEqual(['c@x.example'])
  expect((await read(one, {}, second.cursor)).captures).toEqual([])
  const verbs = new Set(one.commands.map((command) => command.split(' ').slice(0, 1).join('')))
  expect([...verbs].filter((verb) => /SELECT|STORE|COPY|MOVE|APPEND|EXPUNGE|DELETE/.test(verb))).toEqual([])
  expect(one.commands).toContain('EXAMINE INBOX')
  expect(one.commands.join('\n')).not.toMatch(/BODY\[|RFC822(?!\.SIZE)/)
})

test('a new UIDVALIDITY makes the folder read again under the same identities', async () => {
  const one = await server()
  one.put(mail({ id: 'a@x.example' }))
  const first = await read(one)
  const inbox = one.folders.get('INBOX')
  if (inbox) {
    inbox.uidValidity = 2
    inbox.mails.unshift({ uid: 0, raw: Buffer.from(mail({ id: 'older@x.example' })), arrivedAt: now })
    for (const [at, stored] of inbox.mails.entries()) stored.uid = at + 1
  }
  const again = await read(one, {}, first.cursor)
  expect(again.captures.map(({ externalId }) => externalId)).toEqual(['older@x.example', 'a@x.example'])
  expect(again.cursor).toEqual({ uidValidity: '2', lastUid: 2 })
})

test('at first only mails of the last days are read, however many lie there', async () => {
  const one = await server()
  one.put(mail({ id: 'old@x.example' }), new Date('2025-01-01T00:00:00Z'))
  one.put(mail({ id: 'new@x.example' }), new Date('2026-03-01T00:00:00Z'))
  expect((await read(one)).captures.map(({ externalId }) => externalId)).toEqual(['new@x.example'])
  const empty = await server()
  expect(await read(empty)).toMatchObject({ captures: [], cursor: { lastUid: 0 } })
})

test('more mails than a run takes are read by the runs after it', { timeout: 60_000 }, async () => {
  const one = await server()
  for (let n = 1; n <= 520; n++) one.put(mail({ id: `${n}@x.example` }))
  const first = await read(one)
  expect(first.captures).toHaveLength(500)
  const second = await read(one, {}, first.cursor)
  expect(second.captures.at(0)?.externalId).toBe('501@x.example')
  expect(second.captures).toHaveLength(20)
})

test('a complaint keeps who wrote it and where an answer goes; a later letter of the thread is told as such', async () => {
  const one = await server()
  one.put(mail({ id: 'c1@x.example', subject: 'Leak', body: '外墙渗水，联系电话13812345678' }))
  one.put(
    mail({
      id: 'c2@x.example',
      subject: 'Re: Leak',
      headers: 'References: <c1@x.example>\nContent-Type: text/plain; charset=utf-8',
      body: '仍然无人处理。\n\nOn Thu, 5 Mar 2026 at 09:30, House <press@house.example> wrote:\n> 外墙渗水',
    }),
  )
  const { complaints } = await read(one, { content: 'complaints' })
  expect(complaints).toEqual([
    {
      externalId: 'c1@x.example',
      place: 'mail 1',
      fields: {
        externalId: 'c1@x.example',
        title: 'Leak',
        content: '外墙渗水，联系电话13812345678',
        receivedAt: '2026-03-05T01:30:00.000Z',
        channel: 'email',
        name: 'Wang Li',
        address: 'wang.li@paper.example',
        phone: '13812345678',
      },
    },
    expect.objectContaining({
      fields: expect.objectContaining({
        content: '仍然无人处理。\n〔同一往来的后续来信，首封 c1@x.example〕',
      }),
    }),
  ])
})

test('absence notes and delivery reports are nobody’s letters', async () => {
  const one = await server()
  one.put(mail({ headers: 'Auto-Submitted: auto-replied' }))
  one.put(mail({ headers: 'Content-Type: multipart/report; boundary=x', body: '--x\n\nfailed\n--x--' }))
  one.put(mail({ id: 'real@x.example' }))
  const { captures, cursor } = await read(one)
  expect(captures.map(({ externalId }) => externalId)).toEqual(['real@x.example'])
  expect(cursor).toMatchObject({ lastUid: 3 })
})

test.each([
  ['starttls', 'starttls'],
  ['tls', 'implicit'],
] as const)('a certificate that does not prove the server is refused over %s', async (tls, offered) => {
  const one = await server({ tls: offered })
  one.put(mail())
  const error = await failure(one, { tls })
  expect(error).toMatchObject({ outcome: 'refused' })
  expect(error.message).toMatch(/certificate that does not prove it.*choose encryption without check/)
  expect(one.commands.join()).not.toContain('LOGIN')
})

test('inside the house an unchecked certificate will do', async () => {
  const one = await server({ tls: 'implicit' })
  one.put(mail())
  expect((await read(one, { tls: 'unchecked' })).captures).toHaveLength(1)
})

test('STARTTLS that is not offered is never replaced by an open sign-in', async () => {
  const one = await server({ tls: 'none' })
  const error = await failure(one, { tls: 'starttls' })
  expect(error).toMatchObject({ outcome: 'refused' })
  expect(error.message).toMatch(/no STARTTLS/)
  expect(one.commands.join()).not.toContain('LOGIN')
})

test.each(['none', 'unchecked'])(
  'a password is not sent to a public server with the encryption %s',
  async (tls) => {
    const one = await server()
    const result = await mailbox.collect(
      optionsFor(one, { tls, host: 'mail.example' }),
      collectTools({ ...inside, addressOf: async () => '93.184.216.34' }),
    )
    if (result.outcome !== 'ok') throw new Error(result.outcome)
    const drained = async () => {
      for await (const _ of result.captures ?? []) break
    }
    await expect(drained()).rejects.toThrow(/public address/)
  },
)

test('a wrong password is told with its cure and without the password', async () => {
  const one = await server()
  const error = await failure(one, { password: 'not the right one' })
  expect(error).toBeInstanceOf(CollectError)
  expect(error).toMatchObject({ outcome: 'blocked' })
  expect(error.message).toMatch(/refuses the user press@house.example.*授权码/)
  expect(error.message).not.toContain('not the right one')
})

test('a folder that is not there is told with those that are', async () => {
  const one = await server()
  one.folders.set('Complaints', { uidValidity: 1, mails: [] })
  const error = await failure(one, { folder: 'Complaint' })
  expect(error).toMatchObject({ outcome: 'unreachable' })
  expect(error.message).toBe('there is no folder Complaint; there are INBOX, Complaints')
})

test('a server that is not there, one that is no mail server, one that dies in mid-answer', async () => {
  const gone = await server()
  await gone.stop()
  expect(await failure(gone)).toMatchObject({ outcome: 'unreachable' })
  const plain = await server()
  expect(await failure(plain, { tls: 'tls' })).toMatchObject({ outcome: 'unreachable' })
  const dies = await server()
  for (let n = 1; n <= 30; n++) dies.put(mail({ id: `${n}@x.example`, body: 'x'.repeat(2_000) }))
  dies.faults.dieAfterBytes = 25_000
  const captures: Capture[] = []
  const result = await mailbox.collect(optionsFor(dies), collectTools(inside))
  if (result.outcome !== 'ok') throw new Error(result.outcome)
  const drained = async () => {
    for await (const capture of result.captures ?? []) captures.push(capture)
  }
  await expect(drained()).rejects.toMatchObject({ outcome: 'unreachable' })
  // What came before is kept by the run, which stores each batch.
  expect(captures.length).toBeGreaterThan(0)
})

test('a server that falls silent is a timeout', { timeout: 40_000 }, async () => {
  const one = await server()
  one.put(mail())
  one.faults.silentAt = 'UID FETCH'
  expect(await failure(one)).toMatchObject({ outcome: 'timeout' })
})

test('hostile mails cost little and keep no other mail out', { timeout: 60_000 }, async () => {
  const one = await server()
  let nested = 'Content-Type: text/plain\n\ndeep'
  for (let depth = 0; depth < 60; depth++)
    nested = `Content-Type: multipart/mixed; boundary=b${depth}\n\n--b${depth}\n${nested}\n--b${depth}--`
  one.put(
    mail({
      id: 'nested@x.example',
      subject: 'Nested',
      headers: nested.split('\n\n')[0] ?? '',
      body: nested.split('\n\n').slice(1).join('\n\n'),
    }),
  )
  one.put(mail({ id: 'large@x.example', body: 'x'.repeat(30 * 2 ** 20) }))
  one.put(mail({ id: 'heads@x.example', headers: 'X-Bomb: y\n'.repeat(200_000).trim() }))
  one.put(
    mail({
      id: 'broken@x.example',
      headers: 'Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64',
      body: `${Buffer.from('半句还在').toString('base64').slice(0, -3)}$$$ %%`,
    }),
  )
  one.put(
    mail({
      id: 'parts@x.example',
      headers: 'Content-Type: multipart/mixed; boundary=b',
      body: `${'--b\nContent-Type: text/plain\n\nx\n'.repeat(2_000)}--b--`,
    }),
  )
  one.put(
    mail({
      id: 'script@x.example',
      headers: 'Content-Type: text/html',
      body: '<script>alert(1)</script><style>x</style><p onclick="x">Hello',
    }),
  )
  one.put(mail({ id: 'good@x.example' }))
  const before = process.memoryUsage().rss
  const { captures } = await read(one)
  const found = new Map(captures.map((capture) => [capture.externalId, capture]))
  expect([...found.keys()]).toEqual(
    ['nested', 'large', 'heads', 'broken', 'parts', 'script', 'good'].map((name) => `${name}@x.example`),
  )
  expect(found.get('nested@x.example')).toMatchObject({ title: 'Nested', raw: { isUnreadable: true } })
  expect(found.get('large@x.example')?.body.length).toBeLessThanOrEqual(512 * 1024)
  expect(found.get('broken@x.example')?.body).toMatch(/^半句/)
  expect(found.get('script@x.example')?.body).toBe('Hello')
  expect(process.memoryUsage().rss - before).toBeLessThan(400 * 2 ** 20)
})
