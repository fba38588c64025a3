/** Health of the cameras: what each stream does, and what to do when it does not. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, type Camera, type Stream, take } from "../../api/client";
import { may, useCameras, useNode } from "../../api/queries";
import { neighbour, stepKeys, useKeys } from "../../base/keys";
import { clock, dayClock, length, useNow } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { Empty, Problem, Told } from "../../parts/Problem";
import { codecName, LiveView } from "../../video/LiveView";
import { byTown } from "../wall/layout";
import { Assessment } from "./Assessment";
import { AssessmentsDue } from "./AssessmentsDue";
import { CameraHealth } from "./CameraHealth";
import { DeviceFacts, FindDevices } from "./Devices";
import { PauseNote } from "./PauseNote";
import { PlateWidths } from "./PlateWidths";
import { Zones } from "./Zones";

/** Analysis further behind than this, in seconds, is told as a fault. */
const BEHIND_S = 5;
/** A stream slower than this share of what was asked for is told as a fault. */
const SLOW = 0.8;

export function Cameras() {
  const { t } = useTranslation();
  const found = useCameras();
  const town = useNode().data?.town;
  const search = useSearch({ from: "/frame/cameras" });
  const navigate = useNavigate({ from: "/cameras" });
  const ordered = byTown(found.data ?? [], town).flatMap(([, list]) => list);
  const selected = ordered.find((camera) => camera.id === search.camera) ?? ordered[0];
  const select = (id: string) => void navigate({ search: { camera: id }, replace: true });
  const step = (by: number) => {
    const next = neighbour(ordered, (camera) => camera.id === selected?.id, by);
    if (next !== undefined) select(next.id);
  };
  useKeys({ ...stepKeys(step), Enter: () => selected && may("live.view") && void navigate({ to: "/wall", search: { camera: selected.id } }) });
  return (
    <main id="main" className="cms">
      <section className="panel" aria-labelledby="health-heading">
        <div className="ph">
          <h2 id="health-heading">{t("screen.cameras")}</h2>
          <span className="sub">{ordered.length}</span>
          <span className="sp" />
          <FindDevices />
          <NodeHealth />
        </div>
        {found.error === null ? null : (
          <div className="pb">
            <Problem error={found.error} onRetry={() => void found.refetch()} />
          </div>
        )}
        <AssessmentsDue />
        {found.data?.length === 0 ? <Empty title={t("wall.noCameras")} hint={t("wall.noCamerasHint")} /> : null}
        <div className="scroll grow">
          <Table cameras={ordered} selected={selected?.id} onSelect={select} />
        </div>
      </section>
      {selected === undefined ? null : <CameraPanel key={selected.id} camera={selected} />}
    </main>
  );
}

function NodeHealth() {
  const { t } = useTranslation();
  const health = useQuery({ queryKey: ["health"], queryFn: () => take(api.GET("/api/health")), refetchInterval: 10_000 }).data;
  if (health === undefined) return null;
  return (
    <span className="row">
      {(["recorder", "analyser", "database"] as const).map((part) => (
        <span key={part} className={health[part].ok ? "tag d" : "tag listed"}>
          <Icon name={health[part].ok ? "check" : "warn"} />
          {t(`health.${part}`)}
          <span className="vh">{t(health[part].ok ? "health.ok" : "health.bad")}</span>
        </span>
      ))}
    </span>
  );
}

function StatusWord({ status }: { status: Stream["status"] }) {
  const { t } = useTranslation();
  if (status === "live") return <span>{t("tile.live")}</span>;
  const classes = { offline: "pri low", stale: "pri high", starting: "dim", barred: "pri low" } as const;
  return (
    <span className={`${classes[status]} row g1`}>
      <Icon name={status === "offline" || status === "barred" ? "camoff" : "clock"} size="sm" />
      {t(`tile.${status}`)}
    </span>
  );
}

