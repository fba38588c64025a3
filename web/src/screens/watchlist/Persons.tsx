/** Persons sought: who seeks them, by whose order, whether a second person has released them, and where faces are compared. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { type PersonEntry, usePersons } from "../../api/persons";
import { may } from "../../api/queries";
import { neighbour, stepKeys, useKeys } from "../../base/keys";
import { day } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { PriorityMark } from "../../parts/marks";
import { Empty, Problem } from "../../parts/Problem";
import { KindTabs } from "./KindTabs";
import { MatchingPanel } from "./MatchingPanel";
import { PersonForm } from "./PersonForm";
import { PersonPanel } from "./PersonPanel";
import { ExportPersons, ImportPersons } from "./PersonsFile";

const TABS = ["open", "asked", "ended", "all"] as const;
type Tab = (typeof TABS)[number];

function inTab(entry: PersonEntry, tab: Tab): boolean {
  const over = entry.state === "closed" || entry.state === "expired";
  if (tab === "asked") return entry.state === "asked";
  return tab === "all" || over === (tab === "ended");
}

export function Persons() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/frame/watchlist" });
  const navigate = useNavigate({ from: "/watchlist" });
  const found = usePersons();
  const [tab, setTab] = useState<Tab>("open");
  const [writing, setWriting] = useState(false);
  const [file, setFile] = useState<"in" | "out" | null>(null);
  const [renewed, setRenewed] = useState<PersonEntry>();
  const all = found.data ?? [];
  const shown = all.filter((entry) => inTab(entry, tab));
  const selected = all.find((entry) => entry.id === search.entry) ?? shown[0];
  const select = (id: string) => void navigate({ search: (old) => ({ ...old, entry: id }), replace: true });
  const step = (by: number) => {
    const next = neighbour(shown, (entry) => entry.id === selected?.id, by);
    if (next !== undefined) select(next.id);
  };
  const write = () => {
    if (!may("persons.write")) return;
    setRenewed(undefined);
    setWriting(true);
  };
  useKeys({ KeyN: write, ...stepKeys(step) });
  return (
    <main id="main" className="wls three">
      <section className="panel" aria-labelledby="list-heading">
        <div className="ph">
          <h2 id="list-heading">{t("screen.watchlist")}</h2>
          <span className="sp" />
          <button type="button" className="btn q sq" aria-label={t("watchlist.export")} title={t("watchlist.export")} onClick={() => setFile("out")}>
            <Icon name="out" />
          </button>
          {may("persons.write") ? (
            <button type="button" className="btn q" onClick={() => setFile("in")}>
              {t("watchlist.import")}
            </button>
          ) : null}
          {may("persons.write") ? (
            <button type="button" className="btn" onClick={write}>
              <Icon name="plus" />
              {t("watchlist.new")}
              <kbd>N</kbd>
            </button>
          ) : null}
        </div>
        <KindTabs kind="persons" />
        <div className="tabs" role="tablist" aria-label={t("watchlist.states")}>
          {TABS.map((name) => (
            <button key={name} type="button" role="tab" aria-selected={name === tab} onClick={() => setTab(name)}>
              {t(`persons.tab.${name}`)} <span className="dim">{all.filter((entry) => inTab(entry, name)).length}</span>
            </button>
          ))}
        </div>
        {found.error === null ? null : (
          <div className="pb">
            <Problem error={found.error} onRetry={() => void found.refetch()} />
          </div>
        )}
        {found.isSuccess && shown.length === 0 ? <Empty title={t("watchlist.none")} hint={t("persons.noneHint")} /> : null}
        <ul className="entries scroll grow" aria-label={t("persons.title")}>
          {shown.map((entry) => (
            <Item key={entry.id} entry={entry} current={entry.id === selected?.id && !writing} onSelect={() => select(entry.id)} />
          ))}
        </ul>
        <p className="note pad">
          <Icon name="shield" size="sm" />
          <span>{t("persons.rule")}</span>
        </p>
      </section>
      {writing || renewed !== undefined ? (
        <PersonForm
          key={renewed?.id}
          former={renewed}
          onDone={(id) => {
            setWriting(false);
            setRenewed(undefined);
            if (id !== undefined) select(id);
          }}
        />
      ) : (
        <PersonPanel key={selected?.id} entry={selected} onRenew={() => setRenewed(selected)} />
      )}
      <MatchingPanel entries={all} />
      {file === "in" ? <ImportPersons onClose={() => setFile(null)} /> : null}
      {file === "out" ? <ExportPersons onClose={() => setFile(null)} /> : null}
    </main>
  );
}

function Item({ entry, current, onSelect }: { entry: PersonEntry; current: boolean; onSelect: () => void }) {
  const { t, i18n } = useTranslation();
  return (
    <li aria-current={current}>
      <button type="button" className="entry" aria-pressed={current} onClick={onSelect}>
        <span className="row">
          <b className="tr">{entry.name}</b>
          <span className="sp" />
          <PriorityMark priority={entry.priority} />
        </span>
        <span className="row dim">
          <span className="tr">{t(`persons.state.${entry.state}`)}</span>
          <span className="sp" />
          <span className="nw">{t("watchlist.until", { day: day(entry.expires, i18n.language) })}</span>
        </span>
        <span className="row dim">
          <span className="tr">{t(`objective.${entry.objective}`)}</span>
          <span className="sp" />
          {entry.minor ? <span className="tag">{t("persons.minor")}</span> : null}
        </span>
      </button>
    </li>
  );
}
