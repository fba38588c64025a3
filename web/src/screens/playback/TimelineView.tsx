/** The timeline: the sun, recordings, holes with their cause, reads and alarms; a slider for hands and for screen readers. */

import { type PointerEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";

import type { Camera, Permit } from "../../api/client";
import { useStore } from "../../base/store";
import { spotOf } from "../../base/sun";
import { clock, dayClock, longDay, now } from "../../base/time";
import { Icon } from "../../parts/Icon";
import type { Bounds } from "../../video/recorded";
import type { Deck } from "./deck";
import { draw, heightOf, type Names as MarkNames, under, type Under, type View, wallAt, xOf } from "./draw";
import type { Line, Span } from "./lines";
import { type Small, useThumbnail } from "./thumbnails";
import type { TimelineWindow } from "./timeline";
import { useGapWords, useSignalWords } from "./words";

const ROW_PX = 34;
/** Of a view of many cameras. */
const LOW_ROW_PX = 20;
const FEW = 5;

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
  lines: readonly Line[];
  cameras: readonly Camera[];
  leader: Camera | undefined;
  permit: Permit;
  bounds: Bounds;
  view: TimelineWindow;
  selection: Span | null;
  everyCamera: boolean;
  onEveryCamera: () => void;
}

export function TimelineView({ deck, lines, cameras, leader, permit, bounds, view: { start, span, pan, zoomBy }, selection, everyCamera, onEveryCamera }: TimelineViewProps) {
  const { t, i18n } = useTranslation();
  const area = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(area);
  const words = useGapWords();
  const row = lines.length > FEW ? LOW_ROW_PX : ROW_PX;
  const view: View = { start, span, width, row };
  const height = heightOf(lines.length, row);
  const [wall, setWall] = useState<number | null>(null);
  const small = useThumbnail(leader?.id, permit, bounds, view, wall);
  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, { view, lines, words, language: i18n.language, edge: now(), spot: spotOf(leader), selection });
  });
  return (
    <div className={lines.length > FEW ? "tline many" : "tline"}>
      <Rows lines={lines} cameras={cameras} row={row} title={longDay(start + span / 2, i18n.language)}>
        <button type="button" className="btn sq q" aria-pressed={everyCamera} aria-label={t("playback.everyCamera")} title={t("playback.everyCamera")} onClick={onEveryCamera}>
          <Icon name="table" size="sm" />
        </button>
      </Rows>
      <Slider deck={deck} view={view} lines={lines} box={area} label={t("playback.timeline")} onPan={pan} onZoom={zoomBy} onMoment={setWall} small={small} camera={leader?.id ?? ""}>
        <canvas ref={canvas} style={{ width, height }} aria-hidden="true" />
      </Slider>
    </div>
  );
}

function Rows({ lines, cameras, row, title, children }: { lines: readonly Line[]; cameras: readonly Camera[]; row: number; title: string; children: ReactNode }) {
  return (
    <div className="names">
      <div className="nm scale">
        <span className="sub tr sp">{title}</span>
        {children}
      </div>
      {lines.map((line) => (
        <div key={line.cameraId} className="nm" style={{ height: row }}>
          <b>{line.cameraId}</b>
          <span className="dim tr">{cameras.find((camera) => camera.id === line.cameraId)?.name}</span>
        </div>
      ))}
    </div>
  );
}

function useMarkNames(): MarkNames {
  const { t } = useTranslation();
  const gap = useGapWords();
  const signal = useSignalWords();
  const times = (count: number) => (count > 1 ? ` ×${count}` : "");
  return {
    gap,
    read: (count) => `${t("playback.read")}${times(count)}`,
    listed: t("playback.readListed"),
    alarm: (priority, count) => `${t("playback.alarm")}, ${t(`priority.${priority}`)}${times(count)}`,
    signal: (name, count) => `${signal(name)}${times(count)}`,
    held: t("playback.held"),
    nothing: t("playback.noRecording"),
  };
}

interface SliderProps {
  deck: Deck;
  view: View;
  lines: readonly Line[];
  box: React.RefObject<HTMLDivElement | null>;
  label: string;
  onPan: (start: number) => void;
  onZoom: (by: number, around: number) => void;
  onMoment: (wall: number | null) => void;
  small: Small | null;
  camera: string;
  children: ReactNode;
}

type Hover = Under & { x: number; left: number; top: number };

function Slider({ deck, view, lines, box, label, onPan, onZoom, onMoment, small, camera, children }: SliderProps) {
  const { i18n } = useTranslation();
  const names = useMarkNames();
  const [hover, setHover] = useState<Hover | null>(null);
  const [dragging, setDragging] = useState(false);
  const shown = useStore(deck.shown);
  const hovered = (event: PointerEvent): Hover => {
    const frame = event.currentTarget.getBoundingClientRect();
    const x = event.clientX - frame.left;
    return { ...under(view, lines, x, event.clientY - frame.top, names), x, left: event.clientX, top: frame.top };
  };
  const move = (event: PointerEvent) => {
    const at = hovered(event);
    setHover(at);
    onMoment(at.wall);
    if (dragging) deck.seek(at.wall);
  };
  const leave = () => {
    setHover(null);
    onMoment(null);
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
        deck.seek(hovered(event).wall);
      }}
      onPointerMove={move}
      onPointerUp={() => setDragging(false)}
      onPointerCancel={() => setDragging(false)}
      onPointerLeave={leave}
    >
      {children}
      {hover === null ? null : <Preview hover={hover} small={small} camera={camera} />}
      {at < -2 || at > view.width + 2 ? null : (
        <div className="ph-line" style={{ left: at }}>
          <b style={{ left: at < 30 ? -at : at > view.width - 30 ? view.width - at - 58 : -30 }}>{clock(shown)}</b>
        </div>
      )}
    </div>
  );
}

const PREVIEW_PX = 232;

/** Above the pointer: the picture of that moment, its exact time, and what lies there. */
function Preview({ hover, small, camera }: { hover: Hover; small: Small | null; camera: string }) {
  const left = Math.max(4, Math.min(window.innerWidth - PREVIEW_PX - 4, hover.left - PREVIEW_PX / 2));
  return createPortal(
    <div className="preview" style={{ left, bottom: window.innerHeight - hover.top + 6 }} data-time={small?.time}>
      {small === null ? null : (
        <>
          <img src={small.url} alt="" />
          <span className="pt-time">
            <b>{camera}</b> {clock(small.time)}
          </span>
        </>
      )}
      <span>{hover.text}</span>
    </div>,
    document.body,
  );
}

/** The wheel moves the view; with Ctrl it zooms. A native listener, because React's cannot stop the page's own zoom. */
function useWheel(box: React.RefObject<HTMLDivElement | null>, view: View, onPan: (start: number) => void, onZoom: (by: number, around: number) => void): void {
  const latest = useRef({ view, onPan, onZoom });
  useEffect(() => {
    latest.current = { view, onPan, onZoom };
  });
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const wheel = (event: WheelEvent) => {
      const { view: seen, onPan: pan, onZoom: zoom } = latest.current;
      // A list of many cameras scrolls up and down; sideways and with Ctrl the wheel is the timeline's.
      const scrolls = element.parentElement !== null && element.parentElement.scrollHeight > element.parentElement.clientHeight;
      if (scrolls && !event.ctrlKey && event.deltaX === 0) return;
      event.preventDefault();
      if (event.ctrlKey) zoom(event.deltaY > 0 ? 1 : -1, wallAt(seen, event.clientX - element.getBoundingClientRect().left));
      else pan(seen.start + ((event.deltaX || event.deltaY) / seen.width) * seen.span);
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  }, [box]);
}
