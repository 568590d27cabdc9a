/**
 * Every list has a URL that restores it: filters, sorting and open tabs live in the search part, nowhere else.
 * `readQuery` and `writeQuery` are plain; `useQuery` binds them to the router.
 */
import { useLocation } from 'preact-iso'

/** One value, several (`level=I&level=II`), or nothing, which removes the name. */
export type QueryPatch = Record<string, string | number | readonly string[] | boolean | null | undefined>

export function readQuery(url: string): URLSearchParams {
  const at = url.indexOf('?')
  const end = url.indexOf('#')
  return new URLSearchParams(at < 0 ? '' : url.slice(at + 1, end > at ? end : undefined))
}

/** The URL with the patch applied. Names are sorted, so that one view has one address. */
export function writeQuery(url: string, patch: QueryPatch): string {
  const query = readQuery(url)
  for (const [name, value] of Object.entries(patch)) {
    query.delete(name)
    const values = Array.isArray(value) ? value : [value]
    for (const one of values) {
      if (one !== undefined && one !== null && one !== '' && one !== false) query.append(name, String(one))
    }
  }
  query.sort()
  const path = url.split(/[?#]/, 1)[0] ?? ''
  const text = query.toString()
  return text === '' ? path : `${path}?${text}`
}

export interface Query {
  /** The value of a name, '' when absent. */
  get(name: string): string
  all(name: string): string[]
  /** The one of the allowed values that the URL names, else the first. */
  oneOf<T extends string>(name: string, allowed: readonly [T, ...T[]]): T
  /** Changes the address; `push` makes a step that «back» undoes (opening something), the default replaces (typing). */
  set(patch: QueryPatch, step?: 'replace' | 'push'): void
  /** Same page with these names changed, for links. */
  href(patch: QueryPatch): string
  /** Everything as the search part of an API call. */
  text: string
}

export function useQuery(): Query {
  const { url, route } = useLocation()
  const query = readQuery(url)
  return {
    get: (name) => query.get(name) ?? '',
    all: (name) => query.getAll(name),
    oneOf: (name, allowed) => allowed.find((one) => one === query.get(name)) ?? allowed[0],
    set: (patch, step = 'replace') => {
      // Several controls may write before the next drawing: start from the address bar, not from this drawing.
      const before = location.pathname + location.search
      const after = writeQuery(before, patch)
      if (after !== before) route(after, step === 'replace')
    },
    href: (patch) => writeQuery(url, patch),
    text: query.toString(),
  }
}
