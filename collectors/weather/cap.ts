// Warnings of the weather authorities → AlertCapture. Read are CAP 1.2 as XML and JSON, feeds whose entries hold CAP or parts
// of it, GeoJSON of alerts, lists of the weather interfaces common in China, and, last, headlines alone. Drills (status Test,
// Exercise) and receipts (Ack, Error) are counted and left out. Source: OASIS CAP 1.2; 气象灾害预警信号发布与传播办法 for the
// colours, which go before the English severity: they are what was decided.
import { type AlertCapture, type AlertShape, CollectError, type Phenomenon } from '../collector.ts'
import { parseDate } from '../dates.ts'
import { decode } from '../decode.ts'
import { htmlToText } from '../html.ts'
import { readXml } from '../rss/xml.ts'
import { type Node, nodeOfJson, nodeOfXml, nodesIn, textIn, textsIn } from './node.ts'
import {
  issuerIn,
  phenomenonIn,
  placeOfIssuer,
  saysLifted,
  severityNamed,
  severityOfColour,
} from './words.ts'

export interface ReadAlerts {
  alerts: AlertCapture[]
  /** Entries of a feed whose warning lies in a file of its own. */
  links: { id: string; url: string }[]
  left: Left
}

/** What was not taken, by reason. */
export interface Left {
  drills: number
  receipts: number
  /** Without id, time or any word of what it is about. */
  unreadable: number
}

const nothingLeft = (): Left => ({ drills: 0, receipts: 0, unreadable: 0 })

const maxAlerts = 5_000
const maxAreas = 500
const maxShapes = 50
const maxPoints = 2_000
const maxName = 40

/** Every warning in an answer. @throws CollectError `blocked` for a page, `parse-error` for what holds no warnings */
export function readAlerts(bytes: Uint8Array, contentType: string, baseUrl: string): ReadAlerts {
  const { text } = decode(bytes, contentType)
  const begin = text.trimStart().slice(0, 1)
  return begin === '{' || begin === '[' ? readJson(text) : readMarkup(text, baseUrl)
}

function readMarkup(text: string, baseUrl: string): ReadAlerts {
  const top = readXml(text, (written) => written).children.find((child) => typeof child !== 'string')
  const name = typeof top === 'object' ? top.name.replace(/^.*:/, '') : undefined
  if (typeof top !== 'object' || !name || !['alert', 'alerts', 'feed', 'rss', 'rdf'].includes(name)) {
    if (/<html[\s>]|<!doctype html|<body[\s>]/i.test(text.slice(0, 20_000))) {
      throw new CollectError('blocked', 'a page instead of weather warnings')
    }
    throw new CollectError('parse-error', `neither CAP nor a feed: ${name ? `<${name}>` : 'no element'}`)
  }
  const node = nodeOfXml(top)
  const read: ReadAlerts = { alerts: [], links: [], left: nothingLeft() }
  if (name === 'alert') take(read, alertOf(node, undefined))
  for (const alert of name === 'alerts' ? nodesIn(node, 'alert') : []) take(read, alertOf(alert, undefined))
  const channels = [node, ...nodesIn(node, 'channel')]
  const entries = channels.flatMap((channel) => [...nodesIn(channel, 'entry'), ...nodesIn(channel, 'item')])
  for (const entry of entries.slice(0, maxAlerts)) readEntry(entry, read, baseUrl)
  return read
}

/** An entry of a feed: CAP inside it, its parts beside the title, a link to it, or a headline that says it all. */
function readEntry(entry: Node, read: ReadAlerts, baseUrl: string): void {
  const inside = ['content', 'description', 'summary'].flatMap((name) => nodesIn(entry, name))
  const whole = [entry, ...inside].flatMap((node) => nodesIn(node, 'alert'))
  if (whole.length > 0) {
    for (const alert of whole) take(read, alertOf(alert, undefined))
    return
  }
  const url = linkOf(entry, baseUrl)
  if (entry.msgtype || entry.severity || entry.areadesc || entry.event) {
    take(read, alertOf(entry, url?.url))
    return
  }
  const id = textIn(entry, 'id', 'guid') ?? url?.url
  if (url?.isCap && id !== undefined) {
    read.links.push({ id, url: url.url })
    return
  }
  take(read, alertOfHeadline(entry, url?.url))
}

