/** Ordering an export: which cameras, from when to when, as recorded or redacted, and why. */

import "./exports.css";

import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Camera, Permit } from "../../api/client";
import { may, useCameras } from "../../api/queries";
import { useAskMatter } from "../../api/releases";
import { fieldTime, length, now, parseMoment, useNow } from "../../base/time";
import { Dialog } from "../../parts/Dialog";
import { FormEnd } from "../../parts/FormEnd";
import { Icon } from "../../parts/Icon";
import { Problem } from "../../parts/Problem";
import { chosenRecipient, NOBODY, RecipientFields, useTransferRules } from "../../parts/RecipientFields";
import { type ExportJob, type ExportRequest, useOrderExport } from "./exports";
import { FieldDrawing } from "./FieldDrawing";
import type { Field } from "./fields";

export interface ExportFormProps {
  /** Chosen to begin with. */
  cameras: readonly Camera[];
  /** Milliseconds UTC to begin with. */
  span: { start: number; end: number };
  permit: Permit;
  onClose: (made?: ExportJob) => void;
}

/** Purpose of a permit for what a person asked about themselves: it goes to that person. */
const OWN_REQUEST = "subject-request";

const LONGEST_MS = 24 * 3_600_000;

/** How long masks may stay lifted for a permit: as long as a release of this matter can last. */
const LIFT_HOURS = 12;

/** `2026-11-24 14:31:52.040`, local time. */
function exactText(ms: number): string {
  const rest = String(Math.floor(ms) % 1000).padStart(3, "0");
  return `${fieldTime(ms).replace("T", " ")}.${rest}`;
}

function parseExact(text: string): number {
  const found = /^(.*\d:\d{2}:\d{2})[.,](\d{1,3})$/.exec(text.trim());
  if (found === null) return parseMoment(text, now());
  return parseMoment(found[1] ?? "", now()) + Number((found[2] ?? "0").padEnd(3, "0"));
}

export function ExportForm({ cameras, span, permit, onClose }: ExportFormProps) {
  const { t } = useTranslation();
  const ordering = useOrderExport();
  const [chosen, setChosen] = useState<readonly string[]>(() => cameras.map((camera) => camera.id));
  const [from, setFrom] = useState(() => exactText(span.start));
  const [to, setTo] = useState(() => exactText(span.end));
  const [kind, setKind] = useState<"exact" | "redacted">("exact");
  const [fields, setFields] = useState<readonly Field[]>([]);
  const [leavingTo, setLeavingTo] = useState(NOBODY);
  const rules = useTransferRules();
  const isTheirOwn = permit.purpose === OWN_REQUEST;
  const recipient = isTheirOwn ? null : chosenRecipient(rules.data, leavingTo);
  const isReady = chosen.length > 0 && (isTheirOwn || recipient !== null);
  const times = { start: parseExact(from), end: parseExact(to) };
  const wrong = wrongSpan(times, useNow());
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (wrong !== null || !isReady) return;
    const form = new FormData(event.currentTarget);
    const body = { ...requestOf(form, chosen, times, kind, fields, permit.id), recipient };
    ordering.mutate(body, { onSuccess: (made) => onClose(made) });
  };
  return (
    <Dialog title={t("exports.order")} onClose={() => onClose()} wide>
      <form onSubmit={submit} className="export-form">
        <div className="pb stack">
          <Cameras chosen={chosen} onChange={setChosen} />
          <div className="two">
            <Moment label={t("exports.from")} value={from} wrong={!Number.isFinite(times.start)} onChange={setFrom} />
            <Moment label={t("exports.to")} value={to} wrong={!Number.isFinite(times.end)} onChange={setTo} />
          </div>
          <p className={wrong === null ? "dim" : "warn"} role={wrong === null ? undefined : "alert"}>
            {wrong === null ? t("exports.length", { length: length(times.end - times.start) }) : t(`exports.wrong.${wrong}`)}
          </p>
          <KindChoice kind={kind} onChange={setKind} />
          {kind === "exact" ? <ExactChoices /> : <RedactedChoices chosen={chosen} span={times} ready={wrong === null} permit={permit.id} fields={fields} onFields={setFields} />}
          <PaperChoices kind={kind} />
          {isTheirOwn ? <p className="note">{t("leaving.toPerson", { number: permit.caseRef })}</p> : <RecipientFields value={leavingTo} onChange={setLeavingTo} />}
          {may("releases.ask") ? <LiftChoice chosen={chosen} span={times} permit={permit.id} /> : null}
          <StreamAndReason />
          <p className="note">
            <Icon name="shield" size="sm" />
            <span>{t("exports.recorded", { permit: permit.number, number: permit.caseRef })}</span>
          </p>
          {isReady ? null : <p className="warn">{t(chosen.length === 0 ? "exports.lacks.camera" : "exports.lacks.recipient")}</p>}
          <Problem error={ordering.error ?? rules.error} />
        </div>
        <FormEnd act={t("exports.orderIt")} disabled={ordering.isPending || wrong !== null || !isReady} onClose={() => onClose()} />
      </form>
    </Dialog>
  );
}

