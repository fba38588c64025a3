/** One clock that drives every picture of the playback, over recordings and holes. */

import { Store } from "../../base/store";
import { now } from "../../base/time";
import type { Beyond, RecordedPlayer } from "../../video/recorded";

export const RATES = [0.25, 0.5, 1, 2, 4, 8, 16] as const;
/** Above this speed keyframes alone are played (docs/design/0024 has the measurement). */
export const WHOLE_RATE = 4;

const TICK_MS = 40;
const TEND_MS = 240;
/** A follower further away than this, in seconds of the recording, is set anew rather than hurried. */
const DRIFT_S = 0.35;
/** A difference of one second is made good at this many seconds a second, at most by a quarter of the speed. */
const HURRY = 1.5;
const MOST_HURRY = 0.25;
const IN_STEP_S = 0.004;
const HELD_S = 0.02;
/** All wait for one whose pictures are on their way, but not longer than this. */
const PATIENCE_MS = 2000;
const HOLE_STEP_MS = 120;
/** Longer than a frame of the slowest stream. */
const LAST_FRAME_MS = 130;
/** The newest pictures are still being written: live playback stays this far behind. */
const EDGE_MS = 2500;
const DRIFT_OVER_MS = 1000;
const MOST_STEPS = 3;

export interface DeckState {
  playing: boolean;
  rate: number;
  /** The clock waits for pictures on their way. */
  waiting: boolean;
  /** The cursor stands where nothing was recorded. */
  inHole: boolean;
  /** How far the pictures were apart at most in the last second, in milliseconds; null for one picture alone. */
  driftMs: number | null;
}

export class Deck {
  readonly state = new Store<DeckState>({ playing: false, rate: 1, waiting: false, inHole: false, driftMs: null });
  /** The moment shown, in whole milliseconds, for those who render it as text. */
  readonly shown = new Store(0);
  private skipHoles = true;
  private limit = Infinity;
  private beyond: Beyond = () => null;

  private wall: number;
  private players: RecordedPlayer[] = [];
  private leading = "";
  private last = 0;
  private tendedAt = 0;
  private timer: ReturnType<typeof setInterval> | undefined;
  private seekAt = 0;
  private waitingSince: number | null = null;
  private drifts: { at: number; ms: number }[] = [];
  private steps: Promise<void> = Promise.resolve();
  private stepsWaiting = 0;

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

  /** Whether to jump over holes, and where the recording goes on beyond a moment by what the timeline knows. */
  learn(skipHoles: boolean, beyond: Beyond): void {
    this.skipHoles = skipHoles;
    this.beyond = beyond;
    for (const player of this.players) player.learn(beyond);
  }

  get cursor(): number {
    return this.wall;
  }

  /** The camera whose pictures carry the clock, and whose frames a step counts. */
  lead(camera: string): void {
    this.leading = camera;
  }

  private get leader(): RecordedPlayer | undefined {
    return this.players.find((player) => player.camera === this.leading) ?? this.players[0];
  }

  add(player: RecordedPlayer): () => void {
    this.players.push(player);
    player.learn(this.beyond);
    player.setKeyframes(this.keyframes);
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
    this.waitingSince = null;
    this.drifts = [];
    for (const player of this.players) {
      player.expect(this.wall);
      player.show(this.wall, !this.state.get().playing);
    }
    this.tendedAt = 0;
    this.tell();
  }

  toggle(): void {
    this.change({ playing: !this.state.get().playing });
    this.thin();
    this.waitingSince = null;
    if (!this.state.get().playing) this.hold();
  }

  setRate(rate: number): void {
    this.change({ rate });
    this.thin();
  }

  private get keyframes(): boolean {
    const { playing, rate } = this.state.get();
    return playing && rate > WHOLE_RATE;
  }

  private thin(): void {
    for (const player of this.players) player.setKeyframes(this.keyframes);
    this.tendedAt = 0;
  }

  /** The next slower (-1) or faster (+1) speed. */
  stepRate(by: number): void {
    const at = RATES.indexOf(this.state.get().rate as (typeof RATES)[number]);
    this.setRate(RATES[Math.max(0, Math.min(RATES.length - 1, at + by))] ?? 1);
  }

  /** Stop, and go to the picture beside the one of the leading camera, exactly; steps are made one after the other. */
  frame(by: 1 | -1): void {
    if (this.state.get().playing) this.toggle();
    if (this.stepsWaiting >= MOST_STEPS) return;
    this.stepsWaiting += 1;
    this.steps = this.steps.then(() => this.step(by)).finally(() => {
      this.stepsWaiting -= 1;
    });
  }

  private async step(by: 1 | -1): Promise<void> {
    try {
      const beside = await this.leader?.step(this.wall, by);
      if (beside != null && beside <= this.edge()) this.seek(beside);
    } catch {
      // The player itself says why its recording cannot be read.
    }
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
    this.shown.set(Math.floor(this.wall));
  }

