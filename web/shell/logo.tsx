/** An umbrella before the rain: 未雨绸缪. */
export function Logo({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d="M2 12.5a10 10 0 0 1 20 0Z" fill="currentColor" />
      <path
        d="M12 12v7a2.5 2.5 0 0 1-5 0M12 1v1.5"
        fill="none"
        stroke="currentColor"
        stroke-width="2"
        stroke-linecap="round"
      />
    </svg>
  )
}
