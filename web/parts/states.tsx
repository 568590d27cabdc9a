/**
 * What is shown when there are no rows to show.
 *   <Loaded of={loader} what={t.list}>{(data) => …}</Loaded>     loading, error with retry, stale notice, data
 *   <EmptyState title={…} hint={…} action={<Button…/>} />        nothing yet
 *   <NoMatches onClear={…} />                                    filters leave nothing
 *   <ErrorState failure={error} what={…} onRetry={…} />          what failed, why, what to do
 *   <InsufficientData hint={…} />                                too little evidence to judge: never shown as zero
 *   <Loading lines={6} />  <ProgressBar done={3} total={10} label={…} />
 */
import type { ComponentChildren } from 'preact'
import { asFailure } from '../api.ts'
import { formatNumber } from '../format.ts'
import { common, language } from '../labels.ts'
import type { LoadState } from '../load.ts'
import { Button } from './button.tsx'
import { Icon, type IconName } from './icon.tsx'

export function EmptyState({
  title = common.nothingHere,
  hint,
  icon = 'inbox',
  action,
}: {
  title?: string
  hint?: ComponentChildren
  icon?: IconName
  action?: ComponentChildren
}) {
  return (
    <div class="state">
      <Icon name={icon} size={28} />
      <p class="state-title">{title}</p>
      {hint && <p class="quiet">{hint}</p>}
      {action && <div class="state-action">{action}</div>}
    </div>
  )
}

export function NoMatches({ onClear }: { onClear?: () => void }) {
  return (
    <EmptyState
      icon="filter"
      title={common.nothingMatches}
      hint={common.nothingMatchesHint}
      action={onClear && <Button onClick={onClear}>{common.clearFilters}</Button>}
    />
  )
}

export function InsufficientData({ hint = common.insufficientHint }: { hint?: string }) {
  return (
    <div class="state state-insufficient">
      <p class="state-title">{common.insufficient}</p>
      <p class="quiet">{hint}</p>
    </div>
  )
}

export function ErrorState({
  failure,
  what,
  onRetry,
}: {
  failure: unknown
  what?: string | undefined
  onRetry?: (() => unknown) | undefined
}) {
  const { message, cure } = asFailure(failure)
  return (
    <div class="state state-error" role="alert">
      <Icon name="alert" size={28} />
      <p class="state-title">{what === undefined ? message : common.failedWhat(what)}</p>
      {what !== undefined && <p>{message}</p>}
      {cure !== undefined && <p class="quiet">{cure}</p>}
      {onRetry && (
        <div class="state-action">
          <Button icon="refresh" onClick={onRetry}>
            {common.retry}
          </Button>
        </div>
      )}
    </div>
  )
}

/** Grey lines in the place of the rows to come. Appears late, so that a quick answer does not flicker. */
export function Loading({ lines = 5 }: { lines?: number }) {
  return (
    <div class="skeleton" role="status">
      <span class="for-ears">{common.loading}</span>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} class="skeleton-line" style={{ width: `${92 - ((line * 23) % 47)}%` }} />
      ))}
    </div>
  )
}

export function Loaded<T>({
  of,
  what,
  skeleton,
  children,
}: {
  of: { readonly now: LoadState<T>; reload(): Promise<void> }
  what?: string
  skeleton?: ComponentChildren
  children: (data: T) => ComponentChildren
}) {
  const loaded = of.now
  if (loaded.state === 'loading') return <>{skeleton ?? <Loading />}</>
  if (loaded.state === 'error') return <ErrorState failure={loaded.failure} what={what} onRetry={of.reload} />
  return (
    <>
      {loaded.failure !== undefined && (
        <p class="stale" role="status">
          <Icon name="alert" size={14} /> {common.staleData}: {asFailure(loaded.failure).message}
        </p>
      )}
      {children(loaded.data)}
    </>
  )
}

/** Without a total the work is known to run, not how far. */
export function ProgressBar({ done, total, label }: { done: number; total?: number; label: string }) {
  const share = total === undefined || total === 0 ? undefined : Math.min(1, done / total)
  const inWords =
    total === undefined || total === 0
      ? common.loading
      : common.progressOf(formatNumber(done, language.value), formatNumber(total, language.value))
  return (
    <div class="progress">
      <div class="progress-words">
        <span>{label}</span>
        <span class="quiet">{inWords}</span>
      </div>
      <div
        class={`progress-track${share === undefined ? ' progress-unknown' : ''}`}
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={share === undefined ? undefined : Math.round(share * 100)}
      >
        <span style={{ width: `${(share ?? 0.3) * 100}%` }} />
      </div>
    </div>
  )
}
