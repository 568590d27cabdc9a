// What came over the wire, made readable within limits.
import { promisify } from 'node:util'
import {
  brotliDecompress,
  constants,
  gunzip as gunzipCallback,
  inflate as inflateCallback,
  inflateRaw as inflateRawCallback,
} from 'node:zlib'
import { CollectError } from './collector.ts'
import { said } from './details.ts'

export const tooLarge = (maxBytes: number) =>
  new CollectError('too-large', said('over-bytes', { bytes: maxBytes }))

const gunzip = promisify(gunzipCallback)
const inflate = promisify(inflateCallback)
const inflateRaw = promisify(inflateRawCallback)
const unbrotli = promisify(brotliDecompress)

/**
 * The body as it was before it was compressed. Every layer keeps within the limits: what one gives the next must chew.
 * @throws CollectError `too-large`, `refused`; the errors of zlib
 */
export async function decompressed(
  parts: readonly Uint8Array[],
  encoding: string | undefined,
  { maxBytes, maxRatio }: { maxBytes: number; maxRatio: number },
): Promise<Uint8Array> {
  let bytes: Uint8Array = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
  const encodings = (encoding ?? '')
    .toLowerCase()
    .split(/\s*,\s*/)
    .filter((name) => name && name !== 'identity')
  if (encodings.length > 2) throw new CollectError('refused', 'more than two content encodings')
  const byRatio = Math.max(1024 * 1024, bytes.length * maxRatio)
  const maxOutputLength = Math.min(maxBytes, byRatio)
  for (const name of encodings.reverse()) {
    if (bytes.length === 0) break
    try {
      bytes = await decompress(bytes, name, maxOutputLength)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')) throw error
      throw byRatio < maxBytes
        ? new CollectError('too-large', said('over-ratio', { ratio: maxRatio }))
        : tooLarge(maxBytes)
    }
  }
  return bytes
}

/** A body that ends too early gives what it had: half a feed still holds whole items. */
function decompress(bytes: Uint8Array, encoding: string, maxOutputLength: number): Promise<Uint8Array> {
  const lenient = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength }
  if (encoding === 'gzip' || encoding === 'x-gzip') return gunzip(bytes, lenient)
  if (encoding === 'br')
    return unbrotli(bytes, { finishFlush: constants.BROTLI_OPERATION_FLUSH, maxOutputLength })
  // Some servers send raw deflate under this name: the low nibble of the first byte tells.
  if (encoding === 'deflate')
    return ((bytes[0] ?? 0) & 0x0f) === 8 ? inflate(bytes, lenient) : inflateRaw(bytes, lenient)
  throw new CollectError('refused', `unknown content encoding ${encoding.slice(0, 20)}`)
}

/** Repeated headers joined; undici has made the names small. */
export function joined(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const one: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) one[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return one
}
