import { z } from 'zod'

/** The address under which `/chat/completions` lies; what people copy from a manual is brought to that form. */
const BaseUrl = z
  .string()
  .trim()
  .max(500)
  .transform((text, context) => {
    const wrong = (message: string) => {
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    }
    if (!URL.canParse(text)) return wrong('must be an address such as https://models.example/v1')
    const url = new URL(text)
    if (url.protocol !== 'http:' && url.protocol !== 'https:')
      return wrong('must begin with https:// or http://')
    if (url.username || url.password) return wrong('must hold no user or password; the key has its own field')
    if (url.search || url.hash) return wrong('must hold no query')
    return `${url.origin}${url.pathname}`.replace(/\/+$/, '').replace(/\/chat\/completions$/, '')
  })

/** What an administrator sets. */
export const SettingsInput = z.strictObject({
  isOn: z.boolean(),
  baseUrl: BaseUrl,
  model: z.string().trim().min(1).max(200),
  /** Absent: the stored one stays; empty: none. Printable ASCII, as a header can carry it. */
  key: z
    .string()
    .trim()
    .max(1000)
    .regex(/^[\x21-\x7e]*$/, 'must hold printable characters without spaces')
    .optional(),
  timeLimitSeconds: z.int().min(1).max(300),
  callsPerDay: z.int().min(0).max(100_000),
  tokensPerDay: z.int().min(0).max(1_000_000_000),
})
export type SettingsInput = z.output<typeof SettingsInput>

export const defaultSettings = {
  isOn: false,
  baseUrl: '',
  model: '',
  timeLimitSeconds: 60,
  callsPerDay: 200,
  tokensPerDay: 500_000,
} as const

/**
 * A key belongs to the host it was given for: whoever changes the address gives it anew, so that nobody can have the stored
 * key sent to a host of their own.
 */
export function mayKeepKey(before: string | undefined, after: string): boolean {
  return before !== undefined && URL.canParse(before) && new URL(before).origin === new URL(after).origin
}
