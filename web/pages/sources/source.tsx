/** One source: what is wrong and what to do, what it brought, its runs, what requires it, its settings. */
import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { answer, api, until } from '../../api.ts'
import { Chart } from '../../charts/chart.tsx'
import { durationOption, itemsOption } from '../../charts/runs.ts'
import { formatCompact, formatDateTime, formatDuration, formatNumber, formatSchedule } from '../../format.ts'
import { common, language, outcomeWord, say } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import type { PageProps } from '../../page.ts'
import { Chip } from '../../parts/badges.tsx'
import { Button } from '../../parts/button.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Dialog, Drawer } from '../../parts/overlay.tsx'
import { KeyValues, Page, Panel } from '../../parts/panel.tsx'
import { EmptyState, Loaded } from '../../parts/states.tsx'
import { ExactTime, RelativeTime } from '../../parts/time.tsx'
import { toast } from '../../parts/toast.tsx'
import { Told } from '../../parts/told.tsx'
import { can } from '../../session.ts'
import { useQuery } from '../../url.ts'
import { HealthBadge, isGood, type OneSource, OutcomeStrip, Trouble } from './health.tsx'
import { h } from './health-words.ts'
import { Hook } from './hook.tsx'
import { Required } from './required.tsx'
import { type Kinds, SourceForm } from './source-form.tsx'
import { t } from './words.ts'

const number = (n: number) => formatNumber(n, language.value)

export function Source({ params }: PageProps) {
  const id = params.id ?? ''
  const { route } = useLocation()
  const [editing, setEditing] = useState(false)
  const [removing, setRemoving] = useState(false)
  const source = useLoad(
    `source ${id}`,
    (abort) => answer(api.sources[':id'].$get({ param: { id } }, until(abort))),
    {
      refreshOn: ['source'],
    },
  )
  const kinds = useLoad('source-kinds', (abort) => answer(api.sources.kinds.$get({}, until(abort))))
  const known = kinds.now.state === 'ready' ? kinds.now.data : undefined
  const param = { id }
  const title = source.now.state === 'ready' ? source.now.data.name : t.title
  const kindName = source.now.state === 'ready' ? source.now.data.kind : undefined
  const kind = known?.kinds.find((one) => one.kind === kindName)
  const isPushed = kind?.isPushed ?? false
  /** Made by the product: there is nothing in it to set, read or pause. */
  const isInternal = kind?.isInternal ?? false
  const isPaused = source.now.state === 'ready' && source.now.data.state === 'paused'
  const readNow = async () => {
    await api.sources[':id'].run.$post({ param })
    toast.done(t.queued)
  }
  const setState = async (action: 'pause' | 'resume') => {
    await api.sources[':id'][action].$post({ param })
    await source.reload()
  }

  return (
    <Page
      title={title}
      back={{ href: '/sources', label: t.title }}
      lead={isInternal && h.byHand}
      actions={
        can('source.manage') &&
        source.now.state === 'ready' &&
        !isInternal && (
          <>
            {!isPushed && (
              <Button icon="refresh" onClick={readNow}>
                {t.runNow}
              </Button>
            )}
            <Button
              icon={isPaused ? 'play' : 'pause'}
              onClick={async () => {
                const [now, back] = isPaused ? (['resume', 'pause'] as const) : (['pause', 'resume'] as const)
                await setState(now)
                toast.done(now === 'pause' ? h.paused('1') : h.resumed('1'), {
                  label: h.undo,
                  run: () => setState(back),
                })
              }}
            >
              {isPaused ? t.resume : t.pause}
            </Button>
            <Button icon="edit" disabled={known === undefined} onClick={() => setEditing(true)}>
              {t.edit}
            </Button>
            <Button kind="quiet" icon="trash" onClick={() => setRemoving(true)}>
              {t.remove}
            </Button>
          </>
        )
      }
    >
      <Loaded of={source} what={title}>
        {(data) => (
          <div class="stack">
            {data.cause !== null && (
              <Panel
                title={
                  <>
                    <HealthBadge health={data.health} /> {h.causeWord[data.cause]}
                  </>
                }
                actions={
                  can('source.manage') &&
                  !isPushed && (
                    <Button small icon="refresh" onClick={readNow}>
                      {h.retry}
                    </Button>
                  )
                }
              >
                <Trouble
                  cause={data.cause}
                  since={data.since}
                  failures={data.failures}
                  said={data.health === 'failing' ? data.told : []}
                />
              </Panel>
            )}
            <div class="columns columns-2">
              <Panel title={t.health}>
                <Standing data={data} />
              </Panel>
              <div class="stack">
                <Panel title={t.options}>
                  <Settings data={data} known={known} />
                </Panel>
                <Required source={data} onSaved={() => source.reload()} />
              </div>
            </div>
            {isPushed && can('source.manage') && <Hook id={id} content={data.options.content} />}
            <Panel title={h.outcomes} note={h.outcomesNote}>
              {data.runs.length > 0 ? <OutcomeStrip runs={data.runs} /> : <p class="quiet">{t.noRuns}</p>}
            </Panel>
            <div class="columns columns-2">
              <Items data={data} />
              <Durations runs={data.runs} />
            </div>
            <Panel title={t.runs} note={h.allRuns} flush>
              <Runs runs={data.runs} />
            </Panel>
            <Drawer open={editing} onClose={() => setEditing(false)} title={t.edit} wide>
              {known && (
                <SourceForm
                  known={known}
                  source={data}
                  onSaved={() => {
                    setEditing(false)
                    void source.reload()
                  }}
                />
              )}
            </Drawer>
          </div>
        )}
      </Loaded>
      <Dialog
        open={removing}
        onClose={() => setRemoving(false)}
        title={t.remove}
        footer={
          <>
            <Button onClick={() => setRemoving(false)}>{common.cancel}</Button>
            <Button
              kind="primary"
              onClick={async () => {
                await api.sources[':id'].$delete({ param })
                toast.done(t.removed)
                route('/sources')
              }}
            >
              {t.remove}
            </Button>
          </>
        }
      >
        <p>{t.removeAsk}</p>
      </Dialog>
    </Page>
  )
}

