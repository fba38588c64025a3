/** One breach: what is known, the hours, every step, the drafts, and the next step. */

import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { may, session } from "../../api/queries";
import { dayClock, now, parseMoment } from "../../base/time";
import { Dialog } from "../../parts/Dialog";
import { type Fact, Facts } from "../../parts/Facts";
import { Area, Choice, Line } from "../../parts/Fields";
import { FormEnd } from "../../parts/FormEnd";
import { Icon } from "../../parts/Icon";
import { MomentField } from "../../parts/MomentField";
import { Problem } from "../../parts/Problem";
import { ReasonDialog } from "../../parts/ReasonDialog";
import { AUTHORITIES, type Breach, LETTERS, letterUrl, newsOf, type Step, useStep } from "./breaches";
import { HoursLeft } from "./HoursLeft";
import { FactFields } from "./ReportForm";

type Asking = Step["step"] | undefined;

export function BreachPanel({ breach }: { breach: Breach }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState<Asking>();
  return (
    <section className="panel" aria-labelledby="breach-heading">
      <div className="ph">
        <h2 id="breach-heading" translate="no">
          {breach.number}
        </h2>
        <span className="sp" />
        <span className="tag solid">{t(`breaches.states.${breach.state}`)}</span>
      </div>
      <div className="scroll grow">
        {breach.running ? (
          <div className="pb">
            <HoursLeft due={breach.due} />
          </div>
        ) : null}
        <Known breach={breach} />
        <Done breach={breach} />
        <History breach={breach} />
        {may("breaches.handle") ? <Drafts breach={breach} /> : null}
      </div>
      {breach.closed === null ? <Steps breach={breach} onAsk={setAsking} /> : null}
      {asking === undefined ? null : <Ask asking={asking} breach={breach} onClose={() => setAsking(undefined)} />}
    </section>
  );
}

const shown = (facts: readonly Fact[]): Fact[] => facts.filter(([, value]) => value !== "");

function Known({ breach }: { breach: Breach }) {
  const { t, i18n } = useTranslation();
  const facts = breach.facts;
  const unknown = t("breaches.unknown");
  const list = (words: readonly string[], root: string) => words.map((word) => t(`breaches.${root}.${word}`)).join(", ") || unknown;
  return (
    <div className="pb">
      <Facts
        className="facts wide"
        facts={[
          [t("breaches.what"), facts.what ?? ""],
          [t("breaches.known"), dayClock(breach.known, i18n.language)],
          [t("breaches.due"), dayClock(breach.due, i18n.language)],
          [t("breaches.law"), t(`breaches.laws.${breach.law}`)],
          [t("breaches.natures"), list(facts.natures ?? [], "nature")],
          [t("breaches.data"), list(facts.data ?? [], "kinds")],
          [t("breaches.cameras"), (facts.cameras ?? []).join(", ") || "–"],
          [t("breaches.people"), facts.people?.toLocaleString(i18n.language) ?? unknown],
          [t("breaches.records"), facts.records?.toLocaleString(i18n.language) ?? unknown],
          [t("breaches.consequences"), facts.consequences || unknown],
          [t("breaches.measures"), facts.measures || unknown],
          [t("breaches.toldBy"), `${breach.openedBy}, ${dayClock(breach.opened, i18n.language)}`],
          [t("breaches.source"), `${t(`breaches.sources.${breach.sourceKind}`)}${breach.source === "" ? "" : ` (${breach.source})`}`],
        ]}
      />
    </div>
  );
}