function linkOf(entry: Node, baseUrl: string): { url: string; isCap: boolean } | undefined {
  const links = [
    ...nodesIn(entry, 'link').map((link) => ({
      href: textIn(link, '@href') ?? '',
      type: textIn(link, '@type') ?? '',
    })),
    ...textsIn(entry, 'link').map((href) => ({ href, type: '' })),
  ].flatMap(({ href, type }) => {
    if (href === '' || !URL.canParse(href, baseUrl)) return []
    const { href: url, pathname, protocol } = new URL(href, baseUrl)
    if (protocol !== 'https:' && protocol !== 'http:') return []
    return [{ url, isCap: /cap\+xml/i.test(type) || /\.(?:cap|xml)$/i.test(pathname) }]
  })
  return links.find((link) => link.isCap) ?? links[0]
}

function readJson(text: string): ReadAlerts {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new CollectError('parse-error', 'the answer begins like JSON but is none')
  }
  const read: ReadAlerts = { alerts: [], links: [], left: nothingLeft() }
  const list = Array.isArray(value) ? value : undefined
  const node = value !== null && typeof value === 'object' && !list ? nodeOfJson(value) : undefined
  if (node?.features) {
    for (const feature of nodesIn(node, 'features').slice(0, maxAlerts)) take(read, alertOfFeature(feature))
    return read
  }
  if (node?.identifier) {
    take(read, alertOf(node, undefined))
    return read
  }
  const objects = list
    ? list
        .filter((one): one is object => one !== null && typeof one === 'object')
        .map((one) => nodeOfJson(one))
    : ['alerts', 'alert', 'warning', 'warnings', 'data', 'items', 'result'].flatMap((name) =>
        node ? nodesIn(node, name) : [],
      )
  // An interface that answers with an error in its own words is not a calm sky.
  const code = node && textIn(node, 'code', 'status')
  const known = list ?? node?.alerts ?? node?.alert ?? node?.warning ?? node?.warnings ?? node?.data
  if (objects.length === 0 && known === undefined) {
    const says = [code, node && textIn(node, 'message', 'msg', 'error')].filter(Boolean).join(' ')
    throw new CollectError(
      'parse-error',
      `no list of warnings in the answer${says ? `: ${says.slice(0, 200)}` : ''}`,
    )
  }
  if (code !== undefined && /^\d+$/.test(code) && !['0', '200', '204'].includes(code)) {
    throw new CollectError('parse-error', `the interface answers with its code ${code.slice(0, 20)}`)
  }
  for (const one of objects.slice(0, maxAlerts))
    take(read, one.info ? alertOf(one, undefined) : alertOfList(one))
  return read
}

/** A row of the lists that weather interfaces of China give: typeName, severityColor, pubTime, sender, related. */
function alertOfList(row: Node): AlertCapture | Reason {
  const colour = textIn(row, 'severitycolor', 'color', 'colour', 'level')
  const kind = textIn(row, 'typename', 'type', 'event', 'eventtype')
  const state = textIn(row, 'status')?.toLowerCase()
  return alertOf(
    {
      ...row,
      identifier: present(textIn(row, 'id', 'identifier', 'alertid')),
      sendername: present(textIn(row, 'sendername', 'sender')),
      sent: present(textIn(row, 'pubtime', 'sent', 'issuetime', 'time')),
      onset: present(textIn(row, 'starttime', 'onset', 'effective')),
      expires: present(textIn(row, 'endtime', 'expires')),
      headline: present(textIn(row, 'title', 'headline')),
      description: present(textIn(row, 'text', 'description', 'content')),
      event: present([kind, colour && wholeColour(colour)].filter(Boolean).join('')),
      msgtype: present(state === 'cancel' ? 'Cancel' : (textIn(row, 'msgtype', 'messagetype') ?? 'Alert')),
      status: present(state === 'test' || state === 'exercise' ? state : 'Actual'),
      references: present(textIn(row, 'related', 'references')),
    },
    undefined,
  )
}

const wholeColour = (colour: string) => (/^[蓝黄橙红]$/.test(colour) ? `${colour}色` : ` ${colour}`)
const present = (text: string | undefined): string[] => (text ? [text] : [])

function alertOfFeature(feature: Node): AlertCapture | Reason {
  const properties = nodesIn(feature, 'properties')[0]
  if (!properties) return 'unreadable'
  return alertOf(
    {
      ...properties,
      references: nodesIn(properties, 'references').flatMap((one) =>
        present(textIn(one, 'identifier', '@id')),
      ),
    },
    textIn(properties, '@id'),
  )
}

