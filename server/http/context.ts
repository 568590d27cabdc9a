import type { Context } from 'hono'
import type { Permission, Role } from '../access/permissions.ts'
import type { Scope } from '../access/scope.ts'
import type { Vault } from '../access/vault.ts'
import type { Db } from '../db/connect.ts'
import type { Jobs } from '../jobs/jobs.ts'

/** What routes may use; made once in main.ts, or by a test. */
export interface Services {
  db: Db
  jobs: Jobs
  /** Encrypts, decrypts and masks personal data. */
  vault: Vault
  now: () => Date
  /** Folder of the built pages; absent in tests of the API alone. */
  webFolder?: string
  /** Loads the invented group; see server/demo. */
  loadDemo: () => Promise<void>
  /** Private addresses that collectors may reach. */
  fetchAllow: readonly string[]
  secureCookie: 'auto' | 'always'
  trustProxy: boolean
  version: string
}

export interface SignedIn {
  id: number
  login: string
  name: string
  roles: readonly { role: Role; cityCompanyId: number | null; projectId: number | null }[]
  permissions: readonly Permission[]
  scope: Scope
}

/** What every handler finds in its context. `user` is there behind `permit`, which refuses strangers. */
export interface Env {
  Variables: { services: Services; user: SignedIn; requestId: string }
}

export type Ctx = Context<Env>
