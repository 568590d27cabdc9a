import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the loopback endpoint was sent. */
export interface Received {
  url: string
  authorization: string | undefined
  model: string
  system: string
  user: string
  hasJsonMode: boolean
  /** The ids between the marks of the prompt. */
  ids: readonly string[]
}

export type Behaviour = (received: Received, response: ServerResponse, request: IncomingMessage) => void

export interface LoopbackModel {
  baseUrl: string
  received: Received[]
  /** How it behaves from now on. */
  behave(behaviour: Behaviour): void
  close(): Promise<void>
}

/** An OpenAI-compatible server on this machine that does what a test tells it to. */
export async function loopbackModel(): Promise<LoopbackModel> {
  let behaviour: Behaviour = says({ sentences: [] })
  const received: Received[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(parts).toString() || '{}')
      const user = String(body.messages?.[1]?.content ?? '')
      const one: Received = {
        url: request.url ?? '',
        authorization: request.headers.authorization,
        model: String(body.model),
        system: String(body.messages?.[0]?.content ?? ''),
        user,
        hasJsonMode: body.response_format?.type === 'json_object',
        ids: [...user.matchAll(/^\{"id":"([mc]\d+)"/gm)].map((match) => match[1] ?? ''),
      }
      received.push(one)
      behaviour(one, response, request)
    })
  })
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    received,
    behave: (next) => {
      behaviour = next
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>((done) => void server.close(() => done()))
    },
  }
}

/** A good completion whose content is this, as JSON unless it is text already. */
export function says(
  content: unknown,
  usage: object | null = { prompt_tokens: 100, completion_tokens: 20 },
): Behaviour {
  return (received, response) => {
    const value = typeof content === 'function' ? content(received) : content
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        id: 'x',
        choices: [{ index: 0, message: { role: 'assistant', content: text } }],
        usage,
      }),
    )
  }
}

export function answersRaw(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Behaviour {
  return (_received, response) => {
    response.writeHead(status, headers)
    response.end(body)
  }
}

/** Accepts the connection and never says a word. */
export const hangs: Behaviour = () => {}
