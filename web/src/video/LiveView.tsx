/** A camera's live picture with its state in words, its recording sign and the wall time of what is seen. */

import { type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Camera, Priority, Stream } from "../api/client";
import { useSaid } from "../base/said";
import { settings } from "../base/settings";
import { Store, useStore } from "../base/store";
import { clock, length, now, useNow } from "../base/time";
import { Icon } from "../parts/Icon";
import { PriorityMark } from "../parts/marks";
import { canShow } from "./live";
import { canDecode } from "./packets";
import { hasPicture, leavePicture, type Picture, takeBridge, takePicture } from "./pictures";
import { LATE_S, type LiveState, type Player, type Way } from "./player";
import { canWebRtc } from "./whep";

const STEADY = new Store(false);
const IDLE = new Store<LiveState>({ status: "idle", problem: "", code: "", mime: "" });

/** The stream to show: the wanted one when this browser can, else the other; undefined when there is none at all. */
export function chooseStream(camera: Camera, wanted: "main" | "sub"): Stream | undefined {
  const named = (name: string) => camera.streams.find((stream) => stream.name === name);
  const first = named(wanted);
  const second = named(wanted === "main" ? "sub" : "main");
  if (first === undefined || second === undefined) return first ?? second;
  return !canShow(first.mime) && first.mime !== "" && canShow(second.mime) ? second : first;
}

const CODECS: Record<string, string> = { h264: "H.264", h265: "H.265", hevc: "H.265", av1: "AV1", mjpeg: "Motion JPEG" };

/** A codec as people write it. */
export function codecName(codec: string): string {
  return CODECS[codec.toLowerCase()] ?? codec;
}

/** False while the tab is hidden: nothing is fetched for eyes that are elsewhere. */
function useTabShown(): boolean {
  const [shown, setShown] = useState(!document.hidden);
  useEffect(() => {
    const tell = () => setShown(!document.hidden);
    document.addEventListener("visibilitychange", tell);
    return () => document.removeEventListener("visibilitychange", tell);
  }, []);
  return shown;
}

