import { useTranslation } from "react-i18next";

import { useFaceMatching } from "../api/persons";
import { may } from "../api/queries";
import { useNow, length } from "../base/time";
import { Icon } from "../parts/Icon";

/** Says on every screen that faces are compared live, where, and until when (rule L1). */
export function MatchingBanner() {
  return may("persons.read") ? <Shown /> : null;
}

function Shown() {
  const { t } = useTranslation();
  const at = useNow();
  const running = (useFaceMatching().data?.running ?? []).filter((each) => each.expires != null && Date.parse(each.expires) > at);
  if (running.length === 0) return null;
  const cameras = [...new Set(running.flatMap((each) => each.cameras))];
  const ends = Math.max(...running.map((each) => Date.parse(each.expires ?? "")));
  const urgent = running.some((each) => each.emergency && each.answeredBy == null);
  return (
    <div className="banner" role="status">
      <Icon name="person" />
      <b>{t("matching.runs", { cameras: cameras.join(", ") })}</b>
      <span className="nw">{t("matching.left", { time: length(ends - at) })}</span>
      {urgent ? <b className="tr">{t("matching.urgent")}</b> : null}
    </div>
  );
}
