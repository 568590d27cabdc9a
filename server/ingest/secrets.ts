// Secrets of a source (passwords, keys, tokens) lie encrypted in its options; only a run opens them.
import type { AnyCollector } from '../../collectors/collector.ts'

/** What the vault offers for it. */
export interface Sealing {
  encrypt(plain: string): Buffer
  /** @throws when the value was changed or belongs to another key */
  decrypt(sealed: Buffer): string
}

type Options = Readonly<Record<string, unknown>>
type Kind = Pick<AnyCollector, 'fields'>

/** The options with every secret encrypted. A secret that did not change keeps its bytes of `before`. */
export function sealSecrets(vault: Sealing, kind: Kind, options: unknown, before?: unknown): Options {
  const old = recordOf(before)
  return eachSecret(kind, options, (value, name) => {
    const known = old[name]
    if (typeof value !== 'string' || value === '') return value
    if (isSealed(known) && openOne(vault, known) === value) return known
    return { sealed: vault.encrypt(value).toString('base64') }
  })
}

/** The options as the collector wants them. @throws when a secret belongs to another key */
export function openSecrets(vault: Sealing, kind: Kind, options: unknown): Options {
  return eachSecret(kind, options, (value) => (isSealed(value) ? openOne(vault, value) : value))
}

/** Names of the secrets that are stored. */
export const storedSecrets = (kind: Kind, options: unknown): string[] =>
  secretsOf(kind)
    .map(({ name }) => name)
    .filter((name) => !isEmpty(recordOf(options)[name]))

/** Of what is stored, opened, the secrets that a change leaves out: they stay. One that was emptied goes. */
export function keptSecrets(vault: Sealing, kind: Kind, before: unknown, given: Options): Options {
  const kept = storedSecrets(kind, before).filter((name) => given[name] === undefined)
  return openSecrets(vault, kind, Object.fromEntries(kept.map((name) => [name, recordOf(before)[name]])))
}

/**
 * A kept secret goes on only to whom it was entered for: `strayed` names one that the changed options would send to
 * another. One that would now be sent to nobody is let go, or it could be led elsewhere in two steps. Both options
 * checked, so that what a kind fills in by itself is there.
 */
export function boundSecrets(
  kind: Kind,
  kept: readonly string[],
  options: unknown,
  before: unknown,
): { options: Options } | { strayed: string } {
  const changed = recordOf(options)
  const ours = secretsOf(kind).filter(({ name }) => kept.includes(name))
  const goesNowhere = ({ sentTo }: Secret) => sentTo.every((name) => isEmpty(changed[name]))
  const strayed = ours.find(
    (field) => !goesNowhere(field) && receiverOf(kind, field, changed) !== receiverOf(kind, field, before),
  )
  if (strayed) return { strayed: strayed.name }
  const released = new Set(ours.filter(goesNowhere).map(({ name }) => name))
  return { options: Object.fromEntries(Object.entries(changed).filter(([name]) => !released.has(name))) }
}

function receiverOf({ fields }: Kind, { sentTo }: Secret, options: unknown): string {
  const values = recordOf(options)
  const isUrl = (name: string) => fields.some((field) => field.name === name && field.kind === 'url')
  return JSON.stringify(sentTo.map((name) => (isUrl(name) ? originOf(values[name]) : (values[name] ?? null))))
}

const originOf = (value: unknown) =>
  typeof value === 'string' && URL.canParse(value) ? new URL(value).origin : (value ?? null)
const isEmpty = (value: unknown) => value === undefined || value === null || value === ''

type Secret = Extract<Kind['fields'][number], { kind: 'secret' }>
const secretsOf = ({ fields }: Kind) => fields.filter((field): field is Secret => field.kind === 'secret')

function eachSecret(
  kind: Kind,
  options: unknown,
  change: (value: unknown, name: string) => unknown,
): Options {
  const secret = new Set(secretsOf(kind).map(({ name }) => name))
  return Object.fromEntries(
    Object.entries(recordOf(options)).map(([name, value]) => [
      name,
      secret.has(name) ? change(value, name) : value,
    ]),
  )
}

const openOne = (vault: Sealing, { sealed }: { sealed: string }) =>
  vault.decrypt(Buffer.from(sealed, 'base64'))

const recordOf = (value: unknown): Options =>
  value !== null && typeof value === 'object' ? Object.fromEntries(Object.entries(value)) : {}

const isSealed = (value: unknown): value is { sealed: string } =>
  value !== null && typeof value === 'object' && 'sealed' in value && typeof value.sealed === 'string'
