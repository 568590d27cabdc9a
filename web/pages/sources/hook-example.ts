/** A push that really works, for a shell with openssl and curl: the other side's programmers begin with it. */
export function hookExample({
  address,
  secret,
  content,
  now,
}: {
  address: string
  secret: string
  content: unknown
  /** So that the example is news and not too old. */
  now: Date
}): string {
  return [
    `SECRET='${secret}'`,
    `BODY='${JSON.stringify([items(now.toISOString())[content === 'complaints' || content === 'readings' ? content : 'documents']])}'`,
    'AT=$(date +%s)',
    `SIGNATURE=$(printf '%s.%s' "$AT" "$BODY" | openssl dgst -sha256 -hmac "$SECRET" -r | cut -d ' ' -f 1)`,
    `curl -sS -X POST '${address}' \\`,
    `  -H 'content-type: application/json' -H "x-weiyu-timestamp: $AT" \\`,
    `  -H "x-weiyu-signature: $SIGNATURE" --data-binary "$BODY"`,
  ].join('\n')
}

/** One of each, with the field names that need no mapping. */
const items = (at: string) => ({
  documents: {
    id: 'A-1',
    title: '云湖湾二期业主反映地下车库积水',
    body: '连日降雨后车库积水约十厘米，业主要求尽快处理。',
    publishedAt: at,
    publisher: '云湖晚报',
  },
  complaints: {
    id: 'T-1',
    title: '外墙渗水',
    content: '客厅外墙渗水，多次报修无人处理。',
    receivedAt: at,
    project: '云湖湾',
    name: '王某',
    phone: '13800000000',
  },
  readings: { project: '云湖湾', metric: 'sales', value: 12, planned: 20, unit: '套', date: at },
})
