/** What is in force and since when, the draft, what it would change, and the switch. */
import type { InferResponseType } from 'hono/client'
import { useState } from 'preact/hooks'
import type { ModelRule } from '../../../server/analysis/judge.ts'
import { answer, api, until } from '../../api.ts'
import { formatList, formatNumber } from '../../format.ts'
import { type Level, language, say } from '../../labels.ts'
import { type Loader, useLoad } from '../../load.ts'
import { Chip, LevelBadge } from '../../parts/badges.tsx'
import { Button, LinkButton } from '../../parts/button.tsx'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { Highlight } from '../../parts/highlight.tsx'
import { ConfirmWithReason } from '../../parts/overlay.tsx'
import { KeyValues, Page, Panel, Stat, Stats } from '../../parts/panel.tsx'
import { EmptyState, ErrorState, InsufficientData, Loaded, ProgressBar } from '../../parts/states.tsx'
import { ExactTime } from '../../parts/time.tsx'
import { toast } from '../../parts/toast.tsx'
import { useRiskNames } from '../../risk-names.ts'
import { can } from '../../session.ts'
import { judgedWord, ruleStateWord, switchWord, t } from './catalogue-words.ts'
import { WordGroups } from './edit.tsx'
import './catalogue.css'

type Overview = InferResponseType<typeof api.catalogue.$get>
type Draft = NonNullable<Overview['draft']>
type Past = Overview['history'][number]
type Told = InferResponseType<(typeof api.catalogue.trials)[':id']['$get']>
type Result = NonNullable<Told['result']>
type RiskTally = Result['risks'][number]
type RuleTally = RiskTally['rules'][number] & { risk: string }
type Cell = Result['cells'][number]

const DAYS = 30
/** What stands for a rule where only the model saw the risk. */
const MODEL: ModelRule = 'model'
/** Beyond this the server stops counting. */
const COUNTED = 200_000
const show = (n: number) => formatNumber(n, language.value)
const editHref = (path: string) => `/risks/edit?path=${encodeURIComponent(path)}`

export function Catalogue() {
  const overview = useLoad('catalogue', (abort) => answer(api.catalogue.$get({}, until(abort))), {
    refreshOn: ['exposure', 'mention'],
  })
  return (
    <Page
      title={t.catalogue}
      lead={t.catalogueLead}
      back={{ href: '/risks', label: t.risks }}
      actions={
        <LinkButton href="/risks/try" icon="search">
          {t.try}
        </LinkButton>
      }
    >
      <Loaded of={overview} what={t.catalogue}>
        {(data) => <Whole overview={data} loader={overview} />}
      </Loaded>
    </Page>
  )
}

function Whole({ overview, loader }: { overview: Overview; loader: Loader<Overview> }) {
  const { draft, news } = overview
  const rebase = async (onto: 'in-force' | 'release') => {
    await answer(api.catalogue.draft.rebase.$post({ json: { onto } }))
    toast.done(onto === 'release' ? t.takenIn : t.rebased)
    await loader.reload()
  }
  return (
    <div class="columns columns-aside">
      <div class="stack">
        {news && (
          <Panel title={t.news}>
            <div class="stack">
              <p>{t.newsHint(news.version, show(news.released.length))}</p>
              {news.conflicts.length > 0 && (
                <p class="quiet">{t.newsConflicts(formatList(news.conflicts, language.value))}</p>
              )}
              {overview.mayEdit && draft?.baseVersion !== news.version && (
                <div>
                  <Button onClick={() => rebase('release')}>{t.takeIn}</Button>
                </div>
              )}
            </div>
          </Panel>
        )}
        {draft ? (
          <>
            <DraftPanel
              draft={draft}
              overview={overview}
              loader={loader}
              onRebase={() => rebase('in-force')}
            />
            {draft.version !== null && (
              <Comparison key={draft.version} draft={draft} overview={overview} loader={loader} />
            )}
          </>
        ) : (
          <Panel title={t.draft}>
            <EmptyState icon="edit" title={t.noDraft} hint={t.noDraftHint} />
          </Panel>
        )}
      </div>
      <div class="stack">
        <Running overview={overview} loader={loader} />
        <Panel title={t.words}>
          <WordGroups key={draft?.version ?? ''} />
        </Panel>
        <History overview={overview} loader={loader} />
      </div>
    </div>
  )
}

