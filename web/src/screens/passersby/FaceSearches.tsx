/** Searches for a face in recordings: asking for one, the list of them, and what the chosen one found. */

import { useState } from "react";
import { useTranslation } from "react-i18next";

import { type FaceSearch, useFaceSearches } from "../../api/faceSearches";
import { may } from "../../api/queries";
import { useProfile } from "../../api/releases";
import { dayClock } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { Empty, Problem } from "../../parts/Problem";
import { FaceSearchForm } from "./FaceSearchForm";
import { FaceSearchPanel } from "./FaceSearchPanel";

export function FaceSearches() {
  const { t } = useTranslation();
  const found = useFaceSearches();
  const profile = useProfile().data;
  const [chosen, setChosen] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const all = found.data ?? [];
  const selected = all.find((each) => each.id === chosen) ?? all[0];
  const allowed = profile?.functions.some((each) => each.function === "faces-searched" && each.allowed) ?? false;
  return (
    <div className="pb stack">
      <p className="note">
        <Icon name="shield" size="sm" />
        <span>{t("faceSearch.rule")}</span>
      </p>
      {profile !== undefined && !allowed ? <p className="note err">{t("faceSearch.off")}</p> : null}
      {may("faces.search") && allowed && !asking ? (
        <div className="row">
          <button type="button" className="btn p" onClick={() => setAsking(true)}>
            <Icon name="plus" />
            {t("faceSearch.ask")}
          </button>
        </div>
      ) : null}
      {asking ? (
        <FaceSearchForm
          onDone={(id) => {
            setAsking(false);
            if (id !== undefined) setChosen(id);
          }}
        />
      ) : null}
      <Problem error={found.error} onRetry={() => void found.refetch()} />
      {found.isSuccess && all.length === 0 && !asking ? <Empty title={t("faceSearch.none")} hint={t("faceSearch.noneHint")} /> : null}
      {all.length === 0 ? null : (
        <div className="searches">
          <ul className="entries" aria-label={t("passersby.view.faces")}>
            {all.map((search) => (
              <Item key={search.id} search={search} current={search.id === selected?.id} onSelect={() => setChosen(search.id)} />
            ))}
          </ul>
          {selected === undefined ? null : <FaceSearchPanel key={selected.id} search={selected} />}
        </div>
      )}
    </div>
  );
}

function Item({ search, current, onSelect }: { search: FaceSearch; current: boolean; onSelect: () => void }) {
  const { t, i18n } = useTranslation();
  return (
    <li aria-current={current}>
      <button type="button" className="entry" aria-pressed={current} onClick={onSelect}>
        <span className="row">
          <b className="tr">{search.name === "" ? t("faceSearch.suspect") : search.name}</b>
          <span className="sp" />
          <span className="tag">{search.state === "running" ? t("faceSearch.share", { share: Math.floor(search.progress * 100) }) : t(`faceSearch.state.${search.state}`)}</span>
        </span>
        <span className="row dim">
          <span className="tr">{t("permit.case", { number: search.caseRef })}</span>
          <span className="sp" />
          <span className="nw">{dayClock(search.asked, i18n.language)}</span>
        </span>
        {search.looked.length === 0 ? null : <span className="tr dim">{t("faceSearch.toCompare", { count: search.open, confirmed: search.confirmed })}</span>}
      </button>
    </li>
  );
}
