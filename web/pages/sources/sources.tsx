/** Every source with its health: what is read, what fails, what fell silent. */
import type { InferResponseType } from 'hono/client'
import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import type { Health } from '../../../server/ingest/health.ts'
import { answer, api, until } from '../../api.ts'
import { now as clock } from '../../clock.ts'
import { formatDuration, formatNumber } from '../../format.ts'
import { common, language, outcomeWord, say } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import { isNarrow } from '../../media.ts'
import { Chip } from '../../parts/badges.tsx'
import { Button } from '../../parts/button.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { FilterBar } from '../../parts/filter-bar.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Drawer } from '../../parts/overlay.tsx'
import { Page } from '../../parts/panel.tsx'
import { Sparkline } from '../../parts/sparkline.tsx'
import { EmptyState, Loaded, NoMatches } from '../../parts/states.tsx'
import { RelativeTime } from '../../parts/time.tsx'
import { toast } from '../../parts/toast.tsx'
import { saidText } from '../../parts/told.tsx'
import { can } from '../../session.ts'
import { useQuery } from '../../url.ts'
import { HealthBadge } from './health.tsx'
import { h } from './health-words.ts'
import { Heartbeats } from './heartbeats.tsx'
import { OpmlActions } from './opml-dialog.tsx'
import { type Kinds, SourceForm } from './source-form.tsx'
import { t } from './words.ts'

/** What needs a person comes first. */
const order: readonly Health[] = ['failing', 'silent', 'new', 'healthy', 'paused']

type Row = InferResponseType<typeof api.sources.$get>['sources'][number]
type LeftCounts = InferResponseType<typeof api.sources.bulk.$post>['left']
type Action = 'pause' | 'resume' | 'run'

const number = (n: number) => formatNumber(n, language.value)

/** Why it is not well, in words; the answer of the other side beside it where there is one. */
const troubleOf = (row: Row) =>
  row.cause === null ? undefined : [h.causeWord[row.cause], saidText(row.told)].filter(Boolean).join(' · ')

/** How many were left as they are, and why. */
const leftWords = (left: LeftCounts) =>
  leftReasons.flatMap((reason) => (left[reason] ? [h.left[reason](number(left[reason]))] : []))
const leftReasons = ['already', 'paused-alone', 'read-once', 'pushed', 'by-hand'] as const

