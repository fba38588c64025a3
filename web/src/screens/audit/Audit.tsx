/** The audit log: who saw and did what, under which permit, and whether the chain still holds. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useId } from "react";
import { useTranslation } from "react-i18next";

import { api, type AuditRecord, take } from "../../api/client";
import { neighbour, stepKeys, useKeys } from "../../base/keys";
import { dayClock, now, parseMoment } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { MomentField } from "../../parts/MomentField";
import { Empty, Problem, Told } from "../../parts/Problem";
import { useActWords, useActs } from "../../words/acts";

const PAGE = 100;

export function Audit() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/frame/audit" });
  const navigate = useNavigate({ from: "/audit" });
  const { record, ...asked } = search;
  const pages = useInfiniteQuery({
    queryKey: ["audit", asked],
    queryFn: ({ pageParam }) => take(api.GET("/api/audit", { params: { query: { limit: PAGE, ...(pageParam === 0 ? {} : { before: pageParam }), ...asked } } })),
    initialPageParam: 0,
    getNextPageParam: (last) => (last.length < PAGE ? undefined : last.at(-1)?.sequence),
  });
  const rows = pages.data?.pages.flat() ?? [];
  const selected = rows.find((row) => String(row.sequence) === record) ?? rows[0];
  const select = (sequence: number) => void navigate({ search: (old) => ({ ...old, record: String(sequence) }), replace: true });
  const step = (by: number) => {
    const next = neighbour(rows, (row) => row === selected, by);
    if (next !== undefined) select(next.sequence);
  };
  useKeys(stepKeys(step));
  return (
    <main id="main" className="aud">
      <Chain />
      <section className="panel" aria-labelledby="audit-heading" aria-busy={pages.isFetching}>
        <div className="ph">
          <h2 id="audit-heading">{t("screen.audit")}</h2>
        </div>
        <Filters />
        <Share />
        {pages.error === null ? null : (
          <div className="pb">
            <Problem error={pages.error} onRetry={() => void pages.refetch()} />
          </div>
        )}
        {pages.isSuccess && rows.length === 0 ? <Empty title={t("audit.none")} /> : null}
        <div className="scroll grow">
          {rows.length === 0 ? null : <Table rows={rows} selected={selected} onSelect={select} />}
          {pages.hasNextPage ? (
            <div className="pad">
              <button type="button" className="btn fill" disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
                {t("audit.older")}
              </button>
            </div>
          ) : null}
        </div>
      </section>
      <RecordPanel record={selected} />
    </main>
  );
}

function useCheck() {
  return useQuery({ queryKey: ["audit-check"], queryFn: () => take(api.GET("/api/audit/verify")), staleTime: 60_000 });
}

/** Why numbers are left out, for whoever sees only their organisation's share. */
function Share() {
  const { t } = useTranslation();
  const only = useCheck().data?.only ?? "";
  return only === "" ? null : <p className="dim share">{t("audit.only", { organisation: only })}</p>;
}

function Chain() {
  const { t, i18n } = useTranslation();
  const check = useCheck();
  const result = check.data;
  return (
    <section className="panel permit" aria-label={t("audit.chain")}>
      <Icon name={result?.ok === false ? "warn" : "shield"} />
      {check.error === null ? null : <Problem error={check.error} />}
      {result === undefined ? (
        <span className="dim">{check.isFetching ? t("audit.checking") : ""}</span>
      ) : (
        <>
          <b className={result.ok ? "m" : "m bad"}>{t(result.ok ? "audit.holds" : "audit.broken")}</b>
          {result.ok ? (
            <span className="dim grow-tr">{t("audit.rows", { count: result.rows, number: result.rows.toLocaleString(i18n.language) })}</span>
          ) : (
            <span className="grow any">
              {t("audit.brokenNext")} <Told of={result} />
            </span>
          )}
        </>
      )}
      {result?.ok === false ? null : <span className="sp" />}
      <button type="button" className="btn" disabled={check.isFetching} onClick={() => void check.refetch()}>
        {t("audit.again")}
      </button>
    </section>
  );
}

