import { defineConfig } from 'vitest/config'

const oxc = { jsx: { runtime: 'automatic', importSource: 'preact' } } as const

/** Three kinds of test: plain functions; PostgreSQL (one cluster a run, one database a file); a real browser. */
export default defineConfig({
  test: {
    reporters: process.env.CI ? ['default', './test/support/count-reporter.ts'] : ['default'],
    projects: [
      {
        oxc,
        test: {
          name: 'plain',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/**/*.db.test.ts', 'test/**/*.browser.test.ts'],
          // A hung test ends; a slow machine fails none.
          testTimeout: 120_000,
        },
      },
      {
        oxc,
        test: {
          name: 'db',
          include: ['test/**/*.db.test.ts'],
          globalSetup: ['test/support/postgres-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        oxc,
        test: {
          name: 'browser',
          include: ['test/**/*.browser.test.ts'],
          globalSetup: ['test/support/postgres-setup.ts', 'test/support/browser-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
