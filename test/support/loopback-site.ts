import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createFetcher } from '../../collectors/fetch.ts'

export interface Page {
  status?: number
  headers?: Readonly<Record<string, string>>
  body: string | Uint8Array
}
type Answer = string | Page | ((request: IncomingMessage, body: string) => string | Page)

/** A real server on loopback whose pages a test sets, and a fetcher that may reach it. */
export async function loopbackSite() {
  const pages = new Map<string, Answer>()
  /** Every address asked for, in order, but robots.txt. */
  const asked: string[] = []
  const server = createServer((request, response) => {
    const url = request.url ?? '/'
    const parts: Uint8Array[] = []
    request.on('data', (part: Uint8Array) => void parts.push(part))
    request.on('end', () => {
      if (url !== '/robots.txt') asked.push(url)
      const answer = pages.get(url) ?? pages.get(url.replace(/\?.*$/, ''))
      const given = typeof answer === 'function' ? answer(request, Buffer.concat(parts).toString()) : answer
      if (given === undefined) return void response.writeHead(404).end('not here')
      const page: Page = typeof given === 'string' ? { body: given } : given
      const headers = { 'content-type': 'text/html; charset=utf-8', ...page.headers }
      response.writeHead(page.status ?? 200, headers).end(page.body)
    })
  })
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  const fetcher = createFetcher({ userAgent: 'weiyu-test', allow: ['127.0.0.1'], limits: { retries: 0 } })
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pages,
    asked,
    fetcher,
    close: async () => {
      await fetcher.close()
      server.close()
    },
  }
}

/** A news page with a text of its own. */
export const articlePage = (title: string, text: string, at = '2026-03-05 09:30') =>
  `<html><head><title>${title}_云湖新闻网</title></head><body><h1>${title}</h1><div class="info">${at} 来源：云湖晚报</div>
   <div class="article-content"><p>${text}</p><p>记者从有关部门了解到，相关情况正在进一步核实之中，后续进展将及时公布。</p></div></body></html>`
