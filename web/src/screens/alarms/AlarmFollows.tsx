/** Where an alarm leads beside its answer: to the release that waits, to what has come due, or to a breach of personal data. */

import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { AlarmDetail } from "../../api/client";
import { may } from "../../api/queries";
import { useAlarmTitle } from "../../base/alarms";
import { useKeys } from "../../base/keys";
import { clock, day, dayClock } from "../../base/time";
import { Icon } from "../../parts/Icon";
import type { BreachReceipt } from "../breaches/breaches";
import { ReportForm } from "../breaches/ReportForm";

/** Somebody may have laid hands on a camera, a cabinet, a disk or the record. */
const MAY_BE_BREACH = new Set(["tamper", "digital-input", "camera-covered", "camera-defocused", "camera-moved", "cameras-covered", "cameras-defocused", "cameras-moved", "disk-fault", "audit-unsigned"]);

/** A date that officer and shift leader keep. */
const OF_A_DATE = new Set(["breach-clock", "request-due", "hold-due", "correction-due"]);

export function AlarmFollows({ alarm }: { alarm: AlarmDetail }) {
  if (alarm.kind === "emergency-release" && may("releases.read")) return <ToRelease />;
  if (OF_A_DATE.has(alarm.kind)) return <ToConcern concern={alarm.concerns ?? null} />;
  return MAY_BE_BREACH.has(alarm.kind) && may("breaches.report") ? <ToBreach alarm={alarm} /> : null;
}

function ToRelease() {
  const { t } = useTranslation();
  return (
    <div className="row wrap pb">
      <Link to="/releases" className="btn">
        <Icon name="checks" />
        {t("alarm.toRelease")}
      </Link>
    </div>
  );
}

/** To what has come due, for who may see it; for others who sees to it. */
function ToConcern({ concern }: { concern: AlarmDetail["concerns"] | null }) {
  const { t } = useTranslation();
  return <div className="row wrap pb">{concern == null ? <p className="note">{t("alarm.othersDate")}</p> : <ConcernLink concern={concern} />}</div>;
}

function ConcernLink({ concern }: { concern: NonNullable<AlarmDetail["concerns"]> }) {
  const { t } = useTranslation();
  const inside = (
    <>
      <Icon name="doc" />
      {t(`alarm.toConcern.${concern.kind}`)}
    </>
  );
  switch (concern.kind) {
    case "breach":
      return (
        <Link to="/breaches" search={{ breach: concern.id }} className="btn">
          {inside}
        </Link>
      );
    case "request":
      return (
        <Link to="/requests" search={{ request: concern.id }} className="btn">
          {inside}
        </Link>
      );
    case "hold":
      return (
        <Link to="/storage" className="btn">
          {inside}
        </Link>
      );
    case "correction":
      return (
        <Link to="/oversight" search={{ tab: "corrections" }} className="btn">
          {inside}
        </Link>
      );
  }
}

function ToBreach({ alarm }: { alarm: AlarmDetail }) {
  const { t, i18n } = useTranslation();
  const title = useAlarmTitle();
  const navigate = useNavigate();
  const [telling, setTelling] = useState(false);
  const [made, setMade] = useState<BreachReceipt>();
  const cameras = alarm.facts.cameras.length > 0 ? alarm.facts.cameras : [alarm.cameraId].filter(Boolean);
  const what = [title(alarm), cameras.join(", "), `${day(alarm.time, i18n.language)} ${clock(alarm.time)}`].filter(Boolean).join(", ");
  useKeys({ KeyB: () => setTelling(true) });
  const done = (receipt?: BreachReceipt) => {
    setTelling(false);
    setMade(receipt);
    if (receipt !== undefined && may("breaches.read")) void navigate({ to: "/breaches", search: { breach: receipt.id } });
  };
  return (
    <div className="row wrap pb">
      <button type="button" className="btn" onClick={() => setTelling(true)}>
        <Icon name="lock" />
        {t("breaches.tell")}
        <kbd>B</kbd>
      </button>
      {made === undefined ? null : (
        <p role="status">
          {t("breaches.toldAs", { number: made.number })} {t("breaches.told", { time: dayClock(made.due, i18n.language) })}
        </p>
      )}
      {telling ? <ReportForm source={{ kind: "alarm", id: alarm.id, what, known: Date.parse(alarm.raised), cameras }} onClose={done} /> : null}
    </div>
  );
}
