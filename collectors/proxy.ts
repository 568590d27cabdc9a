// All collecting through a proxy of the house. Its own address is trusted: the administrator named it. Behind it the check
// at connect time is the proxy's, for only the proxy sees where a connection ends; names and literals are checked here
// before a request is handed over, so a name that changes its answer between the two is for the proxy's own rules to stop.
import { type Dispatcher, ProxyAgent } from 'undici'
import { hostList, takeCredentials } from './address.ts'
import type { ProxyAddress } from './wire-options.ts'

export interface OpenProxy {
  dispatcher: Dispatcher
  isDirect(host: string): boolean
}

export function openProxy(
  { url, except }: ProxyAddress,
  limits: { idleMs: number; perHost: number; maxHeaderSize: number },
): OpenProxy {
  const address = new URL(url)
  const token = takeCredentials(address)
  return {
    dispatcher: new ProxyAgent({
      uri: address.href,
      ...(token === undefined ? {} : { token }),
      // Plain http as a proxy expects it; many refuse a tunnel to port 80.
      proxyTunnel: false,
      headersTimeout: limits.idleMs,
      bodyTimeout: limits.idleMs,
      connections: limits.perHost,
      keepAliveTimeout: 4_000,
      maxHeaderSize: limits.maxHeaderSize,
      proxyTls: { timeout: limits.idleMs },
      requestTls: { timeout: limits.idleMs },
    }),
    isDirect: hostList(except),
  }
}