type Reason = keyof Left

function take(read: ReadAlerts, found: AlertCapture | Reason): void {
  if (typeof found === 'string') read.left[found] += 1
  else if (read.alerts.length < maxAlerts) read.alerts.push(found)
}

/** One CAP message; entries of feeds have the parts of `info` and `area` beside the id. */
function alertOf(node: Node, url: string | undefined): AlertCapture | Reason {
  const status = (textIn(node, 'status') ?? 'Actual').toLowerCase()
  if (status !== 'actual')
    return status === 'test' || status === 'exercise' || status === 'draft' || status === 'system'
      ? 'drills'
      : 'unreadable'
  const kind = (textIn(node, 'msgtype', 'messagetype') ?? 'Alert').toLowerCase()
  if (kind === 'ack' || kind === 'error') return 'receipts'
  const externalId = textIn(node, 'identifier', 'id', 'guid')
  const infos = inOneLanguage(nodesIn(node, 'info'))
  const parts = infos.length > 0 ? infos : [node]
  const [first = node] = parts
  const sentAt = parseDate(textIn(node, 'sent', 'published', 'updated', 'pubdate'))
  const startsAt = parseDate(textIn(first, 'onset', 'effective')) ?? sentAt
  const event = textIn(first, 'event') ?? ''
  const headline = (textIn(first, 'headline') ?? textIn(node, 'title') ?? event).slice(0, 200)
  const isCancel = kind === 'cancel' || saysLifted(headline)
  if (!externalId || !startsAt || (headline === '' && !isCancel)) return 'unreadable'
  const sender =
    textIn(first, 'sendername') ?? issuerIn(headline) ?? textIn(node, 'sendername', 'sender') ?? ''
  const endsAt = latest(parts.map((info) => parseDate(textIn(info, 'expires'))))
  const description = htmlToText(
    parts.map((info) => textIn(info, 'description', 'summary') ?? '').join('\n'),
  ).slice(0, 4_000)
  const areas = parts.flatMap((info) => {
    const own = nodesIn(info, 'area')
    return own.length > 0 ? own : [info]
  })
  const named = uniqueAreas(areas.flatMap(namesOf))
  const place = placeOfIssuer(sender)
  const shapes = areas.flatMap(shapesOf).slice(0, maxShapes)
  const web = url ?? textIn(first, 'web')
  return {
    externalId: externalId.slice(0, 300),
    replaces: referencesOf(node),
    state: isCancel ? 'cancelled' : 'actual',
    issuer: sender.slice(0, 100),
    phenomenon: phenomenonOf([event, headline, description.slice(0, 60)]),
    severity: gravest(parts.map((info) => severityOf(info, headline))),
    headline: headline === '' ? event : headline,
    description,
    areas: named.length > 0 || shapes.length > 0 || !place ? named : [{ name: place }],
    ...(shapes.length > 0 && { shapes }),
    ...(sentAt !== undefined && { sentAt }),
    startsAt,
    ...(endsAt !== undefined && { endsAt }),
    ...(web !== undefined && isWeb(web) && { url: web.slice(0, 1_000) }),
  }
}

/** «南京市气象台发布暴雨红色预警信号» in a feed without CAP: what the headline says is all there is. */
function alertOfHeadline(entry: Node, url: string | undefined): AlertCapture | Reason {
  const headline = htmlToText(textIn(entry, 'title') ?? '')
    .replace(/\s+/g, ' ')
    .slice(0, 200)
  const startsAt = parseDate(textIn(entry, 'pubdate', 'published', 'updated', 'date'))
  const externalId = textIn(entry, 'guid', 'id') ?? url
  const issuer = issuerIn(headline)
  const phenomenon = phenomenonIn(headline)
  const severity = severityOfColour(headline)
  const isLifted = saysLifted(headline)
  if (!externalId || !startsAt || !issuer || !phenomenon || (!severity && !isLifted)) return 'unreadable'
  const place = placeOfIssuer(issuer)
  return {
    externalId: externalId.slice(0, 300),
    replaces: [],
    state: isLifted ? 'cancelled' : 'actual',
    issuer,
    phenomenon,
    severity: severity ?? 'unknown',
    headline,
    description: htmlToText(textIn(entry, 'description', 'summary', 'content') ?? '').slice(0, 4_000),
    areas: place ? [{ name: place }] : [],
    sentAt: startsAt,
    startsAt,
    ...(url !== undefined && { url }),
  }
}

