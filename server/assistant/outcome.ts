/** Failures of the other side: enough of them in a row and it is left alone for a while. */
const failures = [
  'timeout',
  'unreachable',
  'refused-address',
  'redirected',
  'unauthorised',
  'not-found',
  'rejected',
  'too-busy',
  'server-error',
  'too-large',
  'not-json',
  'wrong-shape',
] as const

/** How a call ended. The first three gave something or rightly nothing; the others are told to the asker and the administrator. */
export const outcomes = [
  'ok',
  'nothing',
  'cancelled',
  ...failures,
  'uncited',
  'switched-off',
  'interrupted',
] as const
export type Outcome = (typeof outcomes)[number]

const isFailure = (outcome: string | null) => failures.some((failure) => failure === outcome)

const FAILURES_TO_OPEN = 5
const REST_MS = 2 * 60_000

/**
 * The circuit breaker, read from the log so that all processes share it: after five failures in a row nothing is asked for
 * two minutes after the last; then one call is a trial, and its failure is the next rest.
 * @param recent ended calls since the settings last changed, newest first
 * @returns until when it rests, or null
 */
export function restsUntil(
  recent: readonly { outcome: string | null; finishedAt: Date | null }[],
  now: Date,
): Date | null {
  const told = recent.filter((call) => call.outcome === 'ok' || isFailure(call.outcome))
  const inRow = told.findIndex((call) => call.outcome === 'ok')
  const failed = inRow === -1 ? told.length : inRow
  const last = told[0]?.finishedAt
  if (failed < FAILURES_TO_OPEN || !last) return null
  const until = new Date(last.getTime() + REST_MS)
  return until > now ? until : null
}

/** How many ended calls `restsUntil` needs to see. */
export const RECENT_CALLS = 20

/** Whether the day's budget still holds one call that may cost so many tokens. */
export function budgetRefusal(
  today: { calls: number; tokens: number },
  budget: { callsPerDay: number; tokensPerDay: number },
  tokens: number,
): 'calls-spent' | 'tokens-spent' | null {
  if (today.calls + 1 > budget.callsPerDay) return 'calls-spent'
  if (today.tokens + tokens > budget.tokensPerDay) return 'tokens-spent'
  return null
}
