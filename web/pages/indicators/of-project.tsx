/** What is known of one project without a text: alerts over it, its readings, the days that are due. */
import type { InferResponseType } from 'hono/client'
import { answer, api, until } from '../../api.ts'
import { Chart } from '../../charts/chart.tsx'
import { courseOption } from '../../charts/course.ts'
import { formatDateTime, formatNumber, shanghaiDay } from '../../format.ts'
import { language } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import { Chip, StateBadge } from '../../parts/badges.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Panel } from '../../parts/panel.tsx'
import { EmptyState, Loaded } from '../../parts/states.tsx'
import { alertName, daysTo } from '../warnings/fact.tsx'
import { factWord, metricWord, reachWord, unitWord } from '../warnings/fact-words.ts'
import { t } from './words.ts'
import '../warnings/warnings.css'
import './indicators.css'

type OfProject = InferResponseType<(typeof api.indicators.projects)[':id']['$get'], 200>
type Course = OfProject['courses'][number]

const number = (value: number) => formatNumber(Math.round(value * 100) / 100, language.value)
const wordIn = (words: Readonly<Record<string, string>>, value: string) => words[value] ?? value

export function IndicatorsOfProject({ id }: { id: string }) {
  const found = useLoad(
    `indicators of ${id}`,
    (abort) => answer(api.indicators.projects[':id'].$get({ param: { id } }, until(abort))),
    { refreshOn: ['exposure', 'source'] },
  )
  return (
    <Loaded of={found} what={t.own}>
      {(data) => {
        if (data.alerts.length + data.courses.length + data.dueDates.length === 0) {
          return (
            <Panel title={t.title}>
              <EmptyState icon="calendar" title={t.nothing} hint={t.nothingHint} />
            </Panel>
          )
        }
        return (
          <>
            {data.alerts.length > 0 && <Alerts alerts={data.alerts} />}
            {data.courses.length > 0 && <Courses courses={data.courses} />}
            {data.dueDates.length > 0 && <DueDates days={data.dueDates} />}
          </>
        )
      }}
    </Loaded>
  )
}

function Alerts({ alerts }: { alerts: OfProject['alerts'] }) {
  return (
    <Panel title={t.alerts}>
      <ul class="stack alert-list">
        {alerts.map((alert) => (
          <li key={alert.id}>
            <p>
              <b>{alertName(alert.phenomenon, alert.severity)}</b>{' '}
              {alert.isInForce ? (
                <StateBadge word={factWord.inForce} tone="open" />
              ) : (
                <StateBadge word={factWord.ended} tone="done" />
              )}
            </p>
            <p class="evidence-facts small quiet">
              <span>{alert.issuer}</span>
              <span>{reachWord[alert.reach]}</span>
              <span>{factWord.until(formatDateTime(alert.endsAt))}</span>
              {alert.url && (
                <a href={alert.url} target="_blank" rel="noreferrer">
                  {t.details} <Icon name="outside" size={12} />
                </a>
              )}
            </p>
            {alert.isInForce && <p class="small clamp-2">{alert.description || alert.headline}</p>}
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Courses({ courses }: { courses: readonly Course[] }) {
  return (
    <Panel title={t.courses}>
      <div class="course-grid">
        {courses.map((course) => (
          <CourseChart key={`${course.metric} ${course.unit}`} course={course} />
        ))}
      </div>
    </Panel>
  )
}

function CourseChart({ course }: { course: Course }) {
  const name = wordIn(metricWord, course.metric)
  const unit = wordIn(unitWord, course.unit)
  const points = course.readings.map(({ at, value, planned }) => ({ on: shanghaiDay(at), value, planned }))
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last) return null
  return (
    <figure class="course">
      <figcaption>
        <b>{name}</b>{' '}
        <span class="quiet small">
          {t.latest(number(last.value), unit, last.on)}
          {last.planned !== null && ` · ${t.plan(number(last.planned))}`}
        </span>
      </figcaption>
      <Chart
        height={140}
        summary={t.chart(name, number(first.value), number(last.value), unit)}
        option={(palette) =>
          courseOption(
            { name, plannedName: t.planned, points, language: language.value, now: Date.now() },
            palette,
          )
        }
      />
    </figure>
  )
}

/** «还有 12 天», «已过 3 天» */
function daysWord(day: string): string {
  const days = daysTo(day, Date.now())
  if (days === 0) return t.today
  return days > 0 ? t.inDays(number(days)) : t.daysAgo(number(-days))
}

function DueDates({ days }: { days: OfProject['dueDates'] }) {
  return (
    <Panel title={t.dueDates} flush>
      <DataTable
        label={t.dueDates}
        rows={days}
        rowKey={(row) => row.id}
        phone={(row) => (
          <>
            <strong>{row.title}</strong>
            <span class="quiet small">
              {row.dueOn} · {daysWord(row.dueOn)} · {row.riskCodes.join(' ')} ·{' '}
              {row.isOwn ? t.thisProject : t.everyProject}
            </span>
          </>
        )}
        columns={[
          { id: 'what', head: t.what, main: true, cell: (row) => row.title },
          {
            id: 'whose',
            head: t.project,
            width: '7rem',
            from: 'm',
            cell: (row) => (row.isOwn ? t.thisProject : t.everyProject),
          },
          {
            id: 'risks',
            head: t.risk,
            width: '8rem',
            cell: (row) => row.riskCodes.map((code) => <Chip key={code}>{code}</Chip>),
          },
          { id: 'day', head: t.day, width: '13rem', cell: (row) => `${row.dueOn} · ${daysWord(row.dueOn)}` },
        ]}
      />
    </Panel>
  )
}
