/** How one camera does: each state with its last 24 hours, what its pictures are compared with, and what it said. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, type Camera, type CameraHealth as Health, take } from "../../api/client";
import { may, queryClient } from "../../api/queries";
import { clock, dayClock, length, useNow } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { Problem } from "../../parts/Problem";

type State = Health["states"][number];
const DAY_MS = 86_400_000;
const ORDER = { bad: 0, unknown: 1, ok: 2 } as const;
/** Values that are a share or only yes and no say nothing more than the word beside them. */
const TOLD = new Set(["frame-rate", "bitrate", "loss", "reconnects", "clock", "no-keyframe", "frozen", "analysis-short", "review-due", "review-overdue"]);
/** Bits are told as megabits, shares as per cent. */
/** What is counted and not measured. */
const COUNTS = new Set(["analysis-short", "review-due", "review-overdue"]);
const SCALES: Record<string, number> = { bitrate: 1e-6, loss: 100 };

export function CameraHealth({ camera }: { camera: Camera }) {
  const { t } = useTranslation();
  const found = useQuery({
    queryKey: ["cameras", camera.id, "health"],
    queryFn: () => take(api.GET("/api/cameras/{camera_id}/health", { params: { path: { camera_id: camera.id } } })),
    refetchInterval: 10_000,
  });
  const health = found.data;
  return (
    <>
      <section aria-labelledby="states-heading">
        <h3 className="cap" id="states-heading">
          {t("cameraHealth.states")}
        </h3>
        <Problem error={found.error} onRetry={() => void found.refetch()} />
        {health?.states.length === 0 ? <p className="dim">{t("cameraHealth.none")}</p> : null}
        <ul className="states">
          {health?.states
            .toSorted((one, other) => ORDER[one.state] - ORDER[other.state])
            .map((state) => (
              <StateRow key={`${state.stream} ${state.kind}`} state={state} changes={health.changes} />
            ))}
        </ul>
      </section>
      {health === undefined ? null : <Learnt camera={camera} health={health} />}
      <Signals camera={camera} />
    </>
  );
}

function StateRow({ state, changes }: { state: State; changes: Health["changes"] }) {
  const { t, i18n } = useTranslation();
  const valueOf = useValue();
  const at = useNow();
  const stream = state.stream === "main" || state.stream === "sub" ? t(`stream.${state.stream}`) : "";
  return (
    <li>
      <span className="row">
        <span className="tr">{t(`cameraHealth.kind.${state.kind}`)}</span>
        <span className="dim xs nw">{stream}</span>
        <span className="sp" />
        <span className={state.state === "bad" ? "pri high g1 row" : "dim nw row g1"}>
          <Icon name={state.state === "bad" ? "warn" : state.state === "ok" ? "check" : "clock"} size="sm" />
          {t(`cameraHealth.state.${state.state}`)}
        </span>
      </span>
      <Day state={state} changes={changes} />
      <span className="row dim xs">
        <span className="nw">{t("cameraHealth.since", { time: dayClock(state.since, i18n.language), length: length(Math.max(0, at - Date.parse(state.since))) })}</span>
        <span className="sp" />
        <span className="nw">{valueOf(state)}</span>
      </span>
    </li>
  );
}

/** The last 24 hours of one state, oldest at the left; bad is hatched as well as coloured. */
function Day({ state, changes }: { state: State; changes: Health["changes"] }) {
  const { t } = useTranslation();
  const end = useNow();
  const start = end - DAY_MS;
  const mine = changes.filter((change) => change.stream === state.stream && change.kind === state.kind);
  const spans = mine.map((change, index) => ({
    word: change.state,
    from: Math.max(start, Date.parse(change.time)),
    to: Date.parse(mine[index + 1]?.time ?? "") || end,
  }));
  const seen = spans.filter((span) => span.to > span.from);
  const bad = seen.filter((span) => span.word === "bad");
  const lasted = bad.reduce((sum, span) => sum + span.to - span.from, 0);
  return (
    <span className="day" role="img" aria-label={t("cameraHealth.day", { count: bad.length, length: length(lasted) })}>
      {seen.map((span) => (
        <i key={span.from} className={span.word} title={`${clock(span.from)} – ${clock(span.to)}`} style={{ left: `${((span.from - start) / DAY_MS) * 100}%`, width: `${((span.to - span.from) / DAY_MS) * 100}%` }} />
      ))}
    </span>
  );
}

