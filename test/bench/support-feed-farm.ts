// Feeds of invented Chinese items for benchmarks, served from a thread of its own so that its work does not hide in ours.
import { createServer } from 'node:http'
import { Worker } from 'node:worker_threads'

const itemsPerFeed = 50

/** What the thread can be told: whether it answers 304, and which feeds never answer or answer a byte at a time. */
interface Manner {
  honoursConditions: boolean
  dead: readonly number[]
  slow: readonly number[]
}

interface Farm {
  port: number
  tell(manner: Manner): void
  close(): Promise<unknown>
}

/** @param file of the benchmark, which calls `serveFeeds` when it finds itself in a thread */
export async function startFarm(file: URL, feeds: number): Promise<Farm> {
  const worker = new Worker(file, { workerData: { feeds } })
  const port = await new Promise<number>((done, fail) => {
    worker.once('message', done)
    worker.once('error', fail)
  })
  return { port, tell: (manner) => worker.postMessage(manner), close: () => worker.terminate() }
}

/** Serves /0.xml, /1.xml … Gives the port to `ready`, and changes its manner by what `onManner` brings. */
export function serveFeeds(
  feeds: number,
  ready: (port: number) => void,
  onManner: (take: (manner: Manner) => void) => void,
): void {
  const bodies = Array.from({ length: feeds }, (_, feed) => feedOf(feed))
  let manner: Manner = { honoursConditions: true, dead: [], slow: [] }
  onManner((next) => {
    manner = next
  })
  const server = createServer((request, response) => {
    const feed = Number(/^\/(\d+)\.xml$/.exec(request.url ?? '')?.[1] ?? Number.NaN)
    const body = bodies[feed]
    if (!body) return void response.writeHead(404).end()
    if (manner.dead.includes(feed)) return
    const etag = `"${feed}"`
    if (manner.honoursConditions && request.headers['if-none-match'] === etag)
      return void response.writeHead(304).end()
    response.writeHead(200, { etag, 'content-type': 'application/rss+xml' })
    if (!manner.slow.includes(feed)) return void response.end(body)
    let at = 0
    const drip = setInterval(() => {
      response.write(body.subarray(at, at + 1))
      at += 1
    }, 500)
    response.on('close', () => clearInterval(drip))
  })
  // All of 127.0.0.0/8 comes here, so that the feeds can stand on many hosts.
  server.listen(0, '0.0.0.0', () => {
    const address = server.address()
    ready(typeof address === 'object' && address ? address.port : 0)
  })
}

// Invented words: one text in five complains, the others are the news of any day.
const complaints =
  '业主 反映 小区 地下车库 积水 墙面 渗水 延期 交付 物业 收费 电梯 停运 开发商 维权 停工 退房 质量 裂缝 投诉'.split(
    ' ',
  )
const plain =
  '记者 今天 市民 公园 图书馆 春天 天气 晴朗 学校 老师 学生 运动会 比赛 冠军 博物馆 展览 游客 景区 早餐 菜市场 蔬菜 水果 医院 医生 健康 讲座 音乐会 演出 电影 上映 导演 小说 作者 出版 高铁 机场 航班 地铁 公交 线路 骑行 河流 湖泊 候鸟 森林 草原 沙漠 科学家 实验 卫星 发射 望远镜 农民 丰收 水稻 小麦 渔船 港口 集装箱 贸易 展会 企业 创新 软件 芯片 工厂 订单 青年 就业 培训 夜校 非遗 剪纸 刺绣 茶叶 咖啡 面包 节日 灯会 庙会 龙舟 风筝 棋手 乒乓球 游泳 马拉松 志愿者 街角 邻居 老人 儿童 宠物 消防员 演习 气象台 预报 降温 雪花 温泉 民宿'.split(
    ' ',
  )

function feedOf(feed: number): Buffer {
  let state = feed * 2_654_435_761 + 1
  // mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
  const random = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const entries = Array.from({ length: itemsPerFeed }, (_, at) => {
    const words = at % 5 === 0 ? [...complaints, ...plain.slice(0, 40)] : plain
    const text = (length: number) =>
      Array.from({ length }, () => words[Math.floor(random() * words.length)]).join('')
    return `<item><title>${text(8)}</title><link>https://site${feed}.example/a/${at}.html?utm_source=rss</link><guid>${feed}-${at}</guid><pubDate>Thu, 05 Mar 2026 ${10 + (at % 4)}:05:00 +0800</pubDate><description>&lt;p&gt;${text(90)}&lt;/p&gt;&lt;p onclick="x()"&gt;${text(60)}&lt;/p&gt;</description></item>`
  })
  return Buffer.from(
    `<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>来源${feed}</title>${entries.join('')}</channel></rss>`,
  )
}
