import type { CollectFiles } from './collector.ts'
import { createFetcher, type Fetcher } from './fetch.ts'
import { createFiles } from './files.ts'
import type { HostLedger } from './host-ledger.ts'
import type { ProxyAddress } from './wire-options.ts'

/** Everything that collectors may reach: one pace per host and one set of opened folders for the whole process. */
export interface Outside {
  fetcher: Fetcher
  files: CollectFiles
}

export interface OutsideOptions {
  version: string
  /** Private addresses and ranges that may be read. */
  allow: readonly string[]
  /** Folders that sources may read; relative paths are seen from the first. */
  folders: readonly string[]
  /** Everything is read through it, but for what it excepts and for private addresses. */
  proxy?: ProxyAddress | undefined
  /** Keeps the pace of hosts for all processes of a database; absent: for this one. */
  ledger?: HostLedger
}

export function openOutside({ version, allow, folders, proxy, ledger }: OutsideOptions): Outside {
  return {
    fetcher: createFetcher({
      userAgent: `Mozilla/5.0 (compatible; weiyu/${version})`,
      allow,
      ...(proxy && { proxy }),
      ...(ledger && { ledger }),
    }),
    files: createFiles(folders),
  }
}
