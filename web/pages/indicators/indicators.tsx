/** Evidence without a text over all projects of the reader: weather by city, readings beyond their limit, days that are due. */
import type { InferResponseType } from 'hono/client'
import { answer, api, until } from '../../api.ts'
import { formatClauses, formatDateTime, formatList, formatNumber } from '../../format.ts'
import { language, say } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import { LinkButton } from '../../parts/button.tsx'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { Page, Panel } from '../../parts/panel.tsx'
import { EmptyState, Loaded } from '../../parts/states.tsx'
import { can } from '../../session.ts'
import { alertName, factSentence } from '../warnings/fact.tsx'
import { t } from './words.ts'

type Found = InferResponseType<typeof api.indicators.$get>
type Alert = Found['alerts'][number]
type Signal = Found['readings'][number]

const number = (n: number) => formatNumber(n, language.value)
/** Names do not end a line with a list of forty. */
const NAMED = 2

/** Where what is missing is added, for who may. */
const toSources = () =>
  can('source.manage') && (
    <LinkButton href="/sources" icon="source">
      {t.toSources}
    </LinkButton>
  )

export function Indicators() {
  const found = useLoad('indicators', (abort) => answer(api.indicators.$get({}, until(abort))), {
    refreshOn: ['exposure', 'source'],
  })
  return (
    <Page title={t.title} lead={<span class="quiet small">{t.lead}</span>}>
      <Loaded of={found} what={t.title}>
        {(data) => (
          <div class="stack">
            <Panel title={t.alerts} note={t.alertsNote} flush={data.alerts.length > 0}>
              <DataTable
                label={t.alerts}
                rows={data.alerts}
                rowKey={(row) => `${row.id} ${row.cityCompanyId}`}
                columns={alertColumns()}
                phone={(row) => (
                  <>
                    <strong>{alertName(row.phenomenon, row.severity)}</strong>
                    <span class="quiet small">
                      {row.cityCompany} · {t.projects(number(row.projects))} · {t.openLeaks}{' '}
                      {number(row.openLeaks)}
                    </span>
                    <span class="small">{formatList(row.projectNames.slice(0, NAMED), language.value)}</span>
                    <span class="quiet small">
                      {row.issuer} · {t.until} {formatDateTime(row.endsAt)}
                    </span>
                  </>
                )}
                empty={
                  <EmptyState icon="alert" title={t.noAlerts} hint={t.noAlertsHint} action={toSources()} />
                }
              />
              {data.alertCount > data.alerts.length && (
                <p class="quiet small">{t.more(number(data.alertCount - data.alerts.length))}</p>
              )}
            </Panel>
            <Panel title={t.readings} note={t.readingsNote} flush={data.readings.length > 0}>
              <DataTable
                label={t.readings}
                rows={data.readings}
                rowKey={(row) => row.id}
                href={(row) => `/projects/${row.projectId}`}
                columns={signalColumns(t.finding)}
                phone={signalOnPhone}
                empty={
                  <EmptyState
                    icon="report"
                    title={t.noReadings}
                    hint={t.noReadingsHint}
                    action={toSources()}
                  />
                }
              />
            </Panel>
            <Panel title={t.due} note={t.dueNote} flush={data.due.length > 0}>
              <DataTable
                label={t.due}
                rows={data.due}
                rowKey={(row) => row.id}
                href={(row) => `/projects/${row.projectId}`}
                columns={signalColumns(t.what)}
                phone={signalOnPhone}
                empty={<EmptyState icon="calendar" title={t.noDue} />}
              />
            </Panel>
          </div>
        )}
      </Loaded>
    </Page>
  )
}

const alertColumns = (): Column<Alert>[] => [
  { id: 'alert', head: t.alert, main: true, cell: (row) => <b>{alertName(row.phenomenon, row.severity)}</b> },
  { id: 'company', head: t.company, width: '11rem', cell: (row) => row.cityCompany },
  {
    id: 'reach',
    head: t.reach,
    cell: (row) => (
      <>
        {row.projectIds.slice(0, NAMED).map((id, at) => (
          <span key={id}>
            <a href={`/projects/${id}`}>{row.projectNames[at]}</a>{' '}
          </span>
        ))}
        {row.projects > NAMED && <span class="quiet small">{t.projects(number(row.projects))}</span>}
      </>
    ),
  },
  { id: 'leaks', head: t.openLeaks, width: '6rem', align: 'end', cell: (row) => number(row.openLeaks) },
  { id: 'issuer', head: t.issuer, width: '10rem', from: 'l', cell: (row) => row.issuer },
  { id: 'until', head: t.until, width: '9.5rem', from: 'm', cell: (row) => formatDateTime(row.endsAt) },
]

const said = (row: Signal) =>
  formatClauses(
    row.facts.map((fact) => factSentence(fact, Date.now())),
    language.value,
  )

const signalOnPhone = (row: Signal) => (
  <>
    <strong>{said(row)}</strong>
    <span class="quiet small">
      {row.project} · {row.riskCode} {say({ zh: row.riskZh, en: row.riskEn })}
    </span>
  </>
)

const signalColumns = (what: string): Column<Signal>[] => [
  {
    id: 'what',
    head: what,
    cell: said,
  },
  { id: 'project', head: t.project, width: '11rem', main: true, cell: (row) => row.project },
  {
    id: 'risk',
    head: t.risk,
    width: { zh: '12rem', en: '18.5rem' },
    from: 'm',
    cell: (row) => `${row.riskCode} ${say({ zh: row.riskZh, en: row.riskEn })}`,
  },
  { id: 'company', head: t.company, width: '10rem', from: 'l', cell: (row) => row.cityCompany },
]
