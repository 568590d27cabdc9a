/** One case: where it stands and what comes next, why its grade, who complains (masked), which risks it shows, what was done. */
import type { InferResponseType } from 'hono/client'
import { Fragment } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Action } from '../../../server/complaints/transitions.ts'
import { answer, api, until } from '../../api.ts'
import { formatDateTime, formatList, formatNumber } from '../../format.ts'
import {
  type Bilingual,
  complaintChannelWord,
  complaintClassWord,
  grades,
  gradeWord,
  language,
  say,
  validityWord,
  verdictWord,
} from '../../labels.ts'
import { useLoad } from '../../load.ts'
import type { PageProps } from '../../page.ts'
import { Chip, GradeBadge, LevelBadge } from '../../parts/badges.tsx'
import { Button, CopyButton } from '../../parts/button.tsx'
import { Input, Select, Textarea } from '../../parts/field.tsx'
import { Highlight } from '../../parts/highlight.tsx'
import { ConfirmWithReason } from '../../parts/overlay.tsx'
import { KeyValues, Page, Panel } from '../../parts/panel.tsx'
import { Loaded } from '../../parts/states.tsx'
import { Countdown, ExactTime, Timeline } from '../../parts/time.tsx'
import { toast } from '../../parts/toast.tsx'
import { can } from '../../session.ts'
import { asGrade, CaseState, closeName, GradeProof, guardName, stateName, wordOf, wordsIn } from './parts.tsx'
import { actionWord, customerWord, inWords, t } from './words.ts'

type CaseData = InferResponseType<(typeof api.complaints)[':id']['$get']>
type Step = CaseData['steps'][number]
type Plain = InferResponseType<(typeof api.complaints)[':id']['reveal']['$post']>
type Choices = InferResponseType<typeof api.complaints.choices.$get>

const one = (id: number) => ({ param: { id: String(id) } })

export function Case({ params }: PageProps) {
  const id = params.id ?? ''
  const loaded = useLoad(
    `complaint ${id}`,
    (abort) => answer(api.complaints[':id'].$get({ param: { id } }, until(abort))),
    { refreshOn: ['complaint'] },
  )
  const now = loaded.now
  const known = now.state === 'ready' ? now.data : undefined
  return (
    <Page
      title={known?.title ?? t.case}
      back={{ href: '/complaints', label: t.title }}
      lead={
        known && (
          <>
            <GradeBadge grade={asGrade(known.grade)} />
            <CaseState state={known.state} isClosed={known.closedAt !== null} />
            <span class="line">
              {known.number} <CopyButton text={known.number} />
            </span>
            {known.planDueAt && (
              <span>
                {t.plan} <Countdown to={known.planDueAt} />
              </span>
            )}
          </>
        )
      }
    >
      <Loaded of={loaded} what={t.case}>
        {(data) => <Body data={data} reload={loaded.reload} />}
      </Loaded>
    </Page>
  )
}

function Body({ data, reload }: { data: CaseData; reload: () => Promise<void> }) {
  const [plain, setPlain] = useState<Plain>()
  return (
    <div class="stack">
      <Panel>
        <Path steps={data.path} />
      </Panel>
      <div class="columns case-columns case-page">
        <div class="stack">
          <Panel title={t.content}>
            <Text data={data} plain={plain} />
          </Panel>
          <Links data={data} reload={reload} />
          <Panel title={t.history}>
            <History records={data.records} />
          </Panel>
        </div>
        <div class="stack">
          <Next data={data} reload={reload} />
          <GradePanel data={data} reload={reload} />
          <People data={data} plain={plain} onPlain={setPlain} />
          <Panel title={t.facts}>
            <Facts data={data} />
          </Panel>
        </div>
      </div>
    </div>
  )
}

function Path({ steps }: { steps: CaseData['path'] }) {
  const here = steps.findIndex(({ isNow }) => isNow)
  return (
    <ol class="case-path" aria-label={t.path}>
      {steps.map((step, at) => (
        <li
          key={step.state}
          class={step.isNow ? 'case-path-now' : at < here ? 'case-path-past' : undefined}
          aria-current={step.isNow ? 'step' : undefined}
          title={step.at === null ? undefined : formatDateTime(step.at)}
        >
          {stateName(step.state)}
        </li>
      ))}
    </ol>
  )
}

/** The matched words of links nobody rejected, marked in the text; masks keep the length, so the places stay true. */
function Text({ data, plain }: { data: CaseData; plain: Plain | undefined }) {
  const terms = data.signals.filter(({ state }) => state !== 'rejected').flatMap((signal) => signal.terms)
  return (
    <div class="stack-tight">
      <p class="case-text">
        <Highlight
          text={plain?.content ?? data.content}
          ranges={terms.filter(({ field }) => field === 'text')}
        />
      </p>
      <KeyValues
        items={[
          [t.demand, plain?.demand ?? data.demand],
          [t.firstAnswer, data.firstAnswer],
        ]}
      />
    </div>
  )
}

