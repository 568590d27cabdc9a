/**
 * Text with the words that matched: `<Highlight text={mention.title} ranges={terms} />`. Ranges count UTF-16 units as the
 * server does, may overlap and come in any order; those outside the text are left out.
 * `around` keeps only that many characters either side of the first match, for lists.
 */
import { Fragment } from 'preact'
import { cutText, type TextRange } from './ranges.ts'

export function Highlight({
  text,
  ranges,
  around,
}: {
  text: string
  ranges: readonly TextRange[]
  around?: number
}) {
  return (
    <>
      {cutText(text, ranges, around).map((piece) =>
        piece.marked ? (
          <mark key={piece.at}>{piece.text}</mark>
        ) : (
          <Fragment key={piece.at}>{piece.text}</Fragment>
        ),
      )}
    </>
  )
}
