/** One alarm: what was read beside what is sought, the live camera, the history, and the answers. */

import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { type AlarmDetail, cropUrl, type Verdict, type WatchlistEntry } from "../../api/client";
import { may, session, useAcknowledge, useAlarm, useCamera, useCloseAlarm } from "../../api/queries";
import { useAlarmTitle } from "../../base/alarms";
import { useKeys } from "../../base/keys";
import { useSaid } from "../../base/said";
import { clock, dayClock, length } from "../../base/time";
import { Icon, type IconName } from "../../parts/Icon";
import { Countdown, differences, PlateMark, PriorityMark } from "../../parts/marks";
import { Empty, Problem } from "../../parts/Problem";
import { LiveView } from "../../video/LiveView";
import { AlarmFollows } from "./AlarmFollows";
import { FaceEvidence } from "./FaceCandidate";

const VERDICTS: readonly Verdict[] = ["true", "false", "test", "duplicate"];

export function AlarmPanel({ id }: { id: string | undefined }) {
  const { t } = useTranslation();
  const found = useAlarm(id);
  const alarm = found.data;
  if (id === undefined)
    return (
      <section className="panel wide" aria-label={t("alarm.one")}>
        <Empty title={t("alarm.nothingChosen")} hint={t("alarm.nothingChosenHint")} />
      </section>
    );
  if (alarm === undefined)
    return (
      <section className="panel wide" aria-label={t("alarm.one")}>
        {found.error === null ? null : (
          <div className="pb">
            <Problem error={found.error} onRetry={() => void found.refetch()} />
          </div>
        )}
      </section>
    );
  return <Shown key={alarm.id} alarm={alarm} />;
}

function Shown({ alarm }: { alarm: AlarmDetail }) {
  const { t } = useTranslation();
  const title = useAlarmTitle();
  return (
    <>
      <section className="panel" aria-labelledby="alarm-heading">
        <div className="ph">
          <PriorityMark priority={alarm.priority} chip />
          <h2 id="alarm-heading">{title(alarm)}</h2>
          {alarm.plate === "" ? null : <PlateMark text={alarm.plate} country={alarm.country} />}
          <span className="sp" />
          {alarm.escalated ? (
            <span className="tag hide-s">
              <Icon name="warn" />
              {t("alarm.escalated")}
            </span>
          ) : null}
          {alarm.state === "new" ? <Countdown alarm={alarm} /> : <span className="tag solid">{t(`alarm.state.${alarm.state}`)}</span>}
        </div>
        <div className="scroll grow">
          <Evidence alarm={alarm} />
          <FaceEvidence alarm={alarm} />
          <AlarmFollows alarm={alarm} />
          <Course alarm={alarm} />
        </div>
        <Answers key={alarm.state} alarm={alarm} />
      </section>
      <CameraOfAlarm alarm={alarm} />
    </>
  );
}

function Evidence({ alarm }: { alarm: AlarmDetail }) {
  const { t, i18n } = useTranslation();
  const camera = useCamera(alarm.cameraId);
  const place = alarm.cameraId || alarm.facts.network;
  const permit = session.get()?.permit ?? "";
  const corrected = alarm.read?.corrected != null;
  // Once a person corrected it, the alarm tells the right plate, and the machine's is the first of the others.
  const machine = corrected ? (alarm.read?.alternatives[0]?.text ?? "") : alarm.plateRead;
  return (
    <div className="pb evidence">
      {corrected && alarm.state !== "closed" ? (
        <p className="note err" role="status">
          <Icon name="warn" size="sm" />
          <span>{t("alarm.correctedSince")}</span>
        </p>
      ) : null}
      {alarm.read ? (
        <figure className="crop">
          <img src={cropUrl(alarm.read.id, permit)} alt={t("alarm.cropOf", { plate: alarm.plateRead })} />
          <figcaption className="dim xs">{t("alarm.crop", { width: alarm.read.plateWidthPx, frames: alarm.read.framesRead })}</figcaption>
        </figure>
      ) : null}
      <dl className="kv">
        {alarm.plateRead === "" ? null : (
          <>
            {machine === "" ? null : (
              <>
                <dt>{t("alarm.read")}</dt>
                <dd>
                  <PlateMark text={machine} country={alarm.country} against={alarm.plate} />{" "}
                  {alarm.confidence == null ? null : <span className="dim">{alarm.confidence.toFixed(2)}</span>}
                </dd>
              </>
            )}
            {alarm.read?.corrected == null ? null : (
              <>
                <dt>{t("alarm.corrected")}</dt>
                <dd>
                  <PlateMark text={alarm.read.text} country={alarm.read.country} against={alarm.plate} />{" "}
                  <span className="dim">
                    {alarm.read.correctedBy}, {dayClock(alarm.read.corrected, i18n.language)}
                  </span>
                </dd>
              </>
            )}
            <dt>{t("alarm.listed")}</dt>
            <dd>
              <PlateMark text={alarm.plate} against={alarm.plateRead} />{" "}
              <span className="dim">{alarm.match === "" || corrected ? "" : t(`alarm.match.${alarm.match}`)} {differences(alarm.plateRead, alarm.plate)}</span>
            </dd>
          </>
        )}
        {place === "" ? null : (
          <>
            <dt>{t("alarm.place")}</dt>
            <dd>
              <b>{place}</b> {camera?.name}
            </dd>
          </>
        )}
        {alarm.facts.cameras.length < 2 ? null : (
          <>
            <dt>{t("alarm.cameras")}</dt>
            <dd>{alarm.facts.cameras.join(", ")}</dd>
          </>
        )}
        <dt>{t("alarm.time")}</dt>
        <dd>
          {dayClock(alarm.time, i18n.language)}
          {alarm.returned == null ? null : <span className="dim"> · {t("alarm.returned", { time: clock(alarm.returned) })}</span>}
          {alarm.count > 1 ? <span className="dim"> · {t("alarm.times", { count: alarm.count, time: clock(alarm.lastTime) })}</span> : null}
        </dd>
        {alarm.entry ? <Entry entry={alarm.entry} /> : null}
      </dl>
      {alarm.entry ? (
        <p className="note">
          <Icon name="shield" size="sm" />
          <span>{t("alarm.suggestion")}</span>
        </p>
      ) : null}
    </div>
  );
}

