// The request of a JSON interface, written with places to fill in: {page} {offset} {cursor} {since} {secret}.
import { CollectError } from '../collector.ts'

export type Values = Readonly<Record<'page' | 'offset' | 'cursor' | 'since' | 'secret', string>>
const place = /\{(page|offset|cursor|since|secret)\}/g

export const holds = (text: string, name: keyof Values) => text.includes(`{${name}}`)

function fill(text: string, values: Values, encode: (value: string) => string): string {
  return text.replace(place, (whole, name: string) => {
    const found = Object.entries(values).find(([key]) => key === name)
    return found ? encode(found[1]) : whole
  })
}

export const fillAddress = (text: string, values: Values) => fill(text, values, encodeURIComponent)

/** A JSON body keeps its form whatever the value holds; any other body is a form. */
export const fillBody = (text: string, values: Values) =>
  isJson(text)
    ? fill(text, values, (value) => JSON.stringify(value).slice(1, -1))
    : fill(text, values, encodeURIComponent)
const isJson = (text: string) => /^\s*[{[]\s*(?:["}\]{[]|-?\d)/.test(text)
export const contentTypeOf = (body: string) =>
  isJson(body) ? 'application/json' : 'application/x-www-form-urlencoded'

/** Set by the connection itself. */
const forbidden =
  /^(?:host|connection|content-length|transfer-encoding|upgrade|te|trailer|expect|keep-alive|proxy-.*)$/i
const headerLine = /^([!#$%&'*+.^_`|~\w-]{1,100})\s*:\s*([\t\x20-\x7e\x80-\xff]{0,4000})$/

/** «Name: value», one a line. Gives the first line that is none instead. */
export function parseHeaders(
  text: string,
): { headers: readonly (readonly [string, string])[] } | { wrong: string } {
  const headers: (readonly [string, string])[] = []
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '') continue
    const found = headerLine.exec(line)
    const name = found?.[1]?.toLowerCase()
    if (name === undefined || forbidden.test(name)) return { wrong: line.split(':')[0]?.slice(0, 60) ?? '' }
    headers.push([name, found?.[2]?.trim() ?? ''])
  }
  return { headers }
}

/** Without a place of its own the secret goes as a bearer token. @throws CollectError when it holds what a header may not */
export function fillHeaders(text: string, values: Values, isPlaced: boolean): Record<string, string> {
  const parsed = parseHeaders(text)
  const headers = Object.fromEntries(
    ('headers' in parsed ? parsed.headers : []).map(([name, value]) => [
      name,
      fill(value, values, (own) => own),
    ]),
  )
  if (values.secret !== '' && !isPlaced && headers.authorization === undefined)
    headers.authorization = `Bearer ${values.secret}`
  if (Object.values(headers).some((value) => /[\r\n\0]/.test(value)))
    throw new CollectError('parse-error', 'a header may not hold a line break')
  return headers
}
