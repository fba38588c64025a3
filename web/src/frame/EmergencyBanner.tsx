/** Red on every desk until a second person has reviewed it: somebody released alone, because a life was in danger. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { may } from "../api/queries";
import { useEmergencies } from "../api/releases";
import { length, useNow } from "../base/time";
import { Icon } from "../parts/Icon";

export function EmergencyBanner() {
  const { t } = useTranslation();
  const found = useEmergencies().data ?? [];
  const at = useNow();
  const first = found[0];
  if (first === undefined) return null;
  const left = Math.max(0, Date.parse(first.reviewBy) - at);
  return (
    <div className="banner red" role="alert">
      <Icon name="warn" />
      <b className="nw">{t("release.banner", { count: found.length })}</b>
      <span className="tr">{first.matter ? t("release.bannerSays", { who: first.askedBy, matter: t(`release.matter.${first.matter}`) }) : t("release.bannerAlone")}</span>
      <span className="nw" role="timer">
        {t("release.reviewIn", { time: length(left) })}
      </span>
      <span className="sp" />
      {may("releases.read") ? (
        <Link to="/releases" className="btn">
          {t(first.mayReview ? "release.review" : "release.look")}
        </Link>
      ) : null}
    </div>
  );
}
