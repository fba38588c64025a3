/** The row of controls above the timeline: frame, five seconds, play, speed, time, span. */

import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { saveSettings, settings } from "../../base/settings";
import { useStore } from "../../base/store";
import { clock, longDay, parseMoment, utcClock, zoneName } from "../../base/time";
import { Icon, type IconName } from "../../parts/Icon";
import { type Deck, RATES } from "./deck";

export const SPANS = [10 * 60_000, 30 * 60_000, 6 * 3_600_000, 24 * 3_600_000] as const;
export type SpanMs = (typeof SPANS)[number];
export const SPAN_NAMES = ["tenMinutes", "thirtyMinutes", "sixHours", "day"] as const;

const RATE_TEXT: Record<number, string> = { 0.25: "¼×", 0.5: "½×", 1: "1×", 2: "2×", 4: "4×", 8: "8×", 16: "16×" };

export interface ControlsProps {
  deck: Deck;
  fps: number;
  span: number;
  onSpan: (span: SpanMs) => void;
  onLive: () => void;
  onJump: (kind: "read" | "gap", by: 1 | -1) => void;
  goTo: React.RefObject<HTMLInputElement | null>;
}

export function Controls({ deck, fps, span, onSpan, onLive, onJump, goTo }: ControlsProps) {
  const { t } = useTranslation();
  const state = useStore(deck.state);
  const skip = useStore(settings).skipGaps;
  return (
    <div className="row controls" role="toolbar" aria-label={t("screen.playback")}>
      <Square icon="stepb" name={t("playback.frameBack")} caps="," onClick={() => deck.frame(-1, fps)} />
      <Square icon="left" name={t("playback.fiveBack")} caps="←" onClick={() => deck.seek(deck.cursor - 5000)} />
      <button type="button" className="btn p sq play" aria-label={t(state.playing ? "playback.pause" : "playback.play")} title={`${t(state.playing ? "playback.pause" : "playback.play")} (Space)`} onClick={() => deck.toggle()}>
        <Icon name={state.playing ? "pause" : "play"} />
      </button>
      <Square icon="right" name={t("playback.fiveOn")} caps="→" onClick={() => deck.seek(deck.cursor + 5000)} />
      <Square icon="stepf" name={t("playback.frameOn")} caps="." onClick={() => deck.frame(1, fps)} />
      <div className="seg" role="group" aria-label={t("playback.speed")}>
        {RATES.map((rate) => (
          <button key={rate} type="button" aria-pressed={state.rate === rate} onClick={() => deck.setRate(rate)}>
            {RATE_TEXT[rate]}
          </button>
        ))}
      </div>
      <GoTo deck={deck} field={goTo} />
      <button type="button" className="btn hide-s" aria-pressed={skip} onClick={() => saveSettings({ skipGaps: !skip })}>
        <Icon name="cut" />
        {t("playback.skipGaps")}
      </button>
      <span className="sp" />
      <div className="seg hide-m" role="group" aria-label={t("playback.reads")}>
        <button type="button" title={`${t("keys.do.previousRead")} (Shift J)`} aria-label={t("keys.do.previousRead")} onClick={() => onJump("read", -1)}>
          <Icon name="left" size="sm" />
        </button>
        <button type="button" title={`${t("keys.do.nextRead")} (J)`} onClick={() => onJump("read", 1)}>
          {t("playback.read")}
          <Icon name="right" size="sm" />
        </button>
      </div>
      <div className="seg hide-s" role="group" aria-label={t("playback.gaps")}>
        <button type="button" title={`${t("keys.do.previousGap")} (Shift N)`} aria-label={t("keys.do.previousGap")} onClick={() => onJump("gap", -1)}>
          <Icon name="left" size="sm" />
        </button>
        <button type="button" title={`${t("keys.do.nextGap")} (N)`} onClick={() => onJump("gap", 1)}>
          {t("playback.gapShort")}
          <Icon name="right" size="sm" />
        </button>
      </div>
      <div className="seg" role="group" aria-label={t("playback.span")}>
        {SPANS.map((one, index) => (
          <button key={one} type="button" aria-pressed={span === one} title={`(${index + 1})`} onClick={() => onSpan(one)}>
            {t(`playback.spans.${SPAN_NAMES[index]}`)}
          </button>
        ))}
      </div>
      <button type="button" className="btn" onClick={onLive}>
        {t("tile.live")}
        <kbd>L</kbd>
      </button>
    </div>
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
  const { t, i18n } = useTranslation();
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
      <span className="dim nw hide-s">
        {longDay(shown, i18n.language)} · {zoneName(shown)} · {utcClock(shown)} UTC
      </span>
      {wrong ? (
        <span className="warn nw" role="alert">
          {t("playback.goToWrong")}
        </span>
      ) : null}
    </form>
  );
}
