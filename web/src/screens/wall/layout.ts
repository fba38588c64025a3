/** Which camera stands in which tile, and the moves of the selection. */

import type { Alarm, Camera, Priority } from "../../api/client";
import { byUrgency } from "../../base/alarms";
import type { WallSize } from "../../base/settings";

/** Camera ids for the tiles: what the operator placed, else every camera in order; empty text is a free tile. */
export function tilesOf(placed: string[] | null, cameras: readonly Camera[], size: WallSize): string[] {
  const source = placed ?? cameras.map((camera) => camera.id);
  return Array.from({ length: size }, (_, place) => source[place] ?? "");
}

/** The tiles after `camera` was put at `place`; when it stood elsewhere, the two change places. */
export function put(tiles: string[], place: number, camera: string): string[] {
  const next = [...tiles];
  const before = next.indexOf(camera);
  if (before >= 0 && camera !== "") next[before] = next[place] ?? "";
  next[place] = camera;
  return next;
}

/** The tile that an arrow key leads to in a square of `size` tiles. */
export function moved(place: number, size: WallSize, code: string): number {
  const side = Math.sqrt(size);
  const column = place % side;
  if (code === "ArrowLeft") return column > 0 ? place - 1 : place;
  if (code === "ArrowRight") return column < side - 1 ? place + 1 : place;
  if (code === "ArrowUp") return place >= side ? place - side : place;
  return place < size - side ? place + side : place;
}

/** The worst open alarm of each camera; alarms of the node itself mark no tile. */
export function alarmsByCamera(alarms: readonly Alarm[]): Map<string, Alarm> {
  const worst = new Map<string, Alarm>();
  for (const alarm of alarms.toSorted(byUrgency)) if (alarm.cameraId !== "" && !worst.has(alarm.cameraId)) worst.set(alarm.cameraId, alarm);
  return worst;
}

export function borderOf(alarm: Alarm | undefined): Priority | undefined {
  return alarm?.state === "closed" ? undefined : alarm?.priority;
}

/** Cameras by town, the node's own town first, each in the order of their ids. */
export function byTown(cameras: readonly Camera[], own: string | undefined): [string, Camera[]][] {
  const towns = new Map<string, Camera[]>();
  for (const camera of cameras.toSorted((one, other) => one.id.localeCompare(other.id))) {
    towns.set(camera.town, [...(towns.get(camera.town) ?? []), camera]);
  }
  return [...towns].toSorted(([one], [other]) => Number(other === own) - Number(one === own) || one.localeCompare(other));
}
