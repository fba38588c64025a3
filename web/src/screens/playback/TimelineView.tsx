/** The timeline: recordings, holes with their cause, reads and alarms; a slider for hands and for screen readers. */

import { type PointerEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Camera, CameraTimeline, Gap } from "../../api/client";
import { useStore } from "../../base/store";
import { clock, dayClock, length, longDay, now } from "../../base/time";
import type { Deck } from "./deck";
import { draw, heightOf, under, type Under, type View, wallAt, xOf } from "./draw";

const ROW_PX = 34;

/** `Gap 9:00, network: …` in the language of the screen. */
export function useGapWords(): (gap: Gap) => string {
  const { t } = useTranslation();
  return (gap) => {
    const end = gap.end == null ? now() : Date.parse(gap.end);
    const cause = t(`cause.${gap.cause}`);
    return t("playback.gap", { length: length(end - Date.parse(gap.start)), cause: gap.detail === "" ? cause : `${cause}: ${gap.detail}` });
  };
}

function useWidth(box: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(600);
  useEffect(() => {
    if (box.current === null) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.max(100, Math.floor(entry?.contentRect.width ?? 600))));
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [box]);
  return width;
}

export interface TimelineViewProps {
  deck: Deck;
  lines: readonly CameraTimeline[];
  cameras: readonly Camera[];
  start: number;
  span: number;
  onPan: (start: number) => void;
  onZoom: (by: number) => void;
}

export function TimelineView({ deck, lines, cameras, start, span, onPan, onZoom }: TimelineViewProps) {
  const { t, i18n } = useTranslation();
  const area = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(area);
  const words = useGapWords();
  const view: View = { start, span, width, row: ROW_PX };
  const height = heightOf(lines.length, ROW_PX);
  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, view, lines, words, i18n.language, now());
  });
  return (
    <div className="tline" style={{ height }}>
      <Names lines={lines} cameras={cameras} title={<span className="sub">{longDay(start + span / 2, i18n.language)}</span>} />
      <Slider deck={deck} view={view} lines={lines} box={area} label={t("playback.timeline")} onPan={onPan} onZoom={onZoom}>
        <canvas ref={canvas} style={{ width, height }} aria-hidden="true" />
      </Slider>
    </div>
  );
}

function Names({ lines, cameras, title }: { lines: readonly CameraTimeline[]; cameras: readonly Camera[]; title: ReactNode }) {
  return (
    <div className="names">
      <div className="nm scale">{title}</div>
      {lines.map((line) => (
        <div key={line.cameraId} className="nm">
          <b>{line.cameraId}</b>
          <span className="dim tr">{cameras.find((camera) => camera.id === line.cameraId)?.name}</span>
        </div>
      ))}
    </div>
  );
}

interface SliderProps {
  deck: Deck;
  view: View;
  lines: readonly CameraTimeline[];
  box: React.RefObject<HTMLDivElement | null>;
  label: string;
  onPan: (start: number) => void;
  onZoom: (by: number) => void;
  children: ReactNode;
}

function Slider({ deck, view, lines, box, label, onPan, onZoom, children }: SliderProps) {
  const { t, i18n } = useTranslation();
  const gapWords = useGapWords();
  const [hover, setHover] = useState<(Under & { x: number }) | null>(null);
  const [dragging, setDragging] = useState(false);
  const shown = useStore(deck.shown);
  const names = { gap: gapWords, read: t("playback.read"), listed: t("playback.readListed"), alarm: (priority: string) => `${t("playback.alarm")}, ${t(`priority.${priority}`)}`, nothing: t("playback.noRecording") };
  const place = (event: PointerEvent) => {
    const frame = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  };
  const move = (event: PointerEvent) => {
    const { x, y } = place(event);
    setHover({ ...under(view, lines, x, y, names), x });
    if (dragging) deck.seek(wallAt(view, x));
  };
  useWheel(box, view, onPan, onZoom);
  const at = xOf(view, shown);
  return (
    <div
      ref={box}
      className="track"
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={Math.round(view.start / 1000)}
      aria-valuemax={Math.round((view.start + view.span) / 1000)}
      aria-valuenow={Math.round(shown / 1000)}
      aria-valuetext={dayClock(shown, i18n.language)}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setDragging(true);
        deck.seek(wallAt(view, place(event).x));
      }}
      onPointerMove={move}
      onPointerUp={() => setDragging(false)}
      onPointerCancel={() => setDragging(false)}
      onPointerLeave={() => setHover(null)}
    >
      {children}
      {hover === null || dragging ? null : (
        <div className="tip" style={{ left: Math.max(4, Math.min(view.width - 230, hover.x + 10)) }}>
          {hover.text}
        </div>
      )}
      {at < -2 || at > view.width + 2 ? null : (
        <div className="ph-line" style={{ left: at }}>
          <b style={{ left: at < 30 ? -at : at > view.width - 30 ? view.width - at - 58 : -30 }}>{clock(shown)}</b>
        </div>
      )}
    </div>
  );
}

/** The wheel moves the view; with Ctrl it zooms. A native listener, because React's cannot stop the page's own zoom. */
function useWheel(box: React.RefObject<HTMLDivElement | null>, view: View, onPan: (start: number) => void, onZoom: (by: number) => void): void {
  const latest = useRef({ view, onPan, onZoom });
  useEffect(() => {
    latest.current = { view, onPan, onZoom };
  });
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      const { view: seen, onPan: pan, onZoom: zoom } = latest.current;
      if (event.ctrlKey) zoom(event.deltaY > 0 ? 1 : -1);
      else pan(seen.start + ((event.deltaX || event.deltaY) / seen.width) * seen.span);
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  }, [box]);
}
