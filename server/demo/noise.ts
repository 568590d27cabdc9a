// What fills the stream without being ours: other industries, policy, sport, shares, agencies, how-to, city news; and what
// names our estates without being a risk: opening days, owners' feasts, praise. Nothing here may raise a warning.

/** Slots of their own: {firm} {team} {street} {park} {goods} {road} {num} {big} {pct} {month} {c} {d} {item} {room} {job} {kid} {fest} {topic}. */
export const noiseSlots: Readonly<Record<string, readonly string[]>> = {
  firm: [
    '岸芯科技',
    '禾渡食品',
    '云栈物流',
    '沐川乳业',
    '砾石软件',
    '青屿医药',
    '拓野汽配',
    '澄源水务',
    '蓝坡家电',
    '牧星能源',
    '柚子出行',
    '北塔纸业',
    '溪木家具',
    '远桅航运',
  ],
  team: [
    '江澜竞技',
    '海棠联',
    '铁桥队',
    '蓝鲸青年',
    '南渡星火',
    '白塔劲旅',
    '松涛俱乐部',
    '暮色流浪者',
    '稻香雄狮',
    '灯塔城',
  ],
  street: [
    '槐荫路',
    '枫溪路',
    '东风渠路',
    '临江大道',
    '松柏街',
    '长亭路',
    '观澜大街',
    '云杉路',
    '石桥巷',
    '文汇路',
    '望月街',
    '柳堤路',
  ],
  park: ['听涛公园', '樱花公园', '湿地公园', '滨江绿道', '儿童公园', '植物园', '体育公园', '古渡口公园'],
  goods: ['柑橘', '大闸蟹', '冬枣', '青菜', '土豆', '羊肉', '草莓', '鲜藕', '香菇', '板栗', '蜜柚'],
  item: [
    '油烟机',
    '沙发',
    '窗帘',
    '地暖',
    '橱柜',
    '木地板',
    '智能门锁',
    '净水器',
    '吊灯',
    '空调',
    '书柜',
    '浴室柜',
  ],
  room: ['客厅', '厨房', '卧室', '阳台', '书房', '玄关', '儿童房', '衣帽间'],
  job: [
    '销售主管',
    '土建工程师',
    '财务专员',
    '物业前台',
    '测试工程师',
    '店长',
    '采购经理',
    '讲解员',
    '幼教老师',
    '保安队长',
  ],
  kid: ['书法', '篮球', '编程', '合唱', '围棋', '舞蹈', '航模', '击剑'],
  fest: ['菊花展', '美食节', '读书会', '灯会', '马拉松', '音乐节', '年货节', '银杏节', '骑行赛'],
  topic: ['公积金', '人才补贴', '土地出让', '存量房贷', '旧城更新', '保障性住房', '装修贷', '城中村改造'],
  month: ['本月', '上月', '三季度', '十月', '九月', '下半年', '本周', '上周'],
}

interface NoiseKit {
  title: readonly string[]
  body: readonly string[]
  /** Who would print it. */
  voices: readonly ('news' | 'forum' | 'post' | 'official')[]
  weight: number
}

