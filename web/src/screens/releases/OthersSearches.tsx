/** The searches of another shift in a case: asking a second person for them, and reading them while the release stands. */

import type { i18n as I18n, TFunction } from "i18next";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { type MatterRelease, useAskMatter, useOthersSearches } from "../../api/releases";
import { dayClock, now, parseMoment } from "../../base/time";
import { Dialog } from "../../parts/Dialog";
import { FormEnd } from "../../parts/FormEnd";
import { Icon } from "../../parts/Icon";
import { MomentField } from "../../parts/MomentField";
import { Problem } from "../../parts/Problem";

const SHIFT_MS = 12 * 3_600_000;

export function AskOthersSearches({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  const asking = useAskMatter();
  const [long, setLong] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const word = (name: string) => String(form.get(name) ?? "").trim();
    const [from, to] = [parseMoment(word("from"), now()), parseMoment(word("to"), now())];
    const fits = to > from && to - from <= SHIFT_MS;
    setLong(!fits);
    if (!fits) return;
    const scope = { cameras: [], authorisation: "", from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    asking.mutate({ matter: "others-searches", subject: word("case"), reason: word("reason"), permit: "", emergency: false, scope }, { onSuccess: onClose });
  };
  return (
    <Dialog title={t("othersSearches.title")} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="pb stack">
          <p className="note">
            <Icon name="shield" size="sm" />
            <span>{t("othersSearches.rule")}</span>
          </p>
          <div className="field">
            <label htmlFor={`${id}c`}>{t("field.case")}</label>
            <input id={`${id}c`} name="case" className="in l" required maxLength={200} autoComplete="off" spellCheck={false} />
          </div>
          <div className="two">
            <MomentField name="from" label={t("sought.begins")} value={now() - SHIFT_MS} required />
            <MomentField name="to" label={t("sought.ends")} value={now()} required />
          </div>
          {long ? <p className="note err">{t("othersSearches.tooLong")}</p> : null}
          <div className="field">
            <label htmlFor={`${id}r`}>{t("release.reason")}</label>
            <input id={`${id}r`} name="reason" className="in l" required maxLength={500} autoComplete="off" />
          </div>
          <Problem error={asking.error} />
        </div>
        <FormEnd act={t("release.ask")} disabled={asking.isPending} onClose={onClose} />
      </form>
    </Dialog>
  );
}

export function OthersSearches({ release }: { release: MatterRelease }) {
  const { t, i18n } = useTranslation();
  const [wanted, setWanted] = useState(false);
  const found = useOthersSearches(release.id, wanted);
  const purpose = (name: string) => (i18n.exists(`purpose.${name}`) ? t(`purpose.${name}`) : name);
  if (!wanted)
    return (
      <div className="row">
        <span className="dim">{t("othersSearches.onRecord")}</span>
        <span className="sp" />
        <button type="button" className="btn p" onClick={() => setWanted(true)}>
          {t("othersSearches.read")}
        </button>
      </div>
    );
  const list = found.data?.searches ?? [];
  return (
    <div className="stack" aria-live="polite">
      <Problem error={found.error} onRetry={() => void found.refetch()} />
      {found.isSuccess && list.length === 0 ? <p className="dim">{t("othersSearches.none")}</p> : null}
      {found.data?.cut ? <p className="note err">{t("othersSearches.cut")}</p> : null}
      <ul className="stack" aria-label={t("othersSearches.title")}>
        {list.map((search) => (
          <li key={`${search.time}${search.actor}${search.action}`}>
            <b>{t(`othersSearches.act.${search.action.replace(".", "-")}`)}</b>{" "}
            <span className="dim">
              {search.actor}, {dayClock(search.time, i18n.language)}, {t("permit.number", { number: search.permit })}, {purpose(search.purpose)}
              {search.result === "done" ? "" : `, ${t("othersSearches.refused")}`}
            </span>
            <br />
            <span>{queryText(search.detail, t, i18n)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Where the word of a value stands: colours, classes, countries and clothes are codes in the query. */
const WORDS = ["colour", "vehicle", "clothes", "plates.drives"] as const;
/** How alike a plate may be and the like: not what was looked for. */
const SETTINGS = new Set(["alike", "parts", "after"]);

/** The query as name and value, in words; what was left empty says nothing. */
function queryText(detail: string, t: TFunction, i18n: I18n): string {
  const facts = Object.entries(JSON.parse(detail) as Record<string, unknown>);
  const one = (value: unknown): string => {
    const text = String(value);
    const place = WORDS.find((each) => i18n.exists(`${each}.${text}`));
    if (place !== undefined) return t(`${place}.${text}`);
    return /^\d{4}-\d\d-\d\dT/.test(text) ? dayClock(text, i18n.language) : text;
  };
  return facts
    .filter(([name, value]) => !SETTINGS.has(name) && value !== "" && value !== null && value !== -1 && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `${i18n.exists(`othersSearches.fact.${name}`) ? t(`othersSearches.fact.${name}`) : name}: ${Array.isArray(value) ? value.map(one).join(", ") : one(value)}`)
    .join("; ");
}
