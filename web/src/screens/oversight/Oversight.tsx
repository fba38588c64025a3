/** The data-protection officer's screen: who looked at what, what is unusual, what is open, what is kept, how far the log is signed. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { AssessmentsDue } from "../cameras/AssessmentsDue";
import { Accesses } from "./Accesses";
import { Corrections } from "./Corrections";
import { FalseRates } from "./FalseRates";
import { Heads } from "./Heads";
import { Left } from "./Left";
import { Models } from "./Models";
import { OpenReasons } from "./OpenReasons";
import { Retention } from "./Retention";
import { Unusual } from "./Unusual";
import { OVERSIGHT_TABS, SPANS } from "./spans";
import "./oversight.css";

export function Oversight() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/frame/oversight" });
  const navigate = useNavigate({ from: "/oversight" });
  const tab = search.tab ?? "accesses";
  const hasSpan = tab === "accesses" || tab === "unusual" || tab === "left";
  return (
    <main id="main" className="ovs">
      <section className="panel" aria-labelledby="oversight-heading">
        <div className="ph">
          <h2 id="oversight-heading">{t("screen.oversight")}</h2>
          <span className="sp" />
          {hasSpan ? (
            <fieldset className="seg" aria-label={t("oversight.span")}>
              {SPANS.map((days) => (
                <button key={days} type="button" aria-pressed={(search.days ?? 7) === days} onClick={() => void navigate({ search: { tab, days }, replace: true })}>
                  {t("oversight.days", { count: days })}
                </button>
              ))}
            </fieldset>
          ) : null}
        </div>
        <div className="tabs" role="tablist" aria-label={t("screen.oversight")}>
          {OVERSIGHT_TABS.map((name) => (
            <button key={name} type="button" role="tab" aria-selected={tab === name} onClick={() => void navigate({ search: { tab: name, ...(search.days === undefined ? {} : { days: search.days }) } })}>
              {t(`oversight.tab.${name}`)}
            </button>
          ))}
        </div>
        <Shown tab={tab} />
      </section>
    </main>
  );
}

function Shown({ tab }: { tab: (typeof OVERSIGHT_TABS)[number] }) {
  switch (tab) {
    case "accesses":
      return <Accesses />;
    case "unusual":
      return <Unusual />;
    case "open":
      return <OpenReasons />;
    case "assessments":
      return <AssessmentsDue all />;
    case "alarms":
      return <FalseRates />;
    case "retention":
      return <Retention />;
    case "left":
      return <Left />;
    case "corrections":
      return <Corrections />;
    case "models":
      return <Models />;
    case "heads":
      return <Heads />;
  }
}
