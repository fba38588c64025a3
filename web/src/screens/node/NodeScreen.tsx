/** What this node may do today, for everybody at the desk in plain words; for the administrator which models run; and the profile's work for the two who sign it. */

import { useTranslation } from "react-i18next";

import { may } from "../../api/queries";
import { type NodeProfile, useProfile } from "../../api/releases";
import { dayClock, longDay, useNow } from "../../base/time";
import { Facts } from "../../parts/Facts";
import { Icon } from "../../parts/Icon";
import { Problem } from "../../parts/Problem";
import { Models } from "../oversight/Models";
import { LIMITS } from "./functions";
import { ProfileWork } from "./ProfileWork";

export function NodeScreen() {
  const writes = may("profile.draft");
  return (
    <main id="main" className={writes ? "sto nod" : "sto one"}>
      <Today />
      {writes ? <ProfileWork /> : null}
    </main>
  );
}

function Today() {
  const { t } = useTranslation();
  const found = useProfile();
  return (
    <section className="panel" aria-labelledby="today-heading" aria-busy={found.isFetching}>
      <div className="ph">
        <h2 id="today-heading">{t("nodeProfile.today")}</h2>
      </div>
      <div className="scroll grow">
        {found.error === null ? null : (
          <div className="pb">
            <Problem error={found.error} onRetry={() => void found.refetch()} />
          </div>
        )}
        {found.data === undefined ? null : <Says profile={found.data} />}
        {may("models.read") && !may("oversight.write") ? (
          <>
            <h3 className="cap pb">{t("oversight.tab.models")}</h3>
            <Models />
          </>
        ) : null}
      </div>
    </section>
  );
}

function Says({ profile }: { profile: NodeProfile }) {
  const { t } = useTranslation();
  const allowed = profile.functions.filter((one) => one.allowed);
  const not = profile.functions.filter((one) => !one.allowed);
  return (
    <>
      <Ground profile={profile} />
      <h3 className="cap pb">{t("nodeProfile.may", { count: allowed.length })}</h3>
      <ul className="disks">
        {allowed.map((one) => (
          <li key={one.function}>
            <div className="row top">
              <Icon name="check" />
              <span>
                <b>{t(`function.${one.function}.name`)}</b>
                <span className="hint">{t(`function.${one.function}.says`)}</span>
                {profile.version === 0 ? null : <span className="hint any">{t("nodeProfile.onGround", { ground: one.ground })}</span>}
              </span>
            </div>
          </li>
        ))}
      </ul>
      {not.length === 0 ? null : <h3 className="cap pb">{t("nodeProfile.mayNot", { count: not.length })}</h3>}
      <ul className="disks">
        {not.map((one) => (
          <li key={one.function} data-over>
            <div className="row top">
              <Icon name="x" />
              <span>
                <b>{t(`function.${one.function}.name`)}</b>
                <span className="hint">{t(`function.${one.function}.says`)}</span>
              </span>
            </div>
          </li>
        ))}
      </ul>
      <h3 className="cap pb">{t("nodeProfile.limits")}</h3>
      <div className="pb">
        <Facts facts={useLimits(profile.limits)} className="facts wide" />
      </div>
    </>
  );
}

/** Limits as names and values. */
export function useLimits(limits: NodeProfile["limits"]): [string, string][] {
  const { t } = useTranslation();
  return LIMITS.map((name) => [t(`nodeProfile.limit.${name}`), name.endsWith("Hours") ? t("hours", { count: limits[name] }) : String(limits[name])]);
}

/** Under which profile the node works: signed by whom and until when, the simulated city's, or none. */
function Ground({ profile }: { profile: NodeProfile }) {
  const { t, i18n } = useTranslation();
  const at = useNow();
  const facts: [string, string][] = [
    [t("nodeProfile.question.controller"), profile.controller],
    [t("nodeProfile.question.purpose"), profile.purpose],
    [t("nodeProfile.question.rights"), profile.rights],
    ...profile.signatures.map((one): [string, string] => [t(`role.${one.role}`), t("nodeProfile.signedBy", { who: one.signer, time: dayClock(one.time, i18n.language) })]),
    [t("nodeProfile.review"), profile.review == null ? "" : longDay(profile.review, i18n.language)],
  ];
  return (
    <div className="pb stack">
      <p className={profile.version === 0 ? "note err" : "note"}>
        <Icon name={profile.version === 0 ? "warn" : "shield"} size="sm" />
        <span>{profile.version === 0 ? t("nodeProfile.none") : profile.simulated ? t("nodeProfile.simulated", { version: profile.version }) : t("nodeProfile.signed", { version: profile.version })}</span>
      </p>
      {profile.readsKeptUntil != null && Date.parse(profile.readsKeptUntil) > at ? (
        <p className="note">
          <Icon name="clock" size="sm" />
          <span>{t("nodeProfile.readsGo", { time: dayClock(profile.readsKeptUntil, i18n.language) })}</span>
        </p>
      ) : null}
      <Facts facts={facts.filter(([, value]) => value !== "")} className="facts wide" />
      {profile.version === 0 ? null : (
        <a className="link" href={`/api/profiles/${profile.version}/document`} download={`istros-profile-${profile.version}.json`}>
          <Icon name="doc" />
          {t("nodeProfile.document")}
        </a>
      )}
    </div>
  );
}
