import { escapeHtml } from '../entities.ts'
import { type ListedFeed, partsOfFolder } from './parse.ts'

interface Folder {
  feeds: ListedFeed[]
  inner: Map<string, Folder>
}
const emptyFolder = (): Folder => ({ feeds: [], inner: new Map() })

/** An OPML 2 list that every feed reader takes; feeds of one folder stand in one outline, as deep as the folder is. */
export function writeOpml(title: string, feeds: readonly ListedFeed[], now: Date): string {
  const root = emptyFolder()
  for (const feed of feeds) {
    let folder = root
    for (const name of partsOfFolder(feed.folder ?? '')) {
      const inner = folder.inner.get(name) ?? emptyFolder()
      folder.inner.set(name, inner)
      folder = inner
    }
    folder.feeds.push(feed)
  }
  return `<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
  <head>
    <title>${escaped(title)}</title>
    <dateCreated>${now.toUTCString()}</dateCreated>
  </head>
  <body>
${[...linesOf(root, '    ')].join('\n')}
  </body>
</opml>
`
}

function* linesOf({ feeds, inner }: Folder, indent: string): Generator<string> {
  for (const { title: name, url, siteUrl } of feeds) {
    const site = siteUrl === undefined ? '' : ` htmlUrl="${escaped(siteUrl)}"`
    yield `${indent}<outline type="rss" text="${escaped(name)}" title="${escaped(name)}" xmlUrl="${escaped(url)}"${site}/>`
  }
  for (const [name, folder] of inner) {
    yield `${indent}<outline text="${escaped(name)}">`
    yield* linesOf(folder, `${indent}  `)
    yield `${indent}</outline>`
  }
}

/** Control characters cannot stand in XML at all. */
const escaped = (text: string) =>
  escapeHtml(text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')).replace(/\s/g, ' ')
