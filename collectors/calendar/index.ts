import { z } from 'zod'
import { CollectError, type CollectTools, type DueDateCapture, defineCollector } from '../collector.ts'
import { decode } from '../decode.ts'
import { eitherOr, fileOrAddress } from '../fields.ts'
import { daysWithin, readDays, riskCodesIn } from './days.ts'
import { type CalendarDay, readCalendar, type Window } from './ics.ts'

const maxFileBytes = 8 * 2 ** 20
const dayMs = 86_400_000
/** Behind us, because what is overdue still counts, and a year ahead, so that the next 1 September is known. */
const daysBehind = 60
const daysAhead = 400

const Options = z
  .object({
    days: z.string().max(20_000).default(''),
    ...fileOrAddress,
    risks: z.string().max(2_000).default(''),
    project: z.string().max(60).default(''),
  })
  .superRefine(({ days, path, url, risks }, context) => {
    const wrong = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message })
    const [first] = readDays(days).wrong
    if (first) wrong('days', first)
    if (path !== '' && url !== undefined) wrong('path', eitherOr)
    if (days.trim() === '' && path === '' && url === undefined)
      wrong('days', 'declare days, or name a calendar (填写日期或日历)')
    if ((path !== '' || url !== undefined) && risks.trim() !== '' && riskCodesIn(risks).length === 0) {
      wrong('risks', 'no code of a risk in it, for example PO3')
    }
  })

/** Days on which risks fall due by themselves: 1 September, the flood season, handovers of a shared calendar. */
export const calendar = defineCollector({
  kind: 'calendar',
  label: { zh: '到期日历', en: 'Calendar' },
  hasPublisher: false,
  fields: [
    {
      name: 'days',
      label: { zh: '日期', en: 'Days' },
      kind: 'mapping',
      hint: {
        zh: '每行一个：09-01 开学 PO3；只属于一个项目时写 2026-10-31 二期交付 DE3 DE9 @项目名',
        en: 'One a line: 09-01 school opens PO3; of one project: 2026-10-31 handover DE3 DE9 @project',
      },
    },
    {
      name: 'url',
      label: { zh: '日历地址', en: 'Address of a calendar' },
      kind: 'url',
      hint: { zh: 'iCalendar（.ics）订阅地址', en: 'An iCalendar (.ics) subscription' },
      placeholder: 'https://calendar.example.com/handover.ics',
    },
    {
      name: 'path',
      label: { zh: '日历文件', en: 'Calendar file' },
      kind: 'path',
      hint: { zh: '数据文件夹 inbox 中的 .ics 文件', en: 'An .ics file in the inbox of the data folder' },
      placeholder: 'handover.ics',
    },
    {
      name: 'risks',
      label: { zh: '日历中的风险项', en: 'Risks of the events' },
      kind: 'mapping',
      hint: {
        zh: '事件标题、类别中写有编码时可不填；例：开学=PO3,交付=DE3 DE9；不含等号的编码用于其余事件',
        en: 'Not needed when events name their codes; for example school=PO3,handover=DE3 DE9; codes without = are for all others',
      },
    },
    {
      name: 'project',
      label: { zh: '项目', en: 'Project' },
      kind: 'text',
      hint: {
        zh: '日历只属于一个项目时填写；否则认事件地点或标题中的 @项目名',
        en: 'When the calendar is of one project; else the place of the event, or @project in its title',
      },
    },
  ],
  options: Options,
  schedule: '43 5 * * *',
  async collect(options, tools) {
    const window = windowAt(tools.now)
    const declared = readDays(options.days).days.flatMap((day) =>
      daysWithin(day, window).map(
        (on): DueDateCapture => ({
          externalId:
            `${day.on} ${day.title} ${day.project ?? ''}`.trim() +
            (day.on.length === 10 ? '' : ` ${on.slice(0, 4)}`),
          on,
          title: day.title,
          risks: day.risks,
          ...withProject(day.project ?? options.project),
        }),
      ),
    )
    const file = await calendarText(options, tools)
    const { days, unread } = file === undefined ? { days: [], unread: [] } : readCalendar(file, window)
    const risksOf = riskReader(options.risks)
    const events = days.map((day) => ({ day, risks: risksOf(day) }))
    const nameless = events.filter(({ risks }) => risks.length === 0)
    const dueDates = [
      ...declared,
      ...events
        .filter(({ risks }) => risks.length > 0)
        .map(
          ({ day, risks }): DueDateCapture => ({
            externalId: day.id.slice(0, 300),
            on: day.on,
            title: day.title.replace(/@\s*\S+/, '').trim() || day.title,
            risks,
            ...withProject(options.project || (/@\s*(\S+)/.exec(day.title)?.[1] ?? day.location)),
          }),
        ),
    ]
    const remarks = [
      ...unread.slice(0, 3),
      nameless.length > 0 &&
        `${nameless.length} events name no risk: ${nameless
          .slice(0, 3)
          .map(({ day }) => `«${day.title}»`)
          .join(', ')}`,
    ].filter(Boolean)
    return {
      outcome: 'ok',
      dueDates,
      get detail() {
        return remarks.length > 0 ? remarks.join('; ') : undefined
      },
    }
  },
})

const withProject = (name: string) => (name.trim() === '' ? {} : { project: name.trim() })

function windowAt(now: Date): Window {
  const day = (offset: number) =>
    new Date(now.getTime() + 8 * 3_600_000 + offset * dayMs).toISOString().slice(0, 10)
  return { from: day(-daysBehind), to: day(daysAhead) }
}

async function calendarText(
  { url, path }: z.output<typeof Options>,
  tools: CollectTools,
): Promise<string | undefined> {
  if (path !== '') return decode(await tools.files.read(path, maxFileBytes)).text
  if (url === undefined) return undefined
  // Not conditional: the days that are wanted move with the clock although the file stays.
  const answer = await tools.fetch(url, { accept: 'text/calendar, */*;q=0.5' })
  if (answer.bytes.length > maxFileBytes)
    throw new CollectError('too-large', `the calendar has ${answer.bytes.length} bytes`)
  return decode(answer.bytes, answer.headers['content-type'] ?? '').text
}

/** Codes that the event names itself, else those of the words in its title, else those for all others. */
function riskReader(text: string): (day: CalendarDay) => string[] {
  const parts = text
    .normalize('NFKC')
    .split(/[,\n;]/)
    .map((part) => part.split('='))
  const byWord = parts.flatMap(([word, codes]) =>
    word !== undefined && codes !== undefined && word.trim() !== ''
      ? [[word.trim().toLowerCase(), riskCodesIn(codes)] as const]
      : [],
  )
  const others = parts.filter((part) => part.length === 1).flatMap(([codes = '']) => riskCodesIn(codes))
  return ({ title, description, categories }) => {
    const own = riskCodesIn([title, description, ...categories].join(' '))
    if (own.length > 0) return own
    const said = [title, ...categories].join(' ').toLowerCase()
    const worded = byWord.filter(([word]) => said.includes(word)).flatMap(([, codes]) => codes)
    return [...new Set(worded.length > 0 ? worded : others)]
  }
}
