/**
 * The exposure matrix: a real table that is moved through with the arrow keys like a grid. One cell is in the tab order;
 * pointing at a cell or moving to it says why, opening it shows the evidence.
 */
import type { InferResponseType } from 'hono/client'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { api } from '../../api.ts'
import { formatList, formatNumber, formatScore } from '../../format.ts'
import { language, levels, levelWord, phaseWord, say } from '../../labels.ts'
import { isNarrow } from '../../media.ts'
import { type Absent, absenceOf, absenceText } from '../../parts/absence.tsx'
import { LevelShape } from '../../parts/badges.tsx'
import { EmptyState } from '../../parts/states.tsx'
import { t } from './words.ts'
import './overview.css'

export type Overview = InferResponseType<typeof api.overview.$get>
type Matrix = Overview['matrix']
type Cell = Matrix['cells'][number]
type Project = Matrix['projects'][number]
type Risk = Matrix['risks'][number]

export interface Place {
  projectId: number
  riskCode: string
}

const keyOf = (projectId: number, riskCode: string) => `${projectId} ${riskCode}`
const show = (n: number) => formatNumber(n, language.value)
const phases = ['PS', 'LA', 'SA', 'DE', 'PO', 'EX'] as const

/** The gravest projects first, so that a screenful shows what matters; calm ones keep their order. */
function ordered(matrix: Matrix): readonly Project[] {
  const worst = new Map<number, string>()
  const countAt = (id: number) =>
    levels.map((level) => matrix.cells.filter((cell) => cell.projectId === id && cell.level === level).length)
  for (const { id } of matrix.projects) {
    // Fewer of the graver level never beats more of it: compare the counts level by level.
    worst.set(
      id,
      countAt(id)
        .map((count) => String(999 - count).padStart(3, '0'))
        .join(''),
    )
  }
  return matrix.projects.toSorted((a, b) =>
    (worst.get(a.id) ?? '') < (worst.get(b.id) ?? '')
      ? -1
      : (worst.get(a.id) ?? '') > (worst.get(b.id) ?? '')
        ? 1
        : 0,
  )
}

/** What is not read of what a cell requires. Only requirements that are blocked somewhere cost anything. */
function absences(matrix: Matrix): (project: Project, riskCode: string) => Absent | undefined {
  if (!matrix.required.some((one) => one.isBlocked)) return () => undefined
  return (project, riskCode) =>
    absenceOf(matrix.required, {
      riskCode,
      projectId: project.id,
      cityCompanyId: project.cityCompanyId,
    })
}

function absentIn(matrix: Matrix, place: Place): Absent | undefined {
  const project = matrix.projects.find((one) => one.id === place.projectId)
  return project && absences(matrix)(project, place.riskCode)
}

/** Cells without evidence of which nobody can say that they are calm. */
export function unknownCells(matrix: Matrix): number {
  const standing = new Set(matrix.cells.map((cell) => keyOf(cell.projectId, cell.riskCode)))
  const absentOf = absences(matrix)
  let count = 0
  for (const project of matrix.projects)
    for (const risk of matrix.risks)
      if (!standing.has(keyOf(project.id, risk.code)) && absentOf(project, risk.code)) count += 1
  return count
}

function levelText(cell: Cell | undefined, absent: Absent | undefined): string {
  if (cell === undefined) return absent ? t.unknownCell : t.calmCell
  return cell.level === null ? t.noLevel : `${cell.level} ${levelWord[cell.level]}`
}

function whyText(cell: Cell): string {
  return t.why(
    formatScore(cell.likelihood),
    formatScore(cell.impact),
    show(cell.mentionCount),
    show(cell.familyCount),
    show(cell.complaintCount),
    show(cell.openComplaintCount),
  )
}

function Mark({ cell, absent }: { cell: Cell | undefined; absent: Absent | undefined }) {
  if (cell === undefined)
    return absent ? (
      <span class="matrix-unknown" aria-hidden="true">
        ?
      </span>
    ) : null
  const thin = absent || cell.dataState === 'insufficient' ? ' matrix-thin' : ''
  if (cell.level === null) return <span class={`matrix-dot${thin}`} aria-hidden="true" />
  return (
    <span class={`matrix-mark matrix-${cell.level}${thin}`} aria-hidden="true">
      <LevelShape level={cell.level} size={11} />
      {cell.level}
    </span>
  )
}

