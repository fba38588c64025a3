/** How far behind the newest picture a player must stay so that the next one is there before it is due. */

const WINDOW_S = 4;
const BUCKET_S = 0.5;
const LEAST_S = 0.03;
const MOST_S = 1.5;
/** What a picture needs between its arrival and its place on the screen, beyond its turn: appending and decoding. */
const WORK_S = 0.04;

interface Bucket {
  from: number;
  least: number;
  most: number;
}

/** Watches how unevenly pictures come. Times in seconds: `media` of the picture, `at` of its arrival. */
export class Jitter {
  private buckets: Bucket[] = [];
  private began: number | null = null;
  private lastMedia = 0;
  private interval = 0.04;
  private extra = 0;
  private relaxedAt = 0;

  arrived(media: number, at: number): void {
    this.began ??= at;
    const step = media - this.lastMedia;
    this.lastMedia = media;
    if (step > 0 && step < 1) this.interval += (step - this.interval) / 8;
    // What the server had kept comes at once, and tells nothing about the line.
    if (at - this.began < BUCKET_S) return;
    const delay = at - media;
    const last = this.buckets.at(-1);
    if (last === undefined || at - last.from > BUCKET_S) {
      this.buckets.push({ from: at, least: delay, most: delay });
      this.buckets = this.buckets.filter((bucket) => at - bucket.from < WINDOW_S);
    } else {
      last.least = Math.min(last.least, delay);
      last.most = Math.max(last.most, delay);
    }
    if (at - this.relaxedAt > 1) {
      this.relaxedAt = at;
      this.extra = Math.max(0, this.extra - 0.01);
    }
  }

  /** The player ran dry: stay a little further behind, and forget that slowly. */
  stalled(): void {
    if (this.buckets.length > 0) this.extra = Math.min(0.3, this.extra + 0.03);
  }

  /** Seconds between the end of what is there and the place to play: the newest picture's own time is part of it. */
  behind(): number {
    return Math.min(MOST_S, this.interval + Math.max(LEAST_S, WORK_S + this.spread()) + this.extra);
  }

  private spread(): number {
    if (this.buckets.length === 0) return 0;
    return Math.max(...this.buckets.map((bucket) => bucket.most)) - Math.min(...this.buckets.map((bucket) => bucket.least));
  }
}
