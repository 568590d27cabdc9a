// XML and JSON as one shape, so that the two forms of CAP are read by the same lines: lower-case names without prefix, every
// value in a list.
import type { Element } from '../rss/xml.ts'

export interface Node {
  readonly [name: string]: readonly (string | Node)[]
}

const maxDepth = 12
/** Of one name in one element; a file that repeats itself more often is not read to its end. */
const maxSame = 20_000

export function nodeOfXml(element: Element): Node {
  const node = new Map<string, (string | Node)[]>()
  for (const child of element.children) {
    if (typeof child === 'string') continue
    const isLeaf = child.children.every((inner) => typeof inner === 'string')
    const text = child.children.filter((inner) => typeof inner === 'string').join('')
    put(node, child.name.replace(/^.*:/, ''), isLeaf && text.trim() !== '' ? text.trim() : nodeOfXml(child))
  }
  for (const [name, value] of Object.entries(element.attributes)) put(node, `@${name}`, value)
  return Object.fromEntries(node)
}

export function nodeOfJson(value: object, depth = 0): Node {
  const node = new Map<string, (string | Node)[]>()
  for (const [key, inner] of Object.entries(value)) {
    const name = key.toLowerCase()
    // An empty list says that there is nothing, which is more than not to speak of it.
    if (Array.isArray(inner) && inner.length === 0 && !node.has(name)) node.set(name, [])
    for (const one of Array.isArray(inner) ? inner.slice(0, maxSame) : [inner]) {
      if (one === null || one === undefined) continue
      if (typeof one === 'object') {
        if (depth < maxDepth) put(node, name, nodeOfJson(one, depth + 1))
      } else put(node, name, String(one).trim())
    }
  }
  return Object.fromEntries(node)
}

function put(node: Map<string, (string | Node)[]>, name: string, value: string | Node): void {
  const known = node.get(name)
  if (!known) node.set(name, [value])
  else if (known.length < maxSame) known.push(value)
}

/** The first text under one of these names, in their order. */
export function textIn(node: Node, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const found = node[name]?.find((value) => typeof value === 'string' && value !== '')
    if (typeof found === 'string') return found
  }
  return undefined
}

export const textsIn = (node: Node, name: string): string[] =>
  (node[name] ?? []).filter((value) => typeof value === 'string')

export const nodesIn = (node: Node, name: string): Node[] =>
  (node[name] ?? []).filter((value) => typeof value !== 'string')
