// Polite and safe reading of everything the product takes from outside.
//
// Safe: an address is checked three times (the host as written, every answer of the resolver, the peer the socket really
// reached), because a lookup filter alone never sees literal addresses and a name may resolve differently the second time.
// Redirects are followed by hand so that each hop passes the same gate; what was led here by a public host reaches no
// private address, not even an opened one. Bytes are counted before and after decompression.
// Polite: robots.txt, one pace per host, few connections per host, Retry-After, back-off with jitter, a circuit per host.
//
// address.ts says what may be reached, wire.ts makes one exchange, host-ledger.ts and turns.ts say when, robots.ts what a
// site allows; here they become one call.
import {
  addressGate,
  bareHost,
  checkedUrl,
  isLiteral,
  takeCredentials,
  validatorKey,
  withoutSecrets,
} from './address.ts'
import { CollectError, type Fetched, type Wants } from './collector.ts'
import { said } from './details.ts'
import { createHostLedger, type HostLedger, longestMs } from './host-ledger.ts'
import { parseRobots, type RobotsRules, robotsMaxBytes } from './robots.ts'
import { createTurns, type Verdict } from './turns.ts'
import { type Answer, BrokenConnection, createWire } from './wire.ts'
import type { ProxyAddress, ResolveName, WireLimits } from './wire-options.ts'

export interface FetchLimits extends WireLimits {
  /** Spent on the wire for one call, redirects and retries included; waiting in our own queue is not counted. */
  totalMs: number
  maxRedirects: number
  /** Between two requests to one host; robots.txt may ask for more (up to a minute). */
  paceMs: number
  /** Tries after the first one, for answers that say «later» and broken connections. */
  retries: number
  /** A longer Retry-After is left to the schedule. */
  maxWaitMs: number
  /** Waits no longer than this for the host's other readers, unless the caller says so. */
  patienceMs: number
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
  maxWaitMs: 5_000,
  patienceMs: 5 * 60_000,
}

/** What the last good answer said about itself; the caller keeps it, best in the transaction that stores the items. */
export interface Validators {
  read(key: string): { etag?: string; lastModified?: string } | undefined
  write(key: string, validators: { etag?: string; lastModified?: string }): void
}

export interface FetcherOptions {
  /** Names the product and where its owner can be reached. */
  userAgent: string
  /** Addresses or CIDR ranges that may be read although they are not public. Hosts written as such are not paced. */
  allow?: readonly string[]
  limits?: Partial<FetchLimits>
  /** Shared with other processes, or this process alone. */
  ledger?: HostLedger
  proxy?: ProxyAddress
  resolve?: ResolveName
  now?: () => number
  sleep?: (ms: number) => Promise<void>
  random?: () => number
}

export interface FetchWants extends Omit<Wants, 'conditional'> {
  /** For conditional GET. */
  validators?: Validators
  /** Instead of the limit: a caller that can come back later should. */
  patienceMs?: number
  /** A person waits for the answer: a host that failed is asked all the same, one that said «later» is not. */
  insists?: boolean
}

export interface Fetcher {
  /** One answer within all limits. @throws CollectError; HostBusy when only the host's other readers are in the way */
  fetch(url: string, wants?: FetchWants): Promise<Fetched>
  /** A literal address of this host that may be reached now, for what speaks no HTTP. @throws CollectError */
  addressOf(host: string): Promise<string>
  close(): Promise<void>
}

const robotsName = 'weiyu'
const robotsFreshMs = 60 * 60_000
const robotsFailedMs = 5 * 60_000
const robotsStaleMs = 24 * 60 * 60_000
const robotsTotalMs = 10_000
const longestDelayMs = 60_000
const redirects = new Set([301, 302, 303, 307, 308])
const later = new Set([429, 502, 503, 504])
/** What only the wire may say. */
const ownHeaders =
  /^(host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|content-length|accept-encoding|:.*)$/

interface Robots {
  until: number
  verdict: RobotsVerdict | Promise<RobotsVerdict>
}
type RobotsVerdict = { rules: RobotsRules | undefined; readAt: number } | { failure: CollectError }

interface Asked {
  method: 'GET' | 'POST'
  body: string | undefined
  headers: Readonly<Record<string, string>>
  /** For the first origin only. */
  secrets: Readonly<Record<string, string>>
  /** What is left of `totalMs`. */
  budget: { ms: number }
  maxBytes: number
  isRobots: boolean
  patienceMs: number
  insists: boolean
}

