import { parseHTML } from 'linkedom'
import { expect, test } from 'vitest'
import { safeBody, safePage } from '../../server/ingest/evidence/page.ts'

const safe = (html: string) => safeBody(html, 'https://news.example/a/', { picture: '图片' })

// After the XSS cheat sheet of OWASP and the published bypasses of sanitisers (mutation through svg, math, noscript, templates).
const attacks = [
  '<script>alert(1)</script>',
  '<SCRIPT SRC=//evil.example/x.js></SCRIPT>',
  '<img src=x onerror=alert(1)>',
  '<img src="javascript:alert(1)">',
  '<img """><script>alert(1)</script>">',
  '<body onload=alert(1)>',
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<svg><animate onbegin=alert(1) attributeName=x dur=1s>',
  '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  '<math><mi//xlink:href="data:x,<script>alert(1)</script>">',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<template><img src=x onerror=alert(1)></template>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<object data="data:text/html,<script>alert(1)</script>"></object>',
  '<embed src="//evil.example/x.swf">',
  '<applet code=x></applet>',
  '<meta http-equiv=refresh content="0;url=//evil.example">',
  '<link rel=stylesheet href="//evil.example/x.css">',
  '<style>@import "//evil.example/x.css";</style>',
  '<div style="background:url(//evil.example/x)">x</div>',
  '<base href="//evil.example/">',
  '<form action="//evil.example"><input name=a><button formaction="javascript:alert(1)">x</button></form>',
  '<isindex action="javascript:alert(1)">',
  '<a href="javascript:alert(1)">x</a>',
  '<a href="jav&#x09;ascript:alert(1)">x</a>',
  '<a href=" &#14; javascript:alert(1)">x</a>',
  '<a href="//evil.example" ping="//evil.example/p" target=_top>x</a>',
  '<video poster="//evil.example/p"><source onerror=alert(1)></video>',
  '<audio src=x onerror=alert(1)>',
  '<details open ontoggle=alert(1)>x</details>',
  '<input autofocus onfocus=alert(1)>',
  '<textarea></textarea><img src=x onerror=alert(1)></textarea>',
  '<title></title><img src=x onerror=alert(1)></title>',
  '<xmp><img src=x onerror=alert(1)></xmp>',
  '<plaintext><img src=x onerror=alert(1)>',
  '<!--><img src=x onerror=alert(1)>-->',
  '<!--[if IE]><script>alert(1)</script><![endif]-->',
  '<![CDATA[<img src=x onerror=alert(1)>]]>',
  '<?xml-stylesheet href="javascript:alert(1)"?>',
  '<table background="javascript:alert(1)"><td background="//evil.example/x">x</td></table>',
  '<img srcset="//evil.example/x 2x" data-src="//evil.example/y">',
  '<picture><source srcset="//evil.example/x"><img src="//evil.example/y"></picture>',
  '<img src="data:image/svg+xml,<svg onload=alert(1)>">',
  '<img src="data:image/svg+xml;base64,PHN2Zz4=">',
  '<img src="data:image/png;base64,AA==&quot; onerror=&quot;alert(1)">',
  '<p lang="en&quot; onclick=&quot;alert(1)">x</p>',
  '<p constructor="x" __proto__="y" toString="z">x</p>',
  '<a title="&quot;><script>alert(1)</script>">x</a>',
  '<image src=x onerror=alert(1)>',
  '<custom-element onclick=alert(1)>x</custom-element>',
  '<p id=a name=b class=c slot=d is=e part=f>x</p>',
  '<button popovertarget=x onclick=alert(1)>x</button><dialog open>x</dialog>',
  '<marquee onstart=alert(1)>x</marquee>',
  '<select><option><script>alert(1)</script></select>',
  '<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
  '\u0000<scr\u0000ipt>alert(1)</scr\u0000ipt>',
  '<<script>alert(1)//<</script>',
  '<frameset onload=alert(1)><frame src="javascript:alert(1)"></frameset>',
  '<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>',
]
const elements = new Set(
  'a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn dir div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark menu nav ol p pre q rp rt ruby s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr'.split(
    ' ',
  ),
)
const plain = new Set(
  'colspan rowspan span start value dir lang datetime open title alt src class'.split(' '),
)

test.each(attacks)('%s becomes markup that can do nothing', (attack) => {
  const { document } = parseHTML(`<html><body>${safe(attack)}</body></html>`)
  for (const element of document.body.querySelectorAll('*')) {
    expect(elements).toContain(element.localName)
    for (const { name, value } of element.attributes) {
      expect(plain).toContain(name)
      if (name === 'src') expect(value).toMatch(/^data:image\/(?:png|gif|jpeg|webp);base64,[A-Za-z0-9+/=]*$/)
      if (name === 'class') expect(value).toBe('picture')
    }
  }
})

test('a second cleaning changes nothing: what came out is read as it was written', () => {
  const bare = (html: string) => html.replace(/ (?:class|title)="[^"]*"/g, '')
  for (const attack of attacks) expect(bare(safe(safe(attack)))).toBe(bare(safe(attack)))
})

test('text, tables and small pictures stay; a link shows where it led and leads nowhere', () => {
  expect(safe('<h1>停工</h1><p>业主<b>反映</b>…</p>')).toBe('<h1>停工</h1><p>业主<b>反映</b>…</p>')
  expect(safe('<table><tr><td colspan=2>一</td></tr></table>')).toContain('<td colspan="2">一</td>')
  expect(safe('<a href="../b?x=1&y=2">附件</a>')).toBe(
    '<a title="https://news.example/b?x=1&amp;y=2">附件</a>',
  )
  expect(safe('<img alt="现场" data-src="p.jpg" src="data:image/gif;base64,R0lGOD">')).toBe(
    '<img src="data:image/gif;base64,R0lGOD" alt="现场">',
  )
  expect(safe('<img alt="现场" src="p.jpg">')).toBe(
    '<span class="picture">[图片 现场 https://news.example/a/p.jpg]</span>',
  )
  expect(safe('<noscript><p>无脚本</p></noscript>')).toBe('<p>无脚本</p>')
  expect(safe('<button>展开</button><label>电话</label>')).toBe('展开电话')
})

test('a page of endless nesting or width is written in bounded time and depth', () => {
  const deep = safe(`${'<div>'.repeat(20_000)}停工`)
  expect(deep).toContain('停工')
  expect(deep.match(/<div>/g)?.length).toBeLessThanOrEqual(200)
  const wide = safe('<br>'.repeat(300_000))
  expect(wide.length).toBe(1_200_000)
})

test('plain text is shown as text, a picture not at all', () => {
  const of = (type: string, text: string) =>
    safePage(
      {
        url: 'https://news.example/',
        headers: { 'content-type': type },
        bytes: new TextEncoder().encode(text),
      },
      { picture: '图片' },
    )
  expect(of('text/plain', '<script>alert(1)</script>')).toContain(
    '<pre>&lt;script&gt;alert(1)&lt;/script&gt;</pre>',
  )
  expect(of('image/png', 'x')).toBeUndefined()
  expect(of('text/html', '<p>x')).toContain('default-src &#39;none&#39;'.replaceAll('&#39;', "'"))
})
