/** How things stand: one sentence, the exposure matrix, what needs a person, and the last 90 days. */
import type { InferResponseType } from 'hono/client'
import { answer, api, until } from '../../api.ts'
import { Chart } from '../../charts/chart.tsx'
import { trendOption } from '../../charts/trend.ts'
import { now as clock } from '../../clock.ts'
import { formatDay, formatDuration, formatNumber } from '../../format.ts'
import { language, levelHue, say } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import { Absence, absenceOf } from '../../parts/absence.tsx'
import { LevelBadge, LevelShape, StateBadge } from '../../parts/badges.tsx'
import { LinkButton } from '../../parts/button.tsx'
import { Drawer } from '../../parts/overlay.tsx'
import { Page, Panel, Stat, Stats } from '../../parts/panel.tsx'
import { EmptyState, InsufficientData, Loaded, Loading } from '../../parts/states.tsx'
import { RelativeTime } from '../../parts/time.tsx'
import { can } from '../../session.ts'
import { useQuery } from '../../url.ts'
import { EvidenceAxis } from '../warnings/evidence.tsx'
import { machineSentence } from '../warnings/machine-sentences.ts'
import { toneOf } from '../warnings/warning.tsx'
import { Why } from '../warnings/why.tsx'
import { warningStateWord } from '../warnings/words.ts'
import { MatrixTable, type Overview as OverviewAnswer, type Place, unknownCells } from './matrix.tsx'
import { t } from './words.ts'
import './overview.css'

type CellAnswer = InferResponseType<typeof api.overview.cell.$get>

const show = (n: number) => formatNumber(n, language.value)
const since = (at: string) => formatDuration(clock.value - Date.parse(at), language.value)

function Sentence({ of, unknown }: { of: OverviewAnswer['sentence']; unknown: number }) {
  const grave = of.levels.filter(({ level }) => level === 'I' || level === 'II')
  const { unacknowledged, sources, deadlinesCheckedAt, heartbeat } = of
  return (
    <p class="sentence">
      {grave.length === 0 && <span>{t.calm}</span>}
      {grave.map(({ level, count }) => (
        <a key={level} href={`/warnings?level=${level}`} class="sentence-level">
          <LevelShape level={level} size={18} /> {t.levelCount(show(count), levelHue[level])}
        </a>
      ))}
      {unacknowledged && (
        <a href={`/warnings/${unacknowledged.id}`}>{t.unacknowledged(since(unacknowledged.since))}</a>
      )}
      {!unacknowledged && grave.length > 0 && <span>{t.allAcknowledged}</span>}
      <a href="/sources">
        {sources.total === 0 ? t.noSources : t.sources(show(sources.read), show(sources.total))}
        {sources.silent > 0 && ` · ${t.silent(show(sources.silent))}`}
      </a>
      {heartbeat.stoppedSince !== null && <b>{t.stopped(since(heartbeat.stoppedSince))}</b>}
      {unknown > 0 && <b>{t.unknown(show(unknown))}</b>}
      <span class="quiet">
        {deadlinesCheckedAt === null ? t.neverChecked : t.checked(since(deadlinesCheckedAt))}
      </span>
    </p>
  )
}

/** That the house was watched today, in one line. */
function Beat({ of }: { of: OverviewAnswer['sentence']['heartbeat'] }) {
  const { last, isLate } = of
  if (last === null) return <p class="quiet small">{t.beatNone}</p>
  const line = isLate
    ? t.beatLate(since(last.at))
    : t.beat(
        formatDay(`${last.day}T12:00:00+08:00`, language.value, clock.value),
        show(last.sourcesRead),
        show(last.sources),
        show(last.items),
        show(last.matches),
      )
  const inside = can('source.read') ? <a href="/sources?heartbeats=open">{line}</a> : line
  return isLate ? (
    <p role="alert">
      <b>{inside}</b>
    </p>
  ) : (
    <p class="beat quiet small">{inside}</p>
  )
}

