// Who pushes proves it: HMAC-SHA-256 over «seconds.body» with the source's secret, in hex. The time is signed, so that what
// somebody recorded is worth nothing five minutes later; within them the signature itself is remembered.
import { createHmac, timingSafeEqual } from 'node:crypto'

export const signed = {
  /** Seconds since 1970. */
  at: 'x-weiyu-timestamp',
  signature: 'x-weiyu-signature',
  /** The sender's own id of the delivery: one that is sent again, signed anew, is taken in once. */
  id: 'x-weiyu-delivery',
} as const

const windowMs = 5 * 60_000

export type Verdict = { ok: true; signature: string } | { ok: false; code: 'not-signed' | 'stale-timestamp' }

export function checkSignature({
  secrets,
  headers,
  bytes,
  now,
}: {
  secrets: readonly string[]
  headers: Readonly<Record<string, string>>
  bytes: Uint8Array
  now: Date
}): Verdict {
  const at = headers[signed.at] ?? ''
  const given = (headers[signed.signature] ?? '').replace(/^sha256=/, '').toLowerCase()
  const fits = secrets.some((secret) => isSame(given, signatureOf(secret, at, bytes)))
  if (!fits || !/^\d{1,12}$/.test(at)) return { ok: false, code: 'not-signed' }
  // Told only to who knows the secret: a clock that is wrong is the usual mistake.
  if (Math.abs(now.getTime() - Number(at) * 1_000) > windowMs) return { ok: false, code: 'stale-timestamp' }
  return { ok: true, signature: given }
}

export const signatureOf = (secret: string, at: string, bytes: Uint8Array) =>
  createHmac('sha256', secret).update(`${at}.`).update(bytes).digest('hex')

/** In the same time for every wrong one. */
function isSame(given: string, right: string): boolean {
  const written = Buffer.from(given)
  const wanted = Buffer.from(right)
  return written.length === wanted.length && timingSafeEqual(written, wanted)
}
