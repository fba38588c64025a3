/** One request: what was asked, what matches it, what is done, and the next step. */

import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { dayClock, length } from "../../base/time";
import { Dialog } from "../../parts/Dialog";
import { type Fact, Facts } from "../../parts/Facts";
import { Area, Choice, Line } from "../../parts/Fields";
import { FormEnd } from "../../parts/FormEnd";
import { Icon } from "../../parts/Icon";
import { Problem } from "../../parts/Problem";
import { ReasonDialog } from "../../parts/ReasonDialog";
import { RequestMending } from "./RequestMending";
import { type Decision, DECISIONS, letterUrl, type SubjectRequest, useRequest, useStep } from "./requests";

type Asking = "identity" | "extend" | "decide" | "unchanged" | undefined;

export function RequestPanel({ id }: { id: string }) {
  const { t } = useTranslation();
  const found = useRequest(id);
  const [asking, setAsking] = useState<Asking>();
  const detail = found.data;
  return (
    <section className="panel" aria-labelledby="request-heading">
      <div className="ph">
        <h2 id="request-heading" translate="no">
          {detail?.request.number ?? t("requests.one")}
        </h2>
        <span className="sp" />
        {detail === undefined ? null : <span className="tag solid">{t(`requests.states.${detail.request.state}`)}</span>}
      </div>
      <div className="scroll grow">
        <Problem error={found.error} onRetry={() => void found.refetch()} />
        {detail === undefined ? null : (
          <>
            <WhatIsAsked request={detail.request} />
            <Matches matches={detail.matches} />
            {detail.mending == null ? null : <RequestMending mending={detail.mending} request={detail.request} reads={detail.matches.reduce((sum, match) => sum + match.plateReads, 0)} />}
            <WhatIsDone request={detail.request} />
            <Exports exports={detail.exports} request={detail.request} />
          </>
        )}
      </div>
      {detail === undefined ? null : <Steps request={detail.request} mended={detail.mending == null || detail.mending.acts.length > 0} onAsk={setAsking} />}
      {detail !== undefined && asking !== undefined ? <Ask asking={asking} request={detail.request} ground={detail.usualGround} onClose={() => setAsking(undefined)} /> : null}
    </section>
  );
}

function shown(facts: readonly Fact[]): Fact[] {
  return facts.filter(([, value]) => value !== "" && value !== null);
}

function WhatIsAsked({ request }: { request: SubjectRequest }) {
  const { t, i18n } = useTranslation();
  const moment = (time: string) => dayClock(time, i18n.language);
  const facts: Fact[] = [
    [t("requests.what"), t(`requests.asked.${request.asked}`)],
    [t("requests.law"), t(`requests.laws.${request.law}`)],
    [t("requests.received"), `${moment(request.received)}, ${t(`requests.channels.${request.channel}`)}, ${[request.takenBy, request.organisation].filter(Boolean).join(", ")}`],
    [t("requests.due"), moment(request.due)],
    [t("requests.name"), request.name],
    [t("requests.contact"), request.contact],
    [t("requests.language"), t(`requests.languages.${request.language}`)],
    [t("requests.when"), `${moment(request.start)} – ${moment(request.end)}`],
    [t("requests.cameras"), request.cameras.join(", ") || t("requests.allCameras")],
    [t("requests.description"), request.description],
    [t("requests.plate"), request.plate],
    [t("requests.plateProof"), request.plateProof],
    [t("requests.wrong"), request.wrong],
    [t("requests.right"), request.right],
  ];
  return (
    <div className="pb">
      <Facts className="facts wide" facts={shown(facts)} />
    </div>
  );
}

