import type { Ctx } from './context.ts'

/** Address of whoever asks; behind a trusted proxy the one that the proxy saw (it appends, so the last is its own word). */
export function clientAddress(c: Ctx): string | null {
  const forwarded = c.get('services').trustProxy
    ? c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim()
    : ''
  return forwarded || (c.env?.incoming?.socket.remoteAddress ?? null)
}

export function isHttps(c: Ctx): boolean {
  if (c.get('services').trustProxy && c.req.header('x-forwarded-proto') === 'https') return true
  return new URL(c.req.url).protocol === 'https:'
}

/** Host the browser believes to talk to. */
export function askedHost(c: Ctx): string | undefined {
  const forwarded = c.get('services').trustProxy ? c.req.header('x-forwarded-host') : undefined
  return forwarded ?? c.req.header('host') ?? new URL(c.req.url).host
}
