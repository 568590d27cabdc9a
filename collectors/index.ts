import type { AnyCollector } from './collector.ts'
import { rss } from './rss/index.ts'

/** Every kind of source there is. */
export const collectors: readonly AnyCollector[] = [rss]

export const collectorOf = (kind: string) => collectors.find((collector) => collector.kind === kind)
