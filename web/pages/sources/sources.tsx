/** Every source with its health: what is read, what fails, what fell silent. */
import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import type { Health } from '../../../server/ingest/health.ts'
import { answer, api, until } from '../../api.ts'
import { formatNumber } from '../../format.ts'
import { common, language, outcomeWord, say } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import { Button } from '../../parts/button.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { FilterBar } from '../../parts/filter-bar.tsx'
import { Drawer } from '../../parts/overlay.tsx'
import { Page } from '../../parts/panel.tsx'
import { EmptyState, Loaded, NoMatches } from '../../parts/states.tsx'
import { RelativeTime } from '../../parts/time.tsx'
import { can } from '../../session.ts'
import { useQuery } from '../../url.ts'
import { HealthBadge } from './health.tsx'
import { OpmlActions } from './opml-dialog.tsx'
import { type Kinds, SourceForm } from './source-form.tsx'
import { t } from './words.ts'

/** What needs a person comes first. */
const order: readonly Health[] = ['failing', 'silent', 'new', 'healthy', 'paused']
const wellHealths: readonly Health[] = ['healthy', 'new']

export function Sources() {
  const query = useQuery()
  const { route } = useLocation()
  const [adding, setAdding] = useState(false)
  const sources = useLoad('sources', (abort) => answer(api.sources.$get({}, until(abort))), {
    refreshOn: ['source'],
  })
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
  const well = active.filter((source) => wellHealths.includes(source.health))
  const number = (n: number) => formatNumber(n, language.value)

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
          {addButton}
        </>
      }
      fill
    >
      <Loaded of={sources} what={t.title}>
        {({ sources: rows }) => {
          if (rows.length === 0) {
            return <EmptyState icon="source" title={t.noSources} hint={t.noSourcesHint} action={addButton} />
          }
          const words = query.get('q').toLowerCase()
          const healths = query.all('health')
          const shown = rows
            .filter((row) => row.name.toLowerCase().includes(words))
            .filter((row) => healths.length === 0 || healths.includes(row.health))
            .sort((a, b) => order.indexOf(a.health) - order.indexOf(b.health))
          return (
            <>
              <FilterBar
                filters={[
                  { kind: 'search', name: 'q', label: common.search },
                  {
                    kind: 'choice',
                    name: 'health',
                    label: t.health,
                    options: order.map((health) => ({ value: health, label: t.healthWord[health] })),
                  },
                ]}
              />
              <DataTable
                label={t.title}
                rows={shown}
                rowKey={(row) => row.id}
                phone={(row) => (
                  <>
                    <p>
                      <b>{row.name}</b> <HealthBadge health={row.health} />
                    </p>
                    <p class="quiet small">
                      {row.lastRun === null ? t.never : <RelativeTime at={row.lastRun.startedAt} />}
                      {row.lastRun?.outcome && ` · ${outcomeWord[row.lastRun.outcome]}`}
                      {row.lastRun?.detail && ` · ${row.lastRun.detail}`}
                    </p>
                  </>
                )}
                href={(row) => `/sources/${row.id}`}
                fill
                empty={<NoMatches onClear={() => query.set({ q: null, health: null })} />}
                columns={[
                  {
                    id: 'name',
                    head: t.name,
                    main: true,
                    cell: (row) => (
                      <>
                        {row.name}
                        {row.health === 'failing' && row.lastRun?.detail && (
                          <span class="quiet small"> · {row.lastRun.detail}</span>
                        )}
                      </>
                    ),
                    sort: (row) => row.name,
                  },
                  {
                    id: 'health',
                    head: t.health,
                    width: '9rem',
                    cell: (row) => <HealthBadge health={row.health} />,
                  },
                  {
                    id: 'lastRun',
                    head: t.lastRun,
                    width: '14rem',
                    cell: (row) =>
                      row.lastRun === null ? (
                        <span class="quiet">{t.never}</span>
                      ) : (
                        <span title={row.lastRun.detail ?? undefined}>
                          <RelativeTime at={row.lastRun.startedAt} /> ·{' '}
                          {row.lastRun.outcome === null ? t.running : outcomeWord[row.lastRun.outcome]}
                          {row.lastRun.added > 0 && ` · ${t.added(number(row.lastRun.added))}`}
                        </span>
                      ),
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
                  { id: 'kind', head: t.kind, width: '8rem', from: 'm', cell: (row) => kindName(row.kind) },
                  {
                    id: 'publisher',
                    head: t.publisher,
                    width: '9rem',
                    from: 'l',
                    cell: (row) => row.publisherName,
                  },
                ]}
              />
            </>
          )
        }}
      </Loaded>
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
