// Where a socket may end.
import { promises as dns } from 'node:dns'
import { buildConnector } from 'undici'
import type { AddressGate } from './address.ts'
import type { ResolveName } from './wire-options.ts'

export const resolveName: ResolveName = (host) => dns.lookup(host, { all: true })

/** The address is not among those that may be reached. */
export class RefusedAddress extends Error {}

interface ConnectOptions {
  gate: AddressGate
  timeoutMs: number
  resolve?: ResolveName
  /** Told where each connection ended. */
  reached?: (host: string, address: string) => void
}

/** Connects only where the gate allows: no name resolves to, and no socket ends at, another address. */
export function guardedConnector({ gate, timeoutMs, resolve = resolveName, reached }: ConnectOptions) {
  const connect = buildConnector({
    timeout: timeoutMs,
    // Overseas hosts are further away than the 250 ms after which Node gives an address up.
    autoSelectFamilyAttemptTimeout: 2_000,
    // The second gate: only answers that may be reached are handed on.
    lookup: (hostname, wanted, done) => {
      resolve(hostname).then(
        (found) => {
          const reachable = found.filter(
            ({ address, family }) => gate(address) && (!wanted.family || wanted.family === family),
          )
          const first = reachable[0]
          if (!first) return done(new RefusedAddress(hostname), '', 4)
          if (wanted.all) return done(null, reachable)
          done(null, first.address, first.family)
        },
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), '', 4),
      )
    },
  })
  const guarded: buildConnector.connector = (target, done) => {
    connect(target, (...[error, socket]) => {
      if (error) return done(error, null)
      // The third gate: what was really reached, whatever the resolver said.
      const address = socket.remoteAddress ?? ''
      if (!gate(address)) {
        socket.destroy()
        return done(new RefusedAddress(target.hostname), null)
      }
      reached?.(target.hostname, address)
      done(null, socket)
    })
  }
  return guarded
}
