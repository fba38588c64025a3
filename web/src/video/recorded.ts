/**
 * One camera's recording in one video element, on an axis of wall time.
 *
 * Segments are appended with `timestampOffset`, so that second s of the player is the wall time `origin + s`. Only the
 * stretch round the cursor is kept; the index of segments is asked for in windows, for each asking is on the audit record.
 * Each segment's own sample table says when each of its pictures is shown, so that a step of one frame is exact.
 */

import { api, ApiProblem, type Segment, segmentBytes, take } from "../api/client";
import { Store } from "../base/store";
import { now } from "../base/time";
import { canShow } from "./live";
import { placeAt, readSamples, type Shown } from "./samples";

export type RecordedStatus = "idle" | "loading" | "ready" | "hole" | "codec" | "refused";

export interface RecordedState {
  status: RecordedStatus;
  error: unknown;
  mime: string;
}

const AHEAD_MS = 20_000;
const MOST_AHEAD_MS = 60_000;
const BEHIND_MS = 15_000;
const INDEX_BEFORE_MS = 120_000;
const INDEX_AFTER_MS = 600_000;
/** Segments that touch within this are one run: a camera's clock is not finer. */
const TOUCH_MS = 600;
const LIVE_EDGE_MS = 60_000;
const INDEX_AGAIN_MS = 4000;
/** What Chromium plays; outside it throws. */
const LEAST_RATE = 0.0625;
const MOST_RATE = 16;

/** How far into its picture a paused player aims: a seek to the very border may land on the picture before. */
const INTO_FRAME_MS = 20;
const SETTLED_S = 0.0015;

interface Known extends Omit<Segment, "start" | "end"> {
  start: number;
  end: number;
}

/** Where a recording goes on beyond what the index holds: the timeline knows. */
export type Beyond = (wall: number, by: 1 | -1) => number | null;

/** The span that a permit lets this player ask for. */
export interface Bounds {
  from: number;
  to: number;
}

export class RecordedPlayer {
  readonly state = new Store<RecordedState>({ status: "idle", error: null, mime: "" });
  /** When the picture that is on the glass was taken, in milliseconds; 0 before the first. */
  readonly onGlass = new Store(0);

  private source: MediaSource | null = null;
  private buffer: SourceBuffer | null = null;
  private objectUrl = "";
  private mime = "";
  private index: Known[] = [];
  private indexed = { from: 0, to: 0, at: -Infinity };
  private asking = false;
  private fetching = false;
  private appended = new Map<string, number>();
  /** When each picture of a segment is shown, in wall time. */
  private tables = new Map<string, Shown[]>();
  private loading = new Map<string, Promise<Shown[]>>();
  private keyframes = false;
  private beyond: Beyond = () => null;
  private abort = new AbortController();
  private queue: (() => void)[] = [];
  private origin: number;
  private alive = true;
  private failedUntil = 0;

  constructor(
    private readonly video: HTMLVideoElement,
    readonly camera: string,
    private readonly stream: "main" | "sub",
    private readonly permit: string,
    private readonly bounds: Bounds,
    cursor: number,
  ) {
    this.origin = cursor - 12 * 3_600_000;
    this.watchGlass();
  }

  close(): void {
    this.alive = false;
    this.abort.abort();
    this.drop();
  }

  /** Wall time of the picture on the screen. */
  position(): number {
    return this.origin + this.video.currentTime * 1000;
  }

  /** Whether a segment covers the moment, as far as the index reaches. */
  covers(wall: number): boolean {
    return this.index.some((segment) => wall >= segment.start - 50 && wall < segment.end);
  }

  /** Whether the index says anything of this moment. */
  knows(wall: number): boolean {
    return wall >= this.indexed.from && wall < this.indexed.to;
  }

  /** Where the recording goes on after the moment, or null as far as the index reaches. */
  nextStart(wall: number): number | null {
    const next = this.index.find((segment) => segment.start > wall - 50 && segment.end > wall);
    return next === undefined ? null : Math.max(next.start, wall);
  }

  /** Where the run of segments round the moment ends; null when no segment covers it or it is still being written. */
  runEnd(wall: number): number | null {
    let end: number | null = null;
    for (const segment of this.index) {
      if (end === null ? wall >= segment.start - 50 && wall < segment.end : segment.start <= end) end = segment.open ? null : segment.end;
    }
    return end;
  }

  /** Whether the picture of the moment is there to be shown. */
  ready(wall: number): boolean {
    return this.isBuffered(wall) && this.video.readyState >= 2 && !this.video.seeking;
  }

