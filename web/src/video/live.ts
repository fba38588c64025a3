/**
 * One live stream in one video element: fragments of MP4 by WebSocket into Media Source Extensions.
 *
 * The player keeps as close behind the newest picture as the line's jitter allows, plays faster until it is there, jumps
 * where a gap or too long a way lies before it, and keeps at most 10 s of past pictures. Nothing it keeps grows without
 * bound.
 */

import { now } from "../base/time";
import { Jitter } from "./jitter";
import { LATE_S, SocketPlayer, type Word } from "./player";

const JUMP_S = 4;
const KEEP_PAST_S = 10;
const QUEUE_PACKETS = 400;
/** Where our fragments have their decode time (`tfdt`), behind the heads of moof, mfhd, traf, tfhd and tfdt. */
const DECODE_TIME_AT = 60;
const MOOF = 0x6d6f6f66;

/** Whether this browser shows the type; the answer does not change while the page lives. */
export function canShow(mime: string): boolean {
  return mime !== "" && typeof MediaSource !== "undefined" && MediaSource.isTypeSupported(mime);
}

/** How fast to play so far behind the wanted place: gently near it, in a hurry where the start or a stall left us. */
export function rateFor(excess: number): number {
  if (excess > 0.8) return 6;
  if (excess > 0.25) return 2.5;
  if (excess > 0.08) return 1.25;
  if (excess > 0.03) return 1.06;
  return excess < -0.03 ? 0.96 : 1;
}

export class LivePlayer extends SocketPlayer {
  readonly way = "mse";
  readonly element = document.createElement("video");

  private source: MediaSource | null = null;
  private buffer: SourceBuffer | null = null;
  private objectUrl = "";
  private queue: ArrayBuffer[] = [];
  private trimmedAt = 0;
  private anchor: { media: number; wall: number; arrived: number } | null = null;
  private jitter = new Jitter();
  /** When the last picture that was shown came to the server, kept over a break of the line. */
  private past: number | null = null;

  constructor(camera: string, stream: string) {
    super(camera, stream, "mp4");
    this.element.muted = true;
    this.element.playsInline = true;
    this.element.disablePictureInPicture = true;
    this.element.addEventListener("waiting", () => this.jitter.stalled());
  }

  pictureTime(): number | null {
    if (this.anchor === null || this.element.readyState < 2) return null;
    return this.anchor.wall + (this.element.currentTime - this.anchor.media) * 1000;
  }

  age(): number | null {
    if (this.anchor === null) return this.past === null ? null : Math.max(0, (now() - this.past) / 1000);
    const since = this.element.readyState < 2 ? 0 : (this.element.currentTime - this.anchor.media) * 1000;
    return Math.max(0, (now() - this.anchor.arrived - since) / 1000);
  }

  protected clear(): void {
    const age = this.anchor === null || this.element.readyState < 2 ? null : this.age();
    if (age !== null) this.past = now() - age * 1000;
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

  protected picture(data: ArrayBuffer): void {
    if (this.queue.length >= QUEUE_PACKETS) {
      this.dropped += this.queue.length;
      this.renew();
      return;
    }
    const view = new DataView(data);
    if (data.byteLength > DECODE_TIME_AT + 8 && view.getUint32(4) === MOOF) this.jitter.arrived(Number(view.getBigUint64(DECODE_TIME_AT)) / 90_000, performance.now() / 1000);
    this.queue.push(data);
    this.pump();
  }

  protected begin(word: Word): void {
    if (word.type === "time") {
      this.anchor = { media: word.media, wall: Date.parse(word.time), arrived: Date.parse(word.arrived) };
      this.came(this.anchor.arrived);
    }
    if (word.type !== "init") return;
    const { mime } = word;
    if (!canShow(mime)) return this.refuse(mime);
    // A second init on one socket means new parameters: a fresh source, the same connection.
    this.queue = [];
    this.buffer = null;
    this.jitter = new Jitter();
    if (this.objectUrl !== "") URL.revokeObjectURL(this.objectUrl);
    const source = new MediaSource();
    this.source = source;
    this.objectUrl = URL.createObjectURL(source);
    source.addEventListener("sourceopen", () => this.opened(source, mime), { once: true });
    this.element.src = this.objectUrl;
  }

  private opened(source: MediaSource, mime: string): void {
    if (this.source !== source) return;
    const buffer = source.addSourceBuffer(mime);
    buffer.mode = "segments";
    buffer.addEventListener("updateend", () => {
      if (this.source === source) this.appended();
    });
    this.buffer = buffer;
    this.pump();
  }

  private pump(): void {
    const buffer = this.buffer;
    if (buffer === null || buffer.updating || this.queue.length === 0) return;
    const parts = this.queue;
    this.queue = [];
    try {
      buffer.appendBuffer(parts.length === 1 ? (parts[0] as ArrayBuffer) : joined(parts));
    } catch {
      this.dropped += parts.length;
      this.renew();
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
    const until = this.element.currentTime - KEEP_PAST_S;
    if (buffer.buffered.length > 0 && buffer.buffered.start(0) < until) buffer.remove(0, until);
  }

  private keepEdge(): void {
    const { element } = this;
    const ranges = this.buffer?.buffered;
    if (ranges === undefined || ranges.length === 0) return;
    const edge = ranges.end(ranges.length - 1);
    const edgeStart = ranges.start(ranges.length - 1);
    const wanted = this.jitter.behind();
    if (edge - element.currentTime > wanted + JUMP_S || element.currentTime < edgeStart) {
      element.currentTime = Math.max(edgeStart, edge - wanted - JUMP_S / 2);
    }
    const rate = rateFor(edge - element.currentTime - wanted);
    if (element.playbackRate !== rate) element.playbackRate = rate;
    if (element.paused && element.isConnected) void element.play().catch(() => {});
    if (element.readyState >= 2 && (this.age() ?? 0) < LATE_S * 2) this.shown();
  }

  protected look(): void {
    super.look();
    if (this.element.error !== null && this.source !== null) this.renew();
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
