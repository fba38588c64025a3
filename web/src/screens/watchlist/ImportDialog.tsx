import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import type { ImportRequest } from "../../api/client";
import { type SaidFacts, useSaid } from "../../base/said";
import { Dialog } from "../../parts/Dialog";
import { FileField } from "../../parts/FileField";
import { Icon } from "../../parts/Icon";
import { Problem } from "../../parts/Problem";

interface Listed {
  format: "csv" | "json";
  text: string;
}

interface Line {
  line: number;
  ok: boolean;
  field: string;
  what: string;
  message: string;
  /** Those that may stand in the field, as they are written in a file. */
  words: string[];
  /** The sentence by its code, where there is one of its own. */
  said?: string;
  facts?: SaidFacts;
}

interface Result<L extends Line> {
  sha256: string;
  lines: L[];
  good: number;
  written: number;
}

interface Props<L extends Line> {
  importing: { mutate: (body: ImportRequest, options: { onSuccess: (result: Result<L>) => void }) => void; reset: () => void; error: unknown; isPending: boolean };
  hint: string;
  /** What a line is called, as a heading and for each line. */
  column: string;
  nameOf: (line: L) => string;
  /** More to choose beside the file. */
  more?: ReactNode;
  /** What follows an import. */
  onWritten?: (lines: readonly L[]) => void;
  onClose: () => void;
}

/** Entries from a file: first what would come of it, line by line, then all of it or what is good. */
export function ImportDialog<L extends Line>({ importing, hint, column, nameOf, more, onWritten, onClose }: Props<L>) {
  const { t } = useTranslation();
  const say = useSaid();
  const [file, setFile] = useState<Listed | null>(null);
  const [binary, setBinary] = useState(false);
  const [seen, setSeen] = useState<Result<L> | null>(null);
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
  const write = (mode: "all" | "good") => {
    if (file === null || seen === null) return;
    const onSuccess = (result: Result<L>) => {
      setSeen(result);
      onWritten?.(result.lines);
    };
    importing.mutate({ ...file, mode, previewed: seen.sha256 }, { onSuccess });
  };
  const bad = seen?.lines.filter((line) => !line.ok) ?? [];
  const done = seen !== null && seen.written > 0;
  return (
    <Dialog title={t("watchlist.import")} onClose={onClose} wide>
      <div className="pb stack scroll grow">
        <FileField label={t("watchlist.importFile")} accept=".csv,.json,text/csv,application/json" onFile={(chosen) => void choose(chosen)} />
        <span className="hint">{hint}</span>
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
          <table className="t import-lines">
            <caption className="vh">{t("watchlist.importBad")}</caption>
            <thead>
              <tr>
                <th className="num">{t("watchlist.line")}</th>
                <th>{column}</th>
                <th>{t("watchlist.importBad")}</th>
              </tr>
            </thead>
            <tbody>
              {bad.map((line) => (
                <tr key={line.line}>
                  <td className="num">{line.line}</td>
                  <td>{nameOf(line)}</td>
                  <td>
                    {t(`watchlist.column.${line.field}`, { defaultValue: line.field })}: {t(`watchlist.wrong.${line.what}`, { defaultValue: say(line.said ?? "", line.facts ?? {}) ?? line.message })}
                    {line.words.length === 0 ? null : `. ${t("watchlist.oneOf", { words: line.words.join(", ") })}`}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {more}
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
