/** How wide plates are at each spot of a camera's picture, what that suffices for, and the scale that a person gives it. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { type PointerEvent, type ReactNode, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, type Camera, type PlateWidths as Widths, take } from "../../api/client";
import { may, queryClient } from "../../api/queries";
import { dayClock } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { Problem } from "../../parts/Problem";

type Spot = Widths["spots"][number];
type Mark = Widths["marks"][number];
type End = "1" | "2";

/** Before anybody drew: a car's width far up the road, and one near by. */
const FIRST_MARKS: readonly Mark[] = [
  { x1: 0.44, y1: 0.35, x2: 0.56, y2: 0.35, metres: 1.8 },
  { x1: 0.35, y1: 0.8, x2: 0.65, y2: 0.8, metres: 1.8 },
];
const STEP = 0.005;
const MOVES: Record<string, readonly [number, number]> = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
const KEY = (camera: string) => ["cameras", camera, "plate-widths"];

export function PlateWidths({ camera, picture }: { camera: Camera; picture: ReactNode }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  const [spot, setSpot] = useState<Spot | undefined>();
  const [marks, setMarks] = useState<readonly Mark[] | null>(null);
  const found = useQuery({
    queryKey: KEY(camera.id),
    queryFn: () => take(api.GET("/api/cameras/{camera_id}/plate-widths", { params: { path: { camera_id: camera.id } } })),
    enabled: shown,
    refetchInterval: 30_000,
  });
  const widths = found.data;
  return (
    <div className="pad stack widths">
      {picture === null && !shown ? null : (
        <figure className="tile wide16" aria-label={`${camera.id} ${camera.name}`}>
          {picture}
          {shown && widths !== undefined && marks === null ? <Grid widths={widths} spot={spot} onSpot={setSpot} /> : null}
          {marks === null ? null : <Marks marks={marks} onChange={setMarks} />}
        </figure>
      )}
      <div className="row wrap">
        <button type="button" className="btn" aria-pressed={shown} onClick={() => setShown(!shown)}>
          {t("widths.title")}
        </button>
        {shown && marks === null && picture !== null && widths !== undefined && may("cameras.scale") ? (
          <button type="button" className="btn" onClick={() => setMarks(widths.marks.length === 2 ? widths.marks : FIRST_MARKS)}>
            {t("widths.setScale")}
          </button>
        ) : null}
      </div>
      {shown ? <Problem error={found.error} onRetry={() => void found.refetch()} /> : null}
      {marks === null ? null : <ScaleForm camera={camera.id} marks={marks} onChange={setMarks} onDone={() => setMarks(null)} />}
      {shown && widths !== undefined && marks === null ? <Told widths={widths} spot={spot} /> : null}
    </div>
  );
}

function enough(spot: Spot, widths: Widths): boolean {
  return spot.widthPx >= widths.enoughPx;
}

/** The grid over the picture: each known spot with its width in pixels; too narrow ones are hatched as well as coloured. */
function Grid({ widths, spot, onSpot }: { widths: Widths; spot: Spot | undefined; onSpot: (spot: Spot | undefined) => void }) {
  const { t } = useTranslation();
  const summary = useSummary(widths);
  const picture = useRef<SVGSVGElement>(null);
  const point = (event: PointerEvent) => {
    const box = picture.current?.getBoundingClientRect();
    if (box === undefined) return;
    const across = Math.floor(((event.clientX - box.left) / box.width) * widths.columns);
    const down = Math.floor(((event.clientY - box.top) / box.height) * widths.rows);
    onSpot(widths.spots.find((one) => one.across === across && one.down === down));
  };
  return (
    <svg ref={picture} className="grid-over" viewBox={`0 0 ${widths.columns * 10} ${widths.rows * 10}`} preserveAspectRatio="none" role="img" aria-label={`${t("widths.title")}. ${summary}`} onPointerMove={point} onPointerDown={point}>
      <defs>
        <pattern id="narrow" width="2" height="2" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="1" height="2" />
        </pattern>
      </defs>
      {widths.zones.map((zone) => (
        <polygon key={zone.join(" ")} className="zone" points={zone.map(([x = 0, y = 0]) => `${x * widths.columns * 10},${y * widths.rows * 10}`).join(" ")} />
      ))}
      {widths.spots.map((one) => (
        <g key={`${one.across} ${one.down}`} className={`${enough(one, widths) ? "wide" : "narrow"}${one.inZone ? "" : " out"}`} aria-hidden="true">
          <rect x={one.across * 10} y={one.down * 10} width="10" height="10" className={one === spot ? "sel" : undefined} />
          <text x={one.across * 10 + 5} y={one.down * 10 + 6.4}>
            {Math.round(one.widthPx)}
          </text>
        </g>
      ))}
    </svg>
  );
}

function useSummary(widths: Widths): string {
  const { t } = useTranslation();
  const inZone = widths.spots.filter((one) => one.inZone);
  if (inZone.length === 0) return t("widths.unknown");
  const good = inZone.filter((one) => enough(one, widths)).length;
  if (good === 0) return t("widths.nowhere", { least: widths.enoughPx });
  return good === inZone.length ? t("widths.everywhere") : t("widths.partly", { good, all: inZone.length });
}

