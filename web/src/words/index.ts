/** The three languages of the desk. */

import i18next from "i18next";
import { initReactI18next } from "react-i18next";

import en from "./en.json";
import ro from "./ro.json";
import uk from "./uk.json";

export type Language = "en" | "uk" | "ro";
export const LANGUAGES: readonly { code: Language; short: string; name: string }[] = [
  { code: "en", short: "EN", name: "English" },
  { code: "uk", short: "УК", name: "Українська" },
  { code: "ro", short: "RO", name: "Română" },
];

const KEPT = "istros.language";

export function isLanguage(text: string | null | undefined): text is Language {
  return text === "en" || text === "uk" || text === "ro";
}

function firstLanguage(): Language {
  const kept = localStorage.getItem(KEPT);
  if (isLanguage(kept)) return kept;
  const asked = navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage);
  return asked ?? "en";
}

function tell(language: string): void {
  document.documentElement.lang = language;
}

i18next.on("languageChanged", tell);
void i18next.use(initReactI18next).init({
  resources: { en: { translation: en }, uk: { translation: uk }, ro: { translation: ro } },
  lng: firstLanguage(),
  fallbackLng: "en",
  interpolation: { escapeValue: false },
  returnNull: false,
  initAsync: false,
});

let chosen: Language | null = null;

/** The language that was chosen since the last call; null when nobody chose. The sign-in page keeps it for the operator. */
export function takeChosen(): Language | null {
  const taken = chosen;
  chosen = null;
  return taken;
}

/** Speak this language from now on, and at the next visit. */
export function speak(language: Language): void {
  chosen = language;
  localStorage.setItem(KEPT, language);
  void i18next.changeLanguage(language);
}
