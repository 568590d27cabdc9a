// Evidence as a lawyer takes it: every page as fetched, every version of the text, what was counted, and a hash list that
// `sha256sum -c SHA256SUMS` checks without us. Files come one by one, so that a whole warning fits in little memory.
// Order: the texts, then the list of all of them (manifest.json) and a note for people, last the hashes.
import { textOf } from '../snapshot.ts'
import { safePage } from './page.ts'
import type { PackedFile } from './zip.ts'

export interface PackageOrder {
  subject:
    | { kind: 'mention'; id: number; title: string }
    | { kind: 'warning'; id: number; title: string; number: string; level: string }
  documentIds: readonly number[]
  /** Cases of the ledger behind a warning: numbers and states, nothing about persons. */
  complaints: readonly Readonly<Record<string, string | number | boolean>>[]
  exportedAt: Date
  exportedBy: { id: number; name: string }
  /** Of the product. */
  version: string
}

/** One text with all that is known of it; further facts go into the manifest as they are. */
interface PackageDocument {
  title: string
  body: string
  version: number
  collectedAt: Date
  versions: readonly { version: number; title: string; body: string; seenAt: Date }[]
  observations: readonly { seenAt: Date; counters: Readonly<Record<string, number>> }[]
  /** Newest first. */
  snapshots: readonly {
    id: number
    url: string
    status: number
    headers: unknown
    fetchedAt: Date
    size: number
    sha256: Buffer
  }[]
  attempts: readonly unknown[]
  nextTryAt: Date | null
}

interface Reading {
  document: (id: number) => Promise<PackageDocument>
  /** Bytes as fetched. */
  body: (sha256: Buffer) => Promise<Uint8Array>
  /** Hex of SHA-256. */
  hash: (bytes: Uint8Array) => string
  /** Told the hash of the hash list once the last byte of it is out: whoever knows it can check the whole package. */
  finished: (said: { files: number; sumsSha256: string; omitted: number }) => Promise<void>
}

/** Pages beyond this are named with their hash and left out; the ZIP has no room for more than four times as much. */
const MOST_BYTES = 1024 * 1024 * 1024

export async function* packageFiles(order: PackageOrder, reading: Reading): AsyncGenerator<PackedFile> {
  const files: { path: string; size: number; sha256: string }[] = []
  const at = order.exportedAt
  let bytesOfPages = 0
  let omitted = 0
  const file = (path: string, content: Uint8Array | string, when = at): PackedFile => {
    const bytes = typeof content === 'string' ? encoded(content) : content
    files.push({ path, size: bytes.length, sha256: reading.hash(bytes) })
    return { path, bytes, at: when }
  }
  const documents: unknown[] = []
  for (const id of order.documentIds) {
    const {
      snapshots,
      attempts,
      versions,
      observations,
      body,
      nextTryAt: _,
      ...facts
    } = await reading.document(id)
    const folder = `document-${id}`
    const texts = versions.some(({ version }) => version === facts.version)
      ? versions
      : [...versions, { version: facts.version, title: facts.title, body, seenAt: facts.collectedAt }]
    const named = []
    for (const { version, title, body, seenAt } of texts) {
      const path = `${folder}/text/version-${version}.txt`
      yield file(path, `${title}\n\n${body}\n`, seenAt)
      named.push({ version, title, seenAt, file: path })
    }
    if (observations.length > 0) yield file(`${folder}/counters.csv`, countersCsv(observations))
    const pages = []
    for (const { sha256, headers, ...page } of snapshots.toReversed()) {
      const place = `${folder}/page-${page.id}-${compact(page.fetchedAt)}`
      const said = { ...page, sha256: sha256.toString('hex'), headers }
      if (bytesOfPages + page.size > MOST_BYTES) {
        omitted++
        pages.push({ ...said, omitted: true })
        continue
      }
      bytesOfPages += page.size
      const bytes = await reading.body(sha256)
      const original = { headers: headersOf(headers), bytes, url: page.url }
      yield file(`${place}/original.bin`, bytes, page.fetchedAt)
      yield file(
        `${place}/headers.json`,
        json({ url: page.url, status: page.status, fetchedAt: page.fetchedAt, headers }),
        page.fetchedAt,
      )
      const view = safePage(original, { picture: '图片' })
      if (view !== undefined) yield file(`${place}/view.html`, view, page.fetchedAt)
      const text = textOf(original)
      if (text !== undefined) yield file(`${place}/text.txt`, `${text}\n`, page.fetchedAt)
      pages.push({ ...said, folder: place })
    }
    documents.push({ ...facts, versions: named, pages, attempts })
  }
  if (order.complaints.length > 0) yield file('complaints.json', json(order.complaints))
  const { subject, exportedAt, exportedBy, version } = order
  const manifest = {
    format: 'weiyu-evidence-1',
    product: { name: 'Weiyu 未雨', version },
    subject,
    exportedAt,
    exportedBy,
    pagesLeftOut: omitted,
    documents,
    files: [...files],
  }
  yield file('manifest.json', json(manifest))
  // Not in the hash list: unzip without a UTF-8 locale mangles its name, and a list that fails for that proves nothing.
  yield {
    path: '取证说明.txt',
    bytes: encoded(explanation(order, { documents: documents.length, files: files.length, omitted })),
    at,
  }
  const sums = files.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join('')
  const list = encoded(sums)
  yield { path: 'SHA256SUMS', bytes: list, at }
  await reading.finished({ files: files.length, sumsSha256: reading.hash(list), omitted })
}

