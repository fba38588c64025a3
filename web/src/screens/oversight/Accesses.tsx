/** Accesses by person, by place and by purpose, each with the rows behind it. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { type AccessCount, api, type AuditRecord, take } from "../../api/client";
import { dayClock } from "../../base/time";
import { Empty, Problem } from "../../parts/Problem";
import { useActWords } from "../../words/acts";
import { SIDES, useSpan } from "./spans";

const PAGE = 100;

interface Total {
  name: string;
  count: number;
  refused: number;
  actions: AccessCount[];
}

function totals(counts: readonly AccessCount[]): Total[] {
  const found = new Map<string, Total>();
  for (const each of counts) {
    const total = found.get(each.name) ?? { name: each.name, count: 0, refused: 0, actions: [] };
    total.count += each.count;
    total.refused += each.refused;
    total.actions.push(each);
    found.set(each.name, total);
  }
  return [...found.values()].sort((one, other) => other.count - one.count);
}

export function Accesses() {
  const { t, i18n } = useTranslation();
  const search = useSearch({ from: "/frame/oversight" });
  const navigate = useNavigate({ from: "/oversight" });
  const span = useSpan();
  const side = search.side ?? "person";
  const found = useQuery({ queryKey: ["oversight-accesses", search.days], queryFn: () => take(api.GET("/api/oversight/accesses", { params: { query: span } })), staleTime: 60_000 });
  const counts = found.data === undefined ? [] : { person: found.data.people, camera: found.data.places, purpose: found.data.purposes }[side];
  const set = (change: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  return (
    <>
      <div className="askbar">
        <fieldset className="seg" aria-label={t("oversight.by")}>
          {SIDES.map((name) => (
            <button key={name} type="button" aria-pressed={side === name} onClick={() => set({ side: name, of: undefined, action: undefined })}>
              {t(`oversight.side.${name}`)}
            </button>
          ))}
        </fieldset>
        <span className="sp" />
        {found.data === undefined ? null : <span className="dim">{t("oversight.upTo", { number: found.data.indexedTo.toLocaleString(i18n.language) })}</span>}
      </div>
      {found.data === undefined || found.data.only === "" ? null : <p className="dim share">{t("oversight.only", { organisation: found.data.only })}</p>}
      <Problem error={found.error} onRetry={() => void found.refetch()} />
      {found.isSuccess && counts.length === 0 ? <Empty title={t("oversight.noAccess")} /> : null}
      <div className="two-parts">
        <div>
          <Counts rows={totals(counts)} selected={search.of} action={search.action} onSelect={(of, action) => set({ of, action })} />
        </div>
        {search.of === undefined ? <Empty title={t("oversight.choose")} /> : <Rows key={`${side}${search.of}${search.action}`} />}
      </div>
    </>
  );
}

/** What a count is about, in words. */
export function useAbout(): (side: (typeof SIDES)[number], name: string) => string {
  const { t } = useTranslation();
  return (side, name) => {
    if (side === "camera") return name === "*" ? t("oversight.allCameras") : name;
    if (side === "purpose") return name === "" ? t("oversight.noPurpose") : t(`purpose.${name}`);
    return name;
  };
}

interface CountsProps {
  rows: Total[];
  selected: string | undefined;
  action: string | undefined;
  onSelect: (of: string, action?: string) => void;
}

function Counts({ rows, selected, action, onSelect }: CountsProps) {
  const { t, i18n } = useTranslation();
  const { side = "person" } = useSearch({ from: "/frame/oversight" });
  const about = useAbout();
  const step = useActWords();
  const number = (count: number) => count.toLocaleString(i18n.language);
  return (
    <table className="t">
      <caption className="vh">{t(`oversight.side.${side}`)}</caption>
      <colgroup>
        <col />
        <col className="c-count" />
        <col className="c-count" />
      </colgroup>
      <thead>
        <tr>
          <th>{t(`oversight.side.${side}`)}</th>
          <th className="num">{t("oversight.count")}</th>
          <th className="num">{t("oversight.refused")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.flatMap((row) => {
          const key = row.name === "" ? "none" : row.name;
          const open = selected === key;
          return [
            <tr key={key} aria-selected={open && action === undefined}>
              <td>
                <button type="button" className="bare-btn" aria-expanded={open} aria-label={about(side, row.name)} onClick={() => onSelect(key)}>
                  <b>{about(side, row.name)}</b>
                </button>
              </td>
              <td className="num">{number(row.count)}</td>
              <td className={row.refused > 0 ? "num warn" : "num dim"}>{number(row.refused)}</td>
            </tr>,
            ...(open
              ? row.actions.map((each) => (
                  <tr key={`${key} ${each.action}`} aria-selected={action === each.action}>
                    <td>
                      <button type="button" className="bare-btn" onClick={() => onSelect(key, each.action)}>
                        – {step(each.action)}
                      </button>
                    </td>
                    <td className="num dim">{number(each.count)}</td>
                    <td className="num dim">{number(each.refused)}</td>
                  </tr>
                ))
              : []),
          ];
        })}
      </tbody>
    </table>
  );
}

function Rows() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/frame/oversight" });
  const span = useSpan();
  const side = search.side ?? "person";
  const asked = { ...span, limit: PAGE, [side]: search.of ?? "", ...(search.action === undefined ? {} : { action: search.action }) };
  const pages = useInfiniteQuery({
    queryKey: ["oversight-rows", search.days, side, search.of, search.action],
    queryFn: ({ pageParam }) => take(api.GET("/api/oversight/rows", { params: { query: { ...asked, ...(pageParam === 0 ? {} : { before: pageParam }) } } })),
    initialPageParam: 0,
    getNextPageParam: (last) => (last.length < PAGE ? undefined : last.at(-1)?.sequence),
  });
  const rows = pages.data?.pages.flat() ?? [];
  return (
    <div>
      <Problem error={pages.error} onRetry={() => void pages.refetch()} />
      {pages.isSuccess && rows.length === 0 ? <Empty title={t("audit.none")} /> : null}
      {rows.length === 0 ? null : <RowTable rows={rows} />}
      {pages.hasNextPage ? (
        <div className="pad">
          <button type="button" className="btn fill" disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
            {t("audit.older")}
          </button>
        </div>
      ) : null}
    </div>
  );
}

/** Rows of the audit log; the number leads to the row on the audit screen. */
export function RowTable({ rows }: { rows: readonly AuditRecord[] }) {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const step = useActWords();
  return (
    <div className="sideways">
      <table className="t behind">
        <caption className="vh">{t("oversight.rows")}</caption>
        <colgroup>
          <col className="c-count" />
          <col className="c-when" />
          <col />
          <col />
          <col />
        </colgroup>
        <thead>
          <tr>
            <th className="num">{t("audit.number")}</th>
            <th>{t("alarm.time")}</th>
            <th>{t("audit.actor")}</th>
            <th>{t("audit.action")}</th>
            <th>{t("audit.subject")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.sequence}>
              <td className="num">
                <button type="button" className="bare-btn" title={t("oversight.openRow")} onClick={() => void navigate({ to: "/audit", search: { actor: row.actor, action: row.action, record: String(row.sequence) } })}>
                  {row.sequence}
                </button>
              </td>
              <td>{dayClock(row.time, i18n.language)}</td>
              <td>{row.actor}</td>
              <td className={row.result === "refused" ? "warn" : undefined}>{step(row.action)}</td>
              <td className="dim">{row.account || row.subject}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
