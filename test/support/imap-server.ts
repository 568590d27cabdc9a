// A small IMAP server (RFC 3501) on loopback: sign-in, STARTTLS and TLS, EXAMINE, SEARCH by UID and date, FETCH with
// BODYSTRUCTURE and parts of bodies, as the product's client uses them. It notes every command and refuses all that write,
// so that a test sees what was asked of a mailbox. It can also be a bad server: silent, slow, dying in mid-answer.
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { createSecureContext, createServer as createTlsServer, TLSSocket } from 'node:tls'

export interface StoredMail {
  uid: number
  raw: Buffer
  arrivedAt: Date
}

export interface ImapFaults {
  /** Hangs up after that many bytes of answers to FETCH. */
  dieAfterBytes?: number
  /** Says nothing to this command any more. */
  silentAt?: string
  noStartTls?: boolean
}

export async function startImap(
  given: { tls?: 'implicit' | 'starttls' | 'none'; user?: string; password?: string } = {},
) {
  const { tls = 'none', user = 'press@house.example', password = 'seven grey geese' } = given
  const folders = new Map<string, Folder>([['INBOX', { uidValidity: 1, mails: [] }]])
  const commands: string[] = []
  const faults: ImapFaults = {}
  const sockets = new Set<Socket>()
  const context = () => createSecureContext({ key: testCertificate.key, cert: testCertificate.certificate })
  const accept = (socket: Socket) => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => {})
    new Session(socket, { tls, user, password, folders, commands, faults, context })
  }
  const server =
    tls === 'implicit'
      ? createTlsServer({ key: testCertificate.key, cert: testCertificate.certificate }, accept)
      : createServer(accept)
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  return {
    port: (server.address() as AddressInfo).port,
    user,
    password,
    folders,
    faults,
    /** Verbs and arguments, without the password. */
    commands,
    put(raw: string | Buffer, arrivedAt = new Date('2026-03-05T02:00:00Z'), folder = 'INBOX') {
      const mails = folders.get(folder)?.mails ?? []
      mails.push({
        uid: (mails.at(-1)?.uid ?? 0) + 1,
        raw: Buffer.isBuffer(raw) ? raw : Buffer.from(raw.replace(/\r?\n/g, '\r\n')),
        arrivedAt,
      })
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((done) => server.close(done))
    },
  }
}

interface Folder {
  uidValidity: number
  mails: StoredMail[]
}

interface Shared {
  tls: string
  user: string
  password: string
  folders: Map<string, Folder>
  commands: string[]
  faults: ImapFaults
  context: () => ReturnType<typeof createSecureContext>
}

class Session {
  private waiting = Buffer.alloc(0)
  private literal = ''
  private isSignedIn = false
  private isSecure: boolean
  private folder: Folder | undefined
  private sent = 0
  private socket: Socket
  private readonly shared: Shared

  constructor(socket: Socket, shared: Shared) {
    this.socket = socket
    this.shared = shared
    this.isSecure = shared.tls === 'implicit'
    this.listen()
    this.say('* OK ready')
  }

  private listen() {
    this.socket.on('data', (bytes: Buffer) => {
      this.waiting = Buffer.concat([this.waiting, bytes])
      this.read()
    })
  }

  private read() {
    for (;;) {
      const end = this.waiting.indexOf('\r\n')
      if (end < 0) return
      const line = this.literal + this.waiting.subarray(0, end).toString('latin1')
      const announced = /\{(\d+)\}$/.exec(line)
      if (announced) {
        const size = Number(announced[1])
        if (this.waiting.length < end + 2 + size) {
          if (this.waiting.length === end + 2) this.say('+ go on')
          return
        }
        const text = this.waiting.subarray(end + 2, end + 2 + size).toString('latin1')
        this.literal = line.replace(/\{\d+\}$/, `"${text.replace(/["\\]/g, '\\$&')}"`)
        this.waiting = this.waiting.subarray(end + 2 + size)
        continue
      }
      this.literal = ''
      this.waiting = this.waiting.subarray(end + 2)
      this.obey(line)
    }
  }

  private say(line: string | Buffer) {
    this.socket.write(Buffer.concat([Buffer.isBuffer(line) ? line : Buffer.from(line, 'latin1'), CRLF]))
  }

