/** A candidate for a sought person: both pictures side by side, the figures, and two verdicts each blind to the other. */

import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import type { AlarmDetail } from "../../api/client";
import { type EnrolmentResult, type FaceCandidate as Candidate, type FaceVerdict, useFaceVerdict, useUndoFace } from "../../api/persons";
import { may } from "../../api/queries";
import { clock, dayClock } from "../../base/time";
import { Facts } from "../../parts/Facts";
import { Icon } from "../../parts/Icon";
import { Problem } from "../../parts/Problem";
import { ReasonDialog } from "../../parts/ReasonDialog";
import { QualityFacts } from "../watchlist/PersonPanel";

const VERDICTS: readonly FaceVerdict[] = ["same", "different", "unsure"];

export function FaceEvidence({ alarm }: { alarm: AlarmDetail }) {
  const { t } = useTranslation();
  const face = alarm.face;
  if (face == null) return null;
  return (
    <div className="pb stack">
      <p className="note">
        <Icon name="shield" size="sm" />
        <span>{t("face.suggestion")}</span>
      </p>
      {face.candidates.length === 0 ? <p className="dim">{t("face.erased")}</p> : null}
      {/* In the order they came: a later one must not push what somebody is judging down the page. */}
      {face.candidates.map((candidate) => (
        <CandidateCard key={candidate.id} candidate={candidate} reference={referenceOf(face)} />
      ))}
    </div>
  );
}

/** What a candidate is compared with: its picture's address (none: it may not be seen, or is gone), name, quality and age. */
export interface Reference {
  picture: string | null;
  name: string;
  quality: EnrolmentResult["quality"] | null;
  added: string | null;
}

function referenceOf({ person, reference }: NonNullable<AlarmDetail["face"]>): Reference {
  const picture = person == null || reference == null ? null : `/api/persons/${encodeURIComponent(person.id)}/picture`;
  return { picture, name: person?.name ?? "", quality: reference?.quality ?? null, added: reference?.added ?? null };
}

export function CandidateCard({ candidate, reference, children }: { candidate: Candidate; reference: Reference; children?: ReactNode }) {
  const { t, i18n } = useTranslation();
  const pictures = may("persons.picture");
  const rate = candidate.falseMatchRate;
  const figures: [string, React.ReactNode][] = [
    [t("face.score"), t("face.scoreValue", { score: candidate.similarity.toFixed(2), threshold: candidate.threshold.toFixed(2) })],
    [t("face.falseMatches"), t(rate <= 0.0001 ? "face.fewerThan" : "face.oneIn", { count: Math.round(1 / Math.max(rate, 0.0001)), all: candidate.comparedWith })],
  ];
  if (candidate.comparedWith > 1) figures.push([t("face.nextBest"), candidate.nextBest == null ? t("face.noOther") : candidate.nextBest.toFixed(2)]);
  return (
    <article className="stack" aria-label={t("face.candidateAt", { camera: candidate.cameraId, time: clock(candidate.time) })}>
      <div className="pairs">
        <figure>
          <figcaption className="row">
            <b>{t("face.reference")}</b>
            <span className="sp" />
            <span className="dim nw">{reference.added == null ? "" : dayClock(reference.added, i18n.language)}</span>
          </figcaption>
          {reference.picture !== null && pictures ? <img src={reference.picture} alt={t("persons.pictureOf", { name: reference.name })} /> : <p className="dim">{t("face.noPicture")}</p>}
        </figure>
        <figure>
          <figcaption className="row">
            <b>{t("face.seen")}</b>
            <span className="sp" />
            <span className="dim nw">
              {candidate.cameraId}, {clock(candidate.time)}
            </span>
          </figcaption>
          {candidate.hasPicture && pictures ? <img src={`/api/faces/${encodeURIComponent(candidate.id)}/picture`} alt={t("face.seenAt", { camera: candidate.cameraId })} /> : <p className="dim">{t(candidate.hasPicture ? "face.noPicture" : candidate.outcome === "undone" ? "face.goneUndone" : "face.gone")}</p>}
        </figure>
      </div>
      <Verdicts candidate={candidate} />
      <Facts facts={figures} className="wide-kv" />
      <div className="pairs">
        {reference.quality == null ? <span /> : <QualityFacts quality={reference.quality} />}
        <QualityFacts quality={candidate.quality} />
      </div>
      {children}
    </article>
  );
}

