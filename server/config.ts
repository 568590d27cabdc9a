import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { StartError } from './lib/start-error.ts'

const blankIsAbsent = (value: unknown) => (value === '' ? undefined : value)
const port = z.preprocess(
  blankIsAbsent,
  z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(0, 'must be 0 to 65535')
    .max(65_535, 'must be 0 to 65535')
    .default(3000),
)

const Environment = z.object({
  WEIYU_DATA: z.preprocess(blankIsAbsent, z.string().optional()),
  DATABASE_URL: z.preprocess(
    blankIsAbsent,
    z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'must begin with postgres://')
      .optional(),
  ),
  PORT: port,
  HOST: z.preprocess(blankIsAbsent, z.string().default('127.0.0.1')),
  WEIYU_SECRET: z.preprocess(
    blankIsAbsent,
    z
      .string()
      .regex(/^[A-Za-z0-9+/_-]{43}=?$/, 'must be 32 bytes in base64 (openssl rand -base64 32)')
      .optional(),
  ),
  WEIYU_FETCH_ALLOW: z.preprocess(blankIsAbsent, z.string().default('')),
  WEIYU_PROXY: z.preprocess(
    blankIsAbsent,
    z.url({ protocol: /^https?$/, error: 'must be an address such as http://proxy.example:3128' }).optional(),
  ),
  WEIYU_NO_PROXY: z.preprocess(blankIsAbsent, z.string().default('')),
  WEIYU_ASSISTANT_ALLOW: z.preprocess(blankIsAbsent, z.string().default('')),
  WEIYU_SECURE_COOKIE: z.preprocess(blankIsAbsent, z.enum(['auto', 'always']).default('auto')),
  WEIYU_TRUST_PROXY: z.preprocess(blankIsAbsent, z.enum(['true', 'false']).default('false')),
  /** Read by lib/log.ts, before anything else. */
  WEIYU_LOG: z.preprocess(
    blankIsAbsent,
    z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'], 'must be debug, info, warn or error')
      .optional(),
  ),
})

export interface Config {
  /** Folder of package.json: where the catalogue and the built pages are. */
  root: string
  version: string
  dataFolder: string
  /** True when nobody named the folder: then root may put the database elsewhere if its account cannot reach it. */
  isDefaultDataFolder: boolean
  databaseUrl: string | undefined
  port: number
  host: string
  /** Key for personal data, base64; absent: a file in the data folder. */
  secret: string | undefined
  /** Addresses and ranges that collectors may reach although they are private. */
  fetchAllow: readonly string[]
  /** Through which collectors read everything but the hosts it excepts. */
  fetchProxy: { url: string; except: readonly string[] } | undefined
  /** Addresses and ranges where the language model may be although they are private. */
  assistantAllow: readonly string[]
  secureCookie: 'auto' | 'always'
  trustProxy: boolean
}

/** The folder above this file that holds package.json: the same from the sources and from the bundle. */
function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder)
    if (above === folder)
      throw new StartError('package.json was not found above the server.', 'Run Weiyu from its own folder.')
    folder = above
  }
  return folder
}

const listOf = (text: string) => text.split(/[\s,]+/).filter(Boolean)

/** Reads the environment once; a wrong value is one clear line that names the variable. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const parsed = Environment.safeParse(environment)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new StartError(
      `${issue?.path.join('.')}: ${issue?.message}.`,
      'Correct this environment variable and start again.',
    )
  }
  const values = parsed.data
  const root = projectRoot()
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
  return {
    root,
    version,
    dataFolder: resolve(values.WEIYU_DATA ?? join(root, 'data')),
    isDefaultDataFolder: values.WEIYU_DATA === undefined,
    databaseUrl: values.DATABASE_URL,
    port: values.PORT,
    host: values.HOST,
    secret: values.WEIYU_SECRET,
    fetchAllow: listOf(values.WEIYU_FETCH_ALLOW),
    fetchProxy: values.WEIYU_PROXY
      ? { url: values.WEIYU_PROXY, except: listOf(values.WEIYU_NO_PROXY) }
      : undefined,
    assistantAllow: listOf(values.WEIYU_ASSISTANT_ALLOW),
    secureCookie: values.WEIYU_SECURE_COOKIE,
    trustProxy: values.WEIYU_TRUST_PROXY === 'true',
  }
}
