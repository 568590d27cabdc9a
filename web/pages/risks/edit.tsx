/**
 * One file of the catalogue as a draft: a risk's rules or a lexicon's word groups in a form, or the whole file as text with
 * its errors by line. The server checks; what it refuses stays in the browser.
 */
import type { InferResponseType } from 'hono/client'
import { useRef, useState } from 'preact/hooks'
import { ApiError, answer, api, until } from '../../api.ts'
import { formatNumber } from '../../format.ts'
import { common, language, say } from '../../labels.ts'
import { type Loader, useLoad } from '../../load.ts'
import { Chip } from '../../parts/badges.tsx'
import { Button, LinkButton } from '../../parts/button.tsx'
import { Checkbox, Input, Select, Textarea } from '../../parts/field.tsx'
import { Page, Panel } from '../../parts/panel.tsx'
import { EmptyState, ErrorState, Loaded } from '../../parts/states.tsx'
import { toast } from '../../parts/toast.tsx'
import { useRiskNames } from '../../risk-names.ts'
import { can } from '../../session.ts'
import { useQuery } from '../../url.ts'
import { scopeWord, t } from './catalogue-words.ts'
import './catalogue.css'

type CatalogueFile = InferResponseType<typeof api.catalogue.file.$get>
type Rule = NonNullable<CatalogueFile['rules']>[number]
type Group = NonNullable<CatalogueFile['groups']>[number]
type Change = { text: string } | { rules: Rule[] } | { group: string; words: string[] }

interface Problem {
  file: string
  line: number
  column: number
  zh: string
  message: string
}

const show = (n: number) => formatNumber(n, language.value)
const codeOf = (path: string) => /^[A-Z]{2}\/([A-Z]{2}\d)\./.exec(path)?.[1]
const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'line' in value && 'zh' in value
const problemsOf = (failure: unknown): Problem[] =>
  failure instanceof ApiError && Array.isArray(failure.body.problems)
    ? failure.body.problems.filter(isProblem)
    : []

/** Words as people type them: between commas of either kind, or one a line. */
const wordsIn = (typed: string) => [
  ...new Set(
    typed
      .split(/[、,，\n]+/)
      .map((word) => word.trim())
      .filter(Boolean),
  ),
]
const typedOf = (words: readonly string[]) => words.join('、')

export function EditFile() {
  const path = useQuery().get('path')
  return path === '' ? <NoFile /> : <EditPath path={path} />
}

/** An address without a file: from where one is chosen. */
function NoFile() {
  return (
    <Page title={t.edit} back={{ href: '/risks/catalogue', label: t.catalogue }}>
      <EmptyState
        icon="edit"
        title={t.noFile}
        hint={t.noFileHint}
        action={
          <LinkButton href="/risks/catalogue" icon="right">
            {t.catalogue}
          </LinkButton>
        }
      />
    </Page>
  )
}

function EditPath({ path }: { path: string }) {
  const names = useRiskNames()
  const file = useLoad(`catalogue file ${path}`, (abort) =>
    answer(api.catalogue.file.$get({ query: { path } }, until(abort))),
  )
  const code = codeOf(path)
  const name = code ? names(code) : path
  return (
    <Page
      title={t.editTitle(name)}
      back={code ? { href: `/risks/${code}`, label: name } : { href: '/risks/catalogue', label: t.catalogue }}
      actions={
        <>
          <LinkButton href="/risks/try?against=draft" icon="search">
            {t.tryDraft}
          </LinkButton>
          <LinkButton href="/risks/catalogue" icon="right">
            {t.toDraft}
          </LinkButton>
        </>
      }
    >
      <Loaded of={file} what={path}>
        {(data) => <Editor key={`${data.path} ${data.revision} ${data.base}`} file={data} loader={file} />}
      </Loaded>
    </Page>
  )
}

