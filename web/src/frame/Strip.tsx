/** One line for alarms on every screen: the worst that waits for an answer, its place, its clock, and the counts. */

import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import type { Alarm } from "../api/client";
import { may, useAcknowledge, useCamera, useOpenAlarms } from "../api/queries";
import { useAlarmTitle, worstWaiting } from "../base/alarms";
import { useKeys } from "../base/keys";
import { mutedUntil, sound, toggleMute } from "../base/sound";
import { useStore } from "../base/store";
import { useNow } from "../base/time";
import { Icon } from "../parts/Icon";
import { Countdown, PlateMark, PRIORITIES, PriorityMark } from "../parts/marks";

const REPEAT_MS = 10_000;

/** A critical alarm sounds again every 10 s until somebody acknowledges it. */
function useRepeatedSound(worst: Alarm | undefined): void {
  const critical = worst?.priority === "critical";
  useEffect(() => {
    if (!critical) return;
    const again = setInterval(() => sound("critical"), REPEAT_MS);
    return () => clearInterval(again);
  }, [critical]);
}

export function Strip() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const alarms = useOpenAlarms().data ?? [];
  const worst = worstWaiting(alarms);
  const acknowledge = useAcknowledge();
  const answers = may("alarms.answer");
  const show = () => worst && void navigate({ to: "/alarms", search: { alarm: worst.id } });
  const answer = () => worst && answers && !acknowledge.isPending && acknowledge.mutate(worst.id);
  useRepeatedSound(worst);
  useKeys({ KeyA: answer, KeyV: show });
  if (!may("alarms.read")) return null;
  return (
    <aside className={worst?.priority === "critical" ? "strip top" : "strip"} aria-label={t("alarm.strip")}>
      {worst === undefined ? (
        <div className="what dim">{t("alarm.noneWaiting")}</div>
      ) : (
        <>
          <Worst alarm={worst} />
          {answers ? (
            <button type="button" className="btn p" disabled={acknowledge.isPending} onClick={answer}>
              <Icon name="check" />
              <span className="hide-p">{t("alarm.acknowledge")}</span>
              <kbd>A</kbd>
            </button>
          ) : null}
          <button type="button" className="btn" onClick={show}>
            <Icon name="cam" />
            <span className="hide-p">{t("alarm.show")}</span>
            <kbd>V</kbd>
          </button>
        </>
      )}
      <span className="vr hide-p" />
      <Counts alarms={alarms} />
      <Mute />
    </aside>
  );
}

function Worst({ alarm }: { alarm: Alarm }) {
  const title = useAlarmTitle();
  const camera = useCamera(alarm.cameraId);
  return (
    <div className="what">
      <span className={alarm.priority === "critical" ? "blink" : undefined}>
        <PriorityMark priority={alarm.priority} chip />
      </span>
      <b className="m tr ttl">{title(alarm)}</b>
      {alarm.plate === "" ? null : <PlateMark text={alarm.plate} country={alarm.country} />}
      <span className="tr place">
        {camera === undefined ? alarm.cameraId : `${camera.name} · ${alarm.cameraId}`}
      </span>
      <Countdown alarm={alarm} />
    </div>
  );
}

function Counts({ alarms }: { alarms: readonly Alarm[] }) {
  const { t } = useTranslation();
  return (
    <nav className="counts hide-p" aria-label={t("alarm.byPriority")}>
      {PRIORITIES.map((priority) => {
        const count = alarms.filter((alarm) => alarm.priority === priority).length;
        return (
          <Link key={priority} to="/alarms" search={{ priority }} className={priority} aria-label={`${t(`priority.${priority}`)}: ${count}`}>
            <PriorityMark priority={priority} />
            <b>{count}</b>
          </Link>
        );
      })}
    </nav>
  );
}

function Mute() {
  const { t } = useTranslation();
  const until = useStore(mutedUntil);
  const muted = until > useNow();
  const label = t(muted ? "sound.unmute" : "sound.mute");
  return (
    <button
      type="button"
      className={muted ? "btn sq q on" : "btn sq q"}
      aria-label={label}
      aria-pressed={muted}
      title={label}
      onClick={toggleMute}
    >
      <Icon name={muted ? "mute" : "sound"} />
    </button>
  );
}
