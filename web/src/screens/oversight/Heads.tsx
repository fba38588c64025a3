/** How far the audit log is signed and stamped, anchors for the partner, and the report of a month or a year. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, take } from "../../api/client";
import { dayClock, localDate, now } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { Empty, Problem } from "../../parts/Problem";
import { Sheet } from "./OpenReasons";

export function Heads() {
  const { t, i18n } = useTranslation();
  const found = useQuery({ queryKey: ["oversight-heads"], queryFn: () => take(api.GET("/api/oversight/heads")), refetchInterval: 60_000 });
  const when = (moment: string | null) => (moment === null ? "–" : dayClock(moment, i18n.language));
  const heads = found.data;
  return (
    <div className="scroll grow">
      <Problem error={found.error} onRetry={() => void found.refetch()} />
      <h3>{t("oversight.signed")}</h3>
      {heads === undefined ? null : (
        <p className="pad">
          {heads.time === null
            ? t("oversight.notSigned")
            : t("oversight.signedTo", { sequence: heads.sequence.toLocaleString(i18n.language), rows: heads.rows.toLocaleString(i18n.language), time: when(heads.time), number: heads.number.toLocaleString(i18n.language), key: heads.keyId })}
        </p>
      )}
      {heads !== undefined && heads.stamps.length === 0 ? <p className="dim pad">{t("oversight.noAuthority")}</p> : null}
      <Sheet
        name={t("oversight.stamps")}
        heads={[t("oversight.authority"), t("oversight.newestStamp"), t("oversight.state")]}
        rows={(heads?.stamps ?? []).map((row) => [row.authority, when(row.newest), row.late ? t("oversight.stampLate", { time: when(row.waitingSince) }) : t("oversight.stampInTime")])}
      />
      <div className="askbar">
        <a className="btn" href="/api/oversight/anchors" download="istros-anchors.json">
          <Icon name="key" />
          {t("oversight.anchorsDownload")}
        </a>
        <span className="dim sp">{t("oversight.anchorsHint")}</span>
      </div>
      <h3>{t("oversight.partners")}</h3>
      {heads !== undefined && heads.partners.length === 0 ? <Empty title={t("oversight.noPartners")} hint={t("oversight.noPartnersHint")} /> : null}
      <Sheet
        name={t("oversight.partners")}
        heads={[t("oversight.partner"), t("oversight.head"), t("oversight.row"), t("oversight.signedAt"), t("oversight.keyId"), t("oversight.received")]}
        rows={(heads?.partners ?? []).map((row) => [row.partner, String(row.number), String(row.sequence), when(row.time), row.keyId, `${when(row.received)}, ${row.receivedBy}`])}
      />
      <Report />
    </div>
  );
}

const YEARS = 5;

function Report() {
  const { t, i18n } = useTranslation();
  const today = localDate(now());
  const [span, setSpan] = useState<"month" | "year">("month");
  const [month, setMonth] = useState(today.slice(0, 7));
  const [year, setYear] = useState(today.slice(0, 4));
  const [edition, setEdition] = useState("authority");
  const period = span === "month" ? month : year;
  const query = new URLSearchParams({ period, language: i18n.language, edition });
  const years = Array.from({ length: YEARS }, (_, back) => String(Number(today.slice(0, 4)) - back));
  return (
    <>
      <h3>{t("oversight.report")}</h3>
      <div className="askbar">
        <fieldset className="seg" aria-label={t("oversight.reportSpan")}>
          {(["month", "year"] as const).map((name) => (
            <button key={name} type="button" aria-pressed={span === name} onClick={() => setSpan(name)}>
              {t(`oversight.${name}`)}
            </button>
          ))}
        </fieldset>
        {span === "month" ? (
          <input className="in" type="month" aria-label={t("oversight.month")} value={month} max={today.slice(0, 7)} onChange={(event) => setMonth(event.currentTarget.value)} />
        ) : (
          <select className="in" aria-label={t("oversight.year")} value={year} onChange={(event) => setYear(event.currentTarget.value)}>
            {years.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        )}
        <select className="in" aria-label={t("oversight.edition")} value={edition} onChange={(event) => setEdition(event.currentTarget.value)}>
          <option value="authority">{t("oversight.editions.authority")}</option>
          <option value="public">{t("oversight.editions.public")}</option>
        </select>
        {period === "" ? null : (
          <a className="btn" href={`/api/oversight/report?${query}`} download>
            <Icon name="doc" />
            {t("oversight.reportDownload")}
          </a>
        )}
      </div>
      <p className="dim pad">{t("oversight.reportHint")}</p>
    </>
  );
}