/** What was measured, with its unit, and beside it the bound where there is one. */
function useValue(): (state: State) => string {
  const { t, i18n } = useTranslation();
  return (state) => {
    if (state.value == null || !TOLD.has(state.kind)) return "";
    const scale = SCALES[state.kind] ?? 1;
    const digits = COUNTS.has(state.kind) ? 0 : 1;
    const say = (value: number) => (value * scale).toLocaleString(i18n.language, { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: "negative" });
    const value = state.bound == null ? say(state.value) : `${say(state.value)} / ${say(state.bound)}`;
    return i18n.exists(`cameraHealth.value.${state.kind}`) ? t(`cameraHealth.value.${state.kind}`, { value }) : value;
  };
}

function Learnt({ camera, health }: { camera: Camera; health: Health }) {
  const { t, i18n } = useTranslation();
  const [asks, setAsks] = useState(false);
  const learn = useMutation({
    mutationFn: () => take(api.POST("/api/cameras/{camera_id}/learn", { params: { path: { camera_id: camera.id } } })),
    onSuccess: () => {
      setAsks(false);
      void queryClient.invalidateQueries({ queryKey: ["cameras", camera.id, "health"] });
    },
  });
  const oldest = health.references.map((each) => each.learned).toSorted()[0];
  return (
    <section aria-labelledby="learnt-heading">
      <h3 className="cap" id="learnt-heading">
        {t("cameraHealth.reference")}
      </h3>
      <p>
        {oldest === undefined
          ? t("cameraHealth.notLearnt")
          : t("cameraHealth.learnt", { count: health.references.length, time: dayClock(oldest, i18n.language) })}
      </p>
      <Problem error={learn.error} />
      {!may("cameras.learn") ? null : asks ? (
        <div className="row wrap">
          <span>{t("cameraHealth.learnAsk")}</span>
          <button type="button" className="btn p" disabled={learn.isPending} onClick={() => learn.mutate()}>
            {t("cameraHealth.learnAnew")}
          </button>
          <button type="button" className="btn" onClick={() => setAsks(false)}>
            {t("cancel")}
          </button>
        </div>
      ) : (
        <button type="button" className="btn" onClick={() => setAsks(true)}>
          {t("cameraHealth.learnAnew")}
        </button>
      )}
    </section>
  );
}

function Signals({ camera }: { camera: Camera }) {
  const { t, i18n } = useTranslation();
  const found = useQuery({
    queryKey: ["cameras", camera.id, "signals"],
    queryFn: () => take(api.GET("/api/cameras/{camera_id}/signals", { params: { path: { camera_id: camera.id }, query: { limit: 50 } } })),
    refetchInterval: 10_000,
  });
  return (
    <section aria-labelledby="signals-heading">
      <h3 className="cap" id="signals-heading">
        {t("cameraHealth.signals")}
      </h3>
      <Problem error={found.error} onRetry={() => void found.refetch()} />
      {found.data?.length === 0 ? <p className="dim">{t("cameraHealth.noSignals")}</p> : null}
      <ul className="signals">
        {found.data?.map((signal) => (
          <li key={signal.number} className="row">
            <time className="dim nw">{clock(signal.time)}</time>
            <span className="tr">
              {i18n.exists(`cameraHealth.signal.${signal.kind}`) ? t(`cameraHealth.signal.${signal.kind}`) : i18n.exists(`cameraHealth.kind.${signal.kind}`) ? t(`cameraHealth.kind.${signal.kind}`) : signal.kind}
              {signal.subject === "" ? null : <span className="dim"> {signal.subject}</span>}
            </span>
            <span className="sp" />
            <span className="dim nw">{t(`cameraHealth.said.${signal.state}`)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
