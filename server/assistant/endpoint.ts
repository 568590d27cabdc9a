// One POST to an OpenAI-compatible endpoint, through the same address gates as everything the product reads from outside.
//
// Not the collectors' fetch: that one is a polite reader (GET, robots.txt, pace, redirects). A key must never travel on, so
// here a redirect is a failure; private addresses are opened apart from the collectors' (WEIYU_ASSISTANT_ALLOW); and plain
// http goes to opened private addresses only, so that no key crosses the internet in the clear.
import { Agent } from 'undici'
import { z } from 'zod'
import { addressGate } from '../../collectors/address.ts'
import { decompressed, joined } from '../../collectors/body.ts'
import { CollectError } from '../../collectors/collector.ts'
import { guardedConnector, RefusedAddress } from '../../collectors/connect.ts'
import type { Outcome } from './outcome.ts'

export interface Question {
  baseUrl: string
  model: string
  key: string | undefined
  system: string
  user: string
  answerTokens: number
  /** For everything: connecting, waiting, retries and their pauses. */
  timeLimitMs: number
}

export type Answered =
  | { outcome: 'ok'; content: string; tokensIn: number | null; tokensOut: number | null; attempts: number }
  | {
      outcome: Exclude<Outcome, 'ok' | 'nothing' | 'uncited' | 'switched-off' | 'interrupted'>
      detail: string
      attempts: number
    }

export interface Endpoint {
  /** Never throws for what the other side does. `abort` cancels. No answer, detail or error holds the key. */
  ask(question: Question, abort?: AbortSignal): Promise<Answered>
  close(): Promise<void>
}

const MAX_BYTES = 256 * 1024
const RETRIES = 2
const later = new Set([429, 500, 502, 503, 504, 529])

const Completion = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string().max(100_000) }) })).min(1),
  usage: z
    .object({
      prompt_tokens: z.int().min(0).max(10_000_000),
      completion_tokens: z.int().min(0).max(10_000_000),
    })
    .optional()
    .catch(undefined),
})
const Problem = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) })

type Failed = Exclude<Answered, { outcome: 'ok' }>['outcome']

class Refused extends Error {
  readonly outcome: Failed
  readonly waitMs: number | undefined
  constructor(outcome: Failed, detail: string, waitMs?: number) {
    super(detail)
    this.outcome = outcome
    this.waitMs = waitMs
  }
}

export function openEndpoint(options: {
  version: string
  allow: readonly string[]
  sleep?: (ms: number, abort: AbortSignal) => Promise<void>
  random?: () => number
}): Endpoint {
  const mayReach = addressGate(options.allow)
  const isPublic = addressGate([])
  const sleep = options.sleep ?? pause
  const random = options.random ?? Math.random
  const agentFor = (gate: (address: string) => boolean) =>
    new Agent({
      connect: guardedConnector({ gate, timeoutMs: 10_000 }),
      connections: 8,
      keepAliveTimeout: 4_000,
      maxResponseSize: MAX_BYTES,
    })
  const agents = {
    'https:': agentFor(mayReach),
    'http:': agentFor((address) => mayReach(address) && !isPublic(address)),
  }

  async function once(question: Question, abort: AbortSignal, jsonMode: boolean) {
    const url = new URL(`${question.baseUrl}/chat/completions`)
    const literal = url.hostname.replace(/^\[|\]$/g, '')
    const isOpen =
      url.protocol === 'https:' ? mayReach : (address: string) => mayReach(address) && !isPublic(address)
    if (/^[\d.]+$|:/.test(literal) && !isOpen(literal)) throw refusedAddress(url)
    const agent = url.protocol === 'https:' ? agents['https:'] : agents['http:']
    const answer = await agent.request({
      origin: url.origin,
      path: url.pathname,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'user-agent': `weiyu/${options.version}`,
        ...(question.key && { authorization: `Bearer ${question.key}` }),
      },
      body: JSON.stringify({
        model: question.model,
        messages: [
          { role: 'system', content: question.system },
          { role: 'user', content: question.user },
        ],
        temperature: 0,
        max_tokens: question.answerTokens,
        stream: false,
        ...(jsonMode && { response_format: { type: 'json_object' } }),
      }),
      signal: abort,
      headersTimeout: question.timeLimitMs,
      bodyTimeout: question.timeLimitMs,
    })
    const { statusCode: status } = answer
    if (status >= 300 && status < 400) {
      await answer.body.dump({ limit: 16 * 1024 })
      throw new Refused('redirected', `HTTP ${status}: the address leads elsewhere; give the one it leads to`)
    }
    const headers = joined(answer.headers)
    // Bounded by `maxResponseSize` on the wire.
    const sent = await answer.body.bytes()
    const text = new TextDecoder().decode(
      await decompressed([sent], headers['content-encoding'], { maxBytes: MAX_BYTES, maxRatio: 100 }),
    )
    if (status >= 200 && status < 300) return completionOf(text)
    throw refusalOf(status, text, headers['retry-after'])
  }

  return {
    async ask(question, abort) {
      const limit = AbortSignal.timeout(question.timeLimitMs)
      const both = abort ? AbortSignal.any([abort, limit]) : limit
      const until = performance.now() + question.timeLimitMs
      let jsonMode = true
      for (let attempt = 1; ; attempt += 1) {
        try {
          return { outcome: 'ok', ...(await once(question, both, jsonMode)), attempts: attempt }
        } catch (error) {
          const refused = abort?.aborted
            ? new Refused('cancelled', 'cancelled')
            : limit.aborted
              ? new Refused('timeout', `no answer within ${question.timeLimitMs / 1000} s`)
              : named(error, question.baseUrl)
          const detail = withoutKey(refused.message, question.key)
          const { outcome } = refused
          // Some servers know no JSON mode and say 400; the shape is checked anyway.
          if (outcome === 'rejected' && jsonMode && attempt === 1) {
            jsonMode = false
            continue
          }
          const mayTryAgain =
            outcome === 'too-busy' || outcome === 'server-error' || outcome === 'unreachable'
          const waitMs = refused.waitMs ?? Math.round((0.5 + random()) * 500 * 2 ** attempt)
          if (!mayTryAgain || attempt > RETRIES || performance.now() + waitMs >= until)
            return { outcome, detail, attempts: attempt }
          // Cut short by cancel or limit: the next round sees which.
          await sleep(waitMs, both).catch(() => undefined)
        }
      }
    },
    close: async () => {
      await Promise.all([agents['https:'].destroy(), agents['http:'].destroy()])
    },
  }
}

