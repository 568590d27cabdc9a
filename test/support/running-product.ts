import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export interface RunningProduct {
  url: string
  dataFolder: string
  child: ChildProcess
  /** Everything it wrote to standard error so far. */
  errors: () => string
  stop(): Promise<void>
}

/** Starts the product as a user does, on a free port and a data folder of its own (or a given one, which is kept). */
export async function startProduct(
  options: { dataFolder?: string; env?: NodeJS.ProcessEnv; args?: readonly string[] } = {},
): Promise<RunningProduct> {
  const dataFolder = options.dataFolder ?? mkdtempSync(join(tmpdir(), 'weiyu-flow-'))
  chmodSync(dataFolder, 0o755)
  const child = spawn(process.execPath, [join(root, 'bin', 'weiyu.mjs'), 'start', ...(options.args ?? [])], {
    cwd: root,
    env: {
      ...process.env,
      WEIYU_DATA: dataFolder,
      PORT: '0',
      HOST: '127.0.0.1',
      DATABASE_URL: '',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const url = await new Promise<string>((found, failed) => {
    let said = ''
    child.stdout.on('data', (chunk) => {
      said += chunk
      const address = /https?:\/\/[^\s]+/.exec(said)
      if (address) found(address[0].replace(/\/$/, ''))
    })
    child.once('exit', (code) =>
      failed(new Error(`the product stopped with ${code} before it listened: ${said}${errors}`)),
    )
  })
  return {
    url,
    dataFolder,
    child,
    errors: () => errors,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = new Promise((done) => child.once('exit', done))
        child.kill('SIGTERM')
        await gone
      }
      if (!options.dataFolder) rmSync(dataFolder, { recursive: true, force: true })
    },
  }
}

/** Runs one command line of the product to its end. */
export async function runWeiyu(
  args: readonly string[],
  options: { input?: string; env?: NodeJS.ProcessEnv } = {},
) {
  const child = spawn(process.execPath, [join(root, 'bin', 'weiyu.mjs'), ...args], {
    cwd: root,
    env: { ...process.env, DATABASE_URL: '', ...options.env },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  child.stdin.end(options.input ?? '')
  const status = await new Promise<number | null>((done) => child.once('close', done))
  return { status, stdout, stderr }
}
