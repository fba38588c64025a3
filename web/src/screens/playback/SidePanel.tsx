/** Beside the pictures: what happened, what was recorded, and what can be done with the chosen stretch of time. */

import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Camera, Permit } from "../../api/client";
import type { Deck } from "./deck";
import { MomentTable, runsOf, useEvents } from "./EventsPanel";
import type { Line } from "./lines";
import type { Selection } from "./selection";
import { SpanPanel } from "./SpanPanel";

type Tab = "span" | "events" | "recorded";

export interface SidePanelProps {
  deck: Deck;
  lines: readonly Line[];
  cameras: readonly Camera[];
  permit: Permit;
  selection: Selection;
  exporting: boolean;
  onExport: (on: boolean) => void;
}

export function SidePanel({ deck, lines, cameras, permit, selection, exporting, onExport }: SidePanelProps) {
  const { t } = useTranslation();
  const [chosen, setTab] = useState<Tab>("events");
  const [marked, setMarked] = useState(false);
  // A stretch that was just begun shows what can be done with it.
  if (marked !== (selection.span !== null)) {
    setMarked(!marked);
    if (!marked) setTab("span");
  }
  const events = useEvents(lines);
  const runs = runsOf(lines);
  const tab = exporting ? "span" : chosen;
  const choose = (next: Tab) => {
    onExport(false);
    setTab(next);
  };
  const tabs: readonly [Tab, string, number | null][] = [
    ["events", t("playback.events"), events.length],
    ["recorded", t("playback.recorded"), runs.length],
    ["span", t("playback.chosenSpan"), null],
  ];
  return (
    <section className="panel side" aria-label={t("playback.tables")}>
      <div className="tabs" role="tablist" aria-label={t("playback.tables")}>
        {tabs.map(([name, text, count]) => (
          <button key={name} type="button" role="tab" aria-selected={tab === name} onClick={() => choose(name)}>
            {text} {count === null ? null : <span className="dim">{count}</span>}
          </button>
        ))}
      </div>
      {tab === "span" ? <SpanPanel deck={deck} cameras={cameras} permit={permit} selection={selection} exporting={exporting} onExport={onExport} /> : <MomentTable deck={deck} rows={tab === "events" ? events : runs} events={tab === "events"} />}
    </section>
  );
}
