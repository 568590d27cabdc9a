/** The ledger: tens of thousands of rows in one table, every filter in the address. */
import type { InferRequestType, InferResponseType } from 'hono/client'
import { answer, api, until } from '../../api.ts'
import { formatNumber } from '../../format.ts'
import {
  common,
  complaintChannelWord,
  complaintClassWord,
  grades,
  gradeWord,
  language,
} from '../../labels.ts'
import { useLoad, usePaged } from '../../load.ts'
import { Chip, GradeBadge } from '../../parts/badges.tsx'
import { Button, LinkButton } from '../../parts/button.tsx'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { FilterBar } from '../../parts/filter-bar.tsx'
import { Page, Panel } from '../../parts/panel.tsx'
import { EmptyState, Loaded, NoMatches } from '../../parts/states.tsx'
import { Countdown, RelativeTime } from '../../parts/time.tsx'
import { can } from '../../session.ts'
import { useQuery } from '../../url.ts'
import { ImportDialog } from './import.tsx'
import { asGrade, CaseState, wordOf } from './parts.tsx'
import { stateWord, t } from './words.ts'

type Row = InferResponseType<typeof api.complaints.$get>['rows'][number]
type Asked = InferRequestType<typeof api.complaints.count.$get>['query']

const filterNames = [
  'grade',
  'state',
  'class',
  'channel',
  'projectId',
  'cityCompanyId',
  'risk',
  'from',
  'to',
  'q',
] as const
const options = (words: Readonly<Record<string, string>>) =>
  Object.keys(words).map((value) => ({ value, label: words[value] ?? value }))

