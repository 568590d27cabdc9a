// Reads new mails of one folder and leaves the folder as it is: EXAMINE instead of SELECT, PEEK instead of reading. The
// structure is asked first and then only the texts, so that a mail of 100 MB costs what its words cost; attachments are
// named by the structure alone.
//
// Position: UIDVALIDITY and the last UID (RFC 3501, 2.3.1.1). A new UIDVALIDITY says that UIDs mean other mails now, so the
// folder is read again from some days back; the Message-ID keeps a mail from being stored twice.
import { type FetchMessageObject, ImapFlow } from 'imapflow'
import { z } from 'zod'
import { CollectError, type CollectTools } from '../collector.ts'
import { connectionError, reach, refuseOpenWay } from '../connection.ts'
import { said } from '../details.ts'
import { readHead } from './headers.ts'
import { type Mail, partsOf, type Structure, textOf } from './message.ts'

export interface MailboxSource {
  host: string
  port: number
  tls: 'tls' | 'starttls' | 'unchecked' | 'none'
  user: string
  password: string
  folder: string
  firstDays: number
}

export interface Position {
  uidValidity?: string
  lastUid?: number
}
const Kept = z.object({ uidValidity: z.string(), lastUid: z.number() })

const limits = {
  connectMs: 15_000,
  /** Without a byte. */
  idleMs: 20_000,
  /** One command, however busily it trickles. */
  commandMs: 60_000,
  /** After that the run ends with what it has; the next one goes on. */
  runMs: 180_000,
  mailsPerRun: 500,
  mailsAtOnce: 25,
  headBytes: 64 * 1024,
  textBytes: 512 * 1024,
  responseBytes: 8 * 1024 * 1024,
}
const DAY = 86_400_000

/** New mails, oldest first; `position` moves on with what was given. @throws CollectError */
export async function* mailsOf(
  source: MailboxSource,
  tools: CollectTools,
  position: Position,
): AsyncGenerator<Mail> {
  const before = Kept.safeParse(tools.cursor).data
  const until = performance.now() + limits.runMs
  const client = await clientFor(source, tools)
  // The command that waits is only told that the connection is gone; why, is said here.
  let broken: unknown
  client.on('error', (error) => {
    broken ??= error
  })
  try {
    await inTime(client.connect())
    const folder = await opened(client, source)
    const uidValidity = String(folder.uidValidity)
    const last = before?.uidValidity === uidValidity ? before.lastUid : undefined
    const since = new Date(tools.now.getTime() - source.firstDays * DAY)
    const found = await inTime(
      client.search(last === undefined ? { since } : { uid: `${last + 1}:*` }, { uid: true }),
    )
    // `n:*` always gives the last mail, also when it is older.
    const fresh = (found || []).filter((uid) => uid > (last ?? 0)).sort((a, b) => a - b)
    const chosen = fresh.slice(0, limits.mailsPerRun)
    position.uidValidity = uidValidity
    // Nothing since then: what comes next is new.
    position.lastUid = last ?? (fresh[0] ?? folder.uidNext) - 1
    for (let at = 0; at < chosen.length && performance.now() < until; at += limits.mailsAtOnce) {
      const uids = chosen.slice(at, at + limits.mailsAtOnce)
      const heads = await inTime(
        client.fetchAll(
          uids.join(','),
          {
            uid: true,
            internalDate: true,
            bodyStructure: true,
            bodyParts: [{ key: 'HEADER', maxLength: limits.headBytes }],
          },
          { uid: true },
        ),
      )
      const byUid = new Map(heads.map((message) => [message.uid, message]))
      for (const uid of uids) {
        const mail = await mailOf(client, uid, byUid.get(uid))
        if (mail) yield mail
        position.lastUid = uid
        if (performance.now() >= until) break
      }
    }
  } catch (error) {
    throw named(factOf(error, 'code') === 'NoConnection' ? (broken ?? error) : error, source)
  } finally {
    // Also when the reader had enough. A server that does not say good-bye is hung up on.
    await Promise.race([
      client.logout().catch(() => {}),
      new Promise((done) => setTimeout(done, 1_000).unref()),
    ])
    client.close()
  }
}

async function clientFor(source: MailboxSource, tools: CollectTools): Promise<ImapFlow> {
  const { host, port, user, password, tls } = source
  const reached = await reach(host, tools)
  if (tls === 'none' || tls === 'unchecked')
    refuseOpenWay(reached, host, tls === 'none' ? 'an open connection' : 'an unchecked server')
  return new ImapFlow({
    host: reached.address,
    port,
    secure: tls === 'tls' || tls === 'unchecked',
    // Told to upgrade, it breaks off where the server cannot; it never falls back.
    ...(tls === 'starttls' ? { doSTARTTLS: true } : tls === 'none' ? { doSTARTTLS: false } : {}),
    ...(reached.tls.servername === undefined ? {} : { servername: reached.tls.servername }),
    tls: { ...reached.tls, rejectUnauthorized: tls !== 'unchecked' },
    auth: { user, pass: password },
    logger: false,
    clientInfo: { name: 'weiyu' },
    disableAutoIdle: true,
    disableCompression: true,
    connectionTimeout: limits.connectMs,
    greetingTimeout: limits.connectMs,
    socketTimeout: limits.idleMs,
    maxLineLength: limits.responseBytes,
    maxLiteralSize: 2 * limits.textBytes,
    maxResponseSize: limits.responseBytes,
  })
}

