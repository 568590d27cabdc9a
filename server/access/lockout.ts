// Guessing is made slow, not impossible. An account: after the 5th failure in a row it is locked for 15 minutes, and each
// further failure doubles that, up to 16 hours (6th: 30 min, 7th: 1 h …). An address: 30 failures in 15 minutes, whatever
// the logins.

const FREE_FAILURES = 5
const FIRST_LOCK_MINUTES = 15
const MAX_DOUBLINGS = 6

/** Until when an account is locked after this many failures in a row; null: not yet. */
export function lockedUntil(failures: number, now: Date): Date | null {
  if (failures < FREE_FAILURES) return null
  const minutes = FIRST_LOCK_MINUTES * 2 ** Math.min(failures - FREE_FAILURES, MAX_DOUBLINGS)
  return new Date(now.getTime() + minutes * 60_000)
}

const ADDRESS_FAILURES = 30
const ADDRESS_WINDOW_MS = 15 * 60_000
const MAX_REMEMBERED = 10_000

export interface Attempts {
  /** Until when this address must wait; null: it may try. */
  addressBlockedUntil(address: string | null, now: Date): Date | null
  addressFailed(address: string | null, now: Date): void
  /** Counts an attempt on a login that does not exist, as the table does for one that does: the answers look the same. */
  strangerTried(login: string, now: Date): Date | null
}

/** Failures as this process saw them; bounded, the oldest is forgotten first. */
export function countAttempts(): Attempts {
  const addresses = new Map<string, { failures: number; until: number }>()
  const strangers = new Map<string, { failures: number; until: number }>()
  return {
    addressBlockedUntil(address, now) {
      const seen = addresses.get(address ?? '')
      return seen && seen.until > now.getTime() && seen.failures >= ADDRESS_FAILURES
        ? new Date(seen.until)
        : null
    },
    addressFailed(address, now) {
      if (address === null) return
      const seen = addresses.get(address)
      const isFresh = seen !== undefined && seen.until > now.getTime()
      remember(addresses, address, {
        failures: (isFresh ? seen.failures : 0) + 1,
        until: isFresh ? seen.until : now.getTime() + ADDRESS_WINDOW_MS,
      })
    },
    strangerTried(login, now) {
      const key = login.toLowerCase()
      const seen = strangers.get(key) ?? { failures: 0, until: 0 }
      if (seen.until > now.getTime()) return new Date(seen.until)
      const failures = seen.failures + 1
      remember(strangers, key, { failures, until: lockedUntil(failures, now)?.getTime() ?? 0 })
      return null
    },
  }
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key)
  map.set(key, value)
  const oldest = map.keys().next().value
  if (map.size > MAX_REMEMBERED && oldest !== undefined) map.delete(oldest)
}
