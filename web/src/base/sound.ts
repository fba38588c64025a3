/** One short sound per alarm priority, made in the browser; silent until the operator's first key or click. */

import type { Priority } from "../api/client";
import { settings } from "./settings";
import { Store } from "./store";
import { now } from "./time";

/** Tones of each priority: hertz, start and length in seconds. Worse sounds higher and longer (IEC 60601-1-8 pattern of bursts). */
const TONES: Record<Priority, readonly (readonly [number, number, number])[]> = {
  critical: [
    [880, 0, 0.14],
    [880, 0.2, 0.14],
    [1175, 0.4, 0.26],
  ],
  high: [
    [784, 0, 0.14],
    [784, 0.22, 0.2],
  ],
  medium: [[587, 0, 0.2]],
  low: [[440, 0, 0.14]],
};

let context: AudioContext | null = null;
/** Silent until this moment in milliseconds, 0 when not muted. */
export const mutedUntil = new Store(0);

function awake(): void {
  context ??= new AudioContext();
  void context.resume();
}

for (const gesture of ["pointerdown", "keydown"]) window.addEventListener(gesture, awake, { once: true });

/** Be silent for two minutes, or speak again. */
export function toggleMute(): void {
  mutedUntil.set(mutedUntil.get() > now() ? 0 : now() + 120_000);
}

function tone(audio: AudioContext, hertz: number, start: number, seconds: number): void {
  const source = audio.createOscillator();
  const gain = audio.createGain();
  const from = audio.currentTime + start;
  source.frequency.value = hertz;
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(0.16, from + 0.015);
  gain.gain.setTargetAtTime(0, from + seconds, 0.03);
  source.connect(gain).connect(audio.destination);
  source.start(from);
  source.stop(from + seconds + 0.2);
}

/** Sound an alarm of this priority once. */
export function sound(priority: Priority): void {
  if (!settings.get().sound || now() < mutedUntil.get() || context?.state !== "running") return;
  for (const [hertz, start, seconds] of TONES[priority]) tone(context, hertz, start, seconds);
}
