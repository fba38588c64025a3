/** Unusual looking: each with why it is listed, to be looked at and noted; and the plates that are watched over. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, take, type UnusualLook } from "../../api/client";
import { queryClient } from "../../api/queries";
import { dayClock } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { spaced } from "../../parts/marks";
import { Empty, Problem } from "../../parts/Problem";
import { ReasonDialog } from "../../parts/ReasonDialog";
import { ReportForm } from "../breaches/ReportForm";
import { RowTable } from "./Accesses";
import { useSpan } from "./spans";

export function Unusual() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/frame/oversight" });
  const span = useSpan();
  const found = useQuery({ queryKey: ["oversight-unusual", search.days], queryFn: () => take(api.GET("/api/oversight/unusual", { params: { query: span } })), staleTime: 60_000 });
  const [selected, select] = useState<UnusualLook>();
  return (
    <div className="two-parts">
      <div>
        <Problem error={found.error} onRetry={() => void found.refetch()} />
        {found.isSuccess && found.data.length === 0 ? <Empty title={t("oversight.nothingUnusual")} /> : null}
        {found.data === undefined || found.data.length === 0 ? null : <List found={found.data} selected={selected?.id} onSelect={select} />}
      </div>
      <div>
        {selected === undefined ? <WatchedPlates /> : <Behind key={selected.id} look={selected} onClose={() => select(undefined)} />}
      </div>
    </div>
  );
}

/** Why something is listed, in a sentence with its figures. */
function useWhy(): (look: UnusualLook) => string {
  const { t, i18n } = useTranslation();
  return (look) => {
    const figures = Object.fromEntries(Object.entries(look.facts).map(([name, value]) => [name, typeof value === "number" ? value.toLocaleString(i18n.language) : value]));
    return t(`oversight.why.${look.kind}`, { ...figures, plate: spaced(look.plate) });
  };
}

function List({ found, selected, onSelect }: { found: readonly UnusualLook[]; selected: string | undefined; onSelect: (look: UnusualLook) => void }) {
  const { t, i18n } = useTranslation();
  const why = useWhy();
  return (
    <table className="t why">
      <caption className="vh">{t("oversight.tab.unusual")}</caption>
      <colgroup>
        <col className="c-name" />
        <col />
        <col className="c-when" />
      </colgroup>
      <thead>
        <tr>
          <th>{t("audit.actor")}</th>
          <th>{t("oversight.reason")}</th>
          <th>{t("oversight.lookedAt")}</th>
        </tr>
      </thead>
      <tbody>
        {found.map((look) => (
          <tr key={look.id} aria-selected={look.id === selected}>
            <td>
              <button type="button" className="bare-btn" onClick={() => onSelect(look)}>
                <b>{look.person}</b>
              </button>
              <div className="dim">{dayClock(look.since, i18n.language)}</div>
            </td>
            <td>{why(look)}</td>
            <td className={look.looked === null ? "warn" : "dim"}>
              {look.looked === null ? t("oversight.notYet") : `${look.lookedBy}, ${dayClock(look.looked, i18n.language)}`}
              {look.note === "" ? null : <div>{look.note}</div>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Behind({ look, onClose }: { look: UnusualLook; onClose: () => void }) {
  const { t } = useTranslation();
  const span = useSpan();
  const why = useWhy();
  const [noting, note] = useState(false);
  const [telling, tell] = useState(false);
  const navigate = useNavigate();
  const query = { from: look.since, to: look.until, person: look.person, ...(look.plate === "" ? {} : { plate: look.plate }) };
  const rows = useQuery({ queryKey: ["oversight-behind", look.id], queryFn: () => take(api.GET("/api/oversight/rows", { params: { query } })) });
  const marking = useMutation({
    mutationFn: (text: string) => take(api.POST("/api/oversight/unusual/{finding_id}/looked", { params: { path: { finding_id: look.id }, query: span }, body: { note: text } })),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["oversight-unusual"] });
      note(false);
      onClose();
    },
  });
  return (
    <>
      <div className="askbar">
        <b>{look.person}</b>
        <span className="sp">{why(look)}</span>
        <button type="button" className="btn p" onClick={() => note(true)}>
          <Icon name="check" />
          {t("oversight.markLooked")}
        </button>
        <button type="button" className="btn" onClick={() => tell(true)}>
          <Icon name="lock" />
          {t("breaches.makeOne")}
        </button>
        <button type="button" className="btn sq q" aria-label={t("close")} title={t("close")} onClick={onClose}>
          <Icon name="x" />
        </button>
      </div>
      <Problem error={rows.error} onRetry={() => void rows.refetch()} />
      {rows.data === undefined ? null : <RowTable rows={rows.data} />}
      {telling ? (
        <ReportForm
          source={{ kind: "finding", id: look.id, what: `${look.person}: ${why(look)}` }}
          onClose={(made) => {
            tell(false);
            if (made !== undefined) void navigate({ to: "/breaches", search: { breach: made.id } });
          }}
        />
      ) : null}
      {noting ? (
        <ReasonDialog title={t("oversight.markLooked")} label={t("oversight.note")} act={t("oversight.markLooked")} maxLength={500} acting={marking} onReason={(text) => marking.mutate(text)} onClose={() => note(false)}>
          <p>{why(look)}</p>
          <p className="dim">{t("oversight.noteRecorded")}</p>
        </ReasonDialog>
      ) : null}
    </>
  );
}

function WatchedPlates() {
  const { t, i18n } = useTranslation();
  const plates = useQuery({ queryKey: ["oversight-plates"], queryFn: () => take(api.GET("/api/oversight/plates")) });
  const done = () => void queryClient.invalidateQueries({ queryKey: ["oversight-plates"] });
  const adding = useMutation({ mutationFn: (body: { plate: string; why: string }) => take(api.POST("/api/oversight/plates", { body })), onSuccess: done });
  const removing = useMutation({ mutationFn: (id: string) => take(api.DELETE("/api/oversight/plates/{plate_id}", { params: { path: { plate_id: id } } })), onSuccess: done });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    adding.mutate({ plate: String(data.get("plate") ?? ""), why: String(data.get("why") ?? "") }, { onSuccess: () => form.reset() });
  };
  return (
    <>
      <h3>{t("oversight.watched")}</h3>
      <p className="dim pad">{t("oversight.watchedHint")}</p>
      <form className="askbar" onSubmit={submit}>
        <input className="in l" name="plate" required minLength={3} maxLength={20} aria-label={t("oversight.plate")} placeholder={t("oversight.plate")} autoComplete="off" />
        <input className="in l" name="why" required maxLength={500} aria-label={t("oversight.whyWatched")} placeholder={t("oversight.whyWatched")} autoComplete="off" />
        <button type="submit" className="btn" disabled={adding.isPending}>
          <Icon name="plus" />
          {t("oversight.watch")}
        </button>
      </form>
      <Problem error={adding.error ?? removing.error ?? plates.error} />
      <table className="t">
        <caption className="vh">{t("oversight.watched")}</caption>
        <tbody>
          {plates.data?.map((row) => (
            <tr key={row.id}>
              <td>
                <b>{spaced(row.plate)}</b>
              </td>
              <td>{row.why}</td>
              <td className="dim">{`${row.addedBy}, ${dayClock(row.added, i18n.language)}`}</td>
              <td>
                <button type="button" className="btn" disabled={removing.isPending} onClick={() => removing.mutate(row.id)}>
                  {t("oversight.unwatch")}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