function Table({ cameras, selected, onSelect }: { cameras: readonly Camera[]; selected: string | undefined; onSelect: (id: string) => void }) {
  const { t } = useTranslation();
  return (
    <table className="t health">
      <caption className="vh">{t("screen.cameras")}</caption>
      <colgroup>
        <col className="c-camera" />
        <col className="c-stream" />
        <col className="c-status" />
        <col className="c-fps" />
        <col className="c-rate" />
        <col className="c-num hide-s" />
        <col className="c-num hide-s" />
        <col className="c-key" />
        <col className="c-rec" />
        <col className="c-fps" />
        <col className="c-num" />
        <col className="c-num hide-s" />
      </colgroup>
      <thead>
        <tr>
          <th>{t("field.camera")}</th>
          <th>{t("cameras.stream")}</th>
          <th>{t("cameras.status")}</th>
          <th className="num" title={t("cameras.fpsHint")}>
            {t("cameras.fps")}
          </th>
          <th className="num">{t("cameras.bitrate")}</th>
          <th className="num hide-s">{t("cameras.lost")}</th>
          <th className="num hide-s">{t("cameras.reconnects")}</th>
          <th className="num" title={t("cameras.keyframeHint")}>
            {t("cameras.keyframe")}
          </th>
          <th>{t("cameras.recording")}</th>
          <th className="num" title={t("cameras.analysedHint")}>
            {t("cameras.analysed")}
          </th>
          <th className="num">{t("cameras.behind")}</th>
          <th className="num hide-s">{t("cameras.dropped")}</th>
        </tr>
      </thead>
      <tbody>
        {cameras.flatMap((camera) => camera.streams.map((stream, index) => <Row key={`${camera.id} ${stream.name}`} camera={camera} stream={stream} first={index === 0} selected={camera.id === selected} onSelect={() => onSelect(camera.id)} />))}
      </tbody>
    </table>
  );
}

function Row({ camera, stream, first, selected, onSelect }: { camera: Camera; stream: Stream; first: boolean; selected: boolean; onSelect: () => void }) {
  const { t } = useTranslation();
  const at = useNow();
  const analyser = first ? camera.analyser : null;
  const slow = stream.fpsExpected != null && stream.status === "live" && stream.fps < stream.fpsExpected * SLOW;
  return (
    // The button in the row answers the keys; a click anywhere in the row is the second way.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <tr aria-selected={selected} className={first ? undefined : "second"} onClick={onSelect}>
      <td>
        {first ? (
          <button type="button" className="bare-btn tr" aria-pressed={selected} onClick={onSelect}>
            <b>{camera.id}</b> <span className="dim">{camera.name}</span>
          </button>
        ) : (
          <span className="vh">{camera.id}</span>
        )}
      </td>
      <td className="dim">{t(`stream.${stream.name}`)}</td>
      <td>
        <StatusWord status={stream.status} />
      </td>
      <td className={slow ? "num warn" : "num"}>
        {stream.fps.toFixed(1)}
        {stream.fpsExpected == null ? null : <span className="dim"> / {stream.fpsExpected}</span>}
      </td>
      <td className="num">{(stream.bitrateBps / 1e6).toFixed(2)}</td>
      <td className={stream.lostPackets > 0 ? "num warn hide-s" : "num hide-s"}>{stream.lostPackets}</td>
      <td className="num hide-s">{stream.reconnects}</td>
      <td className="num">{stream.lastKeyframe == null ? "–" : length(Math.max(0, at - Date.parse(stream.lastKeyframe)))}</td>
      <td>
        <span className={stream.recording ? "rec" : "rec no"}>{t(stream.recording ? "tile.rec" : "tile.notRec")}</span>
      </td>
      <td className="num">{analyser?.analysedFps.toFixed(1) ?? ""}</td>
      <td className={(analyser?.behindS ?? 0) > BEHIND_S ? "num warn" : "num"}>{analyser?.behindS.toFixed(1) ?? ""}</td>
      <td className="num hide-s">{analyser?.droppedFrames ?? ""}</td>
    </tr>
  );
}

