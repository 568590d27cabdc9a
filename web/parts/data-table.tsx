/**
 * Rows of one kind.
 *   <DataTable label={t.title} rows={data.rows} rowKey={(row) => row.id} href={(row) => `/warnings/${row.id}`}
 *     columns={[
 *       { id: 'level', head: common.level, width: '5rem', cell: (row) => <LevelBadge level={row.level} short />, sort: 'server' },
 *       { id: 'title', head: t.name, main: true, cell: (row) => row.title },
 *       { id: 'raisedAt', head: t.raised, width: '8rem', cell: (row) => <RelativeTime at={row.raisedAt} />, from: 'm' },
 *     ]}
 *     more={paged.more} hasMore={data.next !== null} empty={<NoMatches …/>} fill phone={(row) => …} />
 *
 * `fill` (inside <Page fill>): the table scrolls under its head and draws only the rows in sight, so tens of thousands stay
 * smooth. Sorting lives in the URL (`sort=level`, `sort=-level`): 'server' leaves the rows as they came, a function sorts here.
 * `from: 'm' | 'l'` lets a column be left out where there is no room (columns.ts). On a phone every row is a card: `phone`
 * draws it, else it is the main cell and under it the others with their heads.
 * Keys: j / k or arrows move, Enter opens; `rowKeys` act on the row they stand on.
 */
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
} from '@tanstack/virtual-core'
import { type ComponentChildren, Fragment } from 'preact'
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { useKeys } from '../keys.ts'
import { common, words } from '../labels.ts'
import { isNarrow, isOnPaper } from '../media.ts'
import { useQuery } from '../url.ts'
import { Button } from './button.tsx'
import { type ColumnRoom, columnsThatFit, mainOf, widthOf } from './columns.ts'
import { Icon } from './icon.tsx'
import { orderedBy, type SortValue } from './sort.ts'
import { EmptyState } from './states.tsx'

const t = words(
  { next: '下一行', previous: '上一行', open: '打开所选行' },
  { next: 'Next row', previous: 'Previous row', open: 'Open the chosen row' },
)

export interface Column<Row> extends ColumnRoom {
  id: string
  head: string
  cell: (row: Row) => ComponentChildren
  align?: 'start' | 'end'
  sort?: 'server' | ((row: Row) => SortValue)
}

export interface DataTableProps<Row> {
  label: string
  rows: readonly Row[]
  rowKey: (row: Row) => string | number
  columns: readonly Column<Row>[]
  href?: (row: Row) => string
  /** Instead of going to `href`: opens beside the list (a drawer). */
  onOpen?: (row: Row) => void
  /** The row that is open beside the list. */
  chosen?: string | number | undefined
  more?: () => Promise<void>
  hasMore?: boolean
  empty?: ComponentChildren
  phone?: (row: Row) => ComponentChildren
  fill?: boolean
  sortName?: string
  /** A heading above the first row of each group; the rows must come grouped. Short lists only: not with `fill`. */
  groupOf?: (row: Row) => string
  rowKeys?: readonly { key: string; label: string; run: (row: Row) => void }[]
}

const guessedRowHeight = 37
/** Further rows are fetched when this many are left below. */
const fetchAhead = 30

function useVirtual(
  count: number,
  box: { current: HTMLElement | null },
  enabled: boolean,
  key: (at: number) => string | number,
) {
  const [, redraw] = useReducer((n: number) => n + 1, 0)
  const options = {
    count,
    enabled,
    getScrollElement: () => box.current,
    estimateSize: () => guessedRowHeight,
    getItemKey: key,
    overscan: 12,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: () => redraw(undefined as never),
  }
  const [virtual] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(options))
  virtual.setOptions(options)
  useLayoutEffect(() => virtual._didMount(), [virtual])
  useLayoutEffect(() => virtual._willUpdate())
  return virtual
}

/** Of A4 between its margins, in rem. */
const PAPER_ROOM = 43

/** Width of the box in rem, as it is now; none before it is drawn. */
function useRoom(box: { current: HTMLElement | null }, isDrawn: boolean): number {
  const [room, setRoom] = useState(0)
  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return undefined
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
    const measure = () => setRoom(element.clientWidth / rem)
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [box, isDrawn])
  return isOnPaper.value ? Math.min(room, PAPER_ROOM) : room
}

/** A click on something inside the row that has a meaning of its own. */
const isOwnControl = (target: EventTarget | null) =>
  target instanceof Element && target.closest('a, button, input, select, textarea, label, summary') !== null

