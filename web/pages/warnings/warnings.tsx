/** The inbox: gravest first, narrowed by the URL, flat or grouped by project. */
import type { InferResponseType } from 'hono/client'
import { answer, api, until } from '../../api.ts'
import { formatNumber } from '../../format.ts'
import { common, language, levels, phaseWord, say } from '../../labels.ts'
import { useLoad, usePaged } from '../../load.ts'
import { Chip, LevelBadge, StateBadge } from '../../parts/badges.tsx'
import { Button } from '../../parts/button.tsx'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { FilterBar } from '../../parts/filter-bar.tsx'
import { Page, Panel } from '../../parts/panel.tsx'
import { EmptyState, Loaded, NoMatches } from '../../parts/states.tsx'
import { RelativeTime } from '../../parts/time.tsx'
import { type Query, useQuery } from '../../url.ts'
import { machineSentence } from './machine-sentences.ts'
import { toneOf } from './warning.tsx'
import { t, warningReasonWord, warningStateWord } from './words.ts'

type Answer = InferResponseType<typeof api.warnings.$get>
type Row = Answer['rows'][number]
type Group = Answer['groups'][number]

const show = (n: number) => formatNumber(n, language.value)
const names = ['q', 'state', 'level', 'phase', 'acknowledged', 'projectId'] as const

/** The part of the address that the server understands. */
function asked(query: Query): Record<string, string> {
  const level = query.all('level').join(',')
  const entries = names.map((name) => [name, name === 'level' ? level : query.get(name)] as const)
  return Object.fromEntries(entries.filter(([, value]) => value !== ''))
}

const riskOf = (row: Row) => say({ zh: row.riskZh, en: row.riskEn })

function columns(): readonly Column<Row>[] {
  return [
    {
      id: 'level',
      head: t.level,
      width: { zh: '5.5rem', en: '7rem' },
      cell: (row) => <LevelBadge level={row.level} />,
    },
    {
      id: 'warning',
      head: t.warning,
      main: true,
      cell: (row) => (
        <span class="two-lines" title={machineSentence(row.summary)}>
          <strong>{`${row.project} · ${riskOf(row)}`}</strong>
          <span class="quiet small">{machineSentence(row.summary)}</span>
        </span>
      ),
    },
    {
      id: 'reason',
      head: t.reason,
      width: '7rem',
      cell: (row) => <Chip>{warningReasonWord[row.reason]}</Chip>,
      from: 'l',
    },
    {
      id: 'state',
      head: t.state,
      width: '6.5rem',
      cell: (row) => <StateBadge word={warningStateWord[row.state]} tone={toneOf(row.state)} />,
    },
    {
      id: 'acknowledged',
      head: t.acknowledged,
      width: { zh: '6.5rem', en: '7.5rem' },
      cell: (row) =>
        row.acknowledgementCount === 0 ? (
          <b>{t.nobody}</b>
        ) : (
          <span>{t.people(show(row.acknowledgementCount))}</span>
        ),
      from: 'm',
    },
    {
      id: 'raised',
      head: t.raisedAt,
      width: '8.5rem',
      cell: (row) => <RelativeTime at={row.raisedAt} />,
      from: 'm',
    },
  ]
}

function Groups({ query }: { query: Query }) {
  const groups = useLoad<Answer>(
    `warnings grouped ${query.text}`,
    (abort) => answer(api.warnings.$get({ query: { ...asked(query), grouped: 'true' } }, until(abort))),
    { refreshOn: ['warning'] },
  )
  return (
    <Loaded of={groups} what={t.list}>
      {(data) => (
        <Panel flush>
          <DataTable<Group>
            label={t.list}
            rows={data.groups}
            rowKey={(group) => group.projectId}
            href={(group) => query.href({ grouped: null, projectId: group.projectId })}
            columns={[
              {
                id: 'level',
                head: t.level,
                width: { zh: '5.5rem', en: '7rem' },
                cell: (group) => <LevelBadge level={group.level} />,
              },
              { id: 'project', head: t.project, main: true, cell: (group) => group.project },
              { id: 'city', head: t.city, width: '12rem', cell: (group) => group.cityCompany, from: 'm' },
              {
                id: 'count',
                head: t.warning,
                width: '6rem',
                align: 'end',
                cell: (group) => t.count(show(group.count)),
              },
              {
                id: 'latest',
                head: t.latest,
                width: '9rem',
                cell: (group) => <RelativeTime at={group.latestAt} />,
                from: 'm',
              },
            ]}
            empty={<EmptyState icon="bell" title={t.empty} hint={t.emptyHint} />}
          />
        </Panel>
      )}
    </Loaded>
  )
}

