import { z } from 'zod'
import { findTopics, type Message } from '../analysis/topics.ts'
import type { Io } from './io.ts'
import { onlyFile, reporter, rowsOf, withInput, write } from './rows.ts'

const Row = z.object({
  id: z.union([z.string(), z.number()]),
  title: z.string(),
  body: z.string().default(''),
  time: z.string().nullish(),
  likes: z.number().nullish(),
})

/**
 * `weiyu topics FILE.jsonl|-`: issues, hottest first. A time without zone is Shanghai time; `first` and `last` are
 * written as they came in.
 */
export async function runTopics(args: readonly string[], io: Io): Promise<number> {
  const path = onlyFile(args, io, 'weiyu topics FILE.jsonl|-   rows {id, title, body, time, likes}')
  if (path === undefined) return 2
  const { report, status } = reporter(path, io)
  return withInput(io, async () => {
    const messages: Message[] = []
    const written = new Map<number, string>()
    for await (const { id, title, body, time, likes } of rowsOf(path, io, Row, report)) {
      const at = time ? instantOf(time) : null
      if (time && at !== null) written.set(at, time)
      messages.push({ id, title, body, at, reactions: Math.max(0, likes ?? 0) })
    }
    for (const [index, topic] of findTopics(messages).entries()) {
      const { title, heat, who, place, what } = topic
      await write(
        io.stdout,
        `${JSON.stringify({
          cluster_id: `t${index + 1}`,
          message_ids: topic.messages.map((message) => message.id),
          title,
          heat,
          ...(who !== null && { who }),
          ...(place !== null && { place }),
          ...(what.length > 0 && { what: what.join('、') }),
          first: topic.first === null ? null : (written.get(topic.first) ?? null),
          last: topic.last === null ? null : (written.get(topic.last) ?? null),
        })}\n`,
      )
    }
    return status()
  })
}

function instantOf(time: string): number | null {
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(time) ? time : `${time.trim().replace(' ', 'T')}+08:00`
  const at = Date.parse(zoned)
  return Number.isNaN(at) ? null : at
}
