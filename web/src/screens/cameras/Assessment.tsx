/** Whether a camera may film, what is missing, who does it next, and every version of its assessment. */

import { useState } from "react";
import { useTranslation } from "react-i18next";

import { type AssessmentVersion, type CameraAssessment, type CameraStanding, useAnswerAssessment, useAssessment, useStopCamera } from "../../api/assessments";
import type { Camera } from "../../api/client";
import { dayClock, longDay } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { Problem } from "../../parts/Problem";
import { ReasonDialog } from "../../parts/ReasonDialog";
import { AssessmentForm } from "./AssessmentForm";

const LETTERS = 2000;
/** Standings in which nothing is asked of anybody. */
const QUIET = new Set<CameraStanding["standing"]>(["valid"]);

export function Assessment({ camera }: { camera: Camera }) {
  const { t } = useTranslation();
  const found = useAssessment(camera.id);
  const assessment = found.data;
  return (
    <section aria-labelledby="assessment-heading" className="stack">
      <h3 className="cap" id="assessment-heading">
        {t("assessment.title")}
      </h3>
      <Problem error={found.error} onRetry={() => void found.refetch()} />
      {assessment === undefined ? null : <Shown camera={camera} assessment={assessment} />}
    </section>
  );
}

function Shown({ camera, assessment }: { camera: Camera; assessment: CameraAssessment }) {
  const { t } = useTranslation();
  const [step, setStep] = useState<"write" | "back" | "stop" | null>(null);
  const answering = useAnswerAssessment(camera.id);
  const stopping = useStopCamera(camera.id);
  const { standing } = assessment;
  const waiting = standing.nextVersion;
  const close = () => setStep(null);
  return (
    <>
      <StandingNote standing={standing} />
      <Missing assessment={assessment} />
      {standing.uncovered.length > 0 ? (
        <p className="note err">
          <Icon name="warn" size="sm" />
          <span>{t("assessment.uncovered", { uses: standing.uncovered.map((use) => t(`assessment.use.${use}`)).join(", ") })}</span>
        </p>
      ) : null}
      <div className="row wrap">
        {assessment.mayAnswer ? (
          <>
            <button type="button" className="btn p" disabled={answering.isPending} onClick={() => answering.mutate({ version: waiting, approve: true, reason: "" })}>
              {t("assessment.approve", { version: waiting })}
            </button>
            <button type="button" className="btn" onClick={() => setStep("back")}>
              {t("assessment.sendBack")}
            </button>
          </>
        ) : null}
        {assessment.mayWrite ? (
          <button type="button" className={standing.next === "answer" || standing.next === "none" ? "btn" : "btn p"} onClick={() => setStep("write")}>
            {t(assessment.versions.length === 0 ? "assessment.write" : "assessment.writeAnew")}
          </button>
        ) : null}
        {assessment.mayStop ? (
          <button type="button" className="btn" onClick={() => setStep("stop")}>
            {t("assessment.stop")}
          </button>
        ) : null}
      </div>
      <Problem error={answering.error} />
      <Versions versions={assessment.versions} />
      {step === "write" ? <AssessmentForm camera={camera} assessment={assessment} onClose={close} /> : null}
      {step === "back" ? (
        <ReasonDialog title={t("assessment.sendBack")} label={t("assessment.backReason")} act={t("assessment.sendBack")} maxLength={LETTERS} acting={answering} onClose={close} onReason={(reason) => answering.mutate({ version: waiting, approve: false, reason }, { onSuccess: close })} />
      ) : null}
      {step === "stop" ? (
        <ReasonDialog title={t("assessment.stop")} label={t("assessment.stopReason")} act={t("assessment.stop")} maxLength={LETTERS} acting={stopping} onClose={close} onReason={(reason) => stopping.mutate(reason, { onSuccess: close })}>
          <p className="note err">
            <Icon name="warn" size="sm" />
            <span>{t("assessment.stopWhat")}</span>
          </p>
        </ReasonDialog>
      ) : null}
    </>
  );
}

