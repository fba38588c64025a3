/** What a request for correction may mean in the node, who corrects it and where, and what was done for it. */

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { may } from "../../api/queries";
import { dayClock } from "../../base/time";
import type { Mending, SubjectRequest } from "./requests";

type Act = Mending["acts"][number]["act"];

export function RequestMending({ mending, request, reads }: { mending: Mending; request: SubjectRequest; reads: number }) {
  const { t, i18n } = useTranslation();
  const ofPlate = (count: number) => (request.plate === "" ? t("requests.notCounted") : String(count));
  const found: [Act, string][] = [
    ["read", ofPlate(reads)],
    ["plate-entry", ofPlate(mending.entries)],
    ["person-entry", t("requests.notCounted")],
    ["face", String(mending.faces)],
  ];
  return (
    <div className="pb stack">
      <h3>{t("requests.mending")}</h3>
      <p className="dim">{t("requests.mendingHint", { number: request.number })}</p>
      <ul className="request-exports">
        {found.map(([act, count]) => (
          <li key={act}>
            <Place act={act}>{t(`requests.may.${act}`)}</Place>: {count}
            <div className="dim">{t(`requests.ways.${act}`)}</div>
          </li>
        ))}
      </ul>
      <h3>{t("requests.mended")}</h3>
      {mending.acts.length === 0 ? <p className="dim">{t("requests.nothingMended")}</p> : null}
      <ul className="request-exports">
        {mending.acts.map((each) => (
          <li key={`${each.time} ${each.act}`}>
            {dayClock(each.time, i18n.language)}, {each.by}: {t(`requests.acts.${each.act}`)}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Leads to where it is corrected, whom it is open to. */
function Place({ act, children }: { act: Act; children: ReactNode }) {
  switch (act) {
    case "read":
      return may("plates.search") ? <Link to="/plates">{children}</Link> : children;
    case "plate-entry":
      return may("watchlist.read") ? <Link to="/watchlist">{children}</Link> : children;
    case "person-entry":
      return may("persons.read") ? (
        <Link to="/watchlist" search={{ kind: "persons" }}>
          {children}
        </Link>
      ) : (
        children
      );
    case "face":
      return may("releases.read") ? <Link to="/releases">{children}</Link> : children;
  }
}
