/** Another story: those near this one at once, any other by words of its title, its number or a link. */
import type { InferResponseType } from 'hono/client'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { answer, api, asFailure, until } from '../../api.ts'
import { formatList, formatNumber } from '../../format.ts'
import { language } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import { Input } from '../../parts/field.tsx'
import { Icon } from '../../parts/icon.tsx'
import { ExactTime } from '../../parts/time.tsx'
import { t } from './words.ts'
import './stories.css'

type Offered = InferResponseType<(typeof api.stories)[':id']['candidates']['$get']>['stories']
export type OfferedStory = Offered[number]

const waitMs = 180
/** As many as the server offers. */
const mostOffered = 10
const shownProjects = 3
const number = (n: number) => formatNumber(n, language.value)

export function ChooseStory({
  storyId,
  chosen,
  onChoose,
}: {
  storyId: number
  chosen: OfferedStory | undefined
  onChoose: (story: OfferedStory | undefined) => void
}) {
  const [text, setText] = useState('')
  const [wanted, setWanted] = useState('')
  /** Enter was pressed: the first one is chosen, as soon as it is there. */
  const [isEntered, setEntered] = useState(false)
  const group = useId()
  useEffect(() => {
    const timer = setTimeout(() => setWanted(text.trim()), waitMs)
    return () => clearTimeout(timer)
  }, [text])
  const { now } = useLoad(`story ${storyId} into ${wanted}`, (abort) =>
    answer(
      api.stories[':id'].candidates.$get(
        { param: { id: String(storyId) }, query: { q: wanted } },
        until(abort),
      ),
    ),
  )
  // The list stays while the next one is looked for, so that it does not jump with every letter.
  const last = useRef<Offered | undefined>(undefined)
  if (now.state === 'ready') last.current = now.data.stories
  const stories = now.state === 'error' ? [] : last.current
  const choose = (story: OfferedStory | undefined) => {
    if (story === undefined || !story.isBeyond) onChoose(story)
  }
  // Of the list for these words, never of the one before: that would be chosen and not be seen.
  const isListed = now.state === 'ready' && wanted === text.trim()
  useEffect(() => {
    if (!isEntered || !isListed) return
    setEntered(false)
    choose(stories?.[0])
  })
  return (
    <div class="stack-tight">
      <Input
        label={t.into}
        hint={t.intoHint}
        placeholder={t.intoPlaceholder}
        type="search"
        required
        maxLength={500}
        value={text}
        onValue={(value) => {
          setText(value)
          setEntered(false)
          onChoose(undefined)
        }}
        onEnter={() => setEntered(true)}
      />
      <fieldset class="story-choices" aria-busy={now.state === 'loading'}>
        <legend class="quiet small">{wanted === '' ? t.near : t.found}</legend>
        {now.state === 'error' && (
          <p class="field-error" role="alert">
            <Icon name="alert" size={14} /> {asFailure(now.failure).message}
          </p>
        )}
        {stories === undefined && now.state === 'loading' && <p class="quiet small">{t.finding}</p>}
        {stories?.length === 0 && now.state === 'ready' && (
          <p class="quiet small">{wanted === '' ? t.noneNear : t.noneFound}</p>
        )}
        {stories?.map((story) => (
          <label key={story.id} class={`story-choice${story.isBeyond ? ' story-choice-beyond' : ''}`}>
            <input
              type="radio"
              name={group}
              disabled={story.isBeyond}
              checked={chosen?.id === story.id}
              onChange={() => choose(story)}
            />
            <span>
              <span class="story-choice-title">{story.title}</span>
              <span class="quiet small">
                <ExactTime at={story.firstAt} /> · {t.candidate(number(story.mentions))}
                {story.projects.length > 0 && ` · ${namesOf(story.projects)}`} · #{story.id}
              </span>
              {story.isBeyond && <span class="quiet small">{t.mergeBeyond}</span>}
            </span>
          </label>
        ))}
        {stories?.length === mostOffered && <p class="quiet small">{t.more}</p>}
      </fieldset>
      <p class="for-ears" role="status">
        {now.state === 'ready' && t.foundMany(number(now.data.stories.length))}
      </p>
    </div>
  )
}

function namesOf(projects: OfferedStory['projects']): string {
  const names = formatList(
    projects.slice(0, shownProjects).map(({ name }) => name),
    language.value,
  )
  return projects.length > shownProjects ? `${names} ${t.moreProjects(number(projects.length))}` : names
}
