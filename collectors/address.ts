// Which addresses may be read, and what of an address may be said aloud.
import { createHash } from 'node:crypto'
import ipaddr from 'ipaddr.js'
import { CollectError } from './collector.ts'
import { said } from './details.ts'

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number]

/** True for an address that may be reached. Anything but a literal address is false. */
export type AddressGate = (address: string) => boolean

/** All of IPv6 that was ever given out; the rest is not «public», only unknown. */
const givenOut = ipaddr.parseCIDR('2000::/3')
/** Looks public, is the machine room of a cloud: its agent hands out keys. */
const metadata = new Set(['168.63.129.16'])

/** The public internet, or what the administrator opened. */
export function addressGate(allow: readonly string[]): AddressGate {
  const ranges = allow.map(rangeOf)
  const mayReach = (address: ipaddr.IPv4 | ipaddr.IPv6): boolean => {
    if (isPublic(address)) return true
    if (!ranges.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits)))
      return false
    // Whoever opened a translator (NAT64, 6to4) did not open everything behind it.
    const inner = embedded(address)
    return inner === undefined || mayReach(inner)
  }
  return (text) => ipaddr.isValid(text) && mayReach(ipaddr.process(text))
}

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast' || metadata.has(address.toString())) return false
  return address.kind() === 'ipv4' || address.match(givenOut)
}

function embedded(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | undefined {
  const range = address.range()
  if (range !== 'rfc6052' && range !== '6to4') return undefined
  const bytes = address.toByteArray()
  return new ipaddr.IPv4(range === '6to4' ? bytes.slice(2, 6) : bytes.slice(12))
}

function rangeOf(entry: string): Range {
  try {
    if (entry.includes('/')) return ipaddr.parseCIDR(entry)
    const address = ipaddr.process(entry)
    return [address, address.kind() === 'ipv4' ? 32 : 128]
  } catch {
    throw new Error(`not an address or CIDR range: ${entry}`)
  }
}

/** Hosts that match an entry: a name with everything below it (`.corp.example` the same), an address, a CIDR range, `*`. */
export function hostList(entries: readonly string[]): (host: string) => boolean {
  const isRange = (entry: string) => ipaddr.isValid(entry) || ipaddr.isValidCIDR(entry)
  const ranges = entries.filter(isRange).map(rangeOf)
  const names = entries
    .filter((entry) => !isRange(entry))
    .map((entry) => entry.toLowerCase().replace(/^\*?\./, ''))
  return (host) => {
    if (ipaddr.isValid(host)) {
      const address = ipaddr.process(host)
      if (ranges.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits)))
        return true
    }
    const name = host.toLowerCase()
    return names.some((entry) => entry === '*' || name === entry || name.endsWith(`.${entry}`))
  }
}

/** The host as literals are checked: IPv6 without its brackets. Decimal, octal and hex are IPv4 already: URL saw to it. */
export const bareHost = (url: URL) =>
  url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname

export const isLiteral = (host: string) => ipaddr.isValid(host)

/** An address that can be read at all; the fragment stays at home. */
export function checkedUrl(text: string): URL {
  if (text.length > 8_000) throw new CollectError('refused', 'an address of more than 8,000 characters')
  if (!URL.canParse(text)) throw new CollectError('refused', said('no-address', {}))
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new CollectError('refused', said('no-web-address', { protocol: url.protocol }))
  }
  url.hash = ''
  return url
}

/** Takes user and password out of the address and makes the header of them. */
export function takeCredentials(url: URL): string | undefined {
  if (!url.username && !url.password) return undefined
  const pair = `${decoded(url.username)}:${decoded(url.password)}`
  url.username = ''
  url.password = ''
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** For messages and logs: no user, no password, no query (keys live there), and no more of a path than one can read. */
export function withoutSecrets(url: string): string {
  if (!URL.canParse(url)) return '(not an address)'
  const { protocol, host, pathname, search } = new URL(url)
  const path = pathname.length > 200 ? `${pathname.slice(0, 200)}…` : pathname
  return `${protocol}//${host}${path}${search ? '?…' : ''}`
}

/** Under which an answer's validators are kept: the address, with a hash in place of what may be secret in it. */
export function validatorKey(address: string): string {
  if (!/[?@]/.test(address)) return address
  return `${withoutSecrets(address)}#${createHash('sha256').update(address).digest('hex').slice(0, 16)}`
}

export const refusedAddress = (host: string) => new CollectError('refused', said('private-address', { host }))
