import { randomBytes } from 'node:crypto'
import { openOutside } from '../../collectors/outside.ts'
import { openVault } from '../../server/access/vault.ts'
import { openEndpoint } from '../../server/assistant/endpoint.ts'
import type { Database } from '../../server/db/connect.ts'
import type { Services } from '../../server/http/context.ts'
import type { Live } from '../../server/http/live.ts'
import { announce } from '../../server/jobs/announce-store.ts'
import type { Jobs } from '../../server/jobs/jobs.ts'

/** Jobs that only write down what was asked of them. */
export function notedJobs(
  database: Database,
): Jobs & { woken: string[]; collected: number[]; asked: number[] } {
  const woken: string[] = []
  const collected: number[] = []
  const asked: number[] = []
  return {
    woken,
    collected,
    asked,
    wake: async (step) => {
      woken.push(step)
    },
    collect: async (sourceId) => {
      collected.push(sourceId)
    },
    assist: async (callId) => {
      asked.push(callId)
    },
    announce: (event) => announce(database.db, [event]),
  }
}

/** For tests without open pages: a stream that ends at once. */
const silent: Live = {
  stream: () => new ReadableStream({ start: (controller) => controller.close() }),
  readers: () => 0,
  heard: () => 0,
  beat: async () => {},
  close: async () => {},
}

/** What an app needs, around a test's own database; every part can be given. */
export function testServices(database: Database, given: Partial<Services> = {}): Services {
  return {
    db: database.db,
    jobs: notedJobs(database),
    vault: openVault(randomBytes(32)),
    live: silent,
    now: () => new Date(),
    loadDemo: async () => {},
    receive: () => Promise.reject(new Error('the test takes no pushes')),
    endpoint: openEndpoint({ version: 'test', allow: [] }),
    outside: openOutside({ version: 'test', allow: [], folders: [] }),
    secureCookie: 'auto',
    trustProxy: false,
    version: 'test',
    ...given,
  }
}
