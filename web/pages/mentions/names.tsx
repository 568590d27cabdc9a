/** Names of estates seen in several texts that belong to no project: another name of one, a new one, or nothing of ours. */
import type { InferResponseType } from 'hono/client'
import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { answer, api, asFailure, until } from '../../api.ts'
import { formatList, formatNumber } from '../../format.ts'
import { language } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import { Chip } from '../../parts/badges.tsx'
import { Button, LinkButton } from '../../parts/button.tsx'
import { EmptyState, Loaded } from '../../parts/states.tsx'
import { ExactTime } from '../../parts/time.tsx'
import { toast } from '../../parts/toast.tsx'
import { can } from '../../session.ts'
import { ChooseProject } from './choose-project.tsx'
import { Deck, Key } from './deck.tsx'
import { t } from './words.ts'

const { names } = api.mentions.unresolved
type Data = InferResponseType<typeof names.$get>
type Name = Data['rows'][number]

const number = (n: number) => formatNumber(n, language.value)

export function Names() {
  const loader = useLoad('estate-names', (abort) => answer(names.$get({}, until(abort))), {
    refreshOn: ['mention'],
  })
  return (
    <Loaded of={loader} what={t.newNames}>
      {({ rows }) => <NameDeck rows={rows} put={loader.put} reload={loader.reload} />}
    </Loaded>
  )
}

function NameDeck({
  rows,
  put,
  reload,
}: {
  rows: readonly Name[]
  put: (data: Data) => void
  reload: () => Promise<void>
}) {
  const [done, setDone] = useState<{ said: string; row: Name; projectId?: number }>()
  const [choosing, setChoosing] = useState<Name>()
  const { route } = useLocation()
  const mayDecide = can('mention.correct')

  const decide = async (row: Name, said: string, projectId?: number) => {
    put({ rows: rows.filter(({ name }) => name !== row.name) })
    const of = { name: row.name, variants: [...row.variants] }
    try {
      const json =
        projectId === undefined
          ? { decision: 'ignore' as const, ...of }
          : { decision: 'alias' as const, ...of, projectId }
      await answer(names.$post({ json }))
      setDone({ said, row, ...(projectId !== undefined && { projectId }) })
    } catch (failure) {
      put({ rows: [...rows] })
      throw failure
    } finally {
      void reload()
    }
  }
  const alias = (row: Name, project: { id: number; name: string }) =>
    decide(row, t.aliasDone(row.name, project.name), project.id)
  const ignore = (row: Name) => decide(row, t.ignoredName(row.name))
  const undo = async () => {
    if (done === undefined) return
    const { row, projectId } = done
    const of = { name: row.name, variants: [...row.variants], ...(projectId !== undefined && { projectId }) }
    await answer(names.$post({ json: { decision: 'reopen', ...of } }))
    setDone(undefined)
    toast.done(t.undone)
    await reload()
  }
  const orToast = (work: Promise<unknown>) => void work.catch((thrown) => toast.failure(asFailure(thrown)))
  const newProject = (row: Name) => `/projects?new=${encodeURIComponent(row.name)}`

  return (
    <>
      <p class="quiet small">{t.newNamesHint}</p>
      {done && (
        <p class="deck-done" role="status">
          {done.said}{' '}
          <Button small kind="quiet" onClick={undo}>
            {t.undo} <Key>u</Key>
          </Button>
        </p>
      )}
      {rows.length === 0 ? (
        <EmptyState icon="check" title={t.noNames} hint={t.noNamesHint} />
      ) : (
        <Deck
          label={t.newNames}
          items={rows}
          itemKey={(row) => row.name}
          onUndo={() => orToast(undo())}
          deciding={(row) => ({
            take: (n) => {
              const project = row.likely[n - 1]
              if (mayDecide && project) orToast(alias(row, project))
            },
            choose: () => mayDecide && setChoosing(row),
            refuse: () => mayDecide && orToast(ignore(row)),
            mark: () => can('project.manage') && route(newProject(row)),
          })}
        >
          {(row) => (
            <>
              <div class="deck-head">
                <h2 class="deck-name">{row.name}</h2>
                <span class="quiet small">
                  {t.seenSince(number(row.texts), number(row.families))} <ExactTime at={row.firstAt} />
                </span>
                {row.near > 0 && <Chip>{t.nearUs(number(row.near))}</Chip>}
              </div>
              {row.variants.length > 0 && (
                <p class="quiet small">{t.variants(formatList(row.variants, language.value))}</p>
              )}
              <ul class="deck-texts">
                {row.examples.map((example) => (
                  <li key={example.id} class="deck-text">
                    <a href={`/mentions/${example.id}`}>{example.title}</a>{' '}
                    <span class="quiet small">{example.publisher}</span>
                  </li>
                ))}
              </ul>
              {mayDecide && (
                <div class="line">
                  {row.likely.map((project, at) => (
                    <Button key={project.id} small icon="link" onClick={() => alias(row, project)}>
                      {t.isAliasOf(project.name)} <Key>{at + 1}</Key>
                    </Button>
                  ))}
                  <Button small icon="search" onClick={() => setChoosing(row)}>
                    {t.aliasOfOther} <Key>↵</Key>
                  </Button>
                  {can('project.manage') && (
                    <LinkButton small icon="plus" href={newProject(row)}>
                      {t.newProject}
                    </LinkButton>
                  )}
                  <Button small icon="close" onClick={() => ignore(row)}>
                    {t.ignore} <Key>n</Key>
                  </Button>
                </div>
              )}
            </>
          )}
        </Deck>
      )}
      {choosing && (
        <ChooseProject
          title={t.aliasTitle(choosing.name)}
          alias={undefined}
          onChoose={(project) => alias(choosing, project)}
          onClose={() => setChoosing(undefined)}
        />
      )}
    </>
  )
}
