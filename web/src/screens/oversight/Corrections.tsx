/** Wrong data that left the node: who got them, what was written to them, and whether they confirmed within 72 hours. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, take } from "../../api/client";
import { may, queryClient } from "../../api/queries";
import type { components } from "../../api/schema";
import { dayClock } from "../../base/time";
import { Facts } from "../../parts/Facts";
import { Icon } from "../../parts/Icon";
import { Empty, Problem } from "../../parts/Problem";
import { ReasonDialog } from "../../parts/ReasonDialog";

type Correction = components["schemas"]["Correction"];

const MOMENTS = new Set(["time", "from", "to"]);

export function Corrections() {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: ["corrections"], queryFn: () => take(api.GET("/api/corrections")), staleTime: 60_000 });
  const [selected, select] = useState<string>();
  const rows = found.data ?? [];
  const one = rows.find((row) => row.id === selected) ?? rows[0];
  return (
    <div className={rows.length === 0 ? "scroll grow" : "two-parts"}>
      <div>
        <p className="dim pad">{t("corrections.hint")}</p>
        <Problem error={found.error} onRetry={() => void found.refetch()} />
        {found.isSuccess && rows.length === 0 ? <Empty title={t("corrections.none")} /> : null}
        {rows.length === 0 ? null : <List rows={rows} selected={one?.id} onSelect={select} />}
      </div>
      <div>{one === undefined ? null : <One key={one.id} row={one} />}</div>
    </div>
  );
}

function List({ rows, selected, onSelect }: { rows: readonly Correction[]; selected: string | undefined; onSelect: (id: string) => void }) {
  const { t, i18n } = useTranslation();
  return (
    <table className="t why">
      <caption className="vh">{t("oversight.tab.corrections")}</caption>
      <thead>
        <tr>
          <th>{t("corrections.number")}</th>
          <th>{t("leaving.recipient")}</th>
          <th>{t("corrections.wrong")}</th>
          <th>{t("corrections.state")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} aria-selected={row.id === selected}>
            <td>
              <button type="button" className="bare-btn" onClick={() => onSelect(row.id)}>
                <b>{row.number}</b>
              </button>
              <div className="dim">{dayClock(row.found, i18n.language)}</div>
            </td>
            <td>{row.departure.recipient}</td>
            <td>{t(`corrections.causes.${row.cause}`)}</td>
            <td className={row.state === "overdue" ? "bad" : row.state === "confirmed" ? "dim" : "warn"}>
              {t(`corrections.states.${row.state}`)}
              {row.state === "confirmed" ? null : <div>{t("corrections.until", { time: dayClock(row.due, i18n.language) })}</div>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function One({ row }: { row: Correction }) {
  const { t, i18n } = useTranslation();
  const moment = (at: string) => dayClock(at, i18n.language);
  const facts: [string, string][] = [
    [t("leaving.recipient"), `${row.departure.recipient} (${t(`leaving.kinds.${row.departure.kind}`)}, ${row.departure.country})`],
    [t("corrections.got"), `${row.departure.number}, ${t(`leaving.carriers.${row.departure.carrier}`)}${row.departure.gone === null ? "" : `, ${moment(row.departure.gone)}`}`],
    [t("corrections.wrong"), t(`corrections.causes.${row.cause}`)],
    ...Object.entries(row.facts).map(([name, value]): [string, string] => [t(`corrections.facts.${name}`), MOMENTS.has(name) ? moment(value) : value]),
    [t("corrections.remedy"), t(`corrections.remedies.${row.remedy}`)],
    [t("corrections.foundBy"), `${row.foundBy}, ${moment(row.found)}`],
    [t("corrections.sentBy"), row.sent === null ? "" : `${row.sentBy}, ${moment(row.sent)}`],
    [t("corrections.confirmedBy"), row.confirmed === null ? "" : `${row.confirmation} (${row.confirmedBy}, ${moment(row.confirmed)})`],
  ];
  return (
    <>
      <h3>{row.number}</h3>
      <Facts facts={facts.filter(([, text]) => text !== "")} className="pb wide-kv" />
      {row.state === "confirmed" ? null : <Steps row={row} />}
    </>
  );
}

function Steps({ row }: { row: Correction }) {
  const { t } = useTranslation();
  const [confirming, setConfirming] = useState(false);
  const at = { params: { path: { correction_id: row.id } } };
  const done = () => {
    setConfirming(false);
    void queryClient.invalidateQueries({ queryKey: ["notices"] });
    return queryClient.invalidateQueries({ queryKey: ["corrections"] });
  };
  const sending = useMutation({ mutationFn: () => take(api.POST("/api/corrections/{correction_id}/sent", at)), onSuccess: done });
  const confirmed = useMutation({ mutationFn: (how: string) => take(api.POST("/api/corrections/{correction_id}/confirmed", { ...at, body: { how } })), onSuccess: done });
  if (!may("corrections.write")) return null;
  return (
    <div className="askbar">
      <a className="btn" href={`/api/corrections/${encodeURIComponent(row.id)}/letter`} download>
        <Icon name="save" />
        {t("corrections.letter")}
      </a>
      {row.sent === null ? (
        <button type="button" className="btn p" disabled={sending.isPending} onClick={() => sending.mutate()}>
          <Icon name="mail" />
          {t("corrections.send")}
        </button>
      ) : null}
      <button type="button" className={row.sent === null ? "btn" : "btn p"} onClick={() => setConfirming(true)}>
        <Icon name="check" />
        {t("corrections.confirm")}
      </button>
      <Problem error={sending.error} />
      {confirming ? (
        <ReasonDialog title={t("corrections.confirm")} label={t("corrections.how")} act={t("corrections.confirm")} maxLength={500} acting={confirmed} onReason={(how) => confirmed.mutate(how)} onClose={() => setConfirming(false)}>
          <p>{t("corrections.confirmHint")}</p>
        </ReasonDialog>
      ) : null}
    </div>
  );
}
