/**
 * Catalogues and projects of any size for measuring how the engine carries growth. Names are put together like those of
 * real estates (a developer, two or three characters of a few hundred, a suffix), because twenty thousand names of the
 * same few characters would meet one another in every text and real ones do not.
 */
import type { Catalogue } from '../../risk-catalog/load.ts'
import { createAnalyser } from '../../server/analysis/analyser.ts'
import { cityNames } from '../../server/analysis/places.ts'
import type { ProjectNames } from '../../server/analysis/project-match.ts'

const characters =
  '云境澜悦璟宸雍锦翰林樾序和颂天玺珑璞瑞观麓湖山江屿海棠桂荷兰竹松柏枫槐杏梅樱荟萃雅颐清朗晴岚月星辰曦晨暮霞虹霖溪泉涧潭汀洲浦渡桥堤岸峰岭谷原野牧田禾稻麦桑榆柳杨桐梓楠檀楹梁栋阶庭院阁楼轩榭亭台堂馆舍庐第邸邦都京州城池关塞门坊巷里弄街市集墟铺栈驿站港湾滩礁岛礼乐诗书画琴棋墨砚笔笺卷章句韵律歌谣赋颂铭鼎钟鼓磬瑟箫笛簧钰琅琪瑶琳琼瑾瑜珺珂玥瑄璇玑衡枢权翠碧青苍紫丹绛绯朱赤金银铜铁锡玉石珠贝锦绣绮罗纱绸缎绫绢丝棉麻葛裳衣冠履佩环钗簪镜奁匣箱笼篮筐盘盏杯壶樽爵觥鹤鹭鸥雁鹏鹰凤鸾凰麒麟龙虎豹狮象鹿马牛羊犬兔鱼鲤鲸鲲鳞蝶蜂蝉萤隆昌盛泰康宁安定永恒久长远达通顺利吉祥福禄寿喜庆欣怡悠然逸闲静谧幽深宽广博厚德仁义信诚敬恭谦让勤俭朴素纯真善美新旧古今往来春夏秋冬东南西北中央上下左右前后内外'
const suffixes =
  '花园 家园 小区 公馆 华府 华庭 雅苑 名苑 嘉园 佳园 豪庭 山庄 御府 名都 府 苑 园 城 湾 郡 院 里 轩 庭 壹号 国际 广场 中心 新城 时代'.split(
    ' ',
  )
const builders = '嘉和 远澜 中澍 恒屿 瑞庭 金樾 华璟 信岚 宏序 正荟 ×'.split(' ')

/** The same numbers on every run. */
export function createDice(seed = 7): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 0x1_0000_0000) * below)
  }
}

/** Projects with a name and three aliases each, in fifty cities. */
export function manyProjects(count: number): ProjectNames[] {
  const dice = createDice()
  const pick = <T>(of: ArrayLike<T>, otherwise: T): T => of[dice(of.length)] ?? otherwise
  const taken = new Set<string>()
  return Array.from({ length: count }, (_, id): ProjectNames => {
    let stem = ''
    let name = ''
    do {
      stem = pick(characters, '') + pick(characters, '') + (dice(3) === 0 ? pick(characters, '') : '')
      name = stem + pick(suffixes, '')
    } while (taken.has(name))
    taken.add(name)
    const builder = pick(builders, '').replace('×', stem)
    const city = cityNames[dice(50)] ?? ''
    return {
      id: id + 1,
      names: [
        name,
        builder + stem,
        `${stem}${pick(suffixes, '')}${['二期', '三期', '东区', '南区'][dice(4)] ?? ''}`,
        `${builder}${name}`,
      ],
      city: `${city}市`,
      district: `${stem.slice(0, 1)}${pick(characters, '')}区`,
      companies: [`${city}${stem}置业有限公司`],
    }
  })
}

/**
 * A catalogue of so many times the risks: the copies have codes, rules and words of their own. A copy's word has the
 * length of the catalogue's word (two characters at least: a single one would stand in every text) and characters of the
 * catalogue's other words, so it begins and breaks off like one, and by chance texts hold one for every four of ours: more is
 * found, and has to be told apart; with `strangers`, characters that stand in no Chinese text, so that what is measured is
 * the size alone.
 */
