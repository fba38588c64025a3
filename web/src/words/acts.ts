/** The acts of the audit log in words. */

import { useTranslation } from "react-i18next";

import en from "./en.json";

const ACTS = Object.entries(en.step).flatMap(([noun, verbs]) => Object.keys(verbs).map((verb) => `${noun}.${verb}`));

/** The act in the language of the screen. */
export function useActWords(): (action: string) => string {
  const { t, i18n } = useTranslation();
  return (action) => (i18n.exists(`step.${action}`) ? t(`step.${action}`) : action);
}

/** Every act with its words, in their order in the language of the screen. */
export function useActs(): [string, string][] {
  const { i18n } = useTranslation();
  const words = useActWords();
  return ACTS.map((act): [string, string] => [act, words(act)]).toSorted(([, one], [, other]) => one.localeCompare(other, i18n.language));
}
