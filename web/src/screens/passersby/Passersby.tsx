/** People who passed: numbers by hour and place, a search by looks inside a case, and what the verdicts on faces teach. */

import { useState } from "react";
import { useTranslation } from "react-i18next";

import { may } from "../../api/queries";
import { Counts } from "./Counts";
import { FaceSearches } from "./FaceSearches";
import { PersonSearch } from "./PersonSearch";
import { Thresholds } from "./Thresholds";

const VIEWS = [
  { name: "counts", action: "persons.count" },
  { name: "search", action: "persons.search" },
  { name: "faces", action: "faces.results" },
  { name: "thresholds", action: "faces.report" },
] as const;

export function Passersby() {
  const { t } = useTranslation();
  const open = VIEWS.filter((view) => may(view.action));
  const [chosen, setChosen] = useState<(typeof VIEWS)[number]["name"]>(open[0]?.name ?? "counts");
  return (
    <main id="main" className="pls one-column">
      <section className="panel" aria-labelledby="passersby-heading">
        <div className="ph">
          <h2 id="passersby-heading">{t("screen.passersby")}</h2>
        </div>
        <div className="tabs" role="tablist" aria-label={t("screen.passersby")}>
          {open.map(({ name }) => (
            <button key={name} type="button" role="tab" aria-selected={name === chosen} onClick={() => setChosen(name)}>
              {t(`passersby.view.${name}`)}
            </button>
          ))}
        </div>
        <div className="scroll grow">
          {chosen === "counts" ? <Counts /> : null}
          {chosen === "search" ? <PersonSearch /> : null}
          {chosen === "faces" ? <FaceSearches /> : null}
          {chosen === "thresholds" ? <Thresholds /> : null}
        </div>
      </section>
    </main>
  );
}
