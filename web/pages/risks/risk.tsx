/** One risk: where it burns now, how it is recognised, what prevents it, what to do when it comes. */
import type { InferResponseType } from 'hono/client'
import { answer, api, until } from '../../api.ts'
import { Chart } from '../../charts/chart.tsx'
import { trendOption } from '../../charts/trend.ts'
import { now as clock } from '../../clock.ts'
import { formatList, formatNumber, formatScore } from '../../format.ts'
import { language, levels, phaseWord, say } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import type { PageProps } from '../../page.ts'
import { Absence } from '../../parts/absence.tsx'
import { Chip, LevelBadge } from '../../parts/badges.tsx'
import { LinkButton } from '../../parts/button.tsx'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { KeyValues, Page, Panel } from '../../parts/panel.tsx'
import { EmptyState, Loaded } from '../../parts/states.tsx'
import { RelativeTime } from '../../parts/time.tsx'
import { can } from '../../session.ts'
import './catalogue.css'
import { t as tools } from './catalogue-words.ts'
import { VerdictCounts } from './parts.tsx'
import { departmentWord, indicatorWord, t } from './words.ts'

type Risk = InferResponseType<(typeof api.risks)[':code']['$get']>
type BurningRow = Risk['burning'][number]
type Rule = Risk['rules'][number]

const show = (n: number) => formatNumber(n, language.value)

function Burning({ rows }: { rows: readonly BurningRow[] }) {
  const columns: readonly Column<BurningRow>[] = [
    {
      id: 'level',
      head: t.level,
      width: { zh: '5.5rem', en: '7rem' },
      cell: (row) => row.level && <LevelBadge level={row.level} />,
      sort: (row) => (row.level === null ? null : levels.indexOf(row.level)),
    },
    {
      id: 'project',
      head: t.project,
      main: true,
      cell: (row) => row.projectName,
      sort: (row) => row.projectName,
    },
    { id: 'company', head: t.company, width: '10rem', cell: (row) => row.cityCompanyName, from: 'l' },
    {
      id: 'mentions',
      head: t.mentions,
      width: '5rem',
      align: 'end',
      cell: (row) => show(row.mentionCount),
      sort: (row) => row.mentionCount,
      from: 'm',
    },
    {
      id: 'complaints',
      head: t.openComplaints,
      width: { zh: '7rem', en: '9rem' },
      align: 'end',
      cell: (row) => show(row.openComplaintCount),
      sort: (row) => row.openComplaintCount,
      from: 'm',
    },
    {
      id: 'last',
      head: t.lastEvidence,
      width: '8.5rem',
      cell: (row) => <RelativeTime at={row.lastEvidenceAt} />,
      sort: (row) => row.lastEvidenceAt,
    },
  ]
  const mayOpen = can('warning.read')
  // Without a warning there is nothing to open; the matrix of the overview shows why.
  const hrefOf = (row: BurningRow) =>
    row.warningId === null ? `/overview?project=${row.projectId}` : `/warnings/${row.warningId}`
  return (
    <DataTable
      label={t.hereNow}
      rows={rows}
      rowKey={(row) => row.projectId}
      columns={columns}
      {...(mayOpen ? { href: hrefOf } : {})}
      empty={<EmptyState icon="shield" title={t.quiet} hint={t.hereNone} />}
      phone={(row) => (
        <>
          <span class="line">
            {row.level && <LevelBadge level={row.level} />}
            <strong>{row.projectName}</strong>
          </span>
          <span class="quiet small">
            {t.mentions} {show(row.mentionCount)} · {t.openComplaints} {show(row.openComplaintCount)} ·{' '}
            <RelativeTime at={row.lastEvidenceAt} />
          </span>
        </>
      )}
    />
  )
}

function Evidence({ days }: { days: Risk['days'] }) {
  const total = (kind: 'mentions' | 'complaints') => days.reduce((sum, day) => sum + day[kind], 0)
  const mentions = total('mentions')
  const complaints = total('complaints')
  if (mentions + complaints === 0) return <p class="quiet">{t.noEvidence}</p>
  return (
    <Chart
      height={200}
      summary={t.evidenceSummary(show(mentions), show(complaints))}
      option={(palette) =>
        trendOption(
          {
            days: days.map(({ day }) => day),
            lines: [
              { id: 'mentions', name: t.media, values: days.map((day) => day.mentions), area: true },
              { id: 'complaints', name: t.ledger, values: days.map((day) => day.complaints) },
            ],
            language: language.value,
            now: clock.peek(),
          },
          palette,
        )
      }
    />
  )
}

const shownWords = 6

/** A group of words: the first few, the rest on demand. */
function Words({ words }: { words: readonly string[] }) {
  if (words.length <= shownWords) return <span>{words.join(' / ')}</span>
  return (
    <details class="word-group">
      <summary>
        {words.slice(0, shownWords).join(' / ')} <span class="quiet">{t.moreWords(show(words.length))}</span>
      </summary>
      <p class="quiet">{words.slice(shownWords).join(' / ')}</p>
    </details>
  )
}

