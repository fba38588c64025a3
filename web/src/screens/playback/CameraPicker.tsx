import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { Camera } from "../../api/client";
import { useCameras, useNode } from "../../api/queries";
import { Icon } from "../../parts/Icon";
import { byTown } from "../wall/layout";

/** As many as a desk decodes at once. */
export const MOST_CAMERAS = 9;
const COUNTS = [1, 2, 4, 9] as const;

export interface CameraPickerProps {
  chosen: readonly Camera[];
  stream: "main" | "sub";
  onStream: (stream: "main" | "sub") => void;
  children?: ReactNode;
}

/** Which cameras play together (the first leads), and by which of their streams. */
export function CameraPicker({ chosen, stream, onStream, children }: CameraPickerProps) {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: "/playback" });
  const towns = byTown(useCameras().data ?? [], useNode().data?.town);
  const ids = chosen.map((camera) => camera.id);
  const every = towns.flatMap(([, list]) => list.map((camera) => camera.id));
  const write = (next: string[]) => void navigate({ search: (old) => ({ ...old, cameras: next.join(","), at: undefined, alarm: old.alarm }), replace: true });
  const options = (leaveOut: readonly string[]) =>
    towns.map(([town, list]) => (
      <optgroup key={town} label={town}>
        {list
          .filter((camera) => !leaveOut.includes(camera.id))
          .map((camera) => (
            <option key={camera.id} value={camera.id}>
              {camera.id} {camera.name}
            </option>
          ))}
      </optgroup>
    ));
  return (
    <div className="row bar-34 picks">
      {chosen.map((camera, index) => (
        <span key={camera.id} className="row g1 pick">
          <select className="in" aria-label={t("playback.cameraOf", { number: index + 1 })} value={camera.id} onChange={(event) => write(ids.map((id, place) => (place === index ? event.target.value : id)))}>
            {options(ids.filter((id) => id !== camera.id))}
          </select>
          {chosen.length > 1 ? (
            <button type="button" className="btn sq q" aria-label={t("playback.removeCamera", { camera: camera.id })} onClick={() => write(ids.filter((id) => id !== camera.id))}>
              <Icon name="x" />
            </button>
          ) : null}
        </span>
      ))}
      {chosen.length < MOST_CAMERAS && every.length > chosen.length ? (
        <select className="in add" aria-label={t("playback.addCamera")} value="" onChange={(event) => write([...ids, event.target.value])}>
          <option value="" disabled>
            + {t("playback.addCamera")}
          </option>
          {options(ids)}
        </select>
      ) : null}
      <span className="sp" />
      {children}
      <div className="seg hide-m" role="group" aria-label={t("playback.howMany")}>
        {COUNTS.filter((count) => count === 1 || count <= every.length).map((count) => (
          <button key={count} type="button" aria-pressed={chosen.length === count} onClick={() => write([...ids, ...every.filter((id) => !ids.includes(id))].slice(0, count))}>
            {count}
          </button>
        ))}
      </div>
      <div className="seg hide-p" role="group" aria-label={t("playback.stream")}>
        {(["main", "sub"] as const).map((name) => (
          <button key={name} type="button" aria-pressed={stream === name} onClick={() => onStream(name)}>
            {t(`stream.${name}`)}
          </button>
        ))}
      </div>
    </div>
  );
}
