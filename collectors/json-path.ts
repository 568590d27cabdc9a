// A small language for places in JSON, as people read it off an answer:
//   data.list            a member of a member        data["a.b"]   a member whose name holds a dot
//   items[0].title       one element                 items[-1]     the last one
//   items[*].name        every element               $ or empty    the whole
// It only looks: own members of plain objects and elements of arrays, no functions, no prototypes, a bound on what it finds.
//
// Worked example: `data.list[*].id` in {"data":{"list":[{"id":1},{"id":2}]}} gives 1 and 2.

export type JsonPath = readonly (string | number | typeof every)[]
export const every = Symbol('every element')

const maxSteps = 30
const maxFound = 10_000
const step = /\.?(?:\[(?:(-?\d{1,6})|(\*)|"([^"]{1,200})"|'([^']{1,200})')\]|([^.[\]"'\s]{1,200}))/y

/** `undefined` when it is not written as above. */
export function parsePath(written: string): JsonPath | undefined {
  const text = written.trim().replace(/^\$(?=$|[.[])/, '')
  const path: (string | number | typeof every)[] = []
  if (text.startsWith('.') && text.length === 1) return undefined
  for (let at = 0; at < text.length; ) {
    step.lastIndex = at
    const found = step.exec(text)
    if (!found || path.length >= maxSteps) return undefined
    const [whole, index, all, double, single, name] = found
    path.push(index !== undefined ? Number(index) : all ? every : (double ?? single ?? name ?? ''))
    at += whole.length
  }
  return path
}

/** What stands at the path; nothing where the path leads nowhere. */
export function valuesAt(root: unknown, path: JsonPath): unknown[] {
  let found: unknown[] = [root]
  for (const key of path) {
    const next: unknown[] = []
    for (const value of found) {
      if (next.length >= maxFound) break
      if (key === every) {
        if (Array.isArray(value)) next.push(...value.slice(0, maxFound - next.length))
      } else {
        const member = memberOf(value, key)
        if (member !== undefined) next.push(member)
      }
    }
    found = next
  }
  return found
}

/** A number asks for an element of an array, or for a member of that name. */
function memberOf(value: unknown, key: string | number): unknown {
  if (Array.isArray(value)) return typeof key === 'number' ? value.at(key) : undefined
  if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined
  const member: unknown = Reflect.get(value, key)
  return member
}

/** The elements of the list at the path: of an array its elements, of several finds each of them. */
export function listAt(root: unknown, path: JsonPath): unknown[] {
  const found = valuesAt(root, path)
  return (found.length === 1 && Array.isArray(found[0]) ? found[0] : found).slice(0, maxFound)
}

/** Words, figures and truth values as text, several on lines of their own; '' for what has none. */
export function textAt(root: unknown, path: JsonPath): string {
  return valuesAt(root, path)
    .flatMap((value) => (Array.isArray(value) ? value.slice(0, maxFound) : [value]))
    .flatMap((value) =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? [String(value)]
        : [],
    )
    .join('\n')
}

/**
 * A value of a mapping: a path, or words in quotes that may hold paths in braces.
 * `"https://bbs.example/t/{id}"` → the address with the item's id, encoded; `"sales"` → sales.
 */
export function parseTemplate(written: string): ((item: unknown) => string) | undefined {
  const quoted = /^"(.*)"$|^'(.*)'$/s.exec(written.trim())
  if (!quoted) {
    const path = parsePath(written)
    return path && ((item) => textAt(item, path))
  }
  const text = quoted[1] ?? quoted[2] ?? ''
  const isAddress = /^https?:\/\//i.test(text)
  const parts = text.split(/\{([^{}]{1,300})\}/).map((part, at) => {
    if (at % 2 === 0) return () => part
    const path = parsePath(part)
    return (
      path && ((item: unknown) => (isAddress ? encodeURIComponent(textAt(item, path)) : textAt(item, path)))
    )
  })
  if (parts.some((part) => part === undefined)) return undefined
  return (item) => parts.map((part) => part?.(item) ?? '').join('')
}

/** Every text and figure of an item by its path, for guessing what is what; nested objects are looked into, lists are not. */
export function leavesOf(item: unknown, depth = 4): Map<string, string> {
  const leaves = new Map<string, string>()
  const walk = (value: unknown, path: string, left: number) => {
    if (leaves.size >= 200) return
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      leaves.set(path, String(value))
    else if (value !== null && typeof value === 'object' && !Array.isArray(value) && left > 0)
      for (const [name, member] of Object.entries(value))
        walk(member, path === '' ? name : `${path}.${name}`, left - 1)
  }
  walk(item, '', depth)
  return leaves
}
