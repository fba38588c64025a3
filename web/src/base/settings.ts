/** What one operator prefers on this desk; kept in the browser, never personal data of others. */

import { Store } from "./store";

export interface Settings {
  /** Keys of one letter act outside fields (WCAG 2.1.4 asks that they can be switched off). */
  singleKeys: boolean;
  /** Alarms sound. */
  sound: boolean;
  /** Tiles of the wall: 1, 4, 9 or 16; null takes the smallest that holds every camera. */
  wallSize: WallSize | null;
  /** Camera ids by tile; an empty text leaves the tile free, null lets the wall fill itself. */
  wallTiles: string[] | null;
  /** Playback jumps over holes in the recording. */
  skipGaps: boolean;
  /** How the enlarged picture comes: by itself the quickest way that the line bears, or always the one for lossy lines. */
  line: "auto" | "lossy";
}

export type WallSize = 1 | 4 | 9 | 16;
export const WALL_SIZES: readonly WallSize[] = [1, 4, 9, 16];

/** The smallest wall that holds so many cameras. */
export function wallFor(cameras: number): WallSize {
  return WALL_SIZES.find((size) => size >= cameras) ?? 16;
}

const DEFAULT: Settings = { singleKeys: true, sound: true, wallSize: null, wallTiles: null, skipGaps: true, line: "auto" };

let keptFor = "";
export const settings = new Store<Settings>(DEFAULT);

function key(operatorId: string): string {
  return `istros.desk.${operatorId}`;
}

/** Take up the settings of the operator who signed in. */
export function loadSettings(operatorId: string): void {
  if (keptFor === operatorId) return;
  keptFor = operatorId;
  try {
    const kept = JSON.parse(localStorage.getItem(key(operatorId)) ?? "{}") as Partial<Settings>;
    settings.set({ ...DEFAULT, ...kept });
  } catch {
    settings.set(DEFAULT);
  }
}

/** Change some settings and keep them. */
export function saveSettings(part: Partial<Settings>): void {
  settings.set({ ...settings.get(), ...part });
  try {
    if (keptFor !== "") localStorage.setItem(key(keptFor), JSON.stringify(settings.get()));
  } catch {
    // A browser that keeps nothing still works; the choice holds until the page closes.
  }
}
