/** One story: who published first, how it spread over families and time, its texts with reposts folded; and people's word on what belongs to it. */
import type { InferResponseType } from 'hono/client'
import { useEffect, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { answer, api, until } from '../../api.ts'
import { Chart } from '../../charts/chart.tsx'
import { spreadOption } from '../../charts/spread.ts'
import { formatNumber } from '../../format.ts'
import { language, tierWord } from '../../labels.ts'
import { type Loader, useLoad } from '../../load.ts'
import type { PageProps } from '../../page.ts'
import { Chip } from '../../parts/badges.tsx'
import { Button } from '../../parts/button.tsx'
import { ConfirmWithReason } from '../../parts/overlay.tsx'
import { Page, Panel } from '../../parts/panel.tsx'
import { Loaded } from '../../parts/states.tsx'
import { ExactTime, RelativeTime } from '../../parts/time.tsx'
import { toast } from '../../parts/toast.tsx'
import { can } from '../../session.ts'
import { ChooseStory, type OfferedStory } from './choose-story.tsx'
import { t } from './words.ts'

type StoryData = InferResponseType<(typeof api.stories)[':id']['$get']>

const number = (n: number) => formatNumber(n, language.value)
const isTier = (word: string | null): word is keyof typeof tierWord => word !== null && word in tierWord

export function Story({ params }: PageProps) {
  const id = params.id ?? ''
  const story = useLoad(
    `story ${id}`,
    (abort) => answer(api.stories[':id'].$get({ param: { id } }, until(abort))),
    { refreshOn: ['mention'] },
  )
  return (
    <Loaded of={story} what={t.one}>
      {(data) => <StoryPage key={id} asked={Number(id)} story={data} loader={story} />}
    </Loaded>
  )
}

function StoryPage({ asked, story, loader }: { asked: number; story: StoryData; loader: Loader<StoryData> }) {
  const { route } = useLocation()
  // It was merged into another since the link was made.
  useEffect(() => {
    if (story.id !== asked) route(`/stories/${story.id}`, true)
  }, [story.id, asked, route])
  const first = story.texts[0]
  return (
    <Page
      title={story.title}
      lead={
        <span class="line">
          <span>{t.size(number(story.mentions), number(story.families))}</span>
          {first?.publisher && <span>{t.firstBy(first.publisher)}</span>}
          <ExactTime at={story.firstAt} />
          {story.riskCodes.map((code) => (
            <a key={code} href={`/risks/${code}`}>
              <Chip>{code}</Chip>
            </a>
          ))}
          {story.projects.map(({ id, name }) => (
            <a key={id} href={`/projects/${id}`}>
              {name}
            </a>
          ))}
          {story.beyond > 0 && <span class="quiet small">{t.beyond(number(story.beyond))}</span>}
        </span>
      }
      back={{ href: '/mentions', label: t.back }}
      actions={can('mention.correct') && <MergeStory story={story} />}
    >
      <div class="columns columns-aside">
        <div class="stack">
          <Panel title={t.spread} note={t.spreadNote(number(story.spread.hours))}>
            <Chart
              height={180}
              summary={t.spreadSummary(number(story.mentions), number(story.families))}
              option={(palette) =>
                spreadOption(
                  {
                    steps: story.spread.steps,
                    names: { mentions: t.mentions, families: t.families },
                    language: language.value,
                  },
                  palette,
                )
              }
            />
          </Panel>
          <Texts story={story} loader={loader} />
        </div>
        <Panel title={t.tellers} note={t.tellersNote}>
          <ol class="stack">
            {story.tellers.map((teller) => (
              <li key={teller.name} class="stack-tight">
                <strong>{teller.name}</strong>
                <span class="quiet small">
                  {isTier(teller.tier) && `${tierWord[teller.tier]} · `}
                  {t.times(number(teller.mentions))} · <RelativeTime at={teller.firstAt} />
                </span>
              </li>
            ))}
          </ol>
        </Panel>
      </div>
    </Page>
  )
}

function Texts({ story, loader }: { story: StoryData; loader: Loader<StoryData> }) {
  const [chosen, setChosen] = useState<readonly number[]>([])
  const [isSplitting, setSplitting] = useState(false)
  const mayCorrect = can('mention.correct') && story.texts.length > 1
  const toggle = (id: number) =>
    setChosen(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id])
  return (
    <Panel
      title={t.texts}
      note={t.textsNote}
      actions={
        <span class="line">
          <a class="touch small" href={`/mentions?story=${story.id}`}>
            {t.all}
          </a>
          {chosen.length > 0 && (
            <Button small onClick={() => setSplitting(true)}>
              {t.splitChosen(number(chosen.length))}
            </Button>
          )}
        </span>
      }
    >
      <ul class="stack">
        {story.texts.map((text, at) => (
          <li key={text.id} class="story-text">
            {mayCorrect && (
              <input
                type="checkbox"
                aria-label={t.choose(text.title)}
                checked={chosen.includes(text.id)}
                onChange={() => toggle(text.id)}
              />
            )}
            <span class="stack-tight">
              <span>
                <a href={`/mentions/${text.id}`}>{text.title}</a> {at === 0 && <Chip>{t.first}</Chip>}
              </span>
              <span class="quiet small">
                {text.publisher}
                {isTier(text.tier) && ` · ${tierWord[text.tier]}`} · <RelativeTime at={text.occurredAt} />
                {text.copies > 0 && ` · ${t.copies(number(text.copies), number(text.families))}`}
              </span>
            </span>
          </li>
        ))}
      </ul>
      <ConfirmWithReason
        open={isSplitting}
        action={t.split}
        consequence={t.splitConsequence}
        onClose={() => setSplitting(false)}
        onConfirm={async (reason) => {
          await answer(
            api.stories[':id'].split.$post({
              param: { id: String(story.id) },
              json: { mentionIds: [...chosen], reason },
            }),
          )
          setChosen([])
          toast.done(t.splitDone)
          await loader.reload()
        }}
      />
    </Panel>
  )
}

function MergeStory({ story }: { story: StoryData }) {
  const { route } = useLocation()
  const [isOpen, setOpen] = useState(false)
  const [into, setInto] = useState<OfferedStory>()
  return (
    <>
      <Button small onClick={() => setOpen(true)}>
        {t.merge}
      </Button>
      <ConfirmWithReason
        open={isOpen}
        action={t.merge}
        consequence={t.mergeConsequence}
        onClose={() => setOpen(false)}
        onConfirm={async (reason) => {
          if (into === undefined) throw new Error(t.chooseFirst)
          const target = await answer(
            api.stories[':id'].merge.$post({
              param: { id: String(story.id) },
              json: { into: into.id, reason },
            }),
          )
          toast.done(t.mergeDone)
          route(`/stories/${target.id}`)
        }}
      >
        <ChooseStory storyId={story.id} chosen={into} onChoose={setInto} />
      </ConfirmWithReason>
    </>
  )
}
