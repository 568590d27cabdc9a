import { randomInt } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'

// OWASP's first choice for argon2id, the library's default algorithm: 19 MiB, two passes, one lane.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

export const hashPassword = (password: string): Promise<string> => hash(password.normalize('NFKC'), cost)

let decoy: Promise<string> | undefined

/** Works as long for a login that does not exist (`undefined`): the time of an answer tells nobody which logins do. */
export async function verifyPassword(stored: string | undefined, password: string): Promise<boolean> {
  decoy ??= hashPassword(oneTimePassword())
  const fits = await verify(stored ?? (await decoy), password.normalize('NFKC'))
  return fits && stored !== undefined
}

// Without characters that look alike when read out or copied by hand.
const letters = 'abcdefghjkmnpqrstuvwxyz23456789'

/** Four groups of four, 79 bits: shown once to whoever created the account. */
export function oneTimePassword(): string {
  const group = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('')
  return [group(), group(), group(), group()].join('-')
}
