/** The browser of a session in words. */

import { useTranslation } from "react-i18next";

/** `Firefox on Linux`, as the node keeps it (compliance/browsers.py), in the language of the screen. */
export function useBrowserWords(): (browser: string) => string {
  const { t } = useTranslation();
  return (browser) => {
    const [name = "", system] = browser.split(" on ");
    if (name === "") return t("account.unknownBrowser");
    return system === undefined ? name : t("account.browserOn", { name, system });
  };
}