function Running({ overview, loader }: { overview: Overview; loader: Loader<Overview> }) {
  const { running, history, waiting } = overview
  const since = history[0]
  const [told, setTold] = useState<string>()
  const retrain = async () => {
    setTold(undefined)
    const done = await answer(api.catalogue.retrain.$post({}))
    if (done.state === 'trained') {
      toast.done(t.retrained(show(done.verdicts)))
      await loader.reload()
    } else if (done.state === 'too-few') setTold(t.retrainTooFew(show(done.verdicts), show(done.least)))
    else setTold(t.retrainNothing(show(done.verdicts)))
  }
  return (
    <Panel title={t.running}>
      <div class="stack">
        <KeyValues
          items={[
            [
              t.running,
              <>
                <code>{running.catalogVersion}</code>{' '}
                {running.origin === 'edited' ? t.editedVersion : t.shippedVersion}
              </>,
            ],
            [t.runningSince, since && <ExactTime at={since.at} />],
            [t.model, running.modelVersion === null ? t.shippedModel : <code>{running.modelVersion}</code>],
          ]}
        />
        {overview.mayEdit && (
          <div class="stack-tight">
            <div>
              <Button icon="refresh" onClick={retrain}>
                {t.retrain}
              </Button>
            </div>
            <p class="quiet small">{t.retrainHint}</p>
            <p class="small" role="status">
              {told}
            </p>
          </div>
        )}
        {waiting > 0 && (
          <p class="quiet small" role="status">
            {waiting >= COUNTED ? t.rereadingMany : t.rereading(show(waiting))}
          </p>
        )}
      </div>
    </Panel>
  )
}

function DraftPanel({
  draft,
  overview,
  loader,
  onRebase,
}: {
  draft: Draft
  overview: Overview
  loader: Loader<Overview>
  onRebase: () => Promise<void>
}) {
  const names = useRiskNames()
  const [isDiscarding, setDiscarding] = useState(false)
  const nameOf = (path: string) => {
    const code = /\/([A-Z]{2}\d)\./.exec(path)?.[1]
    return code ? names(code) : path.replace(/\.ya?ml$/, '')
  }
  return (
    <Panel
      title={t.draft}
      note={t.draftOf(draft.baseVersion)}
      actions={
        overview.mayEdit && (
          <Button icon="trash" onClick={() => setDiscarding(true)}>
            {t.discard}
          </Button>
        )
      }
    >
      <div class="stack">
        {draft.isOutdated && (
          <div class="line" role="status">
            <strong>{t.draftOutdated}</strong>
            {overview.mayEdit && (
              <Button small onClick={onRebase}>
                {t.rebase}
              </Button>
            )}
          </div>
        )}
        <ul class="stack-tight" aria-label={t.changedFiles}>
          {draft.files.map((file) => (
            <li key={file.path} class="line">
              <a href={editHref(file.path)}>{nameOf(file.path)}</a>
              <span class="quiet small">
                {file.changedBy !== null && t.changedBy(file.changedBy)} <ExactTime at={file.changedAt} />
              </span>
            </li>
          ))}
        </ul>
        {draft.modelVersion !== null && draft.modelVersion !== overview.running.modelVersion && (
          <p>{t.newModel(draft.modelVersion)}</p>
        )}
        {draft.problems.length > 0 && (
          <div class="stack-tight">
            <strong>{t.problems}</strong>
            <ul class="bullets small">
              {draft.problems.map((problem) => (
                <li key={`${problem.file} ${problem.line} ${problem.message}`}>
                  <a href={`${editHref(problem.file)}&tab=source`}>
                    {problem.file} · {t.at(String(problem.line), String(problem.column))}
                  </a>{' '}
                  {say({ zh: problem.zh, en: problem.message })}
                </li>
              ))}
            </ul>
          </div>
        )}
        {draft.failing.length > 0 && (
          <div class="stack-tight">
            <strong>{t.failing}</strong>
            <p class="quiet small">{t.failingHint}</p>
            <ul class="bullets small">
              {draft.failing.map((one) => (
                <li key={`${one.risk} ${one.text}`}>
                  {names(one.risk)} · {one.kind === 'hit' ? t.mustHit : t.mustMiss}: {one.text}
                </li>
              ))}
            </ul>
          </div>
        )}
      </div>
      <ConfirmWithReason
        open={isDiscarding}
        action={t.discard}
        consequence={t.discardHint}
        reasonOptional
        onClose={() => setDiscarding(false)}
        onConfirm={async () => {
          await answer(api.catalogue.draft.$delete({}))
          toast.done(t.discarded)
          await loader.reload()
        }}
      />
    </Panel>
  )
}