function Links({ data, reload }: { data: CaseData; reload: () => Promise<void> }) {
  const [rejecting, setRejecting] = useState<CaseData['signals'][number]>()
  const judge = async (signalId: number, verdict: 'confirmed' | 'rejected', reason?: string) => {
    await answer(
      api.complaints[':id'].signals[':signalId'].verdict.$post({
        param: { id: String(data.id), signalId: String(signalId) },
        json: { verdict, ...(reason ? { reason } : {}) },
      }),
    )
    await reload()
  }
  return (
    <Panel title={t.links}>
      {data.signals.length === 0 ? (
        <p class="quiet">{data.analysedAt === null ? t.linksWaiting : t.linksNone}</p>
      ) : (
        <ul class="case-links">
          {data.signals.map((signal) => (
            <li key={signal.id} class="stack-tight">
              <div class="line">
                <a href={`/risks/${signal.riskCode}`}>
                  <b>{signal.riskCode}</b> {nameOf(signal)}
                </a>
                {signal.level && <LevelBadge level={signal.level} />}
                <Chip>{wordOf(verdictWord, signal.state)}</Chip>
                <span class="quiet small">
                  {t.strength} {signal.strength.toFixed(2)}
                </span>
              </div>
              <p class="small">
                {wordsIn(signal.terms).map((word) => (
                  <Fragment key={word}>
                    <mark>{word}</mark>{' '}
                  </Fragment>
                ))}
              </p>
              {signal.mentionCount !== null && (
                <p class="quiet small">
                  {t.cell(
                    formatNumber(signal.mentionCount, language.value),
                    formatNumber(signal.complaintCount ?? 0, language.value),
                  )}
                </p>
              )}
              {signal.verdictReason && (
                <p class="quiet small">
                  {signal.verdictByName}: {signal.verdictReason}
                </p>
              )}
              {can('signal.judge') && (
                <div class="line">
                  {signal.state !== 'confirmed' && (
                    <Button small icon="check" onClick={() => judge(signal.id, 'confirmed')}>
                      {t.confirm}
                    </Button>
                  )}
                  {signal.state !== 'rejected' && (
                    <Button small kind="quiet" onClick={() => setRejecting(signal)}>
                      {t.reject}
                    </Button>
                  )}
                </div>
              )}
            </li>
          ))}
        </ul>
      )}
      <ConfirmWithReason
        open={rejecting !== undefined}
        action={t.rejectRisk}
        consequence={rejecting && `${rejecting.riskCode} ${nameOf(rejecting)}`}
        onConfirm={(reason) => (rejecting ? judge(rejecting.id, 'rejected', reason) : Promise.resolve())}
        onClose={() => setRejecting(undefined)}
      />
    </Panel>
  )
}

function nameOf({ nameZh, nameEn }: { nameZh: string | null; nameEn: string | null }): string {
  const name: Bilingual = { zh: nameZh ?? '', en: nameEn ?? '' }
  return say(name)
}

function History({ records }: { records: CaseData['records'] }) {
  return (
    <Timeline
      items={records.toReversed().map((record) => {
        const grade = gradesIn(record.detail)
        return {
          id: record.id,
          at: record.at,
          title: (
            <>
              {wordOf(actionWord, record.action)}
              {record.toState && record.fromState && record.toState !== record.fromState && (
                <span class="quiet"> → {stateName(record.toState)}</span>
              )}
              {grade && <span class="quiet"> {t.gradeMove(...grade)}</span>}{' '}
              <span class="quiet small">{record.clause}</span>
            </>
          ),
          by: record.actor ?? t.machine,
          note: record.note,
        }
      })}
    />
  )
}

/** From which grade to which, when the record is of a grade. */
function gradesIn(detail: unknown): readonly [string, string] | undefined {
  if (typeof detail !== 'object' || detail === null || !('from' in detail) || !('to' in detail)) return
  const { from, to } = detail
  if (typeof from === 'number' && typeof to === 'number')
    return [gradeWord[asGrade(from)], gradeWord[asGrade(to)]]
}

