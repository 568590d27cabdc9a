// The wire behind every request to the outside: where a socket may end, what may come out of it, and how long it may take.
import { Agent, type Dispatcher } from 'undici'
import {
  type AddressGate,
  addressGate,
  bareHost,
  isLiteral,
  refusedAddress,
  withoutSecrets,
} from './address.ts'
import { decompressed, joined, tooLarge } from './body.ts'
import { CollectError } from './collector.ts'
import { guardedConnector, RefusedAddress, resolveName } from './connect.ts'
import { said } from './details.ts'
import { openProxy } from './proxy.ts'
import type { ProxyAddress, ResolveName, WireLimits } from './wire-options.ts'

export interface WireOptions {
  allow: readonly string[]
  limits: WireLimits
  proxy?: ProxyAddress
  resolve?: ResolveName
}

export interface Exchange {
  url: URL
  method: 'GET' | 'POST'
  headers: Readonly<Record<string, string>>
  body?: string
  /** On the wire for this exchange. */
  ms: number
  maxBytes: number
  /** The beginning will do: what is longer is cut instead of thrown. */
  isCut?: boolean
  /** Led here by a public host: then no private address is reached, opened or not. */
  isLedFromOutside: boolean
}

export interface Answer {
  status: number
  headers: Readonly<Record<string, string>>
  /** Only of answers that succeeded. */
  bytes: Uint8Array
}

export interface Wire {
  exchange(exchange: Exchange): Promise<Answer>
  /** A literal that may be reached: what a name stands for now. */
  addressOf(host: string): Promise<string>
  /** Whether the last connection to this host ended at an address that is not public. */
  isInside(url: URL): boolean
  close(): Promise<void>
}

/** A connection that failed or broke before its answer was complete. */
export class BrokenConnection extends CollectError {
  /** Nothing was sent: even what must not be done twice may be tried again. */
  readonly isUnsent: boolean
  /** It broke where a kept connection breaks that the other side had closed already. */
  readonly isStale: boolean
  constructor(detail: string, isUnsent: boolean, isStale: boolean) {
    super('unreachable', detail)
    this.isUnsent = isUnsent
    this.isStale = isStale
  }
}

/** Some sites send many cookies and policies; twice the largest seen. */
const maxHeaderSize = 64 * 1024
/** Of a body that nobody reads: enough to keep the connection. */
const ignoredBytes = 64 * 1024
const ignoredMs = 1_000

export function createWire({ allow, limits, proxy, resolve = resolveName }: WireOptions): Wire {
  const mayReach = addressGate(allow)
  const isPublic = addressGate([])
  const inside = new Set<string>()
  const reached = (host: string, address: string) => {
    if (isPublic(address)) inside.delete(host)
    else inside.add(host)
  }
  const agentBehind = (gate: AddressGate) =>
    new Agent({
      connect: guardedConnector({ gate, resolve, reached, timeoutMs: limits.idleMs }),
      headersTimeout: limits.idleMs,
      bodyTimeout: limits.idleMs,
      connections: limits.perHost,
      keepAliveTimeout: 4_000,
      maxHeaderSize,
    })
  const agent = agentBehind(mayReach)
  const outsideAgent = agentBehind(isPublic)
  const proxied = proxy && openProxy(proxy, { ...limits, maxHeaderSize })

  /** Behind a proxy only the name can be checked, not where the connection ends. Direct for addresses of the house. */
  async function dispatcherFor({ url, isLedFromOutside }: Exchange): Promise<Dispatcher> {
    const host = bareHost(url)
    const gate = isLedFromOutside ? isPublic : mayReach
    if (isLiteral(host) && !gate(host)) throw refusedAddress(url.hostname)
    const direct = isLedFromOutside ? outsideAgent : agent
    if (!proxied || proxied.isDirect(host)) return direct
    if (isLiteral(host)) return isPublic(host) ? proxied.dispatcher : direct
    // A name that only the proxy can resolve is the proxy's to judge.
    const found = await resolve(host).catch(() => [])
    if (!found.every(({ address }) => gate(address))) throw refusedAddress(url.hostname)
    return found.some(({ address }) => !isPublic(address)) ? direct : proxied.dispatcher
  }

  return {
    exchange: async (exchange) => send(await dispatcherFor(exchange), exchange, limits),
    async addressOf(host) {
      const url = `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}`
      if (host === '' || /[\s/?#@\\]/.test(host) || !URL.canParse(url))
        throw new CollectError('refused', 'not the name of a host')
      const name = bareHost(new URL(url))
      if (isLiteral(name)) {
        if (!mayReach(name)) throw refusedAddress(name)
        return name
      }
      const found = await within(resolve(name), limits.idleMs, name)
      const address = found.find((entry) => mayReach(entry.address))?.address
      if (address === undefined) throw refusedAddress(name)
      return address
    },
    isInside: (url) => inside.has(url.hostname),
    async close() {
      await Promise.all([agent.close(), outsideAgent.close(), proxied?.dispatcher.close()])
    },
  }
}

async function within(found: ReturnType<ResolveName>, ms: number, name: string): ReturnType<ResolveName> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new CollectError('timeout', said('slow-lookup', { host: name }))), ms)
  })
  try {
    return await Promise.race([found, late])
  } catch (error) {
    if (error instanceof CollectError) throw error
    throw new CollectError('unreachable', said('no-such-host', { host: name }))
  } finally {
    clearTimeout(timer)
  }
}

