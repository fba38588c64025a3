/** Live face matching: what runs, what waits for a second person, and asking for it. */

import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { type MatchingOperation, type MatchingWish, type PersonEntry, useAskMatching, useDecideMatching, useMatchingOperations, useStopMatching } from "../../api/persons";
import { may, session, useCameras } from "../../api/queries";
import { dayClock } from "../../base/time";
import { hoursText } from "../../base/weekHours";
import { FormEnd } from "../../parts/FormEnd";
import { Icon } from "../../parts/Icon";
import { Empty, Problem } from "../../parts/Problem";
import { ReasonDialog } from "../../parts/ReasonDialog";
import { useOwnPermits } from "../../permits/permits";
import { HoursFields, hoursIn } from "./HoursFields";
import { OBJECTIVES } from "./PersonForm";

export function MatchingPanel({ entries }: { entries: readonly PersonEntry[] }) {
  const { t } = useTranslation();
  const found = useMatchingOperations();
  const [asking, setAsking] = useState(false);
  const state = found.data;
  const released = entries.filter((entry) => entry.state === "released");
  const operations = [...(state?.running ?? []), ...(state?.waiting ?? [])];
  return (
    <section className="panel" aria-labelledby="matching-heading">
      <div className="ph">
        <h2 id="matching-heading">{t("matching.title")}</h2>
        <span className="sp" />
        {may("persons.write") && state?.allowed && released.length > 0 && !asking ? (
          <button type="button" className="btn" onClick={() => setAsking(true)}>
            <Icon name="plus" />
            {t("matching.ask")}
          </button>
        ) : null}
      </div>
      <div className="scroll grow">
        <Problem error={found.error} />
        {state === undefined ? null : <p className="pb dim">{state.allowed ? t("matching.law", { ground: state.ground.replace(/^law:\s*/, "") }) : t("matching.off")}</p>}
        {asking ? <AskMatching entries={released} mostHours={state?.mostHours ?? 72} onDone={() => setAsking(false)} /> : null}
        {operations.length === 0 && state !== undefined && !asking ? <Empty title={t("matching.none")} hint={t("matching.noneHint")} /> : null}
        <ul className="entries">
          {operations.map((operation) => (
            <Operation key={operation.id} operation={operation} entries={entries} />
          ))}
        </ul>
      </div>
    </section>
  );
}

function Operation({ operation, entries }: { operation: MatchingOperation; entries: readonly PersonEntry[] }) {
  const { t, i18n } = useTranslation();
  const [dialog, setDialog] = useState<"none" | "stop" | "refuse">("none");
  const deciding = useDecideMatching();
  const stopping = useStopMatching();
  const names = operation.persons.map((id) => entries.find((entry) => entry.id === id)?.name ?? id);
  const toAnswer = operation.answeredBy == null && may("releases.grant") && operation.askedBy !== session.get()?.operator.name;
  const done = () => setDialog("none");
  return (
    <li className="pb stack">
      <div className="row wrap">
        <b>{names.join(", ")}</b>
        <span className="sp" />
        <span className="tag solid">{t(operation.running ? (operation.emergency && operation.answeredBy == null ? "matching.urgent" : "matching.running") : "matching.waits")}</span>
      </div>
      <p>{t(`objective.${operation.objective}`)}</p>
      <p className="dim">{t("matching.where", { cameras: operation.cameras.join(", "), order: operation.authorisation })}</p>
      {operation.within === "" ? null : <p className="dim">{t("matching.within", { hours: hoursText(operation.within, i18n.language) })}</p>}
      <p className="dim">
        {operation.askedBy}, {dayClock(operation.asked, i18n.language)}: {operation.reason}
      </p>
      <p className="dim">{operation.expires == null ? t("matching.answerBy", { time: dayClock(operation.answerBy, i18n.language) }) : t("matching.ends", { time: dayClock(operation.expires, i18n.language) })}</p>
      <Problem error={deciding.error} />
      <div className="row wrap">
        <span className="sp" />
        {may("persons.write") && (operation.running || operation.askedBy === session.get()?.operator.name) ? (
          <button type="button" className="btn" onClick={() => setDialog("stop")}>
            <Icon name="x" />
            {t("matching.stop")}
          </button>
        ) : null}
        {toAnswer ? (
          <>
            <button type="button" className="btn" onClick={() => setDialog("refuse")}>
              {t("persons.refuse")}
            </button>
            <button type="button" className="btn p" disabled={deciding.isPending} onClick={() => deciding.mutate({ id: operation.id, grant: true, note: "" })}>
              <Icon name="check" />
              {t("persons.release")}
            </button>
          </>
        ) : null}
      </div>
      {dialog === "stop" ? <ReasonDialog title={t("matching.stop")} label={t("watchlist.reason")} act={t("matching.stop")} maxLength={300} acting={stopping} onReason={(reason) => stopping.mutate({ id: operation.id, reason }, { onSuccess: done })} onClose={done} /> : null}
      {dialog === "refuse" ? <ReasonDialog title={t("persons.refuse")} label={t("watchlist.reason")} act={t("persons.refuse")} maxLength={500} acting={deciding} onReason={(note) => deciding.mutate({ id: operation.id, grant: false, note }, { onSuccess: done })} onClose={done} /> : null}
    </li>
  );
}