  private obey(line: string) {
    const [, tag = '*', verb = '', rest = ''] = /^(\S+) (UID \S+|\S+) ?(.*)$/is.exec(line) ?? []
    const name = verb.toUpperCase()
    const args = words(rest)
    this.shared.commands.push(name === 'LOGIN' ? `LOGIN ${args[0]}` : `${name} ${rest}`.trim())
    if (this.shared.faults.silentAt === name) return
    const ok = () => this.say(`${tag} OK ${name} done`)
    const no = (why: string) => this.say(`${tag} NO ${why}`)
    const canUpgrade = this.shared.tls === 'starttls' && !this.isSecure && !this.shared.faults.noStartTls
    switch (name) {
      case 'CAPABILITY':
        this.say(`* CAPABILITY IMAP4rev1${canUpgrade ? ' STARTTLS LOGINDISABLED' : ''}`)
        return ok()
      case 'NOOP':
        return ok()
      case 'STARTTLS': {
        if (!canUpgrade) return no('no TLS here')
        ok()
        this.socket.removeAllListeners('data')
        this.socket = new TLSSocket(this.socket, { isServer: true, secureContext: this.shared.context() })
        this.socket.on('error', () => {})
        this.isSecure = true
        return this.listen()
      }
      case 'LOGIN':
        this.isSignedIn = args[0] === this.shared.user && args[1] === this.shared.password
        return this.isSignedIn ? ok() : no('[AUTHENTICATIONFAILED] Authentication failed.')
      case 'LOGOUT':
        this.say('* BYE')
        ok()
        return void this.socket.end()
      case 'LIST':
      case 'LSUB':
        // An empty pattern asks for the separator alone.
        if (name === 'LIST' && args[1] === '') this.say('* LIST (\\Noselect) "/" ""')
        else if (name === 'LIST')
          for (const folder of this.shared.folders.keys())
            this.say(`* LIST (\\HasNoChildren) "/" "${folder}"`)
        return ok()
    }
    if (!this.isSignedIn) return no('sign in first')
    if (name === 'EXAMINE') {
      this.folder = this.shared.folders.get(args[0] ?? '')
      if (!this.folder) return no('[NONEXISTENT] no such mailbox')
      this.say(`* ${this.folder.mails.length} EXISTS`)
      this.say(`* OK [UIDVALIDITY ${this.folder.uidValidity}] valid`)
      this.say(`* OK [UIDNEXT ${(this.folder.mails.at(-1)?.uid ?? 0) + 1}] next`)
      this.say('* FLAGS (\\Seen)')
      return this.say(`${tag} OK [READ-ONLY] EXAMINE done`)
    }
    if (!this.folder) return no('choose a mailbox first')
    if (name === 'UID SEARCH') {
      this.say(['* SEARCH', ...this.search(rest)].join(' '))
      return ok()
    }
    if (name === 'UID FETCH') return this.fetch(rest, ok)
    no('this mailbox is read-only')
  }

  private search(rest: string): number[] {
    const mails = this.folder?.mails ?? []
    const range = /UID (\S+)/i.exec(rest)?.[1]
    if (range) return inRange(range, mails).map(({ uid }) => uid)
    const since = /SINCE "?([\w-]+)"?/i.exec(rest)?.[1]
    const from = since ? Date.parse(`${since.replaceAll('-', ' ')} UTC`) : 0
    return mails.filter(({ arrivedAt }) => arrivedAt.getTime() >= from).map(({ uid }) => uid)
  }

  private fetch(rest: string, ok: () => void) {
    const [, range = '', items = ''] = /^(\S+) \(?(.*?)\)?$/s.exec(rest) ?? []
    for (const mail of inRange(range, this.folder?.mails ?? [])) {
      const seq = (this.folder?.mails.indexOf(mail) ?? 0) + 1
      const parts: Buffer[] = [Buffer.from(`UID ${mail.uid}`)]
      if (/INTERNALDATE/i.test(items)) parts.push(Buffer.from(`INTERNALDATE "${mailDate(mail.arrivedAt)}"`))
      if (/BODYSTRUCTURE/i.test(items))
        parts.push(Buffer.from(`BODYSTRUCTURE ${structure(mail.raw)}`, 'latin1'))
      for (const [, section = '', from, count] of items.matchAll(
        /BODY\.PEEK\[([^\]]*)\](?:<(\d+)\.(\d+)>)?/gi,
      )) {
        const whole = sectionOf(mail.raw, section)
        const bytes = from === undefined ? whole : whole.subarray(Number(from), Number(from) + Number(count))
        parts.push(
          Buffer.concat([
            Buffer.from(`BODY[${section}]${from === undefined ? '' : `<${from}>`} {${bytes.length}}\r\n`),
            bytes,
          ]),
        )
      }
      const answer = Buffer.concat([
        Buffer.from(`* ${seq} FETCH (`),
        ...parts.flatMap((part, at) => (at === 0 ? [part] : [Buffer.from(' '), part])),
        Buffer.from(')'),
      ])
      const left = (this.shared.faults.dieAfterBytes ?? Number.POSITIVE_INFINITY) - this.sent
      if (answer.length > left) {
        this.socket.write(answer.subarray(0, left))
        return void setTimeout(() => this.socket.destroy(), 50)
      }
      this.sent += answer.length
      this.say(answer)
    }
    ok()
  }
}

const CRLF = Buffer.from('\r\n')

const words = (rest: string): string[] =>
  [...rest.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/gs)].map(
    ([, quoted, bare]) => quoted?.replace(/\\(.)/gs, '$1') ?? bare ?? '',
  )

