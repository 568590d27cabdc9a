import { Hono } from 'hono'
import { getCookie } from 'hono/cookie'
import { permit } from '../access/guard.ts'
import { hashOfToken, SESSION_COOKIE } from '../access/session.ts'
import type { Env } from './context.ts'

/** News for open pages: which topic to read again, never the content. */
export const liveRoutes = new Hono<Env>().get('/', permit('own.account'), (c) => {
  const { live, now } = c.get('services')
  const sessions = c.get('sessions')
  const tokenHash = hashOfToken(getCookie(c, SESSION_COOKIE) ?? '')
  const stream = live.stream(tokenHash, c.get('user').scope, (hashes) => sessions.stillOpen(hashes, now()))
  return c.body(stream, 200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // Proxies that collect an answer before passing it on would hold the news back.
    'x-accel-buffering': 'no',
  })
})
