/** Three futures from one start, the one under study in accent. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg
      aria-hidden
      viewBox="0 0 32 32"
      width={size}
      height={size}
      fill="none"
      strokeLinecap="round"
    >
      <g strokeWidth="2.6">
        <path d="M4 16h8c5 0 5 9 11 9h5" stroke="var(--color-edge)" />
        <path d="M12 16h16" stroke="var(--color-baseline)" strokeDasharray="3 4.5" />
        <path d="M4 16h8c5 0 5-9 11-9h3" stroke="var(--color-accent)" />
      </g>
      <circle cx="27" cy="7" r="2.8" fill="var(--color-accent)" />
    </svg>
  );
}
