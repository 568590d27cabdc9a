import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { anyone } from '../access/guard.ts'
import type { Env } from './context.ts'

const YEAR_SECONDS = 31_536_000

/**
 * The built pages. Files under /assets/ carry a hash of their content in the name and are kept for ever; everything else
 * is asked for again. An address that names no file is a page of the app: the browser gets index.html.
 */
export function pages(folder: string) {
  const files = serveStatic<Env>({ root: folder, precompressed: true })
  const shell = serveStatic<Env>({ root: folder, path: 'index.html', precompressed: true })
  return new Hono<Env>()
    .use(async (c, next) => {
      await next()
      if (!c.res.ok) return
      const isHashed = c.req.path.startsWith('/assets/')
      c.header('cache-control', isHashed ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache')
    })
    .get('*', anyone(), files)
    .get('*', anyone(), (c, next) => (looksLikeFile(c.req.path) ? next() : shell(c, next)))
}

/** A missing script must fail as missing, not arrive as a page. */
const looksLikeFile = (path: string) => path.startsWith('/assets/') || /\.[a-z0-9]+$/i.test(path)
