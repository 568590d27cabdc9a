/** The inbox: texts that carry a risk or name us and are nobody's project, and names of estates that no project has. */
import './inbox.css'
import type { InferResponseType } from 'hono/client'
import { useState } from 'preact/hooks'
import { answer, api, asFailure, until } from '../../api.ts'
import { formatNumber, formatScore } from '../../format.ts'
import { language, say } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import { Chip } from '../../parts/badges.tsx'
import { Button } from '../../parts/button.tsx'
import { Checkbox } from '../../parts/field.tsx'
import { FilterBar } from '../../parts/filter-bar.tsx'
import { Page } from '../../parts/panel.tsx'
import { EmptyState, Loaded, NoMatches } from '../../parts/states.tsx'
import { RelativeTime } from '../../parts/time.tsx'
import { toast } from '../../parts/toast.tsx'
import { can } from '../../session.ts'
import { useQuery } from '../../url.ts'
import { ChooseProject } from './choose-project.tsx'
import { Deck, Key } from './deck.tsx'
import { Names } from './names.tsx'
import { Polarity } from './parts.tsx'
import { Units, Why } from './why.tsx'
import { t } from './words.ts'

const inbox = api.mentions.unresolved
type Inbox = InferResponseType<typeof inbox.$get>
type Group = Inbox['groups'][number]
type Text = Group['texts'][number]

const kinds = ['candidate', 'company', 'risk'] as const
const number = (n: number) => formatNumber(n, language.value)
/** The server takes no more at once. */
const mostAtOnce = 500
const mostCounted = 1_000
const textsShown = 3

export function Unresolved() {
  const query = useQuery()
  const view = query.oneOf('view', ['texts', 'names'])
  return (
    <Page title={t.unresolved} lead={t.unresolvedLead} back={{ href: '/mentions', label: t.back }}>
      <nav class="choices deck-views" aria-label={t.show}>
        {(['texts', 'names'] as const).map((one) => (
          <a
            key={one}
            class="choice"
            href={query.href({ view: one === 'texts' ? null : one, kind: null })}
            aria-current={view === one ? 'page' : undefined}
          >
            {one === 'texts' ? t.waitingTexts : t.newNames}
          </a>
        ))}
      </nav>
      {view === 'texts' ? <Waiting /> : <Names />}
    </Page>
  )
}

interface Done {
  said: string
  undo: { mentionIds: number[]; projectId?: number; alias?: string }
}

function Waiting() {
  const query = useQuery()
  const kind = kinds.find((one) => one === query.get('kind'))
  const after = query.get('after') || undefined
  const loader = useLoad(
    `unresolved ${kind ?? ''} ${after ?? ''}`,
    (abort) =>
      answer(inbox.$get({ query: { ...(kind && { kind }), ...(after && { after }) } }, until(abort))),
    { refreshOn: ['mention'] },
  )
  const choices = useLoad('mention-choices', (abort) => answer(api.mentions.choices.$get({}, until(abort))))
  const risks = choices.now.state === 'ready' ? choices.now.data.risks : []
  const riskName = (code: string) => {
    const risk = risks.find((one) => one.code === code)
    return risk ? say({ zh: risk.nameZh, en: risk.nameEn }) : code
  }
  return (
    <>
      <FilterBar
        drops={['after']}
        filters={[
          {
            kind: 'choice',
            name: 'kind',
            label: t.show,
            options: kinds.map((one) => ({ value: one, label: t.inboxKind[one] })),
          },
        ]}
      />
      <Loaded of={loader} what={t.unresolved}>
        {(data) => (
          <WaitingGroups
            data={data}
            put={loader.put}
            reload={loader.reload}
            riskName={riskName}
            empty={
              !data.isHeadquarters ? (
                <EmptyState icon="inbox" title={t.onlyHeadquarters} hint={t.onlyHeadquartersHint} />
              ) : kind ? (
                <NoMatches onClear={() => query.set({ kind: null, after: null })} />
              ) : (
                <EmptyState icon="check" title={t.nothingWaits} hint={t.nothingWaitsHint} />
              )
            }
            older={
              data.next === null ? undefined : (
                <a class="button button-secondary" href={query.href({ after: data.next })}>
                  {t.older}
                </a>
              )
            }
          />
        )}
      </Loaded>
    </>
  )
}