/** One request and its whole answer, through undici's handlers: a stream and a signal per request cost twice as much. */
function send(dispatcher: Dispatcher, exchange: Exchange, limits: WireLimits): Promise<Answer> {
  const { url, method, headers, body, ms, maxBytes, isCut = false } = exchange
  return new Promise((done, reject) => {
    let controller: Dispatcher.DispatchController | undefined
    let isOver = false
    let answer: Answer | undefined
    let isWanted = false
    const parts: Uint8Array[] = []
    let size = 0
    const tooSlow = () =>
      fail(new CollectError('timeout', said('too-long', { address: withoutSecrets(url.href) })))
    let timer = setTimeout(tooSlow, Math.max(0, ms))

    function end(): boolean {
      if (isOver) return false
      isOver = true
      clearTimeout(timer)
      return true
    }
    function fail(error: CollectError): void {
      if (!end()) return
      controller?.abort(error)
      reject(error)
    }
    function succeed(): void {
      if (!answer || !end()) return
      const { status, headers } = answer
      if (!isWanted || parts.length === 0) done(answer)
      else {
        decompressed(parts, headers['content-encoding'], { maxBytes, maxRatio: limits.maxRatio }).then(
          (bytes) => done({ status, headers, bytes }),
          (error: unknown) => reject(named(error, url, true, true)),
        )
      }
    }
    /** The rest is not wanted: nobody waits for it. */
    function enough(): void {
      succeed()
      controller?.abort(new Error('not wanted'))
    }

    dispatcher.dispatch(
      {
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      },
      {
        onRequestStart(started) {
          controller = started
          if (isOver) started.abort(new Error('too late'))
        },
        onResponseStart(_, status, given) {
          if (isOver || status < 200) return
          answer = { status, headers: joined(given), bytes: new Uint8Array() }
          isWanted = status < 300
          if (isWanted && !isCut && Number(answer.headers['content-length']) > maxBytes)
            return fail(tooLarge(maxBytes))
          if (!isWanted) {
            clearTimeout(timer)
            timer = setTimeout(enough, Math.min(ms, ignoredMs))
          }
        },
        onResponseData(_, part) {
          if (isOver) return
          size += part.length
          if (isWanted) parts.push(part)
          if (!isWanted && size > ignoredBytes) return enough()
          if (isWanted && size > maxBytes) return isCut ? enough() : fail(tooLarge(maxBytes))
        },
        onResponseEnd: succeed,
        onResponseError: (_, error) =>
          fail(named(error, url, controller !== undefined, answer !== undefined)),
      },
    )
  })
}

/** The outcome that an error of socket, TLS, HTTP or zlib stands for; nothing of the request is in its words but the host and path. */
function named(error: unknown, url: URL, isSent: boolean, isAnswered: boolean): CollectError {
  if (error instanceof CollectError) return error
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof RefusedAddress) return refusedAddress(url.hostname)
  }
  const code = error instanceof Error && 'code' in error && error.code ? String(error.code) : ''
  const where = withoutSecrets(url.href)
  if (/TIMEOUT|ETIMEDOUT/.test(code)) return new CollectError('timeout', said('too-slow', { address: where }))
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new CollectError('unreachable', said('no-such-host', { host: url.hostname }))
  if (code === 'UND_ERR_HEADERS_OVERFLOW')
    return new CollectError('too-large', `${where} sent more than ${maxHeaderSize} bytes of headers`)
  if (error instanceof Error && error.name === 'HTTPParserError')
    return new CollectError('unreachable', said('no-http', { address: where }))
  if (/CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY|DECRYPT)|ERR_TLS_CERT/.test(code))
    return new CollectError('unreachable', said('certificate-untrusted', { host: url.host, code }))
  if (/^(Z_|ERR_.*(BROTLI|ZLIB|DECODER)|ERR__ERROR)/.test(code))
    return new CollectError('parse-error', `${where} sent a body that does not decompress`)
  const refusal =
    error instanceof Error ? /Proxy (?:response|Authentication Required) \((\d+)\)/.exec(error.message) : null
  if (refusal)
    return new CollectError(
      'unreachable',
      said('proxy-refused', { host: url.host, status: refusal[1] ?? '' }),
    )
  const isStale = isSent && !isAnswered && /^(UND_ERR_SOCKET|ECONNRESET|EPIPE)$/.test(code)
  return new BrokenConnection(
    code ? said('connection-code', { address: where, code }) : said('connection-failed', { address: where }),
    !isSent,
    isStale,
  )
}
