import { z } from 'zod'
import { Refusal } from '../lib/refusal.ts'

interface Checked {
  success: boolean
  error?: { issues: readonly { path: readonly PropertyKey[]; message: string; code?: string }[] }
}

/**
 * Third argument of every `zValidator`: throws instead of answering, so that the client's types know good answers only.
 * The first wrong field is named; all of them are listed.
 */
export function refuseInvalid(checked: Checked): undefined {
  if (checked.success) return
  const fields = (checked.error?.issues ?? []).map((issue) => ({
    field: issue.path.map(String).join('.'),
    message: issue.message,
  }))
  throw new Refusal(422, 'invalid', { ...fields[0], fields })
}

/** A row's id in a path: `zValidator('param', IdParam, refuseInvalid)`. What cannot be an id is not found. */
export const Id = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER)
export const IdParam = z.object({ id: Id })
