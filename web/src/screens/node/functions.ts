/** The functions of a profile in the order in which people read them. */

import type { FunctionName } from "../../api/releases";

export const FUNCTIONS = [
  "live-view",
  "recording",
  "exports",
  "plates-read",
  "plates-search",
  "vehicles-described",
  "people-detected",
  "people-described",
  "age-sex-counted",
  "age-sex-described",
  "faces-searched",
  "faces-matched-live",
  "redaction-lifted",
  "sound-recorded",
  "public-page",
] as const satisfies readonly FunctionName[];

/** The limits of a profile, in the order in which they are asked for. */
export const LIMITS = ["recordingHours", "plateHours", "peopleHours", "exportHours", "searchHours", "searchCameras", "matchingHours", "matchingCameras"] as const;