/** In words: what is known of the spot under the pointer, else of the whole zone; and each row of the picture as a table. */
function Told({ widths, spot }: { widths: Widths; spot: Spot | undefined }) {
  const { t, i18n } = useTranslation();
  const summary = useSummary(widths);
  const rows = Array.from({ length: widths.rows }, (_, down) => widths.spots.filter((one) => one.down === down)).filter((row) => row.length > 0);
  return (
    <>
      <p className="note" role="status">
        <Icon name={spot === undefined || enough(spot, widths) ? "check" : "warn"} size="sm" />
        <span>{spot === undefined ? summary : <SpotWords spot={spot} widths={widths} />}</span>
      </p>
      {rows.length === 0 ? null : (
        <table className="t">
          <caption className="vh">{t("widths.byRow")}</caption>
          <thead>
            <tr>
              <th>{t("widths.row")}</th>
              <th className="num">{t("widths.px")}</th>
              <th>{t("widths.level")}</th>
              <th>{t("widths.reads")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <RowWords key={row[0]?.down} row={row} widths={widths} />
            ))}
          </tbody>
        </table>
      )}
      {widths.scaled == null ? null : <p className="dim xs">{t("widths.scaled", { name: widths.scaledBy, time: dayClock(widths.scaled, i18n.language) })}</p>}
    </>
  );
}

function RowWords({ row, widths }: { row: readonly Spot[]; widths: Widths }) {
  const { t } = useTranslation();
  const pixels = row.map((one) => Math.round(one.widthPx));
  const [least, most] = [Math.min(...pixels), Math.max(...pixels)];
  const widest = row.reduce((one, other) => (other.widthPx > one.widthPx ? other : one));
  const down = row[0]?.down ?? 0;
  return (
    <tr>
      <td>{t("widths.rowOf", { share: Math.round(((down + 0.5) / widths.rows) * 100) })}</td>
      <td className="num">{least === most ? least : `${least}–${most}`}</td>
      <td>{t(`widths.levels.${widest.level}`)}</td>
      <td>{t(least >= widths.enoughPx ? "yes" : most < widths.enoughPx ? "no" : "widths.inPart")}</td>
    </tr>
  );
}

function SpotWords({ spot, widths }: { spot: Spot; widths: Widths }) {
  const { t } = useTranslation();
  const width = Math.round(spot.widthPx);
  return (
    <>
      {t(enough(spot, widths) ? "widths.enough" : "widths.few", { width, least: widths.enoughPx })}{" "}
      <span className="dim">
        {t(`widths.by.${spot.source}`, { count: spot.count })} {t("widths.levelIs", { level: t(`widths.levels.${spot.level}`) })}
      </span>
    </>
  );
}

/** The two marks over the picture: their ends are dragged, or moved with the arrow keys. */
function Marks({ marks, onChange }: { marks: readonly Mark[]; onChange: (marks: readonly Mark[]) => void }) {
  const { t } = useTranslation();
  const picture = useRef<SVGSVGElement>(null);
  const drag = useRef<{ mark: number; end: End } | null>(null);
  const put = (mark: number, end: End, x: number, y: number) => {
    const within = (share: number) => Math.max(0, Math.min(1, share));
    onChange(marks.map((one, at) => (at === mark ? { ...one, [`x${end}`]: within(x), [`y${end}`]: within(y) } : one)));
  };
  const move = (event: PointerEvent) => {
    const box = picture.current?.getBoundingClientRect();
    if (box === undefined || drag.current === null) return;
    put(drag.current.mark, drag.current.end, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  };
  const stop = () => {
    drag.current = null;
  };
  return (
    <svg ref={picture} className="grid-over marks" viewBox="0 0 1 1" preserveAspectRatio="none" onPointerMove={move} onPointerUp={stop} onPointerCancel={stop} role="group" aria-label={t("widths.scale")}>
      {marks.map((mark, number) => (
        <g key={number}>
          <line x1={mark.x1} y1={mark.y1} x2={mark.x2} y2={mark.y2} />
          {(["1", "2"] as const).map((end) => {
            const [x, y] = [mark[`x${end}`], mark[`y${end}`]];
            return (
              // An end is a place on the picture; no native element is one.
              // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
              <ellipse
                key={end}
                cx={x}
                cy={y}
                rx={0.0117}
                ry={0.0208}
                tabIndex={0}
                role="button"
                aria-label={t("widths.end", { mark: number + 1, end })}
                onPointerDown={(event) => {
                  event.currentTarget.setPointerCapture(event.pointerId);
                  drag.current = { mark: number, end };
                }}
                onKeyDown={(event) => {
                  const by = MOVES[event.key];
                  if (by === undefined) return;
                  put(number, end, x + by[0], y + by[1]);
                  event.preventDefault();
                  event.stopPropagation();
                }}
              />
            );
          })}
        </g>
      ))}
    </svg>
  );
}

function ScaleForm({ camera, marks, onChange, onDone }: { camera: string; marks: readonly Mark[]; onChange: (marks: readonly Mark[]) => void; onDone: () => void }) {
  const { t } = useTranslation();
  const save = useMutation({
    mutationFn: () => take(api.PUT("/api/cameras/{camera_id}/scale", { params: { path: { camera_id: camera } }, body: { marks: [...marks] } })),
    onSuccess: (widths) => {
      queryClient.setQueryData(KEY(camera), widths);
      onDone();
    },
  });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <p>{t("widths.scaleHint")}</p>
      {marks.map((mark, number) => (
        <label key={number} className="row">
          <span>{t("widths.metres", { mark: number + 1 })}</span>
          <input className="in" type="number" min={0.1} max={100} step={0.01} required value={mark.metres} onChange={(event) => onChange(marks.map((one, at) => (at === number ? { ...one, metres: event.currentTarget.valueAsNumber || 0 } : one)))} />
        </label>
      ))}
      <Problem error={save.error} />
      <div className="row wrap">
        <button type="submit" className="btn p" disabled={save.isPending}>
          {t("widths.keep")}
        </button>
        <button type="button" className="btn" onClick={onDone}>
          {t("cancel")}
        </button>
      </div>
    </form>
  );
}
