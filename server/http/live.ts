import pg from 'pg'
import { z } from 'zod'
import type { Scope } from '../access/scope.ts'
import { LIVE_CHANNEL } from '../jobs/announce-store.ts'
import type { LiveEvent } from '../jobs/jobs.ts'
import { log } from '../lib/log.ts'

const HEARTBEAT_MS = 15_000
const MAX_RECONNECT_MS = 10_000
/** A reader this many chunks behind is gone or asleep; it reads again when it comes back. */
const MAX_BEHIND = 256

const Event: z.ZodType<LiveEvent> = z.object({
  topic: z.enum(['warning', 'mention', 'complaint', 'source', 'exposure', 'assistant', 'progress']),
  projectIds: z.array(z.number()).optional(),
  progress: z
    .object({ task: z.string(), done: z.number(), total: z.number(), message: z.string().optional() })
    .optional(),
})

/** One open page. */
interface Reader {
  key: string
  tokenHash: Buffer
  reach: { all: boolean; projectIds: ReadonlySet<number> }
  send(chunk: Uint8Array): void
  end(): void
}

/** Who of these may still read, and what; the others are sent away. */
export type StillOpen = (tokenHashes: readonly Buffer[]) => Promise<ReadonlyMap<string, { scope: Scope }>>

export interface Live {
  /** A stream of server-sent events for one page, until it goes, its session ends or the server stops. */
  stream(tokenHash: Buffer, scope: Scope, stillOpen: StillOpen): ReadableStream<Uint8Array>
  readers(): number
  /** Counts every event this process heard: an answer made before the last one may be older than what a page was just told. */
  heard(): number
  /** Sends a sign of life to all, and away whoever may no longer read; runs by itself every 15 seconds. */
  beat(): Promise<void>
  close(): Promise<void>
}

const encoder = new TextEncoder()
const heartbeat = encoder.encode(': alive\n\n')
const reachOf = (scope: Scope) => ({ all: scope.all, projectIds: new Set(scope.projectIds) })

/** Hears the database's notifications on one connection of its own and passes each, written once, to the pages it concerns. */
export async function openLive(databaseUrl: string): Promise<Live> {
  const readers = new Set<Reader>()
  let whoIsOpen: StillOpen | undefined
  let client: pg.Client | undefined
  let isClosed = false
  let heard = 0
  let retry: ReturnType<typeof setTimeout> | undefined

  const pass = (payload: string) => {
    const event = parse(payload)
    if (!event) return
    const { topic, projectIds, progress } = event
    heard += 1
    const chunk = encoder.encode(`event: ${topic}\ndata: ${JSON.stringify(progress ?? null)}\n\n`)
    for (const reader of readers) if (concerns(reader.reach, projectIds)) reader.send(chunk)
  }
  const endAll = () => {
    for (const reader of readers) reader.end()
  }

  async function connect(): Promise<void> {
    const opened = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'weiyu live',
      keepAlive: true,
    })
    opened.on('error', (error) => log.warn({ err: error }, 'the live connection was lost'))
    opened.on('notification', ({ payload }) => pass(payload ?? ''))
    await opened.connect()
    await opened.query(`listen ${LIVE_CHANNEL}`)
    client = opened
    opened.on('end', () => {
      client = undefined
      // What was announced meanwhile is lost: pages connect anew and read everything once.
      endAll()
      if (!isClosed) reconnect(250)
    })
  }
  function reconnect(waitMs: number): void {
    retry = setTimeout(() => {
      connect().catch(() => reconnect(Math.min(MAX_RECONNECT_MS, waitMs * 2)))
    }, waitMs)
  }

  /** One query for all readers: whose session ended goes, whose rights changed hears by the new ones. */
  async function beat(): Promise<void> {
    if (readers.size === 0 || !whoIsOpen) return
    const open = await whoIsOpen([...readers].map((reader) => reader.tokenHash))
    for (const reader of readers) {
      const user = open.get(reader.key)
      if (!user) {
        reader.end()
        continue
      }
      reader.reach = reachOf(user.scope)
      reader.send(heartbeat)
    }
  }
  const timer = setInterval(() => {
    beat().catch((error: unknown) => log.warn({ err: error }, 'open pages could not be checked'))
  }, HEARTBEAT_MS)
  timer.unref()

  await connect()
  return {
    stream(tokenHash, scope, stillOpen) {
      whoIsOpen = stillOpen
      let leave = () => {}
      return new ReadableStream<Uint8Array>(
        {
          start(controller) {
            const reader: Reader = {
              key: tokenHash.toString('hex'),
              tokenHash,
              reach: reachOf(scope),
              send(chunk) {
                if ((controller.desiredSize ?? 0) < -MAX_BEHIND) reader.end()
                else controller.enqueue(chunk)
              },
              end() {
                if (readers.delete(reader)) controller.close()
              },
            }
            leave = () => readers.delete(reader)
            readers.add(reader)
            reader.send(encoder.encode('retry: 2000\n\n'))
          },
          cancel: () => leave(),
        },
        new CountQueuingStrategy({ highWaterMark: 16 }),
      )
    },
    readers: () => readers.size,
    heard: () => heard,
    beat,
    async close() {
      isClosed = true
      clearInterval(timer)
      clearTimeout(retry)
      endAll()
      await client?.end()
    },
  }
}

function parse(payload: string): LiveEvent | undefined {
  try {
    return Event.parse(JSON.parse(payload))
  } catch (error) {
    log.warn({ err: error }, 'a notification could not be read')
    return undefined
  }
}

function concerns(reach: Reader['reach'], projectIds: readonly number[] | undefined): boolean {
  return reach.all || projectIds === undefined || projectIds.some((id) => reach.projectIds.has(id))
}
