// Well-known public institutions of the press and of government, so that tiers mean something on the first day. Reference
// data that administrators edit; loaded once, when there is no publisher at all. Members of one family are one voice.
import type { Tier } from './words.ts'

interface DefaultPublisher {
  name: string
  family: string
  tier: Tier
  /** A host stands for its subdomains too. */
  hosts: readonly string[]
}

const one = (name: string, tier: Tier, ...hosts: string[]): DefaultPublisher => ({
  name,
  family: name,
  tier,
  hosts,
})
const of = (family: string, tier: Tier, members: Readonly<Record<string, readonly string[]>>) =>
  Object.entries(members).map(([name, hosts]) => ({ name, family, tier, hosts }))

export const defaultPublishers: readonly DefaultPublisher[] = [
  ...of('人民日报社', 'central', {
    人民网: ['people.com.cn', 'people.cn'],
    人民日报: ['paper.people.com.cn'],
    人民网领导留言板: ['liuyan.people.com.cn'],
  }),
  ...of('新华社', 'central', { 新华网: ['xinhuanet.com', 'news.cn'] }),
  ...of('中央广播电视总台', 'central', {
    央视网: ['cctv.com', 'cctv.cn'],
    央广网: ['cnr.cn'],
    国际在线: ['cri.cn'],
  }),
  one('中国新闻网', 'central', 'chinanews.com', 'chinanews.com.cn'),
  one('光明网', 'central', 'gmw.cn'),
  one('中国经济网', 'central', 'ce.cn'),
  one('中国青年网', 'central', 'youth.cn'),
  one('中国日报网', 'central', 'chinadaily.com.cn'),
  one('法治网', 'central', 'legaldaily.com.cn'),
  one('中国政府网', 'official', 'gov.cn'),
  one('住房和城乡建设部', 'official', 'mohurd.gov.cn'),
  one('国家市场监督管理总局', 'official', 'samr.gov.cn'),
  one('中国气象局', 'official', 'cma.gov.cn', 'weather.com.cn'),
  one('澎湃新闻', 'provincial', 'thepaper.cn'),
  one('北青网', 'provincial', 'ynet.com'),
  one('南方网', 'provincial', 'southcn.com'),
  one('浙江在线', 'provincial', 'zjol.com.cn'),
  one('大众网', 'provincial', 'dzwww.com'),
  one('红网', 'provincial', 'rednet.cn'),
  one('荆楚网', 'provincial', 'cnhubei.com'),
  one('四川在线', 'provincial', 'scol.com.cn'),
  one('华龙网', 'provincial', 'cqnews.net'),
  one('新浪', 'portal', 'sina.com.cn', 'sina.cn'),
  one('网易', 'portal', '163.com'),
  one('搜狐', 'portal', 'sohu.com'),
  one('腾讯网', 'portal', 'qq.com'),
  one('凤凰网', 'portal', 'ifeng.com'),
  one('乐居', 'portal', 'leju.com'),
  one('房天下', 'portal', 'fang.com'),
  one('今日头条', 'self-media', 'toutiao.com'),
  one('微博', 'self-media', 'weibo.com', 'weibo.cn'),
  one('微信公众号', 'self-media', 'mp.weixin.qq.com'),
  one('抖音', 'self-media', 'douyin.com'),
  one('小红书', 'self-media', 'xiaohongshu.com'),
  one('知乎', 'forum', 'zhihu.com'),
  one('百度贴吧', 'forum', 'tieba.baidu.com'),
  one('黑猫投诉', 'forum', 'tousu.sina.com.cn'),
]
