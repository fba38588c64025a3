/** What was asked for stands where one sees it: on a narrow screen it might open far from the button. */

import { useEffect, useRef } from "react";

export function useIntoView() {
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    // Nothing may be returned: newer browsers answer scrolling with a promise, which is no way to end an effect.
    section.current?.scrollIntoView({ block: "nearest" });
  }, []);
  return section;
}