export const foreignNoise: readonly NoiseKit[] = [
  {
    weight: 10,
    voices: ['news', 'post'],
    title: [
      '{firm}股价{month}上涨{pct}%',
      '{firm}发布财报，净利润{big}万元',
      '{firm}公告：拟回购股票{big}万股',
      '机构看好{firm}，目标市值{big}亿元',
      '地产板块震荡，{firm}午后涨停',
      '{firm}完成{big}亿元债券发行',
    ],
    body: [
      '{firm}{month}公布业绩，营业额{big}万元，净利润同比增长{pct}%。',
      '截至收盘，{firm}股价报{num}元，成交{big}万手，市值小幅变化。',
      '分析师认为，{firm}的财报好于预期，但{month}的证券市场仍有不确定性。',
    ],
  },
  {
    weight: 9,
    voices: ['news', 'post'],
    title: [
      '{team}{num}比{num2}战胜{team2}',
      '{team}主场迎战{team2}，门票{num}分钟售完',
      '{team}签下年轻前锋，身披{num}号',
      '{team2}客场取胜，积分升至第{num}',
      '青年联赛第{num}轮：{team}逼平{team2}',
    ],
    body: [
      '昨晚的比赛，{team}在第{big}分钟打破僵局，现场球迷高唱队歌。',
      '{team2}主帅赛后表示球队还要磨合。下一轮他们将客场挑战{team}。',
      '本场到场观众{big}00人，{team}的中场控制占优。',
    ],
  },
  {
    weight: 9,
    voices: ['news', 'post'],
    title: [
      '{firm}招聘{job}，五险一金',
      '{c}{d}招聘会提供{big}个岗位',
      '{firm}{job}岗位月薪{num}千起，欢迎应聘',
      '{c}{month}公开招聘{job}{num}名',
    ],
    body: [
      '{firm}因业务发展招聘{job}{num}名，五险一金，工作地点{c}{d}{street}。',
      '招聘会设在{street}，{job}等岗位接受现场面试，月薪面议。',
    ],
  },
  {
    weight: 11,
    voices: ['post', 'forum', 'news'],
    title: [
      '{room}装修攻略：{item}怎么选',
      '{num}个{room}收纳小技巧，亲测好用',
      '装修小白必看：{item}避坑指南第{big}期',
      '{item}安装注意事项，一文读懂',
      '{big}平米小户型{room}改造日记',
      '教你给{room}选{item}，预算{num}千就够',
    ],
    body: [
      '装修{room}时先量尺寸，再看{item}的材质。很多装修小白会忽略第{num}步。',
      '这篇干货整理了{item}的{num}个品牌参数，适合{big}平米左右的{room}。',
      '博主分享{room}的布置经验：{item}靠墙放，动线更顺。',
    ],
  },
  {
    weight: 10,
    voices: ['news', 'official'],
    title: [
      '{c}{month}{topic}新政解读',
      '{c}发布{topic}指导意见，{num}项内容值得关注',
      '统计局：{c}{month}房价指数环比微变',
      '专家称{topic}政策将继续优化',
      '{topic}管理办法征求意见，为期{big}天',
      '{c}{topic}数据：{month}同比增长{pct}%',
    ],
    body: [
      '{c}{month}公布{topic}有关数据，同比增长{pct}%，环比持平，分析师认为市场平稳。',
      '新规出台后，{topic}的办理时限缩短到{num}个工作日。',
      '研究院报告显示，{topic}政策的效果在{month}逐步显现。',
    ],
  },
  {
    weight: 8,
    voices: ['post', 'forum'],
    title: [
      '急售{c}{d}二手房，{big}平米{num}室',
      '{c}{d}房东直租，{big}平月付',
      '中介带看{num}套，{d}二手房怎么谈价',
      '{street}附近合租，找室友{num}名',
      '{c}二手房{month}带看量第{num}名的小区',
    ],
    body: [
      '房东急售，{big}平米，中介勿扰，{street}附近，步行{num}分钟到公交站。',
      '二手房中介说{month}带看多了{pct}%，价格还可以再谈。',
    ],
  },
  {
    weight: 9,
    voices: ['news'],
    title: [
      '{goods}上市，{c}批发价每斤{num}元',
      '{c}{d}{goods}丰收，日销{big}吨',
      '{firm}新厂投产，年产{big}万件',
      '{firm}推出新款，{month}预订{big}00台',
      '{c}寄递量{month}增长{pct}%',
      '{firm}召回{big}件问题产品',
    ],
    body: [
      '{month}，{c}的{goods}大量上市，摊主说比去年便宜{pct}%。',
      '{firm}在{c}的产线{month}扩建，预计带动就业{big}人。',
      '记者在{street}市场看到，{goods}每斤{num}元，买的人不少。',
    ],
  },
  {
    weight: 10,
    voices: ['news', 'official'],
    title: [
      '{c}{d}{street}{month}封闭改造{big}天',
      '{c}{park}{fest}开幕',
      '{c}公交{big}路调整走向',
      '{c}{d}新增口袋公园{num}处',
      '{park}{fest}吸引{big}00名市民',
      '{c}地铁{num}号线延长线开始空载试跑',
      '{d}{street}夜市重新开张，摊位{big}个',
      '{c}{month}空气优良天数{num}天',
    ],
    body: [
      '{c}{d}{street}{month}起施工，{big}路公交临时改线，请市民提前安排出行。',
      '{park}的{fest}持续{num}天，免费开放，周末客流较大。',
      '记者从{c}有关部门了解到，{d}将新增{num}处口袋公园。',
    ],
  },
  {
    weight: 7,
    voices: ['news', 'forum', 'post'],
    title: [
      '{c}少儿{kid}大赛{big}名选手晋级',
      '{kid}老师说：孩子坚持{num}个月最关键',
      '{c}{d}图书馆{month}开放到{num}点',
      '{street}小学{kid}社团招新{big}人',
      '{park}晨跑打卡第{big}天',
    ],
    body: [
      '{kid}比赛在{c}{street}举行，{big}名孩子参加。',
      '图书馆{month}延长开放，新增{big}个座位，{kid}类图书最受欢迎。',
      '跑步群每周三在{park}集合，配速{num}分，欢迎新朋友。',
    ],
  },
  {
    weight: 7,
    voices: ['post', 'news'],
    title: [
      '追剧｜《{park}往事》第{num}集结局有点意外',
      '{fest}演唱会加开{num}场',
      '新游戏《{street}之夜》{month}公测',
      '电影《{goods}的秋天》票房{big}万',
      '综艺《一起{kid}吧》第{num}期笑点合集',
    ],
    body: [
      '这部电视剧的编剧把{num}条线收得很稳，演员也贴脸，剧情不拖。',
      '电影导演说，{c}的{street}给了他很多灵感，主演练了{num}个月{kid}。',
    ],
  },
]

