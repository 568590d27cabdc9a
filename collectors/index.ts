import type { AnyCollector } from './collector.ts'
import { folder } from './folder/index.ts'
import { rss } from './rss/index.ts'
import { spreadsheet } from './spreadsheet/index.ts'

/** Every kind of source there is. */
export const collectors: readonly AnyCollector[] = [rss, spreadsheet, folder]

export const collectorOf = (kind: string) => collectors.find((collector) => collector.kind === kind)
