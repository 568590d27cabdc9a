/** Hot issues, hottest first: one matter at one place, told by media and ledger together. */
import type { InferResponseType } from 'hono/client'
import { answer, api, until } from '../../api.ts'
import { now as clock } from '../../clock.ts'
import { formatDateTime, formatDay, formatList, formatNumber, formatScore } from '../../format.ts'
import { common, language, say } from '../../labels.ts'
import { useLoad, usePaged } from '../../load.ts'
import { Chip } from '../../parts/badges.tsx'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { FilterBar } from '../../parts/filter-bar.tsx'
import { Page } from '../../parts/panel.tsx'
import { Sparkline } from '../../parts/sparkline.tsx'
import { EmptyState, Loaded, NoMatches } from '../../parts/states.tsx'
import { RelativeTime } from '../../parts/time.tsx'
import { useQuery } from '../../url.ts'
import { matterName } from './matter-words.ts'
import { t } from './words.ts'

export type IssueRow = InferResponseType<typeof api.issues.$get>['rows'][number]

const number = (n: number) => formatNumber(n, language.value)
const filterNames = ['q', 'project', 'risk', 'both', 'days']
const spans = [7, 30] as const
/** More do not fit the column; the rest is a number. */
const CODES_SHOWN = 2

export function Issues() {
  const query = useQuery()
  const filter = {
    q: query.get('q') || undefined,
    project: query.get('project') || undefined,
    risk: query.get('risk') || undefined,
    days: query.get('days') || undefined,
    both: query.get('both') === 'true' ? ('true' as const) : undefined,
  }
  const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
  const issues = usePaged(
    `issues?${query.text}`,
    async (after, abort) => {
      const page = await answer(
        api.issues.$get({ query: { ...given, ...(after && { after }) } }, until(abort)),
      )
      return { rows: page.rows, next: page.next === null ? null : String(page.next) }
    },
    { refreshOn: ['mention', 'complaint'] },
  )
  const choices = useLoad('mention-choices', (abort) => answer(api.mentions.choices.$get({}, until(abort))))
  const known = choices.now.state === 'ready' ? choices.now.data : undefined
  const isFiltered = filterNames.some((name) => query.get(name) !== '')
  return (
    <Page title={t.title} lead={<span class="quiet small">{t.lead}</span>} fill>
      <FilterBar
        filters={[
          { kind: 'search', name: 'q', label: common.search },
          {
            kind: 'select',
            name: 'project',
            label: t.project,
            options: (known?.projects ?? []).map(({ id, name }) => ({ value: String(id), label: name })),
          },
          {
            kind: 'select',
            name: 'risk',
            label: t.risk,
            options: (known?.risks ?? []).map(({ code, nameZh, nameEn }) => ({
              value: code,
              label: `${code} ${say({ zh: nameZh, en: nameEn })}`,
            })),
          },
          { kind: 'choice', name: 'both', label: t.evidence, options: [{ value: 'true', label: t.both }] },
          {
            kind: 'choice',
            name: 'days',
            label: t.period,
            options: spans.map((days) => ({ value: String(days), label: t.days(days) })),
          },
        ]}
      />
      <Loaded of={issues} what={t.title}>
        {({ rows, next }) => (
          <DataTable
            label={t.title}
            rows={rows}
            rowKey={(row) => row.id}
            href={(row) => `/issues/${row.id}`}
            columns={columns()}
            more={issues.more}
            hasMore={next !== null}
            fill
            empty={
              isFiltered ? (
                <NoMatches
                  onClear={() => query.set(Object.fromEntries(filterNames.map((name) => [name, null])))}
                />
              ) : (
                <EmptyState icon="chat" title={t.none} hint={t.noneHint} />
              )
            }
            phone={(row) => (
              <>
                <strong>{row.title}</strong>
                <span class="quiet small">
                  {t.heat} {formatScore(row.heat)} · {whereOf(row)} · <RelativeTime at={row.lastAt} />
                </span>
                <span class="small">{sizeOf(row)}</span>
                <Course of={row} />
              </>
            )}
          />
        )}
      </Loaded>
    </Page>
  )
}

