/** One camera large, by its main stream, with what is known of it; the other tiles stay beside it. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { recentReads } from "../../api/changes";
import type { Alarm, Camera } from "../../api/client";
import { may, useAcknowledge } from "../../api/queries";
import { useAlarmTitle } from "../../base/alarms";
import { useStore } from "../../base/store";
import { clock } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { PlateMark, PriorityMark } from "../../parts/marks";
import { LiveView } from "../../video/LiveView";
import { borderOf } from "./layout";
import { PtzPanel, SteeringSurface, useSteering } from "./Ptz";

const BESIDE = 5;

export interface EnlargedProps {
  camera: Camera;
  alarm: Alarm | undefined;
  others: Camera[];
  alarms: Map<string, Alarm>;
  onOther: (id: string) => void;
  onBack: () => void;
  onPlay: () => void;
}

export function Enlarged({ camera, alarm, others, alarms, onOther, onBack, onPlay }: EnlargedProps) {
  const { t } = useTranslation();
  const border = borderOf(alarm);
  const acknowledge = useAcknowledge();
  const steering = useSteering(camera);
  return (
    <div className={others.length === 0 ? "large alone" : "large"}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <figure className={border === undefined ? "tile sel" : `tile sel alarm ${border}`} data-camera={camera.id} aria-label={`${camera.id} ${camera.name}`} onDoubleClick={onBack}>
        <LiveView camera={camera} wanted="main" alarm={border} detail />
        {steering === null ? null : <SteeringSurface steering={steering} />}
      </figure>
      <section className="panel" aria-label={`${camera.id} ${camera.name}`}>
        <div className={steering === null ? "grow" : "grow steered"}>
          {steering === null ? null : <PtzPanel steering={steering} />}
          <Facts camera={camera} alarm={alarm} />
        </div>
        <div className="pf">
          {alarm?.state === "new" && may("alarms.answer") ? (
            <button type="button" className="btn p" disabled={acknowledge.isPending} onClick={() => acknowledge.mutate(alarm.id)}>
              <Icon name="check" />
              {t("alarm.acknowledge")}
            </button>
          ) : null}
          {may("playback.view") ? (
            <button type="button" className="btn" onClick={onPlay}>
              <Icon name="play2" />
              {t("screen.playback")}
              <kbd>K</kbd>
            </button>
          ) : null}
          <span className="sp" />
          <button type="button" className="btn q" onClick={onBack}>
            <Icon name="wall" />
            {t("wall.back")}
            <kbd>Esc</kbd>
          </button>
        </div>
      </section>
      {others.length === 0 ? null : (
        <div className="beside" role="group" aria-label={t("wall.others")}>
          {others.slice(0, BESIDE).map((other) => {
            const edge = borderOf(alarms.get(other.id));
            return (
              <button key={other.id} type="button" data-camera={other.id} className={edge === undefined ? "tile" : `tile alarm ${edge}`} aria-label={t("wall.enlargeOne", { camera: `${other.id} ${other.name}` })} onClick={() => onOther(other.id)}>
                <LiveView camera={other} wanted="sub" alarm={edge} />
              </button>
            );
          })}
        </div>
      )}
    </div>
  );
}

function Facts({ camera, alarm }: { camera: Camera; alarm: Alarm | undefined }) {
  const { t } = useTranslation();
  const title = useAlarmTitle();
  const reads = useStore(recentReads).filter((read) => read.cameraId === camera.id);
  return (
    <div className="pb facts">
      <dl className="kv">
        <dt>{t("cameras.town")}</dt>
        <dd className="tr">{camera.town}</dd>
        <dt>{t("cameras.owner")}</dt>
        <dd className="tr">{camera.owner}</dd>
      </dl>
      <dl className="kv">
        {camera.analyser ? (
          <>
            <dt>{t("cameras.vehiclesNow")}</dt>
            <dd>{camera.analyser.vehiclesNow}</dd>
            <dt>{t("cameras.readsTotal")}</dt>
            <dd>{camera.analyser.readsTotal}</dd>
          </>
        ) : (
          <>
            <dt>{t("cameras.analysis")}</dt>
            <dd>{t("cameras.notAnalysed")}</dd>
          </>
        )}
      </dl>
      <div className="stack tight">
        {camera.masks === 0 ? null : <span className="dim">{t("tile.underMask")}</span>}
        {alarm === undefined ? null : (
          <div className="row">
            <PriorityMark priority={alarm.priority} />
            <Link to="/alarms" search={{ alarm: alarm.id }} className="tr">
              {title(alarm)}
            </Link>
            {alarm.plate === "" ? null : <PlateMark text={alarm.plate} country={alarm.country} />}
            <span className="sp" />
            <span>{clock(alarm.time)}</span>
          </div>
        )}
        {reads[0] === undefined ? null : (
          <span className="dim">{t("wall.lastRead", { time: clock(reads[0].time), confidence: reads[0].confidence.toFixed(2) })}</span>
        )}
      </div>
    </div>
  );
}
