/** Drawing of the timeline on a canvas, and what lies under the pointer. */

import type { Gap, Priority } from "../../api/client";
import { clock, day, shortClock, ZONE } from "../../base/time";
import { type Light, lightAt, type Spot, type Turn, turnsOfLight } from "../../base/sun";
import type { Line, Span } from "./lines";

export const HEAD_PX = 32;
const SUN_PX = 5;

export interface View {
  start: number;
  span: number;
  width: number;
  row: number;
}


const COLOURS: Record<Priority, string> = { critical: "#ff4d4d", high: "#ff9f1a", medium: "#ffd84d", low: "#c9a3ff" };
const LIGHT: Record<Light, string> = { night: "#0d1420", twilight: "#4b4a5e", day: "#b9b39a" };
const LINE = "#323943";
const TEXT = "#e6e9ed";
const DIM = "#a7b0bb";
const FONT = "'Inter Variable', sans-serif";
const STEPS_MIN = [0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 180, 360, 720, 1440, 2880, 7200];
/** From this span on the sun's band would only flicker. */
const SUN_SPAN_MS = 12 * 86_400_000;

export function xOf(view: View, wall: number): number {
  return ((wall - view.start) / view.span) * view.width;
}

export function wallAt(view: View, x: number): number {
  return view.start + (x / view.width) * view.span;
}

/** The height of `rows` cameras with the scale above them. */
export function heightOf(rows: number, row: number): number {
  return HEAD_PX + rows * row;
}

function zoneOffsetMs(wall: number): number {
  const text = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, timeZoneName: "longOffset" }).format(wall);
  return text.includes("+03") ? 3 * 3_600_000 : 2 * 3_600_000;
}

function drawScale(pen: CanvasRenderingContext2D, view: View, height: number, language: string): void {
  const step = (STEPS_MIN.find((minutes) => (minutes * 60_000 * view.width) / view.span >= 74) ?? 14_400) * 60_000;
  const offset = zoneOffsetMs(view.start);
  pen.font = `11px ${FONT}`;
  pen.textBaseline = "middle";
  for (let wall = Math.ceil((view.start + offset) / step) * step - offset; wall < view.start + view.span; wall += step) {
    const x = Math.round(xOf(view, wall)) + 0.5;
    pen.strokeStyle = "#414a5680";
    pen.beginPath();
    pen.moveTo(x, SUN_PX);
    pen.lineTo(x, height);
    pen.stroke();
    pen.fillStyle = DIM;
    pen.fillText(label(wall, step, language), x + 4, (HEAD_PX + SUN_PX) / 2);
  }
}

function label(wall: number, step: number, language: string): string {
  const time = shortClock(wall);
  if (time === "00:00" || step >= 86_400_000) return day(wall, language);
  return step < 60_000 ? clock(wall) : time;
}

/** Night, twilight and day as a band above the scale. */
function drawSun(pen: CanvasRenderingContext2D, view: View, spot: Spot): void {
  if (view.span > SUN_SPAN_MS) return;
  const end = view.start + view.span;
  let from = view.start;
  const turns: (Turn | { at: number })[] = [...turnsOfLight(view.start, end, spot), { at: end }];
  for (const { at } of turns) {
    pen.fillStyle = LIGHT[lightAt((from + at) / 2, spot)];
    pen.fillRect(xOf(view, from), 0, xOf(view, at) - xOf(view, from) + 0.5, SUN_PX);
    from = at;
  }
}