function Next({ data, reload }: { data: CaseData; reload: () => Promise<void> }) {
  const [chosen, setChosen] = useState<Step>()
  const path = data.path.map(({ state }) => state)
  const here = data.path.findIndex(({ isNow }) => isNow)
  const ahead = (step: Step) => path.indexOf(step.to) > here
  const [main, ...others] = data.steps.toSorted((a, b) => Number(ahead(b)) - Number(ahead(a)))
  return (
    <Panel title={t.next}>
      {main === undefined ? (
        <p class="quiet">{t.nextNone}</p>
      ) : (
        <div class="stack-tight">
          <div>
            <Button kind="primary" onClick={() => setChosen(main)}>
              {actionWord[main.action]}
            </Button>{' '}
            <span class="quiet small">
              → {stateName(main.to)} · {main.clause}
            </span>
          </div>
          <div class="line">
            {others.map((step) => (
              <Button key={step.action} small onClick={() => setChosen(step)}>
                {actionWord[step.action]}
              </Button>
            ))}
          </div>
        </div>
      )}
      {chosen && (
        <Act
          key={chosen.action}
          data={data}
          step={chosen}
          onClose={() => setChosen(undefined)}
          reload={reload}
        />
      )}
    </Panel>
  )
}

/** One step with what its guard asks for. */
function Act({
  data,
  step,
  onClose,
  reload,
}: {
  data: CaseData
  step: Step
  onClose: () => void
  reload: () => Promise<void>
}) {
  const [validity, setValidity] = useState<'valid' | 'coordination'>('valid')
  const [department, setDepartment] = useState(String(data.responsibleDepartmentId ?? ''))
  const [basis, setBasis] = useState('')
  const [reply, setReply] = useState('')
  const choices = useLoad('complaints choices', (abort) =>
    answer(api.complaints.choices.$get({}, until(abort))),
  )
  const known = choices.now.state === 'ready' ? choices.now.data : undefined
  const asksDepartment = step.guard === 'valid-with-department' || step.guard === 'department'
  const take = async (note: string) => {
    await answer(
      api.complaints[':id'].actions.$post({
        ...one(data.id),
        json: {
          action: step.action satisfies Action,
          ...(note.trim() ? { note } : {}),
          ...(step.guard === 'valid-with-department' ? { validity } : {}),
          ...(asksDepartment && department ? { responsibleDepartmentId: Number(department) } : {}),
          ...(step.guard === 'invalid-with-basis'
            ? { validity: 'invalid' as const, validityBasis: basis }
            : {}),
          ...(reply ? { nextReplyOn: reply } : {}),
        },
      }),
    )
    toast.done(t.done)
    await reload()
  }
  return (
    <ConfirmWithReason
      open
      action={actionWord[step.action]}
      consequence={`→ ${stateName(step.to)} · ${step.clause}${step.guard ? ` · ${guardName(step.guard)}` : ''}`}
      reasonLabel={t.note}
      reasonOptional={step.guard !== 'note'}
      onConfirm={take}
      onClose={onClose}
    >
      {step.guard === 'valid-with-department' && (
        <Select
          label={t.validity}
          value={validity}
          onValue={setValidity}
          options={[
            { value: 'valid', label: validityWord.valid },
            { value: 'coordination', label: validityWord.coordination },
          ]}
        />
      )}
      {asksDepartment && (
        <Select
          label={t.department}
          required
          value={department}
          onValue={setDepartment}
          options={[{ value: '', label: t.choose }, ...departmentsOf(known, data.cityCompanyId)]}
        />
      )}
      {step.guard === 'invalid-with-basis' && (
        <Textarea label={t.basis} required value={basis} onValue={setBasis} maxLength={2_000} />
      )}
      {data.closedAt === null && <Input label={t.nextReply} type="date" value={reply} onValue={setReply} />}
    </ConfirmWithReason>
  )
}

const departmentsOf = (choices: Choices | undefined, cityCompanyId: number) =>
  (choices?.departments ?? [])
    .filter((department) => department.cityCompanyId === null || department.cityCompanyId === cityCompanyId)
    .map(({ id, name }) => ({ value: String(id), label: name }))

function GradePanel({ data, reload }: { data: CaseData; reload: () => Promise<void> }) {
  const [setting, setSetting] = useState<'set' | 'drop'>()
  const [grade, setGrade] = useState<'1' | '2' | '3' | '4'>('1')
  const computed = data.gradeComputed
  const isOverridden = data.gradeOverrideReason !== null
  const save = async (reason: string) => {
    await answer(
      api.complaints[':id'].grade.$post({
        ...one(data.id),
        json:
          setting === 'drop'
            ? { kind: 'drop', reason }
            : { kind: 'set', grade: asGrade(Number(grade)), reason },
      }),
    )
    toast.done(t.gradeDone)
    await reload()
  }
  return (
    <Panel
      title={t.whyGrade}
      actions={
        can('complaint.regrade') && (
          <>
            <Button small onClick={() => setSetting('set')}>
              {t.changeGrade}
            </Button>
            {isOverridden && (
              <Button small kind="quiet" onClick={() => setSetting('drop')}>
                {t.toRules}
              </Button>
            )}
          </>
        )
      }
    >
      <div class="stack-tight">
        <GradeBadge grade={asGrade(data.grade)} />
        {isOverridden && (
          <p>
            {t.overridden} · {data.gradeOverriddenByName}: {data.gradeOverrideReason}{' '}
            <span class="quiet small">{data.gradeClause}</span>
          </p>
        )}
        {computed && isOverridden && (
          <p class="quiet small">
            {t.computed(gradeWord[asGrade(computed.grade)], computed.clause)}: {inWords(computed.because)}
          </p>
        )}
        {computed && !isOverridden && <GradeProof graded={computed} />}
      </div>
      <ConfirmWithReason
        open={setting !== undefined}
        action={setting === 'drop' ? t.toRules : t.changeGrade}
        onConfirm={save}
        onClose={() => setSetting(undefined)}
      >
        {setting === 'set' && (
          <Select
            label={t.newGrade}
            value={grade}
            onValue={setGrade}
            options={grades.map((one) => ({ value: `${one}` as const, label: gradeWord[one] }))}
          />
        )}
      </ConfirmWithReason>
    </Panel>
  )
}

