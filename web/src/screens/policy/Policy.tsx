/** Who may do this, and why: asks the node's own policy, and shows the rules as the lawyer reads them. */

import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";

import { api, type Policy as PolicyFacts, type PolicyAnswer, type PolicyRule, take } from "../../api/client";
import { dayClock } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { Problem } from "../../parts/Problem";
import { useActWords } from "../../words/acts";
import "../oversight/oversight.css";

/** Roles begin so in the choice of who is asked about; the rest are people. */
const ROLE = "role:";

function useAnswer() {
  const search = useSearch({ from: "/frame/policy" });
  const who = search.who ?? `${ROLE}operator`;
  const action = search.action ?? "live.view";
  const asked = {
    action,
    ...(who.startsWith(ROLE) ? { role: who.slice(ROLE.length) as PolicyAnswer["role"] as "operator" } : { person: who }),
    ...(search.group === undefined ? {} : { group: search.group }),
    ...(search.purpose === undefined ? {} : { purpose: search.purpose }),
    own: search.other !== true,
  };
  const found = useQuery({ queryKey: ["policy-answer", asked], queryFn: () => take(api.GET("/api/policy/answer", { params: { query: asked } })) });
  return { who, action, found };
}

export function Policy() {
  const { t, i18n } = useTranslation();
  const facts = useQuery({ queryKey: ["policy"], queryFn: () => take(api.GET("/api/policy")) });
  const { who, action, found } = useAnswer();
  const counting = new Set(found.data?.rules.map((rule) => rule.id));
  const first = facts.data?.rules.find((rule) => counting.has(rule.id));
  return (
    <main id="main" className="pol">
      <section className="panel" aria-labelledby="policy-heading">
        <div className="ph">
          <h2 id="policy-heading">{t("policy.heading")}</h2>
        </div>
        <div className="pb stack scroll grow">
          <Problem error={facts.error} onRetry={() => void facts.refetch()} />
          {facts.data === undefined ? null : <Asked facts={facts.data} who={who} action={action} />}
          <Problem error={found.error} />
          {found.data === undefined ? null : <Answer answer={found.data} />}
        </div>
      </section>
      <section className="panel" aria-labelledby="rules-heading">
        <div className="ph">
          <h2 id="rules-heading">{t("policy.rules")}</h2>
          <span className="sp" />
          {facts.data === undefined ? null : (
            <span className="dim" title={facts.data.sha256}>
              {facts.data.since === null ? facts.data.source : t("policy.since", { source: facts.data.source, time: dayClock(facts.data.since, i18n.language), by: facts.data.startedBy })}
            </span>
          )}
        </div>
        <div className="scroll grow">
          {facts.data?.rules.map((rule) => (
            <Rule key={rule.id} rule={rule} counts={counting.has(rule.id)} first={rule === first} />
          ))}
        </div>
      </section>
    </main>
  );
}

function Asked({ facts, who, action }: { facts: PolicyFacts; who: string; action: string }) {
  const { t } = useTranslation();
  const search = useSearch({ from: "/frame/policy" });
  const navigate = useNavigate({ from: "/policy" });
  const step = useActWords();
  const set = (change: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  return (
    <>
      <Choice label={t("policy.who")} value={who} onChange={(value) => set({ who: value })}>
        <optgroup label={t("policy.roles")}>
          {facts.roles.map((role) => (
            <option key={role} value={`${ROLE}${role}`}>
              {t(`role.${role}`)}
            </option>
          ))}
        </optgroup>
        <optgroup label={t("policy.people")}>
          {facts.people.map((person) => (
            <option key={person.name} value={person.name}>
              {`${person.name} (${t(`role.${person.role}`)})`}
            </option>
          ))}
        </optgroup>
      </Choice>
      <Choice label={t("policy.what")} value={action} onChange={(value) => set({ action: value })}>
        {facts.actions.map((each) => (
          <option key={each} value={each}>
            {step(each) === each ? each : `${step(each)} (${each})`}
          </option>
        ))}
      </Choice>
      <Choice label={t("policy.group")} value={search.group ?? ""} onChange={(value) => set({ group: value || undefined })}>
        <option value="">{t("policy.noGroup")}</option>
        {facts.groups.map((group) => (
          <option key={group.name} value={group.name}>
            {`${group.name}: ${group.cameras.join(", ")}`}
          </option>
        ))}
      </Choice>
      <Choice label={t("field.purpose")} value={search.purpose ?? ""} onChange={(value) => set({ purpose: value || undefined })}>
        <option value="">{t("policy.anyPurpose")}</option>
        {facts.purposes.map((purpose) => (
          <option key={purpose} value={purpose}>
            {t(`purpose.${purpose}`)}
          </option>
        ))}
      </Choice>
      <label className="row">
        <input type="checkbox" checked={search.other === true} onChange={(event) => set({ other: event.currentTarget.checked || undefined })} />
        {t("policy.otherOrganisation")}
      </label>
    </>
  );
}

function Choice({ label, value, onChange, children }: { label: string; value: string; onChange: (value: string) => void; children: ReactNode }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} className="in l" value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {children}
      </select>
    </div>
  );
}

function Answer({ answer }: { answer: PolicyAnswer }) {
  const { t } = useTranslation();
  return (
    <div className={answer.allowed ? "note ok" : "note err"} role="status">
      <Icon name={answer.allowed ? "check" : "x"} />
      <div className="stack">
        <b>{t(answer.allowed ? "policy.allowed" : "policy.refused")}</b>
        {answer.whyNot === "" ? null : <span>{t(`policy.whyNot.${answer.whyNot}`)}</span>}
        {answer.rules.length === 0 ? null : <span>{t("policy.byRules", { rules: answer.rules.map((rule) => rule.id).join(", ") })}</span>}
        {answer.allowed ? <span>{t(`policy.permit.${answer.permit}`)}</span> : null}
        {answer.purposes.length === 0 ? null : <span>{t("policy.purposes", { purposes: answer.purposes.map((purpose) => t(`purpose.${purpose}`)).join(", ") })}</span>}
        {answer.releases.map((need) => (
          <span key={need.matter}>
            {t("policy.releases", { matter: t(`release.matter.${need.matter}`), roles: need.by.map((role) => t(`role.${role}`)).join(", ") })}
            {need.alone ? ` ${t("policy.releaseAlone")}` : null}
            {need.function === "" ? null : ` ${t("policy.releaseFunction", { function: t(`function.${need.function}.name`) })}`}
          </span>
        ))}
      </div>
    </div>
  );
}

/** A rule in plain words of the screen's language, where it is the one that comes with Istros, and as it stands in the file. */
function Rule({ rule, counts, first }: { rule: PolicyRule; counts: boolean; first: boolean }) {
  const { t } = useTranslation();
  const own = useRef<HTMLElement>(null);
  useEffect(() => {
    const list = own.current?.parentElement;
    // Only the list of rules moves: what was asked and answered stays where it is.
    if (first && own.current !== null && list != null) list.scrollTop += own.current.getBoundingClientRect().top - list.getBoundingClientRect().top;
  }, [first]);
  return (
    <article ref={own} className={counts ? "rule applies" : "rule"} aria-current={counts ? "true" : undefined}>
      <b className="m">{rule.id}</b>
      {rule.usual ? <p>{t(`policy.meaning.${rule.id}`)}</p> : null}
      <p lang="en" className={rule.usual ? "dim" : undefined}>
        {rule.comment}
      </p>
      <pre className="json" translate="no">
        {rule.text}
      </pre>
    </article>
  );
}
