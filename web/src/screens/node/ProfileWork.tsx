/** The profile's work: the newest version, what it lacks, what it changes, its signatures; and every version before. */

import type { TFunction } from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { may, session } from "../../api/queries";
import { type ProfileHistory, type ProfileVersion, useProfiles, useSignProfile, useWithdrawProfile } from "../../api/releases";
import { dayClock, longDay } from "../../base/time";
import { Facts } from "../../parts/Facts";
import { Icon } from "../../parts/Icon";
import { Empty, Problem } from "../../parts/Problem";
import { ReasonDialog } from "../../parts/ReasonDialog";
import { changesOf } from "./changes";
import { ProfileForm } from "./ProfileForm";

/** Who signs a profile: both of them (compliance/profile.py). */
const SIGNERS = ["administrator", "protection_officer"] as const;

export function ProfileWork() {
  const { t } = useTranslation();
  const found = useProfiles();
  const [writing, setWriting] = useState(false);
  const history = found.data;
  return (
    <section className="panel" aria-labelledby="versions-heading" aria-busy={found.isFetching}>
      <div className="ph">
        <h2 id="versions-heading">{t("nodeProfile.versions")}</h2>
        <span className="sp" />
        <button type="button" className="btn p" disabled={history === undefined} onClick={() => setWriting(true)}>
          <Icon name="pen" />
          {t("nodeProfile.write")}
        </button>
      </div>
      <div className="scroll grow">
        {found.error === null ? null : (
          <div className="pb">
            <Problem error={found.error} onRetry={() => void found.refetch()} />
          </div>
        )}
        {history !== undefined && history.versions.length === 0 ? <Empty title={t("nodeProfile.noVersion")} hint={t("nodeProfile.noVersionHint")} /> : null}
        <ul className="disks">{history === undefined ? null : history.versions.map((version) => <Version key={version.version} version={version} history={history} />)}</ul>
      </div>
      {writing && history !== undefined ? <ProfileForm history={history} onClose={() => setWriting(false)} /> : null}
    </section>
  );
}

function Version({ version, history }: { version: ProfileVersion; history: ProfileHistory }) {
  const { t, i18n } = useTranslation();
  const facts: [string, string][] = [
    [t("nodeProfile.written"), `${version.draftedBy}, ${dayClock(version.drafted, i18n.language)}`],
    ...version.signatures.map((one): [string, string] => [t(`role.${one.role}`), t("nodeProfile.signedBy", { who: one.signer, time: dayClock(one.time, i18n.language) })]),
    [t("nodeProfile.inForce"), version.inForce == null ? "" : dayClock(version.inForce, i18n.language)],
    [t("nodeProfile.review"), longDay(version.review, i18n.language)],
    [t("nodeProfile.takenBack"), version.ended == null ? "" : `${version.endedBy ?? ""}, ${dayClock(version.ended, i18n.language)}: ${version.endReason}`],
  ];
  const newest = version.version === history.versions[0]?.version;
  return (
    <li className="disk" data-over={version.state === "in-force" || newest ? undefined : true}>
      <div className="row">
        <Icon name="shield" />
        <b>{t("nodeProfile.version", { version: version.version })}</b>
        {version.simulated ? <span className="dim">{t("training")}</span> : null}
        <span className="sp" />
        <span className={version.state === "in-force" ? "tag solid" : "tag"}>{t(`nodeProfile.state.${version.state}`)}</span>
      </div>
      <Facts facts={facts.filter(([, value]) => value !== "")} className="facts wide" />
      {newest && version.state === "draft" ? <Draft version={version} history={history} /> : null}
      {newest && version.state === "draft" && version.lacks.length === 0 ? <Waits version={version} /> : null}
      <Steps version={version} />
    </li>
  );
}

/** What keeps a draft from being signed, and what it would change. */
function Draft({ version, history }: { version: ProfileVersion; history: ProfileHistory }) {
  const { t, i18n } = useTranslation();
  const current = history.versions.find((one) => one.state === "in-force");
  const changes = changesOf(version, current, history, t);
  return (
    <>
      {version.lacks.length === 0 ? null : (
        <div className="note err">
          <Icon name="warn" size="sm" />
          <div>
            <b>{t("nodeProfile.lacks")}</b>
            <ul>
              {version.lacks.map((one) => (
                <li key={`${one.place} ${one.lacks}`}>
                  {placeName(one.place, t)} – {t(`nodeProfile.lack.${one.lacks}`)}
                </li>
              ))}
            </ul>
          </div>
        </div>
      )}
      <h3 className="cap">{t(current === undefined ? "nodeProfile.changesStrictest" : "nodeProfile.changes", { version: current?.version })}</h3>
      {changes.length === 0 ? <span className="dim">{version.renews ? t("nodeProfile.renews", { version: current?.version, time: longDay(version.review, i18n.language) }) : t("nodeProfile.noChange")}</span> : null}
      <ul className="changes">
        {changes.map((change) => (
          <li key={change} className="any">
            {change}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Whose signature a draft waits for: one of the two does not see from their own button that another is missing. */
function Waits({ version }: { version: ProfileVersion }) {
  const { t } = useTranslation();
  const missing = SIGNERS.filter((role) => !version.signatures.some((one) => one.role === role));
  return (
    <p className="note">
      <Icon name="clock" size="sm" />
      <span>{t("nodeProfile.waitsFor", { roles: missing.map((role) => t(`role.${role}`)).join(", ") })}</span>
    </p>
  );
}

function placeName(place: string, t: TFunction): string {
  if (place === "review") return t("nodeProfile.review");
  return place.startsWith("function:") ? t(`function.${place.slice("function:".length)}.name`) : t(`nodeProfile.question.${place}`);
}

function Steps({ version }: { version: ProfileVersion }) {
  const { t } = useTranslation();
  const signing = useSignProfile();
  const taking = useWithdrawProfile();
  const [asked, setAsked] = useState(false);
  const role = session.get()?.operator.role ?? "";
  const canTake = may("profile.sign") && version.ended == null && (version.state === "in-force" || version.state === "draft");
  if (!canTake && !version.maySign) return null;
  return (
    <>
      <Problem error={signing.error} />
      <div className="row">
        <span className="sp" />
        {canTake ? (
          <button type="button" className="btn" onClick={() => setAsked(true)}>
            {t("nodeProfile.takeBack")}
          </button>
        ) : null}
        {version.maySign ? (
          <button type="button" className="btn p" disabled={signing.isPending} onClick={() => signing.mutate(version.version)}>
            <Icon name="pen" />
            {t("nodeProfile.signAs", { role: t(`role.${role}`) })}
          </button>
        ) : null}
      </div>
      {asked ? (
        <ReasonDialog title={t("nodeProfile.takeBack")} label={t("release.why")} act={t("nodeProfile.takeBack")} maxLength={500} acting={taking} onReason={(reason) => taking.mutate({ version: version.version, reason }, { onSuccess: () => setAsked(false) })} onClose={() => setAsked(false)}>
          <p>{t("nodeProfile.takeBackHint")}</p>
        </ReasonDialog>
      ) : null}
    </>
  );
}
