/** Playback: up to nine recordings on one clock, under a permit. */

import { useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Camera, Permit } from "../../api/client";
import { may, useAlarm, useCameras } from "../../api/queries";
import { useKeys } from "../../base/keys";
import { saveSettings, settings } from "../../base/settings";
import { useStore } from "../../base/store";
import { now } from "../../base/time";
import { Empty, Problem } from "../../parts/Problem";
import { PermitBar } from "../../permits/PermitBar";
import { PURPOSES, REVIEW, usePlaybackPermit } from "../../permits/permits";
import type { Bounds } from "../../video/recorded";
import { CameraPicker, MOST_CAMERAS } from "./CameraPicker";
import { Controls, InStep, SPANS, type SpanMs } from "./Controls";
import { Deck, WHOLE_RATE } from "./deck";
import { type Jumps, useJumps } from "./jumps";
import { PlaybackTile } from "./PlaybackTile";
import { type Selection, useSelection } from "./selection";
import { SidePanel } from "./SidePanel";
import { type SaveStill, useSaveStill } from "./stills";
import { useLines, useView } from "./timeline";
import { TimelineView } from "./TimelineView";

/** A review permit shows 15 minutes before and after its alarm (docs/design/0002); a second less, for its bounds are finer than ours. */
const REVIEW_AROUND_MS = 15 * 60_000 - 1000;
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
        <Desk key={`${under.permit.id} ${bounds.from}`} cameras={shown} all={cameras.data ?? []} permit={under.permit} bounds={bounds} at={search.at} />
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

interface DeskProps {
  cameras: readonly Camera[];
  all: readonly Camera[];
  permit: Permit;
  bounds: Bounds;
  at: string | undefined;
}

function gridOf(count: number): string {
  if (count > 4) return "g9";
  return count > 2 ? "g4" : count === 2 ? "g2" : "g1";
}

function Desk({ cameras, all, permit, bounds, at }: DeskProps) {
  const { t } = useTranslation();
  const [chosenStream, setStream] = useState<"main" | "sub">("main");
  const [focused, setFocused] = useState("");
  const [everyCamera, setEveryCamera] = useState(false);
  const [exporting, setExporting] = useState(false);
  const deck = useDeck(at, bounds);
  // No desk decodes sixteen times a main stream: what flies past is shown by the small one.
  const stream = useStore(deck.state).rate > WHOLE_RATE ? "sub" : chosenStream;
  const view = useView(deck);
  const goTo = useRef<HTMLInputElement>(null);
  const rows = useMemo(() => (everyCamera ? [...cameras, ...all.filter((camera) => !cameras.some((one) => one.id === camera.id))] : cameras), [everyCamera, cameras, all]);
  const { lines, error, again } = useLines(rows, permit, bounds, view.start, view.span);
  const leader = cameras.find((camera) => camera.id === focused) ?? cameras[0];
  useBeyond(deck, lines.find((line) => line.cameraId === leader?.id)?.recorded ?? []);
  useEffect(() => deck.lead(leader?.id ?? ""), [deck, leader?.id]);
  const jumps = useJumps(deck, cameras, permit, bounds);
  const selection = useSelection(deck, bounds);
  const still = useSaveStill(deck, leader, stream, permit);
  const onExport = () => {
    if (!may("exports.order")) return;
    if (selection.span === null) selection.end();
    setExporting(true);
  };
  const live = () => {
    deck.setRate(1);
    deck.seek(deck.edge());
    if (!deck.state.get().playing) deck.toggle();
  };
  usePlaybackKeys({ deck, jumps, selection, still, live, zoomTo: view.zoomTo, goTo, onExport });
  return (
    <>
      <div className="stage">
        <CameraPicker chosen={cameras} stream={stream} onStream={setStream}>
          <InStep deck={deck} />
        </CameraPicker>
        <div className={`grid ${gridOf(cameras.length)}`}>
          {cameras.map((camera) => (
            <PlaybackTile key={camera.id} deck={deck} camera={camera} stream={stream} permit={permit.id} bounds={bounds} gaps={lines.find((line) => line.cameraId === camera.id)?.gaps ?? []} focused={camera === leader && cameras.length > 1} onFocus={() => setFocused(camera.id)} />
          ))}
        </div>
      </div>
      <SidePanel deck={deck} lines={lines} cameras={cameras} permit={permit} selection={selection} exporting={exporting} onExport={setExporting} />
      <section className="panel deck">
        <Controls deck={deck} leader={leader} span={view.span} onSpan={view.zoomTo} onLive={live} jumps={jumps} still={still} goTo={goTo} />
        <Problem error={error ?? jumps.error ?? still.error} onRetry={again} />
        {still.saved === null ? null : (
          <p className="note" role="status">
            <span className="any">{t("playback.stillSaved", { camera: still.saved.camera, time: still.saved.time, sha256: still.saved.sha256 })} {t(still.saved.hidden ? "playback.stillHidden" : "playback.stillPlain")}</span>
          </p>
        )}
        <TimelineView deck={deck} lines={lines} cameras={rows} leader={leader} permit={permit} bounds={bounds} view={view} selection={selection.span} everyCamera={everyCamera} onEveryCamera={() => setEveryCamera(!everyCamera)} />
      </section>
    </>
  );
}

/** Tell the deck where the leading camera's recording goes on, before and behind a moment. */
function useBeyond(deck: Deck, runs: readonly { start: number; end: number }[]) {
  const skip = useStore(settings).skipGaps;
  useEffect(() => {
    deck.learn(skip, (wall, by) => {
      const there = by === 1 ? runs.find((run) => run.end > wall) : runs.findLast((run) => run.start < wall);
      if (there === undefined) return null;
      return by === 1 ? Math.max(wall, there.start) : Math.min(wall, there.end) - 1;
    });
  }, [deck, runs, skip]);
}

interface PlaybackKeys {
  deck: Deck;
  jumps: Jumps;
  selection: Selection;
  still: SaveStill;
  live: () => void;
  zoomTo: (span: SpanMs) => void;
  goTo: React.RefObject<HTMLInputElement | null>;
  onExport: () => void;
}

function usePlaybackKeys({ deck, jumps, selection, still, live, zoomTo, goTo, onExport }: PlaybackKeys): void {
  const spans = Object.fromEntries(SPANS.map((span, index) => [`Digit${index + 1}`, () => zoomTo(span)]));
  useKeys({
    ...spans,
    Space: () => deck.toggle(),
    ArrowLeft: () => deck.seek(deck.cursor - 5000),
    ArrowRight: () => deck.seek(deck.cursor + 5000),
    Comma: () => deck.frame(-1),
    Period: () => deck.frame(1),
    Minus: () => deck.stepRate(-1),
    Equal: () => deck.stepRate(1),
    KeyJ: () => jumps.go("read", 1),
    "Shift+KeyJ": () => jumps.go("read", -1),
    KeyM: () => jumps.go("alarm", 1),
    "Shift+KeyM": () => jumps.go("alarm", -1),
    KeyN: () => jumps.go("gap", 1),
    "Shift+KeyN": () => jumps.go("gap", -1),
    BracketLeft: () => selection.begin(),
    BracketRight: () => selection.end(),
    KeyE: onExport,
    KeyP: () => void still.save(),
    KeyS: () => saveSettings({ skipGaps: !settings.get().skipGaps }),
    KeyT: () => goTo.current?.focus(),
    KeyL: live,
  });
}
