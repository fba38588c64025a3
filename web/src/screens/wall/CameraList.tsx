import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Alarm, Camera } from "../../api/client";
import { useNode } from "../../api/queries";
import { Icon } from "../../parts/Icon";
import { PriorityMark } from "../../parts/marks";
import { byTown } from "./layout";
import { DRAGGED } from "./Tile";

/** Whether the camera has a stream that is neither live nor starting; one that may not film is none of these. */
export function worstStatus(camera: Camera): "live" | "stale" | "offline" | "barred" {
  const states = camera.streams.map((stream) => stream.status);
  if (states.includes("barred")) return "barred";
  if (states.length > 0 && states.every((state) => state === "offline")) return "offline";
  return states.some((state) => state === "stale" || state === "offline") ? "stale" : "live";
}

function fits(camera: Camera, typed: string): boolean {
  const text = `${camera.id} ${camera.name} ${camera.town}`.toLocaleLowerCase();
  return typed.toLocaleLowerCase().split(/\s+/).every((word) => text.includes(word));
}

export interface CameraListProps {
  cameras: readonly Camera[];
  alarms: Map<string, Alarm>;
  selected: string | undefined;
  onChoose: (id: string) => void;
}

/** All cameras by town; a click puts one into the selected tile, a drag into any. */
export function CameraList({ cameras, alarms, selected, onChoose }: CameraListProps) {
  const { t } = useTranslation();
  const town = useNode().data?.town;
  const [typed, setTyped] = useState("");
  const groups = byTown(cameras.filter((camera) => fits(camera, typed)), town);
  return (
    <section className="panel hide-m" aria-labelledby="cameras-heading">
      <div className="ph">
        <h2 id="cameras-heading">{t("wall.cameras")}</h2>
        <span className="sp" />
        <span className="sub">{cameras.length}</span>
      </div>
      <div className="pad">
        <label className="in">
          <Icon name="search" size="sm" />
          <input className="bare" type="search" aria-label={t("wall.search")} placeholder={t("wall.search")} value={typed} onChange={(event) => setTyped(event.target.value)} />
        </label>
      </div>
      <div className="scroll grow" tabIndex={-1}>
        {groups.map(([name, list]) => (
          <div key={name}>
            <div className="row town">
              <h3>{name}</h3>
              <span className="sp" />
              <span className="dim">{list.length}</span>
            </div>
            <ul>
              {list.map((camera) => (
                <li key={camera.id}>
                  <button type="button" className="row tc" aria-current={camera.id === selected} title={t("wall.placeHint")} draggable onDragStart={(event) => event.dataTransfer.setData(DRAGGED, camera.id)} onClick={() => onChoose(camera.id)}>
                    <span className="b nw id">{camera.id}</span>
                    <span className="tr dim">{camera.name}</span>
                    <span className="sp" />
                    <Sign camera={camera} alarm={alarms.get(camera.id)} />
                  </button>
                </li>
              ))}
            </ul>
          </div>
        ))}
        {groups.length === 0 && typed !== "" ? <p className="pb dim">{t("wall.noneFound", { text: typed })}</p> : null}
      </div>
      <Sums cameras={cameras} />
    </section>
  );
}

function Sign({ camera, alarm }: { camera: Camera; alarm: Alarm | undefined }) {
  const { t } = useTranslation();
  if (alarm !== undefined) return <PriorityMark priority={alarm.priority} quiet />;
  const status = worstStatus(camera);
  if (status === "live") return null;
  return (
    <span className={status === "stale" ? "warn" : "low pri"}>
      <Icon name={status === "stale" ? "clock" : "camoff"} size="sm" />
      <span className="vh">{t(`tile.${status}`)}</span>
    </span>
  );
}

function Sums({ cameras }: { cameras: readonly Camera[] }) {
  const { t } = useTranslation();
  const count = (wanted: string) => cameras.filter((camera) => worstStatus(camera) === wanted).length;
  const recording = cameras.filter((camera) => camera.streams.some((stream) => stream.recording)).length;
  return (
    <div className="pb top-line">
      <dl className="kv r">
        <dt>{t("wall.live")}</dt>
        <dd className="b">{count("live")}</dd>
        <dt>{t("wall.stale")}</dt>
        <dd className="b">{count("stale")}</dd>
        <dt>{t("wall.offline")}</dt>
        <dd className="b">{count("offline")}</dd>
        <dt>{t("wall.recording")}</dt>
        <dd className="b">
          {recording} / {cameras.length}
        </dd>
      </dl>
    </div>
  );
}
