// Pushes of other systems. The address is public: no session, no cookie, only the signature counts; whoever has it not
// learns nothing, not even whether the address is one.
import { randomBytes } from 'node:crypto'
import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { collectorOf } from '../../collectors/index.ts'
import { checkSignature, signed } from '../../collectors/webhook/signature.ts'
import { anyone, permit } from '../access/guard.ts'
import { recordAudit } from '../audit/store.ts'
import { inTransaction } from '../db/in-transaction.ts'
import type { Ctx, Env } from '../http/context.ts'
import { IdParam, refuseInvalid } from '../http/validate.ts'
import { Refusal } from '../lib/refusal.ts'
import * as hooks from './hook-store.ts'
import * as store from './store.ts'

const perMinute = 120
/** How long the secret before a new one stays good. */
const changeOverMs = 24 * 3_600_000

export const hookRoutes = new Hono<Env>().post('/:token', anyone(), async (c) => {
  const { db, vault, now, receive } = c.get('services')
  const at = now()
  const hook = await hooks.hookByToken(db, c.req.param('token'))
  if (!hook) throw new Refusal(401, 'not-signed')
  const bytes = new Uint8Array(await c.req.arrayBuffer())
  const headers = Object.fromEntries(c.req.raw.headers)
  const { previousEncrypted, previousUntil } = hook
  const isPreviousGood = previousEncrypted !== null && previousUntil !== null && previousUntil > at
  const sealed = [hook.secretEncrypted, ...(isPreviousGood ? [previousEncrypted] : [])]
  const verdict = checkSignature({
    secrets: sealed.map((one) => vault.decrypt(one)),
    headers,
    bytes,
    now: at,
  })
  if (!verdict.ok) throw new Refusal(401, verdict.code)
  if (hook.state === 'paused') throw new Refusal(409, 'source-paused')
  const own = headers[signed.id]?.slice(0, 200)
  const ids = [`signature ${verdict.signature}`, ...(own ? [`id ${own}`] : [])]
  const nothing = { seen: 0, added: 0, changed: 0, detail: null }
  if (await hooks.isKnownDelivery(db, hook.sourceId, ids)) return c.json({ outcome: 'duplicate', ...nothing })
  if ((await hooks.runsSince(db, hook.sourceId, new Date(at.getTime() - 60_000))) >= perMinute)
    throw new Refusal(429, 'too-many-deliveries', { perMinute })
  const { outcome, detail, seen, added, changed } = await receive(hook.sourceId, { headers, bytes })
  if (outcome !== 'ok' && outcome !== 'empty' && outcome !== 'not-modified') {
    throw new Refusal(outcome === 'too-large' ? 413 : 422, outcome, { message: detail })
  }
  // Only now: a delivery that was cut off may be sent again, and identities make that harmless.
  await inTransaction(db, (tx) => hooks.rememberDelivery(tx, hook.sourceId, ids, at))
  return c.json({ outcome, seen, added, changed, detail })
})

/** Address and secret of a source that is pushed to, for who may manage it. */
export const sourceHookRoutes = new Hono<Env>()
  .get('/:id/hook', permit('source.manage'), zValidator('param', IdParam, refuseInvalid), async (c) => {
    const { db } = c.get('services')
    const { id } = await pushed(c)
    const hook = await hooks.hookOf(db, id)
    return c.json({ hook: hook ? { ...hook, path: pathOf(hook.token) } : null, perMinute })
  })

  .post(
    '/:id/hook/secret',
    permit('source.manage'),
    zValidator('param', IdParam, refuseInvalid),
    async (c) => {
      const { db, vault, now } = c.get('services')
      const { id } = await pushed(c)
      const at = now()
      const secret = randomBytes(32).toString('base64url')
      const token = await inTransaction(db, async (tx) => {
        const token = await hooks.putSecret(tx, {
          sourceId: id,
          token: randomBytes(24).toString('base64url'),
          secretEncrypted: vault.encrypt(secret),
          now: at,
          previousUntil: new Date(at.getTime() + changeOverMs),
        })
        await recordAudit(tx, {
          actor: c.get('user'),
          action: 'source.secret',
          subject: { kind: 'source', id },
          detail: {},
        })
        return token
      })
      // The only time it leaves the vault.
      return c.json({ secret, path: pathOf(token) }, 201)
    },
  )

const pathOf = (token: string) => `/api/hooks/${token}`

async function pushed(c: Ctx) {
  const source = await store.sourceById(c.get('services').db, Number(c.req.param('id')))
  if (!source) throw new Refusal(404, 'not-found')
  if (!collectorOf(source.kind)?.receive) throw new Refusal(409, 'takes-no-pushes')
  return source
}