function Entry({ entry }: { entry: WatchlistEntry }) {
  const { t, i18n } = useTranslation();
  return (
    <>
      <dt>{t("field.purpose")}</dt>
      <dd>{i18n.exists(`purpose.${entry.purpose}`) ? t(`purpose.${entry.purpose}`) : entry.purpose}</dd>
      <dt>{t("field.ground")}</dt>
      <dd>{entry.ground}</dd>
      <dt>{t("field.case")}</dt>
      <dd>{entry.caseRef}</dd>
      <dt>{t("field.owner")}</dt>
      <dd>{entry.owner}</dd>
      <dt>{t("field.until")}</dt>
      <dd>{dayClock(entry.expires, i18n.language)}</dd>
    </>
  );
}

const STEP_ICONS: Record<string, IconName> = { "alarm.raise": "bell", "alarm.fold": "plus", "alarm.acknowledge": "check", "alarm.close": "doc", "alarm.revise": "doc", "alarm.escalate": "warn", "alarm.return": "cam", "alarm.grow": "plus", "alarm.shrink": "cam" };

function Course({ alarm }: { alarm: AlarmDetail }) {
  const { t, i18n } = useTranslation();
  return (
    <div className="course">
      <h3 className="cap">{t("alarm.history")}</h3>
      <ul>
        {alarm.history.map((step) => (
          <li key={`${step.time}${step.action}${step.detail}`} className="ev">
            <time>{clock(step.time)}</time>
            <Icon name={STEP_ICONS[step.action] ?? "clock"} />
            <div>
              <p>{i18n.exists(`step.${step.action}`) ? t(`step.${step.action}`) : step.action}</p>
              <p className="xs dim">
                {step.actor}
                {step.detail === "" ? null : <StepDetail step={step} />}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What the audit log adds to a step: how late, which verdict, or why; rows of earlier versions have an English sentence alone. */
function StepDetail({ step: { action, detail, code, facts } }: { step: AlarmDetail["history"][number] }) {
  const { t, i18n } = useTranslation();
  const said = useSaid()(code, facts);
  if (action === "alarm.escalate" && Number.isFinite(Number(detail))) {
    // The node escalates in the second in which the time to answer ends: then it is not late by anything.
    return Number(detail) < 1 ? null : <> · {t("alarm.late", { time: length(Number(detail) * 1000) })}</>;
  }
  if (action === "alarm.revise") {
    const verdict = detail.split(" · ")[0] ?? "";
    const told = [i18n.exists(`verdict.${verdict}`) ? t(`verdict.${verdict}`) : "", said ?? ""].filter(Boolean);
    return told.length === 0 ? null : <> · {told.join(" · ")}</>;
  }
  if (action === "alarm.close") return <> · {detail.replace(/^\w+/, (verdict) => (i18n.exists(`verdict.${verdict}`) ? t(`verdict.${verdict}`) : verdict))}</>;
  return said === null ? <span lang="en"> · {detail}</span> : <> · {said}</>;
}

function Answers({ alarm }: { alarm: AlarmDetail }) {
  const { t } = useTranslation();
  const acknowledge = useAcknowledge();
  const close = useCloseAlarm();
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [note, setNote] = useState("");
  const mayAnswer = may("alarms.answer");
  const closable = mayAnswer && alarm.state === "acknowledged";
  // A face is called true by two people first; the server refuses it as well (rule L6).
  const tooEarly = (name: Verdict) => name === "true" && alarm.face != null && !alarm.face.candidates.some((each) => each.outcome === "confirmed");
  const end = () => closable && verdict !== null && !close.isPending && close.mutate({ id: alarm.id, verdict, note: note.trim() });
  const choose = Object.fromEntries(VERDICTS.map((name, index) => [`Digit${index + 1}`, () => closable && !tooEarly(name) && setVerdict(name)]));
  useKeys({
    ...choose,
    KeyC: end,
    ...(mayAnswer && alarm.state === "new" ? { KeyA: () => !acknowledge.isPending && acknowledge.mutate(alarm.id) } : {}),
  });
  if (alarm.state === "closed") return <Closed alarm={alarm} />;
  if (!mayAnswer) return null;
  return (
    <div className="answers">
      <Problem error={acknowledge.error ?? close.error} />
      {alarm.state === "new" ? (
        <div className="row wrap">
          <button type="button" className="btn p l" disabled={acknowledge.isPending} onClick={() => acknowledge.mutate(alarm.id)}>
            <Icon name="check" />
            {t("alarm.acknowledge")}
            <kbd>A</kbd>
          </button>
          <span className="dim">{t(alarm.face == null ? "alarm.acknowledgeFirst" : "face.acknowledgeFirst")}</span>
        </div>
      ) : (
        <>
          <div className="row wrap" role="group" aria-label={t("alarm.verdict")}>
            <span className="cap">{t("alarm.verdict")}</span>
            {VERDICTS.map((name, index) => (
              <button key={name} type="button" className="btn" aria-pressed={verdict === name} disabled={tooEarly(name)} onClick={() => setVerdict(name)}>
                {t(`verdict.${name}`)}
                <kbd>{index + 1}</kbd>
              </button>
            ))}
            {tooEarly("true") ? <span className="dim">{t("face.compareFirst")}</span> : null}
          </div>
          <div className="row">
            <input className="in sp" aria-label={t("alarm.note")} placeholder={t("alarm.note")} maxLength={2000} value={note} onChange={(event) => setNote(event.target.value)} onKeyDown={(event) => event.key === "Enter" && end()} />
            <button type="button" className={verdict === null ? "btn" : "btn p"} disabled={verdict === null || close.isPending} onClick={end}>
              <Icon name={verdict === null ? "lock" : "check"} />
              {t(verdict === null ? "alarm.closeNeedsVerdict" : "alarm.close")}
              <kbd>C</kbd>
            </button>
          </div>
        </>
      )}
    </div>
  );
}

/** Whose verdict stands: of who closed it, or of who found since that its face or plate was another's. */
function Closed({ alarm }: { alarm: AlarmDetail }) {
  const { t } = useTranslation();
  const revised = alarm.history.findLast((step) => step.action === "alarm.revise" && step.detail.startsWith(String(alarm.verdict)));
  const [by, at] = revised === undefined ? [alarm.closedBy, alarm.closed] : [revised.actor, revised.time];
  return (
    <div className="answers">
      <p>
        <b>{alarm.verdict ? t(`verdict.${alarm.verdict}`) : t("alarm.state.closed")}</b>
        <span className="dim"> · {[by, at ? clock(at) : ""].filter(Boolean).join(", ")}</span>
      </p>
      {alarm.note === "" ? null : <p>{alarm.note}</p>}
    </div>
  );
}

function CameraOfAlarm({ alarm }: { alarm: AlarmDetail }) {
  const { t } = useTranslation();
  const camera = useCamera(alarm.cameraId);
  const placed = alarm.cameraId !== "";
  const navigate = useNavigate();
  const play = () => {
    const at = new Date(Date.parse(alarm.time) - 5000).toISOString();
    if (placed && may("playback.view")) void navigate({ to: "/playback", search: { cameras: alarm.cameraId, at, alarm: alarm.id } });
  };
  useKeys({ KeyK: play });
  return (
    <section className="panel shrink" aria-labelledby="camera-heading">
      <div className="ph">
        <h2 id="camera-heading">{t("alarm.camera")}</h2>
        <span className="sp" />
        {placed ? <span className="sub">{t("tile.live")}</span> : null}
      </div>
      <div className="pad">
        {camera === undefined || !may("live.view") ? (
          <Empty title={t(placed ? "tile.noStream" : "alarm.noCamera")} />
        ) : (
          <figure className={alarm.state === "new" ? `tile wide16 alarm ${alarm.priority}` : "tile wide16"} data-camera={camera.id} aria-label={`${camera.id} ${camera.name}`}>
            <LiveView camera={camera} wanted="main" alarm={alarm.state === "new" ? alarm.priority : undefined} />
          </figure>
        )}
      </div>
      <div className="row pad">
        {placed && may("playback.view") ? (
          <button type="button" className="btn" onClick={play}>
            <Icon name="play2" />
            {t("alarm.playMoment", { time: clock(alarm.time) })}
            <kbd>K</kbd>
          </button>
        ) : null}
        <span className="sp" />
        {placed && may("live.view") ? (
          <button type="button" className="btn" onClick={() => void navigate({ to: "/wall", search: { camera: alarm.cameraId } })}>
            <Icon name="wall" />
            {t("alarm.onWall")}
          </button>
        ) : null}
      </div>
    </section>
  );
}