const isWeb = (url: string) => /^https?:\/\//i.test(url)

/** The same warning comes in several languages: Chinese is read, else the first one's. */
function inOneLanguage(infos: readonly Node[]): readonly Node[] {
  const languageOf = (info: Node) => (textIn(info, 'language') ?? '').toLowerCase()
  const chinese = infos.filter((info) => /^(?:zh|cn)/.test(languageOf(info)))
  if (chinese.length > 0) return chinese
  const [first] = infos
  return first ? infos.filter((info) => languageOf(info) === languageOf(first)) : []
}

function phenomenonOf(texts: readonly string[]): Phenomenon {
  for (const text of texts) {
    const found = phenomenonIn(text)
    if (found) return found
  }
  return 'other'
}

const rising = ['unknown', 'minor', 'moderate', 'severe', 'extreme'] as const

function severityOf(info: Node, headline: string): AlertCapture['severity'] {
  const parameters = nodesIn(info, 'parameter').flatMap((parameter) =>
    /colou?r|颜色|等级|severity/i.test(textIn(parameter, 'valuename') ?? '')
      ? present(textIn(parameter, 'value'))
      : [],
  )
  return (
    severityOfColour(textIn(info, 'event') ?? '') ??
    severityOfColour(headline) ??
    severityOfColour(parameters.join(' ')) ??
    severityNamed(textIn(info, 'severity') ?? '') ??
    'unknown'
  )
}

const gravest = (found: readonly AlertCapture['severity'][]) =>
  rising[Math.max(0, ...found.map((severity) => rising.indexOf(severity)))] ?? 'unknown'

const latest = (instants: readonly (string | undefined)[]) =>
  instants
    .filter((at) => at !== undefined)
    .sort()
    .at(-1)

/** `sender,identifier,sent sender,identifier,sent`, or identifiers alone. */
function referencesOf(node: Node): string[] {
  const written = [...textsIn(node, 'references'), ...textsIn(node, 'related')]
  const ids = written.flatMap((text) =>
    text.split(/\s+/).flatMap((part) => {
      const pieces = part.split(',')
      return pieces.length >= 3 ? pieces.slice(1, -1).join(',') : pieces
    }),
  )
  return [...new Set(ids.map((id) => id.trim().slice(0, 300)).filter(Boolean))].slice(0, 100)
}

function namesOf(area: Node): AlertCapture['areas'] {
  const names = textsIn(area, 'areadesc')
    .flatMap((text) => text.slice(0, 20_000).split(/[、,，;；\n|]|\s{2,}/))
    .map((name) => name.trim().slice(0, maxName))
    .filter(Boolean)
  const codes = nodesIn(area, 'geocode')
    .flatMap((code) => present(textIn(code, 'value')))
    .concat(textsIn(area, 'geocode'))
    .filter((code) => /^\d{6}(?:\d{6})?$/.test(code))
    .map((code) => code.slice(0, 6))
  if (names.length === codes.length) {
    return names.map((name, at) => ({ name, ...(codes[at] !== undefined && { code: codes[at] }) }))
  }
  return [...names.map((name) => ({ name })), ...codes.map((code) => ({ name: '', code }))]
}

function uniqueAreas(areas: readonly { name: string; code?: string }[]) {
  const byKey = new Map(areas.map((area) => [`${area.name} ${area.code ?? ''}`, area]))
  return [...byKey.values()].slice(0, maxAreas)
}

/** CAP writes «latitude,longitude», we the other way round, as maps do. */
function shapesOf(area: Node): AlertShape[] {
  const polygons = textsIn(area, 'polygon').flatMap((text): AlertShape[] => {
    const points = text.trim().split(/\s+/).slice(0, maxPoints).map(pointOf)
    return points.length >= 3 && points.every((point) => point !== undefined) ? [{ points }] : []
  })
  const circles = textsIn(area, 'circle').flatMap((text): AlertShape[] => {
    const [where = '', radius = ''] = text.trim().split(/\s+/)
    const centre = pointOf(where)
    const radiusKm = Number(radius)
    return centre && radiusKm > 0 && radiusKm <= 5_000 ? [{ centre, radiusKm }] : []
  })
  return [...polygons, ...circles]
}

function pointOf(text: string): readonly [number, number] | undefined {
  const [latitude, longitude, ...rest] = text.split(',').map(Number)
  if (latitude === undefined || longitude === undefined || rest.length > 0) return undefined
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? [longitude, latitude] : undefined
}
