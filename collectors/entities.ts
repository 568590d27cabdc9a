// The named characters of HTML 4 with XML's five: what feeds use without declaring it. Names in order of their code points.
const latin1 =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml'
const greek =
  'Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho - Sigma Tau Upsilon Phi Chi Psi Omega - - - - - - - alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigmaf sigma tau upsilon phi chi psi omega'
const others =
  'quot 34 amp 38 apos 39 lt 60 gt 62 OElig 338 oelig 339 Scaron 352 scaron 353 Yuml 376 fnof 402 circ 710 tilde 732 thetasym 977 upsih 978 piv 982 ensp 8194 emsp 8195 thinsp 8201 zwnj 8204 zwj 8205 lrm 8206 rlm 8207 ndash 8211 mdash 8212 lsquo 8216 rsquo 8217 sbquo 8218 ldquo 8220 rdquo 8221 bdquo 8222 dagger 8224 Dagger 8225 bull 8226 hellip 8230 permil 8240 prime 8242 Prime 8243 lsaquo 8249 rsaquo 8250 oline 8254 frasl 8260 euro 8364 image 8465 weierp 8472 real 8476 trade 8482 alefsym 8501 larr 8592 uarr 8593 rarr 8594 darr 8595 harr 8596 crarr 8629 lArr 8656 uArr 8657 rArr 8658 dArr 8659 hArr 8660 forall 8704 part 8706 exist 8707 empty 8709 nabla 8711 isin 8712 notin 8713 ni 8715 prod 8719 sum 8721 minus 8722 lowast 8727 radic 8730 prop 8733 infin 8734 ang 8736 and 8743 or 8744 cap 8745 cup 8746 int 8747 there4 8756 sim 8764 cong 8773 asymp 8776 ne 8800 equiv 8801 le 8804 ge 8805 sub 8834 sup 8835 nsub 8836 sube 8838 supe 8839 oplus 8853 otimes 8855 perp 8869 sdot 8901 lceil 8968 rceil 8969 lfloor 8970 rfloor 8971 lang 9001 rang 9002 loz 9674 spades 9824 clubs 9827 hearts 9829 diams 9830'

const named = new Map<string, string>()
for (const [at, name] of latin1.split(' ').entries()) named.set(name, String.fromCodePoint(160 + at))
for (const [at, name] of greek.split(' ').entries()) named.set(name, String.fromCodePoint(913 + at))
const pairs = others.split(' ')
for (let at = 0; at < pairs.length; at += 2)
  named.set(pairs[at] ?? '', String.fromCodePoint(Number(pairs[at + 1])))

// Numbers 128–159 are meant as Windows-1252, as every browser reads them.
export const windows = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

const reference = /&(?:#(?:[xX]([0-9a-fA-F]{1,8})|(\d{1,9}))|([A-Za-z_][A-Za-z0-9._-]{0,31}));?/y

/** What a document declares for itself. */
export interface OwnEntities {
  get(name: string): string | undefined
}

/** Decodes references; what is no reference (a bare `&`, an unknown name) stays as written. */
export function decodeEntities(text: string, own?: OwnEntities): string {
  let at = text.indexOf('&')
  if (at < 0) return text
  let out = ''
  let from = 0
  while (at >= 0) {
    let end = at + 4
    let value = plainBracket(text, at)
    if (value === undefined) {
      reference.lastIndex = at
      const found = reference.exec(text)
      end = found ? reference.lastIndex : at + 1
      value = found ? meaning(found, own) : '&'
    }
    out += text.slice(from, at) + value
    from = end
    at = text.indexOf('&', from)
  }
  return out + text.slice(from)
}

/** `&lt;` and `&gt;`: nine of ten references of a feed, whose texts are escaped HTML. */
function plainBracket(text: string, at: number): string | undefined {
  if (text.charCodeAt(at + 3) !== 59 /* ; */ || text.charCodeAt(at + 2) !== 116 /* t */) return undefined
  const letter = text.charCodeAt(at + 1)
  return letter === 108 /* l */ ? '<' : letter === 103 /* g */ ? '>' : undefined
}

function meaning([written, hex, decimal, name]: RegExpExecArray, own: OwnEntities | undefined): string {
  if (name !== undefined) {
    if (!written.endsWith(';')) return written
    return own?.get(name) ?? named.get(name) ?? written
  }
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
  if (code >= 128 && code <= 159) return windows[code - 128] ?? ''
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd'
  if (code < 32 && code !== 9 && code !== 10 && code !== 13) return ''
  return String.fromCodePoint(code)
}

/** `&#146;` and its kin as the characters they are meant to be; for markup that stays markup. */
export function mendReferences(html: string): string {
  if (!html.includes('&#')) return html
  return html.replace(
    /&#(?:1(?:2[89]|[345]\d)(?!\d)|[xX]0{0,4}[89][0-9a-fA-F](?![0-9a-fA-F]));?/g,
    (written) => decodeEntities(written),
  )
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
export const escapeHtml = (text: string) =>
  /[&<>"]/.test(text) ? text.replace(/[&<>"]/g, (character) => escapes[character] ?? '') : text
