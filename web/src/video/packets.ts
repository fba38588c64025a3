/**
 * One live stream on a canvas: packets by WebSocket into a VideoDecoder (WebCodecs), each picture drawn when it is decoded.
 *
 * For the one view where every millisecond counts. Browsers offer WebCodecs to secure pages alone.
 */

import { now } from "../base/time";
import { SocketPlayer, type Word } from "./player";

/** Bytes before each access unit: keyframe, time on the timeline, wall time, arrival at the server. */
const HEAD_BYTES = 32;
/** At a keyframe, a decoder with more than this before it begins anew there: the newest picture counts. */
const QUEUE_AT_KEY = 12;
const QUEUE_MOST = 400;
const FAULTS_MOST = 4;
/** While the decoder catches up, a picture is drawn at least so often. */
const DRAW_EVERY_MS = 120;

/** Whether this page may decode itself. */
export function canDecode(): boolean {
  return window.isSecureContext && typeof VideoDecoder !== "undefined";
}

interface Taken {
  wall: number;
  arrived: number;
}

export class PacketPlayer extends SocketPlayer {
  readonly way = "packets";
  readonly element = document.createElement("canvas");

  private context = this.element.getContext("2d", { alpha: false, desynchronized: true });
  private configuration: VideoDecoderConfig | null = null;
  private decoder: VideoDecoder | null = null;
  private wantsKey = true;
  private faults = 0;
  private taken = new Map<number, Taken>();
  private newest: Taken | null = null;
  private drawnAt = 0;

  constructor(camera: string, stream: string) {
    super(camera, stream, "packets");
    this.element.width = this.element.height = 0;
    this.element.dataset.live = "";
  }

  pictureTime(): number | null {
    return this.newest?.wall ?? null;
  }

  age(): number | null {
    return this.newest === null ? null : Math.max(0, (now() - this.newest.arrived) / 1000);
  }

  protected clear(): void {
    this.closeDecoder();
    this.configuration = null;
    this.taken.clear();
  }

  protected begin(word: Word): void {
    if (word.type !== "configuration") return;
    const description = Uint8Array.from(atob(word.description), (sign) => sign.codePointAt(0) ?? 0);
    this.closeDecoder();
    this.configuration = { codec: word.codec, description, codedWidth: word.width, codedHeight: word.height, optimizeForLatency: true };
    const asked = this.configuration;
    void VideoDecoder.isConfigSupported(asked)
      .catch(() => ({ supported: false }))
      .then(({ supported }) => {
        if (supported !== true && this.configuration === asked) this.refuse(word.codec);
      });
  }

  protected picture(data: ArrayBuffer): void {
    if (this.configuration === null || data.byteLength < HEAD_BYTES) return;
    const head = new DataView(data);
    const isKey = head.getUint8(0) === 1;
    if (this.isBehind(isKey)) this.closeDecoder();
    if (this.wantsKey && !isKey) {
      this.dropped += 1;
      return;
    }
    this.came(head.getFloat64(24));
    const timestamp = Math.round(head.getFloat64(8) * 1e6);
    this.taken.set(timestamp, { wall: head.getFloat64(16), arrived: head.getFloat64(24) });
    try {
      this.decoder ??= this.openDecoder(this.configuration);
      this.wantsKey = false;
      this.decoder.decode(new EncodedVideoChunk({ type: isKey ? "key" : "delta", timestamp, data: new Uint8Array(data, HEAD_BYTES) }));
    } catch {
      this.fault();
    }
  }

  private isBehind(isKey: boolean): boolean {
    const waiting = this.decoder?.decodeQueueSize ?? 0;
    return waiting > QUEUE_MOST || (isKey && waiting > QUEUE_AT_KEY);
  }

  private openDecoder(configuration: VideoDecoderConfig): VideoDecoder {
    const decoder: VideoDecoder = new VideoDecoder({
      output: (frame) => (this.decoder === decoder ? this.draw(frame) : frame.close()),
      error: () => {
        if (this.decoder === decoder) this.fault();
      },
    });
    decoder.configure(configuration);
    return decoder;
  }

  private closeDecoder(): void {
    const decoder = this.decoder;
    this.decoder = null;
    this.wantsKey = true;
    this.dropped += decoder?.decodeQueueSize ?? 0;
    this.taken.clear();
    if (decoder !== null && decoder.state !== "closed") decoder.close();
  }

  /** A damaged picture: go on at the next keyframe; a decoder that fails again and again is of no use. */
  private fault(): void {
    this.faults += 1;
    this.closeDecoder();
    this.stumble();
    if (this.faults >= FAULTS_MOST) this.refuse(this.configuration?.codec ?? "");
  }

  private draw(frame: VideoFrame): void {
    const taken = this.taken.get(frame.timestamp);
    this.forgetUpTo(frame.timestamp);
    const isLast = (this.decoder?.decodeQueueSize ?? 0) <= 1;
    if (isLast || performance.now() - this.drawnAt > DRAW_EVERY_MS) {
      const { displayWidth: width, displayHeight: height } = frame;
      if (this.element.width !== width) this.element.width = width;
      if (this.element.height !== height) this.element.height = height;
      this.context?.drawImage(frame, 0, 0, width, height);
      this.drawnAt = performance.now();
      if (taken !== undefined) this.newest = taken;
      if (isLast) this.faults = 0;
      this.shown();
    }
    frame.close();
  }

  private forgetUpTo(timestamp: number): void {
    for (const each of this.taken.keys()) {
      if (each > timestamp) break;
      this.taken.delete(each);
    }
  }
}