  /** Move the picture to the moment; a player that stands still is put into the middle of the picture shown then. */
  show(wall: number, still = false): void {
    if (Math.abs(wall - this.origin) > 40 * 3_600_000 || wall < this.origin) this.moveOrigin(wall);
    const second = this.secondOf(wall, still);
    if (Math.abs(this.video.currentTime - second) > SETTLED_S) this.video.currentTime = second;
  }

  private secondOf(wall: number, still: boolean): number {
    const shown = still ? this.pictureAt(wall) : null;
    const aim = shown === null ? wall : shown.start + Math.min(INTO_FRAME_MS, (shown.end - shown.start) / 2);
    return (aim - this.origin) / 1000;
  }

  /** Where the recording goes on beyond the index, by what the timeline knows. */
  learn(beyond: Beyond): void {
    this.beyond = beyond;
  }

  /** Play keyframes alone, or every picture; what is on the glass stays until the other has come. */
  setKeyframes(on: boolean): void {
    if (this.keyframes === on) return;
    this.keyframes = on;
    this.appended.clear();
  }

  /** Whether the whole segment of the moment is there, so that its pictures are known exactly. */
  exact(wall: number): boolean {
    const segment = this.segmentAt(wall);
    return segment !== undefined && !this.keyframes && this.appended.has(segment.id) && this.tables.has(segment.id);
  }

  private segmentAt(wall: number): Known | undefined {
    return this.index.find((segment) => wall >= segment.start - 0.5 && wall < segment.end);
  }

  /** The picture shown at a moment, where its segment is known. */
  pictureAt(wall: number): Shown | null {
    const segment = this.segmentAt(wall);
    const table = segment === undefined ? undefined : this.tables.get(segment.id);
    return table?.[Math.max(0, placeAt(table, wall + 0.01))] ?? null;
  }

  /** When the picture beside the one of `wall` is shown, over segments and holes; null where there is none. */
  async step(wall: number, by: 1 | -1): Promise<number | null> {
    if (!this.knows(wall)) await this.fetchIndex(Math.max(this.bounds.from, wall - INDEX_BEFORE_MS), Math.min(this.bounds.to, wall + INDEX_AFTER_MS));
    const here = this.segmentAt(wall);
    if (here !== undefined) {
      const table = await this.load(here);
      const beside = table[placeAt(table, wall + 0.01) + by];
      if (beside !== undefined) return beside.start;
    }
    const next = this.besideSegment(here, wall, by) ?? (await this.farSegment(here, wall, by));
    if (next === undefined) return null;
    const table = await this.load(next);
    return (by === 1 ? table[0] : table.at(-1))?.start ?? null;
  }

  private besideSegment(here: Known | undefined, wall: number, by: 1 | -1): Known | undefined {
    const edge = here?.start ?? wall;
    return by === 1 ? this.index.find((segment) => segment.start > edge + 0.5) : this.index.findLast((segment) => segment.start < edge - 0.5);
  }

  private async farSegment(here: Known | undefined, wall: number, by: 1 | -1): Promise<Known | undefined> {
    const far = this.beyond(by === 1 ? (here?.end ?? wall) : (here?.start ?? wall), by);
    if (far === null) return undefined;
    await this.fetchIndex(Math.max(this.bounds.from, far - INDEX_BEFORE_MS), Math.min(this.bounds.to, far + INDEX_AFTER_MS));
    return this.besideSegment(here, wall, by);
  }

  private watchGlass(): void {
    if (!("requestVideoFrameCallback" in this.video)) return;
    this.video.requestVideoFrameCallback((_, { mediaTime }) => {
      if (!this.alive) return;
      const wall = this.origin + mediaTime * 1000;
      const near = this.pictureAt(wall + 1);
      this.onGlass.set(near !== null && Math.abs(near.start - wall) < 2 ? near.start : wall);
      this.watchGlass();
    });
  }

  pause(): void {
    if (!this.video.paused) this.video.pause();
  }

  play(rate: number): void {
    const possible = Math.min(MOST_RATE, Math.max(LEAST_RATE, rate));
    if (this.video.playbackRate !== possible) this.video.playbackRate = possible;
    if (this.video.paused) void this.video.play().catch(() => {});
  }

  /** Jump over a hole of less than a second and a half between two buffered runs. */
  overHole(): void {
    const { buffered, currentTime } = this.video;
    if (this.video.readyState > 2) return;
    for (let run = 0; run < buffered.length; run++) {
      const start = buffered.start(run);
      if (start > currentTime && start - currentTime < 1.5) {
        this.video.currentTime = start + 0.001;
        return;
      }
    }
  }

