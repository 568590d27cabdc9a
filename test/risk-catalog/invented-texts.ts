/**
 * Texts that we invented, a file for every risk, in the words of letters, posts, questions and headlines: far more than a
 * reader of the catalogue wants to see as examples. Authors of rules write them before they look at the rules, so that
 * they tell what is missed; the model learns from them.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'

const InventedTexts = z.strictObject({
  /** Texts that carry the risk. */
  hits: z.array(z.string()).default([]),
  /** Texts that look like it and do not carry it. */
  misses: z.array(z.string()).default([]),
})
export type InventedTexts = z.infer<typeof InventedTexts>

/** The invented texts of one risk. */
export function inventedTexts(code: string): InventedTexts {
  const path = resolve('test/risk-catalog/texts', `${code}.yaml`)
  return InventedTexts.parse(parse(readFileSync(path, 'utf8')))
}
