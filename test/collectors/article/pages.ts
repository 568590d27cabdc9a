// Invented pages of the kinds that collectors meet. Every body is a list of the paragraphs that should come out, alone.

export const links = (count: number, word: string) =>
  `<ul>${Array.from({ length: count }, (_, at) => `<li><a href="/${word}/${at}">${word}要闻第${at}条：今日之事</a></li>`).join('')}</ul>`
const stories = (count: number) =>
  Array.from(
    { length: count },
    (_, at) =>
      `<div class="u-item"><h3><a href="/x/${at}">湖心岛步道第${at}段建成开放</a></h3><p>昨天上午，湖心岛步道第${at}段建成，市民可以沿湖步行，沿途设有座椅、饮水点和无障碍坡道。</p><span>2026-02-${10 + at} 09:00</span></div>`,
  ).join('')
const paragraphs = (texts: readonly string[]) => texts.map((text) => `<p>${text}</p>`).join('\n')

export interface Sample {
  url: string
  html: string
  title: string
  author?: string
  /** Beijing time. */
  at?: string
  source?: string
  body: readonly string[]
}

const portalBody = [
  '3月5日，云湖湾二期数十位业主来到售楼处，反映房屋墙面大面积渗水，要求开发商给出维修时间表。',
  '多位业主表示，自交付以来，地下车库在每次降雨之后都会积水，物业虽然多次清理，但一直没有找到原因。',
  '项目负责人回应称，已经委托第三方机构检测，检测结果将在两周之内公布，维修费用由施工单位承担。',
]

/** A portal: byline row under the heading, share row, editor below, related stories with summaries, comments. */
export const portal: Sample = {
  url: 'https://news.portal.example/c/2026-03-05/doc-1.shtml',
  title: '云湖湾业主反映墙面渗水 开发商称两周内公布检测结果',
  author: '林一',
  at: '2026-03-05 14:05',
  source: '云湖晚报',
  body: portalBody,
  html: `<!doctype html><html><head><title>云湖湾业主反映墙面渗水 开发商称两周内公布检测结果|云湖湾|渗水_本地新闻_云湖在线</title>
    <meta property="og:site_name" content="云湖在线"><meta name="keywords" content="云湖湾,渗水,业主"></head><body>
    <div class="top-nav">${links(20, '频道')}</div>
    <div class="main-content"><h1 class="main-title">云湖湾业主反映墙面渗水 开发商称两周内公布检测结果</h1>
    <div class="date-source"><span class="date">2026年03月05日 14:05</span> <a href="/s">云湖晚报</a></div>
    <div class="article" id="article"><p>（作者：林一）</p>${paragraphs(portalBody)}
    <div class="img_wrapper"><img src="/1.jpg"></div><p class="show_author">责任编辑：周二 </p></div>
    <div class="article-bottom"><div class="keywords">关键字 : <a href="/k">渗水</a></div><div class="share">分享到：微信 微博</div></div>
    <div class="blk-related">${stories(5)}</div>
    <div id="comment-list"><div class="item">我也是二期的业主，我家的墙面也渗水了，希望早点解决，拖了两年了。</div><div class="item">支持维权，同一个楼栋的邻居请进群，我们一起向住建局反映，写联名信。</div></div></div>
    <footer>云湖在线版权所有，未经书面授权，不得转载。举报电话：0000-000000</footer></body></html>`,
}

const bureauBody = [
  '各县（市、区）住房和城乡建设局，各房地产开发企业：',
  '为规范商品房交付使用管理，保障购房人合法权益，根据有关法律法规，现就做好今年商品房交付工作通知如下。',
  '一、严格交付条件',
  '房地产开发企业应当在取得竣工验收备案证明后，方可向购房人交付商品房，不得降低标准，不得以任何理由强制交付。',
  '二、加强监督检查',
  '各地要对重点项目逐一排查，对群众投诉集中的项目，要约谈企业负责人，限期整改，整改情况于每月底前报送。',
  '云湖市住房和城乡建设局',
  '2026年2月27日',
]

