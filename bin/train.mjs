// npm run train: builds and runs test/bench/support-train.ts, which writes risk-catalog/model/weights.bin.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from './build.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const outDir = join(root, '.cache', 'train')
await bundle({ main: join(root, 'test', 'bench', 'support-train.ts') }, outDir)
const run = spawnSync(process.execPath, ['--max-old-space-size=4096', join(outDir, 'main.js')], {
  cwd: root,
  stdio: 'inherit',
})
process.exit(run.status ?? 1)
