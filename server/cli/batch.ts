// `feed` and `page` share their way in: one file, or rows of a JSON Lines file, one line out per row and in order.
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import type { Io } from './io.ts'
import { linesOf } from './rows.ts'

export interface Input {
  bytes: Uint8Array
  url?: string
  headers: Record<string, string>
}

const row = z.object({
  id: z.union([z.string(), z.number()]),
  file: z.string(),
  url: z.string().nullish(),
  headers: z.record(z.string(), z.string()).nullish(),
})

/** Exit status: 0 when everything was read, 1 when a file could not be read, 2 for a wrong call. */
export async function runReader(
  args: readonly string[],
  io: Io,
  usage: string,
  read: (input: Input) => unknown,
): Promise<number> {
  let call: ReturnType<typeof parsed>
  try {
    call = parsed(args)
  } catch (error) {
    io.stderr.write(`${messageOf(error)}\n${usage}\n`)
    return 2
  }
  const { values, positionals } = call
  if ((values.batch === undefined) === (positionals.length === 0) || positionals.length > 1) {
    io.stderr.write(`${usage}\n`)
    return 2
  }
  const { url } = values
  if (url !== undefined && !URL.canParse(url)) {
    io.stderr.write(
      `--url «${url}» is no address: write it whole, such as https://news.example/1.html\n${usage}\n`,
    )
    return 2
  }
  const [path = '-'] = positionals
  try {
    if (values.batch !== undefined) return await runBatch(values.batch, io, read)
    const type = values['content-type']
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type }
    const bytes = await bytesOf(path, io)
    await say(io, read({ bytes, headers, ...(url === undefined ? {} : { url }) }))
    return 0
  } catch (error) {
    const place = values.batch === undefined ? `${path === '-' ? 'standard input' : path}: ` : ''
    io.stderr.write(`${place}${messageOf(error)}\n`)
    return 1
  }
}

const parsed = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { 'content-type': { type: 'string' }, url: { type: 'string' }, batch: { type: 'string' } },
  })

async function runBatch(path: string, io: Io, read: (input: Input) => unknown): Promise<number> {
  // Files stand beside the rows, or where the command was called.
  const folders = path === '-' ? [process.cwd()] : [dirname(resolve(path)), process.cwd()]
  for await (const { text } of linesOf(path, io)) {
    if (text.trim() !== '') await say(io, await readRow(text, folders, read))
  }
  return 0
}

async function readRow(
  line: string,
  folders: readonly string[],
  read: (input: Input) => unknown,
): Promise<object> {
  let id: unknown = null
  try {
    const value: unknown = JSON.parse(line)
    if (value !== null && typeof value === 'object' && 'id' in value) id = value.id
    const { file, url, headers } = row.parse(value)
    const lower = Object.entries(headers ?? {}).map(([name, text]) => [name.toLowerCase(), text])
    const bytes = await firstOf(file, folders)
    const result = read({ bytes, headers: Object.fromEntries(lower), ...(url ? { url } : {}) })
    return { id, ...(result as object) }
  } catch (error) {
    return { id, error: messageOf(error) }
  }
}

async function firstOf(file: string, folders: readonly string[]): Promise<Uint8Array> {
  for (const [at, folder] of folders.entries()) {
    try {
      return await readFile(resolve(folder, file))
    } catch (error) {
      if (at === folders.length - 1) throw error
    }
  }
  throw new Error(`no such file: ${file}`)
}

const bytesOf = (path: string, io: Io): Promise<Uint8Array> =>
  path === '-' ? buffer(io.stdin) : readFile(path)

async function say(io: Io, value: unknown) {
  if (!io.stdout.write(`${JSON.stringify(value)}\n`))
    await new Promise<void>((go) => void io.stdout.once('drain', go))
}

function messageOf(error: unknown): string {
  if (error instanceof z.ZodError)
    return error.issues.map(({ path, message }) => `${path.join('.') || 'the row'}: ${message}`).join('; ')
  return error instanceof Error ? error.message : String(error)
}
