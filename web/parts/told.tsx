/** What a run says of itself: in the reader's language where it has a code, else as the collector wrote it. */
import type { InferResponseType } from 'hono/client'
import type { api } from '../api.ts'
import { d } from './detail-words.ts'

export type Said = InferResponseType<typeof api.sources.try.$post>['told']
type One = Said[number]

const isKnown = ([first]: One) => first?.code !== 'other'

/** As one text, for a list; what has no words of ours stays as it is. */
export const saidText = (said: Said) => said.map(textOf).join(d.between)

/** Sentences, and below them what only a technician reads. */
export function Told({ said }: { said: Said }) {
  const known = said.filter(isKnown)
  const others = said.filter((one) => !isKnown(one))
  return (
    <>
      {known.length > 0 && <span class="break">{saidText(known)}</span>}
      {others.length > 0 && (
        <span class="quiet break told-technical">
          {d.technical}
          <span lang="en">{saidText(others)}</span>
        </span>
      )}
    </>
  )
}

/** The innermost reason first, then what stands around it. */
function textOf(one: One): string {
  return one.reduceRight((reason, { code, params }) => {
    if (code === 'other') return params.text ?? ''
    return d.said[code].replace(/\{(\w+)\}/g, (_, name: string) =>
      name === 'reason' ? reason : shown(name, params[name] ?? ''),
    )
  }, '')
}

/** A parameter as people say it. */
function shown(name: string, value: string): string {
  switch (name) {
    case 'status': {
      const meaning = wordIn(d.status, value)
      return meaning === undefined ? value : d.statusWith(value, meaning)
    }
    case 'due':
      return wordIn(d.due, value) ?? value
    case 'wall':
      return wordIn(d.wall, value) ?? (value.startsWith('a page of scripts') ? d.wallOfScripts : value)
    case 'bytes':
      return size(Number(value))
    case 'time':
      return inShanghai(value)
    case 'span':
      return value.endsWith(' min') ? d.minutes(value.slice(0, -4)) : d.seconds(value.replace(/ s$/, ''))
    default:
      return value
  }
}

const wordIn = (section: Readonly<Record<string, string>>, key: string) =>
  Object.hasOwn(section, key) ? section[key] : undefined

/** 8388608 as 8 MB. */
function size(bytes: number): string {
  const [unit, name] = bytes >= 1_048_576 ? [1_048_576, 'MB'] : bytes >= 1_024 ? [1_024, 'KB'] : [1, 'B']
  return `${Math.round((bytes / unit) * 10) / 10} ${name}`
}

/** A time of UTC on the clock of Shanghai: 18:30 as 02:30. */
function inShanghai(utc: string): string {
  const [hours = '0', minutes = '00'] = utc.split(':')
  return `${String((Number(hours) + 8) % 24).padStart(2, '0')}:${minutes}`
}
