/**
 * Loading rows for a page:
 *
 *   const warnings = useLoad(`warnings?${query.text}`, (abort) => answer(api.warnings.$get({ query: … }, { init: { signal: abort } })), {
 *     refreshOn: ['warning'],
 *   })
 *   <Loaded of={warnings} what={t.title}>{(data) => …}</Loaded>
 *
 * The key names what is loaded: a new key loads, aborts the old call, and shows what it last held at once (stale while
 * revalidating). News on the topics loads again in the background. `reload()` after a change of our own.
 */
import { type Signal, signal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { offline } from './api.ts'
import { onNews, type Topic } from './live.ts'

export type LoadState<T> =
  | { state: 'loading' }
  /** `failure`: the last refresh failed and `data` is older than it should be. */
  | { state: 'ready'; data: T; refreshing: boolean; failure?: unknown }
  | { state: 'error'; failure: unknown }

export interface Loader<T> {
  /** The state now; drawing follows it. */
  readonly now: LoadState<T>
  readonly signal: Signal<LoadState<T>>
  /** Loads again in the background. */
  reload(): Promise<void>
  /** Changes what is shown before the server has answered. */
  put(data: T): void
}

/** Newest last; enough for going back through a dozen lists. */
const remembered = new Map<string, unknown>()
const rememberAtMost = 40

function remember(key: string, data: unknown): void {
  remembered.delete(key)
  remembered.set(key, data)
  const oldest = remembered.keys().next()
  if (remembered.size > rememberAtMost && !oldest.done) remembered.delete(oldest.value)
}

interface Running {
  key: string
  abort: AbortController
}

export function useLoad<T>(
  key: string,
  load: (abort: AbortSignal) => Promise<T>,
  options: { refreshOn?: readonly Topic[] } = {},
): Loader<T> {
  const running = useRef<Running | null>(null)
  const latest = useRef(load)
  latest.current = load

  const state = useMemo(
    () =>
      signal<LoadState<T>>(
        remembered.has(key)
          ? { state: 'ready', data: remembered.get(key) as T, refreshing: true }
          : { state: 'loading' },
      ),
    [key],
  )

  const loader = useMemo(() => {
    const reload = async () => {
      running.current?.abort.abort()
      const mine: Running = { key, abort: new AbortController() }
      running.current = mine
      const before = state.peek()
      if (before.state === 'ready') state.value = { ...before, refreshing: true }
      else state.value = { state: 'loading' }
      try {
        const data = await latest.current(mine.abort.signal)
        if (running.current !== mine) return
        remember(key, data)
        state.value = { state: 'ready', data, refreshing: false }
      } catch (failure) {
        if (running.current !== mine || mine.abort.signal.aborted) return
        const shown = state.peek()
        state.value =
          shown.state === 'ready'
            ? { state: 'ready', data: shown.data, refreshing: false, failure }
            : { state: 'error', failure }
      }
    }
    return {
      get now() {
        return state.value
      },
      signal: state,
      reload,
      put(data: T) {
        remember(key, data)
        state.value = { state: 'ready', data, refreshing: false }
      },
    }
  }, [state, key])

  const about = options.refreshOn?.join(' ') ?? ''
  useEffect(() => {
    void loader.reload()
    const stop = onNews((about === '' ? [] : about.split(' ')) as Topic[], () => void loader.reload())
    // What failed while the server was away is asked again once it answers.
    let wasOffline = offline.peek()
    const stopWaiting = offline.subscribe((isOffline) => {
      const shown = loader.signal.peek()
      const isOld = shown.state === 'error' || (shown.state === 'ready' && shown.failure !== undefined)
      if (wasOffline && !isOffline && isOld) void loader.reload()
      wasOffline = isOffline
    })
    return () => {
      stop()
      stopWaiting()
      running.current?.abort.abort()
      running.current = null
    }
  }, [loader, about])

  return loader
}

/** A list in pages by cursor: the first page as `useLoad`, further ones added by `more()`. */
export interface Paged<Row> {
  rows: readonly Row[]
  /** Where the following page starts, as the server gave it. */
  next: string | number | null
}

export interface PagedLoader<Row> extends Loader<Paged<Row>> {
  more(): Promise<void>
  readonly loadingMore: Signal<boolean>
}

export function usePaged<Row>(
  key: string,
  load: (cursor: string | undefined, abort: AbortSignal) => Promise<Paged<Row>>,
  options: { refreshOn?: readonly Topic[] } = {},
): PagedLoader<Row> {
  const latest = useRef(load)
  latest.current = load
  const depth = useRef({ key, rows: 0 })
  if (depth.current.key !== key) depth.current = { key, rows: 0 }

  // A refresh brings back as many rows as are shown, so that the list does not shrink under the reader.
  const loader = useLoad<Paged<Row>>(
    key,
    async (abort) => {
      let page = await load(undefined, abort)
      while (page.next !== null && page.rows.length < depth.current.rows) {
        const following = await load(String(page.next), abort)
        page = { rows: [...page.rows, ...following.rows], next: following.next }
      }
      depth.current.rows = page.rows.length
      return page
    },
    options,
  )
  return useMemo(() => {
    const loadingMore = signal(false)
    return {
      get now() {
        return loader.now
      },
      signal: loader.signal,
      reload: loader.reload,
      put: loader.put,
      loadingMore,
      async more() {
        const shown = loader.signal.peek()
        if (shown.state !== 'ready' || shown.data.next === null || loadingMore.peek()) return
        loadingMore.value = true
        try {
          const page = await latest.current(String(shown.data.next), new AbortController().signal)
          // A refresh may have replaced the first page meanwhile; then this page no longer follows it.
          const current = loader.signal.peek()
          if (current.state === 'ready' && current.data === shown.data) {
            const rows = [...shown.data.rows, ...page.rows]
            depth.current.rows = rows.length
            loader.put({ rows, next: page.next })
          }
        } finally {
          loadingMore.value = false
        }
      },
    }
  }, [loader])
}
