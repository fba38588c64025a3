import { useTranslation } from "react-i18next";

import { useFaceMatching } from "../api/persons";
import { useNow, length } from "../base/time";
import { Icon } from "../parts/Icon";

/** Says on every screen that faces are compared live, where, and until when (rule L1). */
export function MatchingBanner() {
  const { t } = useTranslation();
  const at = useNow();
  const now = useFaceMatching().data;
  const left = now?.until == null ? 0 : Date.parse(now.until) - at;
  if (now === undefined || left <= 0) return null;
  return (
    <div className="banner" role="status">
      <Icon name="person" />
      <b>{t("matching.runs", { cameras: now.cameras.join(", ") })}</b>
      <span className="nw">{t("matching.left", { time: length(left) })}</span>
    </div>
  );
}
