/** The row of controls above the timeline: frame, five seconds, play, speed, time, span. */

import { type FormEvent, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Camera } from "../../api/client";
import { saveSettings, settings } from "../../base/settings";
import { useStore } from "../../base/store";
import { lightAt, nextTurn, spotOf } from "../../base/sun";
import { clock, longDay, parseMoment, shortClock, utcClock, zoneName, zoneOf } from "../../base/time";
import { Icon, type IconName } from "../../parts/Icon";
import { type Deck, RATES } from "./deck";
import type { JumpKind, Jumps } from "./jumps";
import type { SaveStill } from "./stills";

/** A frame of 25 a second: pictures nearer than this are in step. */
const FRAME_MS = 40;
const HOUR_MS = 3_600_000;
export const SPANS = [10 * 60_000, 30 * 60_000, 6 * HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS, 30 * 24 * HOUR_MS] as const;
export type SpanMs = (typeof SPANS)[number];
export const SPAN_NAMES = ["tenMinutes", "thirtyMinutes", "sixHours", "day", "week", "month"] as const;

const RATE_TEXT: Record<number, string> = { 0.25: "¼×", 0.5: "½×", 1: "1×", 2: "2×", 4: "4×", 8: "8×", 16: "16×" };

export interface ControlsProps {
  deck: Deck;
  leader: Camera | undefined;
  span: number;
  onSpan: (span: SpanMs) => void;
  onLive: () => void;
  jumps: Jumps;
  still: SaveStill;
  goTo: React.RefObject<HTMLInputElement | null>;
}

export function Controls({ deck, leader, span, onSpan, onLive, jumps, still, goTo }: ControlsProps) {
  const { t } = useTranslation();
  const state = useStore(deck.state);
  const skip = useStore(settings).skipGaps;
  return (
    <div className="row controls" role="toolbar" aria-label={t("screen.playback")}>
      <Square icon="stepb" name={t("playback.frameBack")} caps="," onClick={() => deck.frame(-1)} />
      <Square icon="left" name={t("playback.fiveBack")} caps="←" onClick={() => deck.seek(deck.cursor - 5000)} />
      <button type="button" className="btn p sq play" aria-label={t(state.playing ? "playback.pause" : "playback.play")} title={`${t(state.playing ? "playback.pause" : "playback.play")} (Space)`} onClick={() => deck.toggle()}>
        <Icon name={state.playing ? "pause" : "play"} />
      </button>
      <Square icon="right" name={t("playback.fiveOn")} caps="→" onClick={() => deck.seek(deck.cursor + 5000)} />
      <Square icon="stepf" name={t("playback.frameOn")} caps="." onClick={() => deck.frame(1)} />
      <div className="seg" role="group" aria-label={t("playback.speed")}>
        {RATES.map((rate) => (
          <button key={rate} type="button" aria-pressed={state.rate === rate} onClick={() => deck.setRate(rate)}>
            {RATE_TEXT[rate]}
          </button>
        ))}
      </div>
      <GoTo deck={deck} field={goTo} />
      <TownTime deck={deck} leader={leader} />
      <button type="button" className="btn hide-s" aria-pressed={skip} title={`${t("playback.skipGaps")} (S)`} onClick={() => saveSettings({ skipGaps: !skip })}>
        <Icon name="cut" />
        {t("playback.skipGaps")}
      </button>
      <button type="button" className="btn sq" disabled={still.pending || leader === undefined} aria-label={t("playback.saveStill")} title={`${t("playback.saveStill")} (P)`} onClick={() => void still.save()}>
        <Icon name="pic" />
      </button>
      <span className="sp" />
      <JumpPair jumps={jumps} kind="read" caps="J" />
      <JumpPair jumps={jumps} kind="alarm" caps="M" />
      <JumpPair jumps={jumps} kind="gap" caps="N" />
      <div className="seg" role="group" aria-label={t("playback.span")}>
        {SPANS.map((one, index) => (
          <button key={one} type="button" aria-pressed={span === one} title={`(${index + 1})`} onClick={() => onSpan(one)}>
            {t(`playback.spans.${SPAN_NAMES[index]}`)}
          </button>
        ))}
      </div>
      <button type="button" className="btn" onClick={onLive}>
        {t("tile.live")}
        <kbd className="hide-s">L</kbd>
      </button>
    </div>
  );
}

const JUMP_NAMES = {
  read: ["previousRead", "nextRead", "playback.read", "plate"],
  alarm: ["previousAlarm", "nextAlarm", "playback.alarm", "bell"],
  gap: ["previousGap", "nextGap", "playback.gapShort", "cut"],
} as const;

