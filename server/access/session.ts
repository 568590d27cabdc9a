import { createHash, randomBytes } from 'node:crypto'
import type { Db } from '../db/connect.ts'
import { type Permission, permissionsOf } from './permissions.ts'
import { type Grant, type Scope, scopeOf } from './scope.ts'
import { type SessionRow, sessionsByHash, touchSession } from './store.ts'

export interface SignedIn {
  id: number
  login: string
  name: string
  roles: readonly Grant[]
  permissions: readonly Permission[]
  /** What the route's permission opens; see `permit`. */
  scope: Scope
}

export const SESSION_COOKIE = 'weiyu_session'
const DAY_MS = 86_400_000
export const ABSOLUTE_MS = 7 * DAY_MS
const IDLE_MS = DAY_MS / 2
/** A change of roles, or a sign-out in another process, is felt this late at most. */
const CACHE_MS = 5_000
const TOUCH_MS = 60_000
const MAX_CACHED = 5_000

export const newToken = () => randomBytes(32).toString('base64url')

/** What the table keeps: whoever reads it cannot sign in with it. */
export const hashOfToken = (token: string) => createHash('sha256').update(token).digest()

/** Sessions unused since then have ended. */
export const idleSince = (now: Date) => new Date(now.getTime() - IDLE_MS)

export interface Sessions {
  /** Who sends this cookie, with the rights of this moment. */
  read(token: string | undefined, now: Date): Promise<SignedIn | undefined>
  /** The same for many at once, from the database and without counting as use: for connections that stay open. */
  stillOpen(tokenHashes: readonly Buffer[], now: Date): Promise<ReadonlyMap<string, SignedIn>>
  /** After a change of the user: this process asks the database again. */
  forget(userId: number): void
}

export function openSessions(db: Db): Sessions {
  const cache = new Map<string, { user: SignedIn; readAt: number }>()
  return {
    async read(token, now) {
      if (token?.length !== 43) return undefined
      const hash = hashOfToken(token)
      const key = hash.toString('hex')
      const known = cache.get(key)
      if (known && Math.abs(now.getTime() - known.readAt) < CACHE_MS) return known.user
      cache.delete(key)
      const [row] = await sessionsByHash(db, [hash], now, idleSince(now))
      if (!row) return undefined
      if (now.getTime() - row.lastSeenAt.getTime() > TOUCH_MS) await touchSession(db, hash, now)
      const user = signedIn(row)
      cache.set(key, { user, readAt: now.getTime() })
      const oldest = cache.keys().next().value
      if (cache.size > MAX_CACHED && oldest !== undefined) cache.delete(oldest)
      return user
    },
    async stillOpen(tokenHashes, now) {
      const rows = await sessionsByHash(db, tokenHashes, now, idleSince(now))
      return new Map(rows.map((row) => [row.tokenHash.toString('hex'), signedIn(row)]))
    },
    forget(userId) {
      for (const [key, { user }] of cache) if (user.id === userId) cache.delete(key)
    },
  }
}

function signedIn(row: SessionRow): SignedIn {
  const permissions = permissionsOf(row.roles.map((grant) => grant.role))
  return {
    id: row.id,
    login: row.login,
    name: row.name,
    roles: row.roles,
    permissions,
    scope: scopeOf(row.roles),
  }
}
