/** What a person asks, written down at the desk: who, what, where, when, and how they can be told apart. */

import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { session } from "../../api/queries";
import { now, parseMoment } from "../../base/time";
import { Dialog } from "../../parts/Dialog";
import { Area, CameraField, Choice, Line } from "../../parts/Fields";
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
    wrong: word("wrong"),
    right: word("right"),
  };
}

export function IntakeForm({ onClose }: { onClose: (made?: SubjectRequest) => void }) {
  const { t } = useTranslation();
  const taking = useTakeRequest();
  const [asked, setAsked] = useState<string>(ASKED[0]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    taking.mutate(intakeOf(new FormData(event.currentTarget)), { onSuccess: (made) => onClose(made) });
  };
  return (
    <Dialog title={t("requests.take")} onClose={() => onClose()} wide>
      <form onSubmit={submit}>
        <div className="pb stack">
          <div className="two">
            <Choice name="asked" label={t("requests.what")} options={ASKED.map((each) => [each, t(`requests.asked.${each}`)])} onChoose={setAsked} />
            <Choice name="law" label={t("requests.law")} options={LAWS.map((each) => [each, t(`requests.laws.${each}`)])} value={session.get()?.law} />
          </div>
          {asked === "rectification" ? (
            <div className="two">
              <Area name="wrong" label={t("requests.wrong")} required max={2000} />
              <Area name="right" label={t("requests.right")} required max={2000} />
            </div>
          ) : null}
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
          <CameraField label={t("requests.cameras")} hint={t("requests.camerasHint")} />
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
