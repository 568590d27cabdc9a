/**
 * The one way to the server. Answers come typed; everything that is not a success is thrown as `ApiError`, which says
 * what failed and, when the server knows it, the cure. Signed out in the meantime: the sign-in page, and back again.
 */
import { signal } from '@preact/signals'
import { common, words } from './labels.ts'

const t = words(
  {
    unreachable: '连不上服务器',
    unreachableCure: '请检查网络；服务恢复后页面会自动更新。',
    signedOut: '登录已失效，请重新登录',
    notAllowed: '没有权限进行此操作',
    notFound: '没有找到，或不在您的管辖范围内',
    conflict: '内容已被他人更改，请更新后再试',
    tooMany: '操作过于频繁，请稍后再试',
    invalid: '填写的内容有误',
    server: '服务器出错了',
    serverCure: '请稍后重试；如仍出现，请把时间和操作告诉管理员。',
  },
  {
    unreachable: 'The server cannot be reached',
    unreachableCure: 'Check the network; the page updates itself when the server is back.',
    signedOut: 'Your session has ended; please sign in again',
    notAllowed: 'You are not allowed to do this',
    notFound: 'Not found, or outside your area',
    conflict: 'Someone else changed this; refresh and try again',
    tooMany: 'Too many attempts; try again a little later',
    invalid: 'Something in the form is not right',
    server: 'The server failed',
    serverCure: 'Try again a little later; if it stays, tell the administrator when and what you did.',
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
    super(sentence(status, text('message') ?? code))
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.cure = text('cure') ?? (status === 0 ? t.unreachableCure : status >= 500 ? t.serverCure : undefined)
    this.field = text('field')
    this.body = body
  }
}

/** A code like `not-allowed` is for programs; a sentence is shown as it came. */
function sentence(status: number, said: string): string {
  if (said !== '' && !/^[a-z0-9-]+$/.test(said)) return said
  if (status === 0) return t.unreachable
  if (status === 401) return t.signedOut
  if (status === 403) return t.notAllowed
  if (status === 404) return t.notFound
  if (status === 409) return t.conflict
  if (status === 429) return t.tooMany
  if (status >= 400 && status < 500) return t.invalid
  return t.server
}

/** True while the last call got no answer: the shell shows it, loaders try again when it turns. */
export const offline = signal(false)

/** The session asks to be told when the server no longer knows us. */
let whenSignedOut = () => {}
export function onSignedOut(listener: () => void): void {
  whenSignedOut = listener
}

/** `fetch` with our header against forged requests, and with failures thrown. */
export async function checkedFetch(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
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
  // A wrong password answers 401 too; only «you are not signed in» ends the session.
  if (response.status === 401 && failure.code !== 'wrong-login') whenSignedOut()
  throw failure
}

/** One call with JSON both ways. Prefer `api` and `answer`, whose types come from the server. */
export async function call<T>(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
  abort?: AbortSignal,
): Promise<T> {
  const response = await checkedFetch(path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    ...(abort === undefined ? {} : { signal: abort }),
  })
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T)
}

/** Any thrown thing as something to show. */
export function asFailure(thrown: unknown): { message: string; cure?: string | undefined } {
  if (thrown instanceof ApiError) return { message: thrown.message, cure: thrown.cure }
  return { message: thrown instanceof Error ? thrown.message : String(thrown), cure: common.retry }
}
