/** One warning: why this level, its evidence, what the catalogue holds ready, and what was done. */
import type { InferResponseType } from 'hono/client'
import { useState } from 'preact/hooks'
import { answer, api, until } from '../../api.ts'
import { formatDuration, formatNumber } from '../../format.ts'
import { useKeys } from '../../keys.ts'
import { language, levels, say } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import type { PageProps } from '../../page.ts'
import { Absence } from '../../parts/absence.tsx'
import { Chip, LevelBadge, StateBadge } from '../../parts/badges.tsx'
import { Button, LinkButton } from '../../parts/button.tsx'
import { ConfirmWithReason } from '../../parts/overlay.tsx'
import { KeyValues, Page, Panel } from '../../parts/panel.tsx'
import { InsufficientData, Loaded } from '../../parts/states.tsx'
import { ExactTime, RelativeTime, Timeline } from '../../parts/time.tsx'
import { toast } from '../../parts/toast.tsx'
import { can } from '../../session.ts'
import { Suggestions } from '../assistant/panel.tsx'
import { EvidenceAxis } from './evidence.tsx'
import { machineSentence } from './machine-sentences.ts'
import { Why } from './why.tsx'
import {
  consequenceWord,
  recordWord,
  t,
  warningActionWord,
  warningReasonWord,
  warningStateWord,
} from './words.ts'
import './warnings.css'

type Detail = InferResponseType<(typeof api.warnings)[':id']['$get']>
type Action = Detail['actions'][number]

const show = (n: number) => formatNumber(n, language.value)

export function toneOf(state: string): 'open' | 'busy' | 'done' {
  return state === 'candidate' || state === 'watching'
    ? 'open'
    : state === 'discarded' || state === 'lifted'
      ? 'done'
      : 'busy'
}

/** The record's own word; one of a later version is shown as it is. */
function wordOfRecord(action: string): string {
  return Object.entries(recordWord).find(([known]) => known === action)?.[1] ?? action
}

function History({ records }: { records: Detail['history'] }) {
  return (
    <Timeline
      items={records.toReversed().map((record) => {
        const level = levels.find((known) => known === record.toLevel)
        return {
          id: record.id,
          at: record.at,
          by: record.actor ?? t.machine,
          title: (
            <span>
              {wordOfRecord(record.action)} {level && <LevelBadge level={level} short />}
            </span>
          ),
          note:
            record.actor === null && record.reason !== null ? machineSentence(record.reason) : record.reason,
        }
      })}
    />
  )
}

function Receipts({ of }: { of: Detail['acknowledgements'] }) {
  if (of.length === 0) return <p class="quiet">{t.noAcknowledgements}</p>
  return (
    <Timeline
      items={of.map((receipt) => ({
        id: `${receipt.userId} ${receipt.level}`,
        at: receipt.at,
        title: receipt.name,
        note: receipt.note,
      }))}
    />
  )
}

/** The stored title is Chinese; its English is made of the same two names. */
const titleOf = ({ title, project, riskEn }: Detail['warning']) =>
  say({ zh: title, en: `${project}: ${riskEn}` })

function Facts({ detail }: { detail: Detail }) {
  const { warning, exposure } = detail
  const lead = warning.firstEvidenceAt && Date.parse(warning.raisedAt) - Date.parse(warning.firstEvidenceAt)
  return (
    <KeyValues
      items={[
        [t.number, <span class="number">{warning.number}</span>],
        [t.project, warning.project],
        [t.city, warning.cityCompany],
        [
          t.risk,
          <a
            href={`/risks/${warning.riskCode}`}
          >{`${warning.riskCode} ${say({ zh: warning.riskZh, en: warning.riskEn })}`}</a>,
        ],
        [t.clause, warning.riskClause],
        [t.raisedAt, <ExactTime at={warning.raisedAt} />],
        [t.leadTime, lead ? formatDuration(lead, language.value) : undefined],
        [t.firstCase, exposure?.firstComplaintAt && <ExactTime at={exposure.firstComplaintAt} />],
        [t.firstText, exposure?.firstMentionAt && <ExactTime at={exposure.firstMentionAt} />],
        [t.families, exposure && show(exposure.familyCount)],
        [t.complainants, exposure && show(exposure.complainantCount)],
        [t.openCases, exposure && show(exposure.openComplaintCount)],
        [t.closedBecause, warning.closeReason && machineSentence(warning.closeReason)],
      ]}
    />
  )
}

