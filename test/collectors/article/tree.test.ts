import fc from 'fast-check'
import { expect, test } from 'vitest'
import { attribute, type Element, parseTree } from '../../../collectors/article/tree.ts'

/** `p(one b(two))` for <p>one<b>two</b></p>. */
const shape = (child: Element | string): string =>
  typeof child === 'string'
    ? child.trim()
    : `${child.tag}(${child.children.map(shape).filter(Boolean).join(' ')})`
const shapes = (html: string) => parseTree(html).children.map(shape).filter(Boolean).join(' ')

test.each([
  ['<p>one<p>two', 'p(one) p(two)'],
  ['<p>one<div>two</div>', 'p(one) div(two)'],
  ['<ul><li>one<li>two<ul><li>in</ul><li>three</ul>', 'ul(li(one) li(two ul(li(in))) li(three))'],
  ['<dl><dt>a<dd>b<dt>c</dl>', 'dl(dt(a) dd(b) dt(c))'],
  ['<table><tr><td>a<td>b<tr><td>c</table>d', 'table(tr(td(a) td(b)) tr(td(c))) d'],
  ['<div><table><tr><td>a</div>b</table>c</div>d', 'div(table(tr(td(a b))) c) d'],
  ['<div>a</span></b></section>b</div>c', 'div(a b) c'],
  ['<a href=1>one<a href=2>two</a>three', 'a(one) a(two) three'],
  ['<div><a href=1><div>one</a>two</div>three</div>four', 'div(a(div(one two)) three) four'],
  ['a<br>b</br>c<img src=x>d', 'a br() b br() c img() d'],
  ['a < b &amp; c &lt;i&gt; <3', 'a < b & c <i> < 3'],
  ['<!-- <p>no</p> --><!doctype html><?php no ?>yes', 'yes'],
  ['<script>if (a<b) "</p>"</script><style>p{}</style><noscript><p>no</p></noscript>yes', 'yes'],
  ['<p title="a>b" data-x=\'<i>\'>yes</p>', 'p(yes)'],
  ['<html><head></head><div>stray</div><body class=x>yes</body></html>more', 'div(stray) yes more'],
  ['<textarea><p>no</textarea><P>yes</P>', 'p(yes)'],
  ['<noscript>shown', 'shown'],
  ['<script>never closed <p>no', ''],
  ['<p>cut <a href="', 'p(cut)'],
])('%s', (html, expected) => {
  expect(shapes(html)).toBe(expected)
})

test('attributes are read with any quotes, decoded and trimmed; a missing one is nothing', () => {
  const [element] = parseTree(`<a HREF=' /x?a=1&amp;b=2 ' data-href=no title=t hidden>x</a>`).children
  if (!element || typeof element === 'string') throw new Error('no element')
  expect(attribute(element, 'href')).toBe('/x?a=1&b=2')
  expect(attribute(element, 'title')).toBe('t')
  expect(attribute(element, 'hidden')).toBe('')
  expect(attribute(element, 'src')).toBeUndefined()
})

const pieces = fc.constantFrom(
  ...'<div> </div> <p> </p> <a href=x> </a> <b> </b> <table> <tr> <td> </td> </table> <ul> <li> </ul> <!-- --> <script> </script> <title> </title> text & < > " \' = &#x4e00;'.split(
    ' ',
  ),
)
test('whatever stands on the page, all text of a well-formed part stays and the depth is bounded', () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), (soup) => {
      const root = parseTree(`<p>before</p>${soup.join('')}`)
      expect(shape(root)).toContain('before')
    }),
  )
  const depth = (element: Element): number =>
    1 + Math.max(0, ...element.children.map((child) => (typeof child === 'string' ? 0 : depth(child))))
  expect(depth(parseTree('<div>'.repeat(5_000)))).toBeLessThan(260)
  // Crossed tags close the outer one and leave the inner one open, again and again.
  expect(depth(parseTree('<z></w><w></z>'.repeat(5_000)))).toBeLessThan(260)
})
