/** How long something is kept, in words. */

import { useTranslation } from "react-i18next";

const HOURS_A_DAY = 24;

/** In days; in hours below one, where a part of a day says little. Reports say the same (`istros.reports.period`). */
export function useKept(): (days: number) => string {
  const { t, i18n } = useTranslation();
  return (days) =>
    days < 1
      ? t("kept.hours", { value: Math.round(days * HOURS_A_DAY).toLocaleString(i18n.language) })
      : t("kept.days", { value: days.toLocaleString(i18n.language, { maximumFractionDigits: 1 }) });
}