const encoded = (text: string) => new TextEncoder().encode(text)
const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
const compact = (at: Date) => at.toISOString().replace(/[-:]|\.\d+/g, '')

/** Headers come back from the database as JSON; only texts are of use. */
export function headersOf(stored: unknown): Record<string, string> {
  if (stored === null || typeof stored !== 'object') return {}
  return Object.fromEntries(
    Object.entries(stored).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

function countersCsv(observations: PackageDocument['observations']): string {
  const names = [...new Set(observations.flatMap(({ counters }) => Object.keys(counters)))]
  // Names come from outside: quoted, and an apostrophe before what a spreadsheet would calculate.
  const cell = (text: string) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
  const lines = observations.map(({ seenAt, counters }) =>
    [seenAt.toISOString(), ...names.map((name) => counters[name] ?? '')].join(','),
  )
  return `\ufeff${[['seen_at', ...names.map(cell)].join(','), ...lines].join('\r\n')}\r\n`
}

const beijing = new Intl.DateTimeFormat('zh-CN', {
  dateStyle: 'long',
  timeStyle: 'medium',
  timeZone: 'Asia/Shanghai',
})

function explanation(
  { subject, exportedAt, exportedBy, version, complaints }: PackageOrder,
  { documents, files, omitted }: { documents: number; files: number; omitted: number },
): string {
  const zhSubject =
    subject.kind === 'warning'
      ? `预警 ${subject.number}（${subject.level} 级）「${subject.title}」`
      : `舆情信息 ${subject.id}「${subject.title}」`
  const enSubject =
    subject.kind === 'warning'
      ? `warning ${subject.number} (level ${subject.level}) “${subject.title}”`
      : `mention ${subject.id} “${subject.title}”`
  return `取证说明
========
对象：${zhSubject}
导出时间：${beijing.format(exportedAt)}（北京时间），${exportedAt.toISOString()}（UTC）
导出人：${exportedBy.name}（用户编号 ${exportedBy.id}）
软件：未雨 Weiyu ${version}
内容：${documents} 篇原文，${files} 个文件（不含本说明与 SHA256SUMS）${complaints.length > 0 ? `，${complaints.length} 件投诉的编号与状态（complaints.json，不含个人信息）` : ''}${omitted > 0 ? `；另有 ${omitted} 个网页因总量超过 1 GiB 未收入，其哈希值列于 manifest.json` : ''}

目录
- document-<编号>/page-<编号>-<获取时间 UTC>/original.bin  网页字节，与服务器返回的内容（解除传输压缩后）完全一致。
  改名为 .html 后可用浏览器打开；它可能含有脚本，请在断网的机器上打开，平时请看 view.html。
- 同目录 headers.json  地址、状态码、获取时间、响应头（已去除 Cookie 与口令类字段）
- 同目录 view.html  去除脚本、样式、外部链接后的可读版本（由软件生成，非原始证据）
- 同目录 text.txt  从网页提取的文字（由软件生成，非原始证据）
- document-<编号>/text/version-<版本>.txt  采集到的标题与正文的各个版本
- document-<编号>/counters.csv  各时刻的阅读、评论、转发等计数
- manifest.json  以上全部内容的清单：来源、地址、时间、获取原因、未能获取的尝试、每个文件的 SHA-256
- SHA256SUMS  以上所有文件的 SHA-256（不含本说明：它只是解释，不是证据）

如何核验
1. 在本目录执行：sha256sum -c SHA256SUMS（macOS：shasum -a 256 -c SHA256SUMS）。
   Windows：certutil -hashfile <文件> SHA256，与 SHA256SUMS 对照。
2. SHA256SUMS 自身的 SHA-256 在导出完成时写入软件的审计日志（动作 evidence.exported）。审计日志逐条链接、不可修改，
   因此可证明本证据包自导出后未被改动。
3. manifest.json 中每个网页的 sha256 在获取时即写入数据库，应与其 original.bin 的 SHA-256 相同。

说明：获取时间取自运行本软件的服务器时钟。本证据包不能代替公证或可信时间戳；用于诉讼前请咨询律师。

About this package
==================
Subject: ${enSubject}
Exported: ${exportedAt.toISOString()} (UTC) by ${exportedBy.name} (user ${exportedBy.id}), Weiyu ${version}
Contents: ${documents} texts, ${files} files (without this note and SHA256SUMS)${complaints.length > 0 ? `, numbers and states of ${complaints.length} complaints (complaints.json, no personal data)` : ''}${omitted > 0 ? `; ${omitted} pages were left out because all together exceed 1 GiB, manifest.json holds their hashes` : ''}

- document-<id>/page-<id>-<fetched, UTC>/original.bin: the bytes of the page as the server sent them (after transfer
  decompression). Rename it to .html to open it; it may hold scripts, so use a machine without network, or read view.html.
- headers.json beside it: address, status, time of the fetch, response headers (without cookies and secrets)
- view.html, text.txt beside it: made readable by the product; not original evidence
- document-<id>/text/version-<n>.txt: every version of title and text as collected
- document-<id>/counters.csv: reads, comments, shares as seen over time
- manifest.json: all of it listed: origin, address, times, reasons, tries that failed, SHA-256 of every file
- SHA256SUMS: SHA-256 of every file but itself and this note, which explains and is no evidence

To verify: run «sha256sum -c SHA256SUMS» in this folder. The SHA-256 of SHA256SUMS itself is written to the product's
chained audit trail when the export ends (evidence.exported). The sha256 of each page in manifest.json was stored when it was
fetched and must equal that of its original.bin. Times are those of the server's clock. This package replaces neither a
notary nor a trusted timestamp.
`
}
