/** The sign of Istros: two banks and the river's two shades between two lights. */
export function Brand() {
  return (
    <svg viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" aria-hidden="true">
      <path d="M3 8.500c3-3.500 6-3.500 9 0s6 3.500 9 0" />
      <path d="M3 15.500c3-3.500 6-3.500 9 0s6 3.500 9 0" strokeOpacity=".55" />
      <circle cx="12" cy="3.200" r="1.400" fill="currentColor" stroke="none" />
      <circle cx="12" cy="20.800" r="1.400" fill="currentColor" stroke="none" />
    </svg>
  );
}
