// npm run dev: the server restarts when its sources change, the pages reload in the browser (vite, with /api passed on).
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, createServer } from 'vite'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const configFile = join(root, 'vite.config.ts')
let server

function restart() {
  const start = () => {
    server = spawn(
      process.execPath,
      ['--enable-source-maps', join(root, 'dist', 'server', 'main.js'), 'start'],
      { cwd: root, stdio: 'inherit' },
    )
  }
  if (!server || server.exitCode !== null) return start()
  server.once('exit', start)
  server.kill('SIGTERM')
}

const watcher = await build({ configFile, logLevel: 'warn', build: { ssr: true, watch: {} } })
watcher.on('event', (event) => {
  if (event.code === 'END') restart()
  if (event.code === 'ERROR') console.error(event.error.message)
})
const pages = await createServer({ configFile })
await pages.listen()
pages.printUrls()

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    server?.kill('SIGTERM')
    await Promise.all([watcher.close(), pages.close()])
    process.exit(0)
  })
}
