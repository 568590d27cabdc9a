import { escapeHtml } from '../entities.ts'
import type { ListedFeed } from './parse.ts'

/** An OPML 2 list that every feed reader takes; feeds of one folder stand in one outline. */
export function writeOpml(title: string, feeds: readonly ListedFeed[], now: Date): string {
  const folders = new Map<string, ListedFeed[]>()
  for (const feed of feeds) {
    const folder = folders.get(feed.folder ?? '')
    if (folder) folder.push(feed)
    else folders.set(feed.folder ?? '', [feed])
  }
  const lines: string[] = []
  for (const [folder, members] of folders) {
    const indent = folder === '' ? '    ' : '      '
    if (folder !== '') lines.push(`    <outline text="${escaped(folder)}">`)
    for (const { title: name, url, siteUrl } of members) {
      const site = siteUrl === undefined ? '' : ` htmlUrl="${escaped(siteUrl)}"`
      lines.push(
        `${indent}<outline type="rss" text="${escaped(name)}" title="${escaped(name)}" xmlUrl="${escaped(url)}"${site}/>`,
      )
    }
    if (folder !== '') lines.push('    </outline>')
  }
  return `<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
  <head>
    <title>${escaped(title)}</title>
    <dateCreated>${now.toUTCString()}</dateCreated>
  </head>
  <body>
${lines.join('\n')}
  </body>
</opml>
`
}

/** Control characters cannot stand in XML at all. */
const escaped = (text: string) =>
  escapeHtml(text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')).replace(/\s/g, ' ')
