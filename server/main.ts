import { runCommand } from './cli/cli.ts'
import { log } from './lib/log.ts'
import { StartError } from './lib/start-error.ts'

// A reader that stops early (`| head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

try {
  process.exitCode = await runCommand(process.argv.slice(2), process, {
    engineThread: new URL('./engine-thread.js', import.meta.url),
  })
} catch (error) {
  if (error instanceof StartError) process.stderr.write(`${error.message}\n`)
  else log.fatal({ err: error }, 'Weiyu stopped because of an error of its own')
  process.exitCode = 1
}
