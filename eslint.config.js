// Only what Biome cannot see without types: un-awaited promises, missed cases, and clock reads in plain files.
import tseslint from 'typescript-eslint'

/** The files that may touch the outside world; every other file in server/<feature> is a plain function of its arguments. */
const worldly = [
  'server/**/store.ts',
  'server/**/routes.ts',
  'server/**/job.ts',
  'server/{main,config,product}.ts',
  'server/{db,http,jobs,lib,cli,demo}/**',
  'server/**/*-store.ts',
  'server/access/{password,session,secret,vault}.ts',
  'server/warnings/channels/**',
  'collectors/fetch.ts',
]

const clock = [
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: 'A plain file takes `now` as an argument.',
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'A plain file takes `now` as an argument.',
  },
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: 'A plain file takes its randomness as an argument.',
  },
]

export default tseslint.config(
  { ignores: ['dist/**', '.cache/**', 'node_modules/**', 'bin/**', '*.{js,ts}', '.*.cjs', 'data*/**'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@typescript-eslint': tseslint.plugin },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/only-throw-error': 'error',
    },
  },
  {
    files: ['server/**/*.ts', 'collectors/**/*.ts', 'risk-catalog/**/*.ts'],
    ignores: worldly,
    rules: { 'no-restricted-syntax': ['error', ...clock] },
  },
)