function drawGap(pen: CanvasRenderingContext2D, view: View, gap: { from: number; to: number; text: string }, top: number): void {
  const tall = Math.min(20, view.row - 4);
  const left = Math.max(-2, xOf(view, gap.from));
  const wide = Math.max(3, Math.min(view.width + 2, xOf(view, gap.to)) - left);
  pen.save();
  pen.beginPath();
  pen.rect(left, top, wide, tall);
  pen.clip();
  pen.strokeStyle = "#ff9f1a55";
  pen.lineWidth = 3;
  for (let x = left - 20; x < left + wide; x += 8) {
    pen.beginPath();
    pen.moveTo(x, top + 20);
    pen.lineTo(x + 20, top);
    pen.stroke();
  }
  if (wide > 110 && tall >= 14) {
    pen.fillStyle = TEXT;
    pen.font = `10.5px ${FONT}`;
    pen.fillText(gap.text, Math.max(4, left + 5), top + tall / 2 + 0.5);
  }
  pen.restore();
  pen.strokeStyle = "#ff9f1a";
  pen.lineWidth = 1;
  pen.setLineDash([3, 2]);
  pen.strokeRect(left + 0.5, top + 0.5, wide - 1, tall - 1);
  pen.setLineDash([]);
}

/** Corners of the three angular signs, from their middle in pixels; medium is a circle. */
const CORNERS: Record<Exclude<Priority, "medium">, readonly (readonly [number, number])[]> = {
  critical: [[0, -7], [7, 6], [-7, 6]],
  high: [[0, -7], [7, 0], [0, 7], [-7, 0]],
  low: [[-6, -6], [6, -6], [6, 6], [-6, 6]],
};

function drawShape(pen: CanvasRenderingContext2D, priority: Priority, x: number, y: number, share: number): void {
  pen.fillStyle = COLOURS[priority];
  pen.strokeStyle = "#0d0f12";
  pen.lineWidth = 1;
  pen.beginPath();
  if (priority === "medium") pen.arc(x, y, 6 * share, 0, 2 * Math.PI);
  else for (const [right, down] of CORNERS[priority]) pen.lineTo(x + right * share, y + down * share);
  pen.closePath();
  pen.fill();
  pen.stroke();
}

export type Words = (gap: Gap) => string;

function drawRow(pen: CanvasRenderingContext2D, view: View, line: Line, top: number, words: Words, edge: number): void {
  const middle = top + view.row / 2;
  const seen = (from: number, to: number) => xOf(view, to) > -8 && xOf(view, from) < view.width + 8;
  const share = view.row >= 30 ? 1 : 0.7;
  pen.fillStyle = "#566270";
  for (const run of line.recorded) if (seen(run.start, run.end)) pen.fillRect(xOf(view, run.start), middle - 5 * share, Math.max(1, xOf(view, run.end) - xOf(view, run.start)), 10 * share);
  for (const held of line.held) if (seen(held.start, held.end)) drawHeld(pen, view, held, middle + 5 * share);
  pen.fillStyle = DIM;
  for (const mark of line.motion) if (seen(mark.time, mark.time)) pen.fillRect(xOf(view, mark.time), middle - 11 * share, 3, 5 * share);
  for (const gap of line.gaps) {
    const to = gap.end ?? edge;
    if (seen(gap.start, to)) drawGap(pen, view, { from: gap.start, to, text: words(gap) }, middle - Math.min(20, view.row - 4) / 2);
  }
  pen.fillStyle = TEXT;
  for (const read of line.reads) if (seen(read.time, read.time)) pen.fillRect(xOf(view, read.time) - 1, middle + 7 * share, 2, read.count > 1 ? 8 * share : 6 * share);
  pen.fillStyle = COLOURS.critical;
  for (const read of line.listed) if (seen(read.time, read.time)) pen.fillRect(xOf(view, read.time) - 1.5, middle + 6 * share, 3, 8 * share);
  for (const mark of line.signals) if (seen(mark.time, mark.time)) drawSignal(pen, xOf(view, mark.time), middle - 8 * share, share);
  for (const alarm of line.alarms) if (seen(alarm.time, alarm.time)) drawShape(pen, alarm.priority, xOf(view, alarm.time), middle, share);
  pen.fillStyle = LINE;
  pen.fillRect(0, top + view.row - 1, view.width, 1);
}

