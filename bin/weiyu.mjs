#!/usr/bin/env node
// The one way in: brings dist/ up to date with the sources, then runs the server bundle with the same arguments.
import { build } from './build.mjs'

const command = process.argv[2]
await build({ web: command === 'start' || command === undefined, ifStale: true })
process.setSourceMapsEnabled(true)
await import('../dist/server/main.js')
