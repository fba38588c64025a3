/** What a person asks, written down at the desk: who, what, where, when, and how they can be told apart. */

import { type FormEvent, useId } from "react";
import { useTranslation } from "react-i18next";

import { useCameras } from "../../api/queries";
import { now, parseMoment } from "../../base/time";
import { Dialog } from "../../parts/Dialog";
import { FormEnd } from "../../parts/FormEnd";
import { Icon } from "../../parts/Icon";
import { MomentField } from "../../parts/MomentField";
import { Problem } from "../../parts/Problem";
import { ASKED, CHANNELS, type Intake, LAWS, type SubjectRequest, useTakeRequest } from "./requests";

const HOUR_MS = 3_600_000;
const LANGUAGES = ["uk", "ro", "en"] as const;

function intakeOf(form: FormData): Intake {
  const word = (name: string) => String(form.get(name) ?? "").trim();
  const moment = (name: string) => new Date(parseMoment(word(name), now())).toISOString();
  return {
    asked: word("asked") as Intake["asked"],
    law: word("law") as Intake["law"],
    channel: word("channel") as Intake["channel"],
    language: word("language") as Intake["language"],
    received: moment("received"),
    name: word("name"),
    contact: word("contact"),
    cameras: form.getAll("camera").map(String),
    from: moment("from"),
    to: moment("to"),
    description: word("description"),
    plate: word("plate"),
    plateProof: word("plateProof"),
  };
}

export function IntakeForm({ onClose }: { onClose: (made?: SubjectRequest) => void }) {
  const { t } = useTranslation();
  const id = useId();
  const taking = useTakeRequest();
  const cameras = useCameras().data ?? [];
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    taking.mutate(intakeOf(new FormData(event.currentTarget)), { onSuccess: (made) => onClose(made) });
  };
  return (
    <Dialog title={t("requests.take")} onClose={() => onClose()} wide>
      <form onSubmit={submit}>
        <div className="pb stack">
          <div className="two">
            <Choice name="asked" label={t("requests.what")} options={ASKED.map((each) => [each, t(`requests.asked.${each}`)])} />
            <Choice name="law" label={t("requests.law")} options={LAWS.map((each) => [each, t(`requests.laws.${each}`)])} />
          </div>
          <div className="two">
            <Choice name="channel" label={t("requests.channel")} options={CHANNELS.map((each) => [each, t(`requests.channels.${each}`)])} />
            <Choice name="language" label={t("requests.language")} options={LANGUAGES.map((each) => [each, t(`requests.languages.${each}`)])} />
          </div>
          <div className="two">
            <Line name="name" label={t("requests.name")} required max={200} />
            <MomentField name="received" label={t("requests.received")} value={now() - 60_000} required />
          </div>
          <Area name="contact" label={t("requests.contact")} required max={500} />
          <div className="two">
            <MomentField name="from" label={t("requests.from")} value={now() - 2 * HOUR_MS} required />
            <MomentField name="to" label={t("requests.to")} value={now() - HOUR_MS} required />
          </div>
          <div className="field">
            <label htmlFor={`${id}c`}>{t("requests.cameras")}</label>
            <select id={`${id}c`} name="camera" className="in l many" multiple size={Math.min(5, Math.max(2, cameras.length))} aria-describedby={`${id}h`}>
              {cameras.map((camera) => (
                <option key={camera.id} value={camera.id}>
                  {camera.id} {camera.name}
                </option>
              ))}
            </select>
            <span id={`${id}h`} className="hint">
              {t("requests.camerasHint")}
            </span>
          </div>
          <Area name="description" label={t("requests.description")} max={2000} />
          <div className="two">
            <Line name="plate" label={t("requests.plate")} max={20} />
            <Line name="plateProof" label={t("requests.plateProof")} max={500} />
          </div>
          <p className="note">
            <Icon name="shield" size="sm" />
            <span>{t("requests.noCopies")}</span>
          </p>
          <Problem error={taking.error} />
        </div>
        <FormEnd act={t("requests.takeIt")} disabled={taking.isPending} onClose={() => onClose()} />
      </form>
    </Dialog>
  );
}

export function Choice({ name, label, options }: { name: string; label: string; options: readonly (readonly [string, string])[] }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} name={name} className="in l">
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

export function Line({ name, label, max, required, value }: { name: string; label: string; max: number; required?: boolean; value?: string }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} name={name} className="in l" maxLength={max} required={required} autoComplete="off" defaultValue={value} />
    </div>
  );
}

export function Area({ name, label, max, required }: { name: string; label: string; max: number; required?: boolean }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea id={id} name={name} className="in l" rows={3} maxLength={max} required={required} />
    </div>
  );
}
