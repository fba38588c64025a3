import { useTranslation } from "react-i18next";

import { lastHeard } from "../api/changes";
import { useStore } from "../base/store";
import { clock, length, useNow } from "../base/time";
import { Icon } from "../parts/Icon";

const SILENT_MS = 3500;

/** Says that the screen is no longer up to date, since when, and that the desk tries again by itself. */
export function ConnectionBanner() {
  const { t } = useTranslation();
  const heard = useStore(lastHeard);
  const silent = useNow() - heard;
  if (heard === 0 || silent < SILENT_MS) return null;
  return (
    <div className="banner">
      <Icon name="nonet" />
      <b role="alert">{t("connection.lost")}</b>
      <b className="nw" aria-hidden="true">
        {length(silent)}
      </b>
      <span className="tr">{t("connection.shown", { time: clock(heard) })}</span>
    </div>
  );
}
