// CONTRIBUTING.md shows a whole collector. It is taken from there, type-checked with the project, and its own test is run here.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import ts from 'typescript'
import { afterAll, expect, test } from 'vitest'
import { root } from '../support/running-product.ts'

const page = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
/** Blocks of code by the path that their first line names. */
const shown = new Map(
  [...page.matchAll(/^```(?:ts|diff)\n ?\/\/ (\S+\.ts)\b.*\n([\s\S]*?)^```$/gm)].map(
    ([, path = '', text = '']) => [join(root, path), text],
  ),
)
const index = join(root, 'collectors', 'index.ts')
const code = new Map([...shown].filter(([path]) => path !== index))

test('the page shows the collector, its line in the list, and its test', () => {
  expect([...shown.keys()].map((path) => path.slice(root.length + 1))).toEqual([
    'collectors/bulletin/index.ts',
    'collectors/index.ts',
    'test/collectors/bulletin/bulletin.test.ts',
  ])
})

test('its line fits the list', () => {
  const lines = (shown.get(index) ?? '').split('\n')
  const kept = lines.filter((line) => line.startsWith(' ')).map((line) => line.slice(1))
  expect(kept.length).toBeGreaterThan(0)
  for (const line of kept) expect(readFileSync(index, 'utf8')).toContain(line)
})

/** A list of collectors that holds the line and nothing else: the whole one takes long to check. */
function shortList(): string {
  const lines = (shown.get(index) ?? '').split('\n').map((line) => line.slice(1))
  return `import type { AnyCollector } from './collector.ts'\n${lines.join('\n')}]\n`
}

test('it fits the types of the project', () => {
  const files = new Map([...code, [index, shortList()]])
  const { config } = ts.readConfigFile(join(root, 'test', 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, include: [], references: [] },
    ts.sys,
    join(root, 'test'),
  )
  const given = {
    ...options,
    rootDir: root,
    composite: false,
    noEmit: true,
    emitDeclarationOnly: false,
    declaration: false,
  }
  const host = ts.createCompilerHost(given)
  const { readFile, fileExists, directoryExists, getSourceFile } = host
  host.readFile = (path) => files.get(resolve(path)) ?? readFile(path)
  host.fileExists = (path) => files.has(resolve(path)) || fileExists(path)
  host.directoryExists = (path) =>
    [...files.keys()].some((file) => file.startsWith(`${resolve(path)}/`)) || directoryExists?.(path) === true
  host.getSourceFile = (path, language, ...rest) => {
    const text = files.get(resolve(path))
    return text === undefined
      ? getSourceFile(path, language, ...rest)
      : ts.createSourceFile(path, text, language)
  }
  const program = ts.createProgram([...files.keys()], given, host)
  const wrong = [...files.keys()].flatMap((path) => {
    const source = program.getSourceFile(path)
    expect([path, source !== undefined]).toEqual([path, true])
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
  })
  expect(wrong.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))).toEqual([])
})

// The example's own tests are registered here as if their file lay in the tree; what it imports of the project is the real one.
const folder = join(root, '.cache')
mkdirSync(folder, { recursive: true })
const place = mkdtempSync(join(folder, 'written-collector-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))
const placed = (path: string) => join(place, path.slice(root.length + 1))
for (const [path, text] of code) {
  mkdirSync(dirname(placed(path)), { recursive: true })
  const absolute = (from: string) => {
    const target = resolve(dirname(path), from)
    return code.has(target) ? placed(target) : target
  }
  writeFileSync(
    placed(path),
    text.replace(/(?<= from ')\.[^']+/g, (from) => absolute(from)),
  )
}
for (const path of code.keys()) if (path.endsWith('.test.ts')) await import(/* @vite-ignore */ placed(path))
