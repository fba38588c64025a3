import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useThresholds } from "../../api/passersby";
import { now } from "../../base/time";
import { Empty, Problem } from "../../parts/Problem";

const DAYS_30_MS = 30 * 86_400_000;

/** What two people's verdicts teach about the threshold, camera by camera; it changes nothing by itself. */
export function Thresholds() {
  const { t } = useTranslation();
  const [until] = useState(() => new Date(now()).toISOString());
  const found = useThresholds(new Date(Date.parse(until) - DAYS_30_MS).toISOString(), until);
  const rows = found.data?.rows ?? [];
  const share = (value: number | null | undefined) => (value == null ? "–" : `${(100 * value).toPrecision(2)} %`);
  return (
    <div className="pb stack">
      <p className="dim">{t("thresholds.hint")}</p>
      <Problem error={found.error} />
      {found.isSuccess && rows.length === 0 ? <Empty title={t("thresholds.none")} /> : null}
      {rows.length === 0 ? null : (
        <table className="t">
          <caption className="vh">{t("passersby.view.thresholds")}</caption>
          <thead>
            <tr>
              <th>{t("field.camera")}</th>
              <th className="num">{t("thresholds.threshold")}</th>
              <th className="num">{t("thresholds.raised")}</th>
              <th className="num">{t("thresholds.confirmed")}</th>
              <th className="num">{t("thresholds.rejected")}</th>
              <th className="num">{t("thresholds.observed")}</th>
              <th className="num">{t("thresholds.expected")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={`${row.cameraId}${row.similarity}`}>
                <td>{row.cameraId}</td>
                <td className="num">{row.similarity.toFixed(2)}</td>
                <td className="num">{row.raised}</td>
                <td className="num">{row.confirmed}</td>
                <td className="num">{row.rejected}</td>
                <td className="num">
                  {share(row.falseRate)} {row.falseLow == null ? "" : `(${share(row.falseLow)} – ${share(row.falseHigh)})`}
                </td>
                <td className="num">{share(row.expectedRate)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
