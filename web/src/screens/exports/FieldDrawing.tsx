/** Drawing what a redacted export hides, on stills of the span: corners are dragged, or moved with the arrow keys. */

import { useState } from "react";
import { useTranslation } from "react-i18next";

import { stillUrl } from "../../api/client";
import { clock } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { Polygons, split, without } from "../../parts/Polygons";
import { cornersAt, type Field, newField, reshaped, withCorners } from "./fields";

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
  const of = (key: string | number, changed: (field: Field) => Field) => onChange(fields.map((field) => (field.id === key ? changed(field) : field)));
  const add = () => onChange([...fields, newField(Math.max(0, ...fields.map((field) => field.id)) + 1, cameraId, at)]);
  return (
    <div className="drawing">
      <div className="drawing-picture">
        {broken ? <p className="drawing-none">{t("exports.noStill")}</p> : <img src={stillUrl(cameraId, at, permit)} alt={t("exports.stillOf", { camera: cameraId, time: clock(at) })} onError={() => setBroken(true)} />}
        <Polygons
          label={t("exports.fields")}
          shapes={own.map((field, number) => ({ key: field.id, corners: cornersAt(field, at), cornerName: (corner) => t("exports.corner", { field: number + 1, corner }) }))}
          onMove={(key, corners) => of(key, (field) => withCorners(field, at, corners))}
          onSplit={(key, corner) => of(key, (field) => reshaped(field, (corners) => split(corners, corner)))}
          onRemove={(key, corner) => of(key, (field) => reshaped(field, (corners) => without(corners, corner)))}
        />
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