function RuleItem({ rule }: { rule: Rule }) {
  const { proposed, confirmed, rejected } = rule.verdicts
  return (
    <li class="rule">
      <div class="line">
        <code>{rule.id}</code>
        {rule.redLine && <Chip title={t.redLineHint}>{t.redLine}</Chip>}
        <span class="quiet small">
          {t.weight} {formatScore(rule.weight)} · {t.within(show(rule.within))}
        </span>
        {proposed + confirmed + rejected > 0 && (
          <span class="small rule-verdicts">
            <VerdictCounts verdicts={rule.verdicts} />
            {rule.verdicts.precision !== null && (
              <> · {tools.precision(`${Math.round(rule.verdicts.precision * 100)}%`)}</>
            )}
          </span>
        )}
      </div>
      {rule.verdicts.isMostlyRejected && <p class="small rule-hint">{tools.mostlyRejected}</p>}
      <dl class="rule-parts">
        {rule.all.map((words, at) => (
          <div key={words.join('/')}>
            <dt class="quiet">{at === 0 ? '' : t.and}</dt>
            <dd>
              <Words words={words} />
            </dd>
          </div>
        ))}
        {rule.not && (
          <div>
            <dt class="quiet">{t.except}</dt>
            <dd class="quiet">
              <Words words={rule.not} />
            </dd>
          </div>
        )}
      </dl>
    </li>
  )
}

function Told({ risk }: { risk: Risk }) {
  // One source may be required in several places.
  const blocked = [
    ...new Map(
      risk.required.filter((one) => one.isBlocked).map((one) => [one.sourceId, one] as const),
    ).values(),
  ]
  return (
    <div class="columns columns-aside">
      <div class="stack">
        {blocked.length > 0 && (
          <Panel>
            <Absence
              of={{
                required: new Set(risk.required.map((one) => one.sourceId)).size,
                blocked: blocked
                  .slice(0, 20)
                  .map(({ sourceId, name, health }) => ({ id: sourceId, name, health })),
                blockedCount: blocked.length,
              }}
            />
          </Panel>
        )}
        <Panel title={t.hereNow} flush>
          <Burning rows={risk.burning} />
        </Panel>
        <Panel title={t.evidence} note={t.evidenceNote}>
          <Evidence days={risk.days} />
        </Panel>
        <Panel title={t.playbook}>
          <ol class="steps">
            {risk.playbook.map((step) => (
              <li key={step.does}>
                <strong>{step.within}</strong>
                <span>
                  <span class="quiet">{step.who}</span> {step.does}
                </span>
              </li>
            ))}
          </ol>
        </Panel>
        <Panel title={t.rules} note={t.rulesNote}>
          <ul class="rules">
            {risk.rules.map((rule) => (
              <RuleItem key={rule.id} rule={rule} />
            ))}
          </ul>
        </Panel>
      </div>
      <div class="stack">
        <Panel>
          <div class="stack">
            <p>{say(risk.description)}</p>
            <KeyValues
              items={[
                [t.phase, `${risk.phase} · ${phaseWord[risk.phase]}`],
                [t.severity, t.severityOf(String(risk.severity))],
                [
                  t.departments,
                  formatList(
                    risk.departments.map((department) => departmentWord[department]),
                    language.value,
                  ),
                ],
                [t.clause, risk.clause === 'extension' ? t.extension : risk.clause],
              ]}
            />
          </div>
        </Panel>
        <Panel title={t.measures}>
          <ul class="bullets">
            {risk.measures.map((measure) => (
              <li key={measure}>{measure}</li>
            ))}
          </ul>
        </Panel>
        <Panel title={t.indicators}>
          <KeyValues
            items={risk.indicators.map(
              (indicator) => [indicatorWord[indicator.kind], say(indicator)] as const,
            )}
          />
        </Panel>
        <Panel title={t.examples}>
          <div class="stack">
            {(
              [
                ['hits', risk.examples.hits],
                ['misses', risk.examples.misses],
              ] as const
            ).map(([kind, texts]) => (
              <details key={kind}>
                <summary>
                  {t[kind]} <span class="quiet">{show(texts.length)}</span>
                </summary>
                <ul class="bullets small">
                  {texts.map((text) => (
                    <li key={text}>{text}</li>
                  ))}
                </ul>
              </details>
            ))}
          </div>
        </Panel>
      </div>
    </div>
  )
}

export function RiskDetail({ params }: PageProps) {
  const code = params.code ?? ''
  const risk = useLoad(
    `risk ${code}`,
    (abort) => answer(api.risks[':code'].$get({ param: { code } }, until(abort))),
    {
      refreshOn: ['exposure', 'source'],
    },
  )
  const now = risk.now
  return (
    <Page
      title={now.state === 'ready' ? `${code} ${say(now.data.name)}` : code}
      back={{ href: '/risks', label: t.title }}
      actions={
        can('catalogue.try') &&
        now.state === 'ready' && (
          <>
            <LinkButton href="/risks/try" icon="search">
              {tools.try}
            </LinkButton>
            <LinkButton
              href={`/risks/edit?path=${encodeURIComponent(`${now.data.phase}/${code}.yaml`)}`}
              icon="edit"
            >
              {tools.edit}
            </LinkButton>
          </>
        )
      }
    >
      <Loaded of={risk} what={code}>
        {(data) => <Told risk={data} />}
      </Loaded>
    </Page>
  )
}
