/**
 * One live stream in one video element: fragments of MP4 by WebSocket into Media Source Extensions.
 *
 * The player keeps about half a second behind the newest packet, jumps to the live edge when it is more than 3 s behind,
 * holds at most 10 s of past pictures, and comes back by itself after every break. Nothing it keeps grows without bound.
 */

import { now } from "../base/time";
import { signedOut, socketUrl } from "../api/client";
import { Store } from "../base/store";

export type LiveStatus = "idle" | "starting" | "live" | "stale" | "offline" | "codec" | "forbidden" | "missing";

export interface LiveState {
  status: LiveStatus;
  /** What the server said about the stream, one sentence; empty when all is well. */
  problem: string;
  /** The type that could not be shown, for the status `codec`. */
  mime: string;
}

const STALE_AFTER_MS = 3000;
const BEHIND_JUMP_S = 3;
const BEHIND_WANTED_S = 0.5;
const KEEP_PAST_S = 10;
const QUEUE_PACKETS = 400;

type Word =
  | { type: "init"; mime: string; time: string }
  | { type: "time"; media: number; time: string }
  | { type: "state"; status: string; problem: string };

/** Whether this browser shows the type; the answer does not change while the page lives. */
export function canShow(mime: string): boolean {
  return mime !== "" && typeof MediaSource !== "undefined" && MediaSource.isTypeSupported(mime);
}

export class LivePlayer {
  readonly state = new Store<LiveState>({ status: "idle", problem: "", mime: "" });
  /** Packets thrown away because this browser could not keep up. */
  dropped = 0;

