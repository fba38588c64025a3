/** Playback: up to four recordings on one clock, under a permit. */

import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, type Camera, type CameraTimeline, type Permit, take } from "../../api/client";
import { useAlarm, useCameras } from "../../api/queries";
import { useKeys } from "../../base/keys";
import { saveSettings, settings } from "../../base/settings";
import { useStore } from "../../base/store";
import { now } from "../../base/time";
import { Empty, Problem } from "../../parts/Problem";
import { PermitBar } from "../../permits/PermitBar";
import { PURPOSES, REVIEW, usePlaybackPermit } from "../../permits/permits";
import type { Bounds } from "../../video/recorded";
import { CameraPicker } from "./CameraPicker";
import { Controls, SPANS, type SpanMs } from "./Controls";
import { Deck } from "./deck";
import { EventsPanel } from "./EventsPanel";
import { PlaybackTile } from "./PlaybackTile";
import { TimelineView } from "./TimelineView";

/** A review permit shows 15 minutes before and after its alarm (docs/design/0002); a second less, for its bounds are finer than ours. */
const REVIEW_AROUND_MS = 15 * 60_000 - 1000;
const MOST_CAMERAS = 4;
/** From this speed on the sub stream plays. */
const FAST_RATE = 8;
const EDGE_REFETCH_MS = 15_000;
const OPEN_BOUNDS: Bounds = { from: 0, to: 8.64e15 };

export function Playback() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/frame/playback" });
  const cameras = useCameras();
  const alarm = useAlarm(search.alarm).data;
  const chosen = (search.cameras?.split(",") ?? []).flatMap((id) => cameras.data?.filter((camera) => camera.id === id) ?? []).slice(0, MOST_CAMERAS);
  const reviewed = useReviewedAlarm(search.alarm);
  const under = usePlaybackPermit(search.alarm, t("permit.reviewGround"));
  const shown = chosen.length > 0 ? chosen : (cameras.data?.slice(0, 1) ?? []);
  const bounds = useBounds(under.permit, alarm?.time ?? reviewed);
  return (
    <main id="main" className="pbk">
      <PermitBar {...under} purposes={PURPOSES} why={t("permit.whyPlayback")} />
      {cameras.error !== null && cameras.data === undefined ? <Problem error={cameras.error} onRetry={() => void cameras.refetch()} /> : null}
      {under.permit === null || bounds === null ? (
        <section className="panel">
          <Empty title={t(under.pending ? "permit.asking" : "permit.nothingWithout")} hint={t("permit.whyPlayback")} />
        </section>
      ) : (
        <Desk key={`${under.permit.id} ${bounds.from}`} cameras={shown} permit={under.permit} bounds={bounds} at={search.at} />
      )}
    </main>
  );
}

function useReviewedAlarm(alarmId: string | undefined): string | undefined {
  const { permit } = usePlaybackPermit(alarmId, "");
  const found = useAlarm(alarmId === undefined && permit?.purpose === REVIEW ? permit.caseRef : undefined);
  return found.data?.time;
}

/** What the permit lets be seen; null while the alarm it reviews is on its way. */
function useBounds(permit: Permit | null, alarmTime: string | undefined): Bounds | null {
  return useMemo(() => {
    if (permit?.purpose !== REVIEW) return OPEN_BOUNDS;
    if (alarmTime === undefined) return null;
    const middle = Date.parse(alarmTime);
    return { from: middle - REVIEW_AROUND_MS, to: middle + REVIEW_AROUND_MS };
  }, [permit?.purpose, alarmTime]);
}

function firstMoment(at: string | undefined, bounds: Bounds): number {
  const asked = at === undefined ? now() - 60_000 : Date.parse(at);
  const wall = Number.isFinite(asked) ? asked : now() - 60_000;
  return Math.max(bounds.from, Math.min(bounds.to - 1000, wall));
}

function useDeck(at: string | undefined, bounds: Bounds): Deck {
  const [deck] = useState(() => new Deck(firstMoment(at, bounds)));
  const first = useRef(true);
  useEffect(() => {
    deck.setLimit(bounds.to);
    return deck.start();
  }, [deck, bounds.to]);
  useEffect(() => {
    if (!first.current && at !== undefined) deck.seek(firstMoment(at, bounds));
    else if (at !== undefined) deck.toggle();
    first.current = false;
  }, [deck, at, bounds]);
  return deck;
}

function useTimeline(cameras: readonly Camera[], permit: Permit, bounds: Bounds, start: number, span: number) {
  const from = Math.max(bounds.from, (Math.floor(start / span) - 1) * span);
  const to = Math.min(bounds.to, (Math.floor(start / span) + 3) * span);
  const ids = cameras.map((camera) => camera.id);
  return useQuery({
    queryKey: ["timeline", ids, permit.id, from, to],
    queryFn: () => take(api.GET("/api/timeline", { params: { query: { camera: ids, from: new Date(from).toISOString(), to: new Date(to).toISOString(), permit: permit.id } } })),
    enabled: ids.length > 0 && to > from,
    // Asking is on the audit record, so only a view that reaches the present asks again.
    refetchInterval: to > now() ? EDGE_REFETCH_MS : false,
    placeholderData: (old) => old,
  });
}