  /** Keep what the cursor needs and let go of the rest; called several times a second. */
  tend(wall: number, rate: number): void {
    this.askIndex(wall);
    this.fetchNext(wall, Math.min(MOST_AHEAD_MS, AHEAD_MS * Math.max(1, rate)));
    this.evict(wall);
    this.tell(wall);
  }

  private tell(wall: number): void {
    const { status, error } = this.state.get();
    if (status === "codec" || (status === "refused" && error !== null && now() < this.failedUntil)) return;
    if (this.covers(wall)) this.say(this.isBuffered(wall) ? "ready" : "loading");
    else this.say(this.knows(wall) ? "hole" : "loading");
  }

  private say(status: RecordedStatus, error: unknown = null): void {
    const old = this.state.get();
    if (old.status !== status || old.error !== error) this.state.set({ status, error, mime: this.mime });
  }

  private isBuffered(wall: number): boolean {
    const second = (wall - this.origin) / 1000;
    const { buffered } = this.video;
    for (let run = 0; run < buffered.length; run++) {
      if (second >= buffered.start(run) - 0.1 && second < buffered.end(run) + 0.02) return true;
    }
    return false;
  }

  private askIndex(wall: number): void {
    const nearEnd = wall > this.indexed.to - 60_000 && this.indexed.to < Math.min(now(), this.bounds.to);
    const outside = !this.knows(wall) && wall < Math.min(now() + 1000, this.bounds.to);
    const growing = now() - wall < LIVE_EDGE_MS && performance.now() - this.indexed.at > INDEX_AGAIN_MS;
    if (this.asking || now() < this.failedUntil || !(nearEnd || outside || growing)) return;
    this.asking = true;
    const from = Math.max(this.bounds.from, wall - INDEX_BEFORE_MS);
    const to = Math.min(this.bounds.to, wall + INDEX_AFTER_MS);
    void this.fetchIndex(from, to).finally(() => {
      this.asking = false;
    });
  }

  private async fetchIndex(from: number, to: number): Promise<void> {
    if (to <= from) return;
    const query = { from: new Date(from).toISOString(), to: new Date(to).toISOString(), permit: this.permit };
    const path = { camera_id: this.camera, stream: this.stream };
    try {
      const found = await take(api.GET("/api/recordings/{camera_id}/{stream}", { params: { path, query }, signal: this.abort.signal }));
      if (!this.alive) return;
      this.index = found.map((segment) => ({ ...segment, start: Date.parse(segment.start), end: Date.parse(segment.end) }));
      this.joinTouching();
      this.indexed = { from, to: Math.min(to, now()), at: performance.now() };
    } catch (error) {
      this.fail(error);
    }
  }

  private joinTouching(): void {
    this.index.sort((one, other) => one.start - other.start);
    this.index.forEach((segment, place) => {
      const next = this.index[place + 1];
      if (next !== undefined && next.start > segment.end && next.start - segment.end < TOUCH_MS) segment.end = next.start;
    });
  }

  private fail(error: unknown): void {
    if (!this.alive || (error instanceof DOMException && error.name === "AbortError")) return;
    this.failedUntil = now() + (error instanceof ApiProblem && error.status >= 400 && error.status < 500 ? 20_000 : 3000);
    this.say("refused", error);
  }

  private fetchNext(wall: number, ahead: number): void {
    if (this.fetching || now() < this.failedUntil || this.queue.length > 4) return;
    const wanted = this.index.find((segment) => segment.end > wall - 200 && segment.start < wall + ahead && (this.appended.get(segment.id) ?? -1) < segment.sizeBytes);
    if (wanted === undefined) return;
    if (!canShow(wanted.mime)) {
      this.mime = wanted.mime;
      this.say("codec");
      return;
    }
    this.fetching = true;
    void this.load(wanted)
      .catch((error: unknown) => this.fail(error))
      .finally(() => {
        this.fetching = false;
      });
  }

  /** Fetch a segment and append it; the times of its pictures. Asked twice it is fetched once. */
  private load(segment: Known): Promise<Shown[]> {
    const known = this.tables.get(segment.id);
    if (known !== undefined && !this.keyframes && (this.appended.get(segment.id) ?? -1) >= segment.sizeBytes) return Promise.resolve(known);
    const key = `${segment.id} ${segment.sizeBytes} ${this.keyframes}`;
    let coming = this.loading.get(key);
    if (coming === undefined) {
      coming = this.fetchSegment(segment, this.keyframes).finally(() => this.loading.delete(key));
      this.loading.set(key, coming);
    }
    return coming;
  }

