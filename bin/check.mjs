// Every check, in the order of cost; stops at the first that fails.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const checks = [
  ['types', 'tsc', ['-b']],
  ['format and lint', 'biome', ['check', '--error-on-warnings']],
  ['promises, cases, clocks', 'eslint', ['.', '--max-warnings=0']],
  [
    'who may import what',
    'depcruise',
    ['server', 'collectors', 'risk-catalog', 'web', 'test', '--config', '.dependency-cruiser.cjs'],
  ],
  ['dead files, exports, packages', 'knip', []],
]

for (const [what, tool, args] of checks) {
  const started = performance.now()
  const run = spawnSync(join(root, 'node_modules', '.bin', tool), args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${run.status === 0 ? '✓' : '✗'} ${what} (${tool}, ${seconds} s)`)
  if (run.status !== 0) process.exit(1)
}