function Flat({ query }: { query: Query }) {
  const warnings = usePaged<Row>(
    `warnings ${query.text}`,
    (after, abort) =>
      answer(
        api.warnings.$get(
          { query: { ...asked(query), ...(after === undefined ? {} : { after }) } },
          until(abort),
        ),
      ),
    { refreshOn: ['warning'] },
  )
  const isNarrowed = names.some((name) => query.get(name) !== '')
  return (
    <Loaded of={warnings} what={t.list}>
      {(page) => (
        <>
          <Panel flush>
            <DataTable
              label={t.list}
              rows={page.rows}
              rowKey={(row) => row.id}
              columns={columns()}
              href={(row) => `/warnings/${row.id}`}
              empty={
                isNarrowed ? (
                  <NoMatches
                    onClear={() => query.set(Object.fromEntries(names.map((name) => [name, null])))}
                  />
                ) : (
                  <EmptyState icon="bell" title={t.empty} hint={t.emptyHint} />
                )
              }
              phone={(row) => (
                <>
                  <span class="line">
                    <LevelBadge level={row.level} />
                    <StateBadge word={warningStateWord[row.state]} tone={toneOf(row.state)} />
                  </span>
                  <strong>{`${row.project} · ${riskOf(row)}`}</strong>
                  <span class="quiet small">
                    {row.acknowledgementCount === 0
                      ? t.unacknowledged
                      : t.acknowledgedBy(show(row.acknowledgementCount))}{' '}
                    · <RelativeTime at={row.raisedAt} />
                  </span>
                </>
              )}
            />
          </Panel>
          {page.next !== null && (
            <p class="line">
              <Button busy={warnings.loadingMore.value} onClick={() => warnings.more()}>
                {common.loadMore}
              </Button>
            </p>
          )}
        </>
      )}
    </Loaded>
  )
}

export function Warnings() {
  const query = useQuery()
  const isGrouped = query.get('grouped') === 'true'
  return (
    <Page title={t.title} lead={t.lead}>
      <FilterBar
        drops={['after']}
        filters={[
          { kind: 'search', name: 'q', label: t.search },
          {
            kind: 'choice',
            name: 'level',
            label: t.level,
            options: levels.map((level) => ({ value: level, label: <LevelBadge level={level} short /> })),
          },
          {
            kind: 'select',
            name: 'state',
            label: t.state,
            any: t.open,
            options: [
              ...(['candidate', 'watching', 'verifying', 'assessed'] as const).map((state) => ({
                value: state,
                label: warningStateWord[state],
              })),
              { value: 'closed', label: t.closed },
              { value: 'all', label: t.all },
            ],
          },
          {
            kind: 'select',
            name: 'phase',
            label: t.phase,
            options: (['PS', 'LA', 'SA', 'DE', 'PO', 'EX'] as const).map((phase) => ({
              value: phase,
              label: phaseWord[phase],
            })),
          },
          {
            kind: 'select',
            name: 'acknowledged',
            label: t.mine,
            options: [
              { value: 'no', label: t.mineNot },
              { value: 'yes', label: t.mineDone },
            ],
          },
        ]}
        actions={
          <Button
            kind={isGrouped ? 'primary' : 'secondary'}
            small
            onClick={() => query.set({ grouped: !isGrouped })}
          >
            {t.byProject}
          </Button>
        }
      />
      {isGrouped ? <Groups query={query} /> : <Flat query={query} />}
    </Page>
  )
}
