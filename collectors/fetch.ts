// Polite and safe GET for everything the product reads from outside.
//
// Safe: an address is checked three times (the host as written, every answer of the resolver, the peer the socket really
// reached), because a lookup filter alone never sees literal addresses and a name may resolve differently the second time.
// Redirects are followed by hand so that each hop passes the same gate. Bytes are counted before and after decompression.
// Polite: robots.txt, one pace per host, few connections per host, Retry-After, back-off with jitter.
import { lookup } from 'node:dns/promises'
import ipaddr from 'ipaddr.js'
import robotsParser from 'robots-parser'
import { Agent } from 'undici'
import { CollectError, type Fetched, type Wants } from './collector.ts'
import { guardedConnector, lowerHeaders, RefusedAddress, readBody } from './wire.ts'

export interface FetchLimits {
  /** Of the body, on the wire and after decompression. */
  maxBytes: number
  /** Decompressed to compressed bytes, judged once a mebibyte has come out. */
  maxRatio: number
  /** Spent on the wire for one call, redirects and retries included; waiting in our own queue is not counted. */
  totalMs: number
  /** Without a byte. */
  idleMs: number
  maxRedirects: number
  /** Between two requests to one host; robots.txt may ask for more (up to a minute). */
  paceMs: number
  perHost: number
  /** Tries after the first one, for answers that say «later» and broken connections. */
  retries: number
  /** A longer Retry-After is left to the schedule. */
  maxWaitMs: number
}

const usualLimits: FetchLimits = {
  maxBytes: 8 * 1024 * 1024,
  maxRatio: 200,
  totalMs: 30_000,
  idleMs: 10_000,
  maxRedirects: 5,
  paceMs: 1_000,
  perHost: 2,
  retries: 2,
  maxWaitMs: 15_000,
}

/** What the last good answer said about itself; the caller keeps it, best in the transaction that stores the items. */
export interface Validators {
  read(url: string): { etag?: string; lastModified?: string } | undefined
  write(url: string, validators: { etag?: string; lastModified?: string }): void
}

export interface FetcherOptions {
  /** Names the product and where its owner can be reached. */
  userAgent: string
  /** Addresses or CIDR ranges that may be read although they are not public. Hosts written as such are not paced. */
  allow?: readonly string[]
  limits?: Partial<FetchLimits>
  now?: () => number
  sleep?: (ms: number) => Promise<void>
  random?: () => number
}

export interface Fetcher {
  fetch(url: string, wants?: Omit<Wants, 'conditional'> & { validators?: Validators }): Promise<Fetched>
  /** A literal address of the host that may be reached; throws `refused` or `unreachable`. */
  addressOf(host: string): Promise<string>
  close(): Promise<void>
}

const robotsName = 'weiyu'
const robotsMaxBytes = 512 * 1024
const robotsFreshMs = 60 * 60_000
const robotsFailedMs = 5 * 60_000
const redirects = new Set([301, 302, 303, 307, 308])
const later = new Set([429, 502, 503, 504])

/** The public internet, or what the administrator opened. */
export function addressGate(allow: readonly string[]): (address: string) => boolean {
  const ranges = allow.map((entry) => {
    try {
      if (entry.includes('/')) return ipaddr.parseCIDR(entry)
      const address = ipaddr.process(entry)
      return [address, address.kind() === 'ipv4' ? 32 : 128] as [ipaddr.IPv4 | ipaddr.IPv6, number]
    } catch {
      throw new Error(`not an address or CIDR range: ${entry}`)
    }
  })
  return (text) => {
    if (!ipaddr.isValid(text)) return false
    const address = ipaddr.process(text)
    if (address.range() === 'unicast') return true
    return ranges.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits))
  }
}

/** For messages and logs: no user, no password, no query (keys live there). */
export function withoutSecrets(url: string): string {
  if (!URL.canParse(url)) return '(not an address)'
  const { protocol, host, pathname, search } = new URL(url)
  return `${protocol}//${host}${pathname}${search ? '?…' : ''}`
}

