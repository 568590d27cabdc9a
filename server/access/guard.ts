import type { MiddlewareHandler } from 'hono'
import type { Env, SignedIn } from '../http/context.ts'
import { Refusal } from '../lib/refusal.ts'
import type { Permission } from './permissions.ts'
import { scopeFor } from './scope.ts'

type Guard = MiddlewareHandler<Env> & { permission: Permission | 'anyone' }

/**
 * First in every route: who may, and on which rows: behind it `user.scope` is what this permission opens. A test walks all
 * routes and fails on one without a guard.
 */
export function permit(permission: Permission): Guard {
  const guard: MiddlewareHandler<Env> = async (c, next) => {
    const user: SignedIn | undefined = c.get('user')
    if (!user) throw new Refusal(401, 'sign-in-needed')
    if (!user.permissions.includes(permission)) throw new Refusal(403, 'not-permitted', { permission })
    c.set('user', { ...user, scope: scopeFor(user.roles, permission) })
    await next()
  }
  return Object.assign(guard, { permission })
}

/** For the few routes a stranger may call: sign-in, first run, health. */
export function anyone(): Guard {
  const guard: MiddlewareHandler<Env> = (_c, next) => next()
  return Object.assign(guard, { permission: 'anyone' as const })
}
