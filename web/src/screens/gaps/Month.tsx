/** How much of a month each stream was recorded, and what took the rest. */

import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { api, type StreamAvailability, take } from "../../api/client";
import { length, now } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { Empty, Problem } from "../../parts/Problem";
import { CauseMark, CAUSES } from "./CauseMark";
import { Download } from "./Download";

/** `2026-11` of a moment, in UTC as the server counts. */
function monthOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 7);
}

function beside(month: string, by: number): string {
  const [year = 1970, number = 1] = month.split("-").map(Number);
  return monthOf(Date.UTC(year, number - 1 + by, 15));
}

export function Month() {
  const { t, i18n } = useTranslation();
  const search = useSearch({ from: "/frame/gaps" });
  const navigate = useNavigate({ from: "/gaps" });
  const current = monthOf(now());
  const month = search.month ?? current;
  const found = useQuery({ queryKey: ["availability", month], queryFn: () => take(api.GET("/api/availability", { params: { query: { month } } })), refetchInterval: 60_000 });
  const go = (by: number) => void navigate({ search: (old) => ({ ...old, month: beside(month, by) }), replace: true });
  const streams = found.data?.streams ?? [];
  const name = new Intl.DateTimeFormat(i18n.language, { month: "long", year: "numeric", timeZone: "UTC" }).format(Date.parse(`${month}-15T00:00:00Z`));
  return (
    <section className="panel" aria-labelledby="month-heading" aria-busy={found.isFetching}>
      <div className="ph">
        <h2 id="month-heading">{t("gaps.monthHeading")}</h2>
        <span className="sp" />
        <Download href="/api/availability.csv" query={{ month }} />
      </div>
      <div className="row pad">
        <button type="button" className="btn sq" aria-label={t("gaps.previous")} onClick={() => go(-1)}>
          <Icon name="left" />
        </button>
        <b className="sp">{name}</b>
        <button type="button" className="btn sq" aria-label={t("gaps.next")} disabled={month >= current} onClick={() => go(1)}>
          <Icon name="right" />
        </button>
      </div>
      {found.error === null ? null : (
        <div className="pb">
          <Problem error={found.error} onRetry={() => void found.refetch()} />
        </div>
      )}
      {found.isSuccess && streams.length === 0 ? <Empty title={t("gaps.noMonth")} /> : null}
      <div className="scroll grow">{streams.length === 0 ? null : <Table streams={streams} />}</div>
      <div className="pf dim">{t("gaps.utc")}</div>
    </section>
  );
}

function Table({ streams }: { streams: readonly StreamAvailability[] }) {
  const { t } = useTranslation();
  return (
    <table className="t month">
      <caption className="vh">{t("gaps.monthHeading")}</caption>
      <colgroup>
        <col />
        <col className="c-num" />
        <col className="c-num" />
      </colgroup>
      <thead>
        <tr>
          <th>{t("cameras.stream")}</th>
          <th className="num">{t("gaps.share")}</th>
          <th className="num">{t("gaps.missing")}</th>
        </tr>
      </thead>
      <tbody>
        {streams.map((stream) => (
          <Row key={`${stream.cameraId}/${stream.stream}`} stream={stream} />
        ))}
      </tbody>
    </table>
  );
}

/** Rounded down, so that a month with a hole never shows as whole. */
function percent(share: number, language: string): string {
  return (Math.floor(share * 100_000) / 1000).toLocaleString(language, { minimumFractionDigits: 3 });
}

function Row({ stream }: { stream: StreamAvailability }) {
  const { t, i18n } = useTranslation();
  const missing = CAUSES.map((cause) => ({ cause, seconds: stream.missingS[cause] ?? 0 })).filter((each) => each.seconds > 0);
  const total = missing.reduce((sum, each) => sum + each.seconds, 0);
  return (
    <>
      <tr className={missing.length > 0 ? "second" : undefined}>
        <td>
          <b>{stream.cameraId}</b> <span className="dim">{t(`stream.${stream.stream}`)}</span>
        </td>
        <td className="num">
          <b>{percent(stream.share, i18n.language)} %</b>
        </td>
        <td className="num">{total > 0 ? length(total * 1000) : <span className="dim">{t("gaps.whole")}</span>}</td>
      </tr>
      {missing.map(({ cause, seconds }) => (
        <tr key={cause} className="part">
          <td>
            <CauseMark cause={cause} />
          </td>
          <td>
            <div className="bar" aria-hidden="true">
              <i style={{ width: `${Math.max(2, (seconds / total) * 100)}%` }} />
            </div>
            <span className="vh">{Math.round((seconds / total) * 100)} %</span>
          </td>
          <td className="num dim">{length(seconds * 1000)}</td>
        </tr>
      ))}
    </>
  );
}
