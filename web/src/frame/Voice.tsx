/** Says new alarms aloud: a sound by priority, and words for screen readers (at once only when critical). */

import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { raised } from "../api/changes";
import type { Alarm } from "../api/client";
import { useAlarmTitle } from "../base/alarms";
import { sound } from "../base/sound";
import { useStore } from "../base/store";
import { spaced } from "../parts/marks";

const heard = new Map<string, number>();
const KEPT = 200;

/** Whether this alarm, or this count of it, was not yet said. */
function isNews(alarm: Alarm): boolean {
  if (heard.get(alarm.id) === alarm.count) return false;
  heard.set(alarm.id, alarm.count);
  if (heard.size > KEPT) heard.delete(heard.keys().next().value ?? "");
  return true;
}

export function Voice() {
  const alarm = useStore(raised);
  const { t } = useTranslation();
  const title = useAlarmTitle();
  const [said, setSaid] = useState<{ text: string; critical: boolean }>({ text: "", critical: false });
  useEffect(() => {
    if (alarm === null || !isNews(alarm)) return;
    sound(alarm.priority);
    const text = [t(`priority.${alarm.priority}`), title(alarm), spaced(alarm.plate), alarm.cameraId].filter(Boolean).join(", ");
    setSaid({ text, critical: alarm.priority === "critical" });
    // Only a new alarm speaks; a change of language does not repeat it.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [alarm]);
  return (
    <>
      <div className="vh" aria-live="assertive">
        {said.critical ? said.text : ""}
      </div>
      <div className="vh" aria-live="polite">
        {said.critical ? "" : said.text}
      </div>
    </>
  );
}