function Comparison({
  draft,
  overview,
  loader,
}: {
  draft: Draft
  overview: Overview
  loader: Loader<Overview>
}) {
  const last = useLoad(
    `trial ${overview.running.catalogVersion} ${draft.version} ${draft.modelVersion}`,
    async (abort) => {
      const known = await answer(api.catalogue.trials.last.$get({}, until(abort)))
      if (known.trial === null) return { ...known, isCompared: false, told: null }
      const { id } = known.trial
      const told = await answer(api.catalogue.trials[':id'].$get({ param: { id: String(id) } }, until(abort)))
      return { ...known, told }
    },
    { refreshOn: ['progress'] },
  )
  const [isSwitching, setSwitching] = useState(false)
  const begin = async () => {
    await answer(api.catalogue.trials.$post({ json: { days: DAYS } }))
    await last.reload()
  }
  const now = last.now
  const trial = now.state === 'ready' ? now.data.trial : null
  const isOpen = trial?.state === 'waiting' || trial?.state === 'running'
  const maySwitch =
    now.state === 'ready' && now.data.isCompared && draft.failing.length === 0 && !draft.isOutdated
  return (
    <>
      <Panel
        title={t.compare}
        note={t.compareNote}
        actions={
          <span class="line">
            {!isOpen && (
              <Button icon="refresh" kind={maySwitch ? 'secondary' : 'primary'} onClick={begin}>
                {t.compareDays(show(DAYS))}
              </Button>
            )}
            {overview.maySwitch && (
              <Button
                kind={maySwitch ? 'primary' : 'secondary'}
                icon="check"
                disabled={!maySwitch}
                onClick={() => setSwitching(true)}
              >
                {t.switchOn}
              </Button>
            )}
          </span>
        }
      >
        <Loaded of={last} what={t.compare}>
          {({ trial: one, told }) =>
            one === null ? (
              <EmptyState icon="refresh" title={t.notCompared} hint={t.notComparedHint} />
            ) : one.state === 'waiting' || one.state === 'running' ? (
              <div class="stack">
                <ProgressBar
                  done={one.done}
                  {...(one.total > 0 ? { total: one.total } : {})}
                  label={t.comparing}
                />
                <div>
                  <Button
                    icon="close"
                    onClick={async () => {
                      await answer(
                        api.catalogue.trials[':id'].cancel.$post({ param: { id: String(one.id) } }),
                      )
                      await last.reload()
                    }}
                  >
                    {t.cancel}
                  </Button>
                </div>
              </div>
            ) : one.state === 'cancelled' ? (
              <EmptyState icon="close" title={t.cancelled} hint={t.notComparedHint} />
            ) : one.state === 'failed' || !told?.result ? (
              <ErrorState failure={new Error(t.failed)} onRetry={begin} />
            ) : (
              <Outcome result={told.result} />
            )
          }
        </Loaded>
      </Panel>
      {now.state === 'ready' && now.data.told?.result && !isOpen && <Details result={now.data.told.result} />}
      <ConfirmWithReason
        open={isSwitching}
        action={t.switchOn}
        consequence={t.switchHint}
        onClose={() => setSwitching(false)}
        onConfirm={async (reason) => {
          await answer(api.catalogue.switch.$post({ json: { version: draft.version ?? '', reason } }))
          toast.done(t.switched)
          await loader.reload()
        }}
      />
    </>
  )
}

function Outcome({ result }: { result: Result }) {
  const { verdicts } = result
  const sum = (kind: 'gained' | 'lost') => result.risks.reduce((total, risk) => total + risk[kind], 0)
  return (
    <Stats>
      <Stat
        label={t.readTexts}
        value={show(result.texts + result.complaints)}
        note={t.readNote(show(result.texts), show(result.complaints))}
      />
      <Stat label={t.gained} value={show(sum('gained'))} note={t.gainedNote} />
      <Stat label={t.lost} value={show(sum('lost'))} note={t.lostNote} />
      <Stat
        label={t.confirmedLost}
        value={show(verdicts.confirmed.lost)}
        note={t.confirmedNote(show(verdicts.confirmed.kept))}
      />
      <Stat
        label={t.silenced}
        value={show(verdicts.rejected.silenced)}
        note={t.silencedNote(show(verdicts.rejected.raised))}
      />
      {verdicts.tones.checked > 0 && (
        <Stat
          label={t.tones}
          value={`${show(verdicts.tones.rightBefore)} → ${show(verdicts.tones.rightAfter)}`}
          note={t.tonesNote(show(verdicts.tones.checked))}
        />
      )}
    </Stats>
  )
}

