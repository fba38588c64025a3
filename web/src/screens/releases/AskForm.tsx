/** Ask a second person, or release alone where a life is in danger. */

import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { useCameras } from "../../api/queries";
import { type MatterFacts, type MatterRequest, useAskMatter } from "../../api/releases";
import { Dialog } from "../../parts/Dialog";
import { FormEnd } from "../../parts/FormEnd";
import { Icon } from "../../parts/Icon";
import { Problem } from "../../parts/Problem";
import { REVIEW, useOwnPermits } from "../../permits/permits";

/** What shows something hidden at cameras: it names them, and a permit. */
const LIFTS: ReadonlySet<string> = new Set(["lift-mask", "lift-redaction"]);
const THREAT = "threat-to-life";

export function AskForm({ matters, onClose }: { matters: readonly MatterFacts[]; onClose: () => void }) {
  const { t } = useTranslation();
  const asking = useAskMatter();
  const [matter, setMatter] = useState(matters.find((one) => one.mayAsk)?.matter);
  const [emergency, setEmergency] = useState(false);
  const facts = matters.find((one) => one.matter === matter);
  const alone = emergency && facts?.mayReleaseAlone === true;
  const lifts = matter !== undefined && LIFTS.has(matter);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const word = (name: string) => String(form.get(name) ?? "").trim();
    const body: MatterRequest = {
      matter: word("matter") as MatterRequest["matter"],
      subject: lifts ? word("permit") : word("subject"),
      reason: word("reason"),
      permit: word("permit"),
      emergency: alone,
      hours: Number(word("hours")),
      scope: { cameras: form.getAll("camera").map(String) },
    };
    asking.mutate(body, { onSuccess: onClose });
  };
  return (
    <Dialog title={t("release.ask")} onClose={onClose} wide>
      <form onSubmit={submit}>
        <div className="pb stack">
          <Matter matters={matters} matter={matter} onMatter={setMatter} />
          {facts !== undefined && facts.lacksFunction !== "" ? (
            <p className="note err">
              <Icon name="shield" size="sm" />
              <span>{t("release.lacks", { function: t(`function.${facts.lacksFunction}.name`) })}</span>
            </p>
          ) : null}
          {lifts ? null : <Subject key={`about ${matter}`} facts={facts} />}
          <Text name="reason" label={t("release.reason")} most={500} required />
          {lifts ? <CameraChoice /> : null}
          <Terms key={matter} facts={facts} alone={alone} needed={alone || lifts} />
          {facts?.mayReleaseAlone === true ? (
            <label className="ck">
              <input type="checkbox" checked={emergency} onChange={(event) => setEmergency(event.currentTarget.checked)} />
              <span>{t("release.alone")}</span>
            </label>
          ) : null}
          <p className={alone ? "note err" : "note"}>
            <Icon name={alone ? "warn" : "shield"} size="sm" />
            <span>{alone ? t("release.aloneHint", { count: facts.reviewHours }) : t("release.askHint")}</span>
          </p>
          <Problem error={asking.error} />
        </div>
        <FormEnd act={t(alone ? "release.actAlone" : "release.ask")} disabled={asking.isPending || facts === undefined || facts.lacksFunction !== "" || (!lifts && facts.subjects.length === 0)} onClose={onClose} />
      </form>
    </Dialog>
  );
}

function Matter({ matters, matter, onMatter }: { matters: readonly MatterFacts[]; matter: MatterFacts["matter"] | undefined; onMatter: (matter: MatterFacts["matter"]) => void }) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{t("release.what")}</label>
      <select id={id} name="matter" className="in l" value={matter} onChange={(event) => onMatter(event.currentTarget.value as MatterFacts["matter"])}>
        {matters
          .filter((one) => one.mayAsk)
          .map((one) => (
            <option key={one.matter} value={one.matter}>
              {t(`release.matter.${one.matter}`)}
            </option>
          ))}
      </select>
    </div>
  );
}

/** What it is about, of what is there: what does not exist cannot be released. */
function Subject({ facts }: { facts: MatterFacts | undefined }) {
  const { t } = useTranslation();
  const id = useId();
  const subjects = facts?.subjects ?? [];
  if (subjects.length === 0)
    return (
      <p className="note">
        <Icon name="shield" size="sm" />
        <span>{t(`release.noSubject.${facts?.matter ?? "watch-person"}`)}</span>
      </p>
    );
  return (
    <div className="field">
      <label htmlFor={id}>{t("release.subject")}</label>
      <select id={id} name="subject" className="in l" required defaultValue="">
        <option value="" disabled>
          {t("field.choose")}
        </option>
        {subjects.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </select>
    </div>
  );
}

function Text({ name, label, hint, most, required }: { name: string; label: string; hint?: string; most: number; required?: boolean }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} name={name} className="in l" required={required} maxLength={most} autoComplete="off" placeholder={hint} />
    </div>
  );
}

function CameraChoice() {
  const { t } = useTranslation();
  const id = useId();
  const cameras = useCameras().data ?? [];
  return (
    <div className="field">
      <label htmlFor={id}>{t("release.scope.cameras")}</label>
      <select id={id} name="camera" className="in l many" multiple required size={Math.min(6, Math.max(2, cameras.length))}>
        {cameras.map((camera) => (
          <option key={camera.id} value={camera.id}>
            {camera.id} {camera.name}
          </option>
        ))}
      </select>
    </div>
  );
}

/** For how long, and under which permit; an emergency takes one for a threat to life. */
function Terms({ facts, alone, needed }: { facts: MatterFacts | undefined; alone: boolean; needed: boolean }) {
  const { t } = useTranslation();
  const id = useId();
  const permits = useOwnPermits().permits.filter((permit) => permit.purpose !== REVIEW && (!alone || permit.purpose === THREAT));
  return (
    <>
      <div className="two">
        <div className="field">
          <label htmlFor={`${id}h`}>{t("release.hours")}</label>
          <input id={`${id}h`} name="hours" type="number" className="in l" min={1} max={facts?.mostHours ?? 72} step={1} defaultValue={facts?.mostHours ?? 12} required />
        </div>
        <div className="field">
          <label htmlFor={`${id}p`}>{t("release.permit")}</label>
          <select id={`${id}p`} name="permit" className="in l" required={needed}>
            {needed ? null : <option value="">{t("release.noPermit")}</option>}
            {permits.map((permit) => (
              <option key={permit.id} value={permit.id}>
                {permit.number} {permit.caseRef}
              </option>
            ))}
          </select>
        </div>
      </div>
      {needed && permits.length === 0 ? (
        <p className="note">
          <Icon name="key" size="sm" />
          <span>{t(alone ? "release.permitFirst" : "release.anyPermitFirst")}</span>
        </p>
      ) : null}
    </>
  );
}
