/** How many alarms were confirmed and how many false, by kind, camera and month. */

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, take } from "../../api/client";
import { Empty, Problem } from "../../parts/Problem";
import { Sheet } from "./OpenReasons";

export function FalseRates() {
  const { t, i18n } = useTranslation();
  const found = useQuery({ queryKey: ["oversight-alarms"], queryFn: () => take(api.GET("/api/oversight/alarms", { params: { query: { months: 6 } } })) });
  const share = new Intl.NumberFormat(i18n.language, { style: "percent", maximumFractionDigits: 0 });
  const kind = (name: string) => (i18n.exists(`alarm.kind.${name}`) ? t(`alarm.kind.${name}`, { states: "" }) : name);
  const rows = [...(found.data ?? [])].reverse();
  return (
    <div className="scroll grow">
      <p className="dim pad">{t("oversight.rateHint")}</p>
      <Problem error={found.error} onRetry={() => void found.refetch()} />
      {found.isSuccess && rows.length === 0 ? <Empty title={t("oversight.noAlarms")} /> : null}
      <Sheet
        name={t("oversight.tab.alarms")}
        heads={[t("oversight.month"), t("oversight.kind"), t("field.camera"), t("oversight.confirmed"), t("oversight.false"), t("oversight.other"), t("oversight.rate")]}
        rows={rows.map((row) => [row.month, kind(row.kind), row.cameraId, String(row.confirmed), String(row.false), String(row.other), row.rate === null ? "–" : share.format(row.rate)])}
      />
    </div>
  );
}