/** A redirect that leads nowhere. */
class Astray extends CollectError {}

const plainGet = {
  method: 'GET',
  body: undefined,
  headers: {},
  secrets: {},
  isRobots: false,
} as const

export function createFetcher(options: FetcherOptions): Fetcher {
  const limits = { ...usualLimits, ...options.limits }
  const now = options.now ?? Date.now
  const sleep = options.sleep ?? ((ms: number) => new Promise<void>((done) => void setTimeout(done, ms)))
  const random = options.random ?? Math.random
  const allow = options.allow ?? []
  const wire = createWire({
    allow,
    limits,
    ...(options.proxy && { proxy: options.proxy }),
    ...(options.resolve && { resolve: options.resolve }),
  })
  // Addresses of the house are known to this process alone: they are not paced, so there is nothing to share.
  const ownLedger = createHostLedger(now)
  const ledger = options.ledger ?? ownLedger
  const inTurn = createTurns({ perHost: limits.perHost, maxWaitMs: limits.maxWaitMs, now, sleep, random })
  const robotsOf = new Map<string, Robots>()
  const mayReach = addressGate(allow)
  const isPublic = addressGate([])
  const isOpened = (url: URL) => {
    const host = bareHost(url)
    return isLiteral(host) && !isPublic(host) && mayReach(host)
  }

  /** Follows redirects by hand; every hop passes the address gate, robots.txt and the host's turn again. */
  async function follow(start: string, asked: Asked): Promise<Fetched> {
    let url = checkedUrl(start)
    let { method, body } = asked
    const credentials = takeCredentials(url)
    const firstOrigin = url.origin
    let secrets: Readonly<Record<string, string>> = {
      ...(credentials && { authorization: credentials }),
      ...asked.secrets,
    }
    const hasSecrets = Object.keys(secrets).length > 0
    let isLedFromOutside = false
    const seen = new Set<string>()
    for (let hops = 0; ; hops++) {
      if (hops > limits.maxRedirects)
        throw new Astray('unreachable', `more than ${limits.maxRedirects} redirects`)
      if (seen.has(url.href)) throw new Astray('unreachable', `redirect loop at ${withoutSecrets(url.href)}`)
      seen.add(url.href)
      const isOurs = isOpened(url)
      const delayMs = asked.isRobots ? 0 : await allowedBy(url, asked)
      const answer = await inTurn(
        {
          host: url.host,
          ledger: isOurs ? ownLedger : ledger,
          paceMs: isOurs ? 0 : Math.max(limits.paceMs, delayMs),
          patienceMs: asked.patienceMs,
          insists: asked.insists,
        },
        () => exchange(url, { ...asked, method, body, secrets, isLedFromOutside }),
        (result) => verdictOn(result, url, now()),
      )
      const location = answer.headers.location
      if (!redirects.has(answer.status) || location === undefined) {
        // Said only where it explains the refusal.
        const isBare = hasSecrets && url.origin !== firstOrigin && [401, 403].includes(answer.status)
        if (isBare)
          throw new CollectError(
            'blocked',
            said('credentials-left', {
              status: answer.status,
              address: withoutSecrets(url.href),
              origin: firstOrigin,
            }),
          )
        return { ...answer, url: url.href, notModified: answer.status === 304 }
      }
      const next = redirected(location, url)
      const keepsMethod = answer.status === 307 || answer.status === 308
      if (method === 'POST' && keepsMethod && next.origin !== firstOrigin)
        throw new CollectError('refused', `a POST is not carried on to ${next.host}`)
      if (!keepsMethod) [method, body] = ['GET', undefined]
      // Once away, never again: whoever sent us back chose the path.
      if (next.origin !== firstOrigin) secrets = {}
      isLedFromOutside ||= next.hostname !== url.hostname && !wire.isInside(url)
      url = next
    }
  }

  async function exchange(url: URL, asked: Asked & { isLedFromOutside: boolean }): Promise<Answer> {
    const started = performance.now()
    const { method, body, maxBytes, isLedFromOutside } = asked
    const request = {
      url,
      method,
      headers: {
        'user-agent': options.userAgent,
        'accept-encoding': 'gzip, deflate, br',
        ...asked.headers,
        ...asked.secrets,
      },
      ...(body === undefined ? {} : { body }),
      maxBytes,
      isCut: asked.isRobots,
      isLedFromOutside,
    }
    try {
      // A kept connection that the other side had closed is no failure of the host: as often as there may be such, it is
      // made anew at once.
      for (let stale = 0; ; stale++) {
        const ms = asked.budget.ms - (performance.now() - started)
        try {
          return await wire.exchange({ ...request, ms })
        } catch (error) {
          const isStale = error instanceof BrokenConnection && error.isStale && method === 'GET'
          if (!isStale || stale >= Math.min(limits.perHost, 2)) throw error
        }
      }
    } finally {
      asked.budget.ms -= performance.now() - started
    }
  }

  /** The delay that robots.txt asks for. @throws CollectError when it forbids the address or cannot be had */
  async function allowedBy(url: URL, asked: Asked): Promise<number> {
    const known = robotsOf.get(url.origin)
    const robots = known && known.until > now() ? known.verdict : readAgain(url.origin, known, asked)
    const verdict = robots instanceof Promise ? await robots : robots
    if ('failure' in verdict) throw verdict.failure
    if (verdict.rules?.allows(url.pathname + url.search) === false)
      throw new CollectError('refused', said('robots-forbid', { address: withoutSecrets(url.href) }))
    return Math.min(verdict.rules?.delayMs ?? 0, longestDelayMs)
  }

  /** One reading for all who wait for it. Rules of yesterday are better than none while a host cannot give new ones. */
  function readAgain(origin: string, known: Robots | undefined, asked: Asked): Promise<RobotsVerdict> {
    if (robotsOf.size >= 5_000) for (const [key, old] of robotsOf) if (old.until < now()) robotsOf.delete(key)
    const before = known?.verdict instanceof Promise ? undefined : known?.verdict
    const entry: Robots = { until: Number.POSITIVE_INFINITY, verdict: { rules: undefined, readAt: 0 } }
    const reading = readRobots(origin, asked).then(
      (verdict) => {
        const isFailure = 'failure' in verdict
        const keeps = isFailure && before && 'rules' in before && before.readAt > now() - robotsStaleMs
        entry.verdict = keeps ? before : verdict
        // A connection that broke is tried again with the page; the circuit sees that it does not go on for ever.
        const isBroken = isFailure && verdict.failure instanceof BrokenConnection
        entry.until = now() + (isBroken ? 0 : isFailure ? robotsFailedMs : robotsFreshMs)
        return entry.verdict
      },
      (error: unknown) => {
        if (known) robotsOf.set(origin, known)
        else robotsOf.delete(origin)
        throw error
      },
    )
    entry.verdict = reading
    robotsOf.set(origin, entry)
    return reading
  }

  /**
   * RFC 9309: no file, or a redirect that leads nowhere, means no rules; a file that cannot be had means that nothing is
   * allowed for now. A page of HTML (a captcha, «not found» with 200) is no file.
   */
  async function readRobots(origin: string, { patienceMs, insists }: Asked): Promise<RobotsVerdict> {
    const noRules = { rules: undefined, readAt: now() }
    try {
      const { status, bytes } = await follow(`${origin}/robots.txt`, {
        ...plainGet,
        budget: { ms: Math.min(limits.totalMs, robotsTotalMs) },
        maxBytes: robotsMaxBytes,
        isRobots: true,
        patienceMs,
        insists,
      })
      if (status >= 500 || status === 429)
        return { failure: new CollectError('unreachable', said('robots-status', { status })) }
      if (status >= 300) return noRules
      const text = new TextDecoder().decode(bytes)
      return /^\s*</.test(text) ? noRules : { rules: parseRobots(text, robotsName), readAt: now() }
    } catch (error) {
      // Nobody was asked: the next one asks.
      if (!(error instanceof CollectError) || error.retryAfterMs !== undefined) throw error
      const isNoFile =
        error instanceof Astray || error.outcome === 'too-large' || error.outcome === 'parse-error'
      return isNoFile ? noRules : { failure: error }
    }
  }

  return {
    async fetch(address, wants = {}) {
      const { accept = '*/*', validators, method = 'GET' } = wants
      const isConditional = validators !== undefined && method === 'GET'
      const key = isConditional ? validatorKey(address) : ''
      const known = isConditional ? validators.read(key) : undefined
      const asked: Asked = {
        maxBytes: limits.maxBytes,
        isRobots: false,
        method,
        body: method === 'POST' ? (wants.body ?? '') : undefined,
        headers: {
          accept,
          ...(known?.etag && { 'if-none-match': known.etag }),
          ...(known?.lastModified && { 'if-modified-since': known.lastModified }),
        },
        secrets: checkedHeaders(wants.headers),
        budget: { ms: limits.totalMs },
        patienceMs: wants.patienceMs ?? limits.patienceMs,
        insists: wants.insists ?? false,
      }
      for (let attempt = 0; ; attempt++) {
        // The circuit lets a person through once.
        if (attempt > 0) asked.insists = false
        const isLast = attempt >= limits.retries
        const answer = await follow(address, asked).catch((error: unknown) => {
          const mayRepeat = error instanceof BrokenConnection && (method === 'GET' || error.isUnsent)
          if (mayRepeat && !isLast) return undefined
          throw error
        })
        if (answer) {
          const wait = later.has(answer.status)
            ? retryAfterMs(answer.headers['retry-after'], now())
            : undefined
          const isFinal = !later.has(answer.status) || isLast || method !== 'GET'
          if (isFinal || (wait ?? 0) > limits.maxWaitMs) {
            if (answer.notModified && !known)
              throw new CollectError(
                'unreachable',
                `HTTP 304 from ${withoutSecrets(answer.url)}, which was asked for all`,
              )
            if (isConditional) keepValidators(answer, key, validators)
            return settled(answer, wait)
          }
          // The ledger holds the host's next request back as long as it was told.
          if (wait !== undefined && wait > 0) continue
        }
        // Full jitter: a source that fell over is not met by all its readers at the same second.
        await sleep(Math.round(random() * 1_000 * 2 ** attempt) + 250)
      }
    },
    addressOf: wire.addressOf,
    close: wire.close,
  }
}

