/** The timeline as tables: what happened, and what was recorded; each row goes to its moment. */

import { useTranslation } from "react-i18next";

import { dayClock, length, now } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { PriorityMark } from "../../parts/marks";
import { Empty } from "../../parts/Problem";
import type { Deck } from "./deck";
import type { Line } from "./lines";
import { useGapWords, useSignalWords } from "./words";

export type Row = { key: string; camera: string; wall: number; what: React.ReactNode };

const SHOWN = 400;

function times(count: number): string {
  return count > 1 ? ` ×${count}` : "";
}

export function useEvents(lines: readonly Line[]): Row[] {
  const { t } = useTranslation();
  const gapWords = useGapWords();
  const signalWords = useSignalWords();
  const rows = lines.flatMap((line): Row[] => {
    const row = (kind: string, wall: number, what: React.ReactNode): Row => ({ key: `${kind} ${line.cameraId} ${wall}`, camera: line.cameraId, wall, what });
    return [
      ...line.alarms.map((mark) => row(`alarm ${mark.priority}`, mark.time, <AlarmText mark={mark} />)),
      ...line.gaps.map((gap) => row("gap", gap.start, <span className="warn" title={gapWords(gap)}>{gapWords(gap)}</span>)),
      ...line.signals.map((mark) => row(`signal ${mark.name}`, mark.time, `${signalWords(mark.name)}${times(mark.count)}`)),
      ...line.listed.map((mark) => row("listed", mark.time, <span className="bad">{t("playback.readListed")}</span>)),
      ...line.reads.filter((mark) => !line.listed.some((one) => one.time === mark.time)).map((mark) => row("read", mark.time, `${t("playback.read")}${times(mark.count)}`)),
    ];
  });
  return rows.toSorted((one, other) => other.wall - one.wall);
}

function AlarmText({ mark }: { mark: Line["alarms"][number] }) {
  return (
    <>
      <PriorityMark priority={mark.priority} />
      {times(mark.count)}
    </>
  );
}

export function runsOf(lines: readonly Line[]): Row[] {
  return lines
    .flatMap((line) => line.recorded.map((run): Row => ({ key: `${line.cameraId}${run.start}`, camera: line.cameraId, wall: run.start, what: length(Math.min(now(), run.end) - run.start) })))
    .toSorted((one, other) => other.wall - one.wall);
}

export function MomentTable({ deck, rows, events }: { deck: Deck; rows: readonly Row[]; events: boolean }) {
  const { t, i18n } = useTranslation();
  return (
    <>
      {rows.length === 0 ? <Empty title={t(events ? "playback.noEvents" : "playback.noRecording")} /> : null}
      <div className="scroll grow">
        <table className="t go">
          <caption className="vh">{t(events ? "playback.events" : "playback.recorded")}</caption>
          <thead className={rows.length === 0 ? "vh" : undefined}>
            <tr>
              <th>{t("alarm.time")}</th>
              <th>{t("field.camera")}</th>
              <th>{t(events ? "playback.what" : "playback.length")}</th>
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
    </>
  );
}
