/** What the machine says of a vehicle and its plate, in words: country, class, colour, direction, how sure. */

import type { TFunction } from "i18next";

import type { PlateRead } from "../../api/client";

type Looks = Pick<PlateRead, "vehicleClass" | "vehicleColour">;
type Drive = Pick<PlateRead, "direction" | "heading">;

export const VEHICLES = ["car", "van", "lorry", "bus", "motorcycle", "bicycle"] as const;
export const DIRECTIONS = ["towards", "away", "left", "right"] as const;
export const COLOURS = ["white", "grey", "black", "red", "orange", "yellow", "green", "blue", "brown", "beige"] as const;

/** The towns' own countries and their neighbour; then every other whose plates the reader can name (ISO 3166). */
export const HOME = ["UA", "RO", "MD"] as const;
export const ABROAD = ["AL", "AT", "BA", "BE", "BG", "BY", "CH", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "ME", "MK", "NL", "NO", "PL", "PT", "RS", "RU", "SE", "SI", "SK", "TR"] as const;

/** The value if it is one of these: what an address says need not be. */
export function among<T extends string>(these: readonly T[], value: unknown): T | undefined {
  return these.find((one) => one === value);
}

/** The country's name as the language has it; the browser knows them all. */
export function countryName(code: string, language: string): string {
  return new Intl.DisplayNames(language, { type: "region", fallback: "code" }).of(code) ?? code;
}

/** Vehicles whose word is feminine, so that the colour agrees with it: вантажівка біла, furgonetă albă. */
const FEMININE: Record<string, readonly string[]> = { uk: ["lorry", "truck"], ro: ["van", "motorcycle", "bicycle"] };

/** Class and colour, as far as they are known: `lorry, white`; empty when no vehicle was seen round the plate. */
export function vehicleWords(read: Looks, t: TFunction, language: string): string {
  const { vehicleClass, vehicleColour } = read;
  const colours = vehicleClass != null && FEMININE[language]?.includes(vehicleClass) ? "colourOfHer" : "colour";
  const colour = vehicleColour == null ? "" : t(`${colours}.${vehicleColour}`, { defaultValue: vehicleColour });
  const vehicle = vehicleClass == null ? "" : t(`vehicle.${vehicleClass}`, { defaultValue: vehicleClass });
  return [vehicle, colour].filter((word) => word !== "").join(", ");
}

/** Where the vehicle drove: as the camera sees it and, where its bearing is known, by the compass. Empty: not known. */
export function directionWords(read: Drive, t: TFunction): string {
  if (read.direction == null) return "";
  const drives = t(`plates.drives.${read.direction}`);
  return read.heading == null ? drives : `${drives}, ${compassWord(read.heading, t)}`;
}

/** The same in as few words as a table has room for: the compass where it is known. */
export function shortDirection(read: Drive, t: TFunction): string {
  if (read.direction == null) return "";
  return read.heading == null ? t(`plates.drives.${read.direction}`) : compassWord(read.heading, t);
}

function compassWord(heading: number, t: TFunction): string {
  return t(`plates.compass.${Math.round(heading / 45) % 8}`);
}

/** A word for a chance of 0 to 1; the guide tells operators to doubt what is under 0.8. */
export function sureWord(confidence: number, t: TFunction): string {
  const step = confidence >= 0.95 ? "most" : confidence >= 0.8 ? "likely" : confidence >= 0.5 ? "doubtful" : "guess";
  return t(`plates.sure.${step}`);
}

/** Places, counted from 1, of the characters that could not be read. */
export function unreadPlaces(text: string): number[] {
  return [...text].flatMap((letter, place) => (letter === "?" ? [place + 1] : []));
}
