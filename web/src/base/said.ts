/** What the server says by a code with its figures, in the language of the screen (`istros.base.said`). */

import { useTranslation } from "react-i18next";

import { dayClock } from "./time";

export type SaidFacts = Readonly<Record<string, unknown>>;

/** Where the words of a fact stand, the first that has it; a fact that is named by none is shown as it is. Lists are parted by ", ". */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  kind: ["cameraHealth.kind.*"],
  stream: ["stream.*"],
  signal: ["cameraHealth.signal.*", "cameraHealth.kind.*", "alarm.kind.*"],
  said: ["cameraHealth.said.*"],
  family: ["alarm.family.*"],
  reason: ["systemSays.*"],
  role: ["role.*"],
  matter: ["release.matter.*"],
  purpose: ["purpose.*"],
  purposes: ["purpose.*"],
  objectives: ["release.objective.*"],
  function: ["function.*.name"],
  limit: ["nodeProfile.limit.*"],
  lacks: ["release.scope.*", "part.*"],
  what: ["part.*"],
  field: ["part.*"],
  ending: ["release.state.*"],
  start: ["part.*"],
  end: ["part.*"],
};

/** The facts that are moments in UTC. */
const MOMENTS: ReadonlySet<string> = new Set(["time", "start", "end"]);

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** The sentence; null where there are no words for the code: the server's own English one is shown then. */
export function useSaid(): (code: string, facts: SaidFacts) => string | null {
  const { t, i18n } = useTranslation();
  return (code, facts) => {
    const count = typeof facts.count === "number" ? facts.count : 1;
    if (code === "" || !i18n.exists(`said.${code}`, { count })) return null;
    const wordOf = (groups: readonly string[], value: string): string => {
      const key = groups.flatMap((group) => [group.replace("*", value), group.replace("*", camel(value))]).find((each) => i18n.exists(each));
      return key === undefined ? value : t(key, facts);
    };
    const told = ([name, value]: [string, unknown]): [string, unknown] => {
      const groups = WORDS[name];
      if (MOMENTS.has(name) && !Number.isNaN(Date.parse(String(value)))) return [name, dayClock(String(value), i18n.language)];
      return [name, groups === undefined ? value : String(value).split(", ").map((each) => wordOf(groups, each)).join(", ")];
    };
    return t(`said.${code}`, Object.fromEntries(Object.entries(facts).map(told)));
  };
}
