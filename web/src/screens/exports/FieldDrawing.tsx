/** Drawing what a redacted export hides, on stills of the span: corners are dragged, or moved with the arrow keys. */

import { type PointerEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { stillUrl } from "../../api/client";
import { clock } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { type Corner, cornersAt, type Field, inside, newField, withCorners } from "./fields";

const STEP = 0.01;
const MOVES: Record<string, Corner> = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
const STEPS = 40;

export interface FieldDrawingProps {
  cameraId: string;
  span: { start: number; end: number };
  permit: string;
  fields: readonly Field[];
  onChange: (fields: readonly Field[]) => void;
}

export function FieldDrawing({ cameraId, span, permit, fields, onChange }: FieldDrawingProps) {
  const { t } = useTranslation();
  const [wall, setWall] = useState(span.start);
  const [broken, setBroken] = useState(false);
  const at = Math.max(span.start, Math.min(span.end - 1, wall));
  const own = fields.filter((field) => field.cameraId === cameraId);
  const change = (changed: Field) => onChange(fields.map((field) => (field.id === changed.id ? changed : field)));
  const add = () => onChange([...fields, newField(Math.max(0, ...fields.map((field) => field.id)) + 1, cameraId, at)]);
  return (
    <div className="drawing">
      <div className="drawing-picture">
        {broken ? <p className="drawing-none">{t("exports.noStill")}</p> : <img src={stillUrl(cameraId, at, permit)} alt={t("exports.stillOf", { camera: cameraId, time: clock(at) })} onError={() => setBroken(true)} />}
        <Outlines fields={own} wall={at} onChange={change} />
      </div>
      <label className="row drawing-time">
        <span className="nw">{clock(at)}</span>
        <input
          type="range"
          min={span.start}
          max={span.end - 1}
          step={Math.max(1, Math.round((span.end - span.start) / STEPS))}
          value={at}
          aria-label={t("exports.moment")}
          aria-valuetext={clock(at)}
          onChange={(event) => {
            setBroken(false);
            setWall(Number(event.currentTarget.value));
          }}
        />
      </label>
      <div className="row wrap">
        <button type="button" className="btn" onClick={add}>
          <Icon name="plus" />
          {t("exports.addField")}
        </button>
        <span className="dim">{t("exports.drawHint")}</span>
      </div>
      <ul className="drawing-list" aria-label={t("exports.fields")}>
        {own.map((field, index) => (
          <li key={field.id} className="row wrap">
            <b className="nw">{t("exports.fieldNumber", { number: index + 1 })}</b>
            <span className="dim">{t("exports.keys", { count: field.keys.length })}</span>
            <span className="sp" />
            <button type="button" className="btn" disabled={cornersAt(field, at).length === 0} onClick={() => change(withCorners(field, at, []))}>
              {t("exports.fieldEnds")}
            </button>
            <button type="button" className="btn sq" aria-label={t("exports.removeField", { number: index + 1 })} title={t("exports.removeField", { number: index + 1 })} onClick={() => onChange(fields.filter((one) => one.id !== field.id))}>
              <Icon name="x" />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface Drag {
  field: Field;
  /** Which corner; -1 for the whole field. */
  corner: number;
  from: Corner;
  corners: readonly Corner[];
}

function Outlines({ fields, wall, onChange }: { fields: readonly Field[]; wall: number; onChange: (field: Field) => void }) {
  const { t } = useTranslation();
  const picture = useRef<SVGSVGElement>(null);
  const drag = useRef<Drag | null>(null);
  const place = (event: PointerEvent): Corner => {
    const box = picture.current?.getBoundingClientRect();
    return box === undefined ? [0, 0] : [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  const begin = (event: PointerEvent<SVGElement>, field: Field, corner: number, corners: readonly Corner[]) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { field, corner, from: place(event), corners };
  };
  const move = (event: PointerEvent) => {
    const going = drag.current;
    if (going === null) return;
    const [x, y] = place(event);
    const by: Corner = [x - going.from[0], y - going.from[1]];
    onChange(withCorners(going.field, wall, shifted(going.corners, going.corner, by)));
  };
  const end = () => {
    drag.current = null;
  };
  return (
    <svg ref={picture} viewBox="0 0 1 1" preserveAspectRatio="none" onPointerMove={move} onPointerUp={end} onPointerCancel={end} role="group" aria-label={t("exports.fields")}>
      {fields.map((field, number) => {
        const corners = cornersAt(field, wall);
        return (
          <g key={field.id}>
            <polygon points={corners.map((corner) => corner.join(",")).join(" ")} onPointerDown={(event) => begin(event, field, -1, corners)} />
            {corners.map((corner, index) => (
              <Grip
                key={index}
                corner={corner}
                name={t("exports.corner", { field: number + 1, corner: index + 1 })}
                onBegin={(event) => begin(event, field, index, corners)}
                onNudge={(by) => onChange(withCorners(field, wall, shifted(corners, index, by)))}
                onSplit={() => onChange({ ...field, keys: field.keys.map((key) => ({ ...key, corners: split(key.corners, index) })) })}
                onRemove={() => corners.length > 3 && onChange({ ...field, keys: field.keys.map((key) => ({ ...key, corners: key.corners.filter((_, at) => at !== index) })) })}
              />
            ))}
          </g>
        );
      })}
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
  const onKeyDown = (event: React.KeyboardEvent) => {
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

function shifted(corners: readonly Corner[], moved: number, [x, y]: Corner): Corner[] {
  return corners.map((corner, index) => (moved === -1 || moved === index ? inside([corner[0] + x, corner[1] + y]) : corner));
}

function split(corners: readonly Corner[], after: number): readonly Corner[] {
  const one = corners[after];
  const other = corners[(after + 1) % corners.length];
  if (one === undefined || other === undefined) return corners;
  return [...corners.slice(0, after + 1), [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2], ...corners.slice(after + 1)];
}
