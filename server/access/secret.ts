import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartError } from '../lib/start-error.ts'

/**
 * The 32 bytes behind the vault: WEIYU_SECRET, else `secret.key` in the data folder, made on first start. Losing it loses
 * the personal data, so the README tells to back it up apart from the database.
 */
export function readSecret(dataFolder: string, fromEnvironment: string | undefined): Buffer {
  if (fromEnvironment) return Buffer.from(fromEnvironment, 'base64')
  const file = join(dataFolder, 'secret.key')
  if (!existsSync(file)) {
    mkdirSync(dataFolder, { recursive: true })
    try {
      writeFileSync(file, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
    } catch (error) {
      // Two processes on a first start: the other one's key is as good.
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
  const secret = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64')
  if (secret.length !== 32)
    throw new StartError(
      `${file} does not hold a key of 32 bytes.`,
      'Put the right file back from your backup.',
    )
  return secret
}
