import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useCounts } from "../../api/passersby";
import { day, now, shortClock } from "../../base/time";
import { Empty, Problem } from "../../parts/Problem";

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
const SPANS = [6, 24, 168] as const;

/** Numbers of ten people and more; smaller ones are told as hidden, and nobody can be found by subtracting. */
export function Counts() {
  const { t, i18n } = useTranslation();
  const [hours, setHours] = useState<number>(24);
  const [until] = useState(() => new Date(now()).toISOString());
  const found = useCounts(new Date(Date.parse(until) - hours * HOUR_MS).toISOString(), until);
  const counts = (found.data?.counts ?? []).toReversed();
  return (
    <div className="pb stack">
      <div className="row wrap">
        <div className="seg" role="group" aria-label={t("passersby.span")}>
          {SPANS.map((span) => (
            <button key={span} type="button" aria-pressed={span === hours} onClick={() => setHours(span)}>
              {span < DAY_HOURS * 2 ? t("hours", { count: span }) : t("oversight.days", { count: span / DAY_HOURS })}
            </button>
          ))}
        </div>
        <span className="dim">{t("passersby.small", { least: found.data?.least ?? 10 })}</span>
      </div>
      <Problem error={found.error} />
      {found.data?.counted === false ? <p className="note">{t("passersby.off")}</p> : null}
      {found.isSuccess && counts.length === 0 ? <Empty title={t("passersby.none")} /> : null}
      {counts.length === 0 ? null : (
        <table className="t">
          <caption className="vh">{t("passersby.view.counts")}</caption>
          <colgroup>
            <col className="c-hour" />
            <col span={3} />
          </colgroup>
          <thead>
            <tr>
              <th>{t("passersby.hour")}</th>
              <th>{t("field.camera")}</th>
              <th>{t("passersby.who")}</th>
              <th className="num">{t("passersby.people")}</th>
            </tr>
          </thead>
          <tbody>
            {counts.map((count) => (
              <tr key={`${count.hour}${count.cameraId}${count.band}${count.sex}`}>
                <td>{`${day(count.hour, i18n.language)} ${shortClock(count.hour)}`}</td>
                <td>{count.cameraId}</td>
                <td>{count.band === "" ? t("passersby.everybody") : t("passersby.group", { band: count.band, sex: t(`sex.${count.sex || "female"}`) })}</td>
                <td className="num">{count.count ?? t("passersby.hidden")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