function Standing({ data }: { data: OneSource }) {
  const { habit } = data
  const usual = habit?.usualGapMinutes ?? null
  return (
    <KeyValues
      items={[
        [
          t.health,
          <span key="health">
            <HealthBadge health={data.health} /> {data.learningUntil === null && <Chip>{t.learning}</Chip>}
            {data.keptPaused && <span class="quiet small"> {h.keptPaused[data.keptPaused]}</span>}
          </span>,
        ],
        [
          h.lastRun,
          data.isRunning ? t.running : data.lastRunAt ? <RelativeTime at={data.lastRunAt} /> : t.never,
        ],
        [h.nextRun, data.nextRunAt && <RelativeTime at={data.nextRunAt} />],
        [t.lastSuccess, data.lastSuccessAt && <RelativeTime at={data.lastSuccessAt} />],
        [t.lastItem, data.lastItemAt && <RelativeTime at={data.lastItemAt} />],
        [
          h.habit,
          habit === null || habit.gaps < data.gapsForHabit || usual === null
            ? h.habitLearning(number(habit?.gaps ?? 0), number(data.gapsForHabit))
            : h.habitKnown(number(habit.gaps), formatDuration(usual * 60_000, language.value)),
        ],
        [
          h.silentAt,
          data.silentAt && data.health === 'healthy' ? (
            <span key="silent">
              <ExactTime at={data.silentAt} /> <span class="quiet small">{h.silentAtNote}</span>
            </span>
          ) : undefined,
        ],
        [t.documents, number(data.documents)],
        [
          t.detail,
          data.told.length > 0 && data.health !== 'failing' ? (
            <span key="detail" class="quiet">
              <Told said={data.told} />
            </span>
          ) : undefined,
        ],
      ]}
    />
  )
}

function Settings({ data, known }: { data: OneSource; known: Kinds | undefined }) {
  const kind = known?.kinds.find((one) => one.kind === data.kind)
  const fieldOf = (name: string) => kind?.fields.find((field) => field.name === name)
  const shown = (name: string, value: unknown) => {
    if (typeof value === 'boolean') return value ? common.yes : common.no
    const choice = fieldOf(name)?.choices?.find((one) => one.value === value)
    return choice ? say(choice.label) : String(value)
  }
  const every = formatSchedule(data.schedule, language.value)
  return (
    <KeyValues
      items={[
        [t.kind, kind ? say(kind.label) : data.kind],
        ...Object.entries(data.options)
          .filter(([, value]) => value !== '')
          .map(
            ([name, value]) =>
              [
                say(fieldOf(name)?.label ?? { zh: name, en: name }),
                <span key={name} class="break">
                  {shown(name, value)}
                </span>,
              ] as const,
          ),
        [
          t.schedule,
          kind?.isPushed || kind?.isInternal ? null : (
            <span key="schedule">
              {every && `${every} `}
              <code class="quiet">{data.schedule}</code>
            </span>
          ),
        ],
        [t.publisher, data.publisherName ?? (data.isAggregator ? t.aggregator : undefined)],
      ]}
    />
  )
}

