/** One project: where it stands, what it is called, which days count. */
import { useState } from 'preact/hooks'
import { answer, api, asFailure, until } from '../../api.ts'
import { formatNumber, shanghaiDay } from '../../format.ts'
import { language, phaseWord, say } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import type { PageProps } from '../../page.ts'
import { Chip, LevelBadge, StateBadge } from '../../parts/badges.tsx'
import { Button, IconButton } from '../../parts/button.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Input } from '../../parts/field.tsx'
import { KeyValues, Page, Panel } from '../../parts/panel.tsx'
import { EmptyState, Loaded } from '../../parts/states.tsx'
import { RelativeTime } from '../../parts/time.tsx'
import { toast } from '../../parts/toast.tsx'
import { can } from '../../session.ts'
import { IndicatorsOfProject } from '../indicators/of-project.tsx'
import { milestoneName, t } from './words.ts'

export function Project({ params }: PageProps) {
  const param = { id: params.id ?? '' }
  const project = useLoad(
    `project ${param.id}`,
    (abort) => answer(api.projects[':id'].$get({ param }, until(abort))),
    { refreshOn: ['exposure'] },
  )
  const title = project.now.state === 'ready' ? project.now.data.name : t.title
  return (
    <Page title={title} back={{ href: '/projects', label: t.title }}>
      <Loaded of={project} what={t.title}>
        {(data) => (
          <div class="stack">
            <Panel>
              <KeyValues
                columns={3}
                items={[
                  [t.code, data.code],
                  [t.company, data.cityCompany],
                  [t.stage, phaseWord[data.stage]],
                  [
                    t.households,
                    data.households === null ? '—' : formatNumber(data.households, language.value),
                  ],
                  [t.place, [data.city, data.district, data.address].filter(Boolean).join(' · ')],
                  [t.coordinates, data.longitude === null ? '—' : `${data.longitude}, ${data.latitude}`],
                ]}
              />
            </Panel>
            <Panel title={t.exposures} flush={data.exposures.length > 0}>
              {data.exposures.length === 0 ? (
                <EmptyState icon="shield" title={t.noExposures} />
              ) : (
                <DataTable
                  label={t.exposures}
                  rows={data.exposures}
                  rowKey={(row) => row.riskCode}
                  columns={[
                    {
                      id: 'risk',
                      head: t.risk,
                      main: true,
                      cell: (row) => `${row.riskCode} ${say({ zh: row.nameZh ?? '', en: row.nameEn ?? '' })}`,
                    },
                    {
                      id: 'level',
                      head: t.level,
                      width: '7rem',
                      cell: (row) => row.level && <LevelBadge level={row.level} />,
                    },
                    {
                      id: 'mentions',
                      head: t.mentions,
                      width: '6rem',
                      align: 'end',
                      cell: (row) => formatNumber(row.mentionCount, language.value),
                    },
                    {
                      id: 'open',
                      head: t.openComplaints,
                      width: { zh: '7rem', en: '9rem' },
                      align: 'end',
                      cell: (row) => formatNumber(row.openComplaintCount, language.value),
                    },
                    {
                      id: 'last',
                      head: t.lastEvidence,
                      width: '8rem',
                      from: 'm',
                      cell: (row) => <RelativeTime at={row.lastEvidenceAt} />,
                    },
                  ]}
                />
              )}
            </Panel>
            <IndicatorsOfProject id={param.id} />
            <Aliases id={param.id} aliases={data.aliases} onChanged={() => project.reload()} />
            <Panel title={t.milestones} flush={data.milestones.length > 0}>
              <DataTable
                label={t.milestones}
                rows={data.milestones}
                rowKey={(row) => row.id}
                empty={<EmptyState icon="calendar" title={t.noMilestones} />}
                columns={[
                  { id: 'kind', head: t.milestone, main: true, cell: (row) => milestoneName(row.kind) },
                  { id: 'phase', head: t.phases, width: '7rem', cell: (row) => row.phaseName ?? '—' },
                  { id: 'planned', head: t.planned, width: '8rem', cell: (row) => row.plannedOn },
                  {
                    id: 'actual',
                    head: t.actual,
                    width: '9rem',
                    cell: (row) =>
                      row.actualOn ??
                      (row.plannedOn < shanghaiDay(Date.now()) ? (
                        <StateBadge word={t.late} tone="open" />
                      ) : (
                        '—'
                      )),
                  },
                ]}
              />
            </Panel>
            <Panel title={t.phases} flush={data.phases.length > 0}>
              <DataTable
                label={t.phases}
                rows={data.phases}
                rowKey={(row) => row.name}
                empty={<EmptyState icon="building" title={t.noPhases} />}
                columns={[
                  { id: 'name', head: t.phases, main: true, cell: (row) => row.name },
                  { id: 'buildings', head: t.buildings, cell: (row) => row.buildings ?? '—' },
                  {
                    id: 'households',
                    head: t.households,
                    width: '7rem',
                    align: 'end',
                    cell: (row) =>
                      row.households === null ? '—' : formatNumber(row.households, language.value),
                  },
                  { id: 'delivery', head: t.delivery, width: '9rem', cell: (row) => row.deliveryOn ?? '—' },
                ]}
              />
            </Panel>
          </div>
        )}
      </Loaded>
    </Page>
  )
}

function Aliases({
  id,
  aliases,
  onChanged,
}: {
  id: string
  aliases: readonly { alias: string; kind: 'alias' | 'promotion-name' | 'learnt' }[]
  onChanged: () => Promise<void>
}) {
  const [name, setName] = useState('')
  const mayChange = can('project.manage')
  const change = async (call: Promise<{ isRereading: boolean }>) => {
    try {
      const { isRereading } = await call
      toast.done(isRereading ? `${t.done} · ${t.rereading}` : t.done)
      setName('')
      await onChanged()
    } catch (thrown) {
      toast.failure(asFailure(thrown))
    }
  }
  const add = () =>
    name.trim() !== '' &&
    change(
      answer(
        api.projects[':id'].aliases.$post({ param: { id }, json: { alias: name.trim(), kind: 'alias' } }),
      ),
    )
  return (
    <Panel title={t.aliases} note={t.aliasesHint}>
      <div class="stack">
        <p>
          {aliases.map(({ alias, kind }) => (
            <span key={alias}>
              <Chip title={t.aliasKind[kind]}>
                {alias}
                {mayChange && (
                  <IconButton
                    icon="close"
                    label={`${t.remove} ${alias}`}
                    onClick={() =>
                      change(answer(api.projects[':id'].aliases.$delete({ param: { id }, query: { alias } })))
                    }
                  />
                )}
              </Chip>{' '}
            </span>
          ))}
        </p>
        {mayChange && (
          <div class="line line-end">
            <Input
              label={t.newAlias}
              value={name}
              onValue={setName}
              maxLength={60}
              onEnter={() => void add()}
            />
            <Button icon="plus" disabled={name.trim().length < 2} onClick={add}>
              {t.add}
            </Button>
          </div>
        )}
      </div>
    </Panel>
  )
}
