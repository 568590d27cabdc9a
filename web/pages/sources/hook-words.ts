import { words } from '../../labels.ts'
import { refusals } from '../../refusals.ts'

export const t = words(
  {
    title: '推送接口',
    none: '还没有密钥。生成后，对方系统即可用它签名并推送。',
    make: '生成地址与密钥',
    makeNext: '更换密钥',
    makeNextAsk: '将生成新密钥；原密钥再有效 24 小时，供对方切换。地址不变。',
    address: '推送地址',
    madeAt: '密钥生成于',
    previous: '原密钥有效至',
    rules: '要求',
    rulesText: (perMinute: string) =>
      `POST JSON（单条或数组）或 CSV，不超过 8 MB、10,000 条；时间误差 5 分钟以内；每分钟不超过 ${perMinute} 次。重复推送不会重复入库。`,
    example: '示例（openssl 与 curl）',
    shownOnce: '请保存密钥',
    shownOnceHint: '密钥只显示这一次，请交给对方系统妥善保存。遗失可更换。',
    noted: '已保存',
  },
  {
    title: 'Push',
    none: 'There is no secret yet. Once made, the other system signs with it and pushes.',
    make: 'Make address and secret',
    makeNext: 'Change the secret',
    makeNextAsk:
      'A new secret is made; the one before stays good for 24 hours, so that the other side can change over. The address stays.',
    address: 'Address',
    madeAt: 'Secret made',
    previous: 'Secret before good until',
    rules: 'Rules',
    rulesText: (perMinute) =>
      `POST JSON (one item or an array) or CSV, up to 8 MB and 10,000 items; clock right within 5 minutes; at most ${perMinute} a minute. What is pushed twice is stored once.`,
    example: 'Example (openssl and curl)',
    shownOnce: 'Keep this secret',
    shownOnceHint: 'It is shown this once. Give it to the other system; a lost one is replaced.',
    noted: 'Kept',
  },
)

refusals(
  {
    'takes-no-pushes': '这类信源不接收推送',
    'waits-for-pushes': '这类信源由对方推送，无需读取',
  },
  {
    'takes-no-pushes': 'Sources of this kind take no pushes',
    'waits-for-pushes': 'Sources of this kind are pushed to and not read',
  },
)
