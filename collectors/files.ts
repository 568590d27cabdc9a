// The files that sources may read: only those in folders that were opened for it, whatever `..` or a link says.
import { open, readdir, realpath, stat } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { CollectError, type CollectFiles, type FoundFile } from './collector.ts'
import { said } from './details.ts'

const maxListed = 10_000

/** Relative paths are seen from the first folder. */
export function createFiles(opened: readonly string[]): CollectFiles {
  async function inside(path: string): Promise<string> {
    const real = await realpath(resolve(opened[0] ?? '', path)).catch((error: unknown) => {
      throw named(error, path)
    })
    for (const folder of opened) {
      const root = await realpath(folder).catch(() => undefined)
      if (root !== undefined && (real === root || real.startsWith(root + sep))) return real
    }
    throw new CollectError('refused', said('file-outside', { path }))
  }
  return {
    async list(folder) {
      const real = await inside(folder)
      const names = await readdir(real, { withFileTypes: true }).catch((error: unknown) => {
        throw named(error, folder)
      })
      const files: FoundFile[] = []
      for (const entry of names.sort((a, b) => (a.name < b.name ? -1 : 1))) {
        // Links are left out: they may lead outside. Names with a leading dot are the editors' and the system's.
        if (!entry.isFile() || entry.name.startsWith('.') || entry.name.startsWith('~')) continue
        if (files.length >= maxListed)
          throw new CollectError('too-large', `${folder} holds more than ${maxListed} files`)
        const found = await stat(join(real, entry.name))
        files.push({
          path: join(folder, entry.name),
          bytes: found.size,
          modifiedAt: found.mtime.toISOString(),
        })
      }
      return files
    },
    async read(path, maxBytes) {
      const file = await open(await inside(path)).catch((error: unknown) => {
        throw named(error, path)
      })
      try {
        const { size } = await file.stat()
        if (size > maxBytes)
          throw new CollectError('too-large', said('file-over-bytes', { path, bytes: maxBytes }))
        return await file.readFile()
      } catch (error) {
        throw named(error, path)
      } finally {
        await file.close()
      }
    },
  }
}

function named(error: unknown, path: string): CollectError {
  if (error instanceof CollectError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'cannot be read'
  return new CollectError('unreachable', code === 'ENOENT' ? said('file-gone', { path }) : `${path}: ${code}`)
}
