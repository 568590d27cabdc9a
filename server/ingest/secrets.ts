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

function eachSecret(
  { fields }: Kind,
  options: unknown,
  change: (value: unknown, name: string) => unknown,
): Options {
  const secret = new Set(fields.filter(({ kind }) => kind === 'secret').map(({ name }) => name))
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
