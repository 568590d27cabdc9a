// Reads what is new in a table of another system, in the order of (progress, id), a few hundred rows at a time through a
// cursor of the server: neither side holds the rest.
//
// Rows committed late are the trap of every such reader: a transaction takes its number or time when it begins and shows
// it when it ends, perhaps after a later one was read. So each run looks back over the last ten minutes or thousand
// numbers; what was read before has its identity and is not stored again. Only a run that was cut at its bound goes on
// from the very row, because looking back over a bulk load of equal times would read the same rows for ever.
//
// Read-only three times over: an account that may only read (the administrator's part), a read-only transaction, and one
// statement a message (extended protocol), so that nothing can be hung behind the query.
import pg from 'pg'
import { z } from 'zod'
import { CollectError, type CollectTools } from '../collector.ts'
import { connectionError, reach, refuseOpenWay } from '../connection.ts'
import { said } from '../details.ts'
import type { Table } from '../tables.ts'

export interface SqlSource {
  host: string
  port: number
  tls: 'checked' | 'unchecked' | 'none'
  database: string
  user: string
  password: string
  query: string
  idColumn: string
  cursorColumn: string
}

/** Where the last run stopped. Values as PostgreSQL writes them, so that no digit is lost. */
export interface Position {
  after?: { progress: string; id: string }
  /** Cut at its bound: the next run goes on there. */
  isCut?: boolean
}
const Kept = z.object({
  after: z.object({ progress: z.string(), id: z.string() }),
  isCut: z.boolean().optional(),
})

const limits = { connectMs: 10_000, statementMs: 60_000, rowsAtOnce: 500, rowsPerRun: 100_000 }

/** Type of the progress column → how a value of it is written in the query, and what looking back takes off. */
const progressTypes: ReadonlyMap<number, { type: string; back: string }> = new Map([
  ...[20, 21, 23].map((oid) => [oid, { type: 'bigint', back: '1000' }] as const),
  [1700, { type: 'numeric', back: '1000' }],
  ...[700, 701].map((oid) => [oid, { type: 'double precision', back: '1000' }] as const),
  [1082, { type: 'date', back: "interval '1 day'" }],
  [1114, { type: 'timestamp', back: "interval '10 minutes'" }],
  [1184, { type: 'timestamptz', back: "interval '10 minutes'" }],
])

/** Tables of a few hundred rows each; `position` moves on with what was given. @throws CollectError */
export async function* tablesOf(
  source: SqlSource,
  tools: CollectTools,
  position: Position,
): AsyncGenerator<Table> {
  const before: Position = Kept.safeParse(tools.cursor).data ?? {}
  Object.assign(position, before)
  const client = await clientFor(source, tools)
  // Told again by the query that runs or comes next; without a listener it would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query(
      `set default_transaction_read_only = on; set statement_timeout = ${limits.statementMs};
       set idle_in_transaction_session_timeout = '15min'; set datestyle = iso; set timezone = 'Asia/Shanghai'`,
    )
    // One snapshot for all that follows.
    await client.query('begin transaction isolation level repeatable read, read only')
    const { from, header, progress } = await described(client, source)
    const id = header.indexOf(source.idColumn)
    const at = header.indexOf(source.cursorColumn)
    const where = whereAfter(before, source, progress)
    await client.query(
      oneStatement(
        `declare weiyu no scroll cursor for select * from ${from}${where.text}
        order by source.${quoted(source.cursorColumn)}, source.${quoted(source.idColumn)} limit ${limits.rowsPerRun}`,
        where.values,
      ),
    )
    let read = 0
    for (;;) {
      const { rows } = await client.query<(string | null)[]>({
        text: `fetch ${limits.rowsAtOnce} from weiyu`,
        rowMode: 'array',
      })
      const last = rows.at(-1)
      if (last === undefined) break
      yield {
        name: '',
        header,
        rows: rows.map((row, n) => ({
          number: read + n + 1,
          cells: row.map((value) => value ?? ''),
          place: `${source.idColumn} ${row[id]?.slice(0, 60)}`,
        })),
      }
      read += rows.length
      position.after = { progress: last[at] ?? '', id: last[id] ?? '' }
      position.isCut = read >= limits.rowsPerRun
    }
    await client.query('commit')
  } catch (error) {
    throw named(error, source)
  } finally {
    // Also when the reader had enough; a server that does not answer is not waited for.
    await Promise.race([client.end().catch(() => {}), new Promise((done) => setTimeout(done, 1_000).unref())])
  }
}