/** False while the element is scrolled out of the window. */
function useOnScreen(element: React.RefObject<HTMLElement | null>): boolean {
  const [seen, setSeen] = useState(true);
  useEffect(() => {
    if (element.current === null) return;
    const observer = new IntersectionObserver(([entry]) => setSeen(entry?.isIntersecting ?? true), { rootMargin: "200px" });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return seen;
}

/**
 * Shows a stream in `place`, as long as somebody may see it. The picture that was there before, or that another view of the
 * same camera has just given back, stays until the new one has something to show.
 */
function usePicture(place: React.RefObject<HTMLElement | null>, cameraId: string, stream: string | undefined, way: Way): Player | null {
  const [shown, setShown] = useState<Player | null>(null);
  const tab = useTabShown();
  const seen = useOnScreen(place);
  const wanted = tab && seen;
  useLayoutEffect(() => {
    const box = place.current;
    if (box === null || stream === undefined || !wanted) return;
    const picture = takePicture(cameraId, stream, way);
    const before = takeBridge(cameraId, picture);
    const put = (each: Picture) => each.player.element.parentElement === box || box.append(each.player.element);
    let dropBridge = () => {};
    const look = () => {
      const ready = hasPicture(picture) || before === null;
      picture.player.element.classList.toggle("none", !hasPicture(picture));
      if (ready) dropBridge();
      setShown(ready ? picture.player : before.player);
    };
    if (before !== null) {
      put(before);
      dropBridge = () => {
        dropBridge = () => {};
        before.player.element.remove();
        leavePicture(before);
      };
    }
    put(picture);
    const forget = picture.player.state.watch(look);
    look();
    return () => {
      forget();
      dropBridge();
      leavePicture(picture);
      // Whoever comes next in this step may take it on; else it goes.
      queueMicrotask(() => !picture.taken && picture.player.element.parentElement === box && picture.player.element.remove());
    };
  }, [place, cameraId, stream, way, wanted]);
  return shown;
}

/**
 * The way for a view: tiles by MSE, one large picture by WebCodecs where the page may, and by WebRTC where the line loses
 * packets (the operator says so, or the picture stumbles again and again). What this browser cannot do is not tried twice.
 */
function useWay(cameraId: string, large: boolean): [Way, (way: Way) => void, () => void] {
  const line = useStore(settings).line;
  const [found, setFound] = useState<{ camera: string; failed: Way[]; lossy: boolean }>({ camera: cameraId, failed: [], lossy: false });
  const here = found.camera === cameraId ? found : { camera: cameraId, failed: [], lossy: false };
  const failed = useCallback((way: Way) => setFound((old) => ({ camera: cameraId, failed: [...(old.camera === cameraId ? old.failed : []), way], lossy: old.camera === cameraId && old.lossy })), [cameraId]);
  const lossy = useCallback(() => setFound((old) => (old.camera === cameraId ? { ...old, lossy: true } : { camera: cameraId, failed: [], lossy: true })), [cameraId]);
  const can = (way: Way, able: boolean) => large && able && !here.failed.includes(way);
  if ((line === "lossy" || here.lossy) && can("webrtc", canWebRtc())) return ["webrtc", failed, lossy];
  return [can("packets", canDecode()) ? "packets" : "mse", failed, lossy];
}

export interface LiveViewProps {
  camera: Camera;
  wanted: "main" | "sub";
  alarm?: Priority | undefined;
  /** Extra words at the right of the title line. */
  note?: ReactNode;
  detail?: boolean;
}

/** What fills a `.tile`: the picture, the state and both lines. The tile itself belongs to the caller. */
export function LiveView({ camera, wanted, alarm, note, detail }: LiveViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const stream = chooseStream(camera, wanted);
  const [way, failed, lossy] = useWay(camera.id, detail === true && wanted === "main");
  const player = usePicture(place, camera.id, stream?.name, way);
  const live = useStore(player?.state ?? IDLE);
  const unsteady = useStore(player?.unsteady ?? STEADY);
  const recording = camera.streams.some((one) => one.recording);
  useEffect(() => {
    if (live.status === "codec" && player !== null && player.way !== "mse") failed(player.way);
    else if (unsteady) lossy();
  }, [live.status, player, unsteady, failed, lossy]);
  // What the recorder says counts before what this browser hears: it knows why.
  const status = stream?.status === "offline" ? "offline" : live.status;
  return (
    <>
      <div ref={place} className={status === "stale" ? "pics old" : status === "live" ? "pics" : "pics none"} aria-hidden="true" />
      <Middle camera={camera} status={status} live={live} stream={stream} />
      <figcaption className="ov t">
        <span className="nm">{camera.id}</span>
        <span className="pc">{camera.name}</span>
        <span className="sp" />
        {note}
        {status === "live" || status === "stale" ? <MaskMark count={camera.masks} /> : null}
        <PauseMark camera={camera} />
        <StatusMark status={status} player={player} quiet={alarm !== undefined} />
        {alarm === undefined ? null : <PriorityMark priority={alarm} chip />}
      </figcaption>
      <div className="ov bt">
        <RecordMark recording={recording} />
        {detail && stream ? <StreamFacts stream={stream} /> : null}
        {player?.way === "webrtc" ? <span className="pc">WebRTC</span> : null}
        <span className="sp" />
        <PictureClock player={player} stream={stream} status={status} />
      </div>
    </>
  );
}

/** What is grey in the picture is a mask, and no fault of the camera. */
function MaskMark({ count }: { count: number }) {
  const { t } = useTranslation();
  if (count === 0) return null;
  return (
    <span className="st" title={t("tile.underMask")}>
      <Icon name="mask" />
      {t("tile.masks", { count })}
    </span>
  );
}

function PauseMark({ camera: { paused } }: { camera: Camera }) {
  const { t } = useTranslation();
  if (paused == null) return null;
  return (
    <span className="st w">
      <Icon name="warn" />
      {t(`tile.paused.${paused.cause}`)}
    </span>
  );
}

function RecordMark({ recording }: { recording: boolean }) {
  const { t } = useTranslation();
  return <span className={recording ? "rec" : "rec no"}>{t(recording ? "tile.rec" : "tile.notRec")}</span>;
}

function StreamFacts({ stream }: { stream: Stream }) {
  const { t } = useTranslation();
  const facts = [`${stream.width} × ${stream.height}`, codecName(stream.codec), t("fps", { value: Math.round(stream.fps) }), t("mbps", { value: (stream.bitrateBps / 1e6).toFixed(1) })];
  return <span className="pc">{facts.join(" · ")}</span>;
}

function StatusMark({ status, player, quiet }: { status: LiveState["status"]; player: Player | null; quiet: boolean }) {
  const { t } = useTranslation();
  useNow();
  const age = player?.age();
  const late = status === "live" && age !== null && age !== undefined && age > LATE_S;
  if (status === "live" && !late) return quiet ? null : <span className="st lv">{t("tile.live")}</span>;
  if (status === "stale" || late) {
    return (
      <span className="st w">
        <Icon name="clock" />
        {age === null || age === undefined ? t("tile.stale") : t("tile.pictureOld", { age: length(age * 1000) })}
      </span>
    );
  }
  if (status === "offline")
    return (
      <span className="st x">
        <Icon name="camoff" />
        {t("tile.offline")}
      </span>
    );
  return status === "starting" || status === "idle" ? <span className="st lv">{t("tile.starting")}</span> : null;
}

function Middle({ camera, status, live, stream }: { camera: Camera; status: LiveState["status"]; live: LiveState; stream: Stream | undefined }) {
  const { t, i18n } = useTranslation();
  const said = useSaid();
  const at = useNow();
  const since = stream?.since == null ? at : Date.parse(stream.since);
  if (stream === undefined) return <Message title={t("tile.noStream")} />;
  if (status === "offline") {
    const sinceText = t("tile.offlineSince", { time: clock(since) });
    const problem = i18n.exists(`problem.${live.code}`) ? t(`problem.${live.code}`) : live.problem;
    return <Message icon title={t("tile.offlineFor", { length: length(Math.max(0, at - since)) })} lines={[said(stream.problemCode, stream.problemFacts) || stream.problem || problem || sinceText, sinceText]} />;
  }
  if (status === "codec") return <Message title={t("tile.codec")} lines={[t("tile.codecWhat", { codec: codecName(stream.codec) || live.mime })]} />;
  if (status === "barred") return <Message icon title={t(camera.standing === "missing" ? "tile.barred" : "tile.notShown")} lines={[t(camera.paused?.covered ? "tile.barredMoved" : camera.standing === "no-live" ? "tile.barredLate" : "tile.barredWhat")]} />;
  if (status === "forbidden") return <Message title={t("tile.forbidden")} />;
  if (status === "missing") return <Message title={t("tile.noStream")} />;
  if (status === "starting") return <Message title={t("tile.opening")} />;
  return null;
}

function Message({ title, lines = [], icon }: { title: string; lines?: string[]; icon?: boolean }) {
  return (
    <div className="mid">
      {icon ? <Icon name="camoff" size="lg" /> : null}
      <b>{title}</b>
      {[...new Set(lines)].map((line) => (
        <span key={line}>{line}</span>
      ))}
    </div>
  );
}

function PictureClock({ player, stream, status }: { player: Player | null; stream: Stream | undefined; status: LiveState["status"] }) {
  const { t } = useTranslation();
  useNow();
  if (status === "offline") {
    const last = stream?.lastKeyframe;
    return last ? <span>{t("tile.lastPicture", { time: clock(last) })}</span> : null;
  }
  const picture = player?.pictureTime() ?? null;
  return picture === null || Math.abs(picture - now()) > 86_400_000 ? null : <time>{clock(picture)}</time>;
}