function Editor({ file, loader }: { file: CatalogueFile; loader: Loader<CatalogueFile> }) {
  const query = useQuery()
  const tab = query.oneOf('tab', ['form', 'source'])
  const [failure, setFailure] = useState<unknown>()
  const isForm = tab === 'form' && (file.rules !== null || file.groups !== null)
  const save = async (change: Change) => {
    setFailure(undefined)
    try {
      const { failing } = await answer(
        api.catalogue.draft.$put({
          json: { base: file.base, files: [{ path: file.path, revision: file.revision, change }] },
        }),
      )
      toast.done(failing.length === 0 ? t.saved : t.savedFailing(show(failing.length)))
      await loader.reload()
    } catch (thrown) {
      setFailure(thrown)
    }
  }
  const problems = problemsOf(failure)
  return (
    <div class="stack">
      <div class="line">
        <fieldset class="choices" aria-label={t.edit}>
          {(['form', 'source'] as const).map((one) => (
            <button
              key={one}
              type="button"
              class="choice"
              aria-pressed={tab === one}
              onClick={() => query.set({ tab: one === 'form' ? null : one })}
            >
              {t[one]}
            </button>
          ))}
        </fieldset>
        {file.isChanged && <Chip>{t.isChanged}</Chip>}
        {file.changedBy !== null && <span class="quiet small">{t.changedBy(file.changedBy)}</span>}
        {file.isChanged && file.textInForce !== null && can('catalogue.edit') && (
          <Button kind="quiet" small onClick={() => save({ text: file.textInForce ?? '' })}>
            {t.revert}
          </Button>
        )}
      </div>
      {problems.length === 0 && failure !== undefined && (
        <Panel>
          <ErrorState failure={failure} onRetry={loader.reload} />
        </Panel>
      )}
      {problems.length > 0 && !isForm ? null : problems.length > 0 ? (
        <Problems problems={problems} onOpen={() => query.set({ tab: 'source' })} />
      ) : null}
      {!isForm ? (
        <>
          {tab === 'form' && <p class="quiet">{t.unfit}</p>}
          <SourceForm text={file.text} problems={problems} onSave={(text) => save({ text })} />
        </>
      ) : file.rules !== null ? (
        <RulesForm rules={file.rules} inForce={file.rulesInForce ?? []} onSave={(rules) => save({ rules })} />
      ) : (
        <div class="stack">
          {(file.groups ?? []).map((group) => (
            <GroupForm
              key={group.name}
              group={group}
              onSave={(words) => save({ group: group.name, words })}
            />
          ))}
        </div>
      )}
    </div>
  )
}