/** Our own estates without a risk. {p} is the estate. */
export const ownNoise: readonly NoiseKit[] = [
  {
    weight: 10,
    voices: ['news', 'post'],
    title: [
      '{p}示范区{month}开放，首日到访{big}组',
      '{p}{big}平户型加推，均价平稳',
      '周末看房｜{c}{p}实景示范区打卡',
      '{p}盛装亮相{c}{fest}',
      '{p}品鉴会举行，{num}款户型亮相',
      '澄岸集团{c}公司发布{month}工程月报：{p}进度正常',
    ],
    body: [
      '{p}位于{c}{d}{street}旁，示范区{month}开放，到访{big}组，主推{big}平户型。',
      '澄岸集团工作人员介绍，{p}施工有序推进，{month}完成{num}层结构。',
      '{p}的{room}做了南向设计，距离{park}步行{num}分钟。',
    ],
  },
  {
    weight: 7,
    voices: ['news', 'forum', 'official'],
    title: [
      '{p}邻里节热闹举行，{big}户家庭参加',
      '业主点赞{p}物业：雪天{num}点起来扫雪',
      '{p}社区{kid}班开课，名额{big}个',
      '{p}业主送来锦旗，感谢维修师傅',
      '{c}{d}在{p}举办消防演练，圆满结束',
      '{p}完成排水泵检修，业主安心',
      '经检测，{p}各项指标均符合国家标准',
    ],
    body: [
      '{p}的邻里节有{num}个摊位，孩子们表演了{kid}，气氛很好。',
      '业主说，{p}物业上门帮老人搬东西，服务细心，值得点赞。',
      '{p}社区与{park}共建，{month}组织{kid}活动{num}场。',
    ],
  },
  {
    weight: 5,
    voices: ['forum'],
    title: [
      '{p}有没有一起拼{goods}的邻居',
      '{p}到{park}骑车多久？',
      '{p}转让{item}一个，九成新',
      '{p}{big}群约{kid}，每周{num}次',
      '求推荐{p}附近的{kid}班',
      '{p}楼下{street}新开一家{goods}店，味道不错',
    ],
    body: [
      '刚搬来{p}不久，想找邻居一起{kid}，周末都有空。',
      '{item}买大了，{num}折转给邻居，{street}自提。',
      '{goods}{num}斤起送，群里接龙，满{big}份发货。',
    ],
  },
]
