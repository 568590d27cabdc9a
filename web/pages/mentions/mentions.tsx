/** What is said outside, newest first; a story stands once with the others counted. */
import type { InferResponseType } from 'hono/client'
import { useState } from 'preact/hooks'
import { answer, api, until } from '../../api.ts'
import { Chart } from '../../charts/chart.tsx'
import { trendOption } from '../../charts/trend.ts'
import { now as clock } from '../../clock.ts'
import { formatList, formatNumber, shanghaiDay } from '../../format.ts'
import { common, language, polarityWord, say, tierWord } from '../../labels.ts'
import { useLoad, usePaged } from '../../load.ts'
import { Chip } from '../../parts/badges.tsx'
import { Button, LinkButton } from '../../parts/button.tsx'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { FilterBar } from '../../parts/filter-bar.tsx'
import { Page } from '../../parts/panel.tsx'
import { EmptyState, Loaded, NoMatches } from '../../parts/states.tsx'
import { RelativeTime } from '../../parts/time.tsx'
import { can } from '../../session.ts'
import { useQuery } from '../../url.ts'
import { KeepLink } from './keep-link.tsx'
import { k } from './keep-words.ts'
import { Polarity } from './parts.tsx'
import { t } from './words.ts'

type Row = InferResponseType<typeof api.mentions.$get>['rows'][number]

const number = (n: number) => formatNumber(n, language.value)
const DAY_MS = 86_400_000
const CHART_DAYS = 30
const polarities = ['negative', 'neutral', 'positive'] as const
const tiers = ['central', 'provincial', 'portal', 'local', 'self-media', 'forum', 'official'] as const
const aparts = ['undated', 'future', 'old', 'learning'] as const
const filterNames = [
  'q',
  'polarity',
  'project',
  'risk',
  'tier',
  'family',
  'source',
  'from',
  'to',
  'show',
  'apart',
  'story',
]

/** The start of a Beijing day as an instant. */
const startOf = (day: string, plusDays = 0) =>
  new Date(Date.parse(`${day}T00:00:00+08:00`) + plusDays * DAY_MS).toISOString()

export function Mentions() {
  const query = useQuery()
  const [isKeeping, setKeeping] = useState(false)
  const text = (name: string) => query.get(name) || undefined
  const [from, to] = [query.get('from'), query.get('to')]
  const show = query.get('show')
  const filter = {
    q: text('q'),
    polarity: polarities.find((one) => one === query.get('polarity')),
    tier: tiers.find((one) => one === query.get('tier')),
    project: text('project'),
    risk: text('risk'),
    family: text('family'),
    source: text('source'),
    apart: aparts.find((one) => one === query.get('apart')),
    story: text('story'),
    from: from ? startOf(from) : undefined,
    until: to ? startOf(to, 1) : undefined,
    unresolved: show === 'unresolved' ? ('true' as const) : undefined,
    folded: show === 'each' || query.get('story') ? ('false' as const) : undefined,
  }
  const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
  const mentions = usePaged(
    `mentions?${query.text}`,
    async (after, abort) => {
      const page = await answer(
        api.mentions.$get({ query: { ...given, ...(after && { after }) } }, until(abort)),
      )
      return { rows: page.rows, next: page.next === null ? null : String(page.next) }
    },
    { refreshOn: ['mention'] },
  )
  const choices = useLoad('mention-choices', (abort) => answer(api.mentions.choices.$get({}, until(abort))))
  const known = choices.now.state === 'ready' ? choices.now.data : undefined
  const named = (rows: readonly { id: number; name: string }[] = []) =>
    rows.map(({ id, name }) => ({ value: String(id), label: name }))
  const isFiltered = filterNames.some((name) => query.get(name) !== '')

  return (
    <Page
      title={t.title}
      fill
      actions={
        <>
          {can('mention.keep') && (
            <Button icon="link" onClick={() => setKeeping(true)}>
              {k.keep}
            </Button>
          )}
          <LinkButton href="/mentions/unresolved" icon="inbox">
            {t.unresolved}
          </LinkButton>
        </>
      }
    >
      {isKeeping && <KeepLink onClose={() => setKeeping(false)} />}
      <FilterBar
        drops={['story']}
        filters={[
          { kind: 'search', name: 'q', label: common.search },
          {
            kind: 'choice',
            name: 'polarity',
            label: t.polarity,
            options: polarities.map((one) => ({ value: one, label: polarityWord[one] })),
          },
          { kind: 'select', name: 'project', label: t.project, options: named(known?.projects) },
          {
            kind: 'select',
            name: 'risk',
            label: t.risk,
            options: (known?.risks ?? []).map(({ code, nameZh, nameEn }) => ({
              value: code,
              label: `${code} ${say({ zh: nameZh, en: nameEn })}`,
            })),
          },
          {
            kind: 'select',
            name: 'tier',
            label: t.tier,
            options: tiers.map((one) => ({ value: one, label: tierWord[one] })),
          },
          { kind: 'select', name: 'family', label: t.family, options: named(known?.families) },
          { kind: 'select', name: 'source', label: t.source, options: named(known?.sources) },
          {
            kind: 'select',
            name: 'apart',
            label: t.apart,
            options: aparts.map((one) => ({ value: one, label: t.apartWord[one] })),
          },
          { kind: 'days', from: 'from', to: 'to', label: t.period },
          {
            kind: 'choice',
            name: 'show',
            label: t.show,
            options: [
              { value: 'each', label: t.each },
              { value: 'unresolved', label: t.unresolved },
            ],
          },
        ]}
      />
      <Volume from={from} to={to} project={text('project')} />
      <Loaded of={mentions} what={t.title}>
        {({ rows, next }) => (
          <DataTable
            label={t.title}
            rows={rows}
            rowKey={(row) => row.id}
            href={(row) => `/mentions/${row.id}`}
            columns={columnsOf(known?.risks ?? [])}
            more={mentions.more}
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
                  {polarityWord[row.polarity]} · {row.publisher ?? row.source.name} ·{' '}
                  <RelativeTime at={row.occurredAt} />
                </span>
                <Others row={row} />
              </>
            )}
          />
        )}
      </Loaded>
    </Page>
  )
}

