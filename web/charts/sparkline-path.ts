/** Where the line of a sparkline goes. From zero, so that two rows can be compared; 2.5 px stay free for the end dot. */
const margin = 2.5

export function sparklinePaths(values: readonly (number | null)[], width: number, height: number) {
  const top = Math.max(1, ...values.map((value) => value ?? 0))
  const step = values.length > 1 ? (width - 2 * margin) / (values.length - 1) : 0
  let line = ''
  let pen = 'M'
  let end: { x: number; y: number } | undefined
  values.forEach((value, at) => {
    if (value === null) {
      pen = 'M'
      return
    }
    const x = Math.round((margin + at * step) * 10) / 10
    const y = Math.round((height - margin - (value / top) * (height - 2 * margin)) * 10) / 10
    line += `${pen}${x} ${y}`
    pen = 'L'
    end = { x, y }
  })
  return { line, end }
}
