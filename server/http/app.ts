import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import { getCookie } from 'hono/cookie'
import { requestId } from 'hono/request-id'
import { secureHeaders } from 'hono/secure-headers'
import { anyone } from '../access/guard.ts'
import { accessRoutes } from '../access/routes.ts'
import { openSessions, SESSION_COOKIE } from '../access/session.ts'
import { storyRoutes } from '../analysis/routes.ts'
import { assistantRoutes } from '../assistant/routes.ts'
import { auditRoutes } from '../audit/routes.ts'
import { catalogueRoutes } from '../catalogue/routes.ts'
import { complaintRoutes } from '../complaints/routes.ts'
import { demoRoutes } from '../demo/routes.ts'
import { indicatorRoutes } from '../indicators/routes.ts'
import { mentionEvidenceRoutes, warningEvidenceRoutes } from '../ingest/evidence/routes.ts'
import { hookRoutes, sourceHookRoutes } from '../ingest/hook-routes.ts'
import { opmlRoutes } from '../ingest/opml-routes.ts'
import { sourceRoutes } from '../ingest/routes.ts'
import { issueRoutes } from '../issues/routes.ts'
import { Refusal } from '../lib/refusal.ts'
import { mentionRoutes } from '../mentions/routes.ts'
import { overviewRoutes } from '../overview/routes.ts'
import { policyRoutes } from '../policy/routes.ts'
import { projectRoutes } from '../projects/routes.ts'
import { riskRoutes } from '../risks/routes.ts'
import { searchRoutes } from '../search/routes.ts'
import { warningRoutes } from '../warnings/routes.ts'
import { compressJson } from './compress.ts'
import type { Env, Services } from './context.ts'
import { answerError } from './errors.ts'
import { isHook, refuseForgery } from './forgery.ts'
import { liveRoutes } from './live-routes.ts'
import { pages } from './pages.ts'

const MAX_BODY = 1024 * 1024
/** Files come to addresses that end in /import. */
const MAX_IMPORT = 64 * 1024 * 1024
/** One push of another system. */
const MAX_HOOK = 8 * 1024 * 1024

/** Every address of Weiyu: what all requests go through, then one line per feature. */
export function createApp(services: Services) {
  const sessions = openSessions(services.db)
  const base = new Hono<Env>()
  base.onError(answerError)
  base.notFound((c) => c.json({ error: 'not-found' }, 404))

  base.use(
    requestId(),
    async (c, next) => {
      await next()
      // Behind `secureHeaders`, which would write ours over it.
      const policy = c.get('pagePolicy')
      if (!policy) return
      c.res.headers.set('content-security-policy', policy)
      c.res.headers.set('x-frame-options', 'SAMEORIGIN')
    },
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
      xFrameOptions: 'DENY',
      referrerPolicy: 'same-origin',
      strictTransportSecurity: 'max-age=15552000',
      permissionsPolicy: { camera: [], microphone: [], geolocation: [] },
    }),
  )
  base.use('/api/*', async (c, next) => {
    c.set('services', services)
    c.set('sessions', sessions)
    await next()
    // Not `c.header`: that makes a stream of the finished answer, which costs more than sending it.
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store')
  })
  base.use('/api/*', compress(), compressJson(), refuseForgery())
  const limits = { usual: limit(MAX_BODY), import: limit(MAX_IMPORT), hook: limit(MAX_HOOK) }
  base.use('/api/*', (c, next) => {
    const which = c.req.path.endsWith('/import') ? 'import' : isHook(c.req.path) ? 'hook' : 'usual'
    return limits[which](c, next)
  })
  base.use('/api/*', async (c, next) => {
    const user = await sessions.read(getCookie(c, SESSION_COOKIE), services.now())
    if (user) c.set('user', user)
    await next()
  })

  const app = base
    .route('/api', accessRoutes)
    .route('/api/assistant', assistantRoutes)
    .route('/api/audit', auditRoutes)
    .route('/api/catalogue', catalogueRoutes)
    .route('/api/complaints', complaintRoutes)
    .route('/api/demo', demoRoutes)
    .route('/api/indicators', indicatorRoutes)
    .route('/api/hooks', hookRoutes)
    .route('/api/issues', issueRoutes)
    .route('/api/live', liveRoutes)
    .route('/api/overview', overviewRoutes)
    .route('/api/policy', policyRoutes)
    .route('/api/projects', projectRoutes)
    .route('/api/risks', riskRoutes)
    .route('/api/sources', sourceRoutes)
    .route('/api/sources/opml', opmlRoutes)
    .route('/api/sources', sourceHookRoutes)
    .route('/api/mentions', mentionRoutes)
    .route('/api/mentions', mentionEvidenceRoutes)
    .route('/api/search', searchRoutes)
    .route('/api/stories', storyRoutes)
    .route('/api/warnings', warningRoutes)
    .route('/api/warnings', warningEvidenceRoutes)

  base.all('/api/*', anyone(), (c) => c.notFound())
  if (services.webFolder) base.route('/', pages(services.webFolder))
  return app
}

export type App = ReturnType<typeof createApp>

function limit(maxSize: number) {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw new Refusal(413, 'too-large', { maxBytes: maxSize })
    },
  })
}
