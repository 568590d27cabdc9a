// Apart from the wire itself: pages read the types of the API down to here, and those of Node and undici end before it.

/** All addresses of a name; throws what `dns.lookup` throws. */
export type ResolveName = (host: string) => Promise<readonly { address: string; family: number }[]>

export interface WireLimits {
  /** Of the body, on the wire and after decompression. */
  maxBytes: number
  /** Decompressed to compressed bytes, judged once a mebibyte has come out. */
  maxRatio: number
  /** Without a byte, and for a connection to be made. */
  idleMs: number
  /** Connections to one host. */
  perHost: number
}

export interface ProxyAddress {
  /** http or https; user and password are sent to it and nowhere else. */
  url: string
  /** Names with everything below them, addresses and ranges that are read without it. */
  except: readonly string[]
}
