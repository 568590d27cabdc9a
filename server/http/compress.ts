import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import type { MiddlewareHandler } from 'hono'

const squeeze = promisify(gzip)
/** Below, the packet is sent as it is: it fills no second one. */
const WORTH_BYTES = 1_024

/**
 * Compresses an answer of JSON in one piece on another thread, at the fastest level: the default level took as long as
 * everything else a list does, and a stream of small pieces even longer. Answers that are streams are left alone.
 */
export function compressJson(): MiddlewareHandler {
  return async (c, next) => {
    await next()
    const { headers, status } = c.res
    const isJson = headers.get('content-type')?.startsWith('application/json')
    if (!isJson || headers.has('content-encoding') || c.req.method === 'HEAD') return
    headers.append('vary', 'accept-encoding')
    let body = Buffer.from(await c.res.arrayBuffer())
    if (body.length >= WORTH_BYTES && takesGzip(c.req.header('accept-encoding'))) {
      body = await squeeze(body, { level: constants.Z_BEST_SPEED })
      headers.set('content-encoding', 'gzip')
    }
    headers.set('content-length', String(body.length))
    // Emptied first: else the headers of the old answer are merged and the body becomes a stream again.
    c.res = undefined
    c.res = new Response(body, { status, headers })
  }
}

/** `gzip;q=0` is a refusal. */
function takesGzip(accepted = ''): boolean {
  return accepted.split(',').some((one) => /^\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(one))
}