interface Host {
  running: number
  waiting: (() => void)[]
  /** No request to this host starts before (pace, Retry-After). */
  freeAt: number
}

interface Robots {
  until: number
  verdict: Promise<{ rules: ReturnType<typeof robotsParser> | undefined; failure?: CollectError }>
}

export function createFetcher(options: FetcherOptions): Fetcher {
  const limits = { ...usualLimits, ...options.limits }
  const now = options.now ?? Date.now
  const sleep = options.sleep ?? ((ms: number) => new Promise<void>((done) => void setTimeout(done, ms)))
  const random = options.random ?? Math.random
  const mayReach = addressGate(options.allow ?? [])
  const hosts = new Map<string, Host>()
  const robotsOf = new Map<string, Robots>()
  const agent = new Agent({
    connect: guardedConnector(mayReach, limits.idleMs),
    headersTimeout: limits.idleMs,
    bodyTimeout: limits.idleMs,
    connections: limits.perHost,
    keepAliveTimeout: 4_000,
  })

  function hostOf(name: string): Host {
    let host = hosts.get(name)
    if (!host) {
      // Forget quiet hosts so that the map does not grow with every name ever seen.
      if (hosts.size > 5_000)
        for (const [key, old] of hosts) if (!old.running && old.freeAt < now()) hosts.delete(key)
      host = { running: 0, waiting: [], freeAt: 0 }
      hosts.set(name, host)
    }
    return host
  }

  /** Runs `work` when the host has a free connection and its pace allows. */
  async function inTurn<T>(url: URL, paceMs: number, work: () => Promise<T>): Promise<T> {
    const host = hostOf(url.host)
    if (host.running >= limits.perHost) await new Promise<void>((go) => void host.waiting.push(go))
    else host.running++
    try {
      const startAt = Math.max(now(), host.freeAt)
      host.freeAt = startAt + (isOpened(url) ? 0 : paceMs)
      if (startAt > now()) await sleep(startAt - now())
      return await work()
    } finally {
      const next = host.waiting.shift()
      if (next) next()
      else host.running--
    }
  }

  const isOpened = (url: URL) => {
    const literal = bareHost(url)
    return ipaddr.isValid(literal) && ipaddr.process(literal).range() !== 'unicast' && mayReach(literal)
  }

  async function robotsFor(url: URL): Promise<Awaited<Robots['verdict']>> {
    const known = robotsOf.get(url.origin)
    if (known && known.until > now()) return known.verdict
    const entry: Robots = { until: now() + robotsFreshMs, verdict: readRobots(url.origin) }
    robotsOf.set(url.origin, entry)
    const verdict = await entry.verdict
    if (verdict.failure) entry.until = now() + robotsFailedMs
    if (robotsOf.size > 5_000) for (const [key, old] of robotsOf) if (old.until < now()) robotsOf.delete(key)
    return verdict
  }

  /** RFC 9309: no file means no rules; a file that cannot be had means that nothing is allowed for now. */
  async function readRobots(origin: string): Promise<Awaited<Robots['verdict']>> {
    const address = `${origin}/robots.txt`
    try {
      const answer = await follow(address, {
        budget: { ms: limits.totalMs },
        maxBytes: robotsMaxBytes,
        obeyRobots: false,
        headers: {},
      })
      if (answer.status >= 500 || answer.status === 429) {
        return {
          rules: undefined,
          failure: new CollectError('unreachable', `robots.txt answered ${answer.status}`),
        }
      }
      if (answer.status >= 300) return { rules: undefined }
      return { rules: robotsParser(address, new TextDecoder().decode(answer.bytes)) }
    } catch (error) {
      if (error instanceof CollectError && error.outcome === 'too-large') return { rules: undefined }
      if (error instanceof CollectError) return { rules: undefined, failure: error }
      throw error
    }
  }

  interface Asked {
    /** What is left of `totalMs`. */
    budget: { ms: number }
    maxBytes: number
    obeyRobots: boolean
    headers: Record<string, string>
    /** Only for the origin that was asked first. */
    own?: Readonly<Record<string, string>>
    method?: 'GET' | 'POST'
    body?: string | undefined
  }

  /** Follows redirects by hand; every hop passes the address gate and robots.txt again. */
  async function follow(start: string, asked: Asked): Promise<Fetched> {
    const seen = new Set<string>()
    let url = checkedUrl(start)
    const secret = credentials(url)
    const secretOrigin = url.origin
    for (let hops = 0; ; hops++) {
      if (hops > limits.maxRedirects)
        throw new CollectError('unreachable', `more than ${limits.maxRedirects} redirects`)
      if (seen.has(url.href))
        throw new CollectError('unreachable', `redirect loop at ${withoutSecrets(url.href)}`)
      seen.add(url.href)
      const literal = bareHost(url)
      if (ipaddr.isValid(literal) && !mayReach(literal)) throw refusedAddress(url)
      let paceMs = limits.paceMs
      if (asked.obeyRobots) {
        const { rules, failure } = await robotsFor(url)
        if (failure) throw failure
        if (rules?.isAllowed(url.href, robotsName) === false) {
          throw new CollectError('refused', `robots.txt forbids ${withoutSecrets(url.href)}`)
        }
        paceMs = Math.max(paceMs, Math.min(rules?.getCrawlDelay(robotsName) ?? 0, 60) * 1000)
      }
      const headers = { ...asked.headers }
      if (url.origin === secretOrigin) {
        Object.assign(headers, asked.own)
        if (secret) headers.authorization = secret
      }
      const target = url
      const answer = await inTurn(target, paceMs, () => once(target, headers, asked))
      const location = answer.headers.location
      if (!redirects.has(answer.status) || location === undefined) return answer
      if (!URL.canParse(location, url.href))
        throw new CollectError('unreachable', 'redirect to something that is no address')
      url = checkedUrl(new URL(location, url).href)
    }
  }

  async function once(url: URL, headers: Record<string, string>, asked: Asked): Promise<Fetched> {
    const abort = new AbortController()
    const tooSlow = () => abort.abort(new CollectError('timeout', `not finished in ${limits.totalMs} ms`))
    const timer = setTimeout(tooSlow, Math.max(0, asked.budget.ms))
    const started = performance.now()
    try {
      const answer = await agent.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: asked.method ?? 'GET',
        ...(asked.body === undefined ? {} : { body: asked.body }),
        headers: { 'user-agent': options.userAgent, 'accept-encoding': 'gzip, deflate, br', ...headers },
        signal: abort.signal,
      })
      const answered = lowerHeaders(answer.headers)
      const hasBody = answer.statusCode !== 304 && !redirects.has(answer.statusCode)
      if (!hasBody) await answer.body.dump({ limit: 64 * 1024 })
      const bytes = hasBody
        ? await readBody(answer, answered, asked.maxBytes, limits.maxRatio)
        : new Uint8Array()
      return {
        status: answer.statusCode,
        url: url.href,
        headers: answered,
        bytes,
        notModified: answer.statusCode === 304,
      }
    } catch (error) {
      throw named(abort.signal.aborted ? abort.signal.reason : error, url)
    } finally {
      clearTimeout(timer)
      asked.budget.ms -= performance.now() - started
      // Frees the connection when the body was left half read.
      if (!abort.signal.aborted) abort.abort()
    }
  }

  return {
    async fetch(address, { accept, validators, method = 'GET', body, headers: own = {} } = {}) {
      const known = validators?.read(address)
      const headers: Record<string, string> = { accept: accept ?? '*/*' }
      if (known?.etag) headers['if-none-match'] = known.etag
      if (known?.lastModified) headers['if-modified-since'] = known.lastModified
      const asked = {
        budget: { ms: limits.totalMs },
        maxBytes: limits.maxBytes,
        obeyRobots: true,
        headers,
        own,
        method,
        body,
      }
      for (let attempt = 0; ; attempt++) {
        const answer = await follow(address, asked).catch((error: unknown) => {
          if (error instanceof BrokenConnection && attempt < limits.retries) return undefined
          throw error
        })
        const wait =
          answer && later.has(answer.status) ? retryAfterMs(answer.headers['retry-after'], now()) : undefined
        if (answer && wait !== undefined) {
          const host = hostOf(new URL(answer.url).host)
          host.freeAt = Math.max(host.freeAt, now() + wait)
        }
        if (
          answer &&
          (!later.has(answer.status) || attempt >= limits.retries || (wait ?? 0) > limits.maxWaitMs)
        ) {
          return settled(answer, address, validators, wait)
        }
        // Full jitter: a source that fell over is not met by all its readers at the same second.
        if (wait === undefined) await sleep(Math.round(random() * 1_000 * 2 ** attempt) + 250)
      }
    },
    async addressOf(host) {
      const found = ipaddr.isValid(host)
        ? [{ address: host }]
        : await lookup(host, { all: true }).catch(() => {
            throw new CollectError('unreachable', `no such host: ${host}`)
          })
      const [first] = found.filter(({ address }) => mayReach(address))
      if (!first) throw new CollectError('refused', `${host} is a private or special address`)
      return first.address
    },
    close: () => agent.close(),
  }
}

