/**
 * What all ways of seeing a stream live have in common: one WebSocket, what it says, and that it always comes back.
 *
 * A player owns the element that shows its picture; who shows it only places that element (`pictures.ts`).
 */

import { signedOut, socketUrl } from "../api/client";
import { Store } from "../base/store";
import { now } from "../base/time";

export type LiveStatus = "idle" | "starting" | "live" | "stale" | "offline" | "codec" | "forbidden" | "missing" | "barred";

export interface LiveState {
  status: LiveStatus;
  /** What the server said about the stream, one sentence; empty when all is well. */
  problem: string;
  /** The problem's code, for which there may be words; empty where it has none. */
  code: string;
  /** The type that could not be shown, for the status `codec`. */
  mime: string;
}

/** How pictures come: fragments for Media Source Extensions, packets for WebCodecs, or WebRTC. */
export type Way = "mse" | "packets" | "webrtc";

export interface Player {
  readonly way: Way;
  readonly element: HTMLVideoElement | HTMLCanvasElement;
  readonly state: Store<LiveState>;
  /** True after the picture has stumbled three times within a minute: the line loses packets. */
  readonly unsteady: Store<boolean>;
  start(): void;
  stop(): void;
  /** Wall time of the picture on the screen in milliseconds UTC, or null while there is none. */
  pictureTime(): number | null;
  /** Seconds since the picture on the screen came to the server, whatever clock the camera has; null without one. */
  age(): number | null;
}

export type Word =
  | { type: "init"; mime: string; time: string }
  | { type: "configuration"; codec: string; description: string; width: number; height: number; time: string }
  | { type: "time"; media: number; time: string; arrived: string }
  | { type: "state"; status: string; problem: string; code: string };

const STALE_AFTER_MS = 3000;
/** How long a view that may not be shown waits before it asks again. */
const BARRED_AGAIN_MS = 10_000;
const DEAD_AFTER_MS = 15_000;
const SETTLED_MS = 5000;
const STUMBLES = 3;
const STUMBLES_WITHIN_MS = 60_000;
/** A picture older than this has stumbled. */
export const LATE_S = 2;

/** State, stumbles and the look at them twice a second. */
export abstract class BasePlayer implements Player {
  abstract readonly way: Way;
  abstract readonly element: HTMLVideoElement | HTMLCanvasElement;
  readonly state = new Store<LiveState>({ status: "idle", problem: "", code: "", mime: "" });
  readonly unsteady = new Store(false);

  protected running = false;
  protected attempts = 0;
  protected heardAt = 0;
  protected retry: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;
  private stumbles: number[] = [];
  private late = false;

  start(): void {
    if (this.running) return;
    this.running = true;
    this.attempts = 0;
    this.watch = setInterval(() => this.look(), 500);
    this.connect();
  }

  stop(): void {
    this.running = false;
    clearTimeout(this.retry);
    clearInterval(this.watch);
    this.hangUp();
    this.say("idle");
  }

  abstract pictureTime(): number | null;
  abstract age(): number | null;
  protected abstract connect(): void;
  protected abstract hangUp(): void;
  /** Seconds that the newest word was on its way: what the line costs, not what this computer does. */
  protected lineDelay(): number {
    return 0;
  }

  /** Whether a connection stands, so that silence means something. */
  protected abstract connected(): boolean;

  protected say(status: LiveStatus, problem = "", mime = "", code = ""): void {
    const old = this.state.get();
    if (old.status !== status || old.problem !== problem || old.mime !== mime) this.state.set({ status, problem, mime, code });
  }

  /** A picture is on the screen. */
  protected shown(): void {
    this.attempts = 0;
    this.say("live");
  }