function NeedSomebody({ rows }: { rows: OverviewAnswer['needSomebody'] }) {
  if (rows.length === 0) return <EmptyState icon="check" title={t.nothingNeeds} hint={t.nothingNeedsHint} />
  return (
    <ol class="need">
      {rows.map((row) => {
        const inside = (
          <>
            <LevelBadge level={row.level} short />
            <span class="need-text">
              <strong>{`${row.project} · ${say({ zh: row.riskZh, en: row.riskEn })}`}</strong>
              <span class="quiet small">{machineSentence(row.summary)}</span>
            </span>
            <span class="need-side small">
              <RelativeTime at={row.raisedAt} />
              {row.isAcknowledged ? <span class="quiet">{t.acknowledged}</span> : <b>{t.nobody}</b>}
            </span>
          </>
        )
        return (
          <li key={row.id}>
            {can('warning.read') ? <a href={`/warnings/${row.id}`}>{inside}</a> : <div>{inside}</div>}
          </li>
        )
      })}
    </ol>
  )
}

function MentionTrend({ trend }: { trend: OverviewAnswer['trend'] }) {
  const sum = (kind: 'mentions' | 'negative') => trend.mentions.reduce((all, day) => all + day[kind], 0)
  return (
    <Chart
      height={230}
      summary={t.mentionSummary(
        show(trend.mentions.length),
        show(sum('mentions')),
        show(sum('negative')),
        show(trend.marks.length),
      )}
      option={(palette) =>
        trendOption(
          {
            days: trend.mentions.map(({ day }) => day),
            lines: [
              {
                id: 'mentions',
                name: t.mentions,
                values: trend.mentions.map((day) => day.mentions),
                area: true,
              },
              { id: 'negative', name: t.negative, values: trend.mentions.map((day) => day.negative) },
            ],
            marks: trend.marks,
            language: language.value,
            now: clock.peek(),
          },
          palette,
        )
      }
    />
  )
}