function JumpPair({ jumps, kind, caps }: { jumps: Jumps; kind: JumpKind; caps: string }) {
  const { t } = useTranslation();
  const [back, on, name, icon] = JUMP_NAMES[kind];
  const none = (by: 1 | -1) => jumps.nothing?.kind === kind && jumps.nothing.by === by;
  const title = (by: 1 | -1, does: string, keys: string) => (none(by) ? t("playback.nothingMore") : `${t(`keys.do.${does}`)} (${keys})`);
  return (
    <div className="seg jump hide-m" role="group" aria-label={t(name)}>
      <button type="button" title={title(-1, back, `Shift ${caps}`)} aria-label={t(`keys.do.${back}`)} onClick={() => jumps.go(kind, -1)}>
        <Icon name="left" size="sm" />
      </button>
      <button type="button" className={none(1) ? "dim" : undefined} title={title(1, on, caps)} aria-label={t(`keys.do.${on}`)} onClick={() => jumps.go(kind, 1)}>
        <Icon name={icon} size="sm" />
        <Icon name="right" size="sm" />
      </button>
    </div>
  );
}

/** How far the pictures are apart; only where there are several. */
export function InStep({ deck }: { deck: Deck }) {
  const { t } = useTranslation();
  const { driftMs, playing, rate, waiting } = useStore(deck.state);
  if (driftMs === null) return null;
  const loose = driftMs > FRAME_MS * Math.max(1, rate);
  const text = waiting ? t("playback.waitsForAll") : loose ? t("playback.outOfStep", { ms: driftMs }) : t("playback.inStep", { ms: driftMs });
  return (
    <span className={loose && playing ? "tag warn nw" : "tag nw"} data-drift={driftMs} title={t("playback.inStepHint")}>
      {text}
    </span>
  );
}

/** The town's own time with UTC beside, and what the sun does there. */
function TownTime({ deck, leader }: { deck: Deck; leader: Camera | undefined }) {
  const { t, i18n } = useTranslation();
  const shown = Math.floor(useStore(deck.shown) / 1000) * 1000;
  const spot = useMemo(() => spotOf(leader), [leader]);
  const minute = Math.floor(shown / 60_000) * 60_000;
  const sun = useMemo(() => {
    if (spot === null) return "";
    const turn = nextTurn(minute, spot);
    const light = t(`sun.${lightAt(minute, spot)}`);
    return turn === null ? light : `${light}, ${t(`sun.${turn.kind}`, { time: shortClock(turn.at) })}`;
  }, [spot, minute, t]);
  return (
    <span className="town-time hide-m" title={`${zoneOf(leader?.town)} · ${sun}`}>
      <span className="nw">
        <span className="hide-s">{longDay(shown, i18n.language)} · </span>
        {zoneName(shown)} · {utcClock(shown)} UTC
      </span>
      {sun === "" ? null : <span className="dim nw">{sun}</span>}
    </span>
  );
}

function Square({ icon, name, caps, onClick }: { icon: IconName; name: string; caps: string; onClick: () => void }) {
  return (
    <button type="button" className="btn sq" aria-label={name} title={`${name} (${caps})`} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}

function GoTo({ deck, field }: { deck: Deck; field: React.RefObject<HTMLInputElement | null> }) {
  const { t } = useTranslation();
  const shown = useStore(deck.shown);
  const [typed, setTyped] = useState<string | null>(null);
  const [wrong, setWrong] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wall = parseMoment(typed ?? "", deck.cursor);
    setWrong(!Number.isFinite(wall));
    if (!Number.isFinite(wall)) return;
    deck.seek(wall);
    field.current?.blur();
  };
  return (
    <form ref={form} className="row goto" onSubmit={submit}>
      <input
        ref={field}
        className="in time"
        aria-label={t("playback.goTo")}
        title={`${t("playback.goToHint")} (T)`}
        aria-invalid={wrong}
        autoComplete="off"
        value={typed ?? clock(shown)}
        onFocus={(event) => {
          setTyped(clock(shown));
          event.currentTarget.select();
        }}
        onChange={(event) => {
          setTyped(event.target.value);
          setWrong(false);
        }}
        onKeyDown={(event) => event.key === "Escape" && field.current?.blur()}
        onBlur={() => {
          setTyped(null);
          setWrong(false);
        }}
      />
      {wrong ? (
        <span className="warn nw" role="alert">
          {t("playback.goToWrong")}
        </span>
      ) : null}
    </form>
  );
}