/** A bureau: metadata by the standard for government sites, a body named TRS_Editor in a table, print and close buttons. */
export const bureau: Sample = {
  url: 'http://zjj.yunhu.example/tzgg/202603/t20260302_1234567.html',
  title: '关于做好2026年商品房交付使用管理工作的通知',
  at: '2026-03-02 09:30',
  source: '云湖市住房和城乡建设局',
  body: bureauBody,
  html: `<html><head><meta charset="utf-8"><title>关于做好2026年商品房交付使用管理工作的通知_通知公告_云湖市住房和城乡建设局</title>
    <meta name="SiteName" content="云湖市住房和城乡建设局"><meta name="ArticleTitle" content="关于做好2026年商品房交付使用管理工作的通知">
    <meta name="PubDate" content="2026-03-02 09:30"><meta name="ContentSource" content="云湖市住房和城乡建设局"><meta name="Author" content="办公室"></head><body>
    <div class="header">今天是2026年4月1日 星期三 ${links(12, '政务')}</div>
    <div class="crumbs">当前位置：<a href="/">首页</a> &gt; <a href="/tzgg">通知公告</a></div>
    <table width="980"><tr><td><div class="title">关于做好2026年商品房交付使用管理工作的通知</div>
    <div class="info">发布时间：2026-03-02 09:30　来源：云湖市住房和城乡建设局　浏览次数：<script>document.write(1)</script> 字体：大 中 小</div>
    <div class="TRS_Editor"><style>.x{}</style>${paragraphs(bureauBody)}</div>
    <div>打印本页　关闭窗口</div></td></tr></table>
    <div class="footer">主办：云湖市住房和城乡建设局　备案号：云ICP备0000号　网站标识码：0000</div></body></html>`,
}

const threadBody = [
  '云湖湾二期的邻居们，你们家的电梯这个月坏了几次？我们6栋已经停运第三次了，老人上下楼很不方便。',
  '我们8栋也是，物业说配件要等厂家，等了半个月。',
  '同求解决',
  '建议大家保留照片和报修记录，一起打12345。',
]

/** A forum of the commonest maker: user cards, floors, signatures and ranks round the posts. */
export const thread: Sample = {
  url: 'https://bbs.yunhu.example/forum.php?mod=viewthread&tid=38733',
  title: '云湖湾二期电梯又停了，大家家里怎么样？',
  at: '2026-03-04 21:13',
  body: ['云湖湾二期电梯又停了，大家家里怎么样？', ...threadBody],
  html: `<html><head><title>云湖湾二期电梯又停了，大家家里怎么样？ - 业主论坛 - 云湖社区 - Powered by Discuz!</title><meta name="generator" content="Discuz! X3.4"></head><body>
    <div id="nv">${links(9, '版块')}</div><div id="ct"><div id="postlist" class="pl bm"><h1 class="ts"><span id="thread_subject">云湖湾二期电梯又停了，大家家里怎么样？</span></h1>
    ${threadBody
      .map(
        (
          text,
          at,
        ) => `<div id="post_${at}1"><table class="plhin"><tr><td class="pls"><div class="authi"><a href="/u/${at}">业主小${at}</a></div><div class="tns"><p>${at * 7}</p>主题 <p>${at * 3}</p>帖子</div><p>新手上路</p></td>
      <td class="plc"><div class="authi">发表于 2026-3-4 21:1${at + 3}:00 | <a href="#">只看该作者</a></div><div class="t_fsz"><table><tr><td class="t_f" id="postmessage_${at}1">${text}</td></tr></table></div>
      <div class="pob"><a href="#">回复</a> <a href="#">举报</a></div></td></tr></table></div>`,
      )
      .join(
        '',
      )}</div></div><div id="ft">Powered by Discuz! © 2001-2026 云湖社区 版权所有</div></body></html>`,
}

const accountBody = [
  '很多读者留言问，买的新房延期交付，到底能拿到多少违约金？这篇文章一次说清楚。',
  '首先要看合同。合同约定了违约金标准的，按约定；没有约定的，可以参照同地段的租金标准主张。',
  '其次要留证据，收房通知、催告函、沟通记录都要保存，时间节点尤其重要。',
]

/** An account's article: sections nested in sections, the time only in a script. */
export const account: Sample = {
  url: 'https://mp.account.example/s?id=1',
  title: '新房延期交付，违约金怎么算？',
  at: '2026-03-05 12:00',
  body: accountBody,
  html: `<html><head><title></title><meta property="og:title" content="新房延期交付，违约金怎么算？" /></head><body><div id="js_article"><div id="img-content">
    <h1 class="rich_media_title" id="activity-name">新房延期交付，违约金怎么算？</h1><div id="meta_content"><span class="rich_media_meta_nickname"><a id="js_name">房事说明白</a></span><em id="publish_time"></em></div>
    <div class="rich_media_content" id="js_content" style="visibility: hidden; opacity: 0;">${accountBody.map((text) => `<section><section style="margin:0"><section><p><span>${text}</span></p></section></section></section>`).join('')}</div></div>
    <script>var ct = "1772683200";</script><div class="qr_code_pc">微信扫一扫，关注该公众号</div></div></body></html>`,
}

const englishBody = [
  'Residents of the Lakeside development said on Thursday that water had been seeping through the walls of their flats since they moved in last autumn.',
  '“We were promised repairs by Christmas, and nobody has come,” said Dana Whitlock, who bought a two-bedroom flat in the second phase.',
  'What the developer says',
  'A spokesman for the developer said an independent surveyor had been appointed, and that the findings would be published within two weeks.',
  'The council’s building control team confirmed that it had opened an inquiry, adding that no enforcement notice had yet been served.',
]

