import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { StartError } from '../lib/start-error.ts'
import type { Env } from './context.ts'

const DRAIN_MS = 10_000
const SWEEP_MS = 100

export interface Listening {
  url: string
  port: number
  /** Takes no new connection, lets running requests finish, cuts what is still open after ten seconds. */
  close(): Promise<void>
}

/** @throws StartError when the port or host cannot be used */
export async function listen(
  app: Pick<Hono<Env>, 'fetch'>,
  at: { host: string; port: number },
): Promise<Listening> {
  const answer = getRequestListener(app.fetch)
  const server = createServer((request, response) => void answer(request, response))
  // Longer than proxies keep an idle connection, so that they never send on one that is just closing.
  server.keepAliveTimeout = 65_000
  server.requestTimeout = 120_000
  const closeUnused = watchConnections(server)
  await started(server, at)
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : at.port
  const host = at.host.includes(':') ? `[${at.host}]` : at.host
  return {
    url: `http://${host}:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        const sweep = setInterval(closeUnused, SWEEP_MS)
        const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
        server.close(() => {
          clearInterval(sweep)
          clearTimeout(cut)
          resolve()
        })
        closeUnused()
      }),
  }
}

function started(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const cures: Record<string, [string, string]> = {
        EADDRINUSE: [`Port ${port} is in use.`, 'Stop the other program or choose another port with PORT.'],
        EACCES: [`Port ${port} may not be opened by this account.`, 'Choose a port above 1023 with PORT.'],
        EADDRNOTAVAIL: [`${host} is not an address of this machine.`, 'Correct HOST.'],
        ENOTFOUND: [`${host} is not an address of this machine.`, 'Correct HOST.'],
      }
      const [what, cure] = cures[error.code ?? ''] ?? [
        `Cannot listen on ${host}:${port}: ${error.message}.`,
        'Check HOST and PORT.',
      ]
      reject(new StartError(what, cure))
    })
    server.listen(port, host, resolve)
  })
}

/**
 * Gives a function that closes every connection without a running request. Node's own `closeIdleConnections` passes over
 * those that never had one, and browsers open such spare connections ahead of need.
 */
function watchConnections(server: Server): () => void {
  const requests = new Map<Socket, number>()
  server.on('connection', (socket: Socket) => {
    requests.set(socket, 0)
    socket.on('close', () => requests.delete(socket))
  })
  server.on('request', ({ socket }, response) => {
    requests.set(socket, (requests.get(socket) ?? 0) + 1)
    response.on('close', () => requests.has(socket) && requests.set(socket, (requests.get(socket) ?? 1) - 1))
  })
  return () => {
    for (const [socket, running] of requests) if (running === 0) socket.destroy()
  }
}
