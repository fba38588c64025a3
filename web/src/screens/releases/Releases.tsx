/** What no one decides alone: what waits for a second person, what works now, and what became of the rest. */

import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { may } from "../../api/queries";
import { type MatterRelease, useEmergencies, useReleases } from "../../api/releases";
import { Icon } from "../../parts/Icon";
import { Empty, Problem } from "../../parts/Problem";
import { AskForm } from "./AskForm";
import { AskOthersSearches } from "./OthersSearches";
import { ReleaseItem } from "./ReleaseItem";

const WORKS: ReadonlySet<string> = new Set(["standing", "emergency"]);

export function Releases() {
  const { t } = useTranslation();
  const found = useReleases();
  const [asking, setAsking] = useState(false);
  const [reading, setReading] = useState(false);
  useFresh(found.refetch);
  const all = found.data?.releases ?? [];
  const waiting = all.filter((one) => one.toAnswer).toSorted((one, other) => Number(other.mayAnswer) - Number(one.mayAnswer) || Date.parse(one.answerBy) - Date.parse(other.answerBy));
  const working = all.filter((one) => !one.toAnswer && WORKS.has(one.state));
  const past = all.filter((one) => !one.toAnswer && !WORKS.has(one.state));
  const matters = found.data?.matters ?? [];
  const mayAsk = may("releases.ask") || may("searches.ask");
  return (
    <main id="main" className="sto rel">
      <section className="panel" aria-labelledby="waiting-heading" aria-busy={found.isFetching}>
        <div className="ph">
          <h2 id="waiting-heading">{t("release.waiting")}</h2>
          <span className="dim">{waiting.length}</span>
          <span className="sp" />
          {may("searches.ask") ? (
            <button type="button" className="btn" onClick={() => setReading(true)}>
              {t("othersSearches.title")}
            </button>
          ) : null}
          {mayAsk ? (
            <button type="button" className="btn p" disabled={matters.length === 0} onClick={() => setAsking(true)}>
              <Icon name="plus" />
              {t("release.ask")}
            </button>
          ) : null}
        </div>
        <div className="scroll grow">
          {found.error === null ? null : (
            <div className="pb">
              <Problem error={found.error} onRetry={() => void found.refetch()} />
            </div>
          )}
          {found.isSuccess && waiting.length === 0 ? <p className="pb dim">{t("release.nothingWaits")}</p> : null}
          <List releases={waiting} />
          <h3 className="cap pb">{t("release.works")}</h3>
          {found.isSuccess && working.length === 0 ? <p className="pb dim">{t("release.nothingWorks")}</p> : null}
          <List releases={working} />
        </div>
      </section>
      <section className="panel" aria-labelledby="past-heading">
        <div className="ph">
          <h2 id="past-heading">{t("release.past")}</h2>
          <span className="dim">{past.length}</span>
        </div>
        <div className="scroll grow">
          {found.isSuccess && past.length === 0 ? <Empty title={t("release.nothingPast")} /> : null}
          <List releases={past} />
        </div>
      </section>
      {asking ? <AskForm matters={matters} onClose={() => setAsking(false)} /> : null}
      {reading ? <AskOthersSearches onClose={() => setReading(false)} /> : null}
    </main>
  );
}

/** Look again when an emergency comes or goes on another desk. */
function useFresh(refetch: () => unknown): void {
  const emergencies = useEmergencies().data;
  const standing = emergencies?.map((one) => one.id).join();
  useEffect(() => {
    if (standing !== undefined) void refetch();
  }, [standing, refetch]);
}

function List({ releases }: { releases: readonly MatterRelease[] }) {
  return (
    <ul className="disks">
      {releases.map((one) => (
        <ReleaseItem key={one.id} release={one} />
      ))}
    </ul>
  );
}
