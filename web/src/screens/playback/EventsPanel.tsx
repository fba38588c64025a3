/** The timeline as tables: what happened, and what was recorded; each row goes to its moment. */

import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { CameraTimeline } from "../../api/client";
import { dayClock, length, now } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { PriorityMark } from "../../parts/marks";
import { Empty } from "../../parts/Problem";
import type { Deck } from "./deck";
import { useGapWords } from "./TimelineView";

type Row = { key: string; camera: string; wall: number; what: React.ReactNode };

const SHOWN = 400;

function useEvents(lines: readonly CameraTimeline[]): Row[] {
  const { t } = useTranslation();
  const words = useGapWords();
  const rows = lines.flatMap((line): Row[] => [
    ...line.alarms.map((alarm) => ({ key: alarm.id, camera: line.cameraId, wall: Date.parse(alarm.time), what: <PriorityMark priority={alarm.priority} /> })),
    ...line.gaps.map((gap) => ({ key: `${line.cameraId}${gap.start}`, camera: line.cameraId, wall: Date.parse(gap.start), what: <span className="warn" title={words(gap)}>{words(gap)}</span> })),
    ...line.reads.map((read) => ({ key: read.id, camera: line.cameraId, wall: Date.parse(read.time), what: read.listed ? <span className="bad">{t("playback.readListed")}</span> : t("playback.read") })),
  ]);
  return rows.toSorted((one, other) => other.wall - one.wall);
}

function useRuns(lines: readonly CameraTimeline[]): Row[] {
  return lines
    .flatMap((line) => line.recorded.map((run): Row => ({ key: `${line.cameraId}${run.start}`, camera: line.cameraId, wall: Date.parse(run.start), what: length(Math.min(now(), Date.parse(run.end)) - Date.parse(run.start)) })))
    .toSorted((one, other) => other.wall - one.wall);
}

export function EventsPanel({ deck, lines }: { deck: Deck; lines: readonly CameraTimeline[] }) {
  const { t, i18n } = useTranslation();
  const [tab, setTab] = useState<"events" | "recorded">("events");
  const events = useEvents(lines);
  const runs = useRuns(lines);
  const rows = tab === "events" ? events : runs;
  return (
    <section className="panel hide-m" aria-label={t("playback.tables")}>
      <div className="tabs" role="tablist" aria-label={t("playback.tables")}>
        <button type="button" role="tab" aria-selected={tab === "events"} onClick={() => setTab("events")}>
          {t("playback.events")} <span className="dim">{events.length}</span>
        </button>
        <button type="button" role="tab" aria-selected={tab === "recorded"} onClick={() => setTab("recorded")}>
          {t("playback.recorded")} <span className="dim">{runs.length}</span>
        </button>
      </div>
      {rows.length === 0 ? <Empty title={t(tab === "events" ? "playback.noEvents" : "playback.noRecording")} /> : null}
      <div className="scroll grow">
        <table className="t go">
          <caption className="vh">{t(tab === "events" ? "playback.events" : "playback.recorded")}</caption>
          <thead className={rows.length === 0 ? "vh" : undefined}>
            <tr>
              <th>{t("alarm.time")}</th>
              <th>{t("field.camera")}</th>
              <th>{t(tab === "events" ? "playback.what" : "playback.length")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, SHOWN).map((row) => (
              <tr key={row.key}>
                <td>
                  <button type="button" className="link" onClick={() => deck.seek(row.wall)}>
                    <Icon name="play2" size="sm" />
                    {dayClock(row.wall, i18n.language)}
                  </button>
                </td>
                <td className="b">{row.camera}</td>
                <td>{row.what}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
