/** Every project the reader may see: stage, size, where it stands. */
import { useState } from 'preact/hooks'
import { answer, api, until } from '../../api.ts'
import { formatNumber } from '../../format.ts'
import { common, language, levels, phaseWord } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import { LevelBadge } from '../../parts/badges.tsx'
import { Button, LinkButton } from '../../parts/button.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { FilterBar } from '../../parts/filter-bar.tsx'
import { Page } from '../../parts/panel.tsx'
import { EmptyState, Loaded, NoMatches } from '../../parts/states.tsx'
import { can } from '../../session.ts'
import { useQuery } from '../../url.ts'
import { ImportDialog } from './import-dialog.tsx'
import { NewProjectDialog } from './new-project-dialog.tsx'
import { t } from './words.ts'

const stages = ['PS', 'LA', 'SA', 'DE', 'PO'] as const
const atOnce = 200

export function Projects() {
  const query = useQuery()
  const [importing, setImporting] = useState(false)
  const q = query.get('q')
  const stage = stages.find((each) => each === query.get('stage'))
  const load = async (abort: AbortSignal) => {
    // A group has some hundred projects: all of them, page by page.
    const rows = []
    for (let after: string | null | undefined; after !== null; ) {
      const page = await answer(
        api.projects.$get(
          {
            query: {
              limit: String(atOnce),
              ...(q && { q }),
              ...(stage && { stage }),
              ...(after && { after }),
            },
          },
          until(abort),
        ),
      )
      rows.push(...page.rows)
      after = page.next
    }
    return rows
  }
  const projects = useLoad(`projects ${q} ${stage ?? ''}`, load, { refreshOn: ['exposure'] })
  const number = (n: number) => formatNumber(n, language.value)
  const importButton = can('project.manage') && (
    <Button kind="primary" icon="upload" onClick={() => setImporting(true)}>
      {t.import}
    </Button>
  )
  const count = projects.now.state === 'ready' ? projects.now.data.length : 0

  return (
    <Page
      title={t.title}
      lead={count > 0 && t.summary(number(count))}
      fill
      actions={
        <>
          <LinkButton
            href={`/api/projects/export.xlsx?language=${exportLanguage()}`}
            icon="download"
            download
          >
            {t.exportXlsx}
          </LinkButton>
          {can('project.manage') && (
            <Button icon="plus" onClick={() => query.set({ new: '1' })}>
              {t.newProject}
            </Button>
          )}
          {importButton}
        </>
      }
    >
      <FilterBar
        filters={[
          { kind: 'search', name: 'q', label: t.searchHint },
          {
            kind: 'select',
            name: 'stage',
            label: t.stage,
            options: stages.map((value) => ({ value, label: phaseWord[value] })),
          },
        ]}
      />
      <Loaded of={projects} what={t.title}>
        {(rows) =>
          rows.length === 0 && !q && !stage ? (
            <EmptyState icon="building" title={t.none} hint={t.noneHint} action={importButton} />
          ) : (
            <DataTable
              label={t.title}
              rows={rows}
              rowKey={(row) => row.id}
              href={(row) => `/projects/${row.id}`}
              fill
              empty={<NoMatches onClear={() => query.set({ q: null, stage: null })} />}
              phone={(row) => (
                <>
                  <p>
                    <b>{row.name}</b> <Levels levels={row.levels} />
                  </p>
                  <p class="quiet small">
                    {row.city} · {phaseWord[row.stage]}
                    {row.households !== null && ` · ${t.householdsOf(number(row.households))}`}
                  </p>
                </>
              )}
              columns={[
                { id: 'name', head: t.name, main: true, cell: (row) => row.name, sort: (row) => row.name },
                {
                  id: 'levels',
                  head: t.levels,
                  width: '13rem',
                  cell: (row) => <Levels levels={row.levels} />,
                  sort: (row) => levels.reduce((sum, level) => sum * 100 + row.levels[level], 0),
                },
                {
                  id: 'stage',
                  head: t.stage,
                  width: '7rem',
                  cell: (row) => phaseWord[row.stage],
                  sort: (row) => stages.indexOf(row.stage),
                },
                {
                  id: 'company',
                  head: t.company,
                  width: '11rem',
                  from: 'm',
                  cell: (row) => row.cityCompany,
                  sort: (row) => row.cityCompany,
                },
                {
                  id: 'households',
                  head: t.households,
                  width: '6rem',
                  align: 'end',
                  from: 'm',
                  cell: (row) => (row.households === null ? '—' : number(row.households)),
                  sort: (row) => row.households,
                },
                {
                  id: 'complaints',
                  head: t.openComplaints,
                  width: { zh: '7rem', en: '9rem' },
                  align: 'end',
                  from: 'm',
                  cell: (row) => number(row.openComplaints ?? 0),
                  sort: (row) => row.openComplaints ?? 0,
                },
                {
                  id: 'next',
                  head: t.nextMilestone,
                  width: '8rem',
                  from: 'l',
                  cell: (row) => row.nextMilestoneOn ?? '—',
                  sort: (row) => row.nextMilestoneOn,
                },
                { id: 'code', head: t.code, width: '6rem', from: 'l', cell: (row) => row.code },
              ]}
            />
          )
        }
      </Loaded>
      <ImportDialog
        open={importing}
        onClose={() => setImporting(false)}
        onStored={() => void projects.reload()}
      />
      {can('project.manage') && query.get('new') !== '' && (
        <NewProjectDialog
          name={query.get('new') === '1' ? '' : query.get('new')}
          onClose={() => query.set({ new: null })}
        />
      )}
    </Page>
  )
}

const exportLanguage = () => (language.value === 'en' ? 'en' : 'zh')

/** How many risks stand at each level; numeral and shape beside the colour. */
function Levels({ levels: counts }: { levels: Readonly<Record<(typeof levels)[number], number>> }) {
  const shown = levels.filter((level) => counts[level] > 0)
  if (shown.length === 0) return <span class="quiet">{common.none}</span>
  return (
    <span>
      {shown.map((level) => (
        <span key={level}>
          <LevelBadge level={level} short /> {counts[level]}{' '}
        </span>
      ))}
    </span>
  )
}