/** How it stands, in a sentence, and who does what next. */
function StandingNote({ standing }: { standing: CameraStanding }) {
  const { t, i18n } = useTranslation();
  const day = (moment: string | null | undefined) => (moment == null ? "" : longDay(moment, i18n.language));
  const quiet = QUIET.has(standing.standing);
  const dates = { due: day(standing.due), analysis: day(standing.analysisEnds), live: day(standing.liveEnds) };
  const changed = standing.changed ?? "";
  const late = !standing.films || !standing.live || standing.standing === "no-analysis" || standing.standing === "overdue";
  return (
    <p className={quiet ? "note" : "note err"} role={late ? "alert" : undefined}>
      <Icon name={quiet ? "check" : "warn"} size="sm" />
      <span>
        <b>{changed === "" ? t(`assessment.standing.${standing.standing}`) : t("assessment.needsLook")}</b> {changed === "" ? t(`assessment.says.${standing.standing}`, dates) : t(`assessment.changed.${changed}`, dates)}{" "}
        {standing.next === "none" ? null : t(`assessment.next.${standing.next}`)}
      </span>
    </p>
  );
}

/** The fields that keep the newest version from being approved. */
function Missing({ assessment }: { assessment: CameraAssessment }) {
  const { t } = useTranslation();
  if (assessment.lacks.length === 0) return null;
  return (
    <div>
      <b>{t("assessment.missing")}</b>
      <ul className="plain">
        {assessment.lacks.map((lack) => (
          <li key={lack.place}>
            {lack.place.startsWith("sign:") ? t("assessment.field.sign", { language: t(`assessment.language.${lack.place.slice(5)}`) }) : t(`assessment.field.${lack.place}`)}: {t(`assessment.lack.${lack.lacks}`, { hours: assessment.keepHours })}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Versions({ versions }: { versions: readonly AssessmentVersion[] }) {
  const { t } = useTranslation();
  if (versions.length === 0) return null;
  return (
    <details>
      <summary>{t("assessment.versions", { count: versions.length })}</summary>
      {versions.map((version) => (
        <Version key={version.version} version={version} />
      ))}
    </details>
  );
}

function Version({ version }: { version: AssessmentVersion }) {
  const { t, i18n } = useTranslation();
  const when = (moment: string) => dayClock(moment, i18n.language);
  const { says } = version;
  const facts: [string, string][] = [
    [t("assessment.written"), `${version.writtenBy}, ${when(version.written)}`],
    ...(version.approved == null ? [] : [[t("assessment.approved"), `${version.answeredBy ?? ""}, ${when(version.approved)}`] as [string, string]]),
    ...(version.refused == null ? [] : [[t("assessment.refused"), `${version.answeredBy ?? ""}, ${when(version.refused)}: ${version.answerReason}`] as [string, string]]),
    ...(version.ended == null ? [] : [[t("assessment.ended"), `${version.endedBy ?? ""}, ${when(version.ended)}: ${version.endReason}`] as [string, string]]),
    [t("assessment.field.owner"), says.owner],
    [t("assessment.field.purpose"), says.purpose],
    [t("assessment.field.looksAt"), says.looksAt],
    ...Object.entries(says.sign).map(([language, text]): [string, string] => [t("assessment.field.sign", { language: t(`assessment.language.${language}`) }), text]),
    [t("assessment.field.signPlace"), says.signPlace],
    [t("assessment.field.zones"), says.zones === "drawn" ? t("assessment.zonesDrawn") : says.zonesReason],
    [t("assessment.field.keepHours"), t("hours", { count: says.keepHours })],
    [t("assessment.field.dpiaRef"), says.dpiaDate == null ? says.dpiaRef : `${says.dpiaRef}, ${longDay(says.dpiaDate, i18n.language)}`],
    [t("assessment.field.review"), longDay(says.review, i18n.language)],
    [t("assessment.field.uses"), says.uses.map((use) => t(`assessment.use.${use}`)).join(", ") || t("assessment.noUse")],
  ];
  return (
    <>
      <h4 className="cap">
        {t("assessment.version", { version: version.version })} {version.simulated ? t("assessment.simulated") : null}
      </h4>
      <dl className="kv">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt>{name}</dt>
            <dd>{value || "–"}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
