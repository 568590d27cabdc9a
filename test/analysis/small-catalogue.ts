import { type Catalogue, engineGroups } from '../../risk-catalog/load.ts'
import { Risk } from '../../risk-catalog/risk.ts'

const words: Record<string, string[]> = {
  ...Object.fromEntries(Object.keys(engineGroups).map((name) => [name, [`«${name}»`]])),
  negation: ['没有', '未', '不存在'],
  'negation-filler': ['任何', '发现'],
  'not-negation': ['没有人管'],
  denial: ['系谣言'],
  noise: ['攻略', '股票'],
  trade: ['楼盘', '业主', '小区'],
  negative: ['投诉', '愤怒'],
  positive: ['点赞', '感谢'],
  developer: ['开发商'],
  'property-management': ['物业'],
  government: ['住建局'],
}

const rule = (id: string, all: string[][], more: object = {}) => ({ id, all, weight: 0.8, ...more })

function risk(code: string, ...rules: object[]) {
  return Risk.parse({
    code,
    phase: code.slice(0, 2),
    name: { zh: code, en: code },
    clause: 'extension',
    departments: ['engineering'],
    severity: 3,
    description: { zh: code, en: code },
    indicators: [{ kind: 'quality', zh: '抽检', en: 'checks' }],
    rules,
    measures: ['一', '二', '三'],
    playbook: ['一', '二', '三'].map((does) => ({ within: '一天', who: '工程部', does })),
    examples: { hits: Array(5).fill('占位文本'), misses: Array(5).fill('占位文本') },
  })
}

/** Four risks with rules of every kind, small enough to be kept in mind beside a test. */
export const smallCatalogue: Catalogue = {
  risks: [
    risk(
      'DE5',
      rule('leak', [
        ['墙', '房屋'],
        ['渗漏', '开裂', '渗漏水'],
      ]),
      rule('hollow', [['空鼓']], { weight: 0.4 }),
    ),
    risk(
      'DE3',
      rule('stopped', [['工地', '项目'], ['停工']], {
        scope: 'text',
        within: 40,
        redLine: true,
        weight: 0.6,
      }),
    ),
    risk('LA1', rule('no-permit', [['未取得预售证']], { negatable: false, not: ['已补办'], weight: 0.6 })),
    risk(
      'SA2',
      rule('cut', [['降价']], { scope: 'title', weight: 0.6 }),
      rule('half', [['维权']], { weight: 0.5 }),
    ),
  ],
  groups: words,
  version: 'small',
}
