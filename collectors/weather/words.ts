// What the weather authorities of China and others call things → our closed words.
import type { AlertCapture, Phenomenon } from '../collector.ts'

/** Read in this order: 雷雨大风 is a thunderstorm, 冰雹 is not 结冰, and a typhoon brings its rain with it. */
const phenomenonWords: readonly (readonly [Phenomenon, RegExp])[] = [
  ['typhoon', /台风|热带风暴|热带气旋|typhoon|hurricane|tropical (?:storm|cyclone)/i],
  ['geological', /地质灾害|泥石流|滑坡|崩塌|landslide|mudslide|debris flow/i],
  ['hail', /冰雹|\bhail/i],
  ['rainstorm', /暴雨|强降雨|强降水|山洪|内涝|积涝|洪水|rain|flood/i],
  ['thunderstorm', /雷电|雷暴|雷雨|强对流|龙卷|thunder|lightning|tornado/i],
  ['snow', /[暴大雨]雪|雪灾|降雪|snow|blizzard/i],
  ['fog', /[大浓轻]雾|雾|霾|沙尘|fog|haze|dust ?storm/i],
  ['cold', /寒潮|低温|冰冻|结冰|霜冻|寒冷|降温|cold|freez|\bice\b|frost/i],
  ['heat', /高温|热浪|heat|high temperature/i],
  ['wind', /大风|阵风|强风|海上大风|wind|\bgale/i],
]

/** What kind of weather a name or headline speaks of; `undefined` when it names none of ours. */
export function phenomenonIn(text: string): Phenomenon | undefined {
  return phenomenonWords.find(([, pattern]) => pattern.test(text))?.[0]
}

type Severity = AlertCapture['severity']

const ofColour: Readonly<Record<string, Severity>> = {
  蓝: 'minor',
  黄: 'moderate',
  橙: 'severe',
  红: 'extreme',
  blue: 'minor',
  yellow: 'moderate',
  orange: 'severe',
  red: 'extreme',
}

/** The last colour that is named: «暴雨黄色预警升级为橙色» is orange. */
export function severityOfColour(text: string): Severity | undefined {
  const last = [...text.matchAll(/([蓝黄橙红])色|\b(blue|yellow|orange|red)\b/gi)].at(-1)
  return last ? ofColour[(last[1] ?? last[2] ?? '').toLowerCase()] : undefined
}

export function severityNamed(word: string): Severity | undefined {
  return (['minor', 'moderate', 'severe', 'extreme'] as const).find((known) => known === word.toLowerCase())
}

/** The message ends a warning: 解除, but not a sentence on when it is expected to be lifted. */
export const saysLifted = (headline: string) =>
  /解除|取消/.test(headline) && !/解除时间|未解除|尚未解除/.test(headline)

const authority =
  /^\s*[【[]?\s*([\u4e00-\u9fff]{2,24}?(?:气象(?:台|局|站|服务中心|灾害预警中心)|突发事件预警信息发布中心|预警信息发布中心|防汛[\u4e00-\u9fff]{0,12}指挥部|水务局|水利局|应急管理局|自然资源[\u4e00-\u9fff]{0,4}局))/

/** Who issues, as a headline begins with it: 南京市气象台2026年7月1日发布暴雨红色预警. */
export const issuerIn = (headline: string) => authority.exec(headline)?.[1]

/** Where that authority is responsible; the national one is nowhere in particular. */
export function placeOfIssuer(issuer: string): string | undefined {
  const place = issuer
    .replace(
      /(?:气象(?:台|局|站|服务中心|灾害预警中心)|突发事件预警信息发布中心|预警信息发布中心|防汛.*指挥部|水务局|水利局|应急管理局|自然资源.*局)$/,
      '',
    )
    .trim()
  return place === '' || /^(?:中央|国家|中国)/.test(place) || !/[\u4e00-\u9fff]{2}/.test(place)
    ? undefined
    : place
}
