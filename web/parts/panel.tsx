/**
 * The bones of a page.
 *   <Page title={t.title} lead={…} actions={<Button…/>} fill>…</Page>   fill: the page is as high as the window and its table scrolls
 *   <Panel title={…} note={…} actions={…}>…</Panel>                      a framed part of a page
 *   <Stat label={…} value={…} note={…} href={…} />                       one number that leads to its rows; wrap several in <Stats>
 *   <KeyValues items={[[t.project, project.name], …]} />                 a list of facts; an undefined value is left out
 */
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { common } from '../labels.ts'

export function Page({
  title,
  lead,
  actions,
  back,
  fill = false,
  children,
}: {
  title: string
  /** A sentence under the title, or badges. */
  lead?: ComponentChildren
  actions?: ComponentChildren
  /** Where this page hangs: a link above the title. */
  back?: { href: string; label: string }
  fill?: boolean
  children: ComponentChildren
}) {
  useEffect(() => {
    document.title = `${title} · ${common.product}`
  }, [title])
  return (
    <div class={`page${fill ? ' page-fill' : ''}`}>
      <header class="page-head">
        <div class="page-title">
          {back && (
            <a class="page-back small" href={back.href}>
              ‹ {back.label}
            </a>
          )}
          <h1>{title}</h1>
          {lead && <div class="page-lead">{lead}</div>}
        </div>
        {actions && <div class="page-actions no-print">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

export function Panel({
  title,
  note,
  actions,
  children,
  flush = false,
}: {
  title?: ComponentChildren
  note?: ComponentChildren
  actions?: ComponentChildren
  children: ComponentChildren
  /** No inner margin: for a table or a list that reaches the frame. */
  flush?: boolean
}) {
  return (
    <section class={`panel${flush ? ' panel-flush' : ''}`}>
      {(title || actions) && (
        <header class="panel-head">
          <div>
            {title && <h2>{title}</h2>}
            {note && <p class="quiet small">{note}</p>}
          </div>
          {actions && <div class="panel-actions no-print">{actions}</div>}
        </header>
      )}
      <div class="panel-body">{children}</div>
    </section>
  )
}

export function Stat({
  label,
  value,
  note,
  href,
}: {
  label: string
  value: ComponentChildren
  note?: ComponentChildren
  href?: string
}) {
  const inside = (
    <>
      <span class="stat-label">{label}</span>
      <span class="stat-value">{value}</span>
      {note && <span class="stat-note">{note}</span>}
    </>
  )
  return href === undefined ? (
    <div class="stat">{inside}</div>
  ) : (
    <a class="stat" href={href}>
      {inside}
    </a>
  )
}

export const Stats = ({ children }: { children: ComponentChildren }) => <div class="stats">{children}</div>

export function KeyValues({
  items,
  columns = 1,
}: {
  items: readonly (readonly [label: string, value: ComponentChildren])[]
  columns?: 1 | 2 | 3
}) {
  return (
    <dl class={`facts facts-${columns}`}>
      {items
        .filter(([, value]) => value !== undefined && value !== null && value !== '')
        .map(([label, value], at) => (
          <div key={`${at} ${label}`}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}
