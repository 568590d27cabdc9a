import { describe, expect, test } from 'vitest'
import { collectorOf } from '../../../collectors/index.ts'
import { readAlerts } from '../../../collectors/weather/cap.ts'
import { phenomenonIn, saysLifted, severityOfColour } from '../../../collectors/weather/words.ts'
import { collectTools } from '../../support/collect-tools.ts'
import { bytesOf, cap } from './samples.ts'

const read = (text: string, type = 'application/cap+xml') =>
  readAlerts(bytesOf(text), type, 'https://weather.example/alerts')
const only = (text: string) => {
  const { alerts } = read(text)
  expect(alerts).toHaveLength(1)
  return alerts[0]!
}

describe('one CAP message', () => {
  test('is read with its issuer, colour, time and area', () => {
    expect(only(cap())).toEqual({
      externalId: 'A-1',
      replaces: [],
      state: 'actual',
      issuer: '嘉州市气象台',
      phenomenon: 'rainstorm',
      severity: 'extreme',
      headline: '嘉州市气象台发布暴雨红色预警信号',
      description: '过去三小时降雨量已达100毫米以上。',
      areas: [{ name: '嘉州市', code: '320100' }],
      sentAt: '2026-07-01T00:00:00.000Z',
      startsAt: '2026-07-01T00:00:00.000Z',
      endsAt: '2026-07-01T12:00:00.000Z',
    })
  })

  test('its colour goes before the English severity, and the last colour before the first', () => {
    expect(
      only(cap({ headline: '嘉州市气象台发布台风橙色预警', event: '台风', severity: 'Minor' })).severity,
    ).toBe('severe')
    expect(severityOfColour('暴雨黄色预警升级为暴雨橙色预警')).toBe('severe')
    expect(only(cap({ headline: 'Heavy rain', event: 'Heavy rain', severity: 'Moderate' })).severity).toBe(
      'moderate',
    )
  })

  test.each([
    ['雷雨大风', 'thunderstorm'],
    ['台风暴雨', 'typhoon'],
    ['道路结冰', 'cold'],
    ['冰雹', 'hail'],
    ['暴雪', 'snow'],
    ['地质灾害气象风险', 'geological'],
    ['Red Wind Warning', 'wind'],
    ['森林火险', undefined],
  ])('%s is %s', (word, phenomenon) => {
    expect(phenomenonIn(word)).toBe(phenomenon)
  })

  test('an update names what it replaces, a cancel ends it, and so does 解除 in the headline', () => {
    const references = 'w@x.example,A-1,2026-07-01T08:00:00+08:00 w@x.example,A-2,2026-07-01T09:00:00+08:00'
    expect(only(cap({ id: 'A-3', kind: 'Update', references })).replaces).toEqual(['A-1', 'A-2'])
    expect(only(cap({ kind: 'Cancel', references })).state).toBe('cancelled')
    expect(only(cap({ headline: '嘉州市气象台解除暴雨红色预警信号' })).state).toBe('cancelled')
    expect(saysLifted('预计解除时间为20时')).toBe(false)
  })

  test('drills and receipts are counted, not taken', () => {
    expect(read(cap({ status: 'Test' }))).toMatchObject({ alerts: [], left: { drills: 1 } })
    expect(read(cap({ status: 'Exercise' }))).toMatchObject({ alerts: [], left: { drills: 1 } })
    expect(read(cap({ kind: 'Ack' }))).toMatchObject({ alerts: [], left: { receipts: 1 } })
  })

  test('lists of districts are taken apart, each with its code', () => {
    const areas =
      '<area><areaDesc>滨水区、云台区，东港县</areaDesc><geocode><valueName>x</valueName><value>320102000000</value></geocode><geocode><valueName>x</valueName><value>320104</value></geocode><geocode><valueName>x</valueName><value>320125</value></geocode></area>'
    expect(only(cap({ areas })).areas).toEqual([
      { name: '滨水区', code: '320102' },
      { name: '云台区', code: '320104' },
      { name: '东港县', code: '320125' },
    ])
  })

  test('polygons and circles are kept with the longitude first; broken ones are left out', () => {
    const areas =
      '<area><areaDesc>沿江</areaDesc><polygon>30,120 31,120 31,121 30,120</polygon><polygon>91,0 1,1 2,2</polygon><circle>30.5,120.5 20</circle><circle>x 1</circle></area>'
    expect(only(cap({ areas })).shapes).toEqual([
      {
        points: [
          [120, 30],
          [120, 31],
          [121, 31],
          [120, 30],
        ],
      },
      { centre: [120.5, 30.5], radiusKm: 20 },
    ])
  })

  test('of several languages the Chinese one is read', () => {
    const english =
      '</info><info><language>en-US</language><event>Rainstorm</event><headline>Red rainstorm warning</headline><area><areaDesc>Jiazhou</areaDesc></area>'
    expect(only(cap({ extra: '' }).replace('</info>', `${english}</info>`)).headline).toBe(
      '嘉州市气象台发布暴雨红色预警信号',
    )
  })
})