/** A row on a phone when its page does not draw it: side by side the columns would crush each other. */
function PlainCard<Row>({
  row,
  columns,
  main,
}: {
  row: Row
  columns: readonly Column<Row>[]
  main: Column<Row> | undefined
}) {
  return (
    <>
      <strong>{main?.cell(row)}</strong>
      <span class="card-facts small">
        {columns
          .filter((column) => column !== main && column.from === undefined)
          .map((column) => (
            <span key={column.id}>
              <span class="quiet">{column.head}</span> {column.cell(row)}
            </span>
          ))}
      </span>
    </>
  )
}

export function DataTable<Row>({
  label,
  rows: given,
  rowKey,
  columns: all,
  href,
  onOpen,
  chosen,
  more,
  hasMore = false,
  empty,
  phone,
  fill = false,
  sortName = 'sort',
  groupOf,
  rowKeys = [],
}: DataTableProps<Row>) {
  const query = useQuery()
  const { route } = useLocation()
  const box = useRef<HTMLElement>(null)
  const [active, setActive] = useState<number | null>(null)

  const sort = query.get(sortName)
  const sortId = sort.replace(/^-/, '')
  const descending = sort.startsWith('-')
  const sortValue = all.find((column) => column.id === sortId)?.sort
  const rows = typeof sortValue === 'function' ? orderedBy(given, sortValue, descending) : given

  /** The heading to draw above this row, if it starts a group; a sorted list has none. */
  const headingAt = (index: number) => {
    const row = rows[index]
    if (groupOf === undefined || fill || sort !== '' || row === undefined) return undefined
    const before = rows[index - 1]
    const heading = groupOf(row)
    return before !== undefined && groupOf(before) === heading ? undefined : heading
  }

  const narrow = isNarrow.value
  const columns = columnsThatFit(all, useRoom(box, rows.length > 0 && !narrow))
  const main = mainOf(all)
  const card = phone ?? ((row: Row) => <PlainCard row={row} columns={all} main={main} />)
  const virtualised = fill && !narrow && rows.length > 0
  const virtual = useVirtual(rows.length, box, virtualised, (at) => {
    const row = rows[at]
    return row === undefined ? at : rowKey(row)
  })
  const inSight: readonly Pick<VirtualItem, 'index'>[] = virtualised
    ? virtual.getVirtualItems()
    : rows.map((_, index) => ({ index }))

  const [loading, setLoading] = useState(false)
  const fetchMore = async () => {
    if (more === undefined || loading) return
    setLoading(true)
    try {
      await more()
    } finally {
      setLoading(false)
    }
  }
  const lastInSight = inSight.at(-1)?.index ?? 0
  const wantsMore = virtualised && hasMore && lastInSight >= rows.length - fetchAhead
  const rowCount = rows.length
  // Once per arrival of rows; a failure is tried again by the button.
  useEffect(() => {
    if (wantsMore) void fetchMore().catch(() => {})
  }, [wantsMore, rowCount])

  const open = (row: Row, elsewhere = false) => {
    if (onOpen) onOpen(row)
    else if (href && elsewhere) window.open(href(row), '_blank', 'noopener')
    else if (href) route(href(row))
  }
  const opens = href !== undefined || onOpen !== undefined
  const move = (step: number) => {
    if (rows.length === 0) return
    const at = Math.min(rows.length - 1, Math.max(0, active === null ? 0 : active + step))
    setActive(at)
    // From here on Enter means the row, not the button that was used last.
    box.current?.focus({ preventScroll: true })
    if (virtualised) virtual.scrollToIndex(at, { align: 'auto' })
    else box.current?.querySelector(`[data-index="${at}"]`)?.scrollIntoView({ block: 'nearest' })
  }
  useKeys(
    opens
      ? [
          { key: 'j', label: t.next, run: () => move(1) },
          { key: 'k', label: t.previous, run: () => move(-1) },
          ...rowKeys.map(({ key, label, run }) => ({
            key,
            label,
            run: () => {
              const row = active === null ? undefined : rows[active]
              if (row !== undefined) run(row)
            },
          })),
          {
            key: 'Enter',
            label: t.open,
            run: (event) => {
              const row = active === null ? undefined : rows[active]
              if (row !== undefined && !isOwnControl(event.target)) open(row)
              else if (event.target instanceof HTMLElement) event.target.click()
            },
          },
        ]
      : [],
  )

  if (rows.length === 0) return <>{empty ?? <EmptyState />}</>

  const footer = hasMore && more !== undefined && (
    <div class="table-more">
      <Button kind="quiet" busy={loading} onClick={fetchMore}>
        {common.loadMore}
      </Button>
    </div>
  )

  if (narrow) {
    return (
      <section ref={box}>
        <ul class="cards" aria-label={label}>
          {rows.map((row, index) => (
            <li key={rowKey(row)} data-index={index}>
              {headingAt(index) !== undefined && <p class="cards-group">{headingAt(index)}</p>}
              {href ? (
                <a
                  class="card"
                  href={href(row)}
                  onClick={(event) => {
                    if (!onOpen) return
                    event.preventDefault()
                    event.stopPropagation()
                    onOpen(row)
                  }}
                >
                  {card(row)}
                </a>
              ) : onOpen ? (
                <button type="button" class="card" onClick={() => onOpen(row)}>
                  {card(row)}
                </button>
              ) : (
                <div class="card">{card(row)}</div>
              )}
            </li>
          ))}
        </ul>
        {footer}
      </section>
    )
  }

  const items = virtualised ? virtual.getVirtualItems() : []
  const above = items[0]?.start ?? 0
  const below = virtualised ? virtual.getTotalSize() - (items.at(-1)?.end ?? 0) : 0
  const step = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1, Home: -rows.length, End: rows.length }[event.key]
    if (by === undefined) return
    event.preventDefault()
    move(by)
  }

  return (
    <section
      ref={box}
      class={`table-box${fill ? ' table-fill' : ''}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard.
      tabIndex={0}
      aria-label={label}
      onKeyDown={step}
    >
      <table class="table" aria-rowcount={hasMore ? -1 : rows.length + 1}>
        <colgroup>
          {columns.map((column) => (
            <col key={column.id} style={{ width: widthOf(column) }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {columns.map((column) => {
              const sorted = sortId === column.id && sort !== ''
              return (
                <th
                  key={column.id}
                  scope="col"
                  class={column.align === 'end' ? 'number' : undefined}
                  aria-sort={sorted ? (descending ? 'descending' : 'ascending') : undefined}
                >
                  {column.sort === undefined ? (
                    column.head
                  ) : (
                    <button
                      type="button"
                      class="table-sort"
                      title={common.sortBy(column.head)}
                      onClick={() =>
                        query.set({ [sortName]: !sorted ? column.id : descending ? null : `-${column.id}` })
                      }
                    >
                      {column.head}
                      {sorted && <Icon name={descending ? 'down' : 'up'} size={12} />}
                    </button>
                  )}
                </th>
              )
            })}
          </tr>
        </thead>
        <tbody>
          {above > 0 && (
            <tr>
              <td class="table-gap" colSpan={columns.length} style={{ height: `${above}px` }} />
            </tr>
          )}
          {inSight.map(({ index }) => {
            const row = rows[index]
            if (row === undefined) return null
            const key = rowKey(row)
            const heading = headingAt(index)
            return (
              <Fragment key={key}>
                {heading !== undefined && (
                  <tr>
                    <th class="table-group" colSpan={columns.length} scope="rowgroup">
                      {heading}
                    </th>
                  </tr>
                )}
                <tr
                  data-index={index}
                  aria-rowindex={index + 2}
                  ref={virtualised ? (element) => virtual.measureElement(element) : undefined}
                  class={`${opens ? 'table-row-opens' : ''}${index === active ? ' table-row-active' : ''}${key === chosen ? ' table-row-chosen' : ''}`}
                  onClick={(event) => {
                    if (!opens || isOwnControl(event.target) || getSelection()?.isCollapsed === false) return
                    setActive(index)
                    open(row, event.ctrlKey || event.metaKey)
                  }}
                >
                  {columns.map((column) => {
                    const cell = column.cell(row)
                    return (
                      <td
                        key={column.id}
                        class={column.align === 'end' ? 'number' : undefined}
                        // What does not fit is cut with an ellipsis, and read whole by pointing at it.
                        title={typeof cell === 'string' ? cell : undefined}
                      >
                        {column === main && href ? (
                          <a
                            class="table-link"
                            href={href(row)}
                            onClick={(event) => {
                              if (!onOpen || event.ctrlKey || event.metaKey) return
                              event.preventDefault()
                              event.stopPropagation()
                              onOpen(row)
                            }}
                          >
                            {cell}
                          </a>
                        ) : column === main && onOpen ? (
                          <button type="button" class="table-link" onClick={() => onOpen(row)}>
                            {cell}
                          </button>
                        ) : (
                          cell
                        )}
                      </td>
                    )
                  })}
                </tr>
              </Fragment>
            )
          })}
          {below > 0 && (
            <tr>
              <td class="table-gap" colSpan={columns.length} style={{ height: `${below}px` }} />
            </tr>
          )}
        </tbody>
      </table>
      {footer}
    </section>
  )
}
