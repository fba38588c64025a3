/** The form of a camera's assessment: what the law asks before it films (docs/design/0039). */

import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { type AssessmentText, type CameraAssessment, SIGN_LANGUAGES, USES, useWriteAssessment } from "../../api/assessments";
import type { Camera } from "../../api/client";
import { now, parseMoment } from "../../base/time";
import { Dialog } from "../../parts/Dialog";
import { FormEnd } from "../../parts/FormEnd";
import { Icon } from "../../parts/Icon";
import { MomentField } from "../../parts/MomentField";
import { Problem } from "../../parts/Problem";

const DAY_MS = 86_400_000;
const LETTERS = 2000;

export function AssessmentForm({ camera, assessment, onClose }: { camera: Camera; assessment: CameraAssessment; onClose: () => void }) {
  const { t } = useTranslation();
  const writing = useWriteAssessment(camera.id);
  const newest = assessment.versions[0];
  const from = newest?.simulated ? undefined : newest?.says;
  const [zones, setZones] = useState<AssessmentText["zones"]>(from?.zones ?? (assessment.zonesDrawn ? "drawn" : "none"));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    writing.mutate(textOf(new FormData(event.currentTarget), zones), { onSuccess: onClose });
  };
  const languages = SIGN_LANGUAGES.filter((each) => assessment.signLanguages.length === 0 || assessment.signLanguages.includes(each) || each === "en");
  return (
    <Dialog title={t("assessment.of", { camera: camera.id })} onClose={onClose} wide>
      <form onSubmit={submit}>
        <div className="pb stack profile-form">
          <p className="note">
            <Icon name="shield" size="sm" />
            <span>{t("assessment.hint")}</span>
          </p>
          <Words name="owner" value={from?.owner ?? camera.owner} />
          <Words name="purpose" value={from?.purpose ?? ""} />
          <Words name="looksAt" value={from?.looksAt ?? ""} />
          <fieldset className="field">
            <legend>{t("assessment.field.uses")}</legend>
            {USES.map((use) => (
              <label key={use} className="ck">
                <input type="checkbox" name={`use ${use}`} defaultChecked={(from?.uses ?? assessment.standing.uses).includes(use)} />
                <span>{t(`assessment.use.${use}`)}</span>
              </label>
            ))}
          </fieldset>
          {languages.map((language) => (
            <Words key={language} name={`sign:${language}`} label={t("assessment.field.sign", { language: t(`assessment.language.${language}`) })} value={from?.sign[language] ?? ""} />
          ))}
          <Words name="signPlace" value={from?.signPlace ?? ""} />
          <fieldset className="field">
            <legend>{t("assessment.field.zones")}</legend>
            {(["drawn", "none"] as const).map((each) => (
              <label key={each} className="ck">
                <input type="radio" name="zones" value={each} checked={zones === each} onChange={() => setZones(each)} />
                <span>{t(each === "drawn" ? "assessment.zonesDrawn" : "assessment.zonesNone")}</span>
              </label>
            ))}
            {zones === "drawn" && !assessment.zonesDrawn ? <span className="hint">{t("assessment.lack.not-drawn")}</span> : null}
          </fieldset>
          {zones === "none" ? <Words name="zonesReason" value={from?.zonesReason ?? ""} /> : null}
          <Hours value={Math.max(from?.keepHours ?? 0, assessment.keepHours)} least={assessment.keepHours} />
          <Words name="dpiaRef" value={from?.dpiaRef ?? ""} />
          <div className="two">
            <MomentField name="dpiaDate" label={t("assessment.field.dpiaDate")} value={from?.dpiaDate == null ? undefined : Date.parse(from.dpiaDate)} />
            <MomentField name="review" label={t("assessment.field.review")} value={now() + 364 * DAY_MS} required />
          </div>
          <Problem error={writing.error} />
        </div>
        <FormEnd act={t("assessment.save")} disabled={writing.isPending} onClose={onClose} />
      </form>
    </Dialog>
  );
}

function textOf(form: FormData, zones: AssessmentText["zones"]): AssessmentText {
  const word = (name: string) => String(form.get(name) ?? "").trim();
  const moment = (name: string) => new Date(parseMoment(word(name), now())).toISOString();
  return {
    owner: word("owner"),
    purpose: word("purpose"),
    looksAt: word("looksAt"),
    sign: Object.fromEntries(SIGN_LANGUAGES.map((language) => [language, word(`sign:${language}`)]).filter(([, text]) => text !== "")),
    signPlace: word("signPlace"),
    zones,
    zonesReason: word("zonesReason"),
    keepHours: Number(word("keepHours")),
    dpiaRef: word("dpiaRef"),
    dpiaDate: word("dpiaDate") === "" ? null : moment("dpiaDate"),
    review: moment("review"),
    uses: USES.filter((use) => form.get(`use ${use}`) !== null),
  };
}

function Words({ name, label, value }: { name: string; label?: string; value: string }) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label ?? t(`assessment.field.${name}`)}</label>
      <textarea id={id} name={name} className="in l area" rows={name === "owner" || name === "dpiaRef" ? 1 : 2} maxLength={LETTERS} defaultValue={value} />
    </div>
  );
}

function Hours({ value, least }: { value: number; least: number }) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{t("assessment.field.keepHours")}</label>
      <input id={id} name="keepHours" type="number" className="in l" min={1} max={87_600} step={1} required defaultValue={value} />
      <span className="hint">{t("assessment.keepHint", { count: least })}</span>
    </div>
  );
}
