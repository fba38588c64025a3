/** The wall: 1, 4, 9 or 16 live pictures, placed by drag or by tile and name, enlarged with Enter. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { may, useCameras, useNode, useOpenAlarms } from "../../api/queries";
import { useKeys } from "../../base/keys";
import { saveSettings, settings, WALL_SIZES, wallFor, type WallSize } from "../../base/settings";
import { useStore } from "../../base/store";
import { now } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { Empty, Problem } from "../../parts/Problem";
import { CameraList } from "./CameraList";
import { Enlarged } from "./Enlarged";
import { alarmsByCamera, byTown, moved, put, tilesOf } from "./layout";
import { Tile } from "./Tile";

export function Wall() {
  const { t } = useTranslation();
  const cameras = useCameras();
  const town = useNode().data?.town;
  const ordered = useMemo(() => byTown(cameras.data ?? [], town).flatMap(([, list]) => list), [cameras.data, town]);
  const wall = useWall(ordered.map((camera) => camera.id));
  const worst = alarmsByCamera(useOpenAlarms().data ?? []);
  const byId = new Map(ordered.map((camera) => [camera.id, camera]));
  const chosen = byId.get(wall.tiles[wall.selected] ?? "");
  const area = useRef<HTMLDivElement>(null);
  const full = () => void (document.fullscreenElement ? document.exitFullscreen() : area.current?.requestFullscreen());
  const play = () => chosen && may("playback.view") && wall.toPlayback(chosen.id);
  useWallKeys(wall, full, () => play());
  if (cameras.error !== null && cameras.data === undefined)
    return (
      <main id="main">
        <Problem error={cameras.error} onRetry={() => void cameras.refetch()} />
      </main>
    );
  return (
    <main id="main" className="wl">
      <CameraList cameras={ordered} alarms={worst} selected={chosen?.id} onChoose={wall.place} />
      <div className="col" ref={area}>
        <Toolbar wall={wall} onFull={full} />
        {cameras.data?.length === 0 ? <Empty title={t("wall.noCameras")} hint={t("wall.noCamerasHint")} /> : null}
        {wall.enlarged && chosen !== undefined ? (
          <Enlarged camera={chosen} alarm={worst.get(chosen.id)} others={wall.tiles.flatMap((id) => (id !== chosen.id && byId.has(id) ? [byId.get(id)!] : []))} alarms={worst} onOther={wall.enlargeCamera} onBack={() => wall.setEnlarged(false)} onPlay={play} />
        ) : (
          <div className={`grid g${wall.size}`} role="group" aria-label={t("wall.tiles", { count: wall.size })}>
            {wall.tiles.map((id, place) => (
              <Tile key={`${place} ${id}`} place={place} camera={byId.get(id)} alarm={worst.get(id)} selected={place === wall.selected} wanted={wall.size === 1 ? "main" : "sub"} onSelect={() => wall.select(place)} onEnlarge={() => wall.enlarge(place)} onDrop={(camera) => wall.drop(place, camera)} />
            ))}
          </div>
        )}
      </div>
    </main>
  );
}

type WallState = ReturnType<typeof useWall>;

/** The wall's own state: size and places are kept for the operator, selection and enlargement are not. */
function useWall(order: string[]) {
  const kept = useStore(settings);
  const asked = useSearch({ from: "/frame/wall" }).camera;
  const navigate = useNavigate();
  const [selected, setSelected] = useState(0);
  const [enlarged, setEnlarged] = useState(false);
  const size = kept.wallSize ?? wallFor(order.length);
  const all = kept.wallTiles ?? order;
  const tiles = tilesOf(kept.wallTiles, order.map((id) => ({ id }) as never), size);
  const write = (next: string[]) => saveSettings({ wallTiles: [...next, ...all.slice(size)] });
  const enlargeCamera = (id: string) => {
    const place = tiles.indexOf(id);
    if (place >= 0) setSelected(place);
    else write(put(tiles, selected, id));
    setEnlarged(true);
  };
  // Before anything is painted: a wall of tiles that nobody asked for would open its streams first.
  useLayoutEffect(() => {
    if (asked === undefined || order.length === 0) return;
    if (order.includes(asked)) enlargeCamera(asked);
    void navigate({ to: "/wall", search: {}, replace: true });
    // The address asks once; later changes of the wall are the operator's own.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [asked, order.length]);
  return {
    size,
    tiles,
    selected: Math.min(selected, size - 1),
    enlarged,
    setEnlarged,
    enlargeCamera,
    setSize: (next: WallSize) => {
      setEnlarged(false);
      setSelected((place) => Math.min(place, next - 1));
      saveSettings({ wallSize: next });
    },
    select: (place: number) => setSelected(place),
    enlarge: (place: number) => {
      setSelected(place);
      setEnlarged(true);
    },
    place: (id: string) => {
      const at = Math.min(selected, size - 1);
      if (!tiles.includes(id)) write(put(tiles, at, id));
      else setSelected(tiles.indexOf(id));
    },
    drop: (place: number, id: string) => {
      write(put(tiles, place, id));
      setSelected(place);
    },
    clear: () => write(put(tiles, Math.min(selected, size - 1), "")),
    reset: () => saveSettings({ wallTiles: null }),
    ownPlaces: kept.wallTiles !== null,
    toPlayback: (id: string) => void navigate({ to: "/playback", search: { cameras: id, at: new Date(now() - 60_000).toISOString() } }),
  };
}

function useWallKeys(wall: WallState, full: () => void, play: () => void): void {
  const arrow = (event: KeyboardEvent) => {
    const place = moved(wall.selected, wall.size, event.code);
    wall.select(place);
    document.querySelector<HTMLElement>(`[data-tile="${place}"]`)?.focus();
  };
  const sizes = Object.fromEntries(WALL_SIZES.map((size, index) => [`Digit${index + 1}`, () => wall.setSize(size)]));
  useKeys({
    ...sizes,
    ArrowLeft: arrow,
    ArrowRight: arrow,
    ArrowUp: arrow,
    ArrowDown: arrow,
    Enter: () => wall.setEnlarged(!wall.enlarged),
    Escape: () => wall.setEnlarged(false),
    Delete: wall.clear,
    KeyF: full,
    KeyK: play,
  });
}

function Toolbar({ wall, onFull }: { wall: WallState; onFull: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="row bar-34" role="toolbar" aria-label={t("wall.layout")}>
      <div className="seg" role="group" aria-label={t("wall.size")}>
        {WALL_SIZES.map((size, index) => (
          <button key={size} type="button" aria-pressed={wall.size === size && !wall.enlarged} aria-label={t("wall.tiles", { count: size })} title={`${t("wall.tiles", { count: size })} (${index + 1})`} onClick={() => wall.setSize(size)}>
            {size}
          </button>
        ))}
      </div>
      {wall.ownPlaces ? (
        <button type="button" className="btn q" onClick={wall.reset}>
          <Icon name="wall" />
          {t("wall.reset")}
        </button>
      ) : null}
      <span className="dim tr hide-s">{t("wall.hint")}</span>
      <span className="sp" />
      <button type="button" className="btn hide-p" onClick={() => window.open("/wall", "istros-wall", "popup,width=1600,height=900")}>
        <Icon name="win" />
        {t("wall.second")}
      </button>
      <button type="button" className="btn sq" aria-label={t("wall.full")} title={`${t("wall.full")} (F)`} onClick={onFull}>
        <Icon name="full" />
      </button>
    </div>
  );
}