function Details({ result }: { result: Result }) {
  const names = useRiskNames()
  const moved = result.risks.filter((risk) => risk.gained + risk.lost > 0)
  const rules: RuleTally[] = result.risks.flatMap((risk) =>
    risk.rules.filter((rule) => rule.state !== 'same').map((rule) => ({ ...rule, risk: risk.risk })),
  )
  return (
    <>
      {result.texts + result.complaints === 0 ? (
        <Panel>
          <InsufficientData hint={t.nothingRead} />
        </Panel>
      ) : (
        moved.length === 0 && (
          <Panel>
            <EmptyState icon="check" title={t.noChange} hint={t.noChangeHint} />
          </Panel>
        )
      )}
      {result.verdicts.changes.length > 0 && (
        <Panel title={t.changes}>
          <ul class="stack-tight">
            {result.verdicts.changes.map((one) => (
              <li key={`${one.kind} ${one.id} ${one.risk}`} class="line">
                <Chip>{judgedWord[one.change]}</Chip>
                <a href={one.kind === 'mention' ? `/mentions/${one.id}` : `/complaints/${one.id}`}>
                  {one.title || t.complaint(one.number ?? '')}
                </a>
                <span class="quiet small">{names(one.risk)}</span>
              </li>
            ))}
          </ul>
        </Panel>
      )}
      {rules.length > 0 && <Rules rules={rules} names={names} />}
      {moved.length > 0 && <Risks risks={moved} names={names} />}
      {result.examples.length > 0 && <Examples examples={result.examples} names={names} />}
      {result.cells.length > 0 && <Cells cells={result.cells} count={result.cellCount} names={names} />}
    </>
  )
}

interface Named {
  names: (code: string) => string
}

function Rules({ rules, names }: { rules: readonly RuleTally[] } & Named) {
  const columns: readonly Column<RuleTally>[] = [
    { id: 'rule', head: t.rule, main: true, cell: (rule) => <code>{rule.rule}</code> },
    { id: 'risk', head: t.risk, width: '12rem', cell: (rule) => names(rule.risk), from: 'm' },
    { id: 'state', head: t.state, width: '5rem', cell: (rule) => ruleStateWord[rule.state] },
    { id: 'hits', head: t.hits, width: '5rem', align: 'end', cell: (rule) => show(rule.hits) },
    { id: 'unique', head: t.unique, width: '6rem', align: 'end', cell: (rule) => show(rule.unique) },
  ]
  return (
    <Panel title={t.rules} note={t.uniqueHint} flush>
      <DataTable
        label={t.rules}
        rows={rules}
        rowKey={(rule) => `${rule.risk} ${rule.rule}`}
        columns={columns}
        sortName="rules"
        phone={(rule) => (
          <>
            <span class="line">
              <code>{rule.rule}</code> {ruleStateWord[rule.state]}
            </span>
            <span class="quiet small">
              {names(rule.risk)} · {t.hits} {show(rule.hits)} · {t.unique} {show(rule.unique)}
            </span>
          </>
        )}
      />
    </Panel>
  )
}

function Risks({ risks, names }: { risks: readonly RiskTally[] } & Named) {
  const number = (id: 'before' | 'after' | 'gained' | 'lost'): Column<RiskTally> => ({
    id,
    head: t[id],
    width: '5.5rem',
    align: 'end',
    cell: (risk) => show(risk[id]),
    sort: (risk) => risk[id],
  })
  return (
    <Panel title={t.perRisk} flush>
      <DataTable
        label={t.perRisk}
        rows={risks}
        rowKey={(risk) => risk.risk}
        href={(risk) => `/risks/${risk.risk}`}
        sortName="risks"
        columns={[
          { id: 'risk', head: t.risk, main: true, cell: (risk) => names(risk.risk) },
          number('before'),
          number('after'),
          number('gained'),
          number('lost'),
        ]}
        phone={(risk) => (
          <>
            <strong>{names(risk.risk)}</strong>
            <span class="quiet small">
              {show(risk.before)} → {show(risk.after)} · {t.gained} {show(risk.gained)} · {t.lost}{' '}
              {show(risk.lost)}
            </span>
          </>
        )}
      />
    </Panel>
  )
}