function Filters() {
  const { t } = useTranslation();
  const acts = useActs();
  const search = useSearch({ from: "/frame/audit" });
  const navigate = useNavigate({ from: "/audit" });
  const id = useId();
  const begin = (moment: string | undefined) => (moment === undefined || !Number.isFinite(Date.parse(moment)) ? undefined : Date.parse(moment));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const word = (name: string) => String(form.get(name) ?? "").trim() || undefined;
    const moment = (name: string) => {
      const text = word(name);
      return text === undefined ? undefined : new Date(parseMoment(text, now())).toISOString();
    };
    void navigate({ search: { actor: word("actor"), action: word("action"), from: moment("from"), to: moment("to") } });
  };
  return (
    <form key={JSON.stringify([search.actor, search.action, search.from, search.to])} className="search row" role="search" onSubmit={submit}>
      <div className="field">
        <label htmlFor={`${id}w`}>{t("audit.actor")}</label>
        <input id={`${id}w`} className="in" name="actor" defaultValue={search.actor ?? ""} autoComplete="off" />
      </div>
      <div className="field">
        <label htmlFor={`${id}a`}>{t("audit.action")}</label>
        <select id={`${id}a`} className="in" name="action" defaultValue={search.action ?? ""} onChange={(event) => event.currentTarget.form?.requestSubmit()}>
          <option value="">{t("audit.allActions")}</option>
          {acts.map(([action, words]) => (
            <option key={action} value={action}>
              {words}
            </option>
          ))}
        </select>
      </div>
      <MomentField name="from" label={t("sought.begins")} value={begin(search.from)} />
      <MomentField name="to" label={t("sought.ends")} value={begin(search.to)} />
      <button type="submit" className="btn">
        <Icon name="filter" />
        {t("audit.filter")}
      </button>
    </form>
  );
}

function Table({ rows, selected, onSelect }: { rows: readonly AuditRecord[]; selected: AuditRecord | undefined; onSelect: (sequence: number) => void }) {
  const { t, i18n } = useTranslation();
  const wordsOf = useActWords();
  return (
    <table className="t log">
      <caption className="vh">{t("screen.audit")}</caption>
      <colgroup>
        <col className="c-num" />
        <col className="c-time" />
        <col className="c-actor" />
        <col className="c-action" />
        <col />
        <col className="c-result" />
      </colgroup>
      <thead>
        <tr>
          <th className="num">{t("audit.number")}</th>
          <th>{t("alarm.time")}</th>
          <th>{t("audit.actor")}</th>
          <th>{t("audit.action")}</th>
          <th>{t("audit.subject")}</th>
          <th>{t("audit.result")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          // The button in the row answers the keys; a click anywhere in the row is the second way.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
          <tr key={row.sequence} aria-selected={row === selected} onClick={() => onSelect(row.sequence)}>
            <td className="num dim">{row.sequence}</td>
            <td>
              <button type="button" className="bare-btn" aria-pressed={row === selected} onClick={() => onSelect(row.sequence)}>
                {dayClock(row.time, i18n.language)}
              </button>
            </td>
            <td>{row.actor}</td>
            <td>{wordsOf(row.action)}</td>
            <td className="dim">
              {row.account || row.subject} {row.part ? <span className="tag">{t("audit.inPart")}</span> : null}
            </td>
            <td className={row.result !== "refused" ? "dim" : "warn"}>{i18n.exists(`result.${row.result}`) ? t(`result.${row.result}`) : row.result}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function pretty(detail: string): string {
  try {
    return JSON.stringify(JSON.parse(detail), null, 2);
  } catch {
    return detail;
  }
}

function RecordPanel({ record }: { record: AuditRecord | undefined }) {
  const { t, i18n } = useTranslation();
  const wordsOf = useActWords();
  if (record === undefined) return null;
  return (
    <section className="panel" aria-labelledby="record-heading">
      <div className="ph">
        <h2 id="record-heading">{t("audit.record", { number: record.sequence })}</h2>
      </div>
      <div className="pb stack scroll grow">
        <dl className="kv">
          <dt>{t("alarm.time")}</dt>
          <dd>{dayClock(record.time, i18n.language)}</dd>
          <dt>{t("audit.actor")}</dt>
          <dd>{record.actor}</dd>
          <dt>{t("audit.origin")}</dt>
          <dd>{record.origin || "–"}</dd>
          <dt>{t("audit.action")}</dt>
          <dd>
            {wordsOf(record.action)} <span className="dim">{record.action}</span>
          </dd>
          <dt>{t("audit.subject")}</dt>
          <dd className="any">
            {record.account} <span className="dim">{record.subject}</span>
          </dd>
          <dt>{t("permit.title")}</dt>
          <dd className="any">{record.permitId ?? "–"}</dd>
          <dt>{t("audit.result")}</dt>
          <dd>{i18n.exists(`result.${record.result}`) ? t(`result.${record.result}`) : record.result}</dd>
        </dl>
        {record.part ? <p className="dim">{t("audit.part")}</p> : null}
        <pre className="json" translate="no">
          {pretty(record.detail)}
        </pre>
      </div>
    </section>
  );
}
