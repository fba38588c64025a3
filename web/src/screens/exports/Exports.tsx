/** Exports: what was ordered, how far it is, how it is fetched, and how it proves itself. */

import "./exports.css";

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useCameras } from "../../api/queries";
import { useAskMatter } from "../../api/releases";
import { neighbour, stepKeys, useKeys } from "../../base/keys";
import { clock, day, dayClock, length, now } from "../../base/time";
import { Facts } from "../../parts/Facts";
import { Icon } from "../../parts/Icon";
import { Empty, Problem, Told } from "../../parts/Problem";
import { ReasonDialog } from "../../parts/ReasonDialog";
import { PermitBar } from "../../permits/PermitBar";
import { PURPOSES, REVIEW, useOwnPermits, chosenPermit } from "../../permits/permits";
import { useStore } from "../../base/store";
import { ExportForm } from "./ExportForm";
import { bytes, type ExportJob, isGoing, packageUrl, useCancelExport, useExports } from "./exports";

const RELEASE_HOURS = 72;

/** The permit in force for exports: the review of an alarm does not reach so far. */
export function useExportPermit() {
  const { permits, pending, error } = useOwnPermits();
  const chosen = useStore(chosenPermit);
  const fitting = permits.filter((permit) => permit.purpose !== REVIEW);
  return { permit: fitting.find((permit) => permit.id === chosen) ?? fitting[0] ?? null, permits: fitting, pending, error };
}

export function Exports() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/frame/exports" });
  const navigate = useNavigate({ from: "/exports" });
  const found = useExports();
  const cameras = useCameras().data ?? [];
  const under = useExportPermit();
  const [ordering, setOrdering] = useState(false);
  const all = found.data?.exports ?? [];
  const selected = all.find((job) => job.id === search.export) ?? all[0];
  const select = (id: string) => void navigate({ search: { export: id }, replace: true });
  const step = (by: number) => {
    const next = neighbour(all, (job) => job.id === selected?.id, by);
    if (next !== undefined) select(next.id);
  };
  const order = () => under.permit !== null && setOrdering(true);
  useKeys({ KeyN: order, ...stepKeys(step) });
  return (
    <main id="main" className="exs">
      <PermitBar {...under} purposes={PURPOSES} why={t("exports.whyPermit")} />
      <section className="panel" aria-labelledby="exports-heading">
        <div className="ph">
          <h2 id="exports-heading">{t("screen.exports")}</h2>
          <span className="sp" />
          <button type="button" className="btn" disabled={under.permit === null} onClick={order}>
            <Icon name="plus" />
            {t("exports.order")}
            <kbd>N</kbd>
          </button>
        </div>
        <Problem error={found.error} onRetry={() => void found.refetch()} />
        {found.isSuccess && all.length === 0 ? <Empty title={t("exports.none")} hint={t("exports.noneHint")} /> : null}
        <ul className="entries scroll grow" aria-label={t("screen.exports")}>
          {all.map((job) => (
            <Item key={job.id} job={job} current={job.id === selected?.id} onSelect={() => select(job.id)} />
          ))}
        </ul>
      </section>
      <Details job={selected} fingerprint={found.data?.key ?? ""} permit={under.permits.find((permit) => permit.caseRef === selected?.caseRef)?.id} />
      {ordering && under.permit !== null ? (
        <ExportForm
          cameras={cameras.slice(0, 1)}
          span={{ start: now() - 120_000, end: now() - 60_000 }}
          permit={under.permit}
          onClose={(made) => {
            setOrdering(false);
            if (made !== undefined) select(made.id);
          }}
        />
      ) : null}
    </main>
  );
}

function Item({ job, current, onSelect }: { job: ExportJob; current: boolean; onSelect: () => void }) {
  const { t, i18n } = useTranslation();
  const start = Date.parse(job.start);
  return (
    <li aria-current={current}>
      <button type="button" className="entry" aria-pressed={current} onClick={onSelect}>
        <span className="row">
          <b className="tr">{job.cameras.join(", ")}</b>
          <span className="sp" />
          <span className="tag">{t(`exports.states.${job.state}`)}</span>
        </span>
        <span className="row dim">
          <span className="tr">
            {day(start, i18n.language)} {clock(start)} · {length(Date.parse(job.end) - start)}
          </span>
          <span className="sp" />
          <span className="nw">{t(`exports.kindShort.${job.kind}`)}</span>
        </span>
        {isGoing(job) ? <Bar job={job} /> : null}
      </button>
    </li>
  );
}

function Bar({ job }: { job: ExportJob }) {
  const { t } = useTranslation();
  return (
    <progress className="export-bar" max={1} value={job.progress} aria-label={t("exports.progress")}>
      {Math.round(job.progress * 100)} %
    </progress>
  );
}

function Details({ job, fingerprint, permit }: { job: ExportJob | undefined; fingerprint: string; permit: string | undefined }) {
  const { t } = useTranslation();
  if (job === undefined)
    return (
      <section className="panel" aria-label={t("exports.one")}>
        <Empty title={t("exports.noneChosen")} hint={t("exports.noneHint")} />
      </section>
    );
  return (
    <section className="panel" aria-labelledby="export-heading">
      <div className="ph">
        <h2 id="export-heading">{job.cameras.join(", ")}</h2>
        <span className="sp" />
        <span className="tag solid">{t(`exports.states.${job.state}`)}</span>
      </div>
      <div className="scroll grow">
        <State job={job} />
        <JobFacts job={job} />
        {job.state === "done" ? <Verifying job={job} fingerprint={fingerprint} /> : null}
      </div>
      <Actions job={job} permit={permit} />
    </section>
  );
}

