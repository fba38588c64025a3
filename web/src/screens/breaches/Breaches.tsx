/** Breaches of personal data: the list by the hours that are left, and the one that is chosen. The desk tells, and sees no list. */

import "../requests/requests.css";

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { may } from "../../api/queries";
import { neighbour, stepKeys, useKeys } from "../../base/keys";
import { dayClock } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { Empty, Problem } from "../../parts/Problem";
import { BreachPanel } from "./BreachPanel";
import { type Breach, type BreachReceipt, useBreaches } from "./breaches";
import { HoursLeft } from "./HoursLeft";
import { ReportForm } from "./ReportForm";

export function Breaches() {
  const { t, i18n } = useTranslation();
  const search = useSearch({ from: "/frame/breaches" });
  const navigate = useNavigate({ from: "/breaches" });
  const found = useBreaches();
  const [telling, setTelling] = useState(search.tell === true);
  const [made, setMade] = useState<BreachReceipt>();
  const reads = may("breaches.read");
  const all = found.data ?? [];
  const selected = all.find((each) => each.id === search.breach) ?? all[0];
  const select = (id: string) => void navigate({ search: { breach: id }, replace: true });
  const step = (by: number) => {
    const next = neighbour(all, (each) => each.id === selected?.id, by);
    if (next !== undefined) select(next.id);
  };
  useKeys({ KeyN: () => setTelling(true), ...stepKeys(step) });
  return (
    <main id="main" className={reads ? "rqs" : "rqs sole"}>
      <section className="panel" aria-labelledby="breaches-heading">
        <div className="ph">
          <h2 id="breaches-heading">{t("screen.breaches")}</h2>
          <span className="sp" />
          <button type="button" className="btn" onClick={() => setTelling(true)}>
            <Icon name="plus" />
            {t("breaches.tell")}
            <kbd>N</kbd>
          </button>
        </div>
        <Problem error={found.error} onRetry={() => void found.refetch()} />
        {reads ? null : (
          <Empty {...(made === undefined ? { title: t("breaches.deskTitle"), hint: t("breaches.deskHint") } : { title: t("breaches.toldAs", { number: made.number }), hint: t("breaches.told", { time: dayClock(made.due, i18n.language) }) })} />
        )}
        {reads && found.isSuccess && all.length === 0 ? <Empty title={t("breaches.none")} hint={t("breaches.noneHint")} /> : null}
        <ul className="entries scroll grow" aria-label={t("screen.breaches")}>
          {all.map((each) => (
            <Item key={each.id} breach={each} current={each.id === selected?.id} onSelect={() => select(each.id)} />
          ))}
        </ul>
      </section>
      {selected === undefined ? null : <BreachPanel key={selected.id} breach={selected} />}
      {selected === undefined && reads ? (
        <section className="panel">
          <Empty title={t("breaches.chooseOne")} hint={t("breaches.deskHint")} />
        </section>
      ) : null}
      {telling ? (
        <ReportForm
          onClose={(receipt) => {
            setTelling(false);
            setMade(receipt);
            if (receipt !== undefined && reads) select(receipt.id);
          }}
          {...(search.tell === true ? { source: { kind: "sign-in", id: search.about ?? "", what: t("breaches.fromSignIn") } } : {})}
        />
      ) : null}
    </main>
  );
}

function Item({ breach, current, onSelect }: { breach: Breach; current: boolean; onSelect: () => void }) {
  const { t, i18n } = useTranslation();
  return (
    <li aria-current={current}>
      <button type="button" className="entry" aria-pressed={current} onClick={onSelect}>
        <span className="row">
          <b className="tr" translate="no">
            {breach.number}
          </b>
          <span className="sp" />
          <span className="tag">{t(`breaches.states.${breach.state}`)}</span>
        </span>
        <span className="row dim">
          <span className="tr">{breach.facts.what}</span>
        </span>
        {breach.running ? <HoursLeft due={breach.due} /> : <span className="row dim">{dayClock(breach.known, i18n.language)}</span>}
      </button>
    </li>
  );
}
