import { z } from 'zod'
import { defineCollector } from '../collector.ts'
import { contentField, contentOption, forDocuments, mappingField, mappingOption } from '../fields.ts'
import { readDelivery } from './read.ts'

/** Other systems push to it; its address and secret are made by the server and shown on its page. */
export const webhook = defineCollector({
  kind: 'webhook',
  label: { zh: '推送接口（Webhook）', en: 'Push (webhook)' },
  hasPublisher: forDocuments,
  fields: [
    {
      ...contentField,
      hint: {
        zh: '保存后在信源页面生成地址与密钥；对方按示例签名推送 JSON 或 CSV',
        en: 'Once saved, its page makes address and secret; the other side signs and pushes JSON or CSV',
      },
    },
    mappingField,
  ],
  options: z.object({
    content: contentOption,
    mapping: mappingOption,
  }),
  // Nothing is read by the clock; the next first of January is as good as never.
  schedule: '0 0 1 1 *',
  collect: () =>
    Promise.resolve({
      outcome: 'refused' as const,
      detail: 'nothing is read here: make the secret on the page of the source and push to its address',
    }),
  async receive({ content, mapping }, delivery, tools) {
    return await readDelivery(delivery, { content, mapping, now: tools.now })
  },
})
