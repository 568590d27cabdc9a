// The wire behind every request to the outside: where a socket may end, and how many bytes may come out of it.
import { lookup as dnsLookup, type LookupAddress } from 'node:dns'
import { type Duplex, pipeline } from 'node:stream'
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib'
import { buildConnector, type Dispatcher } from 'undici'
import { CollectError } from './collector.ts'

/** The address is not among those that may be reached. */
export class RefusedAddress extends Error {}

/** Connects only where `mayReach` allows: no name resolves to, and no socket ends at, another address. */
export function guardedConnector(
  mayReach: (address: string) => boolean,
  timeoutMs: number,
): buildConnector.connector {
  const connect = buildConnector({
    timeout: timeoutMs,
    // The second gate: only answers that may be reached are handed on.
    lookup: (hostname, options, done) => {
      dnsLookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
        if (error) return done(error, '', 4)
        const reachable = found.filter((entry) => mayReach(entry.address))
        const first = reachable[0]
        if (!first) return done(new RefusedAddress(hostname), '', 4)
        if (options.all) return done(null, reachable)
        done(null, first.address, first.family)
      })
    },
  })
  return (target, done) => {
    connect(target, (...[error, socket]) => {
      if (error) return done(error, null)
      // The third gate: what was really reached, whatever the resolver said.
      if (!mayReach(socket.remoteAddress ?? '')) {
        socket.destroy()
        return done(new RefusedAddress(target.hostname), null)
      }
      done(null, socket)
    })
  }
}

/** The whole body, counted on the wire and after decompression; throws `too-large` at the first byte too many. */
export async function readBody(
  answer: Pick<Dispatcher.ResponseData, 'body'>,
  headers: Readonly<Record<string, string>>,
  maxBytes: number,
  maxRatio: number,
): Promise<Uint8Array> {
  const tooLarge = () => new CollectError('too-large', `more than ${maxBytes} bytes`)
  const encodings = (headers['content-encoding'] ?? '')
    .toLowerCase()
    .split(/\s*,\s*/)
    .filter((name) => name && name !== 'identity')
  if (encodings.length > 2) throw new CollectError('refused', 'more than two content encodings')
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge()
  let wire = 0
  async function* counted(body: AsyncIterable<Uint8Array>) {
    for await (const part of body) {
      wire += part.length
      if (wire > maxBytes) throw tooLarge()
      yield part
    }
  }
  let stream: AsyncIterable<Uint8Array> = counted(answer.body)
  for (const encoding of encodings.reverse()) stream = decompressed(stream, encoding)
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of stream) {
    size += part.length
    if (size > maxBytes) throw tooLarge()
    if (encodings.length > 0 && size > 1024 * 1024 && size > wire * maxRatio) {
      throw new CollectError('too-large', `decompresses to more than ${maxRatio} times its size`)
    }
    parts.push(part)
  }
  return Buffer.concat(parts)
}

async function* decompressed(
  source: AsyncIterable<Uint8Array>,
  encoding: string,
): AsyncGenerator<Uint8Array> {
  const reader = source[Symbol.asyncIterator]()
  const first = await reader.next()
  if (first.done) return
  const decoder = decoderFor(encoding, first.value[0] ?? 0)
  async function* whole() {
    yield first.value
    yield* { [Symbol.asyncIterator]: () => reader }
  }
  // An error of the source destroys the decoder with that error, which the loop below then throws.
  pipeline(whole, decoder, () => {})
  yield* decoder as AsyncIterable<Uint8Array>
}

/** A body that ends too early gives what it had: half a feed still holds whole items. */
function decoderFor(encoding: string, firstByte: number): Duplex {
  const lenient = { finishFlush: constants.Z_SYNC_FLUSH }
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip(lenient)
  if (encoding === 'br') return createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH })
  // Some servers send raw deflate under this name: the low nibble of the first byte tells.
  if (encoding === 'deflate')
    return (firstByte & 0x0f) === 8 ? createInflate(lenient) : createInflateRaw(lenient)
  throw new CollectError('refused', `unknown content encoding ${encoding.slice(0, 20)}`)
}

/** Header names in lower case, repeated ones joined. */
export function lowerHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const lower: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) lower[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value
  }
  return lower
}
