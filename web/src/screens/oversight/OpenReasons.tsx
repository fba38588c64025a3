/** Open permits, watchlist entries and holds, and when they end. */

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, take } from "../../api/client";
import { dayClock } from "../../base/time";
import { Empty, Problem } from "../../parts/Problem";

export function OpenReasons() {
  const { t, i18n } = useTranslation();
  const found = useQuery({ queryKey: ["oversight-open"], queryFn: () => take(api.GET("/api/oversight/open")), refetchInterval: 60_000 });
  const when = (moment: string) => dayClock(moment, i18n.language);
  const open = found.data;
  if (open === undefined) return <Problem error={found.error} onRetry={() => void found.refetch()} />;
  return (
    <div className="scroll grow">
      <h3>{t("oversight.openPermits")}</h3>
      <p className="dim pad">{t("oversight.onDuty", { count: open.onDuty })}</p>
      {open.permits.length === 0 ? <Empty title={t("oversight.noPermits")} /> : null}
      <Sheet
        name={t("oversight.openPermits")}
        heads={[t("permit.title"), t("audit.actor"), t("field.purpose"), t("field.case"), t("field.ground"), t("oversight.ends")]}
        rows={open.permits.map((row) => [row.number, row.holder, t(`purpose.${row.purpose}`), row.caseRef, row.ground, when(row.expires)])}
      />
      <h3>{t("oversight.openEntries")}</h3>
      {open.entries.length === 0 ? <Empty title={t("oversight.noEntries")} /> : null}
      <Sheet
        name={t("oversight.openEntries")}
        heads={[t("field.owner"), t("field.purpose"), t("field.case"), t("oversight.ends")]}
        rows={open.entries.map((row) => [row.owner, t(`purpose.${row.purpose}`), row.caseRef, when(row.expires)])}
      />
      <h3>{t("oversight.holds")}</h3>
      {open.holds.length === 0 ? <Empty title={t("oversight.noHolds")} /> : null}
      <Sheet
        name={t("oversight.holds")}
        heads={[t("field.camera"), t("audit.actor"), t("oversight.since"), t("storage.review"), t("oversight.releaseAsked")]}
        rows={open.holds.map((row) => [row.cameras.join(", "), row.placedBy, when(row.placed), when(row.review), row.releaseAsked === null ? "–" : when(row.releaseAsked)])}
      />
    </div>
  );
}

/** A plain table; nothing when there are no rows. */
export function Sheet({ name, heads, rows }: { name: string; heads: readonly string[]; rows: readonly (readonly string[])[] }) {
  if (rows.length === 0) return null;
  return (
    <table className="t sheet">
      <caption className="vh">{name}</caption>
      <thead>
        <tr>
          {heads.map((head) => (
            <th key={head}>{head}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.join("|")}>
            {row.map((cell, at) => (
              <td key={heads[at]} title={cell}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