function completionOf(text: string) {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    const what = /^\s*</.test(text) ? 'a web page' : 'something that is not JSON'
    throw new Refused('not-json', `the endpoint answered with ${what}; is the address right?`)
  }
  const read = Completion.safeParse(parsed)
  const first = read.data?.choices[0]
  if (!read.success || !first) {
    throw new Refused('wrong-shape', 'the endpoint answered JSON that is no chat completion')
  }
  const { usage } = read.data
  return {
    content: first.message.content,
    tokensIn: usage?.prompt_tokens ?? null,
    tokensOut: usage?.completion_tokens ?? null,
  }
}

function refusalOf(status: number, text: string, retryAfter: string | undefined): Refused {
  const said = problemIn(text)
  const detail = `HTTP ${status}${said ? `: ${said}` : ''}`
  if (status === 401 || status === 403 || status === 407) return new Refused('unauthorised', detail)
  if (status === 404) return new Refused('not-found', detail)
  if (later.has(status)) {
    const seconds = Number(retryAfter)
    const waitMs = retryAfter && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined
    return new Refused(status === 429 ? 'too-busy' : 'server-error', detail, waitMs)
  }
  return new Refused(status >= 500 ? 'server-error' : 'rejected', detail)
}

/** The server's own sentence, short and without line breaks: it says which model or key is wrong. */
function problemIn(text: string): string {
  try {
    const { error } = Problem.parse(JSON.parse(text))
    return (typeof error === 'string' ? error : error.message).replace(/\s+/g, ' ').slice(0, 200)
  } catch {
    return ''
  }
}

/** Servers repeat the key they were given, or its ends. */
function withoutKey(detail: string, key: string | undefined): string {
  if (!key) return detail
  const whole = detail.replaceAll(key, '…')
  return key.length < 8 ? whole : whole.replaceAll(/[\w-]*\*{3,}[\w-]*/g, '…')
}

const refusedAddress = (url: URL) =>
  new Refused(
    'refused-address',
    url.protocol === 'http:'
      ? `${url.hostname}: plain http is for private addresses that WEIYU_ASSISTANT_ALLOW names; use https, or name it there`
      : `${url.hostname} is a private or special address; name it in WEIYU_ASSISTANT_ALLOW if it is yours`,
  )

function named(error: unknown, baseUrl: string): Refused {
  if (error instanceof Refused) return error
  if (error instanceof CollectError) {
    return error.outcome === 'too-large'
      ? new Refused('too-large', `the answer has more than ${MAX_BYTES / 1024} KB`)
      : new Refused('wrong-shape', error.message)
  }
  const url = new URL(baseUrl)
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof RefusedAddress) return refusedAddress(url)
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')
    return new Refused('too-large', `the answer has more than ${MAX_BYTES / 1024} KB`)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new Refused('unreachable', `no such host: ${url.hostname}`)
  return new Refused('unreachable', `${url.host}: ${code || 'the connection failed'}`)
}

function pause(ms: number, abort: AbortSignal): Promise<void> {
  return new Promise((done, failed) => {
    if (abort.aborted) return failed(abort.reason)
    const stop = () => {
      clearTimeout(timer)
      failed(abort.reason)
    }
    const timer = setTimeout(() => {
      abort.removeEventListener('abort', stop)
      done()
    }, ms)
    abort.addEventListener('abort', stop, { once: true })
  })
}
