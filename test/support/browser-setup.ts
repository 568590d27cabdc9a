import { build } from '../../bin/build.mjs'
import { findChromium } from './chromium.ts'

/** Before the browser tests: the pages and the server as users get them, and a browser. */
export default async function setup() {
  await build({ ifStale: true })
  await findChromium()
}