function Examples({ examples, names }: { examples: Result['examples'] } & Named) {
  return (
    <Panel title={t.examples}>
      <ul class="replayed">
        {examples.map((one) => {
          const terms = (field: 'title' | 'text') => one.terms.filter((term) => term.field === field)
          const title = <Highlight text={one.shown.title} ranges={terms('title')} />
          return (
            <li key={`${one.kind} ${one.id} ${one.risk} ${one.change}`} class="stack-tight replayed-text">
              <div class="line">
                <Chip>{t[one.change]}</Chip>
                <span class="small">{names(one.risk)}</span>
                {one.rules.includes(MODEL) ? (
                  <span class="small quiet">{t.modelName}</span>
                ) : (
                  <code class="small quiet">{one.rules.join(' ')}</code>
                )}
                <span class="small quiet">
                  <ExactTime at={one.shown.at} />
                </span>
              </div>
              {one.kind === 'complaint' ? (
                <a href={`/complaints/${one.id}`}>{title}</a>
              ) : one.shown.isMention ? (
                <a href={`/mentions/${one.id}`}>{title}</a>
              ) : (
                <strong>{title}</strong>
              )}
              <p class="small quiet">
                <Highlight text={one.shown.text} ranges={terms('text')} around={60} />
              </p>
            </li>
          )
        })}
      </ul>
    </Panel>
  )
}

function Cells({ cells, count, names }: { cells: readonly Cell[]; count: number } & Named) {
  const levelOf = (level: Level | null) =>
    level === null ? <span class="quiet">{t.belowLevel}</span> : <LevelBadge level={level} short />
  return (
    <Panel title={t.cells} note={t.cellsNote(show(count))} flush>
      <DataTable
        label={t.cells}
        rows={cells}
        rowKey={(cell) => `${cell.projectId} ${cell.risk}`}
        sortName="cells"
        {...(can('warning.read')
          ? {
              href: (cell: Cell) =>
                cell.warningId === null ? `/projects/${cell.projectId}` : `/warnings/${cell.warningId}`,
            }
          : {})}
        columns={[
          { id: 'project', head: t.project, main: true, cell: (cell) => cell.projectName },
          { id: 'risk', head: t.risk, width: '12rem', cell: (cell) => names(cell.risk) },
          { id: 'level', head: t.level, width: '6rem', cell: (cell) => levelOf(cell.level) },
          {
            id: 'evidence',
            head: t.evidenceNow,
            width: '6rem',
            align: 'end',
            cell: (cell) => show(cell.evidence),
            from: 'm',
          },
          { id: 'gained', head: t.gained, width: '5rem', align: 'end', cell: (cell) => show(cell.gained) },
          { id: 'lost', head: t.lost, width: '5rem', align: 'end', cell: (cell) => show(cell.lost) },
        ]}
        phone={(cell) => (
          <>
            <span class="line">
              {levelOf(cell.level)} <strong>{cell.projectName}</strong>
            </span>
            <span class="quiet small">
              {names(cell.risk)} · +{show(cell.gained)} −{show(cell.lost)}
            </span>
          </>
        )}
      />
    </Panel>
  )
}

function History({ overview, loader }: { overview: Overview; loader: Loader<Overview> }) {
  const [backTo, setBackTo] = useState<Past>()
  const { history, running } = overview
  const isRunning = (past: Past) =>
    past.catalogVersion === running.catalogVersion && past.modelVersion === running.modelVersion
  return (
    <Panel title={t.history} note={t.historyNote}>
      <ul class="replayed">
        {history.map((past, at) => (
          <li key={past.id} class="stack-tight">
            <div class="line">
              <strong>{switchWord[past.kind]}</strong>
              <code>{past.catalogVersion}</code>
              {at === 0 && <Chip>{t.current}</Chip>}
            </div>
            <div class="quiet small">
              {past.by ?? t.byRelease} · <ExactTime at={past.at} />
            </div>
            {past.reason !== null && <div class="small">{past.reason}</div>}
            {overview.maySwitch && past.isKept && !isRunning(past) && (
              <div>
                <Button small onClick={() => setBackTo(past)}>
                  {t.rollBack}
                </Button>
              </div>
            )}
          </li>
        ))}
      </ul>
      <ConfirmWithReason
        open={backTo !== undefined}
        action={t.rollBack}
        consequence={t.rollBackHint(backTo?.catalogVersion ?? '')}
        onClose={() => setBackTo(undefined)}
        onConfirm={async (reason) => {
          if (!backTo) return
          await answer(api.catalogue['roll-back'].$post({ json: { switchId: backTo.id, reason } }))
          toast.done(t.rolledBack)
          await loader.reload()
        }}
      />
    </Panel>
  )
}