/** English news of a common blog system: newsletter box within the text, author's card and comments below. */
export const english: Sample = {
  url: 'https://www.tide.example/2026/03/05/lakeside-leaks/',
  title: 'Lakeside residents demand repairs as walls leak',
  author: 'Rowan Ashby',
  at: '2026-03-05 17:30',
  body: englishBody,
  html: `<!doctype html><html lang="en"><head><title>Lakeside residents demand repairs as walls leak - The Daily Tide</title><meta property="og:site_name" content="The Daily Tide">
    <meta property="article:published_time" content="2026-03-05T09:30:00+00:00"><script type="application/ld+json">{"@context":"https://schema.org","@graph":[{"@type":"NewsArticle","headline":"Lakeside residents demand repairs as walls leak","author":{"@type":"Person","name":"Rowan Ashby"}}]}</script></head><body class="has-sidebar">
    <header class="site-header"><nav><a href="/">Home</a> <a href="/local">Local</a> <a href="/sport">Sport</a></nav></header>
    <div class="wrap has-sidebar"><main><article class="post hentry"><header class="entry-header"><h1 class="entry-title">Lakeside residents demand repairs as walls leak</h1><p class="byline">By <a href="/a/1">Rowan Ashby</a>, housing reporter</p></header>
    <div class="entry-content"><p>${englishBody[0]}</p><p>${englishBody[1]}</p><div class="newsletter-signup"><h3>Stay informed</h3><p>Get our morning briefing, with the stories that matter, in your inbox every day.</p></div><h2>${englishBody[2]}</h2><p>${englishBody[3]}</p>
    <aside class="related"><h4>Read next</h4><p>Last year the same developer was fined for late handovers, and appealed.</p></aside><p>${englishBody[4]}</p></div>
    <footer class="entry-footer">Filed under: Housing. Tagged leaks, repairs.</footer></article>
    <section id="comments" class="comments-area"><ol><li><p>I live in phase two as well, and our kitchen wall is black with mould, frankly.</p></li><li><p>Sue them. That is the only language they understand, in my experience.</p></li></ol></section></main>
    <aside class="widget-area"><section class="widget"><p>Advertise with us, reach thousands of local readers, and grow your business.</p></section></aside></div>
    <div id="cookie-notice">We use cookies to improve your experience. By continuing, you accept our cookie policy.</div><footer class="site-footer">© 2026 The Daily Tide. All rights reserved.</footer></body></html>`,
}

/** English news drawn by scripts: class names without meaning, text in loose blocks between figures. */
export const englishHashed: Sample = {
  url: 'https://www.harbour.example/news/article/48213',
  title: 'Council opens inquiry into Lakeside leaks',
  at: '2026-03-06 00:00',
  body: englishBody.slice(0, 2).concat(englishBody.slice(3)),
  html: `<html><head><title>Council opens inquiry into Lakeside leaks | Harbour News</title></head><body><div id="__next"><div class="css-1a2b"><div class="css-9z">${Array.from({ length: 14 }, (_, at) => `<a href="/s/${at}">Section ${at}</a>`).join('')}</div>
    <div class="css-77k"><div><h1 class="css-h1">Council opens inquiry into Lakeside leaks</h1></div><div class="css-t1"><span>6 March 2026</span></div>
    ${[englishBody[0], englishBody[1], englishBody[3], englishBody[4]].map((text, at) => `<div data-block="text" class="css-p${at}"><div class="css-in"><p>${text}</p></div></div>`).join('')}</div>
    <div class="css-77m">${Array.from({ length: 6 }, (_, at) => `<div class="css-card"><a href="/n/${at}"><h2>Another headline about the harbour, number ${at}</h2></a><p>A short summary of the story, with a comma and a full stop.</p></div>`).join('')}</div></div></div></body></html>`,
}

const longBody = (page: number) =>
  Array.from(
    { length: 4 },
    (_, at) =>
      `第${page}页第${at + 1}段：记者在现场看到，施工围挡已经拆除，楼栋外立面仍有多处裂缝，监理单位表示将逐户登记。`,
  )

/** One page of an article in three. */
export const split = (page: 1 | 2 | 3): Sample => ({
  url: `https://news.portal.example/a/20260305/88${page === 1 ? '' : `_${page}`}.html`,
  title: '云湖湾质量问题调查',
  body: longBody(page),
  html: `<html><head><title>云湖湾质量问题调查_云湖在线</title></head><body><h1>云湖湾质量问题调查</h1><div class="article-content">${paragraphs(longBody(page))}
    <div class="pages">${page > 1 ? `<a href="88${page === 2 ? '' : '_2'}.html">上一页</a>` : ''} <a href="88.html">1</a> <a href="88_2.html">2</a> <a href="88_3.html">3</a> ${page < 3 ? `<a href="/a/20260305/88_${page + 1}.html">下一页</a>` : ''}</div></div>
    <p>上一篇：<a href="/a/20260305/87.html">物业费公示</a></p><p>下一篇：<a href="/a/20260305/89.html">停车位方案</a></p></body></html>`,
})

