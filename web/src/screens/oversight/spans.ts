/** The parts of the officer's screen and the spans that can be asked about, as the address names them. */

import { useSearch } from "@tanstack/react-router";

import { now } from "../../base/time";

const DAY_MS = 86_400_000;

export const OVERSIGHT_TABS = ["accesses", "unusual", "open", "assessments", "alarms", "retention", "left", "corrections", "models", "heads"] as const;
export const SPANS = [1, 7, 30] as const;
/** What an access is counted by. */
export const SIDES = ["person", "camera", "purpose"] as const;

/** The span that is asked about; it ends with the running minute, so that the address stays the same within it. */
export function useSpan(): { from: string; to: string } {
  const search = useSearch({ from: "/frame/oversight" });
  const minute = Math.ceil(now() / 60_000) * 60_000;
  return { from: new Date(minute - (search.days ?? 7) * DAY_MS).toISOString(), to: new Date(minute).toISOString() };
}