/** The timeline's left edge: it turns the page when the cursor leaves, and stays where a hand has moved it. */
function useView(deck: Deck) {
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
  const zoomTo = (next: number) => {
    setSpan(next);
    setStart(deck.cursor - next * 0.6);
    inside.current = true;
  };
  const pan = (next: number) => {
    inside.current = false;
    setStart(Math.min(next, now() - span * 0.1));
  };
  const zoomBy = (by: number) => {
    const at = SPANS.indexOf(span as SpanMs);
    zoomTo(SPANS[Math.max(0, Math.min(SPANS.length - 1, at + by))] ?? SPANS[1]);
  };
  return { span, start, zoomTo, pan, zoomBy };
}

function Desk({ cameras, permit, bounds, at }: { cameras: readonly Camera[]; permit: Permit; bounds: Bounds; at: string | undefined }) {
  const [chosenStream, setStream] = useState<"main" | "sub">("main");
  const deck = useDeck(at, bounds);
  // No desk decodes sixteen times a main stream: what flies past is shown by the small one.
  const stream = useStore(deck.state).rate >= FAST_RATE ? "sub" : chosenStream;
  const view = useView(deck);
  const goTo = useRef<HTMLInputElement>(null);
  const timeline = useTimeline(cameras, permit, bounds, view.start, view.span);
  const lines = useLines(cameras, timeline.data?.cameras);
  const jump = useDeckTimeline(deck, lines);
  const fps = cameras[0]?.streams.find((one) => one.name === stream)?.fps || 25;
  const live = () => {
    deck.setRate(1);
    deck.seek(deck.edge());
    if (!deck.state.get().playing) deck.toggle();
  };
  usePlaybackKeys({ deck, fps, jump, live, zoomTo: view.zoomTo, goTo });
  return (
    <>
      <div className="stage">
        <CameraPicker chosen={cameras} stream={stream} onStream={setStream} />
        <div className={`grid ${cameras.length > 2 ? "g4" : cameras.length === 2 ? "g2" : "g1"}`}>
          {cameras.map((camera, index) => (
            <PlaybackTile key={camera.id} deck={deck} camera={camera} stream={stream} permit={permit.id} bounds={bounds} gaps={lines[index]?.gaps ?? []} leads={index === 0 && cameras.length > 1} />
          ))}
        </div>
      </div>
      <EventsPanel deck={deck} lines={lines} />
      <section className="panel deck">
        <Controls deck={deck} fps={fps} span={view.span} onSpan={view.zoomTo} onLive={live} onJump={jump} goTo={goTo} />
        <Problem error={timeline.error} onRetry={() => void timeline.refetch()} />
        <TimelineView deck={deck} lines={lines} cameras={cameras} start={view.start} span={view.span} onPan={view.pan} onZoom={view.zoomBy} />
      </section>
    </>
  );
}

/** A line for every chosen camera, in their order, also before the server has answered. */
function useLines(cameras: readonly Camera[], found: readonly CameraTimeline[] | undefined): CameraTimeline[] {
  return useMemo(() => cameras.map((camera) => found?.find((line) => line.cameraId === camera.id) ?? { cameraId: camera.id, recorded: [], gaps: [], reads: [], alarms: [] }), [cameras, found]);
}

/** Tell the deck where recordings are; gives the jump to the next or previous read or gap. */
function useDeckTimeline(deck: Deck, lines: readonly CameraTimeline[]) {
  const skip = useStore(settings).skipGaps;
  useEffect(() => {
    deck.learn(skip, (wall) => {
      const starts = lines[0]?.recorded.flatMap((run) => (Date.parse(run.end) > wall ? [Math.max(wall, Date.parse(run.start))] : [])) ?? [];
      return starts.length === 0 ? null : Math.min(...starts);
    });
  }, [deck, lines, skip]);
  return (kind: "read" | "gap", by: 1 | -1) => {
    const times = lines.flatMap((line) => (kind === "read" ? line.reads.map((read) => read.time) : line.gaps.map((gap) => gap.start))).map((time) => Date.parse(time));
    const before = kind === "read" ? 1500 : 2500;
    const cursor = deck.cursor + before;
    const later = times.filter((time) => (by === 1 ? time > cursor + 50 : time < cursor - 900));
    if (later.length > 0) deck.seek((by === 1 ? Math.min(...later) : Math.max(...later)) - before);
  };
}

interface PlaybackKeys {
  deck: Deck;
  fps: number;
  jump: (kind: "read" | "gap", by: 1 | -1) => void;
  live: () => void;
  zoomTo: (span: SpanMs) => void;
  goTo: React.RefObject<HTMLInputElement | null>;
}

function usePlaybackKeys({ deck, fps, jump, live, zoomTo, goTo }: PlaybackKeys): void {
  const spans = Object.fromEntries(SPANS.map((span, index) => [`Digit${index + 1}`, () => zoomTo(span)]));
  useKeys({
    ...spans,
    Space: () => deck.toggle(),
    ArrowLeft: () => deck.seek(deck.cursor - 5000),
    ArrowRight: () => deck.seek(deck.cursor + 5000),
    Comma: () => deck.frame(-1, fps),
    Period: () => deck.frame(1, fps),
    Minus: () => deck.stepRate(-1),
    Equal: () => deck.stepRate(1),
    KeyJ: () => jump("read", 1),
    "Shift+KeyJ": () => jump("read", -1),
    KeyN: () => jump("gap", 1),
    "Shift+KeyN": () => jump("gap", -1),
    KeyS: () => saveSettings({ skipGaps: !settings.get().skipGaps }),
    KeyT: () => goTo.current?.focus(),
    KeyL: live,
  });
}
