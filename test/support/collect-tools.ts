import { CollectError, type CollectTools } from '../../collectors/collector.ts'

/** Tools that reach nothing but what a test hands in; asking for anything else is the collector's fault. */
export function collectTools(given: Partial<CollectTools> = {}): CollectTools {
  return {
    fetch: (url) => Promise.reject(new Error(`the test gives no network, but ${url} was asked for`)),
    addressOf: (host) => Promise.reject(new CollectError('unreachable', `no such host: ${host}`)),
    cursor: undefined,
    now: new Date('2026-03-06T00:00:00Z'),
    files: {
      list: () => Promise.reject(new Error('the test gives no files')),
      read: () => Promise.reject(new Error('the test gives no files')),
    },
    ...given,
  }
}
