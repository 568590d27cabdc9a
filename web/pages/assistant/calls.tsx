/** Every call to the language model; read only, for administrators and auditors. */
import type { InferResponseType } from 'hono/client'
import { useState } from 'preact/hooks'
import { answer, api, until } from '../../api.ts'
import { formatNumber } from '../../format.ts'
import { language } from '../../labels.ts'
import { useLoad, usePaged } from '../../load.ts'
import { LinkButton } from '../../parts/button.tsx'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { FilterBar } from '../../parts/filter-bar.tsx'
import { Drawer } from '../../parts/overlay.tsx'
import { KeyValues, Page } from '../../parts/panel.tsx'
import { EmptyState, Loaded } from '../../parts/states.tsx'
import { ExactTime } from '../../parts/time.tsx'
import { can } from '../../session.ts'
import { useQuery } from '../../url.ts'
import { cutWord, draftWord, outcomeWord, purposeWord, stateWord, subjectWord, t, wordOf } from './words.ts'

type Row = InferResponseType<typeof api.assistant.calls.$get>['rows'][number]

const number = (n: number) => formatNumber(n, language.value)
const dayMs = 86_400_000
const purposes = ['labels', 'summary', 'draft', 'severity', 'test'] as const

const purposeOf = (row: Pick<Row, 'purpose' | 'draftKind'>) =>
  row.draftKind === null
    ? purposeWord[row.purpose]
    : `${purposeWord[row.purpose]} · ${draftWord[row.draftKind]}`
const outcomeOf = (row: Pick<Row, 'state' | 'outcome'>) =>
  row.state === 'done' ? wordOf(outcomeWord, row.outcome) : t.unfinished
const tookOf = ({ startedAt, finishedAt }: Pick<Row, 'startedAt' | 'finishedAt'>) =>
  startedAt === null || finishedAt === null
    ? ''
    : t.seconds(((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000).toFixed(1))

function Subject({ row }: { row: Pick<Row, 'subjectKind' | 'subjectId'> }) {
  const word = `${subjectWord[row.subjectKind]} ${row.subjectId ?? ''}`
  if (row.subjectKind === 'mention' && can('mention.read'))
    return <a href={`/mentions/${row.subjectId}`}>{word}</a>
  if (row.subjectKind === 'warning' && can('warning.read'))
    return <a href={`/warnings/${row.subjectId}`}>{word}</a>
  return <>{word}</>
}

export function AssistantCalls() {
  const query = useQuery()
  const purpose = purposes.find((one) => one === query.get('purpose'))
  const filter = {
    ...(purpose && { purpose }),
    ...(query.get('outcome') === 'failed' && { outcome: 'failed' as const }),
    // Days are Shanghai days; the last one is meant whole.
    ...(query.get('from') && { from: `${query.get('from')}T00:00:00+08:00` }),
    ...(query.get('to') && {
      until: new Date(Date.parse(`${query.get('to')}T00:00:00+08:00`) + dayMs).toISOString(),
    }),
  }
  const calls = usePaged(
    `assistant-calls ${JSON.stringify(filter)}`,
    (after, abort) =>
      answer(api.assistant.calls.$get({ query: { ...filter, ...(after && { after }) } }, until(abort))),
    { refreshOn: ['assistant'] },
  )
  const [open, setOpen] = useState<Row>()
  const columns: readonly Column<Row>[] = [
    { id: 'at', head: t.at, width: '10rem', cell: (row) => <ExactTime at={row.askedAt} /> },
    { id: 'who', head: t.who, width: '9rem', cell: (row) => row.askedBy },
    { id: 'purpose', head: t.purpose, main: true, cell: purposeOf },
    {
      id: 'subject',
      head: t.subject,
      cell: (row) => `${subjectWord[row.subjectKind]} ${row.subjectId ?? ''}`,
      from: 'm',
    },
    { id: 'outcome', head: t.outcome, cell: outcomeOf },
    { id: 'took', head: t.took, width: '6rem', align: 'end', cell: tookOf, from: 'l' },
    {
      id: 'tokens',
      head: t.tokens,
      width: '6rem',
      align: 'end',
      cell: (row) => number(row.tokens),
      from: 'l',
    },
  ]
  return (
    <Page
      title={t.title}
      lead={t.logLead}
      fill
      actions={
        can('assistant.manage') && (
          <LinkButton href="/assistant/settings" icon="sliders">
            {t.toSettings}
          </LinkButton>
        )
      }
    >
      <FilterBar
        filters={[
          {
            kind: 'select',
            name: 'purpose',
            label: t.purpose,
            options: purposes.map((value) => ({ value, label: purposeWord[value] })),
          },
          {
            kind: 'select',
            name: 'outcome',
            label: t.outcome,
            options: [{ value: 'failed', label: t.failed }],
          },
          { kind: 'days', from: 'from', to: 'to', label: t.days },
        ]}
      />
      <Loaded of={calls} what={t.title}>
        {(data) => (
          <DataTable
            fill
            label={t.title}
            rows={data.rows}
            rowKey={(row) => row.id}
            columns={columns}
            onOpen={setOpen}
            chosen={open?.id}
            hasMore={data.next !== null}
            more={calls.more}
            empty={<EmptyState title={t.none} hint={t.noneHint} />}
            phone={(row) => (
              <>
                <span class="line">
                  <strong>{purposeOf(row)}</strong>
                  <span class="quiet small">
                    <ExactTime at={row.askedAt} />
                  </span>
                </span>
                <span class="small">
                  {row.askedBy} · {outcomeOf(row)}
                </span>
              </>
            )}
          />
        )}
      </Loaded>
      <Drawer
        open={open !== undefined}
        onClose={() => setOpen(undefined)}
        title={open ? purposeOf(open) : ''}
      >
        {open && <Detail id={open.id} />}
      </Drawer>
    </Page>
  )
}

function Detail({ id }: { id: number }) {
  const call = useLoad(`assistant-call ${id}`, (abort) =>
    answer(api.assistant.calls[':id'].$get({ param: { id: String(id) } }, until(abort))),
  )
  return (
    <Loaded of={call} what={t.purpose}>
      {(data) => (
        <div class="stack">
          <KeyValues
            items={[
              [t.at, <ExactTime key="at" at={data.askedAt} />],
              [t.who, data.askedBy],
              [t.subject, <Subject key="subject" row={data} />],
              [t.model, data.model],
              [t.outcome, outcomeOf(data)],
              [t.detail, data.detail],
              [t.took, tookOf(data)],
              [t.attempts, number(data.attempts)],
              [
                t.tokens,
                data.tokensIn === null || data.tokensOut === null
                  ? `≤ ${number(data.tokens)}`
                  : `${number(data.tokensIn)} + ${number(data.tokensOut)}`,
              ],
              [t.given, data.given.join(' ')],
              [t.promptChars, data.promptChars === null ? undefined : number(data.promptChars)],
              [t.promptHash, data.promptHash && <code class="small">{data.promptHash}</code>],
              [
                t.cutHead,
                Object.entries(data.cut)
                  .map(([reason, count]) => `${wordOf(cutWord, reason)} ${number(count)}`)
                  .join(' · '),
              ],
              [
                t.decisions,
                data.decisions
                  .map(({ state, decidedBy }) => [stateWord[state], decidedBy].filter(Boolean).join(' '))
                  .join(' · '),
              ],
            ]}
          />
          {data.answer !== null && (
            <section class="stack-tight">
              <h3>{t.answer}</h3>
              <pre class="failure-text small">{data.answer}</pre>
            </section>
          )}
        </div>
      )}
    </Loaded>
  )
}