/** What is held is underlined from end to end, with an upright at both. */
function drawHeld(pen: CanvasRenderingContext2D, view: View, { start, end }: Span, y: number): void {
  const left = xOf(view, start);
  const right = xOf(view, end);
  pen.fillStyle = "#7fd4ff";
  pen.fillRect(left, y, Math.max(2, right - left), 2);
  for (const x of [left, right - 2]) pen.fillRect(x, y - 6, 2, 8);
}

/** A signal is a small hollow ring, so that no colour and no form of an alarm is taken. */
function drawSignal(pen: CanvasRenderingContext2D, x: number, y: number, share: number): void {
  pen.strokeStyle = TEXT;
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.arc(x, y, 3 * share, 0, 2 * Math.PI);
  pen.stroke();
}

export interface Drawing {
  view: View;
  lines: readonly Line[];
  words: Words;
  language: string;
  edge: number;
  spot: Spot | null;
  selection: Span | null;
}

export function draw(canvas: HTMLCanvasElement, { view, lines, words, language, edge, spot, selection }: Drawing): void {
  const pen = canvas.getContext("2d");
  if (pen === null) return;
  const scale = window.devicePixelRatio || 1;
  const height = heightOf(lines.length, view.row);
  if (canvas.width !== Math.round(view.width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(view.width * scale);
    canvas.height = Math.round(height * scale);
  }
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, view.width, height);
  if (selection !== null) drawSelection(pen, view, selection, height);
  drawScale(pen, view, height, language);
  if (spot !== null) drawSun(pen, view, spot);
  pen.fillStyle = LINE;
  pen.fillRect(0, HEAD_PX - 1, view.width, 1);
  lines.forEach((line, row) => drawRow(pen, view, line, HEAD_PX + row * view.row, words, edge));
  // What has not happened yet is darker.
  const future = xOf(view, edge);
  if (future < view.width) {
    pen.fillStyle = "#15181c99";
    pen.fillRect(Math.max(0, future), 0, view.width, height);
  }
}

function drawSelection(pen: CanvasRenderingContext2D, view: View, { start, end }: Span, height: number): void {
  const left = xOf(view, start);
  const right = xOf(view, end);
  pen.fillStyle = "#7fd4ff26";
  pen.fillRect(left, SUN_PX, Math.max(1, right - left), height);
  pen.fillStyle = "#e6e9ed";
  for (const x of [left, right]) {
    pen.fillRect(x - 1, SUN_PX, 2, height);
    pen.fillRect(x - 3, SUN_PX, 6, 12);
  }
}

export interface Under {
  wall: number;
  text: string;
}

export interface Names {
  gap: Words;
  read: (count: number) => string;
  listed: string;
  alarm: (priority: Priority, count: number) => string;
  signal: (name: string, count: number) => string;
  held: string;
  nothing: string;
}

/** What the pointer is over: the time, and the gap, read, signal or alarm there. */
export function under(view: View, lines: readonly Line[], x: number, y: number, names: Names): Under {
  const wall = wallAt(view, x);
  const line = lines[Math.floor((y - HEAD_PX) / view.row)];
  const near = ({ time }: { time: number }) => Math.abs(xOf(view, time) - x) < 7;
  const alarm = line?.alarms.find(near);
  const listed = line?.listed.find(near);
  const signal = line?.signals.find(near);
  const read = line?.reads.find(near);
  const gap = line?.gaps.find((one) => wall >= one.start && (one.end == null || wall < one.end));
  const parts = [clock(wall)];
  if (alarm !== undefined) parts.push(names.alarm(alarm.priority, alarm.count));
  else if (listed !== undefined) parts.push(names.listed);
  else if (signal !== undefined) parts.push(names.signal(signal.name, signal.count));
  else if (read !== undefined) parts.push(names.read(read.count));
  else if (gap !== undefined) parts.push(names.gap(gap));
  else if (line !== undefined && !line.recorded.some((run) => wall >= run.start && wall < run.end)) parts.push(names.nothing);
  if (line?.held.some((held) => wall >= held.start && wall < held.end)) parts.push(names.held);
  return { wall, text: parts.join(" · ") };
}
