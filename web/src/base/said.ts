/** What the server says by a code with its figures, in the language of the screen (`istros.base.said`). */

import { useTranslation } from "react-i18next";

import { dayClock } from "./time";

export type SaidFacts = Readonly<Record<string, unknown>>;

/** Where the words of a fact stand, the first that has it; a fact that is named by none is shown as it is. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  kind: ["cameraHealth.kind"],
  stream: ["stream"],
  signal: ["cameraHealth.signal", "cameraHealth.kind", "alarm.kind"],
  said: ["cameraHealth.said"],
  family: ["alarm.family"],
  reason: ["systemSays"],
};

/** The sentence; null where there are no words for the code: the server's own English one is shown then. */
export function useSaid(): (code: string, facts: SaidFacts) => string | null {
  const { t, i18n } = useTranslation();
  return (code, facts) => {
    const count = typeof facts.count === "number" ? facts.count : 1;
    if (code === "" || !i18n.exists(`said.${code}`, { count })) return null;
    const word = ([name, value]: [string, unknown]): [string, unknown] => {
      if (name === "time") return [name, dayClock(String(value), i18n.language)];
      const key = WORDS[name]?.map((group) => `${group}.${String(value)}`).find((each) => i18n.exists(each));
      return [name, key === undefined ? value : t(key, facts)];
    };
    return t(`said.${code}`, Object.fromEntries(Object.entries(facts).map(word)));
  };
}
