/** Time as the desk shows it: the server's clock, Eastern European local time, and UTC beside it. */

import { Store, useStore } from "./store";

/** Europe/Bucharest and Europe/Kyiv keep the same clock, so one zone serves both towns. */
export const ZONE = "Europe/Bucharest";

/** The zone of a town by its own name; both keep the same clock. */
export function zoneOf(town: string | undefined): string {
  return town === "Izmail" ? "Europe/Kyiv" : ZONE;
}

let offsetMs = 0;

/** Learn how far this computer's clock is from the server's (`iso` is the server's now). */
export function learnServerTime(iso: string): void {
  const server = Date.parse(iso);
  if (Number.isFinite(server)) offsetMs = server - Date.now();
}

/** Milliseconds UTC by the server's clock. */
export function now(): number {
  return Date.now() + offsetMs;
}

const second = new Store(Math.floor(now() / 1000) * 1000);
setInterval(() => second.set(Math.floor(now() / 1000) * 1000), 250);

/** The server's now in whole seconds; renders again each second. */
export function useNow(): number {
  return useStore(second);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** English dates are written as in both towns: the day before the month, the clock to 24. */
function localeOf(language: string): string {
  return language === "en" ? "en-GB" : language;
}

function format(language: string, zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language}|${zone}|${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (found === undefined) {
    found = new Intl.DateTimeFormat(localeOf(language), { timeZone: zone, hourCycle: "h23", ...options });
    formats.set(key, found);
  }
  return found;
}

const CLOCK: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
type Moment = number | string;

function millis(moment: Moment): number {
  return typeof moment === "number" ? moment : Date.parse(moment);
}

/** `14:32:18` local time. */
export function clock(moment: Moment): string {
  const ms = millis(moment);
  return Number.isFinite(ms) ? format("en-GB", ZONE, CLOCK).format(ms) : "–";
}

/** `14:32` local time. */
export function shortClock(moment: Moment): string {
  return clock(moment).slice(0, 5);
}

/** `12:32:18` UTC. */
export function utcClock(moment: Moment): string {
  return format("en-GB", "UTC", CLOCK).format(millis(moment));
}

/** `EET` in winter, `EEST` in summer. */
export function zoneName(moment: Moment): string {
  const parts = format("en-GB", ZONE, { timeZoneName: "longOffset" }).formatToParts(millis(moment));
  const offset = parts.find((part) => part.type === "timeZoneName")?.value ?? "";
  return offset.includes("+03") ? "EEST" : "EET";
}

/** `24 Nov` in the language of the screen. */
export function day(moment: Moment, language: string): string {
  return format(language, ZONE, { day: "numeric", month: "short" }).format(millis(moment));
}

/** `Tue 24 Nov 2026` in the language of the screen; without the "р." that Ukrainian sets after a year, which doubles the stop of a sentence. */
export function longDay(moment: Moment, language: string): string {
  const options = { weekday: "short", day: "numeric", month: "short", year: "numeric" } as const;
  return format(language, ZONE, options).format(millis(moment)).replace(/\s*р\.$/u, "");
}

/** The time alone today, else with its day: `14:31:52` or `22 Nov 17:33:02`. */
export function dayClock(moment: Moment, language: string): string {
  const ms = millis(moment);
  return localDate(ms) === localDate(now()) ? clock(ms) : `${day(ms, language)} ${clock(ms)}`;
}

/** `2026-11-24` in local time. */
export function localDate(ms: number): string {
  return format("sv-SE", ZONE, { year: "numeric", month: "2-digit", day: "2-digit" }).format(ms);
}

/** `2026-11-24T14:32:18` in local time. */
export function fieldTime(ms: number): string {
  return `${localDate(ms)}T${clock(ms)}`;
}

/** `2026-11-24 14:32` in local time, as the fields of the desk write it. */
export function momentText(ms: number): string {
  return fieldTime(ms).slice(0, 16).replace("T", " ");
}

/** Milliseconds of `14:31`, `14:31:52` (on the day of `near`), `2026-11-24 14:31:52` or `24.11.2026 14:31:52` local time; NaN when it is none of these. */
export function parseMoment(text: string, near: number): number {
  const turned = text.trim().replace(/^(\d{2})\.(\d{2})\.(\d{4}),?\s+/, "$3-$2-$1 ");
  const found = /^(?:(\d{4}-\d{2}-\d{2})[ T]+)?(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?$/.exec(turned);
  if (found === null) return Number.NaN;
  const [, date = localDate(near), hours = "0", minutes = "00", seconds = "00"] = found;
  return fromFieldTime(`${date}T${hours.padStart(2, "0")}:${minutes}:${seconds}`);
}

/** Milliseconds of a local date and time `2026-11-24T14:32:18`; NaN when it is not one. */
export function fromFieldTime(text: string): number {
  const asUtc = Date.parse(`${text.length === 16 ? `${text}:00` : text}Z`);
  if (!Number.isFinite(asUtc)) return Number.NaN;
  const guess = asUtc - zoneOffset(asUtc);
  return asUtc - zoneOffset(guess);
}

function zoneOffset(ms: number): number {
  return Date.parse(`${fieldTime(ms)}Z`) - Math.floor(ms / 1000) * 1000;
}

/** `0:26`, `12:05` or `1:02:09`; a negative length has a minus. */
export function length(ms: number): string {
  const whole = Math.floor(Math.abs(ms) / 1000);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const seconds = String(whole % 60).padStart(2, "0");
  const text = hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
  return ms < 0 ? `−${text}` : text;
}
