import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Camera, Gap } from "../../api/client";
import { Store, useStore } from "../../base/store";
import { clock } from "../../base/time";
import { useSentence } from "../../parts/Problem";
import { type Bounds, RecordedPlayer, type RecordedState } from "../../video/recorded";
import type { Deck } from "./deck";
import { useGapWords } from "./words";

const IDLE = new Store<RecordedState>({ status: "idle", error: null, mime: "" });
const NOTHING = new Store(0);
/** A picture further from the clock than this is not in step; longer than a frame of 10 a second. */
const IN_STEP_MS = 140;

export interface PlaybackTileProps {
  deck: Deck;
  camera: Camera;
  stream: "main" | "sub";
  permit: string;
  bounds: Bounds;
  gaps: readonly Gap[];
  focused: boolean;
  onFocus: () => void;
}

/** One camera's recording at the deck's moment, or the sentence that says why there is no picture. */
export function PlaybackTile({ deck, camera, stream, permit, bounds, gaps, focused, onFocus }: PlaybackTileProps) {
  const { t } = useTranslation();
  const video = useRef<HTMLVideoElement>(null);
  const [player, setPlayer] = useState<RecordedPlayer | null>(null);
  const has = camera.streams.some((one) => one.name === stream);
  const name = has ? stream : (camera.streams[0]?.name ?? "main");
  const { from, to } = bounds;
  useEffect(() => {
    if (video.current === null) return;
    const made = new RecordedPlayer(video.current, camera.id, name, permit, { from, to }, deck.cursor);
    setPlayer(made);
    return deck.add(made);
  }, [deck, camera.id, name, permit, from, to]);
  const state = useStore(player?.state ?? IDLE);
  const visible = state.status === "ready" || state.status === "loading";
  return (
    <figure className={focused ? "tile sel" : "tile"} data-camera={camera.id} data-status={state.status} aria-label={`${camera.id} ${camera.name}`}>
      <video ref={video} className={visible ? undefined : "none"} muted playsInline disablePictureInPicture tabIndex={-1} aria-hidden="true" />
      <Middle state={state} deck={deck} gaps={gaps} />
      <button type="button" className="cover" aria-label={t("playback.focus", { camera: camera.id })} aria-pressed={focused} onClick={onFocus} />
      <figcaption className="ov t">
        <span className="nm">{camera.id}</span>
        <span className="pc">{camera.name}</span>
        <span className="sp" />
        {visible && player !== null ? <Step deck={deck} player={player} /> : null}
      </figcaption>
      <div className="ov bt">
        <span className="sp" />
        {player === null ? null : <MomentText deck={deck} player={player} visible={visible} />}
      </div>
    </figure>
  );
}

/** `Sync` while the picture on the glass is that of the clock. */
function Step({ deck, player }: { deck: Deck; player: RecordedPlayer }) {
  const { t } = useTranslation();
  const shown = useStore(deck.shown);
  const glass = useStore(player.onGlass);
  const { rate, driftMs } = useStore(deck.state);
  if (driftMs === null || glass === 0 || Math.abs(glass - shown) > IN_STEP_MS * Math.max(1, rate)) return null;
  return <span className="st">{t("playback.inStepShort")}</span>;
}

/** When the picture on the glass was taken; the clock's moment where there is none. */
function MomentText({ deck, player, visible }: { deck: Deck; player: RecordedPlayer; visible: boolean }) {
  const shown = useStore(deck.shown);
  const glass = useStore(visible ? player.onGlass : NOTHING);
  const wall = glass === 0 ? shown : glass;
  return (
    <time data-glass={glass} data-clock={shown}>
      {clock(wall)}.{String(Math.floor((wall % 1000) / 10)).padStart(2, "0")}
    </time>
  );
}

function Middle({ state, deck, gaps }: { state: RecordedState; deck: Deck; gaps: readonly Gap[] }) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const words = useGapWords();
  const shown = useStore(deck.shown);
  if (state.status === "codec")
    return (
      <div className="mid">
        <b>{t("tile.codec")}</b>
        <span>{t("tile.codecWhat", { codec: state.mime })}</span>
      </div>
    );
  if (state.status === "refused")
    return (
      <div className="mid">
        <b>{t("playback.refused")}</b>
        <span>{sentence(state.error)}</span>
      </div>
    );
  if (state.status === "loading" || state.status === "idle")
    return (
      <div className="mid late">
        <b>{t("playback.loading")}</b>
      </div>
    );
  if (state.status !== "hole") return null;
  const gap = gaps.find((one) => shown >= one.start - 100 && (one.end == null || shown < one.end));
  return (
    <div className="mid">
      <b>{t("playback.noRecording")}</b>
      {gap === undefined ? null : <span>{words(gap)}</span>}
    </div>
  );
}