function inRange(range: string, mails: readonly StoredMail[]): StoredMail[] {
  const last = mails.at(-1)?.uid ?? 0
  return mails.filter(({ uid }) =>
    range.split(',').some((part) => {
      const [from = 0, to = from] = part.split(':').map((end) => (end === '*' ? last : Number(end)))
      return uid >= Math.min(from, to) && uid <= Math.max(from, to)
    }),
  )
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
const two = (n: number) => String(n).padStart(2, '0')
const mailDate = (at: Date) =>
  `${two(at.getUTCDate())}-${months[at.getUTCMonth()]}-${at.getUTCFullYear()} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`

interface Entity {
  head: string
  body: Buffer
  type: string
  subtype: string
  parameters: Map<string, string>
  children: Entity[]
}

function entityOf(raw: Buffer): Entity {
  const end = raw.indexOf('\r\n\r\n')
  const head = (end < 0 ? raw : raw.subarray(0, end)).toString('latin1').replace(/\r\n[ \t]+/g, ' ')
  const body = end < 0 ? Buffer.alloc(0) : raw.subarray(end + 4)
  const written = fieldOf(head, 'content-type') ?? 'text/plain; charset=us-ascii'
  const [, type = 'text', subtype = 'plain'] = /^\s*([\w-]+)\/([\w.+-]+)/.exec(written) ?? []
  const parameters = parametersOf(written)
  const boundary = parameters.get('boundary')
  const children =
    type.toLowerCase() === 'multipart' && boundary !== undefined ? split(body, boundary).map(entityOf) : []
  return { head, body, type: type.toLowerCase(), subtype: subtype.toLowerCase(), parameters, children }
}

const fieldOf = (head: string, name: string) =>
  head
    .split('\r\n')
    .find((line) => line.toLowerCase().startsWith(`${name}:`))
    ?.slice(name.length + 1)
    .trim()

const parametersOf = (value: string) =>
  new Map(
    [...value.matchAll(/;\s*([\w*-]+)=(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/g)].map(
      ([, name = '', quoted, bare]) => [name.toLowerCase(), quoted ?? bare ?? ''],
    ),
  )

function split(body: Buffer, boundary: string): Buffer[] {
  const text = body.toString('latin1')
  const pieces = `\r\n${text}`.split(`\r\n--${boundary}`)
  return pieces
    .slice(1)
    .filter((piece) => !piece.startsWith('--'))
    .map((piece) => Buffer.from(piece.replace(/^[ \t]*\r\n/, ''), 'latin1'))
}

/** Quoted, or a literal where a string may hold what quotes cannot. */
const text = (value: string | undefined) =>
  value === undefined
    ? 'NIL'
    : /[\r\n"\\\x80-\xff]/.test(value)
      ? `{${value.length}}\r\n${value}`
      : `"${value}"`
const list = (parameters: Map<string, string>) =>
  parameters.size === 0
    ? 'NIL'
    : `(${[...parameters].map(([name, value]) => `${text(name)} ${text(value)}`).join(' ')})`

function structure(raw: Buffer): string {
  const draw = (entity: Entity): string => {
    const disposition = fieldOf(entity.head, 'content-disposition')
    const drawn = disposition
      ? `(${text(/^[\w-]+/.exec(disposition)?.[0])} ${list(parametersOf(disposition))})`
      : 'NIL'
    if (entity.children.length > 0)
      return `(${entity.children.map(draw).join('')} ${text(entity.subtype)} ${list(entity.parameters)} ${drawn} NIL NIL)`
    const encoding = fieldOf(entity.head, 'content-transfer-encoding')?.toLowerCase() ?? '7bit'
    const lines = entity.type === 'text' ? ` ${entity.body.toString('latin1').split('\n').length}` : ''
    return `(${text(entity.type)} ${text(entity.subtype)} ${list(entity.parameters)} NIL NIL ${text(encoding)} ${entity.body.length}${lines} NIL ${drawn} NIL NIL)`
  }
  return draw(entityOf(raw))
}

function sectionOf(raw: Buffer, section: string): Buffer {
  if (/^header$/i.test(section)) {
    const end = raw.indexOf('\r\n\r\n')
    return end < 0 ? raw : raw.subarray(0, end + 4)
  }
  let entity: Entity | undefined = entityOf(raw)
  for (const number of section.split('.').filter(Boolean)) {
    entity = entity && entity.children.length > 0 ? entity.children[Number(number) - 1] : entity
  }
  return entity?.body ?? Buffer.alloc(0)
}

const folder = join(import.meta.dirname, 'certificate')
/** For localhost and 127.0.0.1, signed by itself; good for nothing but tests. */
const testCertificate = {
  key: readFileSync(join(folder, 'key.pem'), 'utf8'),
  certificate: readFileSync(join(folder, 'certificate.pem'), 'utf8'),
}
