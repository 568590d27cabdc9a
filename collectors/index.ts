import { calendar } from './calendar/index.ts'
import type { AnyCollector } from './collector.ts'
import { folder } from './folder/index.ts'
import { hotList } from './hot-list/index.ts'
import { jsonApi } from './json-api/index.ts'
import { mailbox } from './mailbox/index.ts'
import { manual } from './manual/index.ts'
import { pageList } from './page-list/index.ts'
import { pageWatch } from './page-watch/index.ts'
import { readings } from './readings/index.ts'
import { rss } from './rss/index.ts'
import { rsshub } from './rsshub/index.ts'
import { spreadsheet } from './spreadsheet/index.ts'
import { sql } from './sql/index.ts'
import { weather } from './weather/index.ts'
import { webhook } from './webhook/index.ts'

/** Every kind of source there is. */
export const collectors: readonly AnyCollector[] = [
  rss,
  rsshub,
  pageList,
  pageWatch,
  hotList,
  jsonApi,
  spreadsheet,
  folder,
  mailbox,
  sql,
  weather,
  readings,
  calendar,
  webhook,
  manual,
]

/** Others push to it, so nobody reads it. */
export const isPushed = (kind: string) => collectorOf(kind)?.receive !== undefined

export const collectorOf = (kind: string) => collectors.find((collector) => collector.kind === kind)
