import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { Delivery } from '../../collectors/collector.ts'
import type { Outside } from '../../collectors/outside.ts'
import type { Sessions, SignedIn } from '../access/session.ts'
import type { Vault } from '../access/vault.ts'
import type { Endpoint } from '../assistant/endpoint.ts'
import type { Db } from '../db/connect.ts'
import type { RunReport } from '../ingest/job.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Live } from './live.ts'

/** What routes may use; made once in main.ts, or by a test. */
export interface Services {
  db: Db
  jobs: Jobs
  /** Encrypts, decrypts and masks personal data. */
  vault: Vault
  /** Carries what `jobs.announce` says to open pages. */
  live: Live
  now: () => Date
  /** Weights of the shipped linear model, for trying a text; absent: the rules speak alone. */
  shippedWeights?: Uint8Array | undefined
  /** Folder of the built pages; absent in tests of the API alone. */
  webFolder?: string
  /** Loads the invented group; see server/demo. */
  loadDemo: () => Promise<void>
  /** Takes in what another system pushed to a source. */
  receive: (sourceId: number, delivery: Delivery) => Promise<RunReport>
  /** What collectors may reach: the network and opened folders. */
  outside: Outside
  /** The optional language model; routes use it for the test of the connection only. */
  endpoint: Endpoint
  secureCookie: 'auto' | 'always'
  trustProxy: boolean
  version: string
}

/** What every handler finds in its context. `user` is there behind `permit`, which refuses strangers. */
export interface Env {
  Variables: {
    services: Services
    sessions: Sessions
    user: SignedIn
    requestId: string
    /** Content security policy of an answer that is no part of our pages, in place of ours. Own pages may frame it. */
    pagePolicy: string | undefined
  }
  /** Absent when a test calls the app without a socket. */
  Bindings: Partial<HttpBindings>
}

export type { SignedIn }
export type Ctx = Context<Env>