export function grownCatalogue(
  { risks, groups, version }: Catalogue,
  times: number,
  words: 'like ours' | 'strangers' = 'like ours',
): Catalogue {
  const ours = risks.flatMap((risk) => risk.rules.flatMap((rule) => rule.all.flat())).join('')
  const all = words === 'like ours' ? ours : ours.replace(/[^\x00-\x7f]/g, hangul)
  const dice = createDice()
  const copies = Array.from({ length: times - 1 }, (_, copy) => {
    const others = new Map<string, string>()
    const other = (word: string) => {
      const known = others.get(word)
      if (known !== undefined) return known
      let made = ''
      for (let at = 0; at < Math.max(2, word.length); at++) made += all[dice(all.length)] ?? ''
      others.set(word, made)
      return made
    }
    return risks.map((risk) => ({
      ...risk,
      code: `${risk.code}${String.fromCharCode(97 + copy)}`,
      rules: risk.rules.map((rule) => ({
        ...rule,
        all: rule.all.map((words) => words.map(other)),
        ...(rule.not && { not: rule.not.map(other) }),
      })),
    }))
  })
  return { risks: [...risks, ...copies.flat()], groups, version }
}

const hangul = (character: string) => String.fromCharCode(0xac00 + (character.charCodeAt(0) % 11_172))

const CHARACTERS = 300
/** Texts between which the analysers take turns. */
const TURN = 100
const ROUNDS = 15

/**
 * Prints start-up, memory and texts per second of one core for growing catalogues and project lists. All analysers take
 * turns every hundred texts, and each keeps its best time for these, so that other work on the machine weighs on none alone.
 */
export function measureGrowth(
  catalogue: Catalogue,
  letters: readonly { title: string; body: string }[],
): void {
  const texts = letters
    .map(({ title, body }) => ({ title, text: body.slice(0, CHARACTERS - title.length) }))
    .filter(({ title, text }) => title.length + text.length === CHARACTERS)
    .slice(0, 1500)
  const { weights } = catalogue
  const grown = (words: 'like ours' | 'strangers') => ({
    ...grownCatalogue(catalogue, 10, words),
    ...(weights && { weights }),
  })
  const sizes = [
    ['catalogue, 500 projects', catalogue, 500],
    ['catalogue, 5,000 projects', catalogue, 5000],
    ['catalogue × 10, 500 projects', grown('strangers'), 500],
    ['catalogue × 10, 5,000 projects', grown('strangers'), 5000],
    ['  and a quarter more hits, 500', grown('like ours'), 500],
    ['  and a quarter more hits, 5,000', grown('like ours'), 5000],
  ] as const
  const turns = Math.ceil(texts.length / TURN)
  const runs = sizes.map(([name, risks, count]) => {
    const projects = manyProjects(count)
    globalThis.gc?.()
    const before = memory()
    const from = performance.now()
    const { analyse } = createAnalyser({ ...risks, projects })
    const start = (performance.now() - from) / 1000
    globalThis.gc?.()
    const megabytes = (memory() - before) / 1e6
    return { name, analyse, start, megabytes, best: Array<number>(turns).fill(Number.POSITIVE_INFINITY) }
  })
  for (let round = 0; round < ROUNDS; round++) {
    for (let turn = 0; turn < turns; turn++) {
      const some = texts.slice(turn * TURN, (turn + 1) * TURN)
      for (const { analyse, best } of runs) {
        const from = performance.now()
        for (const text of some) analyse(text)
        best[turn] = Math.min(best[turn] ?? 0, performance.now() - from)
      }
    }
  }
  console.log(
    `growth, ${texts.length} letters of ${CHARACTERS} characters, four aliases a project, rules + model:`,
  )
  const secondsOf = (best: readonly number[]) => best.reduce((sum, time) => sum + time, 0) / 1000
  const first = secondsOf(runs[0]?.best ?? [])
  for (const { name, start, megabytes, best } of runs) {
    const seconds = secondsOf(best)
    const change = 100 * (first / seconds - 1)
    console.log(
      `  ${name.padEnd(32)} ${(texts.length / seconds).toFixed(0).padStart(6)} texts/s ${change.toFixed(1).padStart(6)} %   start ${start.toFixed(2)} s   ${megabytes.toFixed(0)} MB`,
    )
  }
}

function memory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
