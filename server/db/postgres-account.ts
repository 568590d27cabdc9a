import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { StartError } from '../lib/start-error.ts'

/** The account that runs PostgreSQL; without ids it is the account of this process. */
export interface Account {
  name: string
  uid?: number
  gid?: number
}

/**
 * PostgreSQL refuses to run as root: then `postgres` if the machine has that account, else `nobody`, which every
 * machine has. No account is ever created.
 */
export function databaseAccount(): Account {
  if (process.platform === 'win32' || process.getuid?.() !== 0) return { name: 'this user' }
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  for (const wanted of ['postgres', 'nobody']) {
    const found = accounts.find(([name]) => name === wanted)
    if (found) return { name: wanted, uid: Number(found[2]), gid: Number(found[3]) }
  }
  throw new StartError(
    'PostgreSQL does not run as root, and this machine has neither a postgres nor a nobody account.',
    'Start Weiyu as an ordinary user, or set DATABASE_URL.',
  )
}

/** Whether the account may enter and read the path: asked by a child process that has its rights. */
export function canReach(account: Account, path: string): boolean {
  if (account.uid === undefined) return true
  try {
    execFileSync(
      process.execPath,
      ['-e', 'const f=require("fs");f.accessSync(process.argv[1],f.constants.X_OK|f.constants.R_OK)', path],
      { uid: account.uid, gid: account.gid, stdio: 'ignore', cwd: '/' },
    )
    return true
  } catch {
    return false
  }
}
