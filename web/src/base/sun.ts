/** The sun over a place, by NOAA's solar equations (Meeus, Astronomical Algorithms, as in NOAA's solar calculator). */

export interface Spot {
  latitude: number;
  longitude: number;
}

/** The middle of each town, for cameras whose own place is not known: the sun rises there within seconds of the same time. */
const TOWNS: Record<string, Spot> = { Izmail: { latitude: 45.35, longitude: 28.84 }, Tulcea: { latitude: 45.18, longitude: 28.8 } };

/** Where the sun is looked up for a camera; null where neither its place nor its town is known. */
export function spotOf(camera: { latitude?: number | null; longitude?: number | null; town: string } | undefined): Spot | null {
  if (camera === undefined) return null;
  const { latitude, longitude } = camera;
  return latitude == null || longitude == null ? (TOWNS[camera.town] ?? null) : { latitude, longitude };
}

export type Light = "night" | "twilight" | "day";

/** Below the horizon by refraction and the sun's half width; civil twilight ends 6° below it. */
const RISE_DEG = -0.833;
const CIVIL_DEG = -6;
const DAY_MS = 86_400_000;
/** Julian day of 1970-01-01T00:00Z. */
const EPOCH_JD = 2_440_587.5;

const rad = (degrees: number) => (degrees * Math.PI) / 180;
const deg = (radians: number) => (radians * 180) / Math.PI;

interface Sun {
  declination: number;
  /** Minutes that the sundial is ahead of the clock. */
  equation: number;
}

function sunAt(ms: number): Sun {
  const t = (ms / DAY_MS + EPOCH_JD - 2_451_545) / 36_525;
  const mean = (280.46646 + t * (36000.76983 + t * 0.0003032)) % 360;
  const anomaly = rad(357.52911 + t * (35999.05029 - 0.0001537 * t));
  const eccentricity = 0.016708634 - t * (0.000042037 + 0.0000001267 * t);
  const centre = Math.sin(anomaly) * (1.914602 - t * (0.004817 + 0.000014 * t)) + Math.sin(2 * anomaly) * (0.019993 - 0.000101 * t) + Math.sin(3 * anomaly) * 0.000289;
  const node = rad(125.04 - 1934.136 * t);
  const apparent = rad(mean + centre - 0.00569 - 0.00478 * Math.sin(node));
  const tilt = rad(23 + (26 + (21.448 - t * (46.815 + t * (0.00059 - t * 0.001813))) / 60) / 60 + 0.00256 * Math.cos(node));
  const half = Math.tan(tilt / 2) ** 2;
  const long = rad(mean);
  const equation =
    4 *
    deg(
      half * Math.sin(2 * long) -
        2 * eccentricity * Math.sin(anomaly) +
        4 * eccentricity * half * Math.sin(anomaly) * Math.cos(2 * long) -
        0.5 * half * half * Math.sin(4 * long) -
        1.25 * eccentricity * eccentricity * Math.sin(2 * anomaly),
    );
  return { declination: Math.asin(Math.sin(tilt) * Math.sin(apparent)), equation };
}

/** How high the middle of the sun stands over the horizon, in degrees, without refraction. */
export function sunHeight(ms: number, { latitude, longitude }: Spot): number {
  const { declination, equation } = sunAt(ms);
  const minutes = (((ms % DAY_MS) + DAY_MS) % DAY_MS) / 60_000 + equation + 4 * longitude;
  const angle = rad(minutes / 4 - 180);
  const sine = Math.sin(rad(latitude)) * Math.sin(declination) + Math.cos(rad(latitude)) * Math.cos(declination) * Math.cos(angle);
  return deg(Math.asin(Math.max(-1, Math.min(1, sine))));
}

export function lightAt(ms: number, spot: Spot): Light {
  const height = sunHeight(ms, spot);
  return height >= RISE_DEG ? "day" : height >= CIVIL_DEG ? "twilight" : "night";
}

export interface Turn {
  at: number;
  kind: "dawn" | "sunrise" | "sunset" | "dusk";
}

/** When the light changes in a span: the sun's height is followed and each crossing narrowed down to a second. */
export function turnsOfLight(from: number, to: number, spot: Spot): Turn[] {
  const found: Turn[] = [];
  const step = 10 * 60_000;
  for (let at = from; at < to; at += step) {
    const next = Math.min(at + step, to);
    for (const [edge, up, down] of [
      [CIVIL_DEG, "dawn", "dusk"],
      [RISE_DEG, "sunrise", "sunset"],
    ] as const) {
      const before = sunHeight(at, spot) >= edge;
      const after = sunHeight(next, spot) >= edge;
      if (before !== after) found.push({ at: crossing(at, next, edge, before, spot), kind: after ? up : down });
    }
  }
  return found;
}

function crossing(from: number, to: number, edge: number, before: boolean, spot: Spot): number {
  let low = from;
  let high = to;
  while (high - low > 500) {
    const middle = (low + high) / 2;
    if (sunHeight(middle, spot) >= edge === before) low = middle;
    else high = middle;
  }
  return Math.round((low + high) / 2);
}

/** The next sunrise or sunset after a moment, within two days. */
export function nextTurn(ms: number, spot: Spot): Turn | null {
  return turnsOfLight(ms, ms + 2 * DAY_MS, spot).find((turn) => turn.kind === "sunrise" || turn.kind === "sunset") ?? null;
}
