/** Continuity: every hole of the recordings with its cause, and how much of each month was recorded. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { api, type LedgerGap, take } from "../../api/client";
import { may, useCameras } from "../../api/queries";
import { neighbour, stepKeys, useKeys } from "../../base/keys";
import { clock, day, dayClock, length, now, useNow } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { Empty, Problem } from "../../parts/Problem";
import { CAUSES, CauseMark } from "./CauseMark";
import { Download } from "./Download";
import { Month } from "./Month";

const PAGE = 100;
const DAY_MS = 86_400_000;
/** Playback begins this long before a hole, so that the last pictures are seen. */
const BEFORE_MS = 10_000;
export const GAP_DAYS = [1, 7, 30] as const;

/** What is asked of the ledger; the span ends with the running minute, so that the address stays the same within it. */
function useAsked() {
  const search = useSearch({ from: "/frame/gaps" });
  const days = search.days ?? 7;
  const minute = Math.ceil(now() / 60_000) * 60_000;
  return {
    from: new Date(minute - days * DAY_MS).toISOString(),
    to: new Date(minute).toISOString(),
    ...(search.camera === undefined ? {} : { camera: [search.camera] }),
    ...(search.cause === undefined ? {} : { cause: [search.cause] }),
  };
}

export function Gaps() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/frame/gaps" });
  const navigate = useNavigate({ from: "/gaps" });
  const asked = useAsked();
  const pages = useInfiniteQuery({
    queryKey: ["gaps", search.days, search.camera, search.cause],
    queryFn: ({ pageParam }) => take(api.GET("/api/gaps", { params: { query: { ...asked, limit: PAGE, ...(pageParam === "" ? {} : { before: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: 30_000,
  });
  const rows = pages.data?.pages.flatMap((page) => page.gaps) ?? [];
  const selected = rows.find((row) => row.id === search.gap);
  const select = (id: string) => void navigate({ search: (old) => ({ ...old, gap: id }), replace: true });
  const play = (gap: LedgerGap | undefined) => gap && may("playback.view") && void navigate({ to: "/playback", search: { cameras: gap.cameraId, at: new Date(Date.parse(gap.start) - BEFORE_MS).toISOString() } });
  const step = (by: number) => {
    const next = neighbour(rows, (row) => row === selected, by);
    if (next !== undefined) select(next.id);
  };
  useKeys({ ...stepKeys(step), KeyK: () => play(selected) });
  return (
    <main id="main" className="gps">
      <section className="panel" aria-labelledby="gaps-heading" aria-busy={pages.isFetching}>
        <div className="ph">
          <h2 id="gaps-heading">{t("gaps.heading")}</h2>
          <span className="sp" />
          <Filters />
          <Download href="/api/gaps.csv" query={asked} />
        </div>
        {pages.error === null ? null : (
          <div className="pb">
            <Problem error={pages.error} onRetry={() => void pages.refetch()} />
          </div>
        )}
        {pages.isSuccess && rows.length === 0 ? <Empty title={t("gaps.none")} /> : null}
        <div className="scroll grow">
          {rows.length === 0 ? null : <Table rows={rows} selected={selected} onSelect={select} onPlay={play} />}
          {pages.hasNextPage ? (
            <div className="pad">
              <button type="button" className="btn fill" disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
                {t("gaps.older")}
              </button>
            </div>
          ) : null}
        </div>
      </section>
      <Month />
    </main>
  );
}

function Filters() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/frame/gaps" });
  const navigate = useNavigate({ from: "/gaps" });
  const cameras = useCameras().data ?? [];
  const set = (change: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, gap: undefined, ...change }), replace: true });
  return (
    <div className="row filters" role="search">
      <fieldset className="seg" aria-label={t("gaps.span")}>
        {GAP_DAYS.map((days) => (
          <button key={days} type="button" aria-pressed={(search.days ?? 7) === days} onClick={() => set({ days })}>
            {t("gaps.days", { count: days })}
          </button>
        ))}
      </fieldset>
      <select className="in" aria-label={t("field.camera")} value={search.camera ?? ""} onChange={(event) => set({ camera: event.currentTarget.value || undefined })}>
        <option value="">{t("gaps.allCameras")}</option>
        {cameras.map((camera) => (
          <option key={camera.id} value={camera.id}>
            {camera.id} {camera.name}
          </option>
        ))}
      </select>
      <select className="in" aria-label={t("gaps.cause")} value={search.cause ?? ""} onChange={(event) => set({ cause: CAUSES.find((cause) => cause === event.currentTarget.value) })}>
        <option value="">{t("gaps.allCauses")}</option>
        {CAUSES.map((cause) => (
          <option key={cause} value={cause}>
            {t(`cause.${cause}`)}
          </option>
        ))}
      </select>
    </div>
  );
}

interface TableProps {
  rows: readonly LedgerGap[];
  selected: LedgerGap | undefined;
  onSelect: (id: string) => void;
  onPlay: (gap: LedgerGap) => void;
}

function Table({ rows, selected, onSelect, onPlay }: TableProps) {
  const { t } = useTranslation();
  return (
    <table className="t log">
      <caption className="vh">{t("gaps.heading")}</caption>
      <colgroup>
        <col className="c-of" />
        <col className="c-time" />
        <col className="c-time hide-m" />
        <col className="c-num" />
        <col className="c-cause" />
        <col />
        {may("playback.view") ? <col className="c-act" /> : null}
      </colgroup>
      <thead>
        <tr>
          <th>{t("field.camera")}</th>
          <th>{t("gaps.from")}</th>
          <th className="hide-m">{t("gaps.to")}</th>
          <th className="num">{t("gaps.length")}</th>
          <th>{t("gaps.cause")}</th>
          <th>{t("gaps.what")}</th>
          {may("playback.view") ? (
            <th>
              <span className="vh">{t("screen.playback")}</span>
            </th>
          ) : null}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.id} row={row} isSelected={row === selected} onSelect={() => onSelect(row.id)} onPlay={() => onPlay(row)} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ row, isSelected, onSelect, onPlay }: { row: LedgerGap; isSelected: boolean; onSelect: () => void; onPlay: () => void }) {
  const { t, i18n } = useTranslation();
  const what = useWhat(row);
  return (
    // The button in the row answers the keys; a click anywhere in the row is the second way.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <tr aria-selected={isSelected} onClick={onSelect}>
      <td>
        <button type="button" className="bare-btn" aria-pressed={isSelected} onClick={onSelect}>
          {row.cameraId}
        </button>{" "}
        <span className="dim">{t(`stream.${row.stream}`)}</span>
      </td>
      <td>{dayClock(row.start, i18n.language)}</td>
      <td className="hide-m">{row.end == null ? <b className="pri high">{t("gaps.lasts")}</b> : endOf(row.start, row.end, i18n.language)}</td>
      <td className="num">
        <Length row={row} />
      </td>
      <td>
        <CauseMark cause={row.cause} />
      </td>
      <td title={what}>
        {row.filled == null ? null : (
          <span className="tag d">
            <Icon name="check" />
            {t("gaps.filled")}
          </span>
        )}{" "}
        {what}
      </td>
      {may("playback.view") ? (
        <td>
          <button type="button" className="btn q sq" aria-label={t("gaps.play", { camera: row.cameraId, time: dayClock(row.start, i18n.language) })} title={t("gaps.playHint")} onClick={onPlay}>
            <Icon name="play2" />
          </button>
        </td>
      ) : null}
    </tr>
  );
}

/** The clock alone where the hole ends on the day that it began. */
function endOf(start: string, end: string, language: string): string {
  return day(start, language) === day(end, language) ? clock(end) : dayClock(end, language);
}

function Length({ row }: { row: LedgerGap }) {
  const moment = useNow();
  const end = row.end == null ? moment : Date.parse(row.end);
  return <>{length(Math.max(0, end - Date.parse(row.start)))}</>;
}

/** What happened, in the language of the screen; the recorder's own sentence where it has no word for it. */
function useWhat(row: LedgerGap): string {
  const { t, i18n } = useTranslation();
  const key = `gaps.code.${row.code}`;
  return row.code !== "" && i18n.exists(key) ? t(key, { ...row.facts, camera: row.cameraId }) : row.detail;
}