function State({ job }: { job: ExportJob }) {
  const { t } = useTranslation();
  if (isGoing(job))
    return (
      <div className="pb stack" aria-live="polite">
        <div className="row">
          <span>{job.cancelWished ? t("exports.cancelling") : t(`exports.steps.${job.step === "" ? "waiting" : job.step}`)}</span>
          <span className="sp" />
          <b>{Math.round(job.progress * 100)} %</b>
        </div>
        <Bar job={job} />
      </div>
    );
  if (job.problem === "" && job.toReview === 0) return null;
  return (
    <div className="pb">
      <p className={job.problem === "" ? "note" : "note err"} role={job.problem === "" ? undefined : "alert"}>
        <Icon name="warn" size="sm" />
        {job.problem === "" ? <span>{t("exports.toReview", { count: job.toReview })}</span> : <Told of={job} />}
      </p>
    </div>
  );
}

function JobFacts({ job }: { job: ExportJob }) {
  const { t, i18n } = useTranslation();
  const purpose = i18n.exists(`purpose.${job.purpose}`) ? t(`purpose.${job.purpose}`) : job.purpose;
  const facts: [string, string][] = [
    [t("exports.from"), `${day(job.start, i18n.language)} ${clock(job.start)}`],
    [t("exports.to"), `${day(job.end, i18n.language)} ${clock(job.end)}`],
    [t("exports.kind"), t(`exports.kinds.${job.kind}`)],
    [t("playback.stream"), t(`stream.${job.stream}`)],
    [t("exports.masks"), t(job.liftedUnder === "" ? "exports.masksPainted" : "exports.masksLifted")],
    [t("exports.reason"), job.reason],
    [t("permit.title"), `${job.permitNumber} · ${purpose} · ${job.caseRef}`],
    [t("leaving.recipient"), job.recipientKind === null ? t("leaving.noRecipient") : `${job.recipient} (${t(`leaving.kinds.${job.recipientKind}`)}, ${job.country})`],
    [t("leaving.ground"), job.basis === "" ? "" : [t(`leaving.laws.${job.basis}`), job.reference].filter(Boolean).join(" · ")],
    [t("exports.ordered"), `${job.orderedBy}, ${dayClock(job.ordered, i18n.language)}`],
  ];
  if (job.finished !== null) facts.push([t("exports.finished"), dayClock(job.finished, i18n.language)]);
  if (job.state === "done") {
    facts.push([t("exports.size"), bytes(job.sizeBytes)]);
    if (job.expires !== null) facts.push([t("exports.expires"), dayClock(job.expires, i18n.language)]);
  }
  return (
    <Facts facts={facts.filter(([, text]) => text !== "")} className="pb wide-kv" />
  );
}

function Verifying({ job, fingerprint }: { job: ExportJob; fingerprint: string }) {
  const { t } = useTranslation();
  return (
    <div className="pb stack top-line">
      <h3 className="cap">{t("exports.verify")}</h3>
      <p>{t("exports.verifyText")}</p>
      <pre className="export-code">{`istros verify istros-export-${job.id}.zip --key ${fingerprint}`}</pre>
      <p className="dim">{t("exports.verifyKey")}</p>
    </div>
  );
}

/** Evidence leaves by two people: whoever ordered it asks, somebody else releases it under Releases. */
function AskRelease({ job, permit }: { job: ExportJob; permit: string | undefined }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const asking = useAskMatter();
  const ownRequest = job.purpose === "subject-request";
  const send = (reason: string) =>
    asking.mutate(
      { matter: "evidence-export", subject: job.id, reason, permit: permit ?? "", emergency: false, hours: RELEASE_HOURS, scope: { cameras: [...job.cameras], from: job.start, to: job.end } },
      { onSuccess: () => setOpen(false) },
    );
  return (
    <div className="pf">
      <span className="dim">{t(ownRequest ? "exports.needsDecision" : asking.isSuccess ? "exports.releaseAsked" : "exports.needsRelease", { number: job.caseRef })}</span>
      <span className="sp" />
      {ownRequest ? null : (
        <button type="button" className="btn p" disabled={asking.isSuccess} onClick={() => setOpen(true)}>
          <Icon name="key" />
          {t("release.ask")}
        </button>
      )}
      {open ? (
        <ReasonDialog title={t("release.ask")} label={t("exports.releaseReason")} act={t("release.ask")} maxLength={500} acting={asking} onReason={send} onClose={() => setOpen(false)}>
          <p>{t("exports.releaseHint")}</p>
        </ReasonDialog>
      ) : null}
    </div>
  );
}

function Actions({ job, permit }: { job: ExportJob; permit: string | undefined }) {
  const { t } = useTranslation();
  const cancelling = useCancelExport();
  if (isGoing(job))
    return (
      <div className="pf">
        <Problem error={cancelling.error} />
        <span className="sp" />
        <button type="button" className="btn" disabled={job.cancelWished || cancelling.isPending} onClick={() => cancelling.mutate(job.id)}>
          <Icon name="x" />
          {t("exports.cancel")}
        </button>
      </div>
    );
  if (job.state !== "done") return null;
  if (!job.released) return <AskRelease job={job} permit={permit} />;
  return (
    <div className="pf">
      <span className="dim tr">{permit === undefined ? t("exports.needsPermit", { number: job.caseRef }) : t("exports.onRecord")}</span>
      <span className="sp" />
      {permit === undefined ? null : (
        <a className="btn p" href={packageUrl(job.id, permit)} download>
          <Icon name="save" />
          {t("exports.fetch", { size: bytes(job.sizeBytes) })}
        </a>
      )}
    </div>
  );
}