function Others({ row }: { row: Row }) {
  if (row.otherMentions === 0) return null
  return (
    <a class="touch quiet small" href={`/stories/${row.storyId}`}>
      {t.others(number(row.otherMentions), number(row.families))}
    </a>
  )
}

function columnsOf(
  risks: readonly { code: string; nameZh: string; nameEn: string }[],
): readonly Column<Row>[] {
  const riskName = (code: string) => {
    const risk = risks.find((one) => one.code === code)
    return risk ? say({ zh: risk.nameZh, en: risk.nameEn }) : code
  }
  return [
    {
      id: 'title',
      head: t.mention,
      main: true,
      cell: (row) => <span title={row.excerpt}>{row.title}</span>,
    },
    {
      id: 'story',
      head: t.story,
      width: { zh: '8.5rem', en: '10.5rem' },
      cell: (row) => <Others row={row} />,
    },
    {
      id: 'polarity',
      head: t.polarity,
      width: { zh: '5.5rem', en: '6.75rem' },
      cell: (row) => <Polarity of={row.polarity} />,
    },
    {
      id: 'risks',
      head: t.risks,
      width: '9rem',
      from: 'm',
      cell: (row) => (
        <span class="line line-tight">
          {row.riskCodes.map((code) => (
            <Chip key={code} title={riskName(code)}>
              {code}
            </Chip>
          ))}
        </span>
      ),
    },
    {
      id: 'project',
      head: t.project,
      width: '11rem',
      from: 'm',
      cell: (row) =>
        row.projects.length > 0 ? (
          formatList(
            row.projects.map(({ name }) => name),
            language.value,
          )
        ) : (
          <span class="quiet">{row.riskCodes.length > 0 ? t.noProject : '—'}</span>
        ),
    },
    {
      id: 'publisher',
      head: t.publisher,
      width: '11rem',
      from: 'l',
      cell: (row) => (
        <>
          {row.publisher ?? row.source.name}
          {isTier(row.tier) && <span class="quiet small"> {tierWord[row.tier]}</span>}
        </>
      ),
    },
    { id: 'time', head: t.time, width: '8rem', cell: (row) => <RelativeTime at={row.occurredAt} /> },
  ]
}

const isTier = (word: string | null): word is (typeof tiers)[number] => tiers.some((one) => one === word)

function Volume({ from, to, project }: { from: string; to: string; project: string | undefined }) {
  const until_ = to || shanghaiDay(clock.value)
  const since = from || shanghaiDay(Date.parse(`${until_}T12:00:00+08:00`) - (CHART_DAYS - 1) * DAY_MS)
  const query = { from: since, until: until_, ...(project && { project }) }
  const chart = useLoad(
    `mention-chart ${JSON.stringify(query)}`,
    (abort) => answer(api.mentions.chart.$get({ query }, until(abort))),
    { refreshOn: ['mention'] },
  )
  if (chart.now.state !== 'ready') return null
  const { rows } = chart.now.data
  const total = (kind: 'mentions' | 'negative') => rows.reduce((sum, row) => sum + row[kind], 0)
  if (total('mentions') === 0) return null
  return (
    <section aria-label={t.volume}>
      <Chart
        height={130}
        summary={t.chartSummary(number(total('mentions')), number(total('negative')))}
        option={(palette) =>
          trendOption(
            {
              days: rows.map((row) => row.day),
              lines: [
                { id: 'mentions', name: t.all, values: rows.map((row) => row.mentions), area: true },
                { id: 'negative', name: polarityWord.negative, values: rows.map((row) => row.negative) },
              ],
              language: language.value,
              now: clock.peek(),
            },
            palette,
          )
        }
      />
    </section>
  )
}