/** A good answer, or the failure its status stands for. */
function settled(
  answer: Fetched,
  address: string,
  validators: Validators | undefined,
  wait?: number,
): Fetched {
  const { status, headers } = answer
  if (status === 304) return answer
  if (status >= 200 && status < 300) {
    const { etag, 'last-modified': lastModified } = headers
    if (etag || lastModified)
      validators?.write(address, { ...(etag ? { etag } : {}), ...(lastModified ? { lastModified } : {}) })
    return answer
  }
  const blocked = status === 401 || status === 403 || status === 407 || status === 429 || status === 451
  throw new CollectError(
    blocked ? 'blocked' : 'unreachable',
    `HTTP ${status} from ${withoutSecrets(answer.url)}`,
    wait,
  )
}

/** A connection that broke before an answer: worth another try. */
class BrokenConnection extends CollectError {}

function named(error: unknown, url: URL): CollectError {
  if (error instanceof CollectError) return error
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof RefusedAddress) return refusedAddress(url)
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const where = withoutSecrets(url.href)
  if (/TIMEOUT/.test(code)) return new CollectError('timeout', `${where} is too slow`)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new CollectError('unreachable', `no such host: ${url.hostname}`)
  if (/^(Z_|ERR_.*(BROTLI|ZLIB|DECODER)|ERR__ERROR)/.test(code)) {
    return new CollectError('parse-error', `${where} sent a body that does not decompress`)
  }
  return new BrokenConnection('unreachable', `${where}: ${code || 'connection failed'}`)
}

const refusedAddress = (url: URL) =>
  new CollectError(
    'refused',
    `${url.hostname} is a private or special address; open it in the settings if it is yours`,
  )

function checkedUrl(text: string): URL {
  if (!URL.canParse(text)) throw new CollectError('refused', 'not an address')
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new CollectError('refused', `only http and https are read, not ${url.protocol}`)
  }
  url.hash = ''
  return url
}

/** Takes user and password out of the address and makes the header of them. */
function credentials(url: URL): string | undefined {
  if (!url.username && !url.password) return undefined
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  url.username = ''
  url.password = ''
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

const bareHost = (url: URL) => url.hostname.replace(/^\[|\]$/g, '')

/** Seconds or an HTTP date; nonsense and the past count as «now». */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
