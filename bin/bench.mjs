// npm run bench [-- NAME ...]: runs test/bench/NAME.ts; without a name, all of them one after the other.
// Benchmarks print figures; they never fail on a clock.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from './build.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const folder = join(root, 'test', 'bench')
const known = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
  .map((name) => basename(name, '.ts'))
  .filter((name) => !name.startsWith('support'))
const asked = process.argv.slice(2).filter((name) => !name.startsWith('-'))
const unknown = asked.filter((name) => !known.includes(name))
if (unknown.length > 0) {
  console.error(`There is no benchmark «${unknown.join(', ')}». There are: ${known.join(', ')}.`)
  process.exit(2)
}

const engineThread = join(root, 'server', 'analysis', 'engine-thread.ts')
const out = join(root, '.cache', 'bench')
let status = 0
for (const name of asked.length > 0 ? asked : known) {
  await bundle({ main: join(folder, `${name}.ts`), 'engine-thread': engineThread }, join(out, name))
  console.log(`── ${name}`)
  const run = spawnSync(
    process.execPath,
    ['--enable-source-maps', '--expose-gc', join(out, name, 'main.js')],
    { cwd: root, stdio: 'inherit' },
  )
  status ||= run.status ?? 1
}
process.exit(status)