function WaitingGroups({
  data,
  put,
  reload,
  riskName,
  empty,
  older,
}: {
  data: Inbox
  put: (data: Inbox) => void
  reload: () => Promise<void>
  riskName: (code: string) => string
  empty: preact.ComponentChildren
  older: preact.ComponentChildren
}) {
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set())
  const [done, setDone] = useState<Done>()
  const [choosing, setChoosing] = useState<{ groups: readonly Group[]; alias: string }>()
  // What the texts call it is remembered unless the reader says otherwise, where it is a name of its own.
  const [unlearnt, setUnlearnt] = useState<ReadonlySet<string>>(new Set())
  const mayDecide = can('mention.correct')
  const { groups } = data
  const chosen = groups.filter(({ key }) => marked.has(key))

  const idsOf = (of: readonly Group[]) => of.flatMap(({ texts }) => texts.map(({ id }) => id))
  /** Runs a decision; what was decided leaves the list at once, and comes back when it fails. */
  const decide = async (
    of: readonly Group[],
    said: string,
    undo: Omit<Done['undo'], 'mentionIds'>,
    send: () => Promise<unknown>,
  ) => {
    const keys = new Set(of.map(({ key }) => key))
    const mentionIds = idsOf(of)
    put({
      ...data,
      groups: groups.filter(({ key }) => !keys.has(key)),
      waiting: Math.max(0, data.waiting - mentionIds.length),
    })
    try {
      await send()
      setMarked(new Set([...marked].filter((key) => !keys.has(key))))
      setDone({ said, undo: { mentionIds, ...undo } })
    } catch (failure) {
      put(data)
      throw failure
    } finally {
      void reload()
    }
  }
  const attach = (of: readonly Group[], project: { id: number; name: string }, alias: string | undefined) => {
    const mentionIds = idsOf(of)
    const taught = alias === undefined ? {} : { alias }
    const json = { mentionIds, projectId: project.id, ...taught }
    return decide(
      of,
      t.attachedMany(number(mentionIds.length), project.name, alias ?? ''),
      { projectId: project.id, ...taught },
      () => answer(inbox.attach.$post({ json })),
    )
  }
  const dismiss = (of: readonly Group[]) =>
    decide(of, t.dismissedMany(number(idsOf(of).length)), {}, () =>
      answer(inbox.dismiss.$post({ json: { mentionIds: idsOf(of) } })),
    )
  const undo = async () => {
    if (done === undefined) return
    await answer(inbox.undo.$post({ json: done.undo }))
    setDone(undefined)
    toast.done(t.undone)
    await reload()
  }
  const orToast = (work: Promise<unknown>) => void work.catch((thrown) => toast.failure(asFailure(thrown)))

  const ownName = (group: Group) => (group.kind === 'estate' ? group.name : undefined)
  const aliasOf = (group: Group) => (unlearnt.has(group.key) ? undefined : ownName(group))
  const take = (group: Group, n: number) => {
    const candidate = group.candidates[n - 1]
    if (!mayDecide || candidate === undefined) return undefined
    return attach([group], { id: candidate.projectId, name: candidate.name }, aliasOf(group))
  }
  const choose = (of: readonly Group[]) =>
    mayDecide &&
    of.length > 0 &&
    setChoosing({ groups: of, alias: of.length === 1 && of[0] ? (ownName(of[0]) ?? '') : '' })
  const toggle = (set: ReadonlySet<string>, key: string) => {
    const next = new Set(set)
    if (!next.delete(key)) next.add(key)
    return next
  }
  const tooMany = idsOf(chosen).length > mostAtOnce

  return (
    <>
      {data.waiting > 0 && (
        <p class="quiet small" role="status">
          {data.waiting >= mostCounted
            ? t.waitingAtLeast(number(mostCounted))
            : t.waitingCount(number(data.waiting))}
          {' · '}
          {t.inGroups(number(groups.length))}
        </p>
      )}
      {done && (
        <p class="deck-done" role="status">
          {done.said}{' '}
          <Button small kind="quiet" onClick={undo}>
            {t.undo} <Key>u</Key>
          </Button>
        </p>
      )}
      {chosen.length > 0 && (
        <section class="deck-bulk" aria-label={t.together}>
          <strong>{t.markedCount(number(chosen.length), number(idsOf(chosen).length))}</strong>
          {tooMany && <span class="small">{t.tooManyAtOnce(number(mostAtOnce))}</span>}
          <Button small icon="link" disabled={tooMany} onClick={() => choose(chosen)}>
            {t.attachTogether}
          </Button>
          <Button small icon="close" disabled={tooMany} onClick={() => dismiss(chosen)}>
            {t.notOurs}
          </Button>
          <Button small kind="quiet" onClick={() => setMarked(new Set())}>
            {t.unmark}
          </Button>
        </section>
      )}
      {groups.length === 0 ? (
        empty
      ) : (
        <Deck
          label={t.unresolved}
          items={groups}
          itemKey={(group) => group.key}
          onUndo={() => orToast(undo())}
          deciding={(group) => ({
            take: (n) => orToast(Promise.resolve(take(group, n))),
            choose: () => choose([group]),
            refuse: () => mayDecide && orToast(dismiss([group])),
            mark: () => mayDecide && setMarked(toggle(marked, group.key)),
          })}
        >
          {(group) => (
            <>
              <div class="deck-head">
                {mayDecide && (
                  <Checkbox
                    label={<span class="for-ears">{t.mark(headingOf(group))}</span>}
                    checked={marked.has(group.key)}
                    onChecked={() => setMarked(toggle(marked, group.key))}
                  />
                )}
                <h2 class="deck-name">
                  {group.name === '' ? (
                    <a href={`/mentions/${group.texts[0]?.id}`}>{headingOf(group)}</a>
                  ) : (
                    headingOf(group)
                  )}
                </h2>
                <span class="quiet small">
                  {t.textsAndFamilies(number(group.texts.length), number(group.families))}
                </span>
                {group.namesUs && <Chip>{t.namesUs}</Chip>}
                {group.riskCodes.map((code) => (
                  <Chip key={code} title={riskName(code)}>
                    {code}
                  </Chip>
                ))}
              </div>
              <Texts texts={group.texts} isHeaded={group.name === ''} />
              {group.candidates.length > 0 && (
                <ol class="deck-candidates" aria-label={t.candidates}>
                  {group.candidates.map((candidate, at) => (
                    <li key={candidate.projectId} class="deck-candidate">
                      <div class="line">
                        <strong>{candidate.name}</strong>
                        <span class="quiet small">{candidate.city}</span>
                        <span class="small">{t.sure(formatScore(candidate.confidence))}</span>
                        {mayDecide && (
                          <Button small icon="check" onClick={() => take(group, at + 1)}>
                            {t.attachHere} <Key>{at + 1}</Key>
                          </Button>
                        )}
                      </div>
                      <Why factors={candidate.factors} />
                    </li>
                  ))}
                </ol>
              )}
              {mayDecide && (
                <div class="line">
                  <Button small icon="search" onClick={() => choose([group])}>
                    {t.otherProject} <Key>↵</Key>
                  </Button>
                  <Button small icon="close" onClick={() => dismiss([group])}>
                    {t.notOurs} <Key>n</Key>
                  </Button>
                  {ownName(group) !== undefined && group.candidates.length > 0 && (
                    <Checkbox
                      label={t.rememberName(group.name)}
                      checked={!unlearnt.has(group.key)}
                      onChecked={() => setUnlearnt(toggle(unlearnt, group.key))}
                    />
                  )}
                </div>
              )}
            </>
          )}
        </Deck>
      )}
      {older && <p>{older}</p>}
      {choosing && (
        <ChooseProject
          title={t.attachCount(number(idsOf(choosing.groups).length))}
          alias={choosing.alias}
          onChoose={(project, alias) => attach(choosing.groups, project, alias)}
          onClose={() => setChoosing(undefined)}
        />
      )}
    </>
  )
}

