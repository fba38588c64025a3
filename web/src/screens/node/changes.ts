/** What a version of the profile changes against the one in force, or against the strictest, in sentences. */

import type { TFunction } from "i18next";

import type { FunctionName, ProfileHistory, ProfileVersion } from "../../api/releases";
import { LIMITS } from "./functions";

export function changesOf(version: ProfileVersion, current: ProfileVersion | undefined, history: ProfileHistory, t: TFunction): string[] {
  const before: Partial<Record<FunctionName, string>> = current?.functions ?? Object.fromEntries(history.strictest.map((name) => [name, ""]));
  const limits = current?.limits ?? history.least;
  const names = [...new Set([...Object.keys(before), ...Object.keys(version.functions)])] as FunctionName[];
  const said: string[] = [];
  for (const name of names) {
    const [old, fresh] = [before[name], version.functions[name]];
    const shown = t(`function.${name}.name`);
    if (old === undefined) said.push(t(fresh === "" ? "nodeProfile.turnsOnBare" : "nodeProfile.turnsOn", { name: shown, ground: fresh }));
    else if (fresh === undefined) said.push(t("nodeProfile.turnsOff", { name: shown }));
    else if (current !== undefined && old !== fresh) said.push(t("nodeProfile.newGround", { name: shown, ground: fresh }));
  }
  for (const name of LIMITS) {
    if (limits[name] !== version.limits[name]) said.push(t("nodeProfile.newLimit", { name: t(`nodeProfile.limit.${name}`), old: limits[name], fresh: version.limits[name] }));
  }
  if (current !== undefined) {
    for (const name of history.questions) {
      if ((current.answers[name] ?? "") !== (version.answers[name] ?? "")) said.push(t("nodeProfile.newAnswer", { name: t(`nodeProfile.question.${name}`) }));
    }
  }
  return said;
}
