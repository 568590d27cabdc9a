import { readConfig } from '../config.ts'
import { migrateOnly, type ProductOptions } from '../product.ts'
import type { Io } from './io.ts'
import { withPipeline, withProduct } from './with-product.ts'

/** Other files of the built server. */
type Built = Pick<ProductOptions, 'engineThread'>

interface Command {
  usage: string
  summary: string
  /** All that it takes; a command without these reads its arguments itself and says what it does not know. */
  takes?: readonly string[]
  run: (args: readonly string[], io: Io, built: Built) => Promise<number>
}

/** Exit status for a call that is wrong in itself. */
const WRONG_CALL = 2

// Each command is loaded when it is called: `analyse` does not wait for the web server to load.
const commands: Readonly<Record<string, Command>> = {
  start: {
    usage: 'start [--demo]',
    takes: ['--demo'],
    summary: 'start the server; --demo loads the invented group into an empty database',
    run: async (args, io, built) => (await import('./start.ts')).runStart(args, io, built),
  },
  analyse: {
    usage: 'analyse FILE.jsonl|-',
    summary: 'read texts {id, title?, text}: risks with their words, tone, target',
    run: async (args, io) => (await import('./analyse.ts')).runAnalyse(args, io),
  },
  topics: {
    usage: 'topics FILE.jsonl|-',
    summary: 'find the issues in messages {id, title, body, time, likes}, hottest first',
    run: async (args, io) => (await import('./topics.ts')).runTopics(args, io),
  },
  detect: {
    usage: 'detect FILE.csv|-',
    summary: 'score how unusual each row of timestamp,value is',
    run: async (args, io) => (await import('./detect.ts')).runDetect(args, io),
  },
  feed: {
    usage: 'feed FILE [--content-type T] [--url U] | feed --batch ROWS.jsonl',
    summary: 'read a feed: RSS, Atom or JSON Feed',
    run: async (args, io) => (await import('./feed.ts')).runFeed(args, io),
  },
  page: {
    usage: 'page FILE [--url U] [--content-type T] | page --batch ROWS.jsonl',
    summary: 'read an article page: title, author, time, text, site',
    run: async (args, io) => (await import('./page.ts')).runPage(args, io),
  },
  import: {
    usage: 'import complaints|documents|projects FILE [options]',
    summary: 'import a file (XLSX, CSV, JSON Lines) with a report; - reads JSON Lines',
    run: runImport,
  },
  collect: {
    usage: 'collect SOURCE_ID… | collect --all',
    summary: 'read sources now and run the pipeline over what came',
    run: async (args, io, built) => {
      const { runCollect } = await import('./collect.ts')
      return withPipeline(built, (collecting) => runCollect(args, io, collecting))
    },
  },
  demo: {
    usage: 'demo',
    takes: [],
    summary: 'load the invented group into an empty database that no server works on',
    run: async (_args, io, built) => {
      const { runDemoCommand } = await import('./demo.ts')
      return withProduct(built, (product) => runDemoCommand(io, product))
    },
  },
  status: {
    usage: 'status',
    takes: [],
    summary: 'what is stored, what waits, what ran last',
    run: async (args, io, built) => {
      const { runStatus } = await import('./status.ts')
      return withProduct(built, (product) => runStatus(args, io, product))
    },
  },
  user: {
    usage: 'user add --login L --name N --role R [--city-company CODE] [--password-stdin]',
    summary: 'add a person; prints a one-time password',
    run: async (args, io, built) => {
      const { runUser } = await import('./user.ts')
      return withProduct(built, (product) => runUser(args, io, product.database.db))
    },
  },
  migrate: {
    usage: 'migrate',
    takes: [],
    summary: 'bring the database schema up to date',
    run: async (_args, io) => {
      const applied = await migrateOnly(readConfig())
      io.stdout.write(`${JSON.stringify({ applied })}\n`)
      return 0
    },
  },
  version: {
    usage: 'version',
    takes: [],
    summary: 'print the version of Weiyu',
    run: async (_args, io) => {
      io.stdout.write(`${JSON.stringify({ version: readConfig().version })}\n`)
      return 0
    },
  },
}

/** Runs one command line; gives the exit status. Results go to standard output as JSON Lines, everything else to standard error. */
export async function runCommand(argv: readonly string[], io: Io, built: Built = {}): Promise<number> {
  const [name = 'start', ...args] = argv
  if (name === 'help' || name === '--help' || name === '-h') {
    io.stdout.write(help())
    return 0
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) {
    io.stderr.write(`There is no command «${name}».\n${help()}`)
    return WRONG_CALL
  }
  if (args.includes('--help') || args.includes('-h')) {
    io.stdout.write(`usage: weiyu ${command.usage}\n  ${command.summary}\n`)
    return 0
  }
  // A slip of the pen must not start an empty server.
  const unknown = command.takes && args.find((arg) => !command.takes?.includes(arg))
  if (unknown !== undefined) {
    io.stderr.write(`«${name}» does not take «${unknown}».\nusage: weiyu ${command.usage}\n`)
    return WRONG_CALL
  }
  return command.run(args, io, built)
}

async function runImport(args: readonly string[], io: Io, built: Built): Promise<number> {
  const [what, ...rest] = args
  if (what === 'complaints') {
    const { runImportComplaints } = await import('./import-complaints.ts')
    return withPipeline(built, (services) => runImportComplaints(rest, io, services))
  }
  if (what === 'documents') {
    const { runImportDocuments } = await import('./import-documents.ts')
    return withPipeline(built, (collecting) => runImportDocuments(rest, io, collecting))
  }
  if (what === 'projects') {
    const { runImportProjects } = await import('./import-projects.ts')
    return withPipeline(built, (services) => runImportProjects(rest, io, services))
  }
  io.stderr.write(
    `${what === undefined ? 'Say what to import' : `There is no import of «${what}»`}: complaints, documents, projects.\n`,
  )
  return WRONG_CALL
}

function help(): string {
  const width = Math.max(...Object.values(commands).map((command) => command.usage.length))
  const lines = Object.values(commands).map(
    (command) => `  ${command.usage.padEnd(width)}  ${command.summary}`,
  )
  return `usage: weiyu <command>\n${lines.join('\n')}\n`
}
