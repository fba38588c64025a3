/** One release: who asked for what and why, its clock, and the steps that the person at the desk may take. */

import type { TFunction } from "i18next";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { session } from "../../api/queries";
import { type MatterRelease, PERSONS_PICTURES, useAnswerMatter, useWithdrawMatter } from "../../api/releases";
import { useSaid } from "../../base/said";
import { dayClock, length, useNow } from "../../base/time";
import { Dialog } from "../../parts/Dialog";
import { Facts } from "../../parts/Facts";
import { FormEnd } from "../../parts/FormEnd";
import { Icon } from "../../parts/Icon";
import { Problem } from "../../parts/Problem";
import { ReasonDialog } from "../../parts/ReasonDialog";
import { OthersSearches } from "./OthersSearches";

type Step = "none" | "grant" | "refuse" | "stop";

export function ReleaseItem({ release }: { release: MatterRelease }) {
  const { t } = useTranslation();
  const [step, setStep] = useState<Step>("none");
  const close = () => setStep("none");
  const urgent = release.emergency && release.toAnswer;
  return (
    <li className="disk" data-bad={urgent || undefined} data-over={release.ended != null && !release.toAnswer ? true : undefined}>
      <div className="row wrap">
        <Icon name={urgent ? "warn" : "key"} />
        <b className="grow">{t(`release.matter.${release.matter}`)}</b>
        <Clock release={release} />
        <span className={release.mayAnswer || urgent ? "tag solid" : "tag"}>{t(stateWord(release))}</span>
      </div>
      <Facts facts={useFacts(release)} className="facts wide" />
      {release.matter === "others-searches" && release.state === "standing" && release.askedBy === session.get()?.operator.name ? <OthersSearches release={release} /> : null}
      {release.mayAnswer || release.mayStop ? (
        <div className="row">
          <span className="sp" />
          {release.mayStop && !(release.mayAnswer && release.state === "waiting") ? (
            <button type="button" className="btn" onClick={() => setStep("stop")}>
              {t(release.state === "waiting" ? "release.takeBack" : "release.stop")}
            </button>
          ) : null}
          {release.mayAnswer ? (
            <>
              <button type="button" className="btn" onClick={() => setStep("refuse")}>
                {t("release.refuse")}
              </button>
              <button type="button" className="btn p" onClick={() => setStep("grant")}>
                {t(release.emergency ? "release.confirm" : "release.grant")}
              </button>
            </>
          ) : null}
        </div>
      ) : null}
      {release.toAnswer && !release.mayAnswer ? <span className="dim">{t("release.secondPerson")}</span> : null}
      {step === "grant" ? <Grant release={release} onClose={close} /> : null}
      {step === "refuse" ? <Refuse release={release} onClose={close} /> : null}
      {step === "stop" ? <Stop release={release} onClose={close} /> : null}
    </li>
  );
}

/** How it stands: a request that its own author took back before anybody answered was not stopped. */
function stateWord(release: MatterRelease): string {
  const takenBack = release.state === "withdrawn" && !release.emergency && release.answered == null && release.endedBy === release.askedBy;
  return takenBack ? "release.takenBack" : `release.state.${release.state}`;
}

/** What is left until it must be answered, or until it ends. */
function Clock({ release }: { release: MatterRelease }) {
  const { t } = useTranslation();
  const at = useNow();
  const until = release.toAnswer ? release.answerBy : release.expires;
  if (until == null || (release.ended != null && !release.toAnswer)) return null;
  const time = length(Math.max(0, Date.parse(until) - at));
  const word = release.toAnswer ? (release.emergency ? "release.reviewIn" : "release.answerIn") : "release.endsIn";
  return (
    <span className="dim nw" role="timer">
      {t(word, { time })}
    </span>
  );
}

/** Name, country, kind, ground and paper of a recipient, in the words of the screen. */
function recipientWords([name = "", country = "", kind = "", basis = "", paper = ""]: readonly string[], t: TFunction): string[] {
  return [`${name} (${country})`, t(`leaving.kinds.${kind}`), t(`leaving.bases.${basis}`), paper];
}

