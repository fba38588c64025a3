/** Which of the operator's permits a screen works under. */

import { useEffect } from "react";

import { api, type Permit, take } from "../api/client";
import { may, queryClient, session, usePermits } from "../api/queries";
import { Store, useStore } from "../base/store";
import { now, useNow } from "../base/time";

export const REVIEW = "alarm-review";
/** Purposes that a person states; `alarm-review` is stated by the alarm itself. */
export const PURPOSES = ["offence", "missing-person", "threat-to-life", "stolen-vehicle", "smuggling", "traffic-safety", "civil-protection", "subject-request"] as const;
/** Purposes for which plates may be searched, and a plate sought. */
export const SOUGHT_PURPOSES = ["offence", "missing-person", "threat-to-life", "stolen-vehicle", "smuggling"] as const;

/** Those of `purposes` that the node's policy lets the operator's role open. */
export function openable<T extends string>(purposes: readonly T[]): T[] {
  const allowed = session.get()?.purposes ?? [];
  return purposes.filter((purpose) => allowed.includes(purpose));
}

/** The permit that the operator last chose or opened; empty to let the newest open one serve. */
export const chosenPermit = new Store("");

function isOpen(permit: Permit, at: number): boolean {
  return !permit.standing && permit.closed == null && Date.parse(permit.expires) > at;
}

/** The open permits that may serve, newest first. */
export function useOwnPermits(): { permits: Permit[]; pending: boolean; error: unknown } {
  const found = usePermits();
  const at = useNow();
  const permits = (found.data ?? []).filter((permit) => isOpen(permit, at)).toSorted((one, other) => Date.parse(other.opened) - Date.parse(one.opened));
  return { permits, pending: found.isPending && may("permits.open"), error: found.error };
}

/** The permit in force for plates: stated by the operator, never the review of an alarm. */
export function usePlatePermit() {
  const { permits, pending, error } = useOwnPermits();
  const chosen = useStore(chosenPermit);
  const fitting = permits.filter((permit) => SOUGHT_PURPOSES.some((purpose) => purpose === permit.purpose));
  return { permit: fitting.find((permit) => permit.id === chosen) ?? fitting[0] ?? null, permits: fitting, pending, error };
}

const asking = new Set<string>();

async function openReview(alarmId: string, ground: string): Promise<void> {
  if (asking.has(alarmId)) return;
  asking.add(alarmId);
  try {
    const permit = await take(api.POST("/api/permits", { body: { purpose: REVIEW, ground, caseRef: alarmId, hours: 1 } }));
    chosenPermit.set(permit.id);
    await queryClient.invalidateQueries({ queryKey: ["permits"] });
  } catch {
    // Refused: the permit bar asks for purpose, ground and case instead.
  } finally {
    asking.delete(alarmId);
  }
}

/**
 * The permit in force for playback. Coming from an alarm, its review permit is used, and opened when there is none.
 * `ground` is the sentence that a review permit states.
 */
export function usePlaybackPermit(alarmId: string | undefined, ground: string) {
  const { permits, pending, error } = useOwnPermits();
  const chosen = useStore(chosenPermit);
  const ofAlarm = permits.find((permit) => permit.purpose === REVIEW && permit.caseRef === alarmId);
  const picked = permits.find((permit) => permit.id === chosen);
  const missing = alarmId !== undefined && ofAlarm === undefined && !pending && may("permits.open");
  useEffect(() => {
    if (missing && alarmId !== undefined) void openReview(alarmId, ground);
  }, [missing, alarmId, ground]);
  const stated = permits.find((permit) => permit.purpose !== REVIEW);
  const fallback = alarmId === undefined ? (stated ?? permits[0]) : undefined;
  return { permit: (alarmId === undefined ? picked : (ofAlarm ?? picked)) ?? fallback ?? null, permits, pending: pending || (missing && asking.has(alarmId)), error };
}

/** What is left of a permit in milliseconds. */
export function leftOf(permit: Permit): number {
  return Date.parse(permit.expires) - now();
}
