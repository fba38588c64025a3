/** Fields drawn by hand: polygons that lie somewhere from a moment on, and move evenly between two of them. */

import { type Corner, square } from "../../parts/Polygons";

export interface FieldKey {
  wall: number;
  corners: readonly Corner[];
}

export interface Field {
  id: number;
  cameraId: string;
  keys: readonly FieldKey[];
}

const HALF = 0.08;

/** A square in the middle of the picture, from a moment on. */
export function newField(id: number, cameraId: string, wall: number): Field {
  return { id, cameraId, keys: [{ wall, corners: square(HALF) }] };
}

/** Where a field lies at a moment, as the server works it out. */
export function cornersAt(field: Field, wall: number): readonly Corner[] {
  const place = field.keys.findLastIndex((key) => key.wall <= wall);
  const before = field.keys[Math.max(0, place)];
  const after = field.keys[place + 1];
  if (before === undefined) return [];
  if (place < 0 || after === undefined || before.corners.length !== after.corners.length) return before.corners;
  const share = (wall - before.wall) / (after.wall - before.wall);
  return before.corners.map(([x, y], index): Corner => {
    const [x2, y2] = after.corners[index] ?? [x, y];
    return [x + (x2 - x) * share, y + (y2 - y) * share];
  });
}

/** The field with these corners at a moment: its key there is changed, or a new one made. */
export function withCorners(field: Field, wall: number, corners: readonly Corner[]): Field {
  const kept = field.keys.filter((key) => Math.abs(key.wall - wall) >= 1);
  return { ...field, keys: [...kept, { wall, corners }].toSorted((one, other) => one.wall - other.wall) };
}

/** The field with a corner more or less, at every moment that has its own corners. */
export function reshaped(field: Field, change: (corners: readonly Corner[]) => readonly Corner[]): Field {
  return { ...field, keys: field.keys.map((key) => ({ ...key, corners: change(key.corners) })) };
}
