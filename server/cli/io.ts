import type { Readable, Writable } from 'node:stream'

/** Where a command reads and writes; tests pass their own. */
export interface Io {
  stdin: Readable
  stdout: Writable
  stderr: Writable
}