export function Complaints() {
  const query = useQuery()
  // In the address, so that the first steps can lead straight to it.
  const importing = query.get('import') !== ''
  const setImporting = (open: boolean) => query.set({ import: open })
  const asked: Asked & Record<string, string> = {}
  for (const name of filterNames) {
    const values = query.all(name)
    if (values.length > 0) asked[name] = values.join(',')
  }
  const view = query.get('view')
  if (view === 'open' || view === 'closed') asked.open = String(view === 'open') as 'true' | 'false'
  if (view === 'overdue') asked.overdue = 'true'
  const key = JSON.stringify(asked)
  const isFiltered = Object.keys(asked).length > 0

  const cases = usePaged<Row>(
    `complaints ${key}`,
    (after, abort) =>
      answer(
        api.complaints.$get({ query: { ...asked, ...(after === undefined ? {} : { after }) } }, until(abort)),
      ),
    { refreshOn: ['complaint'] },
  )
  const count = useLoad(
    `complaints count ${key}`,
    (abort) => answer(api.complaints.count.$get({ query: asked }, until(abort))),
    { refreshOn: ['complaint'] },
  )
  const choices = useLoad('complaints choices', (abort) =>
    answer(api.complaints.choices.$get({}, until(abort))),
  )
  const risks = useLoad('risks', (abort) => answer(api.risks.$get({}, until(abort))))
  const known = choices.now.state === 'ready' ? choices.now.data : undefined
  const catalogue = risks.now.state === 'ready' ? risks.now.data.risks : []
  const counted = count.now.state === 'ready' ? count.now.data : undefined
  const number = (n: number) =>
    n >= 10_000 ? `${formatNumber(n, language.value)}+` : formatNumber(n, language.value)
  const clear = () => query.set(Object.fromEntries([...filterNames, 'view'].map((name) => [name, null])))

  const columns: readonly Column<Row>[] = [
    {
      id: 'grade',
      head: t.grade,
      width: { zh: '7.5rem', en: '8.75rem' },
      cell: (row) => <GradeBadge grade={asGrade(row.grade)} />,
    },
    {
      id: 'number',
      head: t.number,
      width: '8.5rem',
      cell: (row) => <span class="small">{row.number}</span>,
      from: 'm',
    },
    { id: 'title', head: t.subject, main: true, cell: (row) => row.title },
    {
      id: 'project',
      head: t.project,
      width: '7rem',
      cell: (row) => row.projectName ?? <span class="quiet">{t.noProject}</span>,
    },
    { id: 'class', head: t.class, width: '6.5rem', cell: (row) => complaintClassWord[row.class], from: 'l' },
    {
      id: 'risk',
      head: t.risk,
      width: '6.5rem',
      cell: (row) => (
        <span class="line">
          {row.riskCodes.slice(0, 2).map((code) => (
            <Chip key={code}>{code}</Chip>
          ))}
        </span>
      ),
      from: 'l',
    },
    {
      id: 'state',
      head: t.state,
      width: '6.5rem',
      cell: (row) => <CaseState state={row.state} isClosed={row.closedAt !== null} />,
    },
    {
      id: 'due',
      head: t.plan,
      width: { zh: '8rem', en: '8.75rem' },
      cell: (row) => (row.planDueAt ? <Countdown to={row.planDueAt} /> : row.isOverdue ? t.overdue : ''),
      from: 'm',
    },
    {
      id: 'received',
      head: t.received,
      width: { zh: '8rem', en: '9rem' },
      cell: (row) => <RelativeTime at={row.receivedAt} />,
      from: 'm',
    },
  ]

  return (
    <Page
      fill
      title={t.title}
      lead={counted && <span>{t.found(number(counted.total), number(counted.open))}</span>}
      actions={
        <>
          <LinkButton
            href={`/api/complaints/export.csv?${new URLSearchParams(asked)}`}
            icon="download"
            download
          >
            {t.export}
          </LinkButton>
          {can('complaint.import') && (
            <Button icon="upload" onClick={() => setImporting(true)}>
              {t.import}
            </Button>
          )}
          {can('complaint.register') && (
            <LinkButton href="/complaints/new" kind="primary" icon="plus">
              {t.register}
            </LinkButton>
          )}
        </>
      }
    >
      <FilterBar
        filters={[
          { kind: 'search', name: 'q', label: t.search },
          {
            kind: 'choice',
            name: 'grade',
            label: t.grade,
            options: grades.map((grade) => ({ value: String(grade), label: gradeWord[grade] })),
          },
          {
            kind: 'select',
            name: 'view',
            label: t.progress,
            options: [
              { value: 'open', label: t.open },
              { value: 'overdue', label: t.overdue },
              { value: 'closed', label: t.closed },
            ],
          },
          { kind: 'select', name: 'state', label: t.state, options: options(stateWord) },
          {
            kind: 'select',
            name: 'projectId',
            label: t.project,
            options: (known?.projects ?? []).map(({ id, name }) => ({ value: String(id), label: name })),
          },
          {
            kind: 'select',
            name: 'cityCompanyId',
            label: t.company,
            options: (known?.cityCompanies ?? []).map(({ id, name }) => ({ value: String(id), label: name })),
          },
          { kind: 'select', name: 'class', label: t.class, options: options(complaintClassWord) },
          { kind: 'select', name: 'channel', label: t.channel, options: options(complaintChannelWord) },
          {
            kind: 'select',
            name: 'risk',
            label: t.risk,
            options: catalogue.map(({ code, nameZh, nameEn }) => ({
              value: code,
              label: `${code} ${language.value === 'en' ? nameEn : nameZh}`,
            })),
          },
          { kind: 'days', from: 'from', to: 'to', label: t.period },
        ]}
      />
      <Loaded of={cases} what={t.title}>
        {(data) => (
          <Panel flush>
            <DataTable
              fill
              label={t.title}
              rows={data.rows}
              rowKey={(row) => row.id}
              href={(row) => `/complaints/${row.id}`}
              columns={columns}
              more={cases.more}
              hasMore={data.next !== null}
              empty={
                isFiltered ? (
                  <NoMatches onClear={clear} />
                ) : (
                  <EmptyState icon="ledger" title={t.none} hint={t.noneHint} />
                )
              }
              phone={(row) => (
                <>
                  <span class="line">
                    <GradeBadge grade={asGrade(row.grade)} />
                    <CaseState state={row.state} isClosed={row.closedAt !== null} />
                  </span>
                  <strong>{row.title}</strong>
                  <span class="quiet small">
                    {row.projectName ?? t.noProject} · {wordOf(complaintClassWord, row.class)} ·{' '}
                    <RelativeTime at={row.receivedAt} />
                  </span>
                </>
              )}
            />
          </Panel>
        )}
      </Loaded>
      <ImportDialog
        open={importing}
        onClose={() => setImporting(false)}
        onDone={() => void cases.reload()}
        companies={known?.cityCompanies ?? []}
      />
      <span class="for-ears">{common.rows(String(counted?.total ?? 0))}</span>
    </Page>
  )
}
