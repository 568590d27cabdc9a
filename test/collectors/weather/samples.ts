/** Invented warnings in the forms that authorities and interfaces give. */
export interface Sample {
  id?: string
  status?: string
  kind?: string
  references?: string
  headline?: string
  event?: string
  severity?: string
  sender?: string
  sent?: string
  expires?: string
  areas?: string
  extra?: string
}

export function cap(sample: Sample = {}): string {
  const {
    id = 'A-1',
    status = 'Actual',
    kind = 'Alert',
    references = '',
    headline = '嘉州市气象台发布暴雨红色预警信号',
    event = '暴雨',
    severity = 'Extreme',
    sender = '嘉州市气象台',
    sent = '2026-07-01T08:00:00+08:00',
    expires = '2026-07-01T20:00:00+08:00',
    areas = '<area><areaDesc>嘉州市</areaDesc><geocode><valueName>CN</valueName><value>320100</value></geocode></area>',
    extra = '',
  } = sample
  return `<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>${id}</identifier><sender>weather@jiazhou.example</sender><sent>${sent}</sent>
  <status>${status}</status><msgType>${kind}</msgType><scope>Public</scope>${references && `<references>${references}</references>`}
  <info><language>zh-CN</language><category>Met</category><event>${event}</event><urgency>Immediate</urgency>
    <severity>${severity}</severity><certainty>Observed</certainty><effective>${sent}</effective>
    ${expires && `<expires>${expires}</expires>`}<senderName>${sender}</senderName><headline>${headline}</headline>
    <description>过去三小时降雨量已达100毫米以上。</description>${extra}${areas}</info>
</alert>`
}

export const bytesOf = (text: string) => new TextEncoder().encode(text)
