/** The contact sheet of a span: how many pictures of each camera, and the PDF. */

import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { type Camera, contactSheet, type Permit } from "../../api/client";
import { Problem } from "../../parts/Problem";
import type { Span } from "./lines";
import { saveFile } from "../../parts/saving";

/** What the server puts into one sheet at most. */
const MOST_PICTURES = 60;
const COUNTS = [4, 8, 12, 20, 40, 60] as const;

export function ContactSheetForm({ cameras, span, permit, onClose }: { cameras: readonly Camera[]; span: Span; permit: Permit; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const id = useId();
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [sha256, setSha256] = useState("");
  const make = async (form: FormData) => {
    setPending(true);
    setError(null);
    try {
      const made = await contactSheet({
        cameras: cameras.map((camera) => camera.id),
        from: new Date(span.start).toISOString(),
        to: new Date(span.end).toISOString(),
        permit: permit.id,
        perCamera: Number(form.get("count")),
        language: i18n.language === "uk" || i18n.language === "ro" ? i18n.language : "en",
        note: String(form.get("note") ?? "").trim(),
      });
      saveFile(made.blob, made.name);
      setSha256(made.sha256);
    } catch (problem) {
      setError(problem);
    } finally {
      setPending(false);
    }
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void make(new FormData(event.currentTarget));
  };
  const counts = COUNTS.filter((count) => count * cameras.length <= MOST_PICTURES);
  return (
    <form className="pb stack" onSubmit={submit} aria-label={t("playback.contactSheet")}>
      <div className="field">
        <label htmlFor={`${id}c`}>{t("playback.picturesEach")}</label>
        <select id={`${id}c`} name="count" className="in l" defaultValue={counts[Math.min(1, counts.length - 1)]}>
          {counts.map((count) => (
            <option key={count} value={count}>
              {count}
            </option>
          ))}
        </select>
      </div>
      <div className="field">
        <label htmlFor={`${id}n`}>{t("playback.sheetNote")}</label>
        <input id={`${id}n`} name="note" className="in l" maxLength={300} autoComplete="off" />
      </div>
      <Problem error={error} />
      {sha256 === "" ? null : (
        <p className="note" role="status">
          <span className="any">{t("playback.sheetSaved", { sha256 })}</span>
        </p>
      )}
      <div className="row">
        <span className="sp" />
        <button type="button" className="btn" onClick={onClose}>
          {t("cancel")}
        </button>
        <button type="submit" className="btn p" disabled={pending}>
          {t(pending ? "playback.makingSheet" : "playback.makeSheet")}
        </button>
      </div>
    </form>
  );
}
