/** The order of alarms and their titles, alike on every screen. */

import { useTranslation } from "react-i18next";

import type { Alarm } from "../api/client";
import { dayClock } from "./time";

const RANK = { critical: 0, high: 1, medium: 2, low: 3 } as const;

/** Unanswered first, then worse, then older. */
export function byUrgency(one: Alarm, other: Alarm): number {
  const waiting = Number(one.state !== "new") - Number(other.state !== "new");
  return waiting || RANK[one.priority] - RANK[other.priority] || Date.parse(one.answerBy) - Date.parse(other.answerBy);
}

/** The alarm that most needs an answer, or undefined. */
export function worstWaiting(alarms: readonly Alarm[]): Alarm | undefined {
  return alarms.filter((alarm) => alarm.state === "new").toSorted(byUrgency)[0];
}

/** An alarm's title in the language of the screen. */
export function useAlarmTitle(): (alarm: Alarm) => string {
  const { t, i18n } = useTranslation();
  return (alarm) => {
    const { facts } = alarm;
    const family = alarm.kind.startsWith("cameras-") ? alarm.kind.slice("cameras-".length) : "";
    if (family !== "" && i18n.exists(`alarm.family.${family}`)) {
      return t("alarm.many", { count: facts.count, state: t(`alarm.family.${family}`), where: facts.network || t("alarm.severalNetworks") });
    }
    if (!i18n.exists(`alarm.kind.${alarm.kind}`)) return alarm.title;
    const states = facts.states.map((kind) => (i18n.exists(`cameraHealth.kind.${kind}`) ? t(`cameraHealth.kind.${kind}`) : kind)).join(", ");
    // What is over is not "to be checked" any more.
    const kind = alarm.state === "closed" && i18n.exists(`alarm.kind.${alarm.kind}-closed`) ? `${alarm.kind}-closed` : alarm.kind;
    return t(`alarm.kind.${kind}`, { states, name: facts.name || facts.subject || alarm.cameraId, subject: facts.subject, until: facts.due ? dayClock(facts.due, i18n.language) : "" });
  };
}
