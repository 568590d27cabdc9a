/**
 * Cities of China by the short name people write, to notice that a text speaks of another city than a project's. Names that
 * are ordinary words as well (朝阳, 日照, 白银, 大理, 长治, 中山, 来宾, 黄山) count only with their 市.
 * Source: the prefecture-level cities and municipalities of the administrative division codes (GB/T 2260).
 */
const cities = `
北京 天津 上海 重庆 石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水 太原 阳泉 晋城 朔州 晋中 运城 忻州 临汾 吕梁
呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布 沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭
葫芦岛 长春 四平 辽源 通化 松原 白城 哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 佳木斯 七台河 牡丹江 黑河 绥化 南京 无锡 徐州 常州 苏州
南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水 合肥 芜湖 蚌埠 淮南 马鞍山 淮北
铜陵 安庆 滁州 阜阳 宿州 六安 亳州 池州 宣城 福州 厦门 莆田 泉州 漳州 南平 龙岩 宁德 南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安
宜春 抚州 上饶 济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 临沂 德州 聊城 滨州 菏泽 郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡
焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店 武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施 长沙 株洲
湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源
阳江 清远 东莞 潮州 揭阳 云浮 南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 崇左 海口 三亚 儋州 成都 自贡 攀枝花
泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳 贵阳 六盘水 遵义 安顺 毕节 铜仁 昆明 曲靖 玉溪 保山
昭通 丽江 普洱 临沧 楚雄 拉萨 日喀则 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛 兰州 嘉峪关 金昌 天水 武威 张掖 平凉 酒泉
庆阳 定西 陇南 西宁 银川 石嘴山 吴忠 固原 中卫 乌鲁木齐 克拉玛依 吐鲁番 哈密`
  .trim()
  .split(/\s+/)
const onlyInFull = '大同 朝阳 长治 吉林 白山 大庆 伊春 黄山 三明 日照 中山 来宾 白银 大理 红河 湘西'.split(
  ' ',
)

export const cityNames: readonly string[] = [
  ...cities.flatMap((city) => [city, `${city}市`]),
  ...onlyInFull.map((city) => `${city}市`),
]

/** A place as it is written: 嘉州市 is also 嘉州. */
export const placeNames = (place: string | undefined): string[] =>
  place ? [place, ...(/^.{2,}[市区县]$/.test(place) ? [place.slice(0, -1)] : [])] : []

/** Roads, streets and towns in an address: 滨水区槐荫路 18 号 gives 槐荫路. */
export function streetsOf(address: string, ...around: readonly (string | undefined)[]): string[] {
  const rest = around.reduce<string>((text, place) => (place ? text.replaceAll(place, ' ') : text), address)
  return [...rest.matchAll(/[\u4e00-\u9fff]{2,6}?(?:大道|大街|街道|[路街巷镇])/g)].map(([street]) => street)
}

/** 上海路 is a street, 上海花园 an estate: neither says that the text speaks of the city. */
export function isStreetAhead(units: Uint16Array, at: number, length: number): boolean {
  const next = at < length ? String.fromCharCode(...units.subarray(at, Math.min(at + 3, length))) : ''
  return /^(?:[东西南北中一二三四]{0,2}[路街巷]|大道|大街)/.test(next)
}
