// The demo's media as real feeds, and its weather and numbers as interfaces: a small server on loopback that runs only while the demo loads.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { DemoItem } from './generate.ts'
import type { DemoPublisher } from './group.ts'

export interface Feeds {
  /** Address of a publisher's feed. */
  urlOf(publisher: DemoPublisher): string
  /** Address of what stands beside the feeds. */
  urlOfPage(path: string): string
  close(): Promise<void>
}

export type Page = () => { type: string; body: string }

/**
 * @param itemsOf what the feed of a publisher holds at this moment, newest first, with the comments it has by now
 * @param pages by path, what stands beside the feeds
 */
export async function serveFeeds(
  publishers: readonly DemoPublisher[],
  itemsOf: (publisher: DemoPublisher) => readonly DemoItem[],
  pages: Readonly<Record<string, Page>> = {},
): Promise<Feeds> {
  const server = createServer((request, response) => {
    const page = Object.entries(pages).find(([path]) => path === request.url)?.[1]()
    if (page) {
      response.writeHead(200, { 'content-type': page.type }).end(page.body)
      return
    }
    const at = Number(/^\/feeds\/(\d+)$/.exec(request.url ?? '')?.[1] ?? Number.NaN)
    const publisher = publishers[at]
    if (!publisher) {
      response.writeHead(404).end()
      return
    }
    const items = itemsOf(publisher)
    const { type, body } = feedOf(publisher, items)
    const comments = items.reduce((sum, item) => sum + (item.comments ?? 0), 0)
    const etag = `"${body.length}-${items[0]?.publishedAt.getTime() ?? 0}-${comments}"`
    if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end()
    else response.writeHead(200, { 'content-type': type, etag }).end(body)
  })
  await new Promise<void>((ready, failed) => {
    server.once('error', failed)
    server.listen(0, '127.0.0.1', ready)
  })
  const { port } = addressOf(server)
  return {
    urlOf: (publisher) => `http://127.0.0.1:${port}/feeds/${publishers.indexOf(publisher)}`,
    urlOfPage: (path) => `http://127.0.0.1:${port}${path}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

function addressOf(server: Server): AddressInfo {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the demo feeds have no address')
  return address
}

function feedOf(publisher: DemoPublisher, items: readonly DemoItem[]): { type: string; body: string } {
  switch (publisher.format) {
    case 'rss':
      return {
        type: 'application/rss+xml; charset=utf-8',
        body: `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/"><channel><title>${xml(publisher.name)}</title><link>https://${publisher.host}/</link><description>${xml(publisher.name)}</description>${items
          .map(
            (item) =>
              `<item><title>${xml(item.title)}</title><link>${xml(item.url)}</link><guid isPermaLink="true">${xml(item.url)}</guid><dc:creator>${xml(item.author)}</dc:creator><pubDate>${item.publishedAt.toUTCString()}</pubDate><description>${xml(paragraphs(item.body))}</description>${element('slash:comments', item.comments)}</item>`,
          )
          .join('')}</channel></rss>`,
      }
    case 'atom':
      return {
        type: 'application/atom+xml; charset=utf-8',
        body: `<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0"><title>${xml(publisher.name)}</title><id>https://${publisher.host}/</id><updated>${(items[0]?.publishedAt ?? new Date(0)).toISOString()}</updated>${items
          .map(
            (item) =>
              `<entry><title>${xml(item.title)}</title><id>${xml(item.url)}</id><link href="${xml(item.url)}"/><author><name>${xml(item.author)}</name></author><published>${item.publishedAt.toISOString()}</published><updated>${item.publishedAt.toISOString()}</updated><content type="html">${xml(paragraphs(item.body))}</content>${element('thr:total', item.comments)}</entry>`,
          )
          .join('')}</feed>`,
      }
    case 'json':
      return {
        type: 'application/feed+json; charset=utf-8',
        body: JSON.stringify({
          version: 'https://jsonfeed.org/version/1.1',
          title: publisher.name,
          home_page_url: `https://${publisher.host}/`,
          items: items.map((item) => ({
            id: item.url,
            url: item.url,
            title: item.title,
            content_text: item.body,
            date_published: item.publishedAt.toISOString(),
            authors: [{ name: item.author }],
          })),
        }),
      }
  }
}

const paragraphs = (body: string) =>
  body
    .split('\n')
    .map((line) => `<p>${xml(line)}</p>`)
    .join('')

const element = (name: string, value: number | undefined) =>
  value === undefined ? '' : `<${name}>${value}</${name}>`

const xml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