async function clientFor(source: SqlSource, tools: CollectTools): Promise<pg.Client> {
  const reached = await reach(source.host, tools)
  if (source.tls !== 'checked')
    refuseOpenWay(reached, source.host, source.tls === 'none' ? 'an open connection' : 'an unchecked server')
  const { host, port, database, user, password } = { ...source, host: reached.address }
  return new pg.Client({
    host,
    port,
    database,
    user,
    password,
    ssl: source.tls === 'none' ? false : { ...reached.tls, rejectUnauthorized: source.tls === 'checked' },
    connectionTimeoutMillis: limits.connectMs,
    // The server's own limit comes first; this is for one that is gone.
    query_timeout: limits.statementMs + 10_000,
    keepAlive: true,
    application_name: 'weiyu',
    types: {
      getTypeParser: (oid: number) => (value: string) => (oid === 16 ? String(value === 't') : value),
    },
  })
}

/** What the query gives, before a row of it is read. @throws CollectError that names what is wrong with it */
async function described(client: pg.Client, source: SqlSource) {
  const { query, idColumn, cursorColumn } = source
  const isTable = /^[\p{L}_][\p{L}\p{N}_$]*(?:\.[\p{L}_][\p{L}\p{N}_$]*)?$/u.test(query)
  // A comment at its end must not swallow the bracket.
  const from = `(${isTable ? `table ${query}` : query.replace(/[;\s]+$/, '')}\n) as source`
  const { fields } = await client.query(oneStatement(`select * from ${from} limit 0`))
  const header = fields.map((field) => field.name)
  for (const column of [idColumn, cursorColumn]) {
    if (!header.includes(column))
      throw new CollectError(
        'parse-error',
        `the query has no column ${column}; it has ${header.slice(0, 30).join(', ')}`,
      )
  }
  const progress = progressTypes.get(fields[header.indexOf(cursorColumn)]?.dataTypeID ?? 0)
  if (!progress)
    throw new CollectError(
      'parse-error',
      `${cursorColumn} is neither a number nor a time; choose one that is`,
    )
  const empty = await client.query(
    oneStatement(
      `select 1 from ${from} where source.${quoted(idColumn)} is null or source.${quoted(cursorColumn)} is null limit 1`,
    ),
  )
  if (empty.rows.length > 0)
    throw new CollectError(
      'parse-error',
      `${idColumn} or ${cursorColumn} is empty in some rows, which would never be read; fill it in the query, such as coalesce(${cursorColumn}, created_at) as ${cursorColumn}`,
    )
  return { from, header, progress }
}

function whereAfter(
  { after, isCut }: Position,
  { cursorColumn, idColumn }: SqlSource,
  { type, back }: { type: string; back: string },
): { text: string; values: string[] } {
  if (!after) return { text: '', values: [] }
  const column = `source.${quoted(cursorColumn)}`
  return isCut
    ? {
        text: ` where (${column}, source.${quoted(idColumn)}) > ($1::${type}, $2)`,
        values: [after.progress, after.id],
      }
    : { text: ` where ${column} > $1::${type} - ${back}`, values: [after.progress] }
}

/** The extended protocol refuses a second statement, whatever the first one closed. */
const oneStatement = (text: string, values: readonly string[] = []) => ({
  text,
  values: [...values],
  queryMode: 'extended',
})

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

/** What PostgreSQL refuses, with the cure. Its messages hold parts of the query, never the password. */
function named(error: unknown, source: SqlSource): unknown {
  const place = `${source.host}:${source.port}`
  if (!(error instanceof pg.DatabaseError)) {
    const known = connectionError(error, place)
    if (known) return known
    if (!(error instanceof Error)) return error
    if (/does not support SSL/.test(error.message))
      return new CollectError(
        'unreachable',
        `${place} offers no TLS; switch it on there, or choose no encryption inside the house`,
      )
    if (/Connection terminated|Client has encountered a connection error|not queryable/.test(error.message))
      return new CollectError('unreachable', said('connection-ended', { place }))
    // A password that SCRAM cannot take, an answer that is no PostgreSQL.
    if (/SASL|SCRAM|password must be/i.test(error.message))
      return new CollectError('blocked', `${place} and we agree on no way to sign in: ${error.message}`)
    return error
  }
  const { code = '', message, hint } = error
  const words = `${message}${hint ? ` (${hint})` : ''}`.slice(0, 400)
  if (code.startsWith('28'))
    return new CollectError('blocked', said('database-sign-in', { place, user: source.user }))
  if (code === '3D000') return new CollectError('unreachable', `${place} has no database ${source.database}`)
  if (code === '42501') return new CollectError('blocked', `${words}; grant select on it to ${source.user}`)
  if (code.startsWith('25'))
    return new CollectError('refused', `the query writes, but sources only read: ${words}`)
  if (code === '57014')
    return new CollectError(
      'timeout',
      `the query took longer than ${limits.statementMs / 1_000} s; an index on ${source.cursorColumn} or a narrower query helps`,
    )
  if (code.startsWith('42') || code.startsWith('22') || code.startsWith('0A'))
    return new CollectError('parse-error', `the query cannot be run: ${words}`)
  return new CollectError('unreachable', `${place}: ${words}`)
}