  private async fetchSegment(segment: Known, keyframes: boolean): Promise<Shown[]> {
    const bytes = await segmentBytes(segment.id, this.permit, this.abort.signal, keyframes);
    const table = readSamples(bytes).map((shown) => ({ start: segment.start + shown.start, end: segment.start + shown.end }));
    if (!keyframes) this.tables.set(segment.id, table);
    if (this.alive && keyframes === this.keyframes) this.append(segment, bytes, keyframes ? picturesOnly(segment.mime) : segment.mime);
    return table;
  }

  private append(segment: Known, bytes: ArrayBuffer, mime: string): void {
    this.appended.set(segment.id, Math.max(segment.sizeBytes, bytes.byteLength));
    this.open(mime);
    this.run(() => {
      const buffer = this.buffer;
      if (buffer === null) return;
      if (mime !== this.mime) {
        buffer.changeType(mime);
        this.mime = mime;
      }
      buffer.timestampOffset = (segment.start - this.origin) / 1000;
      buffer.appendBuffer(bytes);
    });
  }

  private open(mime: string): void {
    if (this.source !== null) return;
    const source = new MediaSource();
    this.source = source;
    this.mime = mime;
    this.objectUrl = URL.createObjectURL(source);
    const second = this.video.currentTime;
    source.addEventListener("sourceopen", () => {
      if (this.source !== source) return;
      source.duration = 48 * 3600;
      this.buffer = source.addSourceBuffer(mime);
      this.buffer.mode = "segments";
      this.buffer.addEventListener("updateend", () => this.next());
      this.video.currentTime = this.wanted ?? second;
      this.next();
    });
    this.video.src = this.objectUrl;
  }

  private get wanted(): number | null {
    return this.lastWall === null ? null : (this.lastWall - this.origin) / 1000;
  }

  private lastWall: number | null = null;

  /** Remember where the cursor stands, for a source that opens later. */
  expect(wall: number): void {
    this.lastWall = wall;
  }

  private run(step: () => void): void {
    this.queue.push(step);
    this.next();
  }

  private next(): void {
    if (this.buffer === null || this.buffer.updating) return;
    const step = this.queue.shift();
    if (step === undefined) return;
    try {
      step();
      // A step that the buffer does in no time tells of no end: the next follows at once.
      this.next();
    } catch (error) {
      if (error instanceof DOMException && error.name === "QuotaExceededError") this.drop();
      else this.fail(error);
    }
  }

  private evict(wall: number): void {
    const buffer = this.buffer;
    if (buffer === null || buffer.updating || this.queue.length > 0 || buffer.buffered.length === 0) return;
    const second = (wall - this.origin) / 1000;
    const first = buffer.buffered.start(0);
    const last = buffer.buffered.end(buffer.buffered.length - 1);
    const low = second - BEHIND_MS / 1000;
    const high = second + (MOST_AHEAD_MS + 30_000) / 1000;
    if (first < low - 15) this.remove(first, low);
    else if (last > high + 15) this.remove(high, last);
  }

  private remove(from: number, to: number): void {
    const walls = { from: this.origin + from * 1000, to: this.origin + to * 1000 };
    for (const segment of this.index) if (segment.start < walls.to && segment.end > walls.from) this.appended.delete(segment.id);
    const gone = (id: string) => !this.index.some((segment) => segment.id === id);
    for (const id of this.appended.keys()) if (gone(id)) this.appended.delete(id);
    for (const id of this.tables.keys()) if (gone(id)) this.tables.delete(id);
    this.run(() => this.buffer?.remove(from, to));
  }

  private moveOrigin(wall: number): void {
    this.drop();
    this.origin = wall - 12 * 3_600_000;
  }

  private drop(): void {
    this.queue = [];
    this.appended.clear();
    this.buffer = null;
    this.source = null;
    if (this.objectUrl !== "") URL.revokeObjectURL(this.objectUrl);
    this.objectUrl = "";
    this.video.removeAttribute("src");
    this.video.load();
  }
}

/** The type of a segment without its sound: keyframes alone come as pictures alone. */
function picturesOnly(mime: string): string {
  return mime.replace(/codecs="([^",]+)[^"]*"/, 'codecs="$1"');
}
