import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Camera, Gap } from "../../api/client";
import { Store, useStore } from "../../base/store";
import { clock } from "../../base/time";
import { useSentence } from "../../parts/Problem";
import { type Bounds, RecordedPlayer, type RecordedState } from "../../video/recorded";
import type { Deck } from "./deck";
import { useGapWords } from "./TimelineView";

const IDLE = new Store<RecordedState>({ status: "idle", error: null, mime: "" });

export interface PlaybackTileProps {
  deck: Deck;
  camera: Camera;
  stream: "main" | "sub";
  permit: string;
  bounds: Bounds;
  gaps: readonly Gap[];
  leads: boolean;
}

/** One camera's recording at the deck's moment, or the sentence that says why there is no picture. */
export function PlaybackTile({ deck, camera, stream, permit, bounds, gaps, leads }: PlaybackTileProps) {
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
    <figure className={leads ? "tile sel" : "tile"} data-camera={camera.id} aria-label={`${camera.id} ${camera.name}`}>
      <video ref={video} className={visible ? undefined : "none"} muted playsInline disablePictureInPicture tabIndex={-1} aria-hidden="true" />
      <Middle state={state} deck={deck} gaps={gaps} />
      <figcaption className="ov t">
        <span className="nm">{camera.id}</span>
        <span className="pc">{camera.name}</span>
        <span className="sp" />
      </figcaption>
      <div className="ov bt">
        <span className="sp" />
        <MomentText deck={deck} />
      </div>
    </figure>
  );
}

function MomentText({ deck }: { deck: Deck }) {
  const shown = useStore(deck.shown);
  return (
    <time>
      {clock(shown)}.{String(Math.floor((shown % 1000) / 10)).padStart(2, "0")}
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
  const gap = gaps.find((one) => shown >= Date.parse(one.start) - 100 && (one.end == null || shown < Date.parse(one.end)));
  return (
    <div className="mid">
      <b>{t("playback.noRecording")}</b>
      {gap === undefined ? null : <span>{words(gap)}</span>}
    </div>
  );
}
