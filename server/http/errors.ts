import type { ErrorHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import pg from 'pg'
import { log } from '../lib/log.ts'
import { Refusal } from '../lib/refusal.ts'
import type { Env } from './context.ts'

/** Values no column can hold (a number out of range, a NUL in a text): the asker's mistake, not ours. */
const unusableValue = new Set(['22003', '22007', '22008', '22021', '22P02', '22P05'])

/** Turns whatever was thrown into an answer: a closed word in `error`, and never more about the inside than a request id. */
export const answerError: ErrorHandler<Env> = (thrown, c) => {
  if (thrown instanceof Refusal) return c.json({ ...thrown.detail, error: thrown.code }, thrown.status)
  if (thrown instanceof HTTPException) {
    const { status, message } = thrown
    return c.json({ error: status === 413 ? 'too-large' : 'bad-request', message }, status)
  }
  if (thrown instanceof pg.DatabaseError && thrown.code && unusableValue.has(thrown.code)) {
    return c.json({ error: 'invalid' }, 422)
  }
  const requestId = c.get('requestId')
  const { name, message, stack } = thrown
  log.error(
    { requestId, method: c.req.method, path: c.req.path, err: { name, message, stack } },
    'a request failed',
  )
  return c.json({ error: 'internal', requestId }, 500)
}