function LedgerTrend({ ledger }: { ledger: OverviewAnswer['trend']['ledger'] }) {
  const sum = (kind: 'received' | 'closed') => ledger.reduce((all, day) => all + day[kind], 0)
  return (
    <Chart
      height={200}
      summary={t.ledgerSummary(show(ledger.length), show(sum('received')), show(sum('closed')))}
      option={(palette) =>
        trendOption(
          {
            days: ledger.map(({ day }) => day),
            lines: [
              { id: 'received', name: t.received, values: ledger.map((day) => day.received) },
              { id: 'closed', name: t.closed, values: ledger.map((day) => day.closed) },
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

/** Below so many, a median says nothing. */
const ENOUGH = 3

function Figures({ data }: { data: OverviewAnswer }) {
  const { complaints } = data.sentence
  const { ledgerBeforeMedia, cells, evidenceToWarning, warnings } = data.leadTime
  const span = (hours: number | null, count: number) =>
    hours === null || count < ENOUGH ? t.tooFew : formatDuration(hours * 3_600_000, language.value)
  return (
    <Stats>
      <Stat
        label={t.openCases}
        value={show(complaints.open)}
        note={t.gradeOne(show(complaints.gradeOne))}
        href="/complaints?open=yes"
      />
      <Stat
        label={t.replyOverdue}
        value={show(complaints.replyOverdue)}
        note={t.replyOverdueNote}
        href="/complaints?open=yes"
      />
      <Stat
        label={(ledgerBeforeMedia ?? 0) >= 0 ? t.ledgerFirst : t.mediaFirst}
        value={span(ledgerBeforeMedia, cells)}
        note={t.leadCells(show(cells))}
      />
      <Stat
        label={t.evidenceToWarning}
        value={span(evidenceToWarning, warnings)}
        note={t.leadWarnings(show(warnings))}
      />
    </Stats>
  )
}

function CellDrawer({ place, onClose }: { place: Place | undefined; onClose: () => void }) {
  return place ? <OpenCell place={place} onClose={onClose} /> : null
}

function OpenCell({ place, onClose }: { place: Place; onClose: () => void }) {
  const query = { projectId: String(place.projectId), risk: place.riskCode }
  const cell = useLoad<CellAnswer>(
    `cell ${query.projectId} ${query.risk}`,
    (abort) => answer(api.overview.cell.$get({ query }, until(abort))),
    { refreshOn: ['exposure', 'warning'] },
  )
  const loaded = cell.now.state === 'ready' ? cell.now.data : undefined
  return (
    <Drawer
      open
      wide
      onClose={onClose}
      title={
        loaded
          ? `${loaded.cell.project} · ${say({ zh: loaded.cell.riskZh, en: loaded.cell.riskEn })}`
          : t.cellWhat
      }
      lead={
        loaded && (
          <span class="line">
            {loaded.exposure?.level && <LevelBadge level={loaded.exposure.level} />}
            {loaded.warning && (
              <StateBadge word={warningStateWord[loaded.warning.state]} tone={toneOf(loaded.warning.state)} />
            )}
            <span class="quiet small">{loaded.cell.cityCompany}</span>
          </span>
        )
      }
      footer={
        loaded?.warning &&
        can('warning.read') && (
          <LinkButton kind="primary" href={`/warnings/${loaded.warning.id}`}>
            {t.openWarning}
          </LinkButton>
        )
      }
    >
      <Loaded of={cell} what={t.cellWhat}>
        {({ cell: { riskCode, projectId, cityCompanyId }, exposure, evidence, required }) => {
          const absent = absenceOf(required, { riskCode, projectId, cityCompanyId })
          return exposure ? (
            <div class="stack">
              {absent ? (
                <Absence of={absent} />
              ) : (
                exposure.dataState === 'insufficient' && <InsufficientData />
              )}
              <h3>{t.whyLevel}</h3>
              <Why computed={exposure} />
              <h3>{t.evidence}</h3>
              <EvidenceAxis items={evidence} byDay={false} />
            </div>
          ) : (
            <div class="stack">
              {absent && <Absence of={absent} />}
              <EmptyState
                icon="inbox"
                title={t.nothingInCell}
                hint={absent ? undefined : t.nothingInCellHint}
              />
            </div>
          )
        }}
      </Loaded>
    </Drawer>
  )
}

/** `cell=12.DE5` in the address: an open drawer can be sent to someone else. */
function placeIn(text: string): Place | undefined {
  const [project, riskCode] = text.split('.')
  const projectId = Number(project)
  return Number.isInteger(projectId) && projectId > 0 && riskCode ? { projectId, riskCode } : undefined
}

export function Overview() {
  const query = useQuery()
  const overview = useLoad<OverviewAnswer>(
    'overview',
    (abort) => answer(api.overview.$get({}, until(abort))),
    {
      refreshOn: ['warning', 'exposure', 'mention', 'complaint', 'source'],
    },
  )
  const open = (place: Place) => query.set({ cell: `${place.projectId}.${place.riskCode}` }, 'push')
  return (
    <Page title={t.title}>
      <Loaded of={overview} what={t.what} skeleton={<Loading lines={12} />}>
        {(data) => (
          <div class="overview">
            <Sentence of={data.sentence} unknown={unknownCells(data.matrix)} />
            <Beat of={data.sentence.heartbeat} />
            <Panel title={t.matrix} note={t.matrixNote} flush>
              <MatrixTable matrix={data.matrix} onOpen={open} />
            </Panel>
            <div class="overview-columns">
              <Panel
                title={t.needSomebody}
                note={t.needSomebodyNote}
                flush
                actions={
                  can('warning.read') && (
                    <LinkButton kind="quiet" small href="/warnings">
                      {t.allWarnings}
                    </LinkButton>
                  )
                }
              >
                <NeedSomebody rows={data.needSomebody} />
              </Panel>
              <div class="overview-charts">
                <Figures data={data} />
                <Panel title={t.mentionTrend} note={t.days90}>
                  <MentionTrend trend={data.trend} />
                </Panel>
                <Panel title={t.ledgerTrend} note={t.days90}>
                  <LedgerTrend ledger={data.trend.ledger} />
                </Panel>
              </div>
            </div>
          </div>
        )}
      </Loaded>
      <CellDrawer place={placeIn(query.get('cell'))} onClose={() => query.set({ cell: null })} />
    </Page>
  )
}