const letterBody = [
  '我是云湖湾二期的业主，交房之后卧室墙面一直渗水，报修三次都没有人上门，请问应该找哪个部门处理？',
  '您反映的情况已收悉。经核实，开发企业已安排施工单位于3月12日上门维修，我局将跟踪督办。',
]

/** A letter box of a bureau: a table of labels and answers, no heading. */
export const letter: Sample = {
  url: 'http://12345.yunhu.example/mail/view?id=1',
  title: '云湖湾二期墙面渗水无人维修',
  at: '2026-03-05 10:11',
  body: [
    '信件标题',
    '云湖湾二期墙面渗水无人维修',
    '来信时间',
    '2026-03-05 10:11',
    '来信人',
    '林**',
    '来信内容',
    letterBody[0] ?? '',
    '回复单位',
    '云湖市住建局',
    '回复时间',
    '2026-03-09',
    '回复内容',
    letterBody[1] ?? '',
  ],
  html: `<html><head><title>云湖湾二期墙面渗水无人维修_市民来信_云湖市12345</title></head><body><div class="nav">${links(12, '服务')}</div>
    <div class="con"><table><tr><th>信件标题</th><td>云湖湾二期墙面渗水无人维修</td></tr><tr><th>来信时间</th><td>2026-03-05 10:11</td></tr><tr><th>来信人</th><td>林**</td></tr>
    <tr><th>来信内容</th><td>${letterBody[0]}</td></tr><tr><th>回复单位</th><td>云湖市住建局</td></tr><tr><th>回复时间</th><td>2026-03-09</td></tr><tr><th>回复内容</th><td>${letterBody[1]}</td></tr></table></div>
    <div class="foot">主办单位：云湖市人民政府办公室　云ICP备0000号</div></body></html>`,
}

/** A page of the table age: no names, no heading, text between line breaks, dated lists in the first column. */
export const oldTables: Sample = {
  url: 'http://old.example/news.asp?id=3',
  title: '云湖湾业主反映墙面渗水',
  author: '林一',
  at: '2026-03-05 14:05',
  source: '云湖发布',
  body: portalBody,
  html: `<title>云湖湾业主反映墙面渗水-云湖在线</title><table><tr><td>${links(9, '频道')}</td></tr></table><table width=760><tr><td width=180>
    <ul>${Array.from({ length: 5 }, (_, at) => `<li><a href="/n${at}">湖心岛步道第${at}段建成开放引来众多市民</a> 2026-03-2${at}`).join('')}</ul>
    <td><table><tr><td align=center><b>云湖湾业主反映墙面渗水</b><tr><td align=center>2026-3-5 14:05:00　来源：云湖发布　作者：林一　点击：123<tr><td style="font-size:14px">${portalBody.map((text) => `　　${text}`).join('<br><br>')}
    <tr><td align=right>【<a href="javascript:print()">打印</a>】【<a href="javascript:close()">关闭</a>】</table></table><center>版权所有 云湖在线</center>`,
}

/** English news of a broadcaster: every paragraph in a block of its own, links and tags between them, the time in an element. */
export const broadcaster: Sample = {
  url: 'https://www.wave.example/news/articles/c4g1',
  title: 'Lakeside leaks anger residents',
  author: 'Rowan Ashby',
  at: '2026-03-05 17:30',
  body: englishBody.slice(0, 2).concat(englishBody.slice(3)),
  html: `<html><head><title>Lakeside leaks anger residents | The Wave</title></head><body><header><nav>${links(8, 'section')}</nav></header><main id="main-content"><article>
    <header><h1>Lakeside leaks anger residents</h1></header><div><time datetime="2026-03-05T09:30:00.000Z">5 hours ago</time></div><div><a rel="author" href="/p/1">Rowan Ashby</a></div>
    ${[englishBody[0], englishBody[1], englishBody[3], englishBody[4]].map((text, at) => `<div data-component="text-block"><p>${text}</p></div>${at === 1 ? '<div data-component="links-block"><p><a href="/q">More on this story: council fines builder</a></p></div><div class="ad-slot">Advertisement</div>' : ''}`).join('')}
    <section><h2>Related</h2><ul><li><a href="/t/1">Housing</a></li><li><a href="/t/2">Lakeside</a></li></ul></section></article></main>
    <footer>Copyright © 2026. The Wave is not responsible for the content of external sites.</footer></body></html>`,
}
