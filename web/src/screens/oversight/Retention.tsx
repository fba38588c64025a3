/** Retention at work: the oldest of each class against how long it may be kept. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { api, take } from "../../api/client";
import { dayClock } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { Problem } from "../../parts/Problem";
import { useKept } from "../../words/kept";
import { Sheet } from "./OpenReasons";

export function Retention() {
  const { t, i18n } = useTranslation();
  const found = useQuery({ queryKey: ["oversight-retention"], queryFn: () => take(api.GET("/api/oversight/retention")) });
  const kept = useKept();
  return (
    <div className="scroll grow">
      <div className="askbar">
        <span className="sp dim">{t("oversight.retentionHint")}</span>
        <Link to="/storage" className="btn">
          <Icon name="disk" />
          {t("oversight.whatWillGo")}
        </Link>
      </div>
      <Problem error={found.error} onRetry={() => void found.refetch()} />
      <Sheet
        name={t("oversight.tab.retention")}
        heads={[t("oversight.class"), t("oversight.oldest"), t("oversight.age"), t("oversight.limit"), t("oversight.state")]}
        rows={(found.data ?? []).map((row) => [
          `${t(`oversight.classes.${row.kind}`)} ${row.subject}`.trim(),
          dayClock(row.oldest, i18n.language),
          kept(row.ageDays),
          row.limitDays === null ? "–" : row.isLeast ? t("oversight.atLeast", { days: kept(row.limitDays) }) : kept(row.limitDays),
          t(row.late ? "oversight.late" : "oversight.inTime"),
        ])}
      />
    </div>
  );
}