export const whereOf = (row: Pick<IssueRow, 'project' | 'cityCompany'>) =>
  row.project?.name ?? `${row.cityCompany} · ${t.noProject}`

/** Only what there is: «舆情 0 条» says nothing. */
export const sizeOf = (
  row: Pick<
    IssueRow,
    'mentionCount' | 'familyCount' | 'complaintCount' | 'openComplaintCount' | 'reactionCount'
  >,
) =>
  [
    row.mentionCount > 0 && t.mentions(number(row.mentionCount), number(row.familyCount)),
    row.reactionCount > 0 && t.reactions(number(row.reactionCount)),
    row.complaintCount > 0 && t.complaints(number(row.complaintCount)),
    row.openComplaintCount > 0 && t.open(number(row.openComplaintCount)),
  ]
    .filter((part) => part !== false)
    .join(' · ')

export function Course({ of }: { of: Pick<IssueRow, 'trend'> }) {
  const total = of.trend.reduce((sum, count) => sum + count, 0)
  return <Sparkline values={of.trend} summary={t.trendOf(number(total))} />
}

/** None is a dash, so that a glance down the column finds what there is; pointing at it tells all. */
const Count = ({ of, n }: { of: IssueRow; n: number }) => (
  <span title={sizeOf(of)}>{n === 0 ? '—' : number(n)}</span>
)

const columns = (): readonly Column<IssueRow>[] => [
  { id: 'heat', head: t.heat, width: '3.75rem', align: 'end', cell: (row) => formatScore(row.heat) },
  {
    id: 'title',
    head: t.issue,
    main: true,
    cell: (row) => <span title={row.title}>{row.title}</span>,
  },
  { id: 'place', head: t.place, width: '8.5rem', from: 'm', cell: whereOf },
  {
    id: 'what',
    head: t.what,
    width: { zh: '8rem', en: '9.5rem' },
    from: 'l',
    cell: (row) => formatList(row.what.map(matterName), language.value) || '—',
  },
  {
    id: 'mentions',
    head: t.mentionCount,
    width: { zh: '4.5rem', en: '6.25rem' },
    align: 'end',
    cell: (row) => <Count of={row} n={row.mentionCount} />,
  },
  {
    id: 'families',
    head: t.familyCount,
    width: { zh: '4.25rem', en: '6rem' },
    align: 'end',
    from: 'l',
    cell: (row) => <Count of={row} n={row.familyCount} />,
  },
  {
    id: 'reactions',
    head: t.reactionCount,
    width: { zh: '4.5rem', en: '6.5rem' },
    align: 'end',
    from: 'm',
    cell: (row) => <Count of={row} n={row.reactionCount} />,
  },
  {
    id: 'complaints',
    head: t.complaintCount,
    width: { zh: '4rem', en: '4.75rem' },
    align: 'end',
    cell: (row) => <Count of={row} n={row.complaintCount} />,
  },
  {
    id: 'risks',
    head: t.risks,
    width: '7rem',
    from: 'l',
    cell: (row) => (
      <span class="line line-tight" title={formatList(row.riskCodes, language.value)}>
        {row.riskCodes.slice(0, CODES_SHOWN).map((code) => (
          <Chip key={code}>{code}</Chip>
        ))}
        {row.riskCodes.length > CODES_SHOWN && (
          <span class="quiet">+{row.riskCodes.length - CODES_SHOWN}</span>
        )}
      </span>
    ),
  },
  { id: 'trend', head: t.trend, width: '6.5rem', from: 'm', cell: (row) => <Course of={row} /> },
  {
    id: 'since',
    head: t.since,
    width: '6.5rem',
    from: 'l',
    cell: (row) => (
      <time dateTime={row.firstAt} title={formatDateTime(row.firstAt)}>
        {formatDay(row.firstAt, language.value, clock.value)}
      </time>
    ),
  },
]
