import type { MiddlewareHandler } from 'hono'
import type { Env } from '../http/context.ts'
import { Refusal } from '../lib/refusal.ts'
import type { Permission } from './permissions.ts'

type Guard = MiddlewareHandler<Env> & { permission: Permission | 'anyone' }

/** First in every route: who may. A test walks all routes and fails on one without a guard. */
export function permit(permission: Permission): Guard {
  const guard: MiddlewareHandler<Env> = async (c, next) => {
    const user = c.get('user')
    if (!user) throw new Refusal(401, 'sign-in-needed')
    if (!user.permissions.includes(permission)) throw new Refusal(403, 'not-permitted', { permission })
    await next()
  }
  return Object.assign(guard, { permission })
}

/** For the few routes a stranger may call: sign-in, first run, health. */
export function anyone(): Guard {
  const guard: MiddlewareHandler<Env> = (_c, next) => next()
  return Object.assign(guard, { permission: 'anyone' as const })
}
