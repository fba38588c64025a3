/** The chosen stretch of time: its ends, and what can be done with it. */

import { type FormEvent, lazy, Suspense, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Camera, Permit } from "../../api/client";
import { may } from "../../api/queries";
import { length, localDate, momentText, parseMoment, clock } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { Empty } from "../../parts/Problem";
import { ContactSheetForm } from "./ContactSheetForm";
import type { Deck } from "./deck";
import { HoldSpan } from "./HoldSpan";
import type { Span } from "./lines";
import type { Selection } from "./selection";

/** The export's own form comes when it is asked for. */
const ExportForm = lazy(async () => ({ default: (await import("../exports/ExportForm")).ExportForm }));

export interface SpanPanelProps {
  deck: Deck;
  cameras: readonly Camera[];
  permit: Permit;
  selection: Selection;
  exporting: boolean;
  onExport: (on: boolean) => void;
}

export function SpanPanel({ deck, cameras, permit, selection, exporting, onExport }: SpanPanelProps) {
  const { t } = useTranslation();
  const [sheet, setSheet] = useState(false);
  const [holding, setHolding] = useState(false);
  const { span } = selection;
  if (span === null)
    return (
      <div className="pb stack">
        <Empty title={t("playback.noSpan")} hint={t("playback.noSpanHint")} />
        <Ends deck={deck} selection={selection} />
      </div>
    );
  return (
    <div className="scroll grow">
      <div className="pb stack">
        <h3 className="m">
          {clock(span.start)} – {clock(span.end)}
        </h3>
        <span className="dim">{t("playback.spanFacts", { length: length(span.end - span.start), count: cameras.length })}</span>
        <EndFields key={`${span.start} ${span.end}`} span={span} onChange={selection.set} />
        <Ends deck={deck} selection={selection} />
        <div className="row wrap">
          {may("exports.order") ? (
            <button type="button" className="btn p" aria-expanded={exporting} onClick={() => onExport(!exporting)}>
              {t("playback.export")}
              <kbd>E</kbd>
            </button>
          ) : null}
          <button type="button" className="btn" aria-expanded={sheet} onClick={() => setSheet(!sheet)}>
            <Icon name="doc" />
            {t("playback.contactSheet")}
          </button>
          {may("holds.place") ? (
            <button type="button" className="btn" aria-expanded={holding} onClick={() => setHolding(!holding)}>
              <Icon name="lock" />
              {t("playback.hold")}
            </button>
          ) : null}
          <button type="button" className="btn q" onClick={() => selection.set(null)}>
            {t("playback.forgetSpan")}
          </button>
        </div>
      </div>
      {holding ? <HoldSpan key={`${span.start} ${span.end}`} cameras={cameras} span={span} permit={permit} onClose={() => setHolding(false)} /> : null}
      {sheet ? <ContactSheetForm cameras={cameras} span={span} permit={permit} onClose={() => setSheet(false)} /> : null}
      {exporting && may("exports.order") ? (
        <Suspense fallback={null}>
          <ExportForm cameras={cameras} span={span} permit={permit} onClose={() => onExport(false)} />
        </Suspense>
      ) : null}
    </div>
  );
}

function Ends({ deck, selection }: { deck: Deck; selection: Selection }) {
  const { t } = useTranslation();
  return (
    <div className="row">
      <button type="button" className="btn" onClick={() => selection.begin()}>
        {t("playback.beginHere")}
        <kbd>[</kbd>
      </button>
      <button type="button" className="btn" onClick={() => selection.end()}>
        {t("playback.endHere")}
        <kbd>]</kbd>
      </button>
      {selection.span === null ? null : (
        <button type="button" className="btn sq q" aria-label={t("playback.toBegin")} title={t("playback.toBegin")} onClick={() => deck.seek(selection.span?.start ?? deck.cursor)}>
          <Icon name="stepb" />
        </button>
      )}
    </div>
  );
}

function EndFields({ span, onChange }: { span: Span; onChange: (span: Span) => void }) {
  const { t } = useTranslation();
  const id = useId();
  const [wrong, setWrong] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const start = parseMoment(String(form.get("from")), span.start);
    const end = parseMoment(String(form.get("to")), span.end);
    const bad = !Number.isFinite(start) || !Number.isFinite(end) || end <= start;
    setWrong(bad);
    if (!bad) onChange({ start, end });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <div className="two">
        {(["from", "to"] as const).map((name) => (
          <div key={name} className="field">
            <label htmlFor={`${id}${name}`}>{t(`playback.${name}`)}</label>
            <input id={`${id}${name}`} name={name} className="in" autoComplete="off" aria-invalid={wrong} title={t("playback.goToHint")} onBlur={(event) => event.currentTarget.form?.requestSubmit()} defaultValue={textOf(name === "from" ? span.start : span.end)} />
          </div>
        ))}
      </div>
      <button type="submit" className="vh" tabIndex={-1}>
        {t("playback.goTo")}
      </button>
      {wrong ? (
        <span className="warn" role="alert">
          {t("playback.spanWrong")}
        </span>
      ) : null}
    </form>
  );
}

function textOf(wall: number): string {
  return localDate(wall) === localDate(Date.now()) ? clock(wall) : `${momentText(wall).slice(0, 10)} ${clock(wall)}`;
}
