/** What left the node: to whom, on what ground, which data; the list that the supervisory authority may ask for. */

import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, take } from "../../api/client";
import type { components } from "../../api/schema";
import { clock, day, dayClock } from "../../base/time";
import { Facts } from "../../parts/Facts";
import { Icon } from "../../parts/Icon";
import { Empty, Problem } from "../../parts/Problem";
import { useSpan } from "./spans";

type Departure = components["schemas"]["Departure"];

export function Left() {
  const { t, i18n } = useTranslation();
  const search = useSearch({ from: "/frame/oversight" });
  const span = useSpan();
  const found = useQuery({ queryKey: ["departures", search.days], queryFn: () => take(api.GET("/api/departures", { params: { query: span } })), staleTime: 60_000 });
  const [selected, select] = useState<string>();
  const rows = found.data?.departures ?? [];
  const record = `/api/departures/record?${new URLSearchParams({ ...span, language: i18n.language }).toString()}`;
  return (
    <div className={rows.length === 0 ? "scroll grow" : "two-parts"}>
      <div>
        <div className="askbar">
          <span className="sp">{t("leaving.listHint")}</span>
          <a className="btn" href={record} download>
            <Icon name="save" />
            {t("leaving.record")}
          </a>
        </div>
        <Problem error={found.error} onRetry={() => void found.refetch()} />
        {found.isSuccess && rows.length === 0 ? <Empty title={t("leaving.none")} /> : null}
        {rows.length === 0 ? null : <List rows={rows} selected={selected} onSelect={select} />}
        {found.data?.cut === true ? <p className="note">{t("leaving.cut", { shown: rows.length })}</p> : null}
      </div>
      <div>
        <One row={rows.find((row) => row.id === selected) ?? rows[0]} />
      </div>
    </div>
  );
}

function List({ rows, selected, onSelect }: { rows: readonly Departure[]; selected: string | undefined; onSelect: (id: string) => void }) {
  const { t, i18n } = useTranslation();
  return (
    <table className="t why">
      <caption className="vh">{t("oversight.tab.left")}</caption>
      <thead>
        <tr>
          <th>{t("leaving.gone")}</th>
          <th>{t("leaving.what")}</th>
          <th>{t("leaving.recipient")}</th>
          <th>{t("leaving.ground")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} aria-selected={row.id === selected}>
            <td>
              <button type="button" className="bare-btn" onClick={() => onSelect(row.id)}>
                <b>{row.number}</b>
              </button>
              <div className="dim nw">{row.gone === null ? "" : dayClock(row.gone, i18n.language)}</div>
            </td>
            <td>{t(`leaving.carriers.${row.carrier}`)}</td>
            <td>
              {row.recipient}
              <div className="dim">{`${t(`leaving.kinds.${row.kind}`)}, ${row.country}`}</div>
            </td>
            <td>{t(`leaving.laws.${row.basis}`)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function One({ row }: { row: Departure | undefined }) {
  const { t, i18n } = useTranslation();
  if (row === undefined) return null;
  const moment = (at: string | null) => (at === null ? "" : `${day(at, i18n.language)} ${clock(at)}`);
  const facts: [string, string][] = [
    [t("leaving.recipient"), `${row.recipient} (${t(`leaving.kinds.${row.kind}`)}, ${row.country})`],
    [t("leaving.ground"), `${t(`leaving.bases.${row.basis}`)}: ${t(`leaving.laws.${row.basis}`)}`],
    [t("leaving.paper"), row.reference],
    [t("leaving.data"), row.data.map((name) => t(`leaving.classes.${name}`)).join(", ")],
    [t("leaving.cameras"), row.cameras.join(", ")],
    [t("leaving.covers"), row.start === null ? "" : `${moment(row.start)} – ${moment(row.end)}`],
    [t("permit.title"), [row.permitNumber, row.caseRef].filter(Boolean).join(" · ")],
    [t("leaving.ordered"), `${row.orderedBy} (${row.organisation}), ${dayClock(row.ordered, i18n.language)}`],
    [t("leaving.taken"), row.gone === null ? "" : `${row.goneBy}, ${dayClock(row.gone, i18n.language)}`],
    ["SHA-256", row.sha256],
  ];
  return (
    <>
      <h3>{`${row.number} · ${t(`leaving.carriers.${row.carrier}`)}`}</h3>
      <Facts facts={facts.filter(([, text]) => text !== "")} className="pb wide-kv" />
    </>
  );
}