/** What the texts share; else the newest title. */
const headingOf = (group: Group) => (group.name === '' ? (group.texts[0]?.title ?? '') : t.quoted(group.name))

/** @param isHeaded the first title stands above already */
function Texts({ texts, isHeaded }: { texts: readonly Text[]; isHeaded: boolean }) {
  const [first, rest] = [texts.slice(0, textsShown), texts.slice(textsShown)]
  return (
    <div>
      <ul class="deck-texts">
        {first.map((text, at) => (
          <OneText key={text.id} text={text} isHeaded={isHeaded && at === 0} />
        ))}
      </ul>
      {rest.length > 0 && (
        <details>
          <summary class="small">{t.otherTexts(number(rest.length))}</summary>
          <ul class="deck-texts">
            {rest.map((text) => (
              <OneText key={text.id} text={text} />
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}

const OneText = ({ text, isHeaded = false }: { text: Text; isHeaded?: boolean }) => (
  <li class="deck-text">
    {!isHeaded && <a href={`/mentions/${text.id}`}>{text.title}</a>}
    {text.excerpt !== '' && text.excerpt !== text.title && (
      <p class="quiet small deck-excerpt">{text.excerpt}</p>
    )}
    <p class="quiet small line line-tight">
      <Polarity of={text.polarity} />
      <span>{text.publisher}</span>
      <RelativeTime at={text.occurredAt} />
      <Units phases={text.phases} buildings={text.buildings} />
    </p>
  </li>
)