export function Sources() {
  const query = useQuery()
  const { route } = useLocation()
  const [adding, setAdding] = useState(false)
  const [cards, setCards] = useState(CARDS)
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set())
  const project = query.get('project')
  const sources = useLoad(
    `sources ${project}`,
    (abort) => answer(api.sources.$get({ query: project === '' ? {} : { project } }, until(abort))),
    { refreshOn: ['source'] },
  )
  const choices = useLoad('mention-choices', (abort) => answer(api.mentions.choices.$get({}, until(abort))))
  const projects = choices.now.state === 'ready' ? choices.now.data.projects : []
  const kinds = useLoad('source-kinds', (abort) => answer(api.sources.kinds.$get({}, until(abort))))
  const known: Kinds | undefined = kinds.now.state === 'ready' ? kinds.now.data : undefined
  const kindName = (kind: string) => {
    const label = known?.kinds.find((one) => one.kind === kind)?.label
    return label ? say(label) : kind
  }
  const addButton = can('source.manage') && (
    <Button kind="primary" icon="plus" disabled={known === undefined} onClick={() => setAdding(true)}>
      {t.add}
    </Button>
  )
  const all = sources.now.state === 'ready' ? sources.now.data.sources : []
  const active = all.filter((source) => source.health !== 'paused')
  const well = active.filter((source) => source.health === 'healthy')
  const cities = useLoad('source-cities', (abort) =>
    can('source.manage')
      ? answer(api.sources.targets.$get({}, until(abort)))
      : Promise.resolve({ risks: [], cities: [], projects: [] }),
  )
  const knownCities = cities.now.state === 'ready' ? cities.now.data.cities : []
  const lastTick = sources.now.state === 'ready' ? sources.now.data.lastTickAt : null
  const tickedMs = lastTick === null ? 0 : clock.value - Date.parse(lastTick)

  const toggle = (id: number) => {
    const next = new Set(chosen)
    if (!next.delete(id)) next.add(id)
    setChosen(next)
  }
  /** Tells what it did and offers the way back: those that changed, and only those. */
  const together = async (action: Action, ids: readonly number[]) => {
    const { changed, left } = await answer(api.sources.bulk.$post({ json: { ids: [...ids], action } }))
    await sources.reload()
    const n = number(changed.length)
    const rest = leftWords(left)
    if (changed.length === 0) return toast.done([h.unchanged, ...rest].join(h.between))
    if (action === 'run') return toast.done([h.queuedMany(n), ...rest].join(h.between))
    const back = action === 'pause' ? 'resume' : 'pause'
    toast.done([action === 'pause' ? h.paused(n) : h.resumed(n), ...rest].join(h.between), {
      label: h.undo,
      run: async () => {
        await answer(api.sources.bulk.$post({ json: { ids: changed, action: back } }))
        await sources.reload()
      },
    })
  }

  return (
    <Page
      title={t.title}
      lead={
        all.length > 0 &&
        (active.length > 0
          ? t.summary(number(well.length), number(active.length))
          : t.allPaused(number(all.length)))
      }
      actions={
        <>
          <OpmlActions onAdded={() => void sources.reload()} />
          <Button icon="calendar" onClick={() => query.set({ heartbeats: 'open' }, 'push')}>
            {h.heartbeat}
          </Button>
          {addButton}
        </>
      }
      fill
    >
      {lastTick !== null && tickedMs > STOPPED_MS && (
        <p class="stale" role="alert">
          <Icon name="alert" size={14} /> {h.stopped(formatDuration(tickedMs, language.value))}
        </p>
      )}
      <Loaded of={sources} what={t.title}>
        {({ sources: rows }) => {
          if (rows.length === 0 && project === '') {
            return <EmptyState icon="source" title={t.noSources} hint={t.noSourcesHint} action={addButton} />
          }
          const words = query.get('q').toLowerCase()
          const healths = query.all('health')
          const kind = query.get('kind')
          const city = query.get('city')
          const group = query.get('group')
          const groups = groupsOf(rows)
          const mustBeRequired = query.get('required') !== ''
          const shown = rows
            .filter((row) => row.name.toLowerCase().includes(words))
            .filter((row) => healths.length === 0 || healths.includes(row.health))
            .filter((row) => kind === '' || row.kind === kind)
            .filter((row) => group === '' || isInGroup(row, group))
            .filter((row) => city === '' || row.requiredIn?.some((id) => id === 0 || id === Number(city)))
            .filter((row) => !mustBeRequired || row.requiredIn !== null)
            .sort((a, b) => order.indexOf(a.health) - order.indexOf(b.health) || byAge(a, b))
          const ids = shown.filter((row) => chosen.has(row.id)).map((row) => row.id)
          return (
            <>
              <FilterBar
                filters={[
                  { kind: 'search', name: 'q', label: common.search },
                  {
                    kind: 'choice',
                    name: 'health',
                    label: t.health,
                    options: order.map((health) => {
                      const count = rows.filter((row) => row.health === health).length
                      return { value: health, label: `${t.healthWord[health]} ${number(count)}` }
                    }),
                  },
                  {
                    kind: 'choice',
                    name: 'required',
                    label: h.required,
                    options: [{ value: 'yes', label: h.required }],
                  },
                  {
                    kind: 'select',
                    name: 'kind',
                    label: t.kind,
                    options: [...new Set(rows.map((row) => row.kind))].map((one) => ({
                      value: one,
                      label: kindName(one),
                    })),
                  },
                  ...(groups.length > 0
                    ? [
                        {
                          kind: 'select' as const,
                          name: 'group',
                          label: t.group,
                          options: [
                            ...groups.map((one) => ({ value: one, label: one })),
                            { value: NO_GROUP, label: t.groupNone },
                          ],
                        },
                      ]
                    : []),
                  ...(projects.length > 0
                    ? [
                        {
                          kind: 'select' as const,
                          name: 'project',
                          label: t.project,
                          options: projects.map((one) => ({ value: String(one.id), label: one.name })),
                        },
                      ]
                    : []),
                  ...(knownCities.length > 0
                    ? [
                        {
                          kind: 'select' as const,
                          name: 'city',
                          label: h.city,
                          options: knownCities.map((one) => ({ value: String(one.id), label: one.name })),
                        },
                      ]
                    : []),
                ]}
              />
              {can('source.manage') && shown.length > 0 && (
                <div class="chosen-bar">
                  <label class="choose-cell small">
                    <input
                      type="checkbox"
                      checked={ids.length === shown.length}
                      onChange={() =>
                        setChosen(
                          ids.length === shown.length ? new Set() : new Set(shown.map((row) => row.id)),
                        )
                      }
                    />{' '}
                    {ids.length === 0 ? h.chooseAll : h.chosen(number(ids.length))}
                  </label>
                  {ids.length > 0 && (
                    <>
                      <Button small icon="refresh" onClick={() => together('run', ids)}>
                        {h.runMany}
                      </Button>
                      <Button small icon="pause" onClick={() => together('pause', ids)}>
                        {h.pauseMany}
                      </Button>
                      <Button small icon="play" onClick={() => together('resume', ids)}>
                        {h.resumeMany}
                      </Button>
                      <Button small kind="quiet" onClick={() => setChosen(new Set())}>
                        {h.clear}
                      </Button>
                    </>
                  )}
                </div>
              )}
              <DataTable
                label={t.title}
                rows={isNarrow.value ? shown.slice(0, cards) : shown}
                hasMore={isNarrow.value && shown.length > cards}
                more={async () => setCards(cards + CARDS)}
                rowKey={(row) => row.id}
                phone={(row) => (
                  <>
                    <p>
                      <b>{row.name}</b> <HealthBadge health={row.health} />
                    </p>
                    {troubleOf(row) && <p class="small break">{troubleOf(row)}</p>}
                    <p class="quiet small">
                      {row.lastRunAt === null ? t.never : <RelativeTime at={row.lastRunAt} />}
                      {row.lastOutcome && row.health !== 'failing' && ` · ${outcomeWord[row.lastOutcome]}`}
                      {row.requiredIn !== null && ` · ${h.requiredShort}`}
                      {row.groupName !== null && ` · ${row.groupName}`}
                    </p>
                  </>
                )}
                rowKeys={
                  can('source.manage')
                    ? [
                        { key: 'x', label: h.keyChoose, run: (row) => toggle(row.id) },
                        { key: 'r', label: h.keyRun, run: (row) => void together('run', [row.id]) },
                      ]
                    : []
                }
                href={(row) => `/sources/${row.id}`}
                fill
                empty={
                  <NoMatches
                    onClear={() =>
                      query.set({
                        q: null,
                        health: null,
                        kind: null,
                        group: null,
                        project: null,
                        city: null,
                        required: null,
                      })
                    }
                  />
                }
                columns={[
                  ...(can('source.manage')
                    ? [
                        {
                          id: 'choose',
                          head: '',
                          width: '2.75rem',
                          cell: (row: Row) => (
                            <span class="choose-cell">
                              <input
                                type="checkbox"
                                aria-label={h.choose(row.name)}
                                checked={chosen.has(row.id)}
                                onChange={() => toggle(row.id)}
                              />
                            </span>
                          ),
                        },
                      ]
                    : []),
                  {
                    id: 'name',
                    head: t.name,
                    main: true,
                    cell: (row) => (
                      <>
                        {row.name}
                        {row.requiredIn !== null && (
                          <>
                            {' '}
                            <Chip title={row.isBlocked ? h.blocked : undefined}>{h.requiredShort}</Chip>
                          </>
                        )}
                        {troubleOf(row) && <span class="quiet small"> · {troubleOf(row)}</span>}
                      </>
                    ),
                    sort: (row) => row.name,
                  },
                  {
                    id: 'health',
                    head: t.health,
                    width: '8rem',
                    cell: (row) => <HealthBadge health={row.health} />,
                  },
                  {
                    id: 'recent',
                    head: h.recent,
                    width: '8rem',
                    from: 'm',
                    cell: (row) => (
                      <Sparkline
                        values={row.spark}
                        step={1}
                        summary={h.recentSummary(number(row.spark.reduce((all, one) => all + one, 0)))}
                      />
                    ),
                    sort: (row) => row.spark.reduce((all, one) => all + one, 0),
                  },
                  {
                    id: 'lastRun',
                    head: h.lastRun,
                    width: { zh: '12.5rem', en: '13.5rem' },
                    cell: (row) =>
                      row.lastRunAt === null ? (
                        <span class="quiet">{t.never}</span>
                      ) : (
                        <span>
                          <RelativeTime at={row.lastRunAt} /> ·{' '}
                          {row.lastOutcome === null ? t.running : outcomeWord[row.lastOutcome]}
                          {row.lastOutcome !== null &&
                            row.lastAdded > 0 &&
                            ` · ${t.added(number(row.lastAdded))}`}
                        </span>
                      ),
                    sort: (row) => row.lastRunAt,
                  },
                  {
                    id: 'nextRun',
                    head: h.nextRun,
                    width: '7rem',
                    from: 'l',
                    cell: (row) =>
                      row.nextRunAt === null ? (
                        <span class="quiet">—</span>
                      ) : (
                        <RelativeTime at={row.nextRunAt} />
                      ),
                    sort: (row) => row.nextRunAt,
                  },
                  {
                    id: 'lastItem',
                    head: t.lastItem,
                    width: '9rem',
                    from: 'm',
                    cell: (row) =>
                      row.lastItemAt === null ? (
                        <span class="quiet">—</span>
                      ) : (
                        <RelativeTime at={row.lastItemAt} />
                      ),
                    sort: (row) => row.lastItemAt,
                  },
                  { id: 'kind', head: t.kind, width: '9.5rem', from: 'l', cell: (row) => kindName(row.kind) },
                  ...(groups.length > 0
                    ? [
                        {
                          id: 'group',
                          head: t.group,
                          width: '8rem',
                          from: 'l' as const,
                          cell: (row: Row) => row.groupName ?? <span class="quiet">—</span>,
                          sort: (row: Row) => row.groupName,
                        },
                      ]
                    : []),
                ]}
              />
            </>
          )
        }}
      </Loaded>
      <Drawer
        open={query.get('heartbeats') !== ''}
        onClose={() => query.set({ heartbeats: null })}
        title={h.heartbeat}
        wide
      >
        <Heartbeats />
      </Drawer>
      <Drawer open={adding} onClose={() => setAdding(false)} title={t.add} wide>
        {known && (
          <SourceForm
            known={known}
            onSaved={(id) => {
              setAdding(false)
              route(`/sources/${id}`)
            }}
          />
        )}
      </Drawer>
    </Page>
  )
}

