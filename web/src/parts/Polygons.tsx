/** Polygons over a picture: whole ones and their corners are dragged, corners moved with the arrow keys. */

import { type KeyboardEvent, type PointerEvent, useRef } from "react";

export type Corner = readonly [number, number];

const STEP = 0.01;
const MOVES: Record<string, Corner> = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

/** One polygon: corners in shares of the picture, and the names of its corners for those who do not see it. */
export interface Shape {
  key: string | number;
  corners: readonly Corner[];
  className?: string;
  cornerName: (corner: number) => string;
}

export interface PolygonsProps {
  shapes: readonly Shape[];
  label: string;
  className?: string;
  onMove: (key: Shape["key"], corners: readonly Corner[]) => void;
  /** A corner is added behind this one. */
  onSplit: (key: Shape["key"], corner: number) => void;
  onRemove: (key: Shape["key"], corner: number) => void;
  /** A drag or a key begins to change something: what was before can be gone back to. */
  onBegin?: () => void;
}

interface Drag {
  key: Shape["key"];
  /** Which corner; -1 for the whole polygon. */
  corner: number;
  from: Corner;
  corners: readonly Corner[];
}

export function Polygons({ shapes, label, className, onMove, onSplit, onRemove, onBegin }: PolygonsProps) {
  const picture = useRef<SVGSVGElement>(null);
  const drag = useRef<Drag | null>(null);
  const place = (event: PointerEvent): Corner => {
    const box = picture.current?.getBoundingClientRect();
    return box === undefined ? [0, 0] : [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  const begin = (event: PointerEvent<SVGElement>, shape: Shape, corner: number) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    onBegin?.();
    drag.current = { key: shape.key, corner, from: place(event), corners: shape.corners };
  };
  const move = (event: PointerEvent) => {
    const going = drag.current;
    if (going === null) return;
    const [x, y] = place(event);
    onMove(going.key, shifted(going.corners, going.corner, [x - going.from[0], y - going.from[1]]));
  };
  const end = () => {
    drag.current = null;
  };
  const change = (act: () => void) => {
    onBegin?.();
    act();
  };
  return (
    <svg ref={picture} className={className} viewBox="0 0 1 1" preserveAspectRatio="none" onPointerMove={move} onPointerUp={end} onPointerCancel={end} role="group" aria-label={label}>
      {shapes.map((shape) => (
        <g key={shape.key} className={shape.className}>
          <polygon points={shape.corners.map((corner) => corner.join(",")).join(" ")} onPointerDown={(event) => begin(event, shape, -1)} />
          {shape.corners.map((corner, index) => (
            <Grip
              key={index}
              corner={corner}
              name={shape.cornerName(index + 1)}
              onBegin={(event) => begin(event, shape, index)}
              onNudge={(by) => change(() => onMove(shape.key, shifted(shape.corners, index, by)))}
              onSplit={() => change(() => onSplit(shape.key, index))}
              onRemove={() => shape.corners.length > 3 && change(() => onRemove(shape.key, index))}
            />
          ))}
        </g>
      ))}
    </svg>
  );
}

interface GripProps {
  corner: Corner;
  name: string;
  onBegin: (event: PointerEvent<SVGElement>) => void;
  onNudge: (by: Corner) => void;
  onSplit: () => void;
  onRemove: () => void;
}

/** One corner: dragged, moved with the arrow keys; Insert (or a double click) adds a corner behind it, Delete takes it away. */
function Grip({ corner: [x, y], name, onBegin, onNudge, onSplit, onRemove }: GripProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    const by = MOVES[event.key];
    if (by !== undefined) onNudge(by);
    else if (event.key === "Insert") onSplit();
    else if (event.key === "Delete") onRemove();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  // A corner is a place on the picture; no native element is one.
  // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
  return <ellipse cx={x} cy={y} rx={0.0117} ry={0.0208} tabIndex={0} role="button" aria-label={name} onPointerDown={onBegin} onDoubleClick={onSplit} onKeyDown={onKeyDown} />;
}

/** A corner inside the picture. */
export function inside([x, y]: Corner): Corner {
  return [Math.max(0, Math.min(1, x)), Math.max(0, Math.min(1, y))];
}

function shifted(corners: readonly Corner[], moved: number, [x, y]: Corner): Corner[] {
  return corners.map((corner, index) => (moved === -1 || moved === index ? inside([corner[0] + x, corner[1] + y]) : corner));
}

/** The corners with one more, in the middle of the edge behind `after`. */
export function split(corners: readonly Corner[], after: number): readonly Corner[] {
  const one = corners[after];
  const other = corners[(after + 1) % corners.length];
  if (one === undefined || other === undefined) return corners;
  return [...corners.slice(0, after + 1), [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2], ...corners.slice(after + 1)];
}

/** The corners without one of them. */
export function without(corners: readonly Corner[], corner: number): readonly Corner[] {
  return corners.filter((_, at) => at !== corner);
}

/** A square in the middle of the picture, `half` its side from the middle. */
export function square(half: number): readonly Corner[] {
  return [
    [0.5 - half, 0.5 - half],
    [0.5 + half, 0.5 - half],
    [0.5 + half, 0.5 + half],
    [0.5 - half, 0.5 + half],
  ];
}
