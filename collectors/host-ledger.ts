// Who may ask a host next. Pace: no two requests to one host closer than its pace. Circuit: after `opensAfter` failures in
// a row the host is left alone for a while that doubles each time; then exactly one request probes it (half-open) while
// all others are still told to stay away; an answer closes the circuit. Retry-After closes the door the same way.
// The ledger is a port: this one serves one process, server/ingest/host-store.ts serves all that share a database.
import type { Failure } from './collector.ts'

/** Failures in a row (three tries of one call, or three calls) after which a host is left alone. */
export const opensAfter = 3
/** How long a probe may take before another one is let through. */
export const probeMs = 60_000
/** Nobody is left alone longer, whatever Retry-After says: a clock of theirs may be years wrong. */
export const longestMs = 24 * 60 * 60_000
const firstPauseMs = 60_000
const longestPauseMs = 15 * 60_000

export type Turn =
  /** Yours, in so many milliseconds. `failures`: of the requests before it, in a row. */
  | { kind: 'yours'; waitMs: number; failures: number }
  /** Others come first, and waiting for them takes longer than you would. */
  | { kind: 'busy'; waitMs: number }
  | { kind: 'closed'; waitMs: number; failures: number; outcome: Failure; reason: string }

export interface TurnWanted {
  paceMs: number
  /** Waits no longer than this for the requests before it. */
  patienceMs: number
  /** A person asks: one probe is let through a circuit that failures opened, never through a Retry-After. */
  insists: boolean
}

export interface Penalty {
  /** In a row, this one included. */
  failures: number
  /** How long nobody asks; 0: only counted. A longer closure in force stays. */
  ms: number
  outcome: Failure
  /** Said to whoever is turned away; without credentials. */
  reason: string
}

export interface HostLedger {
  /** Takes the next turn if there is one within patience: asked and taken in one step, whoever else asks. */
  reserve(host: string, wanted: TurnWanted): Turn | Promise<Turn>
  penalise(host: string, penalty: Penalty): void | Promise<void>
  /** The host answered: failures are forgotten. */
  clear(host: string): void | Promise<void>
}

/** What a failure costs its host. `retryAfterMs`: what the host asked for. */
export function pauseAfter(failures: number, retryAfterMs: number | undefined, random: number): number {
  const doublings = failures - opensAfter
  // Half fixed, half random: many hosts that fell together are not probed together.
  const pause =
    doublings < 0 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** doublings) * (0.5 + random / 2)
  return Math.round(Math.min(longestMs, Math.max(pause, retryAfterMs ?? 0)))
}

interface HostState {
  freeAt: number
  closedUntil: number
  failures: number
  outcome: Failure
  reason: string
}

/** For one process. */
export function createHostLedger(now: () => number): HostLedger {
  const hosts = new Map<string, HostState>()
  const stateOf = (name: string): HostState => {
    let host = hosts.get(name)
    if (!host) {
      // Quiet hosts are forgotten, so that the map does not grow with every name ever seen.
      if (hosts.size >= 5_000) {
        for (const [key, old] of hosts)
          if (Math.max(old.freeAt, old.closedUntil) < now() - 60_000) hosts.delete(key)
      }
      host = { freeAt: 0, closedUntil: 0, failures: 0, outcome: 'unreachable', reason: '' }
      hosts.set(name, host)
    }
    return host
  }
  return {
    reserve(name, { paceMs, patienceMs, insists }) {
      const host = stateOf(name)
      const at = now()
      const isOpen = host.failures >= opensAfter
      if (host.closedUntil > at && !(insists && isOpen)) {
        const { failures, outcome, reason } = host
        return { kind: 'closed', waitMs: host.closedUntil - at, failures, outcome, reason }
      }
      const waitMs = Math.max(0, host.freeAt - at)
      if (waitMs > patienceMs) return { kind: 'busy', waitMs }
      host.freeAt = at + waitMs + paceMs
      if (isOpen) host.closedUntil = at + probeMs
      return { kind: 'yours', waitMs, failures: host.failures }
    },
    penalise(name, { failures, ms, outcome, reason }) {
      const host = stateOf(name)
      host.failures = Math.max(host.failures, failures)
      host.closedUntil = Math.max(host.closedUntil, now() + ms)
      host.outcome = outcome
      host.reason = reason
    },
    clear(name) {
      const host = hosts.get(name)
      if (!host) return
      host.failures = 0
      host.closedUntil = 0
    },
  }
}
