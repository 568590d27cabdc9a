import { z } from 'zod'
import { type AlertCapture, CollectError, type CollectTools, defineCollector } from '../collector.ts'
import { keyFields, keyHeaders, keyOptions, webAddress } from '../fields.ts'
import { type Left, readAlerts } from './cap.ts'

const maxLinked = 100
const maxRemembered = 2_000

const Cursor = z.object({
  /** Files of warnings that were read: a message never changes, so none is fetched twice. */
  read: z.array(z.string()),
})

/** Warnings of the weather authorities, joined to projects by area when they are stored. */
export const weather = defineCollector({
  kind: 'weather',
  label: { zh: '气象预警', en: 'Weather alerts' },
  hasPublisher: false,
  fields: [
    {
      name: 'url',
      label: { zh: '预警地址', en: 'Address of the alerts' },
      kind: 'url',
      required: true,
      hint: {
        zh: 'CAP 1.2（XML、JSON）、含 CAP 的 RSS/Atom，或气象接口的预警列表',
        en: 'CAP 1.2 (XML, JSON), a feed of CAP messages, or the alert list of a weather interface',
      },
      placeholder: 'https://example.com/alerts.xml',
    },
    ...keyFields,
  ],
  options: z.object({
    url: webAddress,
    ...keyOptions,
  }),
  schedule: '*/5 * * * *',
  async collect({ url, ...key }, tools) {
    const headers = keyHeaders(key)
    const answer = await tools.fetch(url, {
      accept:
        'application/cap+xml, application/atom+xml, application/json;q=0.9, application/xml;q=0.9, */*;q=0.5',
      conditional: true,
      headers,
    })
    if (answer.notModified) return { outcome: 'not-modified' }
    const { alerts, links, left } = readAlerts(answer.bytes, answer.headers['content-type'] ?? '', answer.url)
    const before = Cursor.safeParse(tools.cursor).data?.read ?? []
    const known = new Set(before)
    const fresh = links.filter(({ id }) => !known.has(id)).slice(0, maxLinked)
    const cursor = { read: [...before, ...fresh.map(({ id }) => id)].slice(-maxRemembered) }
    if (alerts.length === 0 && fresh.length === 0 && left.drills + left.receipts + left.unreadable === 0) {
      return { outcome: 'empty', cursor }
    }
    return {
      outcome: 'ok',
      alerts: withLinked(alerts, fresh, left, {
        tools,
        // The key is for the interface, not for whatever its entries link to.
        headersFor: (linked) => (new URL(linked).origin === new URL(url).origin ? headers : {}),
      }),
      cursor,
      get detail() {
        return remarkOf(left)
      },
    }
  },
})

/** One file after the other; a broken one does not keep the others out, but fails the run, so that it is read again. */
async function* withLinked(
  alerts: readonly AlertCapture[],
  links: readonly { url: string }[],
  left: Left,
  {
    tools,
    headersFor,
  }: { tools: CollectTools; headersFor: (url: string) => Readonly<Record<string, string>> },
): AsyncGenerator<AlertCapture> {
  yield* alerts
  let broken: CollectError | undefined
  for (const { url } of links) {
    try {
      const answer = await tools.fetch(url, {
        accept: 'application/cap+xml, application/xml;q=0.9',
        headers: headersFor(url),
      })
      const found = readAlerts(answer.bytes, answer.headers['content-type'] ?? '', answer.url)
      for (const reason of ['drills', 'receipts', 'unreadable'] as const) left[reason] += found.left[reason]
      yield* found.alerts
    } catch (error) {
      if (!(error instanceof CollectError)) throw error
      broken ??= error
    }
  }
  if (broken) throw broken
}

function remarkOf({ drills, receipts, unreadable }: Left): string | undefined {
  const parts = [
    drills > 0 && `${drills} drills left out`,
    receipts > 0 && `${receipts} receipts left out`,
    unreadable > 0 && `${unreadable} entries are no weather warnings`,
  ].filter(Boolean)
  return parts.length > 0 ? parts.join(', ') : undefined
}