export function Warning({ params }: PageProps) {
  const id = params.id ?? ''
  const detail = useLoad<Detail>(
    `warning ${id}`,
    (abort) => answer(api.warnings[':id'].$get({ param: { id } }, until(abort))),
    { refreshOn: ['warning', 'exposure'] },
  )
  const [asked, setAsked] = useState<Action | 'acknowledge'>()
  const loaded = detail.now.state === 'ready' ? detail.now.data : undefined
  useKeys([
    {
      key: 'a',
      label: t.acknowledge,
      run: () => {
        if (loaded?.mayAcknowledge) setAsked('acknowledge')
      },
    },
  ])
  const act = async (action: Action, reason: string) => {
    const call = { param: { id }, json: { reason } }
    if (action === 'watch') await api.warnings[':id'].watch.$post(call)
    if (action === 'verify') await api.warnings[':id'].verify.$post(call)
    if (action === 'assess') await api.warnings[':id'].assess.$post(call)
    if (action === 'discard') await api.warnings[':id'].discard.$post(call)
    if (action === 'lift') await api.warnings[':id'].lift.$post(call)
    toast.done(t.actDone)
    await detail.reload()
  }
  const acknowledge = async (note: string) => {
    await api.warnings[':id'].acknowledge.$post({ param: { id }, json: note === '' ? {} : { note } })
    toast.done(t.acknowledgedDone)
    await detail.reload()
  }
  return (
    <Page
      title={loaded ? titleOf(loaded.warning) : t.one}
      back={{ href: '/warnings', label: t.back }}
      lead={
        loaded && (
          <span class="line">
            <LevelBadge level={loaded.warning.level} />
            <StateBadge word={warningStateWord[loaded.warning.state]} tone={toneOf(loaded.warning.state)} />
            <Chip>{warningReasonWord[loaded.warning.reason]}</Chip>
            <span class="quiet">
              <RelativeTime at={loaded.warning.raisedAt} />
            </span>
          </span>
        )
      }
      actions={
        loaded && (
          <>
            {loaded.actions.map((action) => (
              <Button key={action} onClick={() => setAsked(action)}>
                {warningActionWord[action]}
              </Button>
            ))}
            {can('evidence.export') && (
              <LinkButton href={`/api/warnings/${id}/evidence.zip`} icon="download" download>
                {t.exportEvidence}
              </LinkButton>
            )}
            {loaded.mayAcknowledge && (
              <Button kind="primary" icon="check" onClick={() => setAsked('acknowledge')}>
                {t.acknowledge}
              </Button>
            )}
          </>
        )
      }
    >
      <Loaded of={detail} what={t.one}>
        {(shown) => {
          const { assessment, catalogue, evidence, evidenceShown } = shown
          const count = (kind: string) => show(evidence.filter((item) => item.kind === kind).length)
          return (
            <div class="warning-columns">
              <div>
                <Panel
                  title={t.why}
                  note={
                    <>
                      {t.whyNote(String(assessment.policyVersion), assessment.catalogVersion)} · {t.computed}{' '}
                      <RelativeTime at={assessment.computedAt} />
                    </>
                  }
                >
                  {assessment.absence ? (
                    <Absence of={assessment.absence} />
                  ) : (
                    assessment.dataState === 'insufficient' && <InsufficientData />
                  )}
                  <Why computed={assessment} />
                </Panel>
                <Panel title={t.evidence} note={t.evidenceNote(count('mention'), count('complaint'))}>
                  <EvidenceAxis items={evidence} />
                  {evidence.length >= evidenceShown && (
                    <p class="quiet small">{t.onlyLatest(show(evidenceShown))}</p>
                  )}
                </Panel>
              </div>
              <div>
                <Panel>
                  <Facts detail={shown} />
                </Panel>
                {catalogue.playbook.length > 0 && (
                  <Panel title={t.playbook}>
                    <ol class="playbook">
                      {catalogue.playbook.map((step) => (
                        <li key={`${step.within} ${step.does}`}>
                          <strong>{step.within}</strong>
                          <span>{step.who}</span>
                          <p>{step.does}</p>
                        </li>
                      ))}
                    </ol>
                  </Panel>
                )}
                {catalogue.measures.length > 0 && (
                  <Panel title={t.measures}>
                    <ul class="measures">
                      {catalogue.measures.map((measure) => (
                        <li key={measure}>{measure}</li>
                      ))}
                    </ul>
                  </Panel>
                )}
                <Suggestions about="warning" id={shown.warning.id} />
                <Panel title={t.history}>
                  <History records={shown.history} />
                </Panel>
                <Panel title={t.acknowledgements}>
                  <Receipts of={shown.acknowledgements} />
                </Panel>
              </div>
            </div>
          )
        }}
      </Loaded>
      <ConfirmWithReason
        open={asked === 'acknowledge'}
        action={t.acknowledge}
        consequence={t.acknowledgeHint}
        reasonLabel={t.acknowledgeNote}
        reasonOptional
        onConfirm={acknowledge}
        onClose={() => setAsked(undefined)}
      />
      <ConfirmWithReason
        open={asked !== undefined && asked !== 'acknowledge'}
        action={asked === undefined || asked === 'acknowledge' ? '' : warningActionWord[asked]}
        consequence={asked === undefined || asked === 'acknowledge' ? '' : consequenceWord[asked]}
        onConfirm={(reason) =>
          asked === undefined || asked === 'acknowledge' ? Promise.resolve() : act(asked, reason)
        }
        onClose={() => setAsked(undefined)}
      />
    </Page>
  )
}