function Done({ breach }: { breach: Breach }) {
  const { t, i18n } = useTranslation();
  const when = (time: string | null | undefined) => (time == null ? "" : dayClock(time, i18n.language));
  const { assessment, telling } = breach;
  const facts = shown([
    [t("breaches.assessed"), assessment === null ? "" : `${t(`breaches.verdict.${assessment.report ? (assessment.people ? "both" : "report") : "none"}`)} ${assessment.reason} (${assessment.by}, ${when(assessment.time)})`],
    ...breach.reports.map((each): Fact => [t("breaches.reported"), `${t(`breaches.authorities.${each.authority}`)}, ${when(each.sent)}, ${each.reference} (${each.by})${each.delay === "" ? "" : `. ${t("breaches.delay")}: ${each.delay}`}`]),
    [t("breaches.peopleTold"), telling === null ? "" : `${t(telling.told ? "breaches.yesTold" : "breaches.notTold")} ${when(telling.when)}: ${telling.how} (${telling.by})`],
    [t("breaches.closed"), breach.closed === null ? "" : `${when(breach.closed)}, ${breach.closedBy}: ${breach.closingNote}`],
  ]);
  return facts.length === 0 ? null : (
    <div className="pb">
      <Facts className="facts wide" facts={facts} />
    </div>
  );
}

function History({ breach }: { breach: Breach }) {
  const { t, i18n } = useTranslation();
  return (
    <div className="pb stack">
      <h3>{t("breaches.history")}</h3>
      <p className="dim">{t("breaches.historyHint")}</p>
      <ol className="request-exports">
        {breach.steps.map((step) => (
          <li key={step.number}>
            {dayClock(step.time, i18n.language)}, {step.by}: {t(`breaches.steps.${step.kind}`, { hours: String(step.facts["hours"] ?? "") })}
          </li>
        ))}
      </ol>
    </div>
  );
}

function Drafts({ breach }: { breach: Breach }) {
  const { t, i18n } = useTranslation();
  const [language, setLanguage] = useState(i18n.language);
  return (
    <div className="pb stack">
      <h3>{t("breaches.drafts")}</h3>
      <p className="dim">{t("breaches.draftsHint")}</p>
      <div className="row wrap">
        <select className="in" aria-label={t("breaches.draftLanguage")} value={language} onChange={(event) => setLanguage(event.currentTarget.value)}>
          {["uk", "ro", "en"].map((each) => (
            <option key={each} value={each}>
              {t(`requests.languages.${each}`)}
            </option>
          ))}
        </select>
        {LETTERS.map((kind) => (
          <span key={kind} className="row">
            <a className="btn" href={letterUrl(breach.id, kind, language, "pdf")} target="_blank" rel="noreferrer">
              <Icon name="doc" />
              {t(`breaches.letters.${kind}`)}
            </a>
            <a className="link" href={letterUrl(breach.id, kind, language, "text")} target="_blank" rel="noreferrer" aria-label={`${t(`breaches.letters.${kind}`)}: ${t("breaches.asText")}`}>
              {t("breaches.asText")}
            </a>
          </span>
        ))}
      </div>
    </div>
  );
}

function Steps({ breach, onAsk }: { breach: Breach; onAsk: (asking: Asking) => void }) {
  const { t } = useTranslation();
  const handles = may("breaches.handle");
  const own = breach.steps.some((step) => BY_THE_FIRST.has(step.kind) && step.by === session.get()?.operator.name);
  const next = nextStep(breach);
  const button = (step: Exclude<Asking, undefined>, ready: boolean) => (
    <button key={step} type="button" className={step === next && ready ? "btn p" : "btn"} disabled={!ready} title={ready ? undefined : t(`breaches.notYet.${step}`)} onClick={() => onAsk(step)}>
      {t(`breaches.do.${step}`)}
    </button>
  );
  const assessed = breach.assessment !== null;
  return (
    <div className="pf wrap">
      {next === "close" && own ? <span className="dim">{t("breaches.closesAnother")}</span> : null}
      <span className="sp" />
      {handles ? [button("facts", true), button("assess", true), button("report", breach.assessment?.report === true), button("people", assessed)] : null}
      {may("breaches.close") ? button("close", next === "close" && !own) : null}
    </div>
  );
}

/** The steps of a first person: whoever made one of them does not close the breach (compliance/breaches.py). */
const BY_THE_FIRST: ReadonlySet<string> = new Set(["assessed", "reported", "people"]);

