import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { ImportResult } from "../../api/client";
import { useImportEntries } from "../../api/queries";
import { Dialog } from "../../parts/Dialog";
import { FileField } from "../../parts/FileField";
import { Icon } from "../../parts/Icon";
import { Problem } from "../../parts/Problem";

interface Listed {
  format: "csv" | "json";
  text: string;
}

/** Entries from a file: first what would come of it, line by line, then all of it or what is good. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const importing = useImportEntries();
  const [file, setFile] = useState<Listed | null>(null);
  const [binary, setBinary] = useState(false);
  const [seen, setSeen] = useState<ImportResult | null>(null);
  const choose = async (chosen: File | undefined) => {
    setSeen(null);
    setBinary(false);
    importing.reset();
    if (chosen === undefined) return;
    const next: Listed = { format: chosen.name.toLowerCase().endsWith(".json") ? "json" : "csv", text: await chosen.text() };
    // No table holds NUL; what does is a spreadsheet's own format, a picture or the like.
    if (next.text.includes("\0")) return setBinary(true);
    setFile(next);
    importing.mutate({ ...next, mode: "preview", previewed: "" }, { onSuccess: setSeen });
  };
  const write = (mode: "all" | "good") => file !== null && seen !== null && importing.mutate({ ...file, mode, previewed: seen.sha256 }, { onSuccess: setSeen });
  const bad = seen?.lines.filter((line) => !line.ok) ?? [];
  const done = seen !== null && seen.written > 0;
  return (
    <Dialog title={t("watchlist.import")} onClose={onClose} wide>
      <div className="pb stack scroll grow">
        <FileField label={t("watchlist.importFile")} accept=".csv,.json,text/csv,application/json" onFile={(chosen) => void choose(chosen)} />
        <span className="hint">{t("watchlist.importHint")}</span>
        <Problem error={importing.error} />
        {binary ? (
          <p className="note err" role="alert">
            {t("watchlist.importBinary")}
          </p>
        ) : null}
        {seen === null ? null : (
          <p role="status">
            <b>{done ? t("watchlist.imported", { count: seen.written }) : t("watchlist.importGood", { good: seen.good, all: seen.lines.length })}</b>
          </p>
        )}
        {bad.length === 0 ? null : (
          <table className="t">
            <caption className="vh">{t("watchlist.importBad")}</caption>
            <thead>
              <tr>
                <th className="num">{t("watchlist.line")}</th>
                <th>{t("field.plate")}</th>
                <th>{t("watchlist.importBad")}</th>
              </tr>
            </thead>
            <tbody>
              {bad.map((line) => (
                <tr key={line.line}>
                  <td className="num">{line.line}</td>
                  <td>{line.plate}</td>
                  <td>
                    {t(`watchlist.column.${line.field}`, { defaultValue: line.field })}: {t(`watchlist.wrong.${line.what}`, { defaultValue: line.message })}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      <div className="pf">
        <span className="sp" />
        <button type="button" className="btn" onClick={onClose}>
          {t(done ? "close" : "cancel")}
        </button>
        {seen === null || done || seen.good === 0 ? null : (
          <button type="button" className="btn p" disabled={importing.isPending} onClick={() => write(bad.length === 0 ? "all" : "good")}>
            <Icon name="check" />
            {bad.length === 0 ? t("watchlist.importAll") : t("watchlist.importRest", { count: seen.good })}
          </button>
        )}
      </div>
    </Dialog>
  );
}