const shownForMs = 120_000

function People({
  data,
  plain,
  onPlain,
}: {
  data: CaseData
  plain: Plain | undefined
  onPlain: (plain: Plain | undefined) => void
}) {
  const [asking, setAsking] = useState(false)
  useEffect(() => {
    if (plain === undefined) return
    const timer = setTimeout(() => onPlain(undefined), shownForMs)
    return () => clearTimeout(timer)
  }, [plain])
  const reveal = async (purpose: string) => {
    onPlain(await answer(api.complaints[':id'].reveal.$post({ ...one(data.id), json: { purpose } })))
  }
  return (
    <Panel
      title={t.complainant}
      actions={
        can('complaint.reveal') &&
        (plain === undefined ? (
          <Button small icon="eye" onClick={() => setAsking(true)}>
            {t.reveal}
          </Button>
        ) : (
          <Button small onClick={() => onPlain(undefined)}>
            {t.hide}
          </Button>
        ))
      }
    >
      {data.complainants.length === 0 && <p class="quiet">{t.anonymous}</p>}
      <div class="stack">
        {data.complainants.map((masked) => {
          const clear = plain?.complainants.find(({ position }) => position === masked.position)
          return (
            <KeyValues
              key={masked.position}
              items={[
                [t.name, clear?.name ?? masked.nameMasked],
                [
                  t.phone,
                  clear?.phone ? <a href={`tel:${clear.phone}`}>{clear.phone}</a> : masked.phoneMasked,
                ],
                [t.unit, clear?.unit ?? masked.unitMasked],
                [t.address, clear?.address ?? masked.addressMasked],
                [t.idNumber, clear?.idNumber ?? masked.idNumberMasked],
              ]}
            />
          )
        })}
      </div>
      <ConfirmWithReason
        open={asking}
        action={t.reveal}
        consequence={t.revealNote}
        reasonLabel={t.purpose}
        onConfirm={reveal}
        onClose={() => setAsking(false)}
      />
    </Panel>
  )
}

function Facts({ data }: { data: CaseData }) {
  const n = (count: number) => formatNumber(count, language.value)
  const cues = [
    data.mayLitigate && t.litigate,
    data.isGroupLitigation && t.groupLitigation,
    data.mayReachMedia && t.media,
    data.isReputationAtStake && t.stake,
    data.needsOtherDepartments && t.otherDepartments,
  ].filter((cue) => cue !== false)
  return (
    <KeyValues
      items={[
        [t.company, data.cityCompanyName],
        [
          t.project,
          data.projectId === null ? (
            t.noProject
          ) : (
            <a href={`/projects/${data.projectId}`}>{data.projectName}</a>
          ),
        ],
        [t.phase, data.phaseName],
        [t.building, data.building],
        [t.received, <ExactTime key="received" at={data.receivedAt} />],
        [t.channel, `${complaintChannelWord[data.channel]} · ${data.form === 'oral' ? t.oral : t.written}`],
        [
          t.class,
          data.category
            ? `${complaintClassWord[data.class]} · ${data.category}`
            : complaintClassWord[data.class],
        ],
        [t.people, t.peopleOf(n(data.householdCount), n(data.personCount))],
        [t.complainant, data.customerKind && customerWord[data.customerKind]],
        [t.cues, formatList(cues, language.value)],
        [t.claim, data.claimAmount === null ? undefined : n(data.claimAmount)],
        [t.validity, data.validity && validityWord[data.validity]],
        [t.basis, data.validityBasis],
        [t.department, data.responsibleDepartmentName],
        [t.nextReply, data.nextReplyOn],
        [t.registrar, data.registeredByName ?? data.sourceName],
        [t.registeredAt, <ExactTime key="registered" at={data.registeredAt} />],
        [t.closedAt, data.closedAt && <ExactTime key="closed" at={data.closedAt} />],
        [t.closeReason, data.closeReason && closeName(data.closeReason)],
      ]}
    />
  )
}
