/** Drawing of the timeline on a canvas, and what lies under the pointer. */

import type { CameraTimeline, Gap, Priority } from "../../api/client";
import { clock, day, shortClock, ZONE } from "../../base/time";

export const HEAD_PX = 26;

export interface View {
  start: number;
  span: number;
  width: number;
  row: number;
}

const COLOURS: Record<Priority, string> = { critical: "#ff4d4d", high: "#ff9f1a", medium: "#ffd84d", low: "#c9a3ff" };
const LINE = "#323943";
const STEPS_MIN = [1, 2, 5, 10, 30, 60, 120, 180, 360];

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
  const step = (STEPS_MIN.find((minutes) => (minutes * 60_000 * view.width) / view.span >= 74) ?? 720) * 60_000;
  const offset = zoneOffsetMs(view.start);
  pen.font = "11px 'Inter Variable', sans-serif";
  pen.textBaseline = "middle";
  for (let wall = Math.ceil((view.start + offset) / step) * step - offset; wall < view.start + view.span; wall += step) {
    const x = Math.round(xOf(view, wall)) + 0.5;
    pen.strokeStyle = "#414a56";
    pen.beginPath();
    pen.moveTo(x, 0);
    pen.lineTo(x, height);
    pen.globalAlpha = 0.5;
    pen.stroke();
    pen.globalAlpha = 1;
    pen.fillStyle = "#a7b0bb";
    const midnight = shortClock(wall) === "00:00";
    pen.fillText(midnight ? day(wall, language) : shortClock(wall), x + 4, HEAD_PX / 2);
  }
}

function drawGap(pen: CanvasRenderingContext2D, view: View, gap: { from: number; to: number; text: string }, top: number): void {
  const left = Math.max(-2, xOf(view, gap.from));
  const wide = Math.max(3, Math.min(view.width + 2, xOf(view, gap.to)) - left);
  pen.save();
  pen.beginPath();
  pen.rect(left, top, wide, 20);
  pen.clip();
  pen.strokeStyle = "#ff9f1a55";
  pen.lineWidth = 3;
  for (let x = left - 20; x < left + wide; x += 8) {
    pen.beginPath();
    pen.moveTo(x, top + 20);
    pen.lineTo(x + 20, top);
    pen.stroke();
  }
  if (wide > 110) {
    pen.fillStyle = "#e6e9ed";
    pen.font = "10.5px 'Inter Variable', sans-serif";
    pen.fillText(gap.text, Math.max(4, left + 5), top + 10.5);
  }
  pen.restore();
  pen.strokeStyle = "#ff9f1a";
  pen.lineWidth = 1;
  pen.setLineDash([3, 2]);
  pen.strokeRect(left + 0.5, top + 0.5, wide - 1, 19);
  pen.setLineDash([]);
}

/** Corners of the three angular signs, from their middle in pixels; medium is a circle. */
const CORNERS: Record<Exclude<Priority, "medium">, readonly (readonly [number, number])[]> = {
  critical: [[0, -7], [7, 6], [-7, 6]],
  high: [[0, -7], [7, 0], [0, 7], [-7, 0]],
  low: [[-6, -6], [6, -6], [6, 6], [-6, 6]],
};

function drawShape(pen: CanvasRenderingContext2D, priority: Priority, x: number, y: number): void {
  pen.fillStyle = COLOURS[priority];
  pen.strokeStyle = "#0d0f12";
  pen.lineWidth = 1;
  pen.beginPath();
  if (priority === "medium") pen.arc(x, y, 6, 0, 2 * Math.PI);
  else for (const [right, down] of CORNERS[priority]) pen.lineTo(x + right, y + down);
  pen.closePath();
  pen.fill();
  pen.stroke();
}

export type Words = (gap: Gap) => string;

function drawRow(pen: CanvasRenderingContext2D, view: View, line: CameraTimeline, top: number, words: Words, edge: number): void {
  const middle = top + view.row / 2;
  pen.fillStyle = "#566270";
  for (const run of line.recorded) {
    const left = xOf(view, Date.parse(run.start));
    const right = xOf(view, Date.parse(run.end));
    if (right > 0 && left < view.width) pen.fillRect(left, middle - 5, Math.max(1, right - left), 10);
  }
  for (const gap of line.gaps) {
    const from = Date.parse(gap.start);
    const to = gap.end == null ? edge : Date.parse(gap.end);
    if (xOf(view, to) > 0 && xOf(view, from) < view.width) drawGap(pen, view, { from, to, text: words(gap) }, middle - 10);
  }
  for (const read of line.reads) {
    pen.fillStyle = read.listed ? COLOURS.critical : "#e6e9ed";
    pen.fillRect(xOf(view, Date.parse(read.time)) - 1, middle + 7, 2, 6);
  }
  for (const alarm of line.alarms) drawShape(pen, alarm.priority, xOf(view, Date.parse(alarm.time)), middle);
  pen.fillStyle = LINE;
  pen.fillRect(0, top + view.row - 1, view.width, 1);
}

export function draw(canvas: HTMLCanvasElement, view: View, lines: readonly CameraTimeline[], words: Words, language: string, edge: number): void {
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
  drawScale(pen, view, height, language);
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

export interface Under {
  wall: number;
  text: string;
}

/** What the pointer is over: the time, and the gap, read or alarm there. */
export function under(view: View, lines: readonly CameraTimeline[], x: number, y: number, names: { gap: Words; read: string; listed: string; alarm: (priority: Priority) => string; nothing: string }): Under {
  const wall = wallAt(view, x);
  const line = lines[Math.floor((y - HEAD_PX) / view.row)];
  const near = (time: string) => Math.abs(xOf(view, Date.parse(time)) - x) < 7;
  const parts = [clock(wall)];
  const alarm = line?.alarms.find((one) => near(one.time));
  const read = line?.reads.find((one) => near(one.time));
  const gap = line?.gaps.find((one) => wall >= Date.parse(one.start) && (one.end == null || wall < Date.parse(one.end)));
  if (alarm !== undefined) parts.push(names.alarm(alarm.priority));
  else if (read !== undefined) parts.push(read.listed ? names.listed : names.read);
  else if (gap !== undefined) parts.push(names.gap(gap));
  else if (line !== undefined && !line.recorded.some((run) => wall >= Date.parse(run.start) && wall < Date.parse(run.end))) parts.push(names.nothing);
  return { wall, text: parts.join(" · ") };
}
