// Which province a city lies in, for warnings over a whole province, and for district names that many cities share (鼓楼区).
// Source: the administrative division codes (GB/T 2260); cities by the short name people write.
const table: Readonly<Record<string, string>> = {
  '11 北京': '北京',
  '12 天津': '天津',
  '13 河北': '石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水 雄安',
  '14 山西': '太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁',
  '15 内蒙古': '呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布 兴安 锡林郭勒 阿拉善',
  '21 辽宁': '沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳 葫芦岛',
  '22 吉林': '长春 吉林 四平 辽源 通化 白山 松原 白城 延边',
  '23 黑龙江': '哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化 大兴安岭',
  '31 上海': '上海',
  '32 江苏':
    '南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁 昆山 江阴 张家港 常熟 太仓 宜兴',
  '33 浙江': '杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水 义乌 慈溪 余姚',
  '34 安徽': '合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城',
  '35 福建': '福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德 晋江 平潭',
  '36 江西': '南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶',
  '37 山东': '济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城 滨州 菏泽',
  '41 河南':
    '郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店 济源',
  '42 湖北': '武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施 仙桃 潜江 天门',
  '43 湖南': '长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 湘西',
  '44 广东':
    '广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 云浮',
  '45 广西': '南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左',
  '46 海南': '海口 三亚 三沙 儋州 琼海 文昌 万宁',
  '50 重庆': '重庆',
  '51 四川':
    '成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳 阿坝 甘孜 凉山',
  '52 贵州': '贵阳 六盘水 遵义 安顺 毕节 铜仁 黔西南 黔东南 黔南',
  '53 云南': '昆明 曲靖 玉溪 保山 昭通 丽江 普洱 临沧 楚雄 红河 文山 西双版纳 大理 德宏 怒江 迪庆',
  '54 西藏': '拉萨 日喀则 昌都 林芝 山南 那曲 阿里',
  '61 陕西': '西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛',
  '62 甘肃': '兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南 临夏 甘南',
  '63 青海': '西宁 海东 海北 黄南 海南州 果洛 玉树 海西',
  '64 宁夏': '银川 石嘴山 吴忠 固原 中卫',
  '65 新疆':
    '乌鲁木齐 克拉玛依 吐鲁番 哈密 昌吉 博尔塔拉 巴音郭楞 阿克苏 克孜勒苏 喀什 和田 伊犁 塔城 阿勒泰 石河子',
}

export interface Province {
  /** First two digits of its codes. */
  code: string
  name: string
}

const ofCity = new Map<string, Province>()
const ofName = new Map<string, Province>()
for (const [key, cities] of Object.entries(table)) {
  const [code = '', name = ''] = key.split(' ')
  const province = { code, name }
  ofName.set(name, province)
  for (const city of cities.split(' ')) ofCity.set(city, province)
}

/** 嘉州市 → 嘉州, 江宁区 → 江宁; names of two characters (东港县 → 东港) keep at least two. */
export const shortPlace = (name: string) =>
  name.replace(/^(.{2,}?)(?:特别行政区|自治区|自治州|自治县|新区|地区|省|市|区|县|州|盟|旗)$/, '$1')

export const provinceOfCity = (city: string): Province | undefined => ofCity.get(shortPlace(city))

/** 江苏, 江苏省, 广西壮族自治区; municipalities are cities here. */
export function provinceNamed(name: string): Province | undefined {
  const found = ofName.get(shortPlace(name).replace(/(?:壮族|回族|维吾尔)$/, ''))
  return found && ['11', '12', '31', '50'].includes(found.code) ? undefined : found
}
