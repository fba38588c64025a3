/** How much of the 72 hours is left. */

import { useTranslation } from "react-i18next";

import { dayClock, length, useNow } from "../../base/time";
import { Icon } from "../../parts/Icon";

const NEAR_MS = 48 * 3_600_000;

export function HoursLeft({ due }: { due: string }) {
  const { t, i18n } = useTranslation();
  const at = useNow();
  const left = Date.parse(due) - at;
  const near = left < NEAR_MS;
  return (
    <span className={near ? "row warn" : "row dim"} role="timer">
      <Icon name={near ? "warn" : "clock"} size="sm" />
      <span className="tr">
        {left < 0 ? t("breaches.late", { time: length(-left) }) : t("breaches.left", { time: length(left) })} · {dayClock(due, i18n.language)}
      </span>
    </span>
  );
}
