/** Names of large developers: before a name they say that the estate is theirs. Those of our own group are left out by the matcher. */
export const developers =
  `万科 恒大 碧桂园 融创 保利 中海 龙湖 绿地 绿城 华润 世茂 金地 招商 阳光城 旭辉 金科 中南 荣盛 富力 雅居乐 远洋 佳兆业 正荣 融信 泰禾 蓝光 祥生 美的 建业 越秀 首开 中梁 龙光
  金茂 华夏幸福 奥园 合景 禹洲 弘阳 中骏 路劲 雅戈尔 滨江集团 新城控股 中铁 中建 中交 中冶 华侨城 卓越 海伦堡 俊发 实地 当代置业 新力 三盛 宝龙 仁恒 大华 电建 康桥 正商 鑫苑 名门
  金辉 花样年 协信 东原 华远 北辰 首创 中国铁建 天誉 珠江 时代中国 敏捷 佳源 上坤 阳光100 万达 苏宁`
    .trim()
    .split(/\s+/)
