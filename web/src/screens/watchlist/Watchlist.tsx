/** Plates sought: who seeks them, for what, on what ground, until when. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { WatchlistEntry } from "../../api/client";
import { may, session, useImportEntries, useWatchlist } from "../../api/queries";
import { neighbour, stepKeys, useKeys } from "../../base/keys";
import { useSaid } from "../../base/said";
import { day, dayClock } from "../../base/time";
import { hoursText } from "../../base/weekHours";
import { Facts } from "../../parts/Facts";
import { Icon } from "../../parts/Icon";
import { PlateMark, PriorityMark } from "../../parts/marks";
import { Empty, Problem } from "../../parts/Problem";
import { CloseEntry } from "./CloseEntry";
import { EntryForm } from "./EntryForm";
import { ImportDialog } from "./ImportDialog";
import { KindTabs } from "./KindTabs";
import { Persons } from "./Persons";
import { TakeFile, textForms } from "./TakeFile";

const PLATE_FORMS = textForms("/api/watchlist/file/taken");
const TABS = ["open", "ended", "all"] as const;
type Tab = (typeof TABS)[number];

function inTab(entry: WatchlistEntry, tab: Tab): boolean {
  return tab === "all" || (entry.state === "open") === (tab === "open");
}

export function Watchlist() {
  const { kind } = useSearch({ from: "/frame/watchlist" });
  return kind === "persons" && may("persons.read") ? <Persons /> : <Plates />;
}

function Plates() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/frame/watchlist" });
  const navigate = useNavigate({ from: "/watchlist" });
  const found = useWatchlist();
  const [tab, setTab] = useState<Tab>("open");
  const [closing, setClosing] = useState(false);
  const [importing, setImporting] = useState(false);
  const [taking, setTaking] = useState(false);
  const [renewed, setRenewed] = useState<WatchlistEntry>();
  const all = found.data ?? [];
  const shown = all.filter((entry) => inTab(entry, tab)).toSorted((one, other) => Date.parse(other.created) - Date.parse(one.created));
  const selected = all.find((entry) => entry.id === search.entry) ?? shown[0];
  const writing = search.plate !== undefined && may("watchlist.write");
  const select = (id: string) => void navigate({ search: { entry: id }, replace: true });
  const write = () => may("watchlist.write") && void navigate({ search: (old) => ({ ...old, plate: " " }) });
  const step = (by: number) => {
    const next = neighbour(shown, (entry) => entry.id === selected?.id, by);
    if (next !== undefined) select(next.id);
  };
  const renewedTo = (id: string | undefined) => {
    setRenewed(undefined);
    if (id !== undefined) select(id);
  };
  const mayClose = selected?.state === "open" && may("watchlist.write");
  useKeys({ KeyN: write, KeyC: () => mayClose && setClosing(true), ...stepKeys(step) });
  return (
    <main id="main" className="wls">
      <section className="panel" aria-labelledby="list-heading">
        <div className="ph">
          <h2 id="list-heading">{t("screen.watchlist")}</h2>
          <span className="sp" />
          <button type="button" className="btn q sq" aria-label={t("watchlist.export")} title={t("watchlist.export")} onClick={() => setTaking(true)}>
            <Icon name="out" />
          </button>
          {may("watchlist.write") ? (
            <button type="button" className="btn q" onClick={() => setImporting(true)}>
              {t("watchlist.import")}
            </button>
          ) : null}
          {may("watchlist.write") ? (
            <button type="button" className="btn" onClick={write}>
              <Icon name="plus" />
              {t("watchlist.new")}
              <kbd>N</kbd>
            </button>
          ) : null}
        </div>
        <KindTabs kind="plates" />
        <div className="tabs" role="tablist" aria-label={t("watchlist.states")}>
          {TABS.map((name) => (
            <button key={name} type="button" role="tab" aria-selected={name === tab} onClick={() => setTab(name)}>
              {t(`watchlist.tab.${name}`)} <span className="dim">{all.filter((entry) => inTab(entry, name)).length}</span>
            </button>
          ))}
        </div>
        {found.error === null ? null : (
          <div className="pb">
            <Problem error={found.error} onRetry={() => void found.refetch()} />
          </div>
        )}
        {found.isSuccess && shown.length === 0 ? <Empty title={t("watchlist.none")} hint={t("watchlist.noneHint")} /> : null}
        <ul className="entries scroll grow" aria-label={t("screen.watchlist")}>
          {shown.map((entry) => (
            <Item key={entry.id} entry={entry} current={entry.id === selected?.id && !writing} onSelect={() => select(entry.id)} />
          ))}
        </ul>
      </section>
      {renewed !== undefined ? (
        <EntryForm key={renewed.id} plate={renewed.plate} former={renewed} onDone={(id) => renewedTo(id)} />
      ) : writing ? (
        <EntryForm plate={(search.plate ?? "").trim()} onDone={(id) => void navigate({ search: id === undefined ? {} : { entry: id } })} />
      ) : (
        <EntryPanel entry={selected} onClose={() => setClosing(true)} onRenew={() => setRenewed(selected)} />
      )}
      {taking ? <TakeFile forms={PLATE_FORMS} hint={t("watchlist.exportHint")} onClose={() => setTaking(false)} /> : null}
      {importing ? <ImportPlates onClose={() => setImporting(false)} /> : null}
      {closing && selected !== undefined ? <CloseEntry entry={selected} onClose={() => setClosing(false)} /> : null}
    </main>
  );
}

function Item({ entry, current, onSelect }: { entry: WatchlistEntry; current: boolean; onSelect: () => void }) {
  const { t, i18n } = useTranslation();
  return (
    <li aria-current={current}>
      <button type="button" className="entry" aria-pressed={current} onClick={onSelect}>
        <span className="row">
          <PlateMark text={entry.plate} />
          <span className="sp" />
          <PriorityMark priority={entry.priority} />
        </span>
        <span className="row dim">
          <span className="tr">{i18n.exists(`purpose.${entry.purpose}`) ? t(`purpose.${entry.purpose}`) : entry.purpose}</span>
          <span className="sp" />
          <span className="nw">{entry.state === "open" ? t("watchlist.until", { day: day(entry.expires, i18n.language) }) : t(`watchlist.state.${entry.state}`)}</span>
        </span>
      </button>
    </li>
  );
}

function ImportPlates({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return <ImportDialog importing={useImportEntries()} hint={t("watchlist.importHint")} column={t("field.plate")} nameOf={(line) => line.plate} onClose={onClose} />;
}

function EntryPanel({ entry, onClose, onRenew }: { entry: WatchlistEntry | undefined; onClose: () => void; onRenew: () => void }) {
  const { t, i18n } = useTranslation();
  const say = useSaid();
  if (entry === undefined)
    return (
      <section className="panel" aria-label={t("watchlist.one")}>
        <Empty title={t("watchlist.noneChosen")} />
      </section>
    );
  const facts: [string, React.ReactNode][] = [
    [t("field.purpose"), i18n.exists(`purpose.${entry.purpose}`) ? t(`purpose.${entry.purpose}`) : entry.purpose],
    [t("field.ground"), entry.ground],
    [t("field.case"), entry.caseRef],
    [t("field.owner"), entry.owner],
    [t("watchlist.manner"), t(`manner.${entry.manner}`)],
    [t("sought.category"), t(`category.${entry.category}`)],
    [t("sought.requester"), entry.requester],
    [t("sought.handling"), [t(`handling.${entry.handling}`), entry.handlingNote].filter(Boolean).join(" ")],
    [t("sought.provenance"), entry.provenance],
    [t("sought.cameras"), entry.cameras.length === 0 ? t("sought.allCameras") : entry.cameras.join(", ")],
    [t("sought.hours"), entry.hours === "" ? t("sought.always") : hoursText(entry.hours, i18n.language)],
    [t("watchlist.entered"), `${entry.createdBy}, ${dayClock(entry.created, i18n.language)}`],
    [t("field.until"), dayClock(entry.expires, i18n.language)],
  ];
  if (entry.review != null) facts.push([t("sought.review"), entry.reviewDue ? <b key="due">{t("sought.reviewDue", { day: dayClock(entry.review, i18n.language) })}</b> : dayClock(entry.review, i18n.language)]);
  if (entry.renews != null) facts.push([t("watchlist.renewReason"), entry.renewalReason]);
  if (entry.closed != null) facts.push([t("watchlist.closed"), `${entry.closedBy ?? ""}, ${dayClock(entry.closed, i18n.language)}`], [t("watchlist.reason"), say(entry.closeCode, entry.closeFacts) ?? entry.closeReason]);
  return (
    <section className="panel" aria-labelledby="entry-heading">
      <div className="ph">
        <h2 id="entry-heading">{t("watchlist.one")}</h2>
        <PlateMark text={entry.plate} />
        <PriorityMark priority={entry.priority} />
        <span className="sp" />
        <span className="tag solid">{t(`watchlist.state.${entry.state}`)}</span>
      </div>
      <div className="scroll grow">
        <Facts facts={facts} className="pb wide-kv" />
      </div>
      <div className="pf">
        <span className="dim tr">{t("watchlist.suggestion")}</span>
        <span className="sp" />
        {entry.state !== "closed" && may("watchlist.write") && entry.createdBy !== session.get()?.operator.name ? (
          <button type="button" className="btn" onClick={onRenew}>
            <Icon name="plus" />
            {t("watchlist.renew")}
          </button>
        ) : null}
        {entry.state === "open" && may("watchlist.write") ? (
          <button type="button" className="btn" onClick={onClose}>
            <Icon name="x" />
            {t("watchlist.close")}
            <kbd>C</kbd>
          </button>
        ) : null}
      </div>
    </section>
  );
}
