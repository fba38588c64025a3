/** What the timeline shows, and which stretch of time is in view. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";

import { api, type Camera, type Permit, take } from "../../api/client";
import { now } from "../../base/time";
import type { Bounds } from "../../video/recorded";
import { SPANS } from "./Controls";
import type { Deck } from "./deck";
import { emptyLine, type Line, lineOf } from "./lines";

const EDGE_REFETCH_MS = 15_000;
const DAY_MS = 86_400_000;
/** Views up to this long are asked for with their neighbours. */
const WITH_NEIGHBOURS_MS = 7 * DAY_MS;
/** Every step of the zoom, from a minute to a month. */
const ZOOMS = [60_000, 180_000, 10 * 60_000, 30 * 60_000, 2 * 3_600_000, 6 * 3_600_000, DAY_MS, 3 * DAY_MS, 7 * DAY_MS, 30 * DAY_MS];

/** The stretch that is asked for: the view and its neighbours, at borders that stay while the view moves a little. */
function windowOf(start: number, span: number): Bounds {
  if (span <= WITH_NEIGHBOURS_MS) return { from: (Math.floor(start / span) - 1) * span, to: (Math.floor(start / span) + 3) * span };
  const step = span / 40;
  const from = Math.floor(start / step) * step;
  return { from, to: from + span + step };
}

/** A line for every camera, in their order, also before the server has answered. */
export function useLines(cameras: readonly Camera[], permit: Permit, bounds: Bounds, start: number, span: number): { lines: Line[]; error: unknown; again: () => void } {
  const asked = windowOf(start, span);
  const from = Math.max(bounds.from, asked.from);
  const to = Math.min(bounds.to, asked.to);
  const ids = cameras.map((camera) => camera.id);
  const found = useQuery({
    queryKey: ["timeline", ids, permit.id, from, to],
    queryFn: () => take(api.GET("/api/timeline", { params: { query: { camera: ids, from: new Date(from).toISOString(), to: new Date(to).toISOString(), permit: permit.id } } })),
    enabled: ids.length > 0 && to > from,
    // Asking is on the audit record, so only a view that reaches the present asks again.
    refetchInterval: to > now() ? EDGE_REFETCH_MS : false,
    placeholderData: keepPreviousData,
  });
  const lines = useMemo(() => {
    const known = new Map(found.data?.cameras.map((line) => [line.cameraId, lineOf(line)]));
    return cameras.map((camera) => known.get(camera.id) ?? emptyLine(camera.id));
  }, [cameras, found.data]);
  return { lines, error: found.error, again: () => void found.refetch() };
}

export interface TimelineWindow {
  span: number;
  start: number;
  zoomTo: (span: number, around?: number) => void;
  pan: (start: number) => void;
  zoomBy: (by: number, around: number) => void;
}

/** The timeline's left edge: it turns the page when the cursor leaves, and stays where a hand has moved it. */
export function useView(deck: Deck): TimelineWindow {
  const [span, setSpan] = useState<number>(SPANS[1]);
  const [start, setStart] = useState(() => deck.cursor - SPANS[1] * 0.6);
  const inside = useRef(true);
  useEffect(() => {
    const look = () => {
      const place = (deck.cursor - start) / span;
      const seen = place >= 0 && place <= 1;
      if (inside.current && !seen) setStart(deck.cursor - span * (place > 1 ? 0.1 : 0.9));
      inside.current = seen;
    };
    look();
    return deck.shown.watch(look);
  }, [deck, start, span]);
  const zoomTo = (next: number, around = deck.cursor) => {
    const place = around === deck.cursor ? 0.6 : (around - start) / span;
    setSpan(next);
    setStart(around - next * place);
    inside.current = around === deck.cursor;
  };
  const pan = (next: number) => {
    inside.current = false;
    setStart(Math.min(next, now() - span * 0.1));
  };
  const zoomBy = (by: number, around: number) => {
    const at = ZOOMS.findIndex((one) => one >= span);
    zoomTo(ZOOMS[Math.max(0, Math.min(ZOOMS.length - 1, at + by))] ?? SPANS[1], around);
  };
  return { span, start, zoomTo, pan, zoomBy };
}