function Matches({ matches }: { matches: readonly { cameraId: string; recordedS: number; plateReads: number }[] }) {
  const { t } = useTranslation();
  return (
    <div className="pb stack">
      <h3>{t("requests.matches")}</h3>
      <p className="dim">{t("requests.matchesHint")}</p>
      <table className="t">
        <thead>
          <tr>
            <th scope="col">{t("field.camera")}</th>
            <th scope="col">{t("requests.recorded")}</th>
            <th scope="col">{t("requests.reads")}</th>
          </tr>
        </thead>
        <tbody>
          {matches.map((match) => (
            <tr key={match.cameraId}>
              <td translate="no">{match.cameraId}</td>
              <td>{match.recordedS === 0 ? t("requests.nothing") : length(match.recordedS * 1000)}</td>
              <td>{match.plateReads}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function WhatIsDone({ request }: { request: SubjectRequest }) {
  const { t, i18n } = useTranslation();
  const moment = (time: string | null | undefined, by: string) => (time == null ? "" : `${dayClock(time, i18n.language)}${by === "" ? "" : `, ${by}`}`);
  const facts: Fact[] = [
    [t("requests.identity"), request.identityChecked == null ? "" : `${moment(request.identityChecked, request.identityBy)}: ${request.identity}`],
    [t("requests.preserved"), request.preserved == null ? "" : `${moment(request.preserved, "")}: ${t(request.holdId == null ? "requests.nothingKept" : "requests.held")}`],
    [t("requests.noticeBy"), request.decision == null ? moment(request.noticeBy, "") : ""],
    [t("requests.extended"), request.extended == null ? "" : `${moment(request.extended, "")}: ${request.extensionReason}`],
    [t("requests.decision"), request.decision == null ? "" : `${t(`requests.decisions.${request.decision}`)}, ${moment(request.decided, request.decidedBy)}`],
    [t("field.ground"), request.ground],
    [t("requests.reasons"), request.reasons],
    [t("requests.corrected"), request.corrected],
    [t("requests.unchanged"), request.unchanged],
    [t("requests.erasedReads"), request.erasedReads === 0 ? "" : String(request.erasedReads)],
    [t("requests.answered"), moment(request.answered, "")],
    [t("requests.eraseAfter"), request.erased == null ? moment(request.eraseAfter, "") : ""],
    [t("requests.erased"), moment(request.erased, "")],
  ];
  const done = shown(facts);
  return done.length === 0 ? null : (
    <div className="pb">
      <Facts className="facts wide" facts={done} />
    </div>
  );
}

function Exports({ exports, request }: { exports: readonly { id: string; state: string; orderedBy: string; ordered: string }[]; request: SubjectRequest }) {
  const { t, i18n } = useTranslation();
  return (
    <div className="pb stack">
      <h3>{t("requests.exports")}</h3>
      {exports.length === 0 ? <p className="dim">{t("requests.noExports", { number: request.number })}</p> : null}
      <ul className="request-exports">
        {exports.map((each) => (
          <li key={each.id}>
            {dayClock(each.ordered, i18n.language)}, {each.orderedBy}: {t(`exports.states.${each.state}`)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Steps({ request, mended, onAsk }: { request: SubjectRequest; mended: boolean; onAsk: (asking: Asking) => void }) {
  const { t } = useTranslation();
  const step = useStep(request.id);
  const open = request.answered == null;
  const unexplained = !mended && (request.decision === "granted" || request.decision === "part");
  const next = request.preserved == null ? "preserve" : request.identityChecked == null ? "identity" : "decide";
  const look = (kind: string) => (kind === next ? "btn p" : "btn");
  const letters = [
    ["receipt", true],
    ["extension", request.extended != null],
    ["answer", request.decision != null],
  ] as const;
  return (
    <div className="pf wrap">
      <Problem error={step.error} />
      {request.erased != null
        ? null
        : letters.map(([kind, ready]) =>
            ready ? (
              <a key={kind} className="btn" href={letterUrl(request.id, kind)} target="_blank" rel="noreferrer">
                <Icon name="doc" />
                {t(`requests.letters.${kind}`)}
              </a>
            ) : null,
          )}
      <span className="sp" />
      {open && request.preserved == null ? (
        <span id="preserve-first" className="dim">
          {t("requests.preserveFirst")}
        </span>
      ) : null}
      {open && request.preserved == null ? (
        <button type="button" className={look("preserve")} disabled={step.isPending} onClick={() => step.mutate({ step: "preserve" })}>
          <Icon name="lock" />
          {t("requests.preserve")}
        </button>
      ) : null}
      {open && request.identityChecked == null ? (
        <button type="button" className={look("identity")} onClick={() => onAsk("identity")}>
          <Icon name="person" />
          {t("requests.checkIdentity")}
        </button>
      ) : null}
      {open && request.extended == null && request.law !== "ua" ? (
        <button type="button" className="btn" onClick={() => onAsk("extend")}>
          <Icon name="clock" />
          {t("requests.extend")}
        </button>
      ) : null}
      {open && request.decision == null ? (
        <button type="button" className={look("decide")} disabled={request.preserved == null} aria-describedby={request.preserved == null ? "preserve-first" : undefined} onClick={() => onAsk("decide")}>
          {t("requests.decide")}
        </button>
      ) : null}
      {open && request.decision != null ? (
        <button type="button" className="btn p" disabled={step.isPending} onClick={() => (unexplained ? onAsk("unchanged") : step.mutate({ step: "answered", unchanged: "" }))}>
          <Icon name="check" />
          {t("requests.markAnswered")}
        </button>
      ) : null}
    </div>
  );
}

function Ask({ asking, request, ground, onClose }: { asking: Exclude<Asking, undefined>; request: SubjectRequest; ground: string; onClose: () => void }) {
  const { t } = useTranslation();
  const step = useStep(request.id);
  if (asking === "decide") return <Decide request={request} ground={ground} onClose={onClose} />;
  if (asking === "unchanged")
    return (
      <ReasonDialog title={t("requests.markAnswered")} label={t("requests.unchanged")} act={t("requests.markAnswered")} maxLength={2000} acting={step} onReason={(unchanged) => step.mutate({ step: "answered", unchanged }, { onSuccess: onClose })} onClose={onClose}>
        <p>{t("requests.unchangedHint", { number: request.number })}</p>
      </ReasonDialog>
    );
  const title = t(asking === "identity" ? "requests.checkIdentity" : "requests.extend");
  const send = (text: string) => step.mutate(asking === "identity" ? { step: "identity", how: text } : { step: "extend", reason: text }, { onSuccess: onClose });
  return (
    <ReasonDialog title={title} label={t(`requests.labels.${asking}`)} act={title} maxLength={500} acting={step} onReason={send} onClose={onClose}>
      <p>{t(`requests.hints.${asking}`)}</p>
    </ReasonDialog>
  );
}

function Decide({ request, ground, onClose }: { request: SubjectRequest; ground: string; onClose: () => void }) {
  const { t } = useTranslation();
  const step = useStep(request.id);
  const options = DECISIONS.filter((each) => each !== "neither" || request.law === "led").map((each) => [each, t(`requests.decisions.${each}`)] as const);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const word = (name: string) => String(form.get(name) ?? "").trim();
    step.mutate({ step: "decide", body: { decision: word("decision") as Decision["decision"], ground: word("ground"), reasons: word("reasons"), corrected: word("corrected") } }, { onSuccess: onClose });
  };
  return (
    <Dialog title={t("requests.decide")} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="pb stack">
          <Choice name="decision" label={t("requests.decision")} options={options} />
          <Line name="ground" label={t("field.ground")} max={500} required value={ground} />
          <Area name="reasons" label={t("requests.reasonsLabel", { language: t(`requests.languages.${request.language}`) })} max={2000} />
          {request.asked === "rectification" ? <Area name="corrected" label={t("requests.corrected")} max={2000} value={request.right} /> : null}
          {request.asked === "erasure" || request.asked === "rectification" ? (
            <p className="note">
              <Icon name="warn" size="sm" />
              <span>{t(request.asked === "erasure" ? "requests.erasureWarning" : "requests.correctionWarning")}</span>
            </p>
          ) : null}
          <Problem error={step.error} />
        </div>
        <FormEnd act={t("requests.decide")} disabled={step.isPending} onClose={onClose} />
      </form>
    </Dialog>
  );
}
