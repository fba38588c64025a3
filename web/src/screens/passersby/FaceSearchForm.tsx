import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { type FaceSearchRequest, useAskFaceSearch } from "../../api/faceSearches";
import { usePersons } from "../../api/persons";
import { useCameras } from "../../api/queries";
import { useProfile } from "../../api/releases";
import { useStore } from "../../base/store";
import { now, parseMoment } from "../../base/time";
import { FormEnd } from "../../parts/FormEnd";
import { MomentField } from "../../parts/MomentField";
import { Problem } from "../../parts/Problem";
import { PermitBar } from "../../permits/PermitBar";
import { chosenPermit, useOwnPermits } from "../../permits/permits";

const PURPOSES = ["offence", "missing-person", "threat-to-life"] as const;
const BASES = ["authorised", "urgent", "first-identification"] as const;
const HOUR_MS = 3_600_000;

type Basis = (typeof BASES)[number];

/** Whom, where, when, why, and on what it stands: the way without an authorisation is a choice of its own. */
export function FaceSearchForm({ onDone }: { onDone: (id?: string) => void }) {
  const { t } = useTranslation();
  const id = useId();
  const asking = useAskFaceSearch();
  const { permits, pending, error } = useOwnPermits();
  const chosen = useStore(chosenPermit);
  const fitting = permits.filter((permit) => PURPOSES.some((purpose) => purpose === permit.purpose));
  const permit = fitting.find((each) => each.id === chosen) ?? fitting[0] ?? null;
  const [basis, setBasis] = useState<Basis>("authorised");
  const first = basis === "first-identification";
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (permit === null) return;
    const form = new FormData(event.currentTarget);
    const word = (name: string) => String(form.get(name) ?? "").trim();
    const moment = (name: string) => new Date(parseMoment(word(name), now())).toISOString();
    const body: FaceSearchRequest = { basis, entry: word("entry"), cameras: form.getAll("cameras").map(String), since: moment("from"), until: moment("to"), reason: word("reason"), facts: word("facts"), authorisation: word("authorisation"), permit: permit.id };
    asking.mutate(body, { onSuccess: (search) => onDone(search.id) });
  };
  return (
    <section className="stack" aria-label={t("faceSearch.ask")}>
      <PermitBar permit={permit} permits={fitting} pending={pending} error={error} purposes={PURPOSES} why={t("faceSearch.whyPermit")} />
      {permit === null ? (
        <div className="row">
          <span className="sp" />
          <button type="button" className="btn" onClick={() => onDone()}>
            {t("cancel")}
          </button>
        </div>
      ) : (
        <form className="stack asking" onSubmit={submit}>
          <fieldset className="stack bare">
            <legend className="cap">{t("faceSearch.basis")}</legend>
            {BASES.map((name) => (
              <label key={name} className="ck">
                {/* The form was asked for by the operator: its first choice takes the focus. */}
                {/* oxlint-disable-next-line jsx-a11y/no-autofocus */}
                <input type="radio" name="basis" value={name} checked={basis === name} autoFocus={name === BASES[0]} onChange={() => setBasis(name)} />
                <span>
                  {t(`faceSearch.bases.${name}`)}
                  <span className="hint">{t(`faceSearch.baseHint.${name}`)}</span>
                </span>
              </label>
            ))}
          </fieldset>
          {first ? <Line name="facts" label={t("faceSearch.facts")} most={1000} hint={t("faceSearch.factsHint")} /> : <Person caseRef={permit.caseRef} />}
          {basis === "authorised" ? <Line name="authorisation" label={t("faceSearch.authorisation")} most={300} hint={t("faceSearch.authorisationHint")} /> : null}
          <Place id={id} />
          <Line name="reason" label={t("faceSearch.reason")} most={500} hint={t("faceSearch.reasonHint")} />
          <Problem error={asking.error} />
          <FormEnd act={t(first ? "faceSearch.next" : "faceSearch.askRelease")} disabled={asking.isPending} onClose={() => onDone()} className="row" />
        </form>
      )}
    </section>
  );
}

/** Released entries of the permit's case: a search stays inside it. */
function Person({ caseRef }: { caseRef: string }) {
  const { t } = useTranslation();
  const id = useId();
  const entries = (usePersons().data ?? []).filter((entry) => entry.state === "released" && entry.caseRef === caseRef);
  return (
    <div className="field">
      <label htmlFor={id}>{t("faceSearch.person")}</label>
      <select id={id} name="entry" className="in l" required defaultValue="">
        <option value="" disabled>
          {t("field.choose")}
        </option>
        {entries.map((entry) => (
          <option key={entry.id} value={entry.id}>
            {entry.name}
          </option>
        ))}
      </select>
      <span className="hint">{t(entries.length === 0 ? "faceSearch.noPerson" : "faceSearch.personHint", { case: caseRef })}</span>
    </div>
  );
}

function Place({ id }: { id: string }) {
  const { t } = useTranslation();
  const cameras = useCameras().data ?? [];
  const limits = useProfile().data?.limits;
  return (
    <>
      <div className="field">
        <label htmlFor={`${id}c`}>{t("sought.cameras")}</label>
        <select id={`${id}c`} name="cameras" className="in l many" multiple required size={Math.min(6, Math.max(2, cameras.length))}>
          {cameras.map((camera) => (
            <option key={camera.id} value={camera.id}>
              {camera.id} {camera.name}
            </option>
          ))}
        </select>
        {limits === undefined ? null : <span className="hint">{t("faceSearch.limits", { hours: limits.searchHours, cameras: limits.searchCameras })}</span>}
      </div>
      <div className="two">
        <MomentField name="from" label={t("sought.begins")} value={now() - 2 * HOUR_MS} required />
        <MomentField name="to" label={t("sought.ends")} value={now() - 60_000} required />
      </div>
    </>
  );
}

function Line({ name, label, most, hint }: { name: string; label: string; most: number; hint: string }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} name={name} className="in l" required maxLength={most} autoComplete="off" />
      <span className="hint">{hint}</span>
    </div>
  );
}