function useFacts(release: MatterRelease): [string, string][] {
  const { t, i18n } = useTranslation();
  const say = useSaid();
  const when = (moment: string) => dayClock(moment, i18n.language);
  const scopeWord = (name: string, value: string) => {
    if (name === "masks") return t("exports.lift");
    const key = `${name === "data" ? "leaving.classes" : "release.objective"}.${value}`;
    if (i18n.exists(key)) return t(key);
    return /^\d{4}-\d\d-\d\dT/.test(value) ? when(value) : value;
  };
  const facts: [string, string][] = [
    [t("release.subject"), release.about === PERSONS_PICTURES ? t("personsFile.withPictures") : release.about],
    [t("release.reason"), release.reason],
    ...release.scope.map((one): [string, string] => [
      i18n.exists(`release.scope.${one.name}`) ? t(`release.scope.${one.name}`) : one.name,
      (one.name === "recipient" ? recipientWords(one.values, t) : one.values.map((value) => scopeWord(one.name, value))).filter((value) => value !== "").join(", "),
    ]),
    [t("release.permit"), release.permitNumber],
    [t("release.asked"), `${release.askedBy}, ${when(release.asked)}`],
  ];
  if (release.answered != null) facts.push([t(release.granted === true ? "release.grantedBy" : "release.refusedBy"), `${release.answeredBy ?? ""}, ${when(release.answered)}${release.note === "" ? "" : `: ${release.note}`}`]);
  if (release.ended != null && release.state !== "refused") facts.push([t(stateWord(release)), `${release.endedBy ?? ""}, ${when(release.ended)}${release.endingNote === "" ? "" : `: ${say(release.endingCode, release.endingFacts) ?? release.endingNote}`}`]);
  return facts.filter(([, value]) => value !== "");
}

function Grant({ release, onClose }: { release: MatterRelease; onClose: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  const answering = useAnswerMatter();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const note = String(new FormData(event.currentTarget).get("note") ?? "").trim();
    answering.mutate({ id: release.id, grant: true, note }, { onSuccess: onClose });
  };
  const act = t(release.emergency ? "release.confirm" : "release.grant");
  return (
    <Dialog title={act} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="pb stack">
          <p>{t(release.emergency ? "release.confirmHint" : release.matter === "undo-match" ? "release.undoHint" : "release.grantHint", { who: release.askedBy, matter: t(`release.matter.${release.matter}`), hours: release.hours })}</p>
          <div className="field">
            <label htmlFor={id}>{t("release.note")}</label>
            <input id={id} name="note" className="in l" maxLength={500} autoComplete="off" />
          </div>
          <Problem error={answering.error} />
        </div>
        <FormEnd act={act} disabled={answering.isPending} onClose={onClose} />
      </form>
    </Dialog>
  );
}

function Refuse({ release, onClose }: { release: MatterRelease; onClose: () => void }) {
  const { t } = useTranslation();
  const answering = useAnswerMatter();
  return (
    <ReasonDialog title={t("release.refuse")} label={t("release.why")} act={t("release.refuse")} maxLength={500} acting={answering} onReason={(note) => answering.mutate({ id: release.id, grant: false, note }, { onSuccess: onClose })} onClose={onClose}>
      <p>{t("release.refuseHint")}</p>
    </ReasonDialog>
  );
}

function Stop({ release, onClose }: { release: MatterRelease; onClose: () => void }) {
  const { t } = useTranslation();
  const stopping = useWithdrawMatter();
  const act = t(release.state === "waiting" ? "release.takeBack" : "release.stop");
  return (
    <ReasonDialog title={act} label={t("release.why")} act={act} maxLength={500} acting={stopping} onReason={(reason) => stopping.mutate({ id: release.id, reason }, { onSuccess: onClose })} onClose={onClose}>
      <p>{t("release.stopHint")}</p>
    </ReasonDialog>
  );
}
