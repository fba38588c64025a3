/** The alarm queue: what waits for an answer, one alarm with its evidence, and the two answers. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import type { Alarm, Priority } from "../../api/client";
import { session, useAlarms, useCameras, useOpenAlarms } from "../../api/queries";
import { byUrgency, useAlarmTitle } from "../../base/alarms";
import { neighbour, stepKeys, useKeys } from "../../base/keys";
import { clock, length, useNow } from "../../base/time";
import { Countdown, PlateMark, PRIORITIES, PriorityMark } from "../../parts/marks";
import { Empty, Problem } from "../../parts/Problem";
import { ALARM_TABS } from "../../screens";
import { AlarmPanel } from "./AlarmPanel";

type Tab = (typeof ALARM_TABS)[number];

function inTab(alarm: Alarm, tab: Tab): boolean {
  if (tab === "new") return alarm.state === "new";
  const who = session.get()?.operator;
  return tab !== "mine" || (alarm.state === "acknowledged" && (alarm.acknowledgedBy === who?.name || alarm.acknowledgedBy === who?.id));
}

function newestClosed(one: Alarm, other: Alarm): number {
  return Date.parse(other.closed ?? other.raised) - Date.parse(one.closed ?? one.raised);
}

export function Alarms() {
  const search = useSearch({ from: "/frame/alarms" });
  const navigate = useNavigate({ from: "/alarms" });
  const tab = search.tab ?? "open";
  const open = useOpenAlarms();
  const closed = useAlarms("closed");
  const source = tab === "closed" ? closed : open;
  const all = source.data ?? [];
  const shown = all
    .filter((alarm) => inTab(alarm, tab) && (search.priority === undefined || alarm.priority === search.priority))
    .toSorted(tab === "closed" ? newestClosed : byUrgency);
  const selected = search.alarm ?? shown[0]?.id;
  const select = (id: string | undefined) => void navigate({ search: (old) => ({ ...old, alarm: id }), replace: true });
  const first = search.alarm === undefined ? selected : undefined;
  useEffect(() => {
    // What is chosen stays chosen when the order changes under the operator's hands.
    if (first !== undefined) void navigate({ search: (old) => ({ ...old, alarm: first }), replace: true });
  }, [first, navigate]);
  const step = (by: number) => {
    const next = neighbour(shown, (alarm) => alarm.id === selected, by);
    if (next !== undefined) select(next.id);
  };
  useKeys(stepKeys(step));
  return (
    <main id="main" className="als">
      <Queue tab={tab} priority={search.priority} all={open.data ?? []} closedCount={closed.data?.length} shown={shown} selected={selected} onSelect={select} pending={source.isPending} error={source.error} />
      <AlarmPanel id={selected} />
    </main>
  );
}

interface QueueProps {
  tab: Tab;
  priority: Priority | undefined;
  all: readonly Alarm[];
  closedCount: number | undefined;
  shown: readonly Alarm[];
  selected: string | undefined;
  onSelect: (id: string) => void;
  pending: boolean;
  error: unknown;
}

function Queue({ tab, priority, all, closedCount, shown, selected, onSelect, pending, error }: QueueProps) {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: "/alarms" });
  const counts: Record<Tab, number | undefined> = { open: all.length, new: all.filter((alarm) => inTab(alarm, "new")).length, mine: all.filter((alarm) => inTab(alarm, "mine")).length, closed: closedCount };
  return (
    <section className="panel" aria-labelledby="queue-heading">
      <div className="ph">
        <h2 id="queue-heading">{t("screen.alarms")}</h2>
        <span className="sp" />
        <PriorityFilter chosen={priority} />
      </div>
      <div className="tabs" role="tablist" aria-label={t("alarm.states")}>
        {ALARM_TABS.map((name) => (
          <button key={name} type="button" role="tab" aria-selected={name === tab} onClick={() => void navigate({ search: (old) => ({ ...old, tab: name, alarm: undefined }) })}>
            {t(`alarm.tab.${name}`)} <span className="dim">{counts[name] ?? ""}</span>
          </button>
        ))}
      </div>
      <Problem error={error} />
      {shown.length === 0 && !pending && error === null ? <Empty title={t(`alarm.none.${tab}`)} hint={priority === undefined ? undefined : t("alarm.noneFilter")} /> : null}
      <ul className="al scroll grow" aria-label={t("screen.alarms")}>
        {shown.map((alarm) => (
          <Item key={alarm.id} alarm={alarm} current={alarm.id === selected} onSelect={() => onSelect(alarm.id)} />
        ))}
      </ul>
    </section>
  );
}

function PriorityFilter({ chosen }: { chosen: Priority | undefined }) {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: "/alarms" });
  return (
    <div className="seg" role="group" aria-label={t("alarm.byPriority")}>
      {PRIORITIES.map((priority) => (
        <button key={priority} type="button" aria-pressed={priority === chosen} title={t(`priority.${priority}`)} onClick={() => void navigate({ search: (old) => ({ ...old, priority: old.priority === priority ? undefined : priority, alarm: undefined }) })}>
          <PriorityMark priority={priority} quiet />
        </button>
      ))}
    </div>
  );
}

function Item({ alarm, current, onSelect }: { alarm: Alarm; current: boolean; onSelect: () => void }) {
  const { t } = useTranslation();
  const title = useAlarmTitle();
  const camera = useCameras().data?.find((one) => one.id === alarm.cameraId);
  const ago = length(Math.max(0, useNow() - Date.parse(alarm.time)));
  return (
    <li className={alarm.state === "new" ? `${alarm.priority} un` : alarm.priority} aria-current={current}>
      <button type="button" className="ab" aria-pressed={current} onClick={onSelect}>
        <span className="row">
          <PriorityMark priority={alarm.priority} />
          <span className="sp" />
          {alarm.state === "new" ? <Countdown alarm={alarm} /> : <span className="dim nw tr">{stateText(alarm, t)}</span>}
        </span>
        <span className="row">
          <span className="ttl tr">{title(alarm)}</span>
          {alarm.count > 1 ? <span className="tag d">× {alarm.count}</span> : null}
          <span className="sp" />
          {alarm.plate === "" ? null : <PlateMark text={alarm.plate} country={alarm.country} />}
        </span>
        <span className="row dim">
          <span className="tr">{camera?.name ?? ""}</span>
          <span className="sp" />
          <span className="nw" title={clock(alarm.time)}>
            {[alarm.cameraId, alarm.state === "closed" ? clock(alarm.time) : ago].filter(Boolean).join(" · ")}
          </span>
        </span>
      </button>
    </li>
  );
}

function stateText(alarm: Alarm, t: (key: string) => string): string {
  if (alarm.state === "closed") return [alarm.verdict ? t(`verdict.${alarm.verdict}`) : t("alarm.state.closed"), alarm.closedBy].filter(Boolean).join(" · ");
  return [t("alarm.state.acknowledged"), alarm.acknowledgedBy].filter(Boolean).join(" · ");
}
