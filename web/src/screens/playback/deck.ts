/** One clock that drives every picture of the playback, over recordings and holes. */

import { Store } from "../../base/store";
import { now } from "../../base/time";
import type { RecordedPlayer } from "../../video/recorded";

export const RATES = [0.25, 0.5, 1, 2, 4, 8, 16] as const;

const TICK_MS = 80;
const TEND_MS = 240;
/** A follower further away than this, in seconds of the recording, is set anew rather than hurried. */
const DRIFT_S = 0.4;
const HOLE_STEP_MS = 120;
/** Longer than a frame of the slowest stream. */
const LAST_FRAME_MS = 130;
/** The newest pictures are still being written: live playback stays this far behind. */
const EDGE_MS = 2500;

export interface DeckState {
  playing: boolean;
  rate: number;
  /** The clock waits for pictures on their way. */
  waiting: boolean;
  /** The cursor stands where nothing was recorded. */
  inHole: boolean;
}

export class Deck {
  readonly state = new Store<DeckState>({ playing: false, rate: 1, waiting: false, inHole: false });
  /** The moment shown, in whole tenths of a second, for those who render it as text. */
  readonly shown = new Store(0);
  private skipHoles = true;
  private limit = Infinity;
  private nextRecorded: (wall: number) => number | null = () => null;

  private wall: number;
  private players: RecordedPlayer[] = [];
  private last = 0;
  private tendedAt = 0;
  private timer: ReturnType<typeof setInterval> | undefined;
  private seekAt = 0;

  constructor(wall: number) {
    this.wall = wall;
  }

  start(): () => void {
    this.last = performance.now();
    this.timer = setInterval(() => this.tick(), TICK_MS);
    return () => clearInterval(this.timer);
  }

  /** The end of what a permit shows, in milliseconds. */
  setLimit(limit: number): void {
    this.limit = limit;
  }

  /** Whether to jump over holes, and where the recording goes on after a moment by what the timeline knows. */
  learn(skipHoles: boolean, nextRecorded: (wall: number) => number | null): void {
    this.skipHoles = skipHoles;
    this.nextRecorded = nextRecorded;
  }

  get cursor(): number {
    return this.wall;
  }

  add(player: RecordedPlayer): () => void {
    this.players.push(player);
    player.expect(this.wall);
    player.show(this.wall);
    return () => {
      this.players = this.players.filter((one) => one !== player);
      player.close();
    };
  }

  /** Go to a moment; `playing` stays as it is. */
  seek(wall: number): void {
    this.wall = Math.min(wall, this.edge());
    this.seekAt = performance.now();
    for (const player of this.players) {
      player.expect(this.wall);
      player.show(this.wall);
    }
    this.tendedAt = 0;
    this.tell();
  }

  toggle(): void {
    this.change({ playing: !this.state.get().playing });
    if (!this.state.get().playing) for (const player of this.players) player.pause();
  }

  setRate(rate: number): void {
    this.change({ rate });
  }

  /** The next slower (-1) or faster (+1) speed. */
  stepRate(by: number): void {
    const at = RATES.indexOf(this.state.get().rate as (typeof RATES)[number]);
    this.setRate(RATES[Math.max(0, Math.min(RATES.length - 1, at + by))] ?? 1);
  }

  /** Stop, and go by one frame of `fps` frames a second. */
  frame(by: number, fps: number): void {
    if (this.state.get().playing) this.toggle();
    this.seek(this.wall + (by * 1000) / Math.max(1, fps));
  }

  /** The newest moment that there can be a picture of. */
  edge(): number {
    return Math.min(this.limit, now() - EDGE_MS);
  }

  private change(part: Partial<DeckState>): void {
    const old = this.state.get();
    if (Object.entries(part).some(([key, value]) => old[key as keyof DeckState] !== value)) this.state.set({ ...old, ...part });
  }

  private tell(): void {
    this.shown.set(Math.floor(this.wall / 40) * 40);
  }

  private tick(): void {
    const at = performance.now();
    const passed = Math.min(500, at - this.last);
    this.last = at;
    const { playing, rate } = this.state.get();
    if (playing) this.advance(passed, rate);
    const tend = at - this.tendedAt >= TEND_MS;
    if (tend) this.tendedAt = at;
    for (const player of this.players) {
      if (tend) player.tend(this.wall, rate);
      this.follow(player, playing, rate);
    }
    this.tell();
  }

  private advance(passed: number, rate: number): void {
    const master = this.players[0];
    if (master === undefined) return;
    if (this.wall >= this.edge()) {
      this.wall = this.edge();
      this.change({ waiting: false });
      if (this.wall >= this.limit) this.toggle();
      return;
    }
    if (master.covers(this.wall)) this.advanceOn(master, rate);
    else if (master.knows(this.wall)) this.advanceInHole(passed, rate);
    else this.change({ waiting: true, inHole: false });
  }

  private advanceOn(master: RecordedPlayer, rate: number): void {
    const position = master.position();
    const near = Math.abs(position - this.wall) < 3000 * Math.max(1, rate);
    const settled = performance.now() - this.seekAt > 150;
    this.change({ waiting: !master.ready(this.wall), inHole: false });
    if (near && settled && position > this.wall) this.wall = position;
    master.overHole();
    this.leaveRun(master);
  }

  /** The last frame of a run is shown until the run ends, but no picture carries the clock there: it steps over by itself. */
  private leaveRun(master: RecordedPlayer): void {
    const end = master.runEnd(this.wall);
    if (end !== null && end - this.wall < LAST_FRAME_MS && master.knows(end + 1000)) this.wall = end;
  }

  private advanceInHole(passed: number, rate: number): void {
    const master = this.players[0];
    const next = master?.nextStart(this.wall) ?? this.nextRecorded(this.wall);
    const short = next !== null && next - this.wall < 1500;
    this.change({ waiting: false, inHole: true });
    if (next !== null && (this.skipHoles || short)) this.seek(next + 20);
    else this.wall += Math.min(passed * rate, next === null ? Infinity : next - this.wall + HOLE_STEP_MS);
  }

  private follow(player: RecordedPlayer, playing: boolean, rate: number): void {
    player.expect(this.wall);
    if (!player.covers(this.wall)) {
      player.pause();
      player.show(this.wall);
      return;
    }
    const drift = (player.position() - this.wall) / 1000;
    const leads = player === this.players[0] && playing;
    if (!playing) {
      player.pause();
      if (Math.abs(drift) > 0.002) player.show(this.wall);
    } else if (Math.abs(drift) > (leads ? 3 : DRIFT_S) * Math.max(1, rate)) {
      player.show(this.wall);
    } else {
      player.play(leads ? rate : rate * (1 - Math.max(-0.1, Math.min(0.1, drift * 0.3))));
      player.overHole();
    }
  }
}
