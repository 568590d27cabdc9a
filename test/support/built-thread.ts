import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { onTestFinished } from 'vitest'
import { bundle } from '../../bin/build.mjs'
import { root } from './running-product.ts'

/** Builds the inside of a thread as the product is built; gone after the test. @param file below the root */
export async function builtThread(file: string): Promise<URL> {
  const folder = join(root, '.cache', 'threads', randomUUID())
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  await bundle({ thread: join(root, file) }, folder)
  return pathToFileURL(join(folder, 'thread.js'))
}