/** What is wrong with a stream; the recorder's own English sentence, which may tell more, stands in the hint. */
function StreamProblem({ stream }: { stream: Stream }) {
  return (
    <p className="note err">
      <Icon name="warn" size="sm" />
      <Told of={stream} />
    </p>
  );
}

function CameraPanel({ camera }: { camera: Camera }) {
  const { t, i18n } = useTranslation();
  // What is wrong with the whole camera is wrong with each of its streams, and is said once.
  const problems = [...new Map(camera.streams.filter((stream) => stream.problem !== "").map((stream) => [stream.problem, stream])).values()];
  return (
    <section className="panel" aria-labelledby="one-heading">
      <div className="ph">
        <h2 id="one-heading">
          {camera.id} · {camera.name}
        </h2>
      </div>
      <div className="scroll grow">
        {camera.readsPlates ? (
          <PlateWidths camera={camera} picture={may("live.view") ? <LiveView camera={camera} wanted="sub" /> : null} />
        ) : may("live.view") ? (
          <div className="pad">
            <figure className="tile wide16" aria-label={`${camera.id} ${camera.name}`}>
              <LiveView camera={camera} wanted="sub" />
            </figure>
          </div>
        ) : null}
        <div className="pb stack">
          <PauseNote camera={camera} />
          <Assessment camera={camera} />
          {problems.map((stream) => (
            <StreamProblem key={stream.name} stream={stream} />
          ))}
          {problems.length === 0 ? <p className="dim">{t("cameras.noProblem")}</p> : null}
          <Zones camera={camera} picture={may("live.view") ? <LiveView camera={camera} wanted="sub" /> : null} />
          <CameraHealth camera={camera} />
          <dl className="kv">
            <dt>{t("cameras.town")}</dt>
            <dd>{camera.town}</dd>
            <dt>{t("cameras.owner")}</dt>
            <dd>{camera.owner}</dd>
            <dt>{t("cameras.readsPlates")}</dt>
            <dd>{t(camera.readsPlates ? "yes" : "no")}</dd>
            {camera.analyser ? (
              <>
                <dt>{t("cameras.readsTotal")}</dt>
                <dd>{camera.analyser.readsTotal}</dd>
                <dt>{t("cameras.vehiclesNow")}</dt>
                <dd>{camera.analyser.vehiclesNow}</dd>
              </>
            ) : null}
          </dl>
          <DeviceFacts camera={camera.id} />
          {camera.streams.map((stream) => (
            <StreamFacts key={stream.name} stream={stream} language={i18n.language} />
          ))}
        </div>
      </div>
    </section>
  );
}

function StreamFacts({ stream, language }: { stream: Stream; language: string }) {
  const { t } = useTranslation();
  return (
    <div>
      <h3 className="cap">{t("cameras.streamOf", { name: t(`stream.${stream.name}`) })}</h3>
      <dl className="kv">
        <dt>{t("cameras.status")}</dt>
        <dd>
          <StatusWord status={stream.status} />
        </dd>
        {stream.since == null ? null : (
          <>
            <dt>{t("cameras.since")}</dt>
            <dd>{dayClock(stream.since, language)}</dd>
          </>
        )}
        <dt>{t("cameras.picture")}</dt>
        <dd>{stream.width > 0 ? `${stream.width} × ${stream.height}, ${codecName(stream.codec)}` : "–"}</dd>
        <dt>{t("cameras.keyframe")}</dt>
        <dd>{stream.lastKeyframe == null ? "–" : clock(stream.lastKeyframe)}</dd>
        <dt>{t("cameras.lost")}</dt>
        <dd>{stream.lostPackets}</dd>
        <dt>{t("cameras.reconnects")}</dt>
        <dd>{stream.reconnects}</dd>
      </dl>
    </div>
  );
}
