import { Zip, ZipDeflate } from 'fflate'

export interface PackedFile {
  path: string
  bytes: Uint8Array
  at: Date
}

/** Other requests get their turn between pieces: compressing is done on this thread. */
const PIECE = 128 * 1024

/**
 * Files as one ZIP, written while it is read: only one file is in memory. For packages below 4 GB (no ZIP64); `files` says
 * no more than that. A reader who goes away stops it, and `files` is told by its `return`.
 */
export function zipOf(files: AsyncGenerator<PackedFile>): ReadableStream<Uint8Array> {
  let ready: Uint8Array[] = []
  let failure: Error | undefined
  const zip = new Zip((error, chunk) => {
    if (error) failure = error
    else ready.push(chunk)
  })
  let current: { entry: ZipDeflate; bytes: Uint8Array; at: number } | undefined
  let isEnded = false
  const step = async () => {
    if (current) {
      const { entry, bytes, at } = current
      const end = Math.min(at + PIECE, bytes.length)
      entry.push(bytes.subarray(at, end), end === bytes.length)
      current = end === bytes.length ? undefined : { entry, bytes, at: end }
      return
    }
    const next = await files.next()
    if (next.done) {
      zip.end()
      isEnded = true
      return
    }
    const { path, bytes, at } = next.value
    const entry = new ZipDeflate(path, { level: 6 })
    entry.mtime = at
    zip.add(entry)
    current = { entry, bytes, at: 0 }
  }
  return new ReadableStream({
    async pull(controller) {
      while (ready.length === 0 && !isEnded && !failure) await step()
      if (failure) throw failure
      for (const chunk of ready) controller.enqueue(chunk)
      ready = []
      if (isEnded) controller.close()
    },
    async cancel() {
      zip.terminate()
      await files.return(undefined)
    },
  })
}
