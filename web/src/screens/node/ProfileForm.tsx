/** The form: the questions of the impact assessment, each function with its ground in law, the limits, and the review. */

import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { type FunctionName, type ProfileHistory, type ProfileRequest, type ProfileVersion, useSaveProfile } from "../../api/releases";
import { now, parseMoment } from "../../base/time";
import { Dialog } from "../../parts/Dialog";
import { FormEnd } from "../../parts/FormEnd";
import { Icon } from "../../parts/Icon";
import { MomentField } from "../../parts/MomentField";
import { Problem } from "../../parts/Problem";
import { FUNCTIONS, LIMITS } from "./functions";

const DAY_MS = 86_400_000;

export function ProfileForm({ history, onClose }: { history: ProfileHistory; onClose: () => void }) {
  const { t } = useTranslation();
  const saving = useSaveProfile();
  const from: ProfileVersion | undefined = history.versions[0];
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    saving.mutate(requestOf(new FormData(event.currentTarget), history), { onSuccess: onClose });
  };
  return (
    <Dialog title={t("nodeProfile.write")} onClose={onClose} wide>
      <form onSubmit={submit}>
        <div className="pb stack profile-form">
          <p className="note">
            <Icon name="shield" size="sm" />
            <span>{t("nodeProfile.formHint")}</span>
          </p>
          <h3 className="cap">{t("nodeProfile.questions")}</h3>
          {history.questions.map((name) => (
            <Answer key={name} name={name} value={from?.answers[name] ?? ""} />
          ))}
          <h3 className="cap">{t("nodeProfile.functions")}</h3>
          {FUNCTIONS.map((name) => (
            <Grounded key={name} name={name} fixed={history.base.includes(name)} ground={from === undefined ? (history.strictest.includes(name) ? "" : undefined) : from.functions[name]} />
          ))}
          <h3 className="cap">{t("nodeProfile.limits")}</h3>
          <div className="two">
            {LIMITS.map((name) => (
              <Limit key={name} name={name} value={(from?.limits ?? history.least)[name]} most={history.most[name]} />
            ))}
          </div>
          <MomentField name="review" label={t("nodeProfile.reviewBy")} value={now() + 364 * DAY_MS} required />
          {history.training ? (
            <label className="ck">
              <input type="checkbox" name="simulated" defaultChecked={from?.simulated ?? true} />
              <span>{t("nodeProfile.madeUp")}</span>
            </label>
          ) : null}
          <Problem error={saving.error} />
        </div>
        <FormEnd act={t("nodeProfile.save")} disabled={saving.isPending} onClose={onClose} />
      </form>
    </Dialog>
  );
}

function requestOf(form: FormData, history: ProfileHistory): ProfileRequest {
  const word = (name: string) => String(form.get(name) ?? "").trim();
  const allowed = FUNCTIONS.filter((name) => history.base.includes(name) || form.get(`on ${name}`) !== null);
  return {
    answers: Object.fromEntries(history.questions.map((name) => [name, word(`answer ${name}`)])),
    functions: Object.fromEntries(allowed.map((name) => [name, word(`ground ${name}`)])),
    limits: Object.fromEntries(LIMITS.map((name) => [name, Number(word(name))])) as ProfileRequest["limits"],
    review: new Date(parseMoment(word("review"), now())).toISOString(),
    simulated: form.get("simulated") !== null,
  };
}

function Answer({ name, value }: { name: string; value: string }) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{t(`nodeProfile.question.${name}`)}</label>
      <textarea id={id} name={`answer ${name}`} className="in l area" rows={2} maxLength={4000} defaultValue={value} />
    </div>
  );
}

/** A function: whether it is allowed, and its ground. `ground` undefined: not allowed so far. */
function Grounded({ name, fixed, ground }: { name: FunctionName; fixed: boolean; ground: string | undefined }) {
  const { t } = useTranslation();
  const id = useId();
  const [on, setOn] = useState(fixed || ground !== undefined);
  return (
    <div className="field">
      <div className="ck">
        <input id={`${id}on`} type="checkbox" name={`on ${name}`} checked={on} disabled={fixed} aria-describedby={`${id}says`} onChange={(event) => setOn(event.currentTarget.checked)} />
        <span>
          <label htmlFor={`${id}on`} className="b">
            {t(`function.${name}.name`)}
          </label>
          <span id={`${id}says`} className="hint">
            {t(`function.${name}.says`)}
          </span>
        </span>
      </div>
      {on ? <input id={id} name={`ground ${name}`} className="in l" aria-label={t("nodeProfile.groundOf", { name: t(`function.${name}.name`) })} maxLength={4000} autoComplete="off" placeholder={t(name === "faces-matched-live" ? "nodeProfile.groundLaw" : "permit.groundHint")} defaultValue={ground ?? ""} /> : null}
    </div>
  );
}

function Limit({ name, value, most }: { name: string; value: number; most: number }) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{t("nodeProfile.limitMost", { name: t(`nodeProfile.limit.${name}`), most })}</label>
      <input id={id} name={name} type="number" className="in l" min={1} max={most} step={1} required defaultValue={value} />
    </div>
  );
}