function wrongSpan({ start, end }: { start: number; end: number }, at: number): "moment" | "order" | "long" | "future" | null {
  if (!Number.isFinite(start) || !Number.isFinite(end)) return "moment";
  if (end <= start) return "order";
  if (end - start > LONGEST_MS) return "long";
  return end > at ? "future" : null;
}

function requestOf(form: FormData, chosen: readonly string[], span: { start: number; end: number }, kind: "exact" | "redacted", fields: readonly Field[], permit: string): ExportRequest {
  const word = (name: string) => String(form.get(name) ?? "").trim();
  const drawn = fields
    .filter((field) => chosen.includes(field.cameraId))
    .map((field) => ({ cameraId: field.cameraId, keys: field.keys.map((key) => ({ time: new Date(key.wall).toISOString(), corners: key.corners.map(([x, y]) => [x, y]) })) }));
  return {
    cameras: [...chosen],
    since: new Date(span.start).toISOString(),
    until: new Date(span.end).toISOString(),
    stream: word("stream") === "sub" ? "sub" : "main",
    kind,
    originals: kind === "exact" && form.get("originals") !== null,
    people: kind === "redacted" && form.get("people") !== null,
    plates: kind === "redacted" && form.get("plates") !== null,
    drawn: kind === "redacted" ? drawn : [],
    papers: { alarms: form.get("papersAlarms") !== null, reads: form.get("papersReads") !== null, stills: form.get("papersStills") !== null, only: word("papersOnly").split(/[,;\n]/).map((text) => text.trim()).filter(Boolean) },
    liftMasks: form.get("liftMasks") !== null,
    reason: word("reason"),
    permit,
  };
}