function verdictOn(
  result: { done: Answer } | { error: unknown },
  url: URL,
  now: number,
): Verdict | undefined {
  if ('error' in result) {
    const { error } = result
    if (!(error instanceof CollectError) || error.outcome === 'refused') return undefined
    const isDown = error.outcome === 'timeout' || error.outcome === 'unreachable'
    return isDown ? { outcome: error.outcome, reason: error.message } : 'well'
  }
  const { status, headers } = result.done
  if (!later.has(status)) return 'well'
  return {
    outcome: status === 429 ? 'blocked' : 'unreachable',
    reason: said('http-status', { status, address: withoutSecrets(url.href) }),
    retryAfterMs: retryAfterMs(headers['retry-after'], now),
  }
}

/** A good answer, or the failure its status stands for. */
function settled(answer: Fetched, wait: number | undefined): Fetched {
  const { status } = answer
  if (status === 304 || (status >= 200 && status < 300)) return answer
  const isBlocked = [401, 403, 407, 429, 451].includes(status)
  throw new CollectError(
    isBlocked ? 'blocked' : 'unreachable',
    said('http-status', { status, address: withoutSecrets(answer.url) }),
    wait,
  )
}

function keepValidators({ status, headers }: Fetched, key: string, validators: Validators): void {
  if (status < 200 || status >= 300) return
  const { etag, 'last-modified': lastModified } = headers
  if (etag || lastModified)
    validators.write(key, { ...(etag ? { etag } : {}), ...(lastModified ? { lastModified } : {}) })
}

function redirected(location: string, from: URL): URL {
  if (!URL.canParse(location, from.href))
    throw new Astray(
      'unreachable',
      `redirect from ${withoutSecrets(from.href)} to something that is no address`,
    )
  const next = checkedUrl(new URL(location, from).href)
  // Whoever redirects gives no credentials.
  takeCredentials(next)
  return next
}

/** Names in lower case. The message names the header, never its value. */
function checkedHeaders(given: Readonly<Record<string, string>> = {}): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(given)) {
    const small = name.toLowerCase()
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(small) || ownHeaders.test(small))
      throw new CollectError('refused', `the header ${small.slice(0, 40)} cannot be set`)
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
      throw new CollectError('refused', `the header ${small} has characters that a header cannot carry`)
    headers[small] = value
  }
  return headers
}

/** Seconds or an HTTP date, in ms from now; nonsense counts as absent, the past as now, years as a day. */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  const isSeconds = /^\s*\d+\s*$/.test(value)
  // Date.parse takes «-5» for a month.
  const isDate = /^\s*[a-z]{3,9},?\s/i.test(value)
  const ms = isSeconds ? Number(value) * 1000 : isDate ? Date.parse(value) - now : Number.NaN
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), longestMs)
}