/** What is to be done next. */
function nextStep(breach: Breach): Step["step"] {
  if (breach.assessment === null) return "assess";
  if (breach.assessment.report && breach.reports.length === 0) return "report";
  if (breach.assessment.people && breach.telling === null) return "people";
  return "close";
}

function Ask({ asking, breach, onClose }: { asking: Exclude<Asking, undefined>; breach: Breach; onClose: () => void }) {
  const { t } = useTranslation();
  const step = useStep(breach.id);
  if (asking === "close")
    return (
      <ReasonDialog title={t("breaches.do.close")} label={t("breaches.closingNote")} act={t("breaches.do.close")} maxLength={1000} acting={step} onReason={(note) => step.mutate({ step: "close", body: { note } }, { onSuccess: onClose })} onClose={onClose}>
        <p>{t("breaches.closeHint")}</p>
      </ReasonDialog>
    );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    step.mutate(stepOf(asking, new FormData(event.currentTarget)), { onSuccess: onClose });
  };
  return (
    <Dialog title={t(`breaches.do.${asking}`)} onClose={onClose} wide={asking === "facts"}>
      <form onSubmit={submit}>
        <div className="pb stack">
          <Body asking={asking} breach={breach} />
          <Problem error={step.error} />
        </div>
        <FormEnd act={t(`breaches.do.${asking}`)} disabled={step.isPending} onClose={onClose} />
      </form>
    </Dialog>
  );
}

function Body({ asking, breach }: { asking: Exclude<Asking, "close" | undefined>; breach: Breach }) {
  const { t } = useTranslation();
  const late = now() > Date.parse(breach.due) && breach.reports.length === 0;
  switch (asking) {
    case "facts":
      return (
        <>
          <Area name="what" label={t("breaches.what")} max={4000} value={breach.facts.what ?? ""} />
          <FactFields facts={breach.facts} />
        </>
      );
    case "assess":
      return (
        <>
          <p className="dim">{t("breaches.assessHint")}</p>
          <Choice name="verdict" label={t("breaches.assessed")} options={(["report", "both", "none"] as const).map((each) => [each, t(`breaches.verdict.${each}`)])} />
          <Area name="reason" label={t("breaches.reason")} max={4000} required />
        </>
      );
    case "report":
      return (
        <>
          <Choice name="authority" label={t("breaches.authority")} options={AUTHORITIES.map((each) => [each, t(`breaches.authorities.${each}`)])} />
          <MomentField name="sent" label={t("breaches.sent")} value={now() - 60_000} required />
          <Line name="reference" label={t("breaches.reference")} max={200} required />
          {late ? <Area name="delay" label={t("breaches.delay")} max={4000} required /> : null}
        </>
      );
    case "people":
      return (
        <>
          <p className="dim">{t("breaches.peopleHint")}</p>
          <Choice name="told" label={t("breaches.peopleTold")} options={[["yes", t("breaches.yesTold")], ["no", t("breaches.notTold")]]} />
          <MomentField name="when" label={t("breaches.toldWhen")} value={now() - 60_000} />
          <Area name="how" label={t("breaches.toldHow")} max={4000} required />
        </>
      );
  }
}

function stepOf(asking: Exclude<Asking, "close" | undefined>, form: FormData): Step {
  const word = (name: string) => String(form.get(name) ?? "").trim();
  const moment = (name: string) => (word(name) === "" ? null : new Date(parseMoment(word(name), now())).toISOString());
  switch (asking) {
    case "facts":
      return { step: "facts", body: newsOf(form) };
    case "assess":
      return { step: "assess", body: { report: word("verdict") !== "none", people: word("verdict") === "both", reason: word("reason") } };
    case "report":
      return { step: "report", body: { authority: word("authority") as "ro" | "ua", sent: moment("sent") ?? "", reference: word("reference"), delay: word("delay") } };
    case "people":
      return { step: "people", body: { told: word("told") === "yes", when: word("told") === "yes" ? moment("when") : null, how: word("how") } };
  }
}
