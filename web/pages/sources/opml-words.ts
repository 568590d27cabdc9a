import { counted, words } from '../../labels.ts'
import { refusals } from '../../refusals.ts'

export const t = words(
  {
    import: '导入订阅列表',
    export: '导出 OPML',
    title: '导入订阅列表',
    hint: 'OPML 文件，可由各种 RSS 阅读器导出。选好后先核对，再添加；地址相同的订阅不会重复添加。',
    file: 'OPML 文件',
    counts: (fresh: string, there: string, bad: string) =>
      `可添加 ${fresh} · 已有 ${there} · 不能读取 ${bad}`,
    add: (n: string) => `添加 ${n} 个信源`,
    done: (n: string) => `已添加 ${n} 个信源，正在首次读取`,
    none: '没有可添加的订阅。',
    badTitle: '不能添加的条目',
    badRow: (place: string, title: string) => `第 ${place} 个条目「${title || '无标题'}」`,
    problemWord: {
      'no-address': '没有订阅地址（xmlUrl），请在阅读器中补上后重新导出',
      'not-an-address': '订阅地址不是 http 或 https 地址，请更正后重新导出',
    },
    feeds: '订阅',
    willBe: (name: string) => `将命名为「${name}」`,
    existsAs: (name: string) => `已有信源「${name}」`,
    repeatedAs: (name: string) => `与列表中的「${name}」地址相同`,
    shown: (shown: string, all: string) => `显示前 ${shown} 个，共 ${all} 个；其余也会添加。`,
  },
  {
    import: 'Import a list',
    export: 'Export OPML',
    title: 'Import a list of feeds',
    hint: 'An OPML file, as every feed reader exports it. It is shown first and added on a second press; a feed that is read already is not added again.',
    file: 'OPML file',
    counts: (fresh, there, bad) => `${fresh} to add · ${there} there already · ${bad} unreadable`,
    add: (n) => `Add ${counted(n, 'source')}`,
    done: (n) => `${counted(n, 'source')} added; the first run is under way`,
    none: 'There is nothing to add.',
    badTitle: 'Entries that cannot be added',
    badRow: (place, title) => `Entry ${place} «${title || 'untitled'}»`,
    problemWord: {
      'no-address': 'has no feed address (xmlUrl); add it in your reader and export again',
      'not-an-address': 'its feed address is not http or https; correct it and export again',
    },
    feeds: 'Feeds',
    willBe: (name) => `will be named «${name}»`,
    existsAs: (name) => `there as «${name}»`,
    repeatedAs: (name) => `same address as «${name}» in this list`,
    shown: (shown, all) => `The first ${shown} of ${all} are shown; the others are added too.`,
  },
)

refusals(
  {
    'not-a-feed-list': '这不是 OPML 订阅列表，请从阅读器重新导出',
    'too-many-feeds': '列表中的订阅超过 5000 个，请拆分后导入',
  },
  {
    'not-a-feed-list': 'This is not an OPML list of feeds; export it from your reader again',
    'too-many-feeds': 'More than 5,000 feeds in one list; split it and import the parts',
  },
)
