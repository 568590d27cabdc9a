// A page as a person sees it: lines of text in order, and which of them each named or block element holds.
import { blocks, type Element } from './tree.ts'

export interface Line {
  text: string
  /** Characters without spaces. */
  chars: number
  /** Of them in links. */
  linked: number
  isHeading: boolean
  /** The innermost block it stands in. */
  owner: Part
}

export interface Part {
  element: Element
  /** Its id and classes. */
  names: string
  parent: Part | undefined
  children: Part[]
  /** Lines from `from` to before `to`. */
  from: number
  to: number
}

export interface Reading {
  lines: Line[]
  /** In document order, the page itself first. */
  parts: Part[]
  metas: Element[]
  /** `at`: the line it stands in or before. */
  links: { element: Element; at: number }[]
  times: Element[]
  /** What <title> says. */
  title: string
}

const silent = new Set('title button select option dialog datalist audio video label'.split(' '))
const maxLinks = 5_000
const maxTimes = 100

/** One pass over the tree. */
export function readLines(root: Element): Reading {
  const page: Part = { element: root, names: '', parent: undefined, children: [], from: 0, to: 0 }
  const reading: Reading = { lines: [], parts: [page], metas: [], links: [], times: [], title: '' }
  const { lines, parts } = reading
  let text: string[] = []
  let linked = 0
  let isHeading = false
  let owner = page

  const flush = () => {
    if (text.length === 0) return
    const tidy = text
      .join('')
      .replace(/[\s\u200b\ufeff]+/g, ' ')
      .trim()
    if (tidy) {
      const chars = tidy.length - (tidy.match(/ /g)?.length ?? 0)
      lines.push({ text: tidy, chars, linked: Math.min(linked, chars), isHeading, owner })
    }
    text = []
    linked = 0
  }

  const walk = (element: Element, parent: Part, inLink: boolean) => {
    const { tag } = element
    if (tag === 'meta') reading.metas.push(element)
    else if (tag === 'title')
      reading.title ||= element.children.join('').slice(0, 1_000).replace(/\s+/g, ' ').trim()
    else if ((tag === 'a' || tag === 'link') && reading.links.length < maxLinks)
      reading.links.push({ element, at: lines.length })
    else if (tag === 'time' && reading.times.length < maxTimes) reading.times.push(element)
    if (silent.has(tag)) return
    const isBlock = blocks.has(tag) || tag.includes('-')
    const names = namesOf(element)
    const outer = owner
    let part = parent
    if (isBlock || names) {
      if (isBlock) flush()
      part = { element, names, parent, children: [], from: lines.length, to: 0 }
      parts.push(part)
      parent.children.push(part)
      if (isBlock) owner = part
    }
    if (/^h[1-6]$/.test(tag)) isHeading = true
    const isLink = inLink || tag === 'a'
    for (const child of element.children) {
      if (typeof child !== 'string') walk(child, part, isLink)
      else {
        text.push(child)
        if (isLink) linked += child.replace(/\s+/g, '').length
      }
    }
    if (isBlock) {
      flush()
      owner = outer
      isHeading = false
    }
    if (part !== parent) part.to = lines.length
  }
  for (const child of root.children) {
    if (typeof child === 'string') text.push(child)
    else walk(child, page, false)
  }
  flush()
  page.to = lines.length
  return reading
}

const idOrClass = /\s(?:class|id)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/gi

function namesOf({ written }: Element): string {
  if (!written) return ''
  let names = ''
  for (const found of written.matchAll(idOrClass)) names += ` ${found[1] ?? found[2] ?? found[3] ?? ''}`
  return names.slice(1, 300).trim()
}

/** Running sums: those of lines `from` to `to` are the difference of two. */
export function sums(lines: readonly Line[], of: (line: Line, at: number) => number): number[] {
  const all = [0]
  let sum = 0
  for (const [at, line] of lines.entries()) {
    sum += of(line, at)
    all.push(sum)
  }
  return all
}

export const within = (all: readonly number[], { from, to }: Part) => (all[to] ?? 0) - (all[from] ?? 0)

export const isLinked = (line: Line) => line.linked >= line.chars * 0.9
