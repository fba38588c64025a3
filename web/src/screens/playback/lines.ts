/** The timeline as the screen uses it: spans and marks of each camera, in milliseconds. */

import type { CameraTimeline, Gap, Priority } from "../../api/client";

export interface Mark {
  time: number;
  /** More than one where the view is too wide to tell them apart. */
  count: number;
}

export interface NamedMark extends Mark {
  name: string;
}

export interface Span {
  start: number;
  end: number;
}

export interface Line {
  cameraId: string;
  recorded: Span[];
  /** What a hold keeps from being deleted. */
  held: Span[];
  gaps: Gap[];
  reads: Mark[];
  listed: Mark[];
  alarms: (Mark & { priority: Priority })[];
  /** Movement that the camera itself reported. */
  motion: Mark[];
  signals: NamedMark[];
}

const PRIORITIES: readonly Priority[] = ["critical", "high", "medium", "low"];

export function emptyLine(cameraId: string): Line {
  return { cameraId, recorded: [], held: [], gaps: [], reads: [], listed: [], alarms: [], motion: [], signals: [] };
}

/** Start, end, start, end… as spans. */
function spansOf(ends: readonly number[]): Span[] {
  const spans: Span[] = [];
  for (let at = 0; at + 1 < ends.length; at += 2) spans.push({ start: ends[at] ?? 0, end: ends[at + 1] ?? 0 });
  return spans;
}

export function lineOf(found: CameraTimeline): Line {
  const line = emptyLine(found.cameraId);
  line.recorded = spansOf(found.recorded);
  line.held = spansOf(found.held);
  line.gaps = found.gaps;
  for (const { kind, name, times, counts } of found.marks) {
    const marks = times.map((time, place) => ({ time, count: counts[place] ?? 1 }));
    if (kind === "read") line.reads = marks;
    else if (kind === "listed") line.listed = marks;
    else if (kind === "alarm") line.alarms.push(...marks.map((mark) => ({ ...mark, priority: PRIORITIES.find((one) => one === name) ?? "low" })));
    else if (name === "motion") line.motion = marks;
    else line.signals.push(...marks.map((mark) => ({ ...mark, name })));
  }
  return line;
}
