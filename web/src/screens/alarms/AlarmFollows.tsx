/** Where an alarm leads beside its answer: to the release that waits. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { AlarmDetail } from "../../api/client";
import { may } from "../../api/queries";
import { Icon } from "../../parts/Icon";

export function AlarmFollows({ alarm }: { alarm: AlarmDetail }) {
  const { t } = useTranslation();
  if (alarm.kind !== "emergency-release" || !may("releases.read")) return null;
  return (
    <div className="row wrap pb">
      <Link to="/releases" className="btn">
        <Icon name="checks" />
        {t("alarm.toRelease")}
      </Link>
    </div>
  );
}