function Cameras({ chosen, onChange }: { chosen: readonly string[]; onChange: (ids: readonly string[]) => void }) {
  const { t } = useTranslation();
  const all = useCameras().data ?? [];
  return (
    <fieldset className="field export-cameras">
      <legend className="lb">{t("exports.cameras", { count: chosen.length })}</legend>
      <div className="export-choices">
        {all.map((camera) => (
          <label key={camera.id} className="ck">
            <input type="checkbox" checked={chosen.includes(camera.id)} onChange={(event) => onChange(event.currentTarget.checked ? [...chosen, camera.id] : chosen.filter((id) => id !== camera.id))} />
            <span className="tr">
              <b>{camera.id}</b> {camera.name}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Moment({ label, value, wrong, onChange }: { label: string; value: string; wrong: boolean; onChange: (text: string) => void }) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} className="in l" required aria-invalid={wrong} autoComplete="off" spellCheck={false} inputMode="numeric" title={t("exports.momentHint")} value={value} onChange={(event) => onChange(event.currentTarget.value)} />
    </div>
  );
}

function KindChoice({ kind, onChange }: { kind: "exact" | "redacted"; onChange: (kind: "exact" | "redacted") => void }) {
  const { t } = useTranslation();
  return (
    <fieldset className="field">
      <legend className="lb">{t("exports.kind")}</legend>
      {(["exact", "redacted"] as const).map((name) => (
        <label key={name} className="ck">
          <input type="radio" name="kind" value={name} checked={kind === name} onChange={() => onChange(name)} />
          <span>
            {t(`exports.kinds.${name}`)}
            <span className="hint">{t(`exports.kindHints.${name}`)}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function ExactChoices() {
  const { t } = useTranslation();
  return (
    <label className="ck">
      <input type="checkbox" name="originals" defaultChecked />
      <span>
        {t("exports.originals")}
        <span className="hint">{t("exports.originalsHint")}</span>
      </span>
    </label>
  );
}

interface RedactedChoicesProps {
  chosen: readonly string[];
  span: { start: number; end: number };
  ready: boolean;
  permit: string;
  fields: readonly Field[];
  onFields: (fields: readonly Field[]) => void;
}

function RedactedChoices({ chosen, span, ready, permit, fields, onFields }: RedactedChoicesProps) {
  const { t } = useTranslation();
  const [drawing, setDrawing] = useState("");
  const camera = chosen.includes(drawing) ? drawing : "";
  return (
    <>
      <label className="ck">
        <input type="checkbox" name="people" defaultChecked />
        <span>
          {t("exports.people")}
          <span className="hint">{t("exports.peopleHint")}</span>
        </span>
      </label>
      <label className="ck">
        <input type="checkbox" name="plates" defaultChecked />
        <span>
          {t("exports.plates")}
          <span className="hint">{t("exports.platesHint")}</span>
        </span>
      </label>
      <div className="row wrap" role="group" aria-label={t("exports.draw")}>
        <span>{t("exports.draw")}</span>
        {chosen.map((id) => (
          <button key={id} type="button" className="btn" aria-pressed={id === camera} disabled={!ready} onClick={() => setDrawing(id === camera ? "" : id)}>
            <Icon name="pen" />
            {id} {fields.filter((field) => field.cameraId === id).length || ""}
          </button>
        ))}
      </div>
      {camera !== "" && ready ? <FieldDrawing key={camera} cameraId={camera} span={span} permit={permit} fields={fields} onChange={onFields} /> : null}
      <p className="note">
        <Icon name="warn" size="sm" />
        <span>{t("exports.redactedWarning")}</span>
      </p>
    </>
  );
}

/** What of the case lies beside the films; a redacted export tells no plates but those that are named. */
function PaperChoices({ kind }: { kind: "exact" | "redacted" }) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <fieldset className="field">
      <legend className="lb">{t("exports.papers")}</legend>
      {(["alarms", "reads", "stills"] as const).map((name) => (
        <label key={name} className="ck">
          <input type="checkbox" name={`papers${name.charAt(0).toUpperCase()}${name.slice(1)}`} />
          <span>
            {t(`exports.paper.${name}`)}
            <span className="hint">{t(`exports.paperHints.${name}`)}</span>
          </span>
        </label>
      ))}
      <div className="field">
        <label htmlFor={id}>{t("exports.only")}</label>
        <input id={id} name="papersOnly" className="in l" autoComplete="off" spellCheck={false} aria-describedby={`${id}h`} />
        <span id={`${id}h`} className="hint">{t(`exports.onlyHints.${kind}`)}</span>
      </div>
    </fieldset>
  );
}

/** Showing what lies under privacy masks: a second person releases that for this permit before it is ordered. */
function LiftChoice({ chosen, span, permit }: { chosen: readonly string[]; span: { start: number; end: number }; permit: string }) {
  const { t } = useTranslation();
  const id = useId();
  const [lifted, setLifted] = useState(false);
  const [reason, setReason] = useState("");
  const asking = useAskMatter();
  const ask = () =>
    asking.mutate({ matter: "lift-mask", subject: permit, reason, permit, emergency: false, hours: LIFT_HOURS, scope: { cameras: [...chosen], from: new Date(span.start).toISOString(), to: new Date(span.end).toISOString() } });
  return (
    <fieldset className="field">
      <legend className="lb">{t("exports.masks")}</legend>
      <label className="ck">
        <input type="checkbox" name="liftMasks" checked={lifted} onChange={(event) => setLifted(event.currentTarget.checked)} />
        <span>
          {t("exports.lift")}
          <span className="hint">{t("exports.liftHint")}</span>
        </span>
      </label>
      {lifted ? (
        <div className="field">
          <label htmlFor={id}>{t("exports.liftReason")}</label>
          <div className="row wrap">
            <input id={id} className="in l" maxLength={500} autoComplete="off" value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
            <button type="button" className="btn" disabled={reason.trim() === "" || chosen.length === 0 || asking.isPending || asking.isSuccess} onClick={ask}>
              <Icon name="key" />
              {t("release.ask")}
            </button>
          </div>
          {asking.isSuccess ? <p role="status">{t("exports.liftAsked")}</p> : null}
          <Problem error={asking.error} />
        </div>
      ) : null}
    </fieldset>
  );
}

function StreamAndReason() {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className="export-reason">
      <div className="field">
        <label htmlFor={`${id}s`}>{t("playback.stream")}</label>
        <select id={`${id}s`} name="stream" className="in l" defaultValue="main">
          <option value="main">{t("stream.main")}</option>
          <option value="sub">{t("stream.sub")}</option>
        </select>
      </div>
      <div className="field">
        <label htmlFor={`${id}r`}>{t("exports.reason")}</label>
        <input id={`${id}r`} name="reason" className="in l" maxLength={300} required autoComplete="off" />
      </div>
    </div>
  );
}