  private socket: WebSocket | null = null;
  private source: MediaSource | null = null;
  private buffer: SourceBuffer | null = null;
  private objectUrl = "";
  private queue: ArrayBuffer[] = [];
  private retry: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;
  private attempts = 0;
  private heardAt = 0;
  private trimmedAt = 0;
  private anchor: { media: number; wall: number } | null = null;
  private running = false;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly camera: string,
    private readonly stream: string,
  ) {}

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

  /** Wall time of the picture on the screen in milliseconds UTC, or null while there is none. */
  pictureTime(): number | null {
    if (this.anchor === null || this.video.readyState < 2) return null;
    return this.anchor.wall + (this.video.currentTime - this.anchor.media) * 1000;
  }

  private say(status: LiveStatus, problem = "", mime = ""): void {
    const old = this.state.get();
    if (old.status !== status || old.problem !== problem || old.mime !== mime) this.state.set({ status, problem, mime });
  }

  private connect(): void {
    const path = `/api/live/${encodeURIComponent(this.camera)}/${this.stream}`;
    const socket = new WebSocket(socketUrl(path));
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    if (this.state.get().status !== "offline") this.say("starting");
    this.heardAt = performance.now();
    socket.addEventListener("message", (event) => {
      if (this.socket === socket) this.hear(event.data);
    });
    socket.addEventListener("close", (event) => {
      if (this.socket === socket) this.closed(event.code);
    });
  }

  private hangUp(): void {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    this.queue = [];
    this.buffer = null;
    this.anchor = null;
    if (this.source?.readyState === "open") {
      try {
        this.source.endOfStream();
      } catch {
        // The buffer is mid-append; the source is dropped all the same.
      }
    }
    this.source = null;
    if (this.objectUrl !== "") URL.revokeObjectURL(this.objectUrl);
    this.objectUrl = "";
  }

  private closed(code: number): void {
    const { status, problem } = this.state.get();
    this.hangUp();
    if (code === 4401) return signedOut();
    if (code === 4403) return this.say("forbidden");
    if (code === 4404) return this.say("missing");
    if (code === 4415) return this.say("codec", problem, this.state.get().mime);
    if (!this.running || status === "codec") return;
    this.again(status === "offline" ? problem : "");
  }

  private again(problem: string): void {
    if (problem === "" && this.state.get().status === "live") this.say("stale");
    const wait = Math.min(8000, 400 * 2 ** this.attempts) * (0.8 + Math.random() * 0.4);
    this.attempts += 1;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.connect(), wait);
  }

  private hear(data: unknown): void {
    this.heardAt = performance.now();
    if (data instanceof ArrayBuffer) {
      if (this.queue.length >= QUEUE_PACKETS) return this.fallBehind();
      this.queue.push(data);
      this.pump();
    } else if (typeof data === "string") {
      this.word(JSON.parse(data) as Word);
    }
  }

  /** The browser could not append for a long time: begin again at the live edge rather than queue more. */
  private fallBehind(): void {
    this.dropped += this.queue.length;
    this.hangUp();
    this.again("");
  }

  private word(word: Word): void {
    if (word.type === "init") this.begin(word.mime);
    else if (word.type === "time") this.anchor = { media: word.media, wall: Date.parse(word.time) };
    else if (word.type === "state") this.heardState(word);
  }

  private heardState(word: Extract<Word, { type: "state" }>): void {
    if (word.status === "offline") this.say("offline", word.problem);
    else if (word.status === "stale") this.say("stale", word.problem);
    else if (this.state.get().status === "offline") this.say("starting");
  }

  private begin(mime: string): void {
    if (!canShow(mime)) {
      this.say("codec", "", mime);
      this.hangUp();
      return;
    }
    // A second init on one socket means new parameters: a fresh source, the same connection.
    this.queue = [];
    this.buffer = null;
    if (this.objectUrl !== "") URL.revokeObjectURL(this.objectUrl);
    const source = new MediaSource();
    this.source = source;
    this.objectUrl = URL.createObjectURL(source);
    source.addEventListener("sourceopen", () => {
      if (this.source !== source) return;
      this.buffer = source.addSourceBuffer(mime);
      this.buffer.mode = "segments";
      this.buffer.addEventListener("updateend", () => {
        if (this.source === source) this.appended();
      });
      this.pump();
    });
    this.video.src = this.objectUrl;
  }

  private pump(): void {
    const buffer = this.buffer;
    if (buffer === null || buffer.updating || this.queue.length === 0) return;
    const parts = this.queue;
    this.queue = [];
    try {
      buffer.appendBuffer(parts.length === 1 ? (parts[0] as ArrayBuffer) : joined(parts));
    } catch (error) {
      if (error instanceof DOMException && error.name === "QuotaExceededError") this.fallBehind();
      else {
        this.hangUp();
        this.again("");
      }
    }
  }

  private appended(): void {
    this.keepEdge();
    if (this.queue.length > 0) this.pump();
    else this.trim();
  }

  private trim(): void {
    const buffer = this.buffer;
    if (buffer === null || buffer.updating || performance.now() - this.trimmedAt < KEEP_PAST_S * 1000) return;
    this.trimmedAt = performance.now();
    const until = this.video.currentTime - KEEP_PAST_S;
    if (buffer.buffered.length > 0 && buffer.buffered.start(0) < until) buffer.remove(0, until);
  }

  /** Stay near the newest picture: jump when far behind, walk a little faster when somewhat behind. */
  private keepEdge(): void {
    const { video } = this;
    const ranges = this.buffer?.buffered;
    if (ranges === undefined || ranges.length === 0) return;
    const edge = ranges.end(ranges.length - 1);
    const edgeStart = ranges.start(ranges.length - 1);
    const behind = edge - video.currentTime;
    if (behind > BEHIND_JUMP_S || video.currentTime < edgeStart) {
      video.currentTime = Math.max(edgeStart, edge - BEHIND_WANTED_S);
    }
    video.playbackRate = behind > 1.5 ? 1.1 : behind > 0.9 ? 1.04 : 1;
    if (video.paused) void video.play().catch(() => {});
    if (video.readyState >= 2) {
      this.attempts = 0;
      this.say("live");
    }
  }

  /** Twice a second: is the stream silent, has the picture stopped? */
  private look(): void {
    const { status, problem } = this.state.get();
    const silent = performance.now() - this.heardAt;
    if (this.socket !== null && silent > STALE_AFTER_MS && (status === "live" || status === "starting")) this.say("stale", problem);
    if (this.socket !== null && this.socket.readyState === WebSocket.OPEN && silent > 15_000) {
      this.hangUp();
      this.again(status === "offline" ? problem : "");
    }
    if (this.video.error !== null && this.source !== null) {
      this.hangUp();
      this.again("");
    }
  }

  /** How old the picture on the screen is in seconds. */
  age(): number | null {
    const picture = this.pictureTime() ?? (this.anchor === null ? null : this.anchor.wall);
    return picture === null ? null : Math.max(0, (now() - picture) / 1000);
  }
}

function joined(parts: ArrayBuffer[]): ArrayBuffer {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(new Uint8Array(part), place);
    place += part.byteLength;
  }
  return whole.buffer;
}
