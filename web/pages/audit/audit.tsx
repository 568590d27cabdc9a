/** Who did what and when; read only. The chain of hashes can be checked by whoever reads the whole trail. */
import type { InferResponseType } from 'hono/client'
import { useState } from 'preact/hooks'
import { answer, api, until } from '../../api.ts'
import { usePaged } from '../../load.ts'
import { Button } from '../../parts/button.tsx'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { FilterBar } from '../../parts/filter-bar.tsx'
import { Drawer } from '../../parts/overlay.tsx'
import { KeyValues, Page } from '../../parts/panel.tsx'
import { EmptyState, Loaded } from '../../parts/states.tsx'
import { ExactTime } from '../../parts/time.tsx'
import { toast } from '../../parts/toast.tsx'
import { currentUser } from '../../session.ts'
import { useQuery } from '../../url.ts'
import { t } from './words.ts'

type Entry = InferResponseType<typeof api.audit.$get>['rows'][number]

const subjectOf = (entry: Entry) => [entry.subjectKind, entry.subjectId].filter(Boolean).join(' ')
const dayMs = 86_400_000

export function Audit() {
  const query = useQuery()
  const filter = {
    ...(query.get('action') && { action: query.get('action') }),
    ...(query.get('subject') && { subjectKind: query.get('subject') }),
    // Days are Shanghai days; the last one is meant whole.
    ...(query.get('from') && { from: `${query.get('from')}T00:00:00+08:00` }),
    ...(query.get('to') && {
      until: new Date(Date.parse(`${query.get('to')}T00:00:00+08:00`) + dayMs).toISOString(),
    }),
  }
  const entries = usePaged(`audit ${JSON.stringify(filter)}`, (after, abort) =>
    answer(api.audit.$get({ query: { ...filter, ...(after && { after }), limit: '100' } }, until(abort))),
  )
  const [open, setOpen] = useState<Entry>()

  const verify = async () => {
    const { firstBroken } = await answer(api.audit.verify.$get())
    if (firstBroken === null || firstBroken === undefined) toast.done(t.intact)
    else toast.failure({ message: t.broken(String(firstBroken)) })
  }
  const columns: readonly Column<Entry>[] = [
    { id: 'at', head: t.at, width: '10rem', cell: (entry) => <ExactTime at={entry.at} /> },
    { id: 'actor', head: t.actor, width: '9rem', cell: (entry) => entry.actor },
    { id: 'action', head: t.action, main: true, cell: (entry) => <code>{entry.action}</code> },
    { id: 'subject', head: t.subject, cell: subjectOf, from: 'm' },
    { id: 'clause', head: t.clause, width: '8rem', cell: (entry) => entry.clause ?? '', from: 'l' },
  ]
  return (
    <Page
      title={t.title}
      fill
      actions={
        currentUser()?.scope.all && (
          <Button icon="shield" onClick={verify}>
            {t.verify}
          </Button>
        )
      }
    >
      <FilterBar
        filters={[
          { kind: 'search', name: 'action', label: t.actionFilter },
          { kind: 'search', name: 'subject', label: t.subjectFilter },
          { kind: 'days', from: 'from', to: 'to', label: t.days },
        ]}
      />
      <Loaded of={entries} what={t.title}>
        {(data) => (
          <DataTable
            fill
            label={t.title}
            rows={data.rows}
            rowKey={(entry) => entry.id}
            columns={columns}
            onOpen={setOpen}
            chosen={open?.id}
            hasMore={data.next !== null}
            more={entries.more}
            empty={<EmptyState title={t.none} />}
            phone={(entry) => (
              <>
                <span class="line">
                  <strong>{entry.actor}</strong>
                  <span class="quiet small">
                    <ExactTime at={entry.at} />
                  </span>
                </span>
                <span class="small">
                  <code>{entry.action}</code> {subjectOf(entry)}
                </span>
              </>
            )}
          />
        )}
      </Loaded>
      <Drawer open={open !== undefined} onClose={() => setOpen(undefined)} title={open?.action ?? ''}>
        {open && (
          <div class="stack">
            <KeyValues
              items={[
                [t.at, <ExactTime key="at" at={open.at} />],
                [t.actor, open.actor],
                [t.subject, subjectOf(open)],
                [t.clause, open.clause],
              ]}
            />
            <section class="stack-tight">
              <h3>{t.detail}</h3>
              <pre class="failure-text small">{JSON.stringify(open.detail, null, 2)}</pre>
            </section>
          </div>
        )}
      </Drawer>
    </Page>
  )
}