describe('feeds', () => {
  const atom = (entries: string) =>
    `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:cap="urn:oasis:names:tc:emergency:cap:1.2">${entries}</feed>`

  test('entries with parts of CAP beside the title', () => {
    const entry =
      '<entry><id>urn:x:1</id><title>暴雨橙色预警</title><updated>2026-07-01T08:00:00+08:00</updated><link href="https://weather.example/1"/><cap:event>暴雨</cap:event><cap:status>Actual</cap:status><cap:msgType>Alert</cap:msgType><cap:severity>Severe</cap:severity><cap:expires>2026-07-01T20:00:00+08:00</cap:expires><cap:areaDesc>嘉州市滨水区；嘉州市云台区</cap:areaDesc></entry>'
    expect(only(atom(entry))).toMatchObject({
      externalId: 'urn:x:1',
      severity: 'severe',
      url: 'https://weather.example/1',
      areas: [{ name: '嘉州市滨水区' }, { name: '嘉州市云台区' }],
    })
  })

  test('entries that hold a whole CAP message', () => {
    const inside = cap().replace(/<\?xml.*?\?>/, '')
    expect(
      only(atom(`<entry><id>1</id><title>x</title><content type="text/xml">${inside}</content></entry>`))
        .externalId,
    ).toBe('A-1')
  })

  test('headlines alone, and what is no warning is counted', () => {
    const item = (title: string, id: string) =>
      `<item><title>${title}</title><guid>${id}</guid><pubDate>Wed, 01 Jul 2026 08:00:00 +0800</pubDate></item>`
    const rss = `<rss><channel>${item('嘉州市滨水区气象台2026年7月1日08时发布雷电黄色预警信号', 'a')}${item('嘉州市气象台解除大风蓝色预警信号', 'b')}${item('气象科普：什么是暴雨', 'c')}</channel></rss>`
    const { alerts, left } = read(rss)
    expect(alerts).toMatchObject([
      {
        issuer: '嘉州市滨水区气象台',
        phenomenon: 'thunderstorm',
        severity: 'moderate',
        areas: [{ name: '嘉州市滨水区' }],
      },
      { issuer: '嘉州市气象台', phenomenon: 'wind', state: 'cancelled' },
    ])
    expect(left.unreadable).toBe(1)
  })

  test('linked files are fetched once, a broken one fails the run but keeps the others, the key stays at home', async () => {
    const feed = atom(
      ['1', '2', '3']
        .map(
          (id) =>
            `<entry><id>${id}</id><title>w</title><link type="application/cap+xml" href="https://files.example/${id}.xml"/></entry>`,
        )
        .join(''),
    )
    const asked: [string, unknown][] = []
    const answer = (url: string, body: string) => ({
      status: 200,
      url,
      headers: {},
      bytes: bytesOf(body),
      notModified: false,
    })
    const tools = (cursor: unknown, broken: string) =>
      collectTools({
        cursor,
        fetch: async (url, wants) => {
          asked.push([url, wants?.headers])
          if (url.endsWith('/feed')) return answer(url, feed)
          return answer(url, url.includes(broken) ? '<html></html>' : cap({ id: url }))
        },
      })
    const weather = collectorOf('weather')!
    const options = { url: 'https://weather.example/feed', header: 'X-Key', key: 'secret' }
    const run = await weather.collect(options, tools(undefined, '2.xml'))
    if (run.outcome !== 'ok' || !run.alerts) throw new Error('no alerts')
    const found: string[] = []
    await expect(
      (async () => {
        for await (const alert of run.alerts!) found.push(alert.externalId)
      })(),
    ).rejects.toMatchObject({ outcome: 'blocked' })
    expect(found).toEqual(['https://files.example/1.xml', 'https://files.example/3.xml'])
    expect(asked[0]).toEqual(['https://weather.example/feed', { 'X-Key': 'secret' }])
    expect(asked[1]).toEqual(['https://files.example/1.xml', {}])
    expect(await weather.collect(options, tools(run.cursor, 'none'))).toMatchObject({ outcome: 'empty' })
  })
})