function Problems({
  problems,
  onOpen,
}: {
  problems: readonly Problem[]
  onOpen: (problem: Problem) => void
}) {
  return (
    <Panel title={t.problems}>
      <ul class="problems" role="alert">
        {problems.map((problem) => (
          <li key={`${problem.file} ${problem.line} ${problem.column} ${problem.message}`}>
            <button type="button" class="problem" onClick={() => onOpen(problem)}>
              <span class="quiet small">
                {problem.file} · {t.at(String(problem.line), String(problem.column))}
              </span>
              <span>{say({ zh: problem.zh, en: problem.message })}</span>
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function SourceForm({
  text: given,
  problems,
  onSave,
}: {
  text: string
  problems: readonly Problem[]
  onSave: (text: string) => Promise<void>
}) {
  const [text, setText] = useState(given)
  const box = useRef<HTMLDivElement>(null)
  const open = ({ line, column }: Problem) => {
    const area = box.current?.querySelector('textarea')
    if (!area) return
    const lines = text.split('\n')
    const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column - 1
    area.focus()
    area.setSelectionRange(start, start + Math.max(1, (lines[line - 1]?.length ?? 1) - column + 1))
    const height = area.scrollHeight / lines.length
    area.scrollTop = Math.max(0, (line - 6) * height)
  }
  return (
    <>
      {problems.length > 0 && <Problems problems={problems} onOpen={open} />}
      <Panel>
        <div class="stack source-text" ref={box}>
          <Textarea label={t.sourceLabel} hint={t.sourceHint} rows={28} value={text} onValue={setText} />
          {can('catalogue.edit') ? (
            <div class="line">
              <Button kind="primary" icon="check" disabled={text === given} onClick={() => onSave(text)}>
                {t.save}
              </Button>
              {text !== given && <span class="quiet small">{t.unsaved}</span>}
            </div>
          ) : (
            <p class="quiet">{t.readOnly}</p>
          )}
        </div>
      </Panel>
    </>
  )
}

// ── the rules of a risk ─────────────────────────────────────────────────────────────────────────────────────────────

/** A rule while it is typed. */
interface TypedRule {
  key: number
  id: string
  all: string[]
  not: string
  within: string
  scope: Rule['scope']
  weight: string
  negatable: boolean
  redLine: boolean
}

let lastKey = 0
const typedRule = (rule: Rule): TypedRule => ({
  key: ++lastKey,
  id: rule.id,
  all: rule.all.map(typedOf),
  not: typedOf(rule.not ?? []),
  within: String(rule.within),
  scope: rule.scope,
  weight: String(rule.weight),
  negatable: rule.negatable,
  redLine: rule.redLine,
})
const ruleOf = ({ key: _, all, not, within, weight, ...rest }: TypedRule): Rule => ({
  ...rest,
  all: all.map(wordsIn),
  ...(wordsIn(not).length > 0 && { not: wordsIn(not) }),
  within: Number(within),
  weight: Number(weight),
})
const sameRule = (a: Rule | undefined, b: Rule) =>
  a !== undefined && JSON.stringify(typedOfAll(a)) === JSON.stringify(typedOfAll(b))
const typedOfAll = (rule: Rule) => ({ ...typedRule(rule), key: 0 })

function RulesForm({
  rules: given,
  inForce,
  onSave,
}: {
  rules: readonly Rule[]
  inForce: readonly Rule[]
  onSave: (rules: Rule[]) => Promise<void>
}) {
  const [rules, setRules] = useState<readonly TypedRule[]>(() => given.map(typedRule))
  const [added, setAdded] = useState<number>()
  const put = (key: number, patch: Partial<TypedRule>) =>
    setRules(rules.map((rule) => (rule.key === key ? { ...rule, ...patch } : rule)))
  const typed = rules.map(ruleOf)
  const isDirty =
    typed.length !== given.length ||
    typed.some((rule, at) => {
      const was = given[at]
      return was === undefined || !sameRule(was, rule)
    })
  const add = () => {
    const rule = typedRule({
      id: '',
      all: [[]],
      within: 30,
      scope: 'sentence',
      weight: 0.6,
      negatable: true,
      redLine: false,
    })
    setRules([...rules, rule])
    setAdded(rule.key)
  }
  return (
    <Panel
      title={t.rules}
      actions={can('catalogue.edit') && <SaveRules isDirty={isDirty} onSave={() => onSave(typed)} />}
    >
      <div class="stack">
        {rules.map((rule, at) => (
          <RuleForm
            key={rule.key}
            rule={rule}
            isOpen={rule.key === added}
            isChanged={
              !sameRule(
                inForce.find((one) => one.id === rule.id),
                typed[at] ?? ruleOf(rule),
              )
            }
            onChange={(patch) => put(rule.key, patch)}
            onRemove={() => setRules(rules.filter((one) => one.key !== rule.key))}
          />
        ))}
        {can('catalogue.edit') ? (
          <div class="line">
            <Button icon="plus" onClick={add}>
              {t.addRule}
            </Button>
            {isDirty && <span class="quiet small">{t.unsaved}</span>}
          </div>
        ) : (
          <p class="quiet">{t.readOnly}</p>
        )}
      </div>
    </Panel>
  )
}

const SaveRules = ({ isDirty, onSave }: { isDirty: boolean; onSave: () => Promise<void> }) => (
  <Button kind="primary" icon="check" disabled={!isDirty} onClick={onSave}>
    {t.save}
  </Button>
)

function RuleForm({
  rule,
  isOpen,
  isChanged,
  onChange,
  onRemove,
}: {
  rule: TypedRule
  isOpen: boolean
  isChanged: boolean
  onChange: (patch: Partial<TypedRule>) => void
  onRemove: () => void
}) {
  const putList = (at: number, typed: string) =>
    onChange({ all: rule.all.map((one, place) => (place === at ? typed : one)) })
  const weight = Number(rule.weight)
  return (
    <details class="rule-form" open={isOpen}>
      <summary>
        <code>{rule.id || '…'}</code>
        {isChanged && <Chip>{t.isChanged}</Chip>}
        <span class="quiet small rule-form-gist">
          {rule.all.map((list) => wordsIn(list).slice(0, 3).join('/')).join(' + ')}
        </span>
      </summary>
      <fieldset class="stack" disabled={!can('catalogue.edit')}>
        <legend class="for-ears">{rule.id}</legend>
        <div class="rule-form-row">
          <Input
            label={t.ruleId}
            value={rule.id}
            hint={t.ruleIdHint}
            error={rule.id !== '' && !/^[a-z0-9-]+$/.test(rule.id) && t.ruleIdHint}
            onValue={(id) => onChange({ id })}
          />
          <Select
            label={t.scope}
            value={rule.scope}
            onValue={(scope) => onChange({ scope })}
            options={(['sentence', 'text', 'title'] as const).map((value) => ({
              value,
              label: scopeWord[value],
            }))}
          />
          <Input
            label={t.within}
            type="number"
            min={2}
            max={400}
            value={rule.within}
            onValue={(within) => onChange({ within })}
          />
          <Input
            label={t.weight}
            type="number"
            min={0.05}
            max={1}
            step={0.05}
            value={rule.weight}
            hint={t.weightHint}
            error={!(weight > 0 && weight <= 1) && t.weightHint}
            onValue={(value) => onChange({ weight: value })}
          />
        </div>
        {rule.all.map((list, at) => (
          <div key={at} class="stack-tight">
            <Textarea
              label={t.listOf(String(at + 1))}
              hint={t.listHint}
              rows={Math.min(8, Math.max(2, Math.ceil(list.length / 60)))}
              value={list}
              onValue={(typed) => putList(at, typed)}
            />
            {rule.all.length > 1 && (
              <div>
                <Button
                  kind="quiet"
                  small
                  onClick={() => onChange({ all: rule.all.filter((_, place) => place !== at) })}
                >
                  {t.removeList}
                </Button>
              </div>
            )}
          </div>
        ))}
        {rule.all.length < 4 && (
          <div>
            <Button kind="quiet" small icon="plus" onClick={() => onChange({ all: [...rule.all, ''] })}>
              {t.addList}
            </Button>
          </div>
        )}
        <Textarea
          label={t.not}
          hint={t.notHint}
          rows={Math.min(8, Math.max(2, Math.ceil(rule.not.length / 60)))}
          value={rule.not}
          onValue={(not) => onChange({ not })}
        />
        <div class="line">
          <Checkbox
            label={t.negatable}
            hint={t.negatableHint}
            checked={rule.negatable}
            onChecked={(negatable) => onChange({ negatable })}
          />
          <Checkbox
            label={t.redLine}
            hint={t.redLineHint}
            checked={rule.redLine}
            onChecked={(redLine) => onChange({ redLine })}
          />
        </div>
        <div>
          <Button kind="quiet" small icon="trash" onClick={onRemove}>
            {t.removeRule}
          </Button>
        </div>
      </fieldset>
    </details>
  )
}

function GroupForm({ group, onSave }: { group: Group; onSave: (words: string[]) => Promise<void> }) {
  const [typed, setTyped] = useState(typedOf(group.words))
  const isDirty = typedOf(wordsIn(typed)) !== typedOf(group.words)
  return (
    <details class="rule-form">
      <summary>
        <code>${group.name}</code>
        <span class="quiet small rule-form-gist">
          {t.groupWords(show(group.words.length))}
          {group.note !== undefined && ` · ${group.note}`}
        </span>
      </summary>
      <div class="stack">
        <Textarea
          label={group.name}
          hint={t.listHint}
          rows={Math.min(14, Math.max(3, Math.ceil(typed.length / 60)))}
          value={typed}
          onValue={setTyped}
        />
        {can('catalogue.edit') ? (
          <div class="line">
            <Button
              kind="primary"
              icon="check"
              disabled={!isDirty || wordsIn(typed).length === 0}
              onClick={() => onSave(wordsIn(typed))}
            >
              {t.save}
            </Button>
            {isDirty && <span class="quiet small">{t.unsaved}</span>}
          </div>
        ) : (
          <p class="quiet">{t.readOnly}</p>
        )}
      </div>
    </details>
  )
}

/** The lexicon's files with their groups, for the page of the draft. */
export function WordGroups() {
  const files = useLoad('catalogue files', (abort) => answer(api.catalogue.files.$get({}, until(abort))))
  return (
    <Loaded of={files} what={t.words}>
      {({ files: all }) => {
        const lexicon = all.filter((file) => file.path.startsWith('lexicon/'))
        if (lexicon.length === 0) return <EmptyState title={common.nothingHere} />
        return (
          <ul class="stack-tight touch-rows">
            {lexicon.map((file) => (
              <li key={file.path} class="line">
                <a href={`/risks/edit?path=${encodeURIComponent(file.path)}`}>
                  {file.path.replace(/^lexicon\/|\.ya?ml$/g, '')}
                </a>
                <span class="quiet small">{t.wordGroups(show(file.groups.length))}</span>
                {file.isChanged && <Chip>{t.isChanged}</Chip>}
              </li>
            ))}
          </ul>
        )
      }}
    </Loaded>
  )
}
