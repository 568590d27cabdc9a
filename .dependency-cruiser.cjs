// The table «who uses what» of CONTRIBUTING.md, as rules that fail the build.
const feature =
  '^server/(ingest|analysis|scoring|warnings|overview|reports|complaints|crises|plans|issues|mentions|risks|catalogue|sources|assistant|indicators)/'
const ground = '^server/(deadlines|approvals|audit|policy|projects|access)/'
const plainFile =
  '^server/(?!.*/(store|routes|job|[a-z-]*-(store|routes|job))\\.ts$)(?!(db|http|jobs|lib|cli|demo)/)(?!main\\.ts|config\\.ts|product\\.ts)(?!warnings/channels/)(?!assistant/endpoint\\.ts)(?!access/(password|session|secret|vault|guard)\\.ts)'

/** The flow of evidence: code may look back along it, never ahead. */
const flow = ['ingest', 'analysis', 'indicators', 'scoring', 'warnings', 'overview']
const neverAhead = flow.map((step, at) => ({
  name: `${step}-looks-back-only`,
  severity: 'error',
  from: { path: `^server/${step}/` },
  to: { path: `^server/(${flow.slice(at + 1).join('|') || 'nothing'})/` },
}))

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'collectors-know-nothing-else',
      severity: 'error',
      from: { path: '^collectors/' },
      to: { path: '^(server|web|risk-catalog|test)/' },
    },
    {
      name: 'risk-catalog-stands-alone',
      severity: 'error',
      from: { path: '^risk-catalog/' },
      to: { path: '^(server|web|collectors|test)/' },
    },
    {
      name: 'product-never-imports-tests',
      severity: 'error',
      from: { path: '^(server|web|collectors|risk-catalog)/' },
      to: { path: '^test/' },
    },
    {
      name: 'web-takes-only-types-from-server',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^(server|collectors|risk-catalog)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'plain-files-stay-plain',
      comment: 'A rule is a plain function: no Node, database, HTTP or settings in it.',
      severity: 'error',
      from: { path: plainFile },
      to: {
        path: [
          'node_modules/(kysely|pg|pg-boss|hono|@hono|undici|pino)/',
          '^server/config\\.ts$',
          '^server/db/',
          '/(store|routes|job)\\.ts$',
        ],
      },
    },
    {
      name: 'plain-files-leave-node-alone',
      severity: 'error',
      from: { path: plainFile },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'store-asks-only-the-database',
      severity: 'error',
      from: { path: '^server/[^/]+/[a-z-]*store\\.ts$' },
      to: { path: ['node_modules/(hono|@hono)/', '/routes\\.ts$', '/job\\.ts$'] },
    },
    {
      name: 'store-leaves-other-stores-alone',
      severity: 'error',
      from: { path: '^server/([^/]+)/[a-z-]*store\\.ts$' },
      to: { path: '^server/[^/]+/[a-z-]*store\\.ts$', pathNot: '^server/$1/' },
    },
    {
      name: 'routes-hold-no-sql',
      severity: 'error',
      from: { path: '[/-]routes\\.ts$' },
      to: { path: 'node_modules/(kysely|pg)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'routes-use-own-and-engine-stores',
      severity: 'error',
      from: { path: '^server/([^/]+)/[a-z-]*routes\\.ts$' },
      // The one path of every verdict, whoever proposed it.
      to: {
        path: `${feature}[a-z-]*store\\.ts$`,
        pathNot: ['^server/$1/', '^server/mentions/verdict-store\\.ts$'],
      },
    },
    {
      name: 'jobs-call-no-other-job',
      severity: 'error',
      from: { path: '^server/[^/]+/job\\.ts$' },
      to: { path: ['/job\\.ts$', 'node_modules/(hono|@hono)/'] },
    },
    { name: 'ground-knows-no-feature', severity: 'error', from: { path: ground }, to: { path: feature } },
    {
      name: 'lib-knows-no-domain',
      severity: 'error',
      from: { path: '^server/lib/' },
      to: { path: '^(server/(?!lib/)|collectors/|risk-catalog/)' },
    },
    {
      name: 'one-reader-of-settings',
      comment:
        'Only config.ts reads the environment; only the places that put features together read config.ts.',
      severity: 'error',
      from: {
        path: '^server/',
        pathNot: '^server/(main\\.ts|config\\.ts|product\\.ts|cli/|db/|http/|jobs/|demo/)',
      },
      to: { path: '^server/config\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    ...neverAhead,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.cache)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
    },
  },
}
