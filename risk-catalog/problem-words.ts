/** What is wrong with a catalogue and what to do about it, in both languages: people edit it in the browser too. */
import type { YAMLParseError } from 'yaml'
import type { z } from 'zod'

/** `message` is the English; the command line speaks it alone. */
export interface Words {
  zh: string
  message: string
}

const words = (zh: string, message: string): Words => ({ zh, message })
const list = (items: Iterable<unknown>) => [...items].map(String).join(', ')

export const said = {
  unreadableFolder: (why: string) =>
    words(
      `读不到（${why}）：请给出风险目录所在的文件夹`,
      `cannot be read (${why}): give the folder of the risk catalogue`,
    ),
  noRisk: words('没有风险项：一项一个文件，放在这里', 'no risk found: put one file per risk here'),
  missingGroup: (name: string, zh: string, en: string) =>
    words(
      `缺少词组「${name}」（${zh}）：请加到这里的某个文件中`,
      `the group «${name}» is missing (${en}): add it to a file here`,
    ),
  twinGroup: (name: string, file: string) =>
    words(
      `词组「${name}」在 ${file} 中也有：请改名或合并`,
      `the group «${name}» is also in ${file}: rename or merge one`,
    ),
  tooDeep: words(
    '嵌套过深，或用别名（*name）反复引用自身：请直接写出内容',
    'is nested too deep or repeats itself by aliases (*name): write it out plainly',
  ),
  notYaml: ({ code, message }: YAMLParseError) =>
    words(`不是有效的 YAML：${yamlWord[code] ?? message}`, `not YAML: ${message}`),
  notThisFile: words('不是这个文件该有的内容', 'is not what this file must hold'),
  wrongPhase: (phase: string, code: string) =>
    words(
      `阶段 ${phase} 与编码 ${code} 不符：请写 ${code.slice(0, 2)}`,
      `phase ${phase} does not fit the code ${code}: write ${code.slice(0, 2)}`,
    ),
  wrongPlace: (code: string) =>
    words(
      `${code} 放错了位置：请移到 ${code.slice(0, 2)}/${code}.yaml`,
      `${code} stands in the wrong place: move it to ${code.slice(0, 2)}/${code}.yaml`,
    ),
  twinCode: (code: string, file: string) =>
    words(
      `编码 ${code} 在 ${file} 中也有：每项风险的编码各不相同`,
      `the code ${code} is also in ${file}: every risk has its own`,
    ),
  twinRule: (id: string) =>
    words(`规则编号「${id}」用了两次：请改一个`, `the rule id «${id}» is used twice: rename one`),
  circle: (circle: string) =>
    words(
      `词组互相引用成圈（${circle}）：请去掉其中一个`,
      `the groups go in a circle (${circle}): take one out`,
    ),
  unmatchable: (word: string) =>
    words(
      `「${word}」里没有文字或数字，永远匹配不到：请删去或换一个词`,
      `«${word}» holds no letter or digit, so it can never match: remove or replace it`,
    ),
  unknownGroup: (name: string, known: Iterable<string>) => {
    const names = list([...known].sort())
    return words(
      `没有词组「$${name}」：请加入词库，或改用其中之一：${names}`,
      `unknown group «$${name}»: add it to the lexicon or use one of ${names}`,
    )
  },
}

/** What is wrong and what to write instead, in words of the file and not of the checker; the place in the file before it. */
export function cure(issue: z.core.$ZodIssue): Words {
  const { zh, message } = cureOf(issue)
  const at = issue.path.length > 0 ? `${issue.path.map(String).join('.')}: ` : ''
  return words(at + zh, at + message)
}

function cureOf(issue: z.core.$ZodIssue): Words {
  switch (issue.code) {
    case 'unrecognized_keys': {
      const keys = issue.keys.map((key) => `«${key}»`).join(', ')
      return words(
        `不认识的键 ${keys}：请更正拼写或删去`,
        `unknown key ${keys}: correct its spelling or remove it`,
      )
    }
    case 'invalid_value':
      return words(`只能是 ${list(issue.values)} 之一`, `must be one of ${list(issue.values)}`)
    case 'invalid_type': {
      const kind = kindWord[issue.expected] ?? issue.expected
      return issue.input === undefined
        ? words(`缺少此项：请补上（${kind}）`, `is missing: add it (${issue.expected})`)
        : words(`应为${kind}：请修改`, `must be ${issue.expected}: change the value`)
    }
    case 'too_small': {
      const least = String(issue.minimum)
      if (issue.origin === 'array')
        return words(`条目太少：至少 ${least} 条`, `has too few entries: write at least ${least}`)
      return issue.origin === 'string'
        ? words(`太短：至少 ${least} 个字`, `is too short: at least ${least}`)
        : words(`太小：至少 ${least}`, `is too small: at least ${least}`)
    }
    case 'too_big': {
      const most = String(issue.maximum)
      return issue.origin === 'array'
        ? words(`条目太多：至多 ${most} 条`, `is too long: at most ${most}`)
        : words(`太大：至多 ${most}`, `is too big: at most ${most}`)
    }
    case 'invalid_format': {
      const form = String(issue.pattern ?? issue.format)
      return words(`格式不对：请写成 ${form} 的样子`, `has the wrong form: write it like ${form}`)
    }
    default:
      return words(`内容不符合要求（${issue.message}）`, issue.message)
  }
}

const kindWord: Readonly<Record<string, string>> = {
  string: '文字',
  number: '数字',
  int: '整数',
  boolean: ' true 或 false',
  array: '列表',
  object: '一组键和值',
}

/** The mistakes that people make with YAML; the rarer ones keep the parser's words. */
const yamlWord: Readonly<Partial<Record<YAMLParseError['code'], string>>> = {
  BAD_INDENT: '缩进不对',
  BAD_SCALAR_START: '文字不能以这个符号开头，请加引号',
  BLOCK_AS_IMPLICIT_KEY: '一行里写了多个键，请分行',
  BLOCK_IN_FLOW: '括号内不能写带缩进的内容',
  DUPLICATE_KEY: '同一个键写了两次',
  MISSING_CHAR: '缺少括号、引号、逗号、冒号或空格',
  MULTILINE_IMPLICIT_KEY: '键必须写在一行里',
  MULTIPLE_DOCS: '一个文件里只能有一份内容，请去掉 ---',
  TAB_AS_INDENT: '缩进用了制表符，请改为空格',
  TAG_RESOLVE_FAILED: '标签（!）无法识别，请去掉',
  UNEXPECTED_TOKEN: '这里有多余的符号',
  BAD_ALIAS: '别名（*）不存在',
  BAD_DQ_ESCAPE: '引号中的反斜杠写法不对',
}
