/** Requests of people about themselves: what was asked, how long there is left, and the next step. */

import "./requests.css";

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { may } from "../../api/queries";
import { neighbour, stepKeys, useKeys } from "../../base/keys";
import { dayClock, now } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { Empty, Problem } from "../../parts/Problem";
import { IntakeForm } from "./IntakeForm";
import { RequestPanel } from "./RequestPanel";
import { daysLeft, type SubjectRequest, useRequests } from "./requests";

const NEAR_DAYS = 7;

export function Requests() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/frame/requests" });
  const navigate = useNavigate({ from: "/requests" });
  const found = useRequests();
  const [taking, setTaking] = useState(false);
  const [taken, setTaken] = useState<SubjectRequest>();
  const all = found.data ?? [];
  const selected = all.find((each) => each.id === search.request) ?? all[0];
  const select = (id: string) => void navigate({ search: { request: id }, replace: true });
  const step = (by: number) => {
    const next = neighbour(all, (each) => each.id === selected?.id, by);
    if (next !== undefined) select(next.id);
  };
  useKeys({ KeyN: () => setTaking(true), ...stepKeys(step) });
  const handles = may("requests.handle");
  return (
    <main id="main" className={handles ? "rqs" : "rqs sole"}>
      <section className="panel" aria-labelledby="requests-heading">
        <div className="ph">
          <h2 id="requests-heading">{t("screen.requests")}</h2>
          <span className="sp" />
          <button type="button" className="btn" onClick={() => setTaking(true)}>
            <Icon name="plus" />
            {t("requests.take")}
            <kbd>N</kbd>
          </button>
        </div>
        <Problem error={found.error} onRetry={() => void found.refetch()} />
        {!handles ? <Empty title={t("requests.deskTitle")} hint={taken === undefined ? t("requests.deskHint") : t("requests.taken", { number: taken.number })} /> : null}
        {handles && found.isSuccess && all.length === 0 ? <Empty title={t("requests.none")} hint={t("requests.noneHint")} /> : null}
        <ul className="entries scroll grow" aria-label={t("screen.requests")}>
          {all.map((each) => (
            <Item key={each.id} request={each} current={each.id === selected?.id} onSelect={() => select(each.id)} />
          ))}
        </ul>
      </section>
      {selected === undefined && handles ? (
        <section className="panel">
          <Empty title={t("requests.chooseOne")} hint={t("requests.chooseHint")} />
        </section>
      ) : null}
      {selected === undefined ? null : <RequestPanel key={selected.id} id={selected.id} />}
      {taking ? (
        <IntakeForm
          onClose={(made) => {
            setTaking(false);
            setTaken(made);
            if (made !== undefined && handles) select(made.id);
          }}
        />
      ) : null}
    </main>
  );
}

function Item({ request, current, onSelect }: { request: SubjectRequest; current: boolean; onSelect: () => void }) {
  const { t, i18n } = useTranslation();
  const days = daysLeft(request, now());
  const near = request.answered == null && days < NEAR_DAYS;
  return (
    <li aria-current={current}>
      <button type="button" className="entry" aria-pressed={current} onClick={onSelect}>
        <span className="row">
          <b className="tr" translate="no">
            {request.number}
          </b>
          <span className="sp" />
          <span className="tag">{t(`requests.states.${request.state}`)}</span>
        </span>
        <span className="row dim">
          <span className="tr">
            {t(`requests.asked.${request.asked}`)} · {request.name || t("requests.erasedName")}
          </span>
        </span>
        {request.answered == null ? (
          <span className={near ? "row warn" : "row dim"}>
            {near ? <Icon name="warn" size="sm" /> : null}
            <span className="tr">
              {days < 0 ? t("requests.late") : t("requests.daysLeft", { count: days })} · {dayClock(request.due, i18n.language)}
            </span>
          </span>
        ) : null}
      </button>
    </li>
  );
}
