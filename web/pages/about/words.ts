import { words } from '../../labels.ts'

export const t = words(
  {
    title: '关于未雨',
    what: '未雨把舆情和投诉放在同一张表上看：哪个项目、哪一类风险正在升高，为什么，谁来处理。它只提出建议；核实、发布和解除都由人决定。',
    version: '版本',
    licence: '许可',
    group: '集团',
    principles: '几条约定',
    colour: '颜色只表示预警级别，并且总带着级别数字和形状。',
    absent: '数据不足就写明数据不足；没有预警不等于没有风险。',
    people: '机器不会自行发布、外发或删除任何内容。',
    personal: '投诉人的姓名、电话、地址加密保存，默认脱敏；每次查看明文都有记录。',
    levelsTitle: '预警级别',
  },
  {
    title: 'About Weiyu',
    what: 'Weiyu puts public opinion and complaints on one sheet: which project shows which risk, why, and who handles it. It proposes; people verify, publish and lift.',
    version: 'Version',
    licence: 'Licence',
    group: 'Group',
    principles: 'What it keeps to',
    colour: 'Colour means warning level and nothing else, and never stands without numeral and shape.',
    absent: 'Thin data is called insufficient; no warning does not mean no risk.',
    people: 'Nothing is published, sent outside or deleted by the machine alone.',
    personal:
      'Names, phones and addresses of complainants are encrypted and masked; each look at the plain text is recorded.',
    levelsTitle: 'Warning levels',
  },
)
