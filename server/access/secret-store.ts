import type { Db } from '../db/connect.ts'
import { StartError } from '../lib/start-error.ts'
import type { Vault } from './vault.ts'

const PROBE = 'weiyu key check'

/** Refuses to start with another key than the one the personal data was written with. */
export async function checkVault(db: Db, vault: Vault): Promise<void> {
  const print = vault.personKey(PROBE).toString('base64')
  await db
    .insertInto('setting')
    .values({ key: 'vault-print', value: JSON.stringify(print) })
    .onConflict((row) => row.column('key').doNothing())
    .execute()
  const stored = await db
    .selectFrom('setting')
    .select('value')
    .where('key', '=', 'vault-print')
    .executeTakeFirst()
  if (stored?.value !== print) {
    throw new StartError(
      'The key for personal data is not the one this database was written with.',
      'Set WEIYU_SECRET, or put secret.key back into the data folder.',
    )
  }
}
