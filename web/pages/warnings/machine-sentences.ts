/**
 * What the machine says of a warning is stored as Chinese sentences of a closed form (server/warnings/wording.ts). Here they
 * are read back for an English reader, clause by clause; what has another form, as the words of people have, stays as it is.
 *
 *   machineSentence('暂无舆情；投诉 5 件（未结 3 件，涉及 3 户）。') → 'No texts; 5 complaints (3 open, 3 households).'
 */
import { counted, language } from '../../labels.ts'

const milestones: Readonly<Record<string, string>> = {
  取得预售证: 'pre-sale permit',
  首次开盘: 'launch',
  主体封顶: 'topping out',
  竣工备案: 'completion filing',
  合同交付: 'delivery',
  办理产权证: 'title certificate',
  学校开学: 'school opening',
}
const phenomena: Readonly<Record<string, string>> = {
  暴雨: 'rainstorm',
  台风: 'typhoon',
  大风: 'gale',
  雷电: 'thunderstorm',
  冰雹: 'hail',
  暴雪: 'snowstorm',
  寒潮冰冻: 'cold and ice',
  高温: 'heat',
  雾霾: 'fog',
  地质灾害: 'landslide',
  气象: 'weather',
}
const colours: Readonly<Record<string, string>> = {
  蓝色: 'blue',
  黄色: 'yellow',
  橙色: 'orange',
  红色: 'red',
}

const families = (n: string) => counted(n, 'media family', 'media families')

type Reading = readonly [RegExp, (...found: string[]) => string]

/** Each takes a whole clause; a part that was not there comes as ''. */
const clauses: readonly Reading[] = [
  [
    /^(\d+) 家媒体 (\d+) 条舆情（负面 (\d+) 条）$/,
    (of, texts, negative) => `${counted(texts, 'text')} of ${families(of)} (${negative} negative)`,
  ],
  [/^暂无舆情$/, () => 'no texts'],
  [
    /^投诉 (\d+) 件（未结 (\d+) 件，涉及 (\d+) 户）$/,
    (cases, open, households) =>
      `${counted(cases, 'complaint')} (${open} open, ${counted(households, 'household')})`,
  ],
  [/^暂无投诉$/, () => 'no complaints'],
  [/^经营读数超过界限（(.+)）$/, (on) => `reading beyond its limit (${on})`],
  [/^(.+)：(\S+) 到期$/, (what, on) => `${milestones[what] ?? what} due ${on}`],
  [
    /^(.+?)(蓝色|黄色|橙色|红色)?预警（(.+?)(?:，渗漏投诉未结 (\d+) 件)?(?:，本市 (\d+) 个项目)?）$/,
    (what, colour, issuer, leaks, sites) => {
      const beside = [
        issuer,
        leaks && `${counted(leaks, 'leak complaint')} open`,
        sites && `${sites} sites here`,
      ]
      const name = [phenomena[what] ?? what, 'warning'].join(' ')
      return `${colour ? `${name}, ${colours[colour]}` : name} (${beside.filter(Boolean).join(', ')})`
    },
  ],
  [/^触及红线规则$/, () => 'a red line was crossed'],
  [/^数量异常上升$/, () => 'an unusual rise in number'],
  [/^达到预警级别$/, () => 'the level of a warning was reached'],
  [/^风险上升：(\S+) 级 → (\S+) 级$/, (from, to) => `risk rose: level ${from} → ${to}`],
  [
    /^已平稳超过保持时间：(\S+) 级 → (\S+) 级$/,
    (from, to) => `calm for longer than the holding time: level ${from} → ${to}`,
  ],
  [
    /^新增 (\d+) 家媒体、(\d+) 件投诉$/,
    (more, cases) => `${families(more)} and ${counted(cases, 'complaint')} more`,
  ],
  [
    /^已无达到预警级别的证据，建议解除$/,
    () => 'no evidence at the level of a warning any more; lifting is proposed',
  ],
  [
    /^已无达到预警级别的证据，自动解除$/,
    () => 'no evidence at the level of a warning any more; lifted by itself',
  ],
]

function inEnglish(clause: string): string | undefined {
  for (const [form, say] of clauses) {
    const found = form.exec(clause)
    if (found) return say(...found.slice(1).map((part) => part ?? ''))
  }
  return undefined
}

/** The sentence in the language of the reader. */
export function machineSentence(stored: string): string {
  if (language.value !== 'en') return stored
  const hasStop = stored.endsWith('。')
  const read = (hasStop ? stored.slice(0, -1) : stored).split('；').map(inEnglish)
  if (read.includes(undefined)) return stored
  const said = read.join('; ')
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}${hasStop ? '.' : ''}`
}
