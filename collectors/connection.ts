// How a source of the house's own systems (mail server, database) is reached: by the address that passed the gate, with a
// certificate checked against the name that was typed. A password leaves in the clear, or to a server that proves nothing,
// only inside the house: at private addresses, which an administrator opened one by one.
import { isIP } from 'node:net'
import { type ConnectionOptions, checkServerIdentity } from 'node:tls'
import ipaddr from 'ipaddr.js'
import { CollectError, type CollectTools } from './collector.ts'
import { said } from './details.ts'
import type { Field } from './fields.ts'

export const hostField: Field = {
  name: 'host',
  label: { zh: '服务器', en: 'Server' },
  kind: 'text',
  required: true,
  hint: {
    zh: '主机名或地址；内网地址须先由管理员在 WEIYU_FETCH_ALLOW 中开放',
    en: 'Name or address; one inside the house is opened in WEIYU_FETCH_ALLOW first',
  },
}

/** Ways to connect that show a password to whoever stands between: see `refuseOpenWay`. */
export const openWays = [
  {
    value: 'unchecked',
    label: { zh: 'TLS，不核对证书（仅内网）', en: 'TLS, unchecked (inside only)' },
  },
  { value: 'none', label: { zh: '不加密（仅内网）', en: 'None (inside only)' } },
] as const

export interface Reached {
  /** Literal: connecting to it asks no resolver again. */
  address: string
  /** For `tls.connect`; the name decides, not the address. */
  tls: ConnectionOptions
  /** Private address, opened by an administrator. */
  isInside: boolean
}

/** Where the host may be reached. @throws CollectError `refused`, `unreachable` */
export async function reach(host: string, tools: Pick<CollectTools, 'addressOf'>): Promise<Reached> {
  const address = await tools.addressOf(host)
  return {
    address,
    isInside: ipaddr.process(address).range() !== 'unicast',
    tls: {
      // An address is no server name (RFC 6066); its certificate must name it all the same.
      ...(isIP(host) ? {} : { servername: host }),
      checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
      minVersion: 'TLSv1.2',
    },
  }
}

/** @throws CollectError when the way is too open for a password */
export function refuseOpenWay({ isInside }: Reached, host: string, way: string): void {
  if (!isInside)
    throw new CollectError(
      'refused',
      `${host} is a public address, where ${way} would show the password to others; choose checked encryption`,
    )
}

/** What a socket or its TLS says, in words that name the cure; `undefined`: the error is another one. */
export function connectionError(error: unknown, place: string): CollectError | undefined {
  if (error instanceof CollectError) return error
  const { code, message } = wordsOf(error)
  if (/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN)$/.test(code))
    return new CollectError('unreachable', said('no-connection', { place, code }))
  if (code === 'ETIMEDOUT' || /time(?:d )?out/i.test(message))
    return new CollectError('timeout', said('no-answer', { place }))
  if (/SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_|ERR_TLS_CERT/.test(code) || /self-signed/i.test(message))
    return new CollectError('refused', said('certificate-unproven', { place, code }))
  if (/^(ERR_SSL|EPROTO)|WRONG_VERSION/.test(code) || /wrong version number/i.test(message))
    return new CollectError('unreachable', said('no-tls', { place }))
  if (/^(ECONNRESET|EPIPE|ECONNABORTED)$/.test(code))
    return new CollectError('unreachable', said('connection-broke', { place, code }))
  return undefined
}

function wordsOf(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: '', message: String(error) }
  return { code: 'code' in error ? String(error.code) : '', message: error.message }
}
