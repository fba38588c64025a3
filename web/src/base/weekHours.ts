/** Hours of the day and of the week as the server writes them: `mon,fri 22:00-06:00`, either part alone, or nothing. */

export const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** A Monday, to ask the language for its names of the days. */
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

export function dayName(day: (typeof WEEK)[number], language: string): string {
  return new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" }).format(MONDAY + WEEK.indexOf(day) * DAY_MS);
}

export function partsOf(hours: string): { days: readonly string[]; begins: string; ends: string } {
  const [first = "", second = ""] = hours.split(" ");
  const named = /^[a-z]/.test(first);
  const [begins = "", ends = ""] = (named ? second : first).split("-");
  return { days: named ? first.split(",") : [], begins, ends };
}

export function hoursOf(days: readonly string[], begins: string, ends: string): string {
  const chosen = WEEK.filter((day) => days.includes(day));
  const clock = begins === "" || ends === "" ? "" : `${begins}-${ends}`;
  return [chosen.length === WEEK.length ? "" : chosen.join(","), clock].filter(Boolean).join(" ");
}

/** For people: `Mon, Fri 22:00 – 06:00`. */
export function hoursText(hours: string, language: string): string {
  const { days, begins, ends } = partsOf(hours);
  const names = WEEK.filter((day) => days.includes(day)).map((day) => dayName(day, language));
  return [names.join(", "), begins === "" ? "" : `${begins} – ${ends}`].filter(Boolean).join(" ");
}
