// Builds the web pages and the server into dist/. With --if-stale it does nothing when no source is newer.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants } from 'node:zlib'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

function newestSource() {
  let newest = 0
  const look = (path) => {
    const at = statSync(path)
    if (at.isDirectory()) for (const name of readdirSync(path)) look(join(path, name))
    else newest = Math.max(newest, at.mtimeMs)
  }
  for (const part of ['server', 'collectors', 'risk-catalog', 'web', 'package.json', 'vite.config.ts']) {
    look(join(root, part))
  }
  return newest
}

function builtAt(stamp) {
  try {
    return statSync(stamp).mtimeMs
  } catch {
    return 0
  }
}

/** Beside each text file of the pages its brotli form, which the server sends to browsers that read it. */
function compressPages(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const file = join(entry.parentPath, entry.name)
    if (!entry.isFile() || !/\.(js|css|html|svg|json)$/.test(entry.name) || statSync(file).size < 1024)
      continue
    const params = { [constants.BROTLI_PARAM_QUALITY]: 9 }
    writeFileSync(`${file}.br`, brotliCompressSync(readFileSync(file), { params }))
  }
}

/**
 * Bundles files for Node as the server is bundled, each as NAME.js in a folder below the root: for benchmarks, training and tests.
 * @param {Record<string, string>} input file by its name
 */
export async function bundle(input, outDir) {
  const { build: viteBuild } = await import('vite')
  await viteBuild({
    root,
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: true,
      target: 'node20',
      outDir,
      emptyOutDir: true,
      sourcemap: true,
      rolldownOptions: { input },
    },
  })
}

/**
 * Builds the server, and the web pages when asked. Each half has its own stamp, so that the command line does not wait
 * for pages it never shows. Errors come from vite and name the file.
 */
export async function build({ web = true, ifStale = false } = {}) {
  const newest = ifStale ? newestSource() : Number.POSITIVE_INFINITY
  const halves = [
    { stamp: join(root, 'dist', 'server', '.built'), options: { build: { ssr: true } } },
    ...(web ? [{ stamp: join(root, 'dist', 'web', '.built'), options: {}, finish: compressPages }] : []),
  ]
  for (const { stamp, options, finish } of halves) {
    if (builtAt(stamp) >= newest) continue
    rmSync(stamp, { force: true })
    // Loaded only when something is to be built: a command that finds its bundle fresh starts half a second earlier.
    const { build: viteBuild } = await import('vite')
    await viteBuild({ configFile: join(root, 'vite.config.ts'), logLevel: 'error', ...options })
    finish?.(dirname(stamp))
    writeFileSync(stamp, '')
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build({ ifStale: process.argv.includes('--if-stale') })
}