  protected again(problem: string): void {
    if (problem === "" && this.state.get().status === "live") {
      this.say("stale");
      this.stumble();
    }
    const wait = Math.min(8000, 400 * 2 ** this.attempts) * (0.8 + Math.random() * 0.4);
    this.attempts += 1;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.connect(), wait);
  }

  protected stumble(): void {
    const since = performance.now() - STUMBLES_WITHIN_MS;
    this.stumbles = [...this.stumbles.filter((at) => at > since), performance.now()];
    if (this.stumbles.length >= STUMBLES) this.unsteady.set(true);
  }

  /** Twice a second: is the stream silent, is the picture old? */
  protected look(): void {
    const { status, problem } = this.state.get();
    const silent = performance.now() - this.heardAt;
    if (this.connected() && silent > STALE_AFTER_MS && (status === "live" || status === "starting")) this.say("stale", problem);
    if (this.connected() && silent > DEAD_AFTER_MS) {
      this.hangUp();
      this.again(status === "offline" ? problem : "");
      return;
    }
    const late = this.lineDelay() > LATE_S && status === "live";
    if (late && !this.late) this.stumble();
    this.late = late;
  }
}

/** A player whose pictures come by the WebSocket of a stream. */
export abstract class SocketPlayer extends BasePlayer {
  /** Packets thrown away because this browser could not keep up. */
  dropped = 0;
  private socket: WebSocket | null = null;
  private delay = 0;
  private connectedAt = 0;

  constructor(
    private readonly camera: string,
    private readonly stream: string,
    private readonly form: "mp4" | "packets",
  ) {
    super();
  }

  protected abstract picture(data: ArrayBuffer): void;
  protected abstract begin(word: Word): void;
  protected abstract clear(): void;

  protected connected(): boolean {
    return this.socket !== null && this.socket.readyState === WebSocket.OPEN;
  }

  protected lineDelay(): number {
    return this.delay;
  }

  /** Something that came to the server at that time has come here. What the server had kept tells nothing. */
  protected came(arrived: number): void {
    this.delay = performance.now() - this.connectedAt < SETTLED_MS ? 0 : (now() - arrived) / 1000;
  }

  protected connect(): void {
    const path = `/api/live/${encodeURIComponent(this.camera)}/${this.stream}`;
    const socket = new WebSocket(socketUrl(this.form === "mp4" ? path : `${path}?as=${this.form}`));
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.connectedAt = performance.now();
    if (!["offline", "barred"].includes(this.state.get().status)) this.say("starting");
    this.heardAt = performance.now();
    socket.addEventListener("message", (event) => {
      if (this.socket === socket) this.hear(event.data);
    });
    socket.addEventListener("close", (event) => {
      if (this.socket === socket) this.closed(event.code);
    });
  }

  protected hangUp(): void {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    this.clear();
  }

  /** This browser cannot show the coding; the connection ends. */
  protected refuse(mime: string): void {
    this.say("codec", "", mime);
    this.hangUp();
  }

  /** Something broke here: begin anew at the live edge rather than queue more. */
  protected renew(): void {
    this.hangUp();
    this.again("");
  }

  private hear(data: unknown): void {
    this.heardAt = performance.now();
    if (data instanceof ArrayBuffer) this.picture(data);
    else if (typeof data === "string") this.word(JSON.parse(data) as Word);
  }

  private word(word: Word): void {
    if (word.type !== "state") return this.begin(word);
    if (word.status === "offline" || word.status === "stale") this.say(word.status, word.problem, "", word.code);
    else if (this.state.get().status === "offline") this.say("starting");
  }

  /** It may not be shown now; whether it may again is asked from time to time. */
  private bar(): void {
    this.say("barred");
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.connect(), BARRED_AGAIN_MS);
  }

  private closed(code: number): void {
    const { status, problem, mime } = this.state.get();
    this.hangUp();
    if (code === 4401) return signedOut();
    if (code === 4403) return this.say("forbidden");
    if (code === 4404) return this.say("missing");
    if (code === 4423) return this.bar();
    if (code === 4415) return this.say("codec", problem, mime);
    if (!this.running || status === "codec") return;
    this.again(status === "offline" ? problem : "");
  }
}