export function MatrixTable({ matrix, onOpen }: { matrix: Matrix; onOpen: (place: Place) => void }) {
  const [at, setAt] = useState({ row: 0, column: 0 })
  const [pointed, setPointed] = useState<Place>()
  const table = useRef<HTMLTableElement>(null)
  // Where not all columns fit, the gravest cell comes into view first.
  useEffect(() => {
    const mark = table.current?.querySelector('.matrix-I, .matrix-II, .matrix-III')
    const cell = mark?.closest('td')
    const box = table.current?.parentElement
    const names = table.current?.querySelector('tbody th')
    if (!cell || !box || !(names instanceof HTMLElement)) return
    const room = box.clientWidth - names.offsetWidth
    box.scrollLeft = cell.offsetLeft - names.offsetWidth - (room - cell.offsetWidth) / 2
  }, [])
  if (matrix.projects.length === 0) {
    return <EmptyState icon="building" title={t.noProjects} hint={t.noProjectsHint} />
  }
  const projects = ordered(matrix)
  const { risks } = matrix
  const cells = new Map(matrix.cells.map((cell) => [keyOf(cell.projectId, cell.riskCode), cell]))
  const groups = phases
    .map((phase) => ({ phase, risks: risks.filter((risk) => risk.phase === phase) }))
    .filter((group) => group.risks.length > 0)

  const absentOf = absences(matrix)

  const move = (event: KeyboardEvent) => {
    const step = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
      Home: [0, -99],
      End: [0, 99],
    }[event.key]
    if (!step) return
    event.preventDefault()
    const row = Math.min(projects.length - 1, Math.max(0, at.row + (step[0] ?? 0)))
    const column = Math.min(risks.length - 1, Math.max(0, at.column + (step[1] ?? 0)))
    setAt({ row, column })
    table.current?.querySelector<HTMLButtonElement>(`[data-at="${row} ${column}"]`)?.focus()
  }
  const named = (place: Place) => ({
    project: projects.find((project) => project.id === place.projectId),
    risk: risks.find((risk) => risk.code === place.riskCode),
    cell: cells.get(keyOf(place.projectId, place.riskCode)),
    absent: absentIn(matrix, place),
  })
  return (
    <div class="matrix">
      <Reason of={pointed && named(pointed)} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard */}
      <section class="matrix-scroll" aria-label={t.matrixLabel} tabIndex={0}>
        <table ref={table} onKeyDown={move} onMouseLeave={() => setPointed(undefined)}>
          <thead>
            <tr>
              <th scope="col" rowSpan={2} class="matrix-corner">
                {t.project}
              </th>
              {groups.map((group) => (
                <th key={group.phase} scope="colgroup" colSpan={group.risks.length} class="matrix-phase">
                  {phaseWord[group.phase]}
                </th>
              ))}
            </tr>
            <tr>
              {groups.flatMap((group) =>
                group.risks.map((risk, index) => (
                  <th
                    key={risk.code}
                    scope="col"
                    class={`matrix-risk${index === 0 ? ' matrix-first' : ''}${pointed?.riskCode === risk.code ? ' matrix-here' : ''}`}
                    title={say({ zh: risk.nameZh, en: risk.nameEn })}
                  >
                    {risk.code}
                  </th>
                )),
              )}
            </tr>
          </thead>
          <tbody>
            {projects.map((project, row) => (
              <tr key={project.id}>
                <th
                  scope="row"
                  class={pointed?.projectId === project.id ? 'matrix-here' : undefined}
                  title={project.cityCompany}
                >
                  {project.name}
                </th>
                {risks.map((risk, column) => {
                  const cell = cells.get(keyOf(project.id, risk.code))
                  const place = { projectId: project.id, riskCode: risk.code }
                  const isFirst = risks[column - 1]?.phase !== risk.phase
                  const absent = absentOf(project, risk.code)
                  return (
                    <td
                      key={risk.code}
                      class={`${isFirst ? 'matrix-first' : ''}${project.stage === risk.phase ? ' matrix-now' : ''}`}
                      onMouseEnter={() => setPointed(place)}
                    >
                      <button
                        type="button"
                        data-at={`${row} ${column}`}
                        tabIndex={row === at.row && column === at.column ? 0 : -1}
                        aria-label={t.cellLabel(
                          project.name,
                          say({ zh: risk.nameZh, en: risk.nameEn }),
                          formatList(
                            [levelText(cell, absent), ...(absent ? [absenceText(absent)] : [])],
                            language.value,
                          ),
                        )}
                        onFocus={() => {
                          setAt({ row, column })
                          setPointed(place)
                        }}
                        onClick={() => onOpen(place)}
                      >
                        <Mark cell={cell} absent={absent} />
                      </button>
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="matrix-legend quiet small">
        {levels.map((level) => (
          <span key={level}>
            <LevelShape level={level} size={11} /> {level} {levelWord[level]}
          </span>
        ))}
        <span>
          <span class="matrix-dot" /> {t.someEvidence}
        </span>
        <span>
          <span class="matrix-dot matrix-thin" /> {t.thin}
        </span>
        {matrix.required.length > 0 && (
          <span>
            <span class="matrix-unknown">?</span> {t.unknownCell}
          </span>
        )}
      </p>
    </div>
  )
}

/** One line that says why, in a place of its own so that nothing covers the cells. */
function Reason({
  of,
}: {
  of:
    | {
        project: Project | undefined
        risk: Risk | undefined
        cell: Cell | undefined
        absent: Absent | undefined
      }
    | undefined
}) {
  if (!of?.project || !of.risk)
    return <p class="matrix-reason quiet small">{isNarrow.value ? t.touchHint : t.hint}</p>
  return (
    <p class="matrix-reason small" aria-live="polite">
      <strong>{of.project.name}</strong> · {of.risk.code} {say({ zh: of.risk.nameZh, en: of.risk.nameEn })}{' '}
      <b>{levelText(of.cell, of.absent)}</b>
      {of.absent && <span> · {absenceText(of.absent)}</span>}
      {of.cell && <span class="quiet"> · {whyText(of.cell)}</span>}
    </p>
  )
}
