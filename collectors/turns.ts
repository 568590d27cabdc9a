// One host at a time: few connections, its pace, its circuit. A host that is slow or closed turns its readers away, so that
// they do not sit on the workers that others need.
import { CollectError, type Failure } from './collector.ts'
import { said } from './details.ts'
import { type HostLedger, pauseAfter, type Turn } from './host-ledger.ts'

export interface TurnOptions {
  perHost: number
  /** A closure no longer than this is waited for. */
  maxWaitMs: number
  now: () => number
  sleep: (ms: number) => Promise<void>
  random: () => number
}

export interface TurnAsked {
  host: string
  ledger: HostLedger
  paceMs: number
  /** Waits no longer than this for the requests before it. */
  patienceMs: number
  insists: boolean
}

/** What an answer says about its host. */
export type Verdict = { outcome: Failure; reason: string; retryAfterMs?: number | undefined } | 'well'

/** Nothing is wrong with the host: it has too many readers. Ask again after `retryAfterMs`; the source has not failed. */
export class HostBusy extends CollectError {
  constructor(host: string, waitMs: number) {
    super('unreachable', `others are reading ${host}; its next turn is ${inWords(waitMs)} away`, waitMs)
  }
}

export type InTurn = <T>(
  asked: TurnAsked,
  work: () => Promise<T>,
  judge: (result: { done: T } | { error: unknown }) => Verdict | undefined,
) => Promise<T>

interface Seats {
  taken: number
  waiting: (() => void)[]
}

/**
 * Gives a runner of requests: each waits for a free connection and for its turn in the ledger, and its verdict goes back
 * there. @throws HostBusy when that takes longer than its patience; CollectError when the host is left alone
 */
export function createTurns({ perHost, maxWaitMs, now, sleep, random }: TurnOptions): InTurn {
  const seats = new Map<string, Seats>()

  function seatsOf(host: string): Seats {
    let seat = seats.get(host)
    if (!seat) {
      seat = { taken: 0, waiting: [] }
      seats.set(host, seat)
    }
    return seat
  }

  async function sit({ host, patienceMs }: TurnAsked, seat: Seats): Promise<void> {
    if (seat.taken < perHost) {
      seat.taken++
      return
    }
    await new Promise<void>((done, fail) => {
      const go = () => {
        clearTimeout(timer)
        done()
      }
      const timer = setTimeout(() => {
        seat.waiting.splice(seat.waiting.indexOf(go), 1)
        fail(new HostBusy(host, patienceMs))
      }, patienceMs)
      seat.waiting.push(go)
    })
  }

  function stand(host: string, seat: Seats): void {
    const next = seat.waiting.shift()
    if (next) next()
    else if (--seat.taken === 0) seats.delete(host)
  }

  /** Waits out a short closure, once or twice; a longer one is said. */
  async function turn(asked: TurnAsked): Promise<Extract<Turn, { kind: 'yours' }>> {
    for (let round = 0; ; round++) {
      const given = asked.ledger.reserve(asked.host, asked)
      const turn = 'then' in given ? await given : given
      if (turn.kind === 'yours') return turn
      if (turn.kind === 'busy') throw new HostBusy(asked.host, turn.waitMs)
      if (turn.waitMs > maxWaitMs || round >= 2) throw leftAlone(asked.host, turn)
      await sleep(turn.waitMs)
    }
  }

  async function report(asked: TurnAsked, failures: number, verdict: Verdict): Promise<number> {
    const { host, ledger } = asked
    if (verdict === 'well') {
      if (failures > 0) await ledger.clear(host)
      return 0
    }
    const ms = pauseAfter(failures + 1, verdict.retryAfterMs, random())
    await ledger.penalise(host, {
      failures: failures + 1,
      ms,
      outcome: verdict.outcome,
      reason: verdict.reason,
    })
    return ms
  }

  return async (asked, work, judge) => {
    const seat = seatsOf(asked.host)
    await sit(asked, seat)
    try {
      const { waitMs, failures } = await turn(asked)
      if (waitMs > 0) await sleep(waitMs)
      let done: Awaited<ReturnType<typeof work>>
      try {
        done = await work()
      } catch (error) {
        const verdict = judge({ error })
        const ms = verdict ? await report(asked, failures, verdict) : 0
        // The host is left alone from now on: this call does not try again either.
        if (ms > maxWaitMs && error instanceof CollectError)
          throw new CollectError(
            error.outcome,
            said('leaves-alone', { reason: error.message, span: inWords(ms) }),
            ms,
          )
        throw error
      }
      const verdict = judge({ done })
      if (verdict) await report(asked, failures, verdict)
      return done
    } finally {
      stand(asked.host, seat)
    }
  }

  function leftAlone(host: string, { waitMs, failures, outcome, reason }: Extract<Turn, { kind: 'closed' }>) {
    const time = new Date(now() + waitMs).toISOString().slice(11, 16)
    const detail =
      failures > 1
        ? said('left-alone-after', { host, time, count: failures, reason })
        : said('left-alone', { host, time, reason })
    return new CollectError(outcome, detail.slice(0, 500), waitMs)
  }
}

function inWords(ms: number): string {
  return ms < 90_000 ? `${Math.ceil(ms / 1_000)} s` : `${Math.ceil(ms / 60_000)} min`
}
