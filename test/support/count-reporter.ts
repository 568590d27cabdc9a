import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

/** Writes one line «N passed, N failed, N skipped», counted from the run itself, to the file named by WEIYU_TEST_COUNTS. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state !== 'pending') count[state] += 1
      }
      // A file that could not be read has no tests to fail: count the file.
      if (module.state() === 'failed' && [...module.children.allTests('failed')].length === 0)
        count.failed += 1
    }
    const file = process.env.WEIYU_TEST_COUNTS
    const line = `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`
    if (file) writeFileSync(file, line)
    else process.stdout.write(line)
  }
}
