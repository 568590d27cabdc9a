/** One source: its health and why, its settings, its last runs. */
import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { answer, api, until } from '../../api.ts'
import { formatDuration, formatNumber } from '../../format.ts'
import { common, language, outcomeWord, say } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import type { PageProps } from '../../page.ts'
import { Chip } from '../../parts/badges.tsx'
import { Button } from '../../parts/button.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Dialog, Drawer } from '../../parts/overlay.tsx'
import { KeyValues, Page, Panel } from '../../parts/panel.tsx'
import { EmptyState, Loaded } from '../../parts/states.tsx'
import { RelativeTime } from '../../parts/time.tsx'
import { toast } from '../../parts/toast.tsx'
import { can } from '../../session.ts'
import { HealthBadge } from './health.tsx'
import { SourceForm } from './source-form.tsx'
import { t } from './words.ts'

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
  const number = (n: number) => formatNumber(n, language.value)
  const param = { id }
  const title = source.now.state === 'ready' ? source.now.data.name : t.title
  const isPaused = source.now.state === 'ready' && source.now.data.state === 'paused'

  return (
    <Page
      title={title}
      back={{ href: '/sources', label: t.title }}
      actions={
        can('source.manage') &&
        source.now.state === 'ready' && (
          <>
            <Button
              icon="refresh"
              onClick={async () => {
                await api.sources[':id'].run.$post({ param })
                toast.done(t.queued)
              }}
            >
              {t.runNow}
            </Button>
            <Button
              icon={isPaused ? 'play' : 'pause'}
              onClick={async () => {
                await (isPaused ? api.sources[':id'].resume : api.sources[':id'].pause).$post({ param })
                await source.reload()
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
        {(data) => {
          const kind = known?.kinds.find((one) => one.kind === data.kind)
          const fieldName = (name: string) => {
            const label = kind?.fields.find((field) => field.name === name)?.label
            return label ? say(label) : name
          }
          return (
            <div class="stack">
              <div class="columns columns-2">
                <Panel title={t.health}>
                  <KeyValues
                    items={[
                      [
                        t.health,
                        <span key="health">
                          <HealthBadge health={data.health} />
                          {data.failures > 1 && ` ${t.failures(number(data.failures))}`}
                          {data.learningUntil === null && <Chip>{t.learning}</Chip>}
                        </span>,
                      ],
                      [common.cure, cureOf(data.runs[0]?.outcome)],
                      [t.lastSuccess, data.lastSuccessAt && <RelativeTime at={data.lastSuccessAt} />],
                      [t.lastItem, data.lastItemAt && <RelativeTime at={data.lastItemAt} />],
                      [
                        t.usualGap,
                        data.usualGapMinutes === null
                          ? undefined
                          : formatDuration(data.usualGapMinutes * 60_000, language.value),
                      ],
                      [t.documents, number(data.documents)],
                    ]}
                  />
                </Panel>
                <Panel title={t.options}>
                  <KeyValues
                    items={[
                      [t.kind, kind ? say(kind.label) : data.kind],
                      ...Object.entries(data.options)
                        .filter(([, value]) => value !== '')
                        .map(
                          ([name, value]) =>
                            [
                              fieldName(name),
                              <span key={name} class="break">
                                {String(value)}
                              </span>,
                            ] as const,
                        ),
                      [t.schedule, <code key="schedule">{data.schedule}</code>],
                      [t.publisher, data.publisherName ?? (data.isAggregator ? t.aggregator : undefined)],
                    ]}
                  />
                </Panel>
              </div>
              <Panel title={t.runs} flush>
                <DataTable
                  label={t.runs}
                  rows={data.runs}
                  rowKey={(run) => run.id}
                  empty={<EmptyState icon="clock" title={t.noRuns} />}
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
                      width: '8rem',
                      cell: (run) => (run.outcome === null ? t.running : outcomeWord[run.outcome]),
                    },
                    {
                      id: 'seen',
                      head: t.seen,
                      width: '5rem',
                      align: 'end',
                      cell: (run) => number(run.seen),
                    },
                    {
                      id: 'added',
                      head: t.new,
                      width: '5rem',
                      align: 'end',
                      cell: (run) => number(run.added),
                    },
                    {
                      id: 'changed',
                      head: t.changed,
                      width: '5rem',
                      align: 'end',
                      from: 'm',
                      cell: (run) => number(run.changed),
                    },
                    {
                      id: 'undated',
                      head: t.undated,
                      width: '5rem',
                      align: 'end',
                      from: 'm',
                      cell: (run) => number(run.undated),
                    },
                    {
                      id: 'tooOld',
                      head: t.tooOld,
                      width: '5rem',
                      align: 'end',
                      from: 'm',
                      cell: (run) => number(run.tooOld),
                    },
                    {
                      id: 'detail',
                      head: t.detail,
                      cell: (run) => run.detail && <span class="quiet">{run.detail}</span>,
                    },
                  ]}
                />
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
          )
        }}
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

/** What to do about the last run; nothing when it went well. */
function cureOf(outcome: keyof typeof outcomeWord | null | undefined): string | undefined {
  if (!outcome || outcome === 'ok' || outcome === 'empty' || outcome === 'not-modified') return undefined
  return t.cure[outcome]
}
