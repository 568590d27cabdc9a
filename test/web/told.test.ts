import { afterEach, expect, test } from 'vitest'
import { told } from '../../collectors/details.ts'
import { language } from '../../web/labels.ts'
import { saidText } from '../../web/parts/told.tsx'

afterEach(() => {
  language.value = 'zh-CN'
})
const said = (detail: string) => saidText(told(detail).map((one) => one.map((sentence) => ({ ...sentence }))))

test.each([
  [
    'HTTP 403 from https://news.example/a',
    '对方返回 HTTP 403（拒绝访问）：https://news.example/a',
    'HTTP 403 (access refused) from https://news.example/a',
  ],
  [
    'HTTP 418 from https://news.example/a',
    '对方返回 HTTP 418：https://news.example/a',
    'HTTP 418 from https://news.example/a',
  ],
  ['more than 8388608 bytes', '内容超过 8 MB', 'More than 8 MB'],
  [
    'a captcha came where a list was due',
    '应是列表页，收到的却是验证码页面',
    'Instead of a list came a captcha',
  ],
  [
    'news.example is left alone until 18:30 UTC after 3 failures in a row: HTTP 503 from https://news.example/',
    'news.example 连续失败 3 次，暂不访问，到北京时间 02:30 再试：对方返回 HTTP 503（对方暂停服务）：https://news.example/',
    'news.example failed 3 times in a row and is left alone until 02:30 Beijing time: HTTP 503 (out of service for now) from https://news.example/',
  ],
  [
    'some rare thing; the answer is empty',
    'some rare thing；对方返回了空内容',
    'some rare thing; The answer is empty',
  ],
])('%s is told in the language of the reader', (detail, zh, en) => {
  expect(said(detail)).toBe(zh)
  language.value = 'en'
  expect(said(detail)).toBe(en)
})
