/**
 * The one way to the server. Answers come typed; everything that is not a success is thrown as `ApiError`, which says
 * what failed and, when the server knows it, the cure. Signed out in the meantime: the sign-in page, and back again.
 */
import { signal } from '@preact/signals'
import { type ClientResponse, hc } from 'hono/client'
import type { App } from '../server/http/app.ts'
import { words } from './labels.ts'
import { refusalWord } from './refusals.ts'

const t = words(
  {
    unreachableCure: '请检查网络；服务恢复后页面会自动更新。',
    conflict: '内容已被他人更改，请更新后再试',
    refused: '操作没有完成',
    serverCure: '请稍后重试；如仍出现，请把时间和操作告诉管理员。',
    request: (id: string) => `请求编号 ${id}`,
  },
  {
    unreachableCure: 'Check the network; the page updates itself when the server is back.',
    conflict: 'Someone else changed this; refresh and try again',
    refused: 'This was not done',
    serverCure: 'Try again a little later; if it stays, tell the administrator when and what you did.',
    request: (id) => `Request ${id}`,
  },
)

/** Why a call failed. `status` 0: no answer at all. */
export class ApiError extends Error {
  readonly status: number
  /** Code or sentence of the server, as sent. */
  readonly code: string
  readonly cure: string | undefined
  /** The input that is wrong, when it is one. */
  readonly field: string | undefined
  /** The whole answer, for outcomes that carry more (until when an account is locked). */
  readonly body: Readonly<Record<string, unknown>>

  constructor(status: number, body: Readonly<Record<string, unknown>>) {
    const text = (name: string) => {
      const value = body[name]
      return typeof value === 'string' && value !== '' ? value : undefined
    }
    const code = text('error') ?? ''
    super(refusalWord(code) ?? wordOfStatus(status))
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.cure = text('cure') ?? cureOf(status, text('requestId'))
    this.field = text('field')
    this.body = body
  }
}

function wordOfStatus(status: number): string {
  if (status === 409) return t.conflict
  const code = {
    401: 'sign-in-needed',
    403: 'not-permitted',
    404: 'not-found',
    413: 'too-large',
    422: 'invalid',
    429: 'too-many-attempts',
  }[status]
  return refusalWord(code ?? (status >= 500 ? 'internal' : '')) ?? t.refused
}

function cureOf(status: number, requestId: string | undefined): string | undefined {
  if (status === 0) return t.unreachableCure
  if (status < 500) return undefined
  return requestId === undefined ? t.serverCure : `${t.serverCure} ${t.request(requestId)}`
}

/** True while the last call got no answer: the shell shows it, loaders try again when it turns. */
export const offline = signal(false)

/** The session asks to be told when the server no longer knows us. */
let whenSignedOut = () => {}
export function onSignedOut(listener: () => void): void {
  whenSignedOut = listener
}

/** `fetch` with our header against forged requests, and with failures thrown. */
async function checkedFetch(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  headers.set('x-weiyu', '1')
  let response: Response
  try {
    response = await fetch(input, { ...init, headers, credentials: 'same-origin' })
    offline.value = false
  } catch (failure) {
    if (init.signal?.aborted) throw failure
    offline.value = true
    throw new ApiError(0, { error: 'unreachable' })
  }
  if (response.ok) return response
  const body: unknown = await response.json().catch(() => ({}))
  const isObject = typeof body === 'object' && body !== null
  const failure = new ApiError(response.status, isObject ? { ...body } : {})
  // A wrong password at sign-in answers 401 too; only this one ends the session.
  if (failure.code === 'sign-in-needed') whenSignedOut()
  throw failure
}

/** The server's addresses with their types: `answer(api.warnings.$get({ query }))`. */
export const api = hc<App>('/', { fetch: checkedFetch }).api

type Answer<R> = R extends { json(): Promise<infer T> } ? T : never

/** The body of a good answer; everything else was thrown before it got here. */
export async function answer<R extends ClientResponse<unknown>>(call: Promise<R>): Promise<Answer<R>> {
  const response = await call
  return (response.status === 204 ? undefined : await response.json()) as Answer<R>
}

/** The second argument of a call that may be given up: `api.risks.$get({}, until(abort))`. */
export const until = (abort: AbortSignal) => ({ init: { signal: abort } })

/** Any thrown thing as something to show. */
export function asFailure(thrown: unknown): { message: string; cure?: string | undefined } {
  if (thrown instanceof ApiError) return { message: thrown.message, cure: thrown.cure }
  return { message: thrown instanceof Error ? thrown.message : String(thrown) }
}