const BETWEEN_GROUPS = ' / '
/** No group has this name: a slash stands between two. */
const NO_GROUP = BETWEEN_GROUPS.trim()

/** Every group there is, and every one around it. */
const groupsOf = (rows: readonly Row[]) =>
  [
    ...new Set(
      rows.flatMap(({ groupName }) =>
        (groupName?.split(BETWEEN_GROUPS) ?? []).map((_, at, parts) =>
          parts.slice(0, at + 1).join(BETWEEN_GROUPS),
        ),
      ),
    ),
  ].sort((a, b) => a.localeCompare(b, 'zh-CN'))

const isInGroup = ({ groupName }: Row, group: string) =>
  group === NO_GROUP
    ? groupName === null
    : groupName === group || (groupName?.startsWith(group + BETWEEN_GROUPS) ?? false)

/** Cards on a phone are drawn so many at a time. */
const CARDS = 60
/** The clock ticks by the minute; a little more is a restart. */
const STOPPED_MS = 10 * 60_000

/** Among equals what cells wait for, then what is so for longest; what has no beginning comes last. */
function byAge(a: Row, b: Row): number {
  const waited = Number(b.requiredIn !== null) - Number(a.requiredIn !== null)
  if (waited !== 0) return waited
  const [one, other] = [a.since ?? '9', b.since ?? '9']
  return one < other ? -1 : one > other ? 1 : a.name < b.name ? -1 : 1
}