describe('JSON', () => {
  test('CAP, a list of it, GeoJSON and the list of a weather interface', () => {
    const message = {
      identifier: 'J-1',
      sender: 'w',
      sent: '2026-07-01T08:00:00+08:00',
      status: 'Actual',
      msgType: 'Alert',
      info: [
        {
          language: 'zh-CN',
          event: '暴雨',
          severity: 'Severe',
          headline: '暴雨橙色预警',
          senderName: '嘉州市气象台',
          area: [{ areaDesc: '嘉州市' }],
        },
      ],
    }
    expect(only(JSON.stringify(message))).toMatchObject({
      externalId: 'J-1',
      severity: 'severe',
      areas: [{ name: '嘉州市' }],
    })
    expect(
      read(JSON.stringify({ alerts: [message, { ...message, identifier: 'J-2' }] })).alerts,
    ).toHaveLength(2)
    const feature = {
      type: 'Feature',
      properties: {
        id: 'G-1',
        areaDesc: '嘉州市',
        sent: '2026-07-01T08:00:00+08:00',
        status: 'Actual',
        messageType: 'Update',
        event: 'Rain Warning',
        severity: 'Severe',
        headline: 'Rain',
        senderName: 'W',
        references: [{ identifier: 'G-0' }],
      },
    }
    expect(only(JSON.stringify({ type: 'FeatureCollection', features: [feature] }))).toMatchObject({
      externalId: 'G-1',
      replaces: ['G-0'],
    })
    const row = {
      id: 'Q-1',
      sender: '嘉州市气象台',
      pubTime: '2026-07-01T08:00+08:00',
      title: '嘉州市气象台发布暴雨红色预警',
      startTime: '2026-07-01T08:00+08:00',
      endTime: '2026-07-02T08:00+08:00',
      status: 'active',
      severity: 'Extreme',
      severityColor: 'Red',
      typeName: '暴雨',
      text: '…',
      related: '',
    }
    expect(only(JSON.stringify({ code: '200', warning: [row] }))).toMatchObject({
      externalId: 'Q-1',
      severity: 'extreme',
      issuer: '嘉州市气象台',
      areas: [{ name: '嘉州市' }],
      endsAt: '2026-07-02T00:00:00.000Z',
    })
    expect(
      only(JSON.stringify({ code: '200', warning: [{ ...row, status: 'cancel', related: 'Q-0' }] })),
    ).toMatchObject({ state: 'cancelled', replaces: ['Q-0'] })
  })

  test('an empty list is calm, an answer in the words of an error is not', () => {
    expect(read('{"code":"200","warning":[]}').alerts).toEqual([])
    expect(read('[]').alerts).toEqual([])
    expect(() => read('{"code":"401","warning":[]}')).toThrow('401')
    expect(() => read('{"error":"invalid key"}')).toThrow('invalid key')
    expect(() => read('{"broken')).toThrow('none')
  })
})

describe('hostile answers', () => {
  test.each([
    ['a captcha', '<!doctype html><html><title>安全验证</title></html>', 'a page instead'],
    ['other XML', '<catalog><cd/></catalog>', 'neither CAP nor a feed'],
    ['nothing', '', 'neither CAP nor a feed'],
  ])('%s says what it is', (_, text, message) => {
    expect(() => read(text)).toThrow(message)
  })

  test('entities that expand each other, endless nesting, scripts and huge lists stay small', () => {
    const bomb = `<!DOCTYPE alert [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>${cap({ headline: '暴雨红色预警 &b;' })}`
    expect(only(bomb).headline.length).toBeLessThan(60)
    expect(() => read(`${'<alert>'.repeat(50_000)}`)).not.toThrow()
    const many = cap({
      areas: `<area><areaDesc>${'甲区、'.repeat(5)}${Array.from({ length: 5_000 }, (_, at) => `第${at}区`).join('、')}</areaDesc></area>`,
    })
    expect(only(many).areas.length).toBeLessThanOrEqual(500)
    const script = only(
      cap({ extra: '' }).replace('过去三小时', '&lt;script&gt;alert(1)&lt;/script&gt;过去三小时'),
    )
    expect(script.description).not.toContain('<script')
    const polygon = only(
      cap({ areas: `<area><areaDesc>甲</areaDesc><polygon>${'30,120 '.repeat(100_000)}</polygon></area>` }),
    )
    expect(JSON.stringify(polygon.shapes).length).toBeLessThan(50_000)
    expect(() => read(`{"alerts":${'['.repeat(5_000)}${']'.repeat(5_000)}}`)).not.toThrow()
  })

  test('a message without id, time or words is counted', () => {
    expect(read(cap({ id: '' })).left.unreadable).toBe(1)
    expect(read(cap({ sent: 'soon' })).left.unreadable).toBe(1)
    expect(read(cap({ headline: '', event: '' })).left.unreadable).toBe(1)
  })
})
