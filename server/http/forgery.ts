import type { MiddlewareHandler } from 'hono'
import { Refusal } from '../lib/refusal.ts'
import { askedHost } from './client.ts'
import type { Env } from './context.ts'

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses an unsafe request that another site may have made a browser send. A browser says itself where a request comes
 * from; a client that says nothing must send `x-weiyu: 1`, which no foreign page can without our consent.
 */
export function refuseForgery(): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (
      !safe.has(c.req.method) &&
      !isHook(c.req.path) &&
      !isOwnRequest(c.req.header.bind(c.req), askedHost(c))
    ) {
      throw new Refusal(403, 'foreign-origin')
    }
    await next()
  }
}

/** Pushes are signed and use no cookie: a foreign page gains nothing by making a browser send one. */
export const isHook = (path: string) => path.startsWith('/api/hooks/')

function isOwnRequest(header: (name: string) => string | undefined, host: string | undefined): boolean {
  const site = header('sec-fetch-site')
  if (site !== undefined) return site === 'same-origin'
  const origin = header('origin')
  if (origin !== undefined) return URL.canParse(origin) && new URL(origin).host === host
  return header('x-weiyu') === '1'
}