function AskMatching({ entries, mostHours, onDone }: { entries: readonly PersonEntry[]; mostHours: number; onDone: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  const asking = useAskMatching();
  const cameras = useCameras().data ?? [];
  const { permits } = useOwnPermits();
  const permit = permits.find((each) => each.purpose === "threat-to-life");
  const [urgent, setUrgent] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const word = (name: string) => String(form.get(name) ?? "").trim();
    const body: MatchingWish = {
      reason: word("reason"),
      objective: word("objective") as MatchingWish["objective"],
      cameras: form.getAll("cameras").map(String),
      persons: form.getAll("persons").map(String),
      authorisation: word("authorisation"),
      hours: Number(word("hours")),
      within: hoursIn(form),
      emergency: urgent,
      permit: urgent ? (permit?.id ?? "") : "",
      dutyOfficer: word("duty"),
    };
    asking.mutate(body, { onSuccess: onDone });
  };
  return (
    <form className="pb stack" onSubmit={submit}>
      <div className="field">
        <label htmlFor={`${id}p`}>{t("persons.title")}</label>
        <select id={`${id}p`} name="persons" className="in l many" multiple required size={Math.min(4, Math.max(2, entries.length))}>
          {entries.map((entry) => (
            <option key={entry.id} value={entry.id}>
              {entry.name}
            </option>
          ))}
        </select>
      </div>
      <div className="field">
        <label htmlFor={`${id}o`}>{t("persons.objective")}</label>
        <select id={`${id}o`} name="objective" className="in l" defaultValue={entries[0]?.objective}>
          {OBJECTIVES.map((objective) => (
            <option key={objective} value={objective}>
              {t(`objective.${objective}`)}
            </option>
          ))}
        </select>
      </div>
      <div className="field">
        <label htmlFor={`${id}c`}>{t("sought.cameras")}</label>
        <select id={`${id}c`} name="cameras" className="in l many" multiple required size={Math.min(6, Math.max(2, cameras.length))}>
          {cameras.map((camera) => (
            <option key={camera.id} value={camera.id}>
              {camera.id} {camera.name}
            </option>
          ))}
        </select>
      </div>
      <div className="two">
        <div className="field">
          <label htmlFor={`${id}a`}>{t("persons.authorisation")}</label>
          <input id={`${id}a`} name="authorisation" className="in l" required maxLength={300} autoComplete="off" defaultValue={entries[0]?.authorisation} />
        </div>
        <div className="field">
          <label htmlFor={`${id}h`}>{t("matching.hours")}</label>
          <input id={`${id}h`} name="hours" type="number" min={1} max={mostHours} className="in l" required defaultValue={Math.min(4, mostHours)} />
        </div>
      </div>
      <HoursFields />
      <div className="field">
        <label htmlFor={`${id}r`}>{t("persons.releaseReason")}</label>
        <input id={`${id}r`} name="reason" className="in l" required maxLength={500} autoComplete="off" />
      </div>
      <label className="ck">
        <input type="checkbox" checked={urgent} disabled={permit === undefined} onChange={(event) => setUrgent(event.currentTarget.checked)} />
        <span>
          {t("matching.startNow")}
          <span className="hint">{t(permit === undefined ? "persons.urgentNeedsPermit" : "matching.startNowHint")}</span>
        </span>
      </label>
      {urgent ? (
        <div className="field">
          <label htmlFor={`${id}y`}>{t("matching.dutyOfficer")}</label>
          <input id={`${id}y`} name="duty" className="in l" required maxLength={100} autoComplete="off" />
        </div>
      ) : null}
      <Problem error={asking.error} />
      <FormEnd act={t(urgent ? "persons.releaseNow" : "persons.ask")} disabled={asking.isPending} onClose={onDone} className="row" />
    </form>
  );
}
