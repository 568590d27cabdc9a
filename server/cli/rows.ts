// Rows in, rows out, for commands that need no database: a file or `-`, one line at a time, whatever its length.
import { createReadStream } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import type { z } from 'zod'
import type { Io } from './io.ts'

/** Thrown for an input that cannot be read at all. */
class InputError extends Error {}

export interface Line {
  /** From 1. */
  number: number
  text: string
}

/** Lines end with \n or \r\n only: JSON may hold U+2028 and U+2029, at which other readers cut. */
export async function* linesOf(path: string, io: Io): AsyncGenerator<Line> {
  const stream: Readable = path === '-' ? io.stdin : createReadStream(path)
  const decoder = new TextDecoder()
  let pieces: string[] = []
  let number = 0
  try {
    for await (const chunk of stream) {
      const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
      let from = 0
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
        pieces.push(text.slice(from, end))
        yield { number: ++number, text: pieces.join('').replace(/\r$/, '') }
        pieces = []
        from = end + 1
      }
      if (from < text.length) pieces.push(text.slice(from))
    }
  } catch (error) {
    throw new InputError(
      `${path} cannot be read (${error instanceof Error ? error.message : error}): give a file, or - for standard input`,
    )
  }
  pieces.push(decoder.decode())
  const last = pieces.join('')
  if (last !== '') yield { number: number + 1, text: last }
}

/** JSON Lines checked one by one; a bad row goes to `report` and the rest goes on. Blank lines are passed over. */
export async function* rowsOf<Row>(
  path: string,
  io: Io,
  shape: z.ZodType<Row>,
  report: (line: number, problem: string) => void,
): AsyncGenerator<Row> {
  for await (const { number, text } of linesOf(path, io)) {
    if (text.trim() === '') continue
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      report(number, 'is not JSON: write one JSON object on each line')
      continue
    }
    const row = shape.safeParse(value)
    if (row.success) yield row.data
    else {
      const problems = row.error.issues.map(
        (issue) => `${issue.path.join('.') || 'the row'}: ${issue.message}`,
      )
      report(number, `${problems.join('; ')}: correct the row`)
    }
  }
}

/** Collects what was wrong for the exit status: 0 all read, 1 some rows left out, 2 nothing could be read. */
export function reporter(path: string, io: Io) {
  let problems = 0
  return {
    report(line: number, problem: string) {
      problems++
      io.stderr.write(`${path === '-' ? 'standard input' : path}:${line}: ${problem}\n`)
    },
    status: () => (problems > 0 ? 1 : 0),
  }
}

/** Waits when the reader is slower than we are. */
export async function write(stream: Writable, text: string): Promise<void> {
  if (!stream.write(text)) await new Promise<void>((go) => stream.once('drain', () => go()))
}

/** The one file of a command that takes nothing else, or undefined after saying how to call it. */
export function onlyFile(args: readonly string[], io: Io, usage: string): string | undefined {
  const [path] = args
  if (path !== undefined && args.length === 1 && (path === '-' || !path.startsWith('-'))) return path
  io.stderr.write(`usage: ${usage}\n`)
  return undefined
}

/** Runs a command's body; an input that cannot be read is one line and status 2. */
export async function withInput(io: Io, work: () => Promise<number>): Promise<number> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    io.stderr.write(`${error.message}\n`)
    return 2
  }
}
