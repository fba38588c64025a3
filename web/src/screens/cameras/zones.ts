/** Zones of a camera's picture while they are drawn: what can be gone back to, and what cannot be kept as it is. */

import type { TFunction } from "i18next";

import type { CameraZones } from "../../api/client";
import { type Corner, square } from "../../parts/Polygons";

export const KINDS = ["plates", "ignored", "private"] as const;
export type Kind = (typeof KINDS)[number];

/** One zone as it is drawn; `id` keeps it the same while others go. */
export interface Drawn {
  id: number;
  kind: Kind;
  corners: readonly Corner[];
}

export type ZoneSet = CameraZones["zones"];

export function drawnOf(zones: ZoneSet): Drawn[] {
  const all = KINDS.flatMap((kind) => zones[kind].map((corners) => ({ kind, corners: corners.map(([x = 0, y = 0]): Corner => [x, y]) })));
  return all.map((zone, id) => ({ id, ...zone }));
}

/** What goes to the server: corners to a thousandth of a percent, far below a pixel. */
export function zonesOf(drawn: readonly Drawn[]): ZoneSet {
  const of = (kind: Kind) => drawn.filter((zone) => zone.kind === kind).map((zone) => zone.corners.map(([x, y]) => [rounded(x), rounded(y)]));
  return { plates: of("plates"), ignored: of("ignored"), private: of("private") };
}

function rounded(share: number): number {
  return Math.round(share * 100_000) / 100_000;
}

const HALF = 0.12;

export function newZone(drawn: readonly Drawn[], kind: Kind): Drawn {
  return { id: Math.max(0, ...drawn.map((zone) => zone.id)) + 1, kind, corners: square(HALF) };
}

/** The number of a zone among those of its kind, from 1. */
export function numberOf(drawn: readonly Drawn[], zone: Drawn): number {
  return drawn.filter((one) => one.kind === zone.kind).indexOf(zone) + 1;
}

/** The first thing because of which the zones cannot be kept, as a sentence; empty when there is none. The server says so too. */
export function fault(drawn: readonly Drawn[], t: TFunction): string {
  for (const zone of drawn) {
    const name = t(`zones.name.${zone.kind}`, { number: numberOf(drawn, zone) });
    const met = crossing(zone.corners);
    if (met !== null) return t("zones.crosses", { name, one: met[0] + 1, other: met[1] + 1 });
    if (area(zone.corners) < LEAST_AREA) return t("zones.tooSmall", { name });
  }
  return "";
}

const LEAST_AREA = 0.0002;

function area(corners: readonly Corner[]): number {
  const doubled = corners.reduce((sum, [x, y], at) => {
    const [x2, y2] = corners[(at + 1) % corners.length] ?? [x, y];
    return sum + x * y2 - x2 * y;
  }, 0);
  return Math.abs(doubled) / 2;
}

/** The first two edges that cross, by the places of their first corners. */
function crossing(corners: readonly Corner[]): readonly [number, number] | null {
  const count = corners.length;
  for (let one = 0; one < count; one += 1) {
    for (let other = one + 2; other < count; other += 1) {
      const [a, b, c, d] = [corners[one], corners[one + 1], corners[other], corners[(other + 1) % count]];
      if ((one === 0 && other === count - 1) || a === undefined || b === undefined || c === undefined || d === undefined) continue;
      if (turn(a, b, c) !== turn(a, b, d) && turn(c, d, a) !== turn(c, d, b)) return [one, other];
    }
  }
  return null;
}

function turn([ax, ay]: Corner, [bx, by]: Corner, [cx, cy]: Corner): number {
  return Math.sign((bx - ax) * (cy - ay) - (by - ay) * (cx - ax));
}
