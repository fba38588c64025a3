/** Telling that something went wrong: what, since when it is known, and, as far as anybody knows, the rest. */

import { type FormEvent, useId } from "react";
import { useTranslation } from "react-i18next";

import { session } from "../../api/queries";
import { now, parseMoment } from "../../base/time";
import { Dialog } from "../../parts/Dialog";
import { Area, CameraField, Choice, Ticks } from "../../parts/Fields";
import { FormEnd } from "../../parts/FormEnd";
import { Icon } from "../../parts/Icon";
import { MomentField } from "../../parts/MomentField";
import { Problem } from "../../parts/Problem";
import { type BreachNews, type BreachReceipt, DATA, LAWS, NATURES, newsOf, type Source, useReportBreach } from "./breaches";

interface Props {
  onClose: (made?: BreachReceipt) => void;
  /** What it is made from, and the words to begin with. */
  source?: { kind: Source; id: string; what: string; known?: number; cameras?: readonly string[] };
}

export function ReportForm({ onClose, source }: Props) {
  const { t } = useTranslation();
  const telling = useReportBreach();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const known = new Date(parseMoment(String(form.get("known") ?? ""), now())).toISOString();
    const law = String(form.get("law")) as (typeof LAWS)[number];
    telling.mutate({ law, known, facts: newsOf(form), sourceKind: source?.kind ?? "desk", source: source?.id ?? "" }, { onSuccess: (made) => onClose(made) });
  };
  return (
    <Dialog title={t("breaches.tell")} onClose={() => onClose()} wide>
      <form onSubmit={submit}>
        <div className="pb stack">
          {source === undefined ? null : <p className="dim">{t(`breaches.sources.${source.kind}`)}</p>}
          <Area name="what" label={t("breaches.what")} max={4000} required {...(source === undefined ? {} : { value: source.what })} />
          <div className="two">
            <MomentField name="known" label={t("breaches.known")} value={source?.known ?? now() - 60_000} required />
            <Choice name="law" label={t("breaches.law")} options={LAWS.map((each) => [each, t(`breaches.laws.${each}`)])} value={session.get()?.law} />
          </div>
          <FactFields cameras={source?.cameras} />
          <p className="note">
            <Icon name="shield" size="sm" />
            <span>{t("breaches.tellHint")}</span>
          </p>
          <Problem error={telling.error} />
        </div>
        <FormEnd act={t("breaches.tellIt")} disabled={telling.isPending} onClose={() => onClose()} />
      </form>
    </Dialog>
  );
}

/** The rest of the facts; whatever nobody knows yet stays empty. */
export function FactFields({ facts, cameras }: { facts?: BreachNews; cameras?: readonly string[] | undefined }) {
  const { t } = useTranslation();
  return (
    <>
      <div className="two">
        <Ticks name="nature" label={t("breaches.natures")} options={NATURES.map((each) => [each, t(`breaches.nature.${each}`)])} chosen={facts?.natures ?? []} />
        <Ticks name="data" label={t("breaches.data")} options={DATA.map((each) => [each, t(`breaches.kinds.${each}`)])} chosen={facts?.data ?? []} />
      </div>
      <CameraField label={t("breaches.cameras")} hint={t("breaches.camerasHint")} chosen={cameras ?? facts?.cameras ?? []} />
      <div className="two">
        <CountField name="people" label={t("breaches.people")} value={facts?.people} />
        <CountField name="records" label={t("breaches.records")} value={facts?.records} />
      </div>
      <Area name="consequences" label={t("breaches.consequences")} max={4000} value={facts?.consequences ?? ""} />
      <Area name="measures" label={t("breaches.measures")} max={4000} value={facts?.measures ?? ""} />
    </>
  );
}

function CountField({ name, label, value }: { name: string; label: string; value: number | null | undefined }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} name={name} className="in l" type="number" min={0} max={999_999_999} step={1} defaultValue={value ?? ""} />
    </div>
  );
}
