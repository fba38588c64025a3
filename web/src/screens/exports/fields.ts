/** Fields drawn by hand: polygons that lie somewhere from a moment on, and move evenly between two of them. */

export type Corner = readonly [number, number];

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
  const corners: Corner[] = [
    [0.5 - HALF, 0.5 - HALF],
    [0.5 + HALF, 0.5 - HALF],
    [0.5 + HALF, 0.5 + HALF],
    [0.5 - HALF, 0.5 + HALF],
  ];
  return { id, cameraId, keys: [{ wall, corners }] };
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

/** Corners inside the picture. */
export function inside([x, y]: Corner): Corner {
  return [Math.max(0, Math.min(1, x)), Math.max(0, Math.min(1, y))];
}
