/**
 * News from the server as it happens. One connection for the whole page; whoever shows rows subscribes to their topics and
 * loads again, at most once a second for a burst. Events say *that* something changed, never what: rights stay with the API.
 */
import { signal } from '@preact/signals'
import { loadSession } from './session.ts'

export const topics = [
  'warning',
  'mention',
  'complaint',
  'source',
  'exposure',
  'assistant',
  'progress',
] as const
export type Topic = (typeof topics)[number]

/** 'on' while events flow; 'waiting' between attempts; 'off' when signed out. */
export const liveState = signal<'off' | 'waiting' | 'on'>('off')

type Listener = (data: unknown) => void
const listeners = new Map<Topic, Set<Listener>>(topics.map((topic) => [topic, new Set()]))

function listen(topic: Topic, listener: Listener): () => void {
  listeners.get(topic)?.add(listener)
  return () => {
    listeners.get(topic)?.delete(listener)
  }
}

const quietMs = 1_000

/** Long work, told step by step. */
export interface Progress {
  task: string
  done: number
  total: number
  message?: string
}

const isProgress = (data: unknown): data is Progress =>
  typeof data === 'object' && data !== null && 'task' in data && 'done' in data && 'total' in data

export const listenToProgress = (task: string, listener: (progress: Progress) => void) =>
  listen('progress', (data) => {
    if (isProgress(data) && data.task === task) listener(data)
  })

/** Calls `refresh` after news on one of the topics: soon after the first, then at most once per second. */
export function onNews(about: readonly Topic[], refresh: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let last = 0
  const heard = () => {
    if (timer !== undefined) return
    const wait = Math.max(150, last + quietMs - Date.now())
    timer = setTimeout(() => {
      timer = undefined
      last = Date.now()
      refresh()
    }, wait)
  }
  const stops = about.map((topic) => listen(topic, heard))
  return () => {
    clearTimeout(timer)
    for (const stop of stops) stop()
  }
}

let source: EventSource | undefined
let attempt = 0
let retry: ReturnType<typeof setTimeout> | undefined

function dispatch(topic: Topic, text: string): void {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    data = text
  }
  for (const listener of listeners.get(topic) ?? []) listener(data)
}

export function connect(): void {
  if (source !== undefined) return
  clearTimeout(retry)
  liveState.value = 'waiting'
  const opened = new EventSource('/api/live')
  source = opened
  opened.onopen = () => {
    // Whatever happened while we were away, or between the page's first answer and now, is in the tables: everyone looks once.
    attempt = 0
    liveState.value = 'on'
    for (const topic of topics) if (topic !== 'progress') dispatch(topic, 'null')
  }
  for (const topic of topics) {
    opened.addEventListener(topic, (event) => {
      if (event instanceof MessageEvent) dispatch(topic, String(event.data))
    })
  }
  opened.onerror = () => {
    // The browser's own retry stops for good on an HTTP error; ours backs off to half a minute and goes on.
    opened.close()
    source = undefined
    liveState.value = 'waiting'
    attempt += 1
    // A stream that is refused again and again may mean that nobody is signed in any more.
    if (attempt % 4 === 2) void loadSession()
    const wait = Math.min(30_000, 500 * 2 ** attempt) * (0.7 + 0.6 * Math.random())
    retry = setTimeout(connect, wait)
  }
}

export function disconnect(): void {
  clearTimeout(retry)
  source?.close()
  source = undefined
  attempt = 0
  liveState.value = 'off'
}
