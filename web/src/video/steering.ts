/**
 * The hand on a camera's head: who may steer, and what this hand wishes.
 *
 * A wish is a speed that holds as long as it is repeated; the server stops the camera 0.8 s after the last word, so a hand
 * that is lost (a closed lid, a cut line) never leaves a camera turning. One request is on its way at a time, and the newest
 * wish goes next.
 */

import { ApiProblem, api, rawRequest, take } from "../api/client";
import type { components } from "../api/schema";
import { Store } from "../base/store";

export type Head = components["schemas"]["Head"];
export type Lease = components["schemas"]["HeadLease"];

export interface Wish {
  pan: number;
  tilt: number;
  zoom: number;
}

export interface Hand {
  head: Head | null;
  /** This page steers. */
  steers: boolean;
  problem: ApiProblem | null;
}

const REPEAT_MS = 300;
const LOOK_MS = 4000;
const NUDGE_MS = 350;
const STILL: Wish = { pan: 0, tilt: 0, zoom: 0 };

export function isStill(wish: Wish): boolean {
  return wish.pan === 0 && wish.tilt === 0 && wish.zoom === 0;
}

/** The speed for a pointer that far from where it was put down, as shares of the picture's size: gentle near, full at a third. */
export function wishOf(right: number, down: number): Wish {
  const share = (value: number) => {
    const part = Math.min(1, Math.abs(value) * 3);
    return part < 0.06 ? 0 : Math.sign(value) * part * part;
  };
  return { pan: share(right), tilt: -share(down) || 0, zoom: 0 };
}

export class Steering {
  readonly hand = new Store<Hand>({ head: null, steers: false, problem: null });
  private wish = STILL;
  private sent = STILL;
  private busy = false;
  private timer: ReturnType<typeof setInterval> | undefined;
  private look: ReturnType<typeof setInterval> | undefined;
  private pulse: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly camera: string) {}

  /** Follow who steers, from now until `close`. */
  open(): void {
    void this.ask();
    this.look = setInterval(() => void this.ask(), LOOK_MS);
    window.addEventListener("blur", this.stop);
    document.addEventListener("visibilitychange", this.stop);
    window.addEventListener("pagehide", this.leave);
  }

  close(): void {
    clearInterval(this.look);
    window.removeEventListener("blur", this.stop);
    document.removeEventListener("visibilitychange", this.stop);
    window.removeEventListener("pagehide", this.leave);
    this.leave();
  }

  /** Begin to steer; `over` takes the camera from whoever does. */
  async begin(over = false): Promise<void> {
    await this.attempt(async () => {
      const lease = await take(api.POST("/api/cameras/{camera_id}/ptz/lease", { params: this.params, body: { over } }));
      this.change({ steers: true, head: this.withLease(lease) });
    });
    void this.ask();
  }

  /** Let go; the camera stops. */
  async end(): Promise<void> {
    if (!this.hand.get().steers) return;
    this.still();
    this.change({ steers: false });
    await this.attempt(() => take(api.DELETE("/api/cameras/{camera_id}/ptz/lease", { params: this.params })));
    void this.ask();
  }

  /** Turn and zoom like this until the next wish. */
  move(part: Partial<Wish>): void {
    if (!this.hand.get().steers) return;
    this.wish = { ...this.wish, ...part };
    this.timer ??= setInterval(() => void this.send(), REPEAT_MS);
    void this.send();
  }

  /** A short move, for a click or a turn of the wheel. */
  nudge(part: Partial<Wish>): void {
    this.move(part);
    clearTimeout(this.pulse);
    this.pulse = setTimeout(this.stop, NUDGE_MS);
  }

  readonly stop = (): void => {
    if (isStill(this.wish) && isStill(this.sent)) return;
    this.wish = STILL;
    void this.send();
  };

  async home(): Promise<void> {
    await this.attempt(() => take(api.POST("/api/cameras/{camera_id}/ptz/home", { params: this.params })));
  }

  async goTo(token: string): Promise<void> {
    await this.attempt(() => take(api.POST("/api/cameras/{camera_id}/ptz/presets/{token}/go", { params: { path: { ...this.params.path, token } } })));
  }

  private get params() {
    return { path: { camera_id: this.camera } };
  }

  private readonly leave = (): void => {
    if (!this.hand.get().steers) return;
    this.still();
    this.change({ steers: false });
    // The page may be on its way out: this request outlives it.
    void rawRequest(`/api/cameras/${encodeURIComponent(this.camera)}/ptz/lease`, { method: "DELETE", keepalive: true }).catch(() => {});
  };

  private still(): void {
    this.wish = this.sent = STILL;
    clearInterval(this.timer);
    clearTimeout(this.pulse);
    this.timer = undefined;
  }

  private async send(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    const wish = this.wish;
    try {
      if (isStill(wish)) {
        clearInterval(this.timer);
        this.timer = undefined;
        await take(api.POST("/api/cameras/{camera_id}/ptz/stop", { params: this.params }));
      } else await take(api.POST("/api/cameras/{camera_id}/ptz/move", { params: this.params, body: wish }));
      this.sent = wish;
    } catch (error) {
      this.still();
      this.failed(error);
      return;
    } finally {
      this.busy = false;
    }
    if (this.wish !== wish && this.hand.get().steers) void this.send();
  }

  private async ask(): Promise<void> {
    try {
      const head = await take(api.GET("/api/cameras/{camera_id}/ptz", { params: this.params }));
      const steers = this.hand.get().steers && head.lease?.mine === true;
      if (!steers) this.still();
      this.change({ head, steers });
    } catch (error) {
      this.failed(error);
    }
  }

  private async attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      this.change({ problem: null });
    } catch (error) {
      this.failed(error);
    }
  }

  private failed(error: unknown): void {
    if (!(error instanceof ApiProblem)) throw error;
    const lost = error.code === "head-taken";
    this.change({ problem: error, ...(lost ? { steers: false } : {}) });
    if (lost) this.still();
  }

  private withLease(lease: Lease): Head | null {
    const { head } = this.hand.get();
    return head === null ? null : { ...head, lease };
  }

  private change(part: Partial<Hand>): void {
    this.hand.set({ ...this.hand.get(), ...part });
  }
}
