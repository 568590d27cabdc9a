/** One hot issue: who, where, what and since when, and what media and the ledger tell of it. */
import type { InferResponseType } from 'hono/client'
import { answer, api, until } from '../../api.ts'
import { Chart } from '../../charts/chart.tsx'
import { trendOption } from '../../charts/trend.ts'
import { now as clock } from '../../clock.ts'
import { formatList, formatNumber, formatScore, shanghaiDay } from '../../format.ts'
import { complaintClassWord, language } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import type { PageProps } from '../../page.ts'
import { Chip, GradeBadge } from '../../parts/badges.tsx'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { KeyValues, Page, Panel } from '../../parts/panel.tsx'
import { Loaded } from '../../parts/states.tsx'
import { ExactTime, RelativeTime } from '../../parts/time.tsx'
import { sizeOf, whereOf } from './issues.tsx'
import { matterName } from './matter-words.ts'
import { t } from './words.ts'

type IssueData = InferResponseType<(typeof api.issues)[':id']['$get']>
type Telling = IssueData['mentions'][number]
type Case = NonNullable<IssueData['complaints']>[number]

const number = (n: number) => formatNumber(n, language.value)
const DAY_MS = 86_400_000

export function Issue({ params }: PageProps) {
  const id = params.id ?? ''
  const issue = useLoad(
    `issue ${id}`,
    (abort) => answer(api.issues[':id'].$get({ param: { id } }, until(abort))),
    { refreshOn: ['mention', 'complaint'] },
  )
  return (
    <Loaded of={issue} what={t.one}>
      {(data) => <IssuePage issue={data} />}
    </Loaded>
  )
}

function IssuePage({ issue }: { issue: IssueData }) {
  const last = Date.parse(`${issue.trendUntil}T12:00:00+08:00`)
  const days = issue.trend.map((_, at) => shanghaiDay(last - (issue.trend.length - 1 - at) * DAY_MS))
  const total = issue.trend.reduce((sum, count) => sum + count, 0)
  return (
    <Page
      title={issue.title}
      lead={
        <span class="line">
          <span>
            {t.heat} <strong>{formatScore(issue.heat)}</strong>
          </span>
          <span>{sizeOf(issue)}</span>
          {issue.riskCodes.map((code) => (
            <a key={code} href={`/risks/${code}`}>
              <Chip>{code}</Chip>
            </a>
          ))}
        </span>
      }
      back={{ href: '/issues', label: t.back }}
    >
      <div class="columns columns-aside">
        <div class="stack">
          <Panel title={t.trend}>
            <Chart
              height={140}
              summary={t.trendOf(number(total))}
              option={(palette) =>
                trendOption(
                  {
                    days,
                    lines: [{ id: 'members', name: t.counts, values: issue.trend, area: true }],
                    language: language.value,
                    now: clock.peek(),
                  },
                  palette,
                )
              }
            />
          </Panel>
          <Panel
            title={t.media}
            {...(issue.mentions.length >= 200 && { note: t.notAll(number(issue.mentions.length)) })}
            flush={issue.mentions.length > 0}
          >
            {issue.mentions.length === 0 ? (
              <p class="quiet">{t.mediaNone}</p>
            ) : (
              <DataTable
                label={t.media}
                rows={issue.mentions}
                rowKey={(row) => row.id}
                href={(row) => (row.otherMentions > 0 ? `/stories/${row.storyId}` : `/mentions/${row.id}`)}
                columns={mentionColumns()}
                phone={(row) => (
                  <>
                    <strong>{row.title}</strong>
                    <span class="quiet small">
                      {row.publisher} · <RelativeTime at={row.occurredAt} />
                      {row.otherMentions > 0 &&
                        ` · ${t.others(number(row.otherMentions), number(row.families))}`}
                    </span>
                  </>
                )}
              />
            )}
          </Panel>
          <Panel title={t.ledger} flush={issue.complaints !== null && issue.complaints.length > 0}>
            <Ledger issue={issue} />
          </Panel>
        </div>
        <Panel title={t.facts}>
          <KeyValues
            items={[
              [
                t.place,
                issue.project ? (
                  <a href={`/projects/${issue.project.id}`}>{issue.project.name}</a>
                ) : (
                  whereOf(issue)
                ),
              ],
              [t.what, formatList(issue.what.map(matterName), language.value)],
              [t.who, issue.who],
              [t.since, <ExactTime key="since" at={issue.firstAt} />],
              [t.latest, <ExactTime key="latest" at={issue.lastAt} />],
              [t.counts, sizeOf(issue)],
              [
                t.complaints(number(issue.complaintCount)),
                issue.complaintCount > 0 && t.households(number(issue.householdCount)),
              ],
            ]}
          />
        </Panel>
      </div>
    </Page>
  )
}

function Ledger({ issue }: { issue: IssueData }) {
  if (issue.complaintCount === 0) return <p class="quiet">{t.ledgerNone}</p>
  if (issue.complaints === null) return <p class="quiet">{t.ledgerHidden(number(issue.complaintCount))}</p>
  return (
    <DataTable
      label={t.ledger}
      rows={issue.complaints}
      rowKey={(row) => row.id}
      href={(row) => `/complaints/${row.id}`}
      columns={caseColumns()}
    />
  )
}

const mentionColumns = (): readonly Column<Telling>[] => [
  {
    id: 'title',
    head: t.issue,
    main: true,
    cell: (row) => (
      <>
        {row.title}
        {row.otherMentions > 0 && (
          <span class="quiet small"> {t.others(number(row.otherMentions), number(row.families))}</span>
        )}
      </>
    ),
  },
  { id: 'publisher', head: t.evidence, width: '10rem', from: 'm', cell: (row) => row.publisher },
  { id: 'time', head: t.latest, width: '9rem', cell: (row) => <RelativeTime at={row.occurredAt} /> },
]

const isGrade = (grade: number): grade is 1 | 2 | 3 | 4 => [1, 2, 3, 4].includes(grade)
const isClass = (word: string): word is keyof typeof complaintClassWord => word in complaintClassWord

const caseColumns = (): readonly Column<Case>[] => [
  { id: 'number', head: t.number, main: true, cell: (row) => row.number },
  {
    id: 'grade',
    head: t.grade,
    width: '8.5rem',
    cell: (row) => isGrade(row.grade) && <GradeBadge grade={row.grade} />,
  },
  {
    id: 'class',
    head: t.class,
    width: '8rem',
    from: 'm',
    cell: (row) => (isClass(row.class) ? complaintClassWord[row.class] : row.class),
  },
  {
    id: 'state',
    head: t.state,
    width: '5rem',
    cell: (row) => (row.isOpen ? t.isOpen : <span class="quiet">{t.isClosed}</span>),
  },
  { id: 'received', head: t.received, width: '9rem', cell: (row) => <RelativeTime at={row.receivedAt} /> },
]