/** What it brought: the new ones split by how they are dated, because only the dated are news. */
function Items({ data }: { data: OneSource }) {
  const query = useQuery()
  const by = query.oneOf('by', ['day', 'hour'])
  const rows =
    by === 'day'
      ? data.days.map((row) => ({ ...row, at: row.day.slice(5) }))
      : data.hours.map((row) => ({ ...row, at: formatDateTime(row.hour).slice(5) }))
  const parts = [
    {
      id: 'fresh',
      name: h.fresh,
      values: rows.map((row) => Math.max(0, row.added - row.undated - row.tooOld)),
    },
    { id: 'changed', name: h.changed, values: rows.map((row) => row.changed) },
    { id: 'undated', name: h.undated, values: rows.map((row) => row.undated) },
    { id: 'old', name: h.old, values: rows.map((row) => row.tooOld) },
  ]
  const [fresh = '0', changed = '0', undated = '0', old = '0'] = parts.map((part) =>
    number(part.values.reduce((all, one) => all + one, 0)),
  )
  return (
    <Panel
      title={h.items}
      note={h.itemsSummary(fresh, changed, undated, old)}
      actions={
        <fieldset class="choices" aria-label={h.items}>
          {(['day', 'hour'] as const).map((one) => (
            <button
              key={one}
              type="button"
              class="choice"
              aria-pressed={by === one}
              onClick={() => query.set({ by: one === 'day' ? null : one })}
            >
              {one === 'day' ? h.byDay : h.byHour}
            </button>
          ))}
        </fieldset>
      }
    >
      <Chart
        height={200}
        summary={h.itemsSummary(fresh, changed, undated, old)}
        option={(palette) =>
          itemsOption({ at: rows.map((row) => row.at), parts, language: language.value }, palette)
        }
      />
    </Panel>
  )
}

const secondsOf = (run: OneSource['runs'][number]) =>
  run.finishedAt === null ? null : (Date.parse(run.finishedAt) - Date.parse(run.startedAt)) / 1000

function Durations({ runs }: { runs: OneSource['runs'] }) {
  const oldestFirst = runs.filter((run) => run.outcome !== null).toReversed()
  const seconds = oldestFirst.map((run) => (isGood(run.outcome) ? secondsOf(run) : null))
  const sorted = seconds.filter((one) => one !== null).sort((a, b) => a - b)
  const typical = (sorted[Math.floor(sorted.length / 2)] ?? 0).toFixed(1)
  return (
    <Panel title={h.duration} note={h.durationNote}>
      {sorted.length === 0 ? (
        <p class="quiet">{h.noDuration}</p>
      ) : (
        <Chart
          height={200}
          summary={h.durationSummary(number(sorted.length), typical)}
          option={(palette) =>
            durationOption(
              {
                at: oldestFirst.map((run) => formatDateTime(run.startedAt).slice(5)),
                seconds,
                name: h.seconds,
                language: language.value,
              },
              palette,
            )
          }
        />
      )}
    </Panel>
  )
}

function Runs({ runs }: { runs: OneSource['runs'] }) {
  type Run = OneSource['runs'][number]
  const count = (
    id: 'seen' | 'added' | 'changed' | 'undated' | 'tooOld',
    head: string,
    from?: 'm' | 'l',
  ) => ({
    id,
    head,
    width: '5.5rem',
    align: 'end' as const,
    ...(from && { from }),
    cell: (run: Run) => (run[id] === 0 ? <span class="quiet">0</span> : number(run[id])),
  })
  const took = (run: Run) => {
    const seconds = secondsOf(run)
    return seconds === null ? '—' : `${seconds.toFixed(1)} s`
  }
  return (
    <DataTable
      label={t.runs}
      rows={runs}
      rowKey={(run) => run.id}
      empty={<EmptyState icon="clock" title={t.noRuns} />}
      phone={(run) => (
        <>
          <p>
            <b>{run.outcome === null ? t.running : outcomeWord[run.outcome]}</b>{' '}
            <span class="quiet small">
              <RelativeTime at={run.startedAt} /> · {took(run)}
            </span>
          </p>
          <p class="small">
            {t.seen} {number(run.seen)} · {t.new} {number(run.added)} · {t.changed} {number(run.changed)} ·{' '}
            {t.undated} {number(run.undated)} · {t.tooOld} {number(run.tooOld)}
          </p>
          {run.told.length > 0 && (
            <p class="quiet small">
              <Told said={run.told} />
            </p>
          )}
        </>
      )}
      columns={[
        {
          id: 'started',
          head: t.started,
          width: '9rem',
          cell: (run) => <RelativeTime at={run.startedAt} />,
        },
        {
          id: 'outcome',
          head: t.outcome,
          width: '7rem',
          cell: (run) => (run.outcome === null ? t.running : outcomeWord[run.outcome]),
        },
        { id: 'took', head: h.took, width: '5rem', align: 'end', cell: took },
        count('seen', t.seen),
        count('added', t.new),
        count('changed', t.changed, 'm'),
        count('undated', t.undated, 'm'),
        count('tooOld', t.tooOld, 'm'),
        {
          id: 'bytes',
          head: h.size,
          width: '5rem',
          align: 'end',
          from: 'l',
          cell: (run) => (run.bytes === 0 ? '—' : formatCompact(run.bytes, language.value)),
        },
        {
          id: 'detail',
          head: t.detail,
          cell: (run) =>
            run.told.length > 0 && (
              <span class="quiet small run-detail">
                <Told said={run.told} />
              </span>
            ),
        },
      ]}
    />
  )
}