  private tick(): void {
    const at = performance.now();
    const passed = Math.min(500, at - this.last);
    this.last = at;
    const { playing, rate } = this.state.get();
    const late = playing && this.isLate(at);
    if (playing && !late) this.advance(passed, rate);
    const tend = at - this.tendedAt >= TEND_MS;
    if (tend) this.tendedAt = at;
    for (const player of this.players) {
      if (tend) player.tend(this.wall, rate);
      this.follow(player, playing && !late, rate);
    }
    this.measure(at, playing && !late);
    this.tell();
  }

  /** Whether all wait for one whose pictures are on their way. */
  private isLate(at: number): boolean {
    const leader = this.leader;
    const covering = this.players.filter((player) => player.covers(this.wall));
    const late = covering.filter((player) => !player.ready(this.wall));
    if (late.length === 0) {
      this.waitingSince = null;
      return false;
    }
    this.waitingSince ??= at;
    const waits = (leader !== undefined && late.includes(leader)) || at - this.waitingSince < PATIENCE_MS;
    if (waits) this.change({ waiting: true, inHole: false });
    return waits;
  }

  private advance(passed: number, rate: number): void {
    const leader = this.leader;
    if (leader === undefined) return;
    if (this.wall >= this.edge()) {
      this.wall = this.edge();
      this.change({ waiting: false });
      if (this.wall >= this.limit) this.toggle();
      return;
    }
    if (leader.covers(this.wall)) this.advanceOn(leader, rate);
    else if (leader.knows(this.wall)) this.advanceInHole(leader, passed, rate);
    else this.change({ waiting: true, inHole: false });
  }

  private advanceOn(leader: RecordedPlayer, rate: number): void {
    const position = leader.position();
    const near = Math.abs(position - this.wall) < 3000 * Math.max(1, rate);
    const settled = performance.now() - this.seekAt > 150;
    this.change({ waiting: false, inHole: false });
    if (near && settled && position > this.wall) this.wall = position;
    leader.overHole();
    this.leaveRun(leader);
  }

  /** The last frame of a run is shown until the run ends, but no picture carries the clock there: it steps over by itself. */
  private leaveRun(leader: RecordedPlayer): void {
    const end = leader.runEnd(this.wall);
    if (end !== null && end - this.wall < LAST_FRAME_MS && leader.knows(end + 1000)) this.wall = end;
  }

  private advanceInHole(leader: RecordedPlayer, passed: number, rate: number): void {
    const next = leader.nextStart(this.wall) ?? this.beyond(this.wall, 1);
    const short = next !== null && next - this.wall < 1500;
    this.change({ waiting: false, inHole: true });
    if (next !== null && (this.skipHoles || short)) this.seek(next + 20);
    else this.wall += Math.min(passed * rate, next === null ? Infinity : next - this.wall + HOLE_STEP_MS);
  }

  private follow(player: RecordedPlayer, playing: boolean, rate: number): void {
    player.expect(this.wall);
    const drift = (player.position() - this.wall) / 1000;
    if (!playing || !player.covers(this.wall)) {
      player.pause();
      const still = !this.state.get().playing;
      // While all wait for one, the others stand where they are.
      if (still || !player.covers(this.wall) || Math.abs(drift) > HELD_S * Math.max(1, rate)) player.show(this.wall, still);
      return;
    }
    const leads = player === this.leader;
    if (Math.abs(drift) > (leads ? 3 : DRIFT_S) * Math.max(1, rate)) player.show(this.wall);
    else player.play(leads ? rate * (1 - this.lag(rate)) : rate * (1 - hurry(drift, rate)));
    player.overHole();
  }

  /** How much the leader slows down for those behind it, where they cannot be hurried any more. */
  private lag(rate: number): number {
    if (rate <= WHOLE_RATE) return 0;
    const behind = this.players.filter((player) => player.covers(this.wall)).map((player) => (this.wall - player.position()) / 1000);
    return Math.min(0.2, Math.max(0, ...behind) / rate);
  }

  private measure(at: number, playing: boolean): void {
    const apart = this.players.filter((player) => player.covers(this.wall) && player.ready(this.wall)).map((player) => player.position());
    if (this.players.length < 2 || apart.length < 2) {
      this.drifts = [];
      this.change({ driftMs: this.players.length < 2 ? null : 0 });
      return;
    }
    // Standing still, each shows its own picture of the one moment: they are in step by construction.
    this.drifts = this.drifts.filter((one) => at - one.at < DRIFT_OVER_MS);
    if (playing) this.drifts.push({ at, ms: Math.max(...apart) - Math.min(...apart) });
    this.change({ driftMs: Math.round(Math.max(0, ...this.drifts.map((one) => one.ms))) });
  }

  private hold(): void {
    for (const player of this.players) {
      player.pause();
      player.show(this.wall, true);
    }
  }
}

/** The share of the speed by which a picture that is `drift` seconds ahead is held back. */
function hurry(drift: number, rate: number): number {
  if (Math.abs(drift) < IN_STEP_S) return 0;
  return Math.max(-MOST_HURRY, Math.min(MOST_HURRY, (drift * HURRY) / Math.max(1, rate)));
}