/** Read-only; a wrong name is told with the right ones. */
async function opened(client: ImapFlow, { folder }: MailboxSource) {
  try {
    return await inTime(client.mailboxOpen(folder, { readOnly: true }))
  } catch (error) {
    // BAD is for commands that cannot be read, but some servers say it of a name that they do not know.
    if (!isRefusal(error) && factOf(error, 'responseStatus') !== 'BAD') throw error
    const known = await inTime(client.list()).catch(() => [])
    const names = known.map(({ path }) => path).slice(0, 20)
    throw new CollectError(
      'unreachable',
      `there is no folder ${folder}${names.length > 0 ? `; there are ${names.join(', ')}` : ''}`,
    )
  }
}

/** One mail; one whose structure nobody can read is given by its head alone, one that is gone is left out. */
async function mailOf(
  client: ImapFlow,
  uid: number,
  given: FetchMessageObject | undefined,
): Promise<Mail | undefined> {
  const message =
    given ??
    (await inTime(
      client.fetchOne(
        String(uid),
        { uid: true, internalDate: true, bodyParts: [{ key: 'HEADER', maxLength: limits.headBytes }] },
        { uid: true },
      ),
    ))
  if (!message) return undefined
  const structure: Structure | undefined = message.bodyStructure
  const { texts, attachments } = structure ? partsOf(structure) : { texts: [], attachments: [] }
  const wanted = texts.flatMap(({ plain, html }) => [plain, html].filter((part) => part !== undefined))
  const keyOf = (part: Structure) => part.part ?? '1'
  const bodies = new Map<string, Uint8Array>()
  if (wanted.length > 0) {
    const read = await inTime(
      client.fetchOne(
        String(uid),
        { uid: true, bodyParts: wanted.map((part) => ({ key: keyOf(part), maxLength: limits.textBytes })) },
        { uid: true },
      ),
    )
    for (const [key, bytes] of (read ? read.bodyParts : undefined) ?? []) bodies.set(key, bytes)
  }
  const text = (part: Structure | undefined) => {
    const bytes = part && bodies.get(keyOf(part))
    return bytes ? textOf(part, bytes) : ''
  }
  const head = readHead(message.headers ?? message.bodyParts?.get('header') ?? new Uint8Array())
  return {
    uid,
    head,
    arrivedAt:
      message.internalDate instanceof Date ? message.internalDate : new Date(message.internalDate ?? 0),
    texts: texts.map(({ plain, html }) => ({ plain: text(plain), html: text(html) })),
    attachments,
    isUnreadable: structure === undefined,
  }
}

/** What a server trickles for ever is as good as nothing. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(
      () =>
        fail(new CollectError('timeout', said('no-answer-within', { seconds: limits.commandMs / 1_000 }))),
      limits.commandMs,
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

const factOf = (error: unknown, name: string): unknown =>
  error instanceof Error && name in error
    ? Object.entries(error).find(([key]) => key === name)?.[1]
    : undefined
const isRefusal = (error: unknown) =>
  factOf(error, 'responseStatus') === 'NO' || factOf(error, 'mailboxMissing') === true

/** What the server or its socket says, with the cure; never the password. */
function named(error: unknown, { host, port, user, tls }: MailboxSource): unknown {
  const place = `${host}:${port}`
  if (error instanceof CollectError || !(error instanceof Error)) return error
  if (factOf(error, 'authenticationFailed') === true)
    return new CollectError('blocked', said('mail-sign-in', { place, user }))
  const code = String(factOf(error, 'code') ?? '')
  if (/^(CONNECT_TIMEOUT|GREETING_TIMEOUT|UPGRADE_TIMEOUT|ETIMEOUT|ETIMEDOUT)$/.test(code))
    return new CollectError('timeout', said('no-answer', { place }))
  const known = connectionError(error, place)
  if (known) return known
  if (code === 'ClosedAfterConnectText' || code === 'ClosedAfterConnectTLS')
    return new CollectError('unreachable', `${place} hangs up at once; check port and encryption`)
  if (/TooLarge$/.test(code)) return new CollectError('too-large', `${place} sends an answer without end`)
  if (/STARTTLS|TLS/i.test(error.message))
    return new CollectError(
      'refused',
      `${place} offers no STARTTLS; ${tls === 'starttls' ? 'choose TLS from the start (port 993)' : 'check its encryption'}`,
    )
  if (
    /^(NoConnection|EConnectionClosed|StateLogout)$/.test(code) ||
    /closed|not available/i.test(error.message)
  )
    return new CollectError('unreachable', said('connection-ended', { place }))
  const answered = factOf(error, 'responseText')
  return new CollectError(
    'unreachable',
    `${place} answered «${String(answered ?? error.message).slice(0, 200)}»`,
  )
}
