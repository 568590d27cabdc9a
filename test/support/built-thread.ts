import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'vite'
import { onTestFinished } from 'vitest'
import { root } from './running-product.ts'

/** Builds the inside of a thread as the product is built; gone after the test. @param file below the root */
export async function builtThread(file: string): Promise<URL> {
  const folder = mkdtempSync(join(tmpdir(), 'weiyu-thread-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: true,
      target: 'node20',
      outDir: folder,
      emptyOutDir: false,
      rolldownOptions: { input: { thread: join(root, file) }, output: { entryFileNames: '[name].mjs' } },
    },
  })
  return pathToFileURL(join(folder, 'thread.mjs'))
}