function Verdicts({ candidate }: { candidate: Candidate }) {
  const { t } = useTranslation();
  const giving = useFaceVerdict();
  const [verdict, setVerdict] = useState<FaceVerdict | null>(null);
  const [reason, setReason] = useState("");
  const hidden = candidate.given - candidate.verdicts.length;
  const give = () => verdict !== null && reason.trim() !== "" && !giving.isPending && giving.mutate({ id: candidate.id, verdict, reason: reason.trim() });
  return (
    <section className="stack" aria-label={t("face.verdicts")}>
      <div className="row wrap">
        <span className="cap">{t("face.verdicts")}</span>
        <span className="dim">{t("face.blind")}</span>
        <span className="sp" />
        <span className="tag solid">{t(`face.outcome.${candidate.outcome}`)}</span>
      </div>
      {candidate.verdicts.map((each) => (
        <p key={each.by}>
          <b>{t(`face.verdict.${each.verdict}`)}</b>{" "}
          <span className="dim">
            {each.by}, {clock(each.time)}: {each.reason}
          </span>
        </p>
      ))}
      {hidden > 0 ? <p className="dim">{t("face.hidden")}</p> : null}
      {candidate.outcome === "open" && candidate.mine != null ? <p className="dim">{t("face.waits")}</p> : null}
      <Undoing candidate={candidate} />
      {candidate.mayJudge ? (
        <>
          <Problem error={giving.error} />
          <div className="row wrap" role="group" aria-label={t("face.yours")}>
            {VERDICTS.map((name) => (
              <button key={name} type="button" className="btn" aria-pressed={verdict === name} onClick={() => setVerdict(name)}>
                {t(`face.verdict.${name}`)}
              </button>
            ))}
          </div>
          <div className="row">
            <input className="in sp" aria-label={t("face.reason")} placeholder={t("face.reason")} maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} onKeyDown={(event) => event.key === "Enter" && give()} />
            <button type="button" className="btn p" disabled={verdict === null || reason.trim() === "" || giving.isPending} onClick={give}>
              {t("face.give")}
            </button>
          </div>
        </>
      ) : null}
    </section>
  );
}

/** A confirmed face that turns out to be another's: one person says why, a second one decides under the releases. */
function Undoing({ candidate }: { candidate: Candidate }) {
  const { t, i18n } = useTranslation();
  const undoing = useUndoFace();
  const [open, setOpen] = useState(false);
  const { doubt } = candidate;
  if (doubt != null)
    return (
      <p className="note">
        <Icon name="warn" size="sm" />
        <span>
          {t("face.doubted")} {doubt.by}, {dayClock(doubt.time, i18n.language)}: {doubt.reason}
        </span>
      </p>
    );
  if (!candidate.mayUndo) return null;
  return (
    <div className="row">
      <button type="button" className="btn" onClick={() => setOpen(true)}>
        {t("face.undo")}
      </button>
      {open ? (
        <ReasonDialog title={t("face.undo")} label={t("face.undoWhy")} act={t("face.undoAsk")} maxLength={500} acting={undoing} onReason={(reason, request) => undoing.mutate({ id: candidate.id, reason, request }, { onSuccess: () => setOpen(false) })} onClose={() => setOpen(false)} forRequest>
          <p className="dim">{t("face.undoHint")}</p>
        </ReasonDialog>
      ) : null}
    </div>
  );
}
